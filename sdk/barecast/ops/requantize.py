"""requantize: from one integer quantisation to another: quantize(dequantize(x)), as one step. Per tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast.graph import Call, DType, TensorType
from barecast.ops import rescale, tflite_tables
from barecast.ops.base import Op
from barecast.ops.by_rows import ByRows, elements
from barecast.ops.table import byte_table, call_table, look_up
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Requantize:
    pass


@dataclass(frozen=True)
class RequantizeParams:
    """size: elements."""

    by_rows: ClassVar[ByRows] = elements()

    size: int


def infer(attrs: Requantize, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    return (inputs[0].shape,)


def table(call: Call) -> np.ndarray:
    if call.rule.is_tflite:
        return tflite_tables.requantize(call.inputs[0].type, call.outputs[0].type, call.rule)
    return byte_table(lambda real: real, call.inputs[0].type, call.outputs[0].type)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, y = call.inputs[0].type, call.outputs[0].type
    if rescale.is_rescale(x, y):
        return (rescale.execute(rescale.of_requantize(call), arrays[0], y.dtype),)
    return (look_up(table(call), arrays[0]),)


def flips_sign_bit(x: TensorType, y: TensorType) -> bool:
    """Whether y is x with the top bit of every byte flipped: s8 to u8 or back, same scale, zero points 128 apart."""
    if {x.dtype, y.dtype} != {DType.S8, DType.U8} or x.quant is None or y.quant is None:
        return False
    moved = 128 if x.dtype is DType.S8 else -128
    return x.quant.scale == y.quant.scale and tuple(z + moved for z in x.quant.zero_point) == y.quant.zero_point


def lower(call: Call) -> Lowered:
    """Call order: x, y where only sign bits flip; else the kernel family `table`, or `rescale` beyond 8 bits."""
    (x,), (y,) = call.inputs, call.outputs
    if rescale.is_rescale(x.type, y.type):
        return rescale.lowered(rescale.of_requantize(call), x, y)
    if flips_sign_bit(x.type, y.type):
        return Lowered(RequantizeParams(x.type.size), (Buffer(x.name), Buffer(y.name, written=True)))
    return call_table(table(call), x, y)


def title(call: Call) -> str:
    return f"Requantize {call.inputs[0].type.dtype.value} to {call.outputs[0].type.dtype.value}"


OP = Op("requantize", Requantize, infer, execute, lower, RequantizeParams, title)
