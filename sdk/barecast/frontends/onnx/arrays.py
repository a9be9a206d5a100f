"""TensorProto to numpy, trusting nothing: extents, lengths, ranges and files are checked before use."""

from __future__ import annotations

import errno
import math
import os
import stat
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from barecast.errors import ModelError, UnsupportedError, printable
from barecast.frontends.onnx.damage import damaged
from barecast.graph import RANK_MAX

ELEMENTS_MAX = 2**31 - 1
"""No tensor may have more elements: offsets in the generated C are 32 bits wide."""

_FIELDS = {
    TensorProto.FLOAT: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.INT64: "int64_data",
    TensorProto.UINT32: "uint64_data",
    TensorProto.UINT64: "uint64_data",
    TensorProto.INT32: "int32_data",
    TensorProto.INT16: "int32_data",
    TensorProto.INT8: "int32_data",
    TensorProto.UINT16: "int32_data",
    TensorProto.UINT8: "int32_data",
    TensorProto.BOOL: "int32_data",
    TensorProto.FLOAT16: "int32_data",
}
"""Element types that can be read, and the field that holds them where raw_data does not."""

_TYPED_FIELDS = ("float_data", "double_data", "int64_data", "uint64_data", "int32_data", "string_data")


def type_name(elem_type: int) -> str:
    """ONNX's own spelling of an element type, e.g. "float", "int8", "float8e4m3fn"."""
    try:
        return TensorProto.DataType.Name(elem_type).lower()
    except ValueError:
        return f"element type {elem_type}"


def type_name_of(dtype: np.dtype) -> str:
    """The same spelling for a numpy dtype."""
    return type_name(onnx.helper.np_dtype_to_tensor_dtype(dtype))


def array(tensor: TensorProto, folder: Path) -> np.ndarray:
    """The tensor's values, read-only or fresh. `folder` is where the model lies (for external data).

    Raises ModelError where the values contradict the stated type and extents, and
    UnsupportedError for element types that cannot be read (strings, 4 bits, float8, complex).
    """
    what = f'tensor "{printable(tensor.name)}"' if tensor.name else "an unnamed constant"
    dims = tuple(tensor.dims)
    if any(d < 0 for d in dims):
        raise damaged(f"{what} has a negative extent: {list(dims)}")
    if len(dims) > RANK_MAX:
        raise ModelError(f"{what} has {len(dims)} axes, more than {RANK_MAX}", remedy="use fewer axes")
    size = math.prod(dims)
    if size > ELEMENTS_MAX:
        raise ModelError(f"{what} has {size} elements, more than {ELEMENTS_MAX}", remedy="use a smaller model")
    if tensor.HasField("segment"):
        raise UnsupportedError(f"{what} is split into segments", remedy="export the model again")
    if tensor.data_type not in _FIELDS:
        raise UnsupportedError(
            f"{what} holds {type_name(tensor.data_type)}, which is not supported",
            remedy="export the model in float32 or with int8 quantisation",
        )
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
    if tensor.data_location == TensorProto.EXTERNAL:
        return np.frombuffer(_external(tensor, folder, what, size * dtype.itemsize), _little(dtype)).reshape(dims)
    if tensor.HasField("raw_data"):
        if any(len(getattr(tensor, name)) for name in _TYPED_FIELDS):
            raise damaged(f"{what} holds its values twice")
        _check_length(what, len(tensor.raw_data), size * dtype.itemsize, "bytes")
        return np.frombuffer(tensor.raw_data, _little(dtype)).reshape(dims)
    values = getattr(tensor, _FIELDS[tensor.data_type])
    _check_length(what, len(values), size, "values")
    if any(len(getattr(tensor, name)) for name in _TYPED_FIELDS if name != _FIELDS[tensor.data_type]):
        raise damaged(f"{what} holds values of another type than it states")
    if dtype.kind in "iu":
        held, limits = (
            np.array(values, np.uint64 if _FIELDS[tensor.data_type] == "uint64_data" else np.int64),
            np.iinfo(dtype),
        )
        if size and (int(held.min()) < limits.min or int(held.max()) > limits.max):
            raise damaged(f"{what} holds values outside of {dtype}")
    return numpy_helper.to_array(tensor).reshape(dims)


def _little(dtype: np.dtype) -> np.dtype:
    return dtype.newbyteorder("<")


def _check_length(what: str, have: int, want: int, unit: str) -> None:
    if have != want:
        raise ModelError(
            f"{what} holds {have} {unit}, its extents and type need {want}",
            remedy="the file is damaged; export or copy the model again",
        )


def _external(tensor: TensorProto, folder: Path, what: str, length: int) -> bytes:
    """`length` bytes from the file that the tensor names: a plain file in the model's folder or below it."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    remedy = "save the model with its weights inside"
    location = entries.get("location", "")
    if (parts := _parts(location)) is None:
        raise ModelError(
            f'{what} lies outside of the model\'s folder, in "{printable(location)}", which is not opened',
            remedy=remedy,
        )
    try:
        offset, stated = int(entries.get("offset", "0")), int(entries.get("length", str(length)))
    except ValueError:
        raise ModelError(f"{what} has an offset or a length that is no number", remedy=remedy) from None
    _check_length(what, stated, length, "bytes")
    try:
        with os.fdopen(_opened(folder, parts), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f'{what} lies in "{printable(location)}", which is not a regular file', remedy=remedy)
            if status.st_nlink > 1:
                raise ModelError(
                    f'{what} lies in "{printable(location)}", which has other names too (hard links) and is not read',
                    remedy=f"put a copy of the file there, or {remedy}",
                )
            if offset < 0 or offset + length > status.st_size:
                raise ModelError(
                    f'{what} needs bytes {offset} to {offset + length} of "{printable(location)}", '
                    f"which has {status.st_size}",
                    remedy="copy the data file again, or " + remedy,
                )
            file.seek(offset)
            data = file.read(length)
    except OSError as error:
        raise ModelError(
            f'{what} lies in "{printable(location)}", which cannot be read: {error.strerror}',
            remedy=f"put the file and its folders there (no links), or {remedy}",
        ) from error
    _check_length(what, len(data), length, "bytes")
    return data


def _parts(location: str) -> tuple[str, ...] | None:
    """The folders below the model's own, then the file's name; None for what is no relative path, or leads upwards.

    A backslash and a colon are refused everywhere, since they lead elsewhere on Windows.
    """
    if not isinstance(location, str) or any(c in location for c in "\\:\0"):
        return None
    *folders, name = location.split("/")
    if name in ("", ".", "..") or any(part in ("", "..") for part in folders):
        return None
    return (*(part for part in folders if part != "."), name)


def _opened(folder: Path, parts: tuple[str, ...]) -> int:
    """A descriptor of the file, read-only. OSError if it, or a folder on the way from the model's, is a link.

    Each folder is opened from the one above it, so that nothing can be exchanged for a link between a check and its use.
    """
    no_link = getattr(os, "O_NOFOLLOW", 0)
    flags = os.O_RDONLY | no_link | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if os.open not in os.supports_dir_fd:  # Windows
        path = folder.joinpath(*parts)
        if path.resolve(strict=True) != folder.resolve().joinpath(*parts):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        return os.open(path, flags)
    above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | no_link, dir_fd=above)
            os.close(above)
            above = below
        return os.open(parts[-1], flags, dir_fd=above)
    finally:
        os.close(above)
