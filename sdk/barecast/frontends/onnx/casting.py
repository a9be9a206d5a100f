"""Cast and CastLike: between float, int8, uint8, int32, int64 (int32 here) and bool at run time."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.arrays import type_name
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.graph import DType, Quant
from barecast.ops.binary import Binary
from barecast.ops.cast import Cast
from barecast.ops.dequantize import Dequantize
from barecast.ops.quantize import Quantize
from barecast.ops.reshape import Reshape

_CASTS = {
    "float": DType.F32, "int8": DType.S8, "uint8": DType.U8, "int32": DType.S32, "int64": DType.S32, "bool": DType.BOOL,
}  # fmt: skip
_WHOLE = Quant((1.0,), (0,))


def cast(scope: Scope, node: ForeignNode) -> str:
    """To the type that is there already it is nothing."""
    return _cast(scope, node, type_name(node.integer("to", 0)))


def _cast(scope: Scope, node: ForeignNode, to: str) -> str:
    have, x = scope.dtype_name(node.inputs[0]), scope.tensor(node.inputs[0])
    if have == to:
        return x
    if to not in _CASTS or scope.type(x).dtype not in _CASTS.values():
        raise UnsupportedError(f"casts {have} to {to} at run time", remedy="export the model in float32")
    if have == "uint8":
        real = scope.add("dequantize", Dequantize(), (scope.relabelled(x, _WHOLE),), dtype=DType.F32)
        return _converted(scope, _converted(scope, real, "int32") if to == "int8" else real, to)
    return _to_unsigned(scope, x) if to == "uint8" else _converted(scope, x, to)


def _converted(scope: Scope, x: str, to: str) -> str:
    """Between types that kernels have: floats saturate, integers keep their low bits."""
    made = scope.type(x)
    if made.dtype is not _CASTS[to]:
        y = scope.add("cast", Cast(), (x,), dtype=_CASTS[to])
    elif to in ("int32", "int64"):
        y = scope.add("reshape", Reshape(made.shape), (x,))  # another name, since one is int64 in the model
    else:
        return x
    return scope.as_long(y) if to == "int64" else y


def _to_unsigned(scope: Scope, x: str) -> str:
    """There is no cast to uint8, but quantize has it: floats lose their fraction and saturate, integers keep their low bits."""
    if scope.type(x).dtype in (DType.F32, DType.BOOL):
        real = _converted(scope, _converted(scope, x, "int32"), "float")
    else:
        # the low bits as a signed byte, and 256 more where that is negative
        wide = scope.hold("wide", np.array(256, np.float32))
        raised = scope.add("binary", Binary("add"), (_converted(scope, _converted(scope, x, "int8"), "float"), wide))
        real = scope.add("binary", Binary("mod"), (raised, wide))
    return scope.add("quantize", Quantize(), (real,), dtype=DType.U8, quant=_WHOLE)


def cast_like(scope: Scope, node: ForeignNode) -> str | np.ndarray:
    """To the element type of the second input, whose values do not matter."""
    value = scope.array(node.inputs[0])
    to = scope.dtype_name(node.inputs[1])
    if value is not None:
        with np.errstate(all="ignore"):
            return value.astype(onnx.helper.tensor_dtype_to_np_dtype(TensorProto.DataType.Value(to.upper())))
    return _cast(scope, node, to)


IMPORTERS = {"Cast": cast, "CastLike": cast_like}
