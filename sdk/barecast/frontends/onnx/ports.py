"""The model's inputs with every extent known: what the file states, completed by the user's --shape options."""

from __future__ import annotations

from collections.abc import Mapping

from onnx import TensorProto

from barecast.errors import ModelError, UnsupportedError, UsageError, printable
from barecast.frontends.onnx.arrays import ELEMENTS_MAX, type_name
from barecast.frontends.onnx.foreign import ForeignInput
from barecast.graph import DType, TensorType

_DTYPES = {TensorProto.FLOAT: DType.F32, TensorProto.INT8: DType.S8, TensorProto.UINT8: DType.U8}


def types(inputs: tuple[ForeignInput, ...], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, TensorType]:
    """Input name -> its type. Raises UsageError where `shapes` does not fit or does not suffice."""
    known = {i.name: i for i in inputs}
    for name in shapes:
        if name not in known:
            listed = ", ".join(printable(n) for n in known)
            raise UsageError(
                f'--shape names "{printable(name)}", which is no input of the model', remedy=f"inputs: {listed}"
            )
    symbols: dict[str, int] = {}
    for one in inputs:
        if one.name in shapes:
            _bind(one, tuple(shapes[one.name]), symbols)
    found, open_inputs = {}, []
    for one in inputs:
        if one.elem_type not in _DTYPES:
            raise UnsupportedError(
                f'input "{printable(one.name)}" is {type_name(one.elem_type)}; float, int8 and uint8 are supported',
                remedy="export the model in float32 or with int8 quantisation",
            )
        shape = shapes.get(one.name)
        if shape is None and one.dims is not None:
            shape = tuple(symbols.get(d, d) if isinstance(d, str) else d for d in one.dims)
        if shape is None or any(not isinstance(d, int) for d in shape):
            open_inputs.append(one)
            continue
        found[one.name] = TensorType(_DTYPES[one.elem_type], tuple(shape))
        if found[one.name].size > ELEMENTS_MAX:
            raise ModelError(
                f'input "{printable(one.name)}" has {found[one.name].size} elements, more than {ELEMENTS_MAX}',
                remedy="use smaller extents",
            )
    if open_inputs:
        names = ", ".join(f'"{printable(i.name)}" {_spelt(i)}' for i in open_inputs)
        raise UsageError(
            f"the shape is not fixed of input {names}",
            remedy="give " + " ".join(f"--shape {printable(i.name)}={_suggested(i)}" for i in open_inputs),
        )
    return found


def _bind(one: ForeignInput, shape: tuple[int, ...], symbols: dict[str, int]) -> None:
    """Checks a shape that the user gave against the file's, and notes what its symbols stand for."""
    given = ",".join(str(d) for d in shape)
    option = f"--shape {printable(one.name)}={given}"
    if any(not isinstance(d, int) or d < 1 for d in shape):
        raise UsageError(f"{option} has an extent below 1", remedy="give positive extents")
    if one.dims is None:
        return
    if len(shape) != len(one.dims):
        raise UsageError(
            f"{option} has {len(shape)} extents, the input has {len(one.dims)}: {_spelt(one)}",
            remedy=f"give --shape {printable(one.name)}={_suggested(one)}",
        )
    for wanted, dim in zip(shape, one.dims, strict=True):
        fixed = symbols.setdefault(dim, wanted) if isinstance(dim, str) else dim
        if fixed is not None and fixed != wanted:
            raise UsageError(
                f"{option} contradicts the model, whose input is {_spelt(one)}"
                + (f" with {printable(dim)} = {fixed}" if isinstance(dim, str) else ""),
                remedy=f"give {fixed} in the place of {wanted}",
            )


def _spelt(one: ForeignInput) -> str:
    if one.dims is None:
        return "of unknown rank"
    return "[" + ",".join("?" if d is None else printable(d) for d in one.dims) + "]"


def _suggested(one: ForeignInput) -> str:
    """A shape to paste: 1 for an open batch, the file's own symbols for the rest."""
    if one.dims is None:
        return "1,3,32,32"
    parts = ["?" if d is None else printable(d) for d in one.dims]
    if parts and not isinstance(one.dims[0], int):
        parts[0] = "1"
    return ",".join(parts)
