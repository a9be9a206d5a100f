"""From a file to a parsed ModelProto with an opset that is known, and without model-local functions."""

from __future__ import annotations

from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import defs, inliner

from barecast.errors import ModelError, UnsupportedError, UsageError, printable
from barecast.frontends.onnx.damage import damaged

OPSET_MIN = 11
FILE_BYTES_MAX = 2**31 - 1
"""A protobuf message cannot be larger."""

NODES_MAX = 1_000_000
"""Nodes after functions are inlined: nested calls can grow exponentially."""

STANDARD = ("", "ai.onnx")
"""The two spellings of the standard operators' domain."""


def parse(path: Path) -> onnx.ModelProto:
    """The model in the file, its functions inlined. Raises ModelError, UnsupportedError or UsageError."""
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            raise ModelError(f"the file has {size} bytes; an ONNX file has less than 2 GiB", remedy="use external data")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f'cannot read "{printable(path, 400)}": {error.strerror}', remedy="name a file that can be read"
        ) from error
    if not data:
        raise damaged("the file is empty")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError, RecursionError) as error:
        raise ModelError(
            "the file is not ONNX, or it is damaged or cut off", remedy="export or copy the model again"
        ) from error
    if not model.HasField("graph"):
        raise damaged("the file has no ONNX graph in it")
    _check_version(model)
    return _inlined(model)


def opset(model: onnx.ModelProto) -> int:
    """The version of the standard operators that the model is written in."""
    versions = {entry.version for entry in model.opset_import if entry.domain in STANDARD}
    if len(versions) != 1:
        what = "states no opset" if not versions else f"states several opsets: {sorted(versions)}"
        raise damaged(f"the model {what} of the standard operators")
    return versions.pop()


def opsets(model: onnx.ModelProto) -> dict[str, int]:
    """Domain -> version, of all that the model imports; the standard operators' domain is ""."""
    found: dict[str, int] = {}
    for entry in model.opset_import:
        if isinstance(entry.domain, str) and entry.domain not in STANDARD:
            found[entry.domain] = max(entry.version, found.get(entry.domain, 0))
    return {**found, "": opset(model)}


def _check_version(model: onnx.ModelProto) -> None:
    version, newest = opset(model), defs.onnx_opset_version()
    if version < OPSET_MIN:
        raise UnsupportedError(
            f"the model is written in opset {version}; {OPSET_MIN} to {newest} are supported",
            remedy=f"export it with opset {OPSET_MIN} or later, or convert it with onnx.version_converter",
        )
    if version > newest or model.ir_version > onnx.IR_VERSION:
        raise UnsupportedError(
            f"the model (opset {version}, IR {model.ir_version}) is newer than the installed onnx package, "
            f"which knows opset {newest}, IR {onnx.IR_VERSION}",
            remedy="update the onnx package, or export the model with an older opset",
        )


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    if not model.functions:
        return model
    _check_calls(model)
    try:
        return inliner.inline_local_functions(model)
    except Exception as error:  # the inliner is foreign code with no stated set of errors
        raise ModelError(
            f"its functions cannot be inlined: {printable(error)}", remedy="export the model without functions"
        ) from error


def _check_calls(model: onnx.ModelProto) -> None:
    """Refuses functions that call themselves or that grow without measure: the inliner would not come back."""
    functions = {}
    for function in model.functions:
        functions.setdefault((function.domain, function.name), []).append(function)
    sizes: dict[tuple[str, str], int] = {}

    def size(key: tuple[str, str], open_calls: tuple[tuple[str, str], ...]) -> int:
        if key in open_calls or len(open_calls) > 64:
            raise ModelError(
                f'function "{printable(key[1])}" calls itself or nests too deeply',
                remedy="export the model without functions",
            )
        if key not in sizes:
            sizes[key] = sum(total(function.node, (*open_calls, key)) for function in functions[key])
        return sizes[key]

    def total(nodes, open_calls: tuple[tuple[str, str], ...]) -> int:
        count = 0
        for node in nodes:
            key = (node.domain, node.op_type)
            count += size(key, open_calls) if key in functions else 1
            for attribute in node.attribute:
                for graph in (attribute.g, *attribute.graphs):
                    count += total(graph.node, open_calls)
            if count > NODES_MAX:
                raise ModelError(
                    f"with its functions inlined the model has more than {NODES_MAX} nodes",
                    remedy="export the model without functions",
                )
        return count

    for key in functions:
        size(key, ())
    total(model.graph.node, ())
