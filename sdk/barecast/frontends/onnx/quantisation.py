"""QuantizeLinear and DequantizeLinear: their scales and zero points become part of a tensor's type."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from barecast import numerics
from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.onnx.arrays import type_name
from barecast.frontends.onnx.axes import one_axis
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.graph import SCALE_MAX, DType, Quant
from barecast.ops.dequantize import Dequantize
from barecast.ops.quantize import Quantize

_NARROW = {np.dtype(np.int8): DType.S8, np.dtype(np.uint8): DType.U8}
_REMEDY = "quantise the model to int8 or uint8"
_IN_FLOAT = "export the model in float32"


def quantize_linear(scope: Scope, node: ForeignNode) -> str | np.ndarray:
    """float32 -> int8 or uint8; a constant is quantised here and now."""
    _refuse_blocks(node)
    if node.integer("precision", 0) not in (0, TensorProto.FLOAT):
        raise UnsupportedError(
            f"divides in {type_name(node.integer('precision', 0))}, only float is supported",
            remedy=_IN_FLOAT,
        )
    zero = scope.constant(2)
    stated = node.integer("output_dtype", 0)
    have = type_name(stated) if stated else "uint8" if zero is None else scope.dtype_name(node.inputs[2])
    if zero is not None and stated and have != scope.dtype_name(node.inputs[2]):
        raise damaged("output_dtype contradicts the zero point's type")
    if have not in ("int8", "uint8"):
        raise UnsupportedError(f"quantises to {have}; int8 and uint8 are supported", remedy=_REMEDY)
    dtype = DType.S8 if have == "int8" else DType.U8
    constant = scope.array(node.inputs[0])
    if constant is None:
        x = scope.real(0)
        return scope.add(
            "quantize", Quantize(), (x,), dtype=dtype, quant=_quant(scope, node, scope.type(x).shape, zero)
        )
    if constant.dtype != np.float32:
        raise UnsupportedError(f"quantises {constant.dtype}, only float is supported", remedy=_IN_FLOAT)
    quant, rank = _quant(scope, node, constant.shape, zero), constant.ndim
    return numerics.quantize(constant, quant.scale_array(rank), quant.zero_array(rank), dtype.numpy)


def dequantize_linear(scope: Scope, node: ForeignNode) -> str:
    """int8, uint8, or a constant of int32 (a bias) -> float32."""
    _refuse_blocks(node)
    if node.integer("output_dtype", 0) not in (0, TensorProto.FLOAT):
        raise UnsupportedError(
            f"gives {type_name(node.integer('output_dtype', 0))}, only float is supported",
            remedy=_IN_FLOAT,
        )
    have, name = scope.dtype_name(node.inputs[0]), node.inputs[0]
    constant = scope.array(name) if have in ("int8", "uint8", "int32") else None
    if have not in ("int8", "uint8") and not (have == "int32" and constant is not None):
        where = "" if have != "int32" else " at run time"
        raise UnsupportedError(f"works on {have}{where}; int8 and uint8 are supported", remedy=_REMEDY)
    zero = scope.constant(2)
    quant = _quant(scope, node, scope.shape(name), zero)
    if have == "int32" and any(quant.zero_point):
        raise ModelError("has an int32 input with a zero point other than 0", remedy="quantise the model again")
    x = scope.view(scope.tensor(name), quant)
    return scope.add("dequantize", Dequantize(), (x,), dtype=DType.F32)


def _quant(scope: Scope, node: ForeignNode, shape: tuple[int, ...], zero: np.ndarray | None) -> Quant:
    """The node's scale and zero point, checked against the tensor they describe."""
    scale = scope.constant(1)
    if scale.dtype != np.float32:
        raise UnsupportedError(f"has a scale of type {scale.dtype}, only float32 is supported", remedy=_IN_FLOAT)
    if not ((scale > 0) & (scale < SCALE_MAX)).all() or not scale.size:
        raise ModelError(f"has a scale that is not between 0 and {SCALE_MAX:g}", remedy="quantise the model again")
    if zero is not None and zero.size != scale.size:
        raise ModelError(f"has {scale.size} scales and {zero.size} zero points", remedy="quantise the model again")
    zeros = (0,) * scale.size if zero is None else tuple(int(z) for z in zero.reshape(-1))
    scales = tuple(float(s) for s in scale.reshape(-1))
    if scale.size == 1 and scale.ndim <= 1:
        return Quant(scales, zeros)
    if scale.ndim != 1 or node.version < 13:
        raise UnsupportedError(f"has scales of shape {list(scale.shape)}", remedy="quantise per tensor or per channel")
    axis = one_axis(node.integer("axis", 1), len(shape))
    if shape[axis] != scale.size:
        raise ModelError(
            f"has {scale.size} scales for axis {axis} of {list(shape)}, which has extent {shape[axis]}",
            remedy="quantise the model again",
        )
    return Quant(scales, zeros, axis)


def _refuse_blocks(node: ForeignNode) -> None:
    if node.integer("block_size", 0):
        raise UnsupportedError("quantises in blocks", remedy="quantise per tensor or per channel")


IMPORTERS = {"DequantizeLinear": dequantize_linear, "QuantizeLinear": quantize_linear}
