"""dequantize: the real numbers behind the input type's quantisation (ONNX DequantizeLinear)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast import numerics
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.ops.by_rows import ByRows, elements
from barecast.ops.dequantize_axis import dequantize_axis
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Dequantize:
    pass


@dataclass(frozen=True)
class DequantizeParams:
    """As in dequantize.h. scale: of x, float32."""

    by_rows: ClassVar[ByRows] = elements()

    size: int
    x_zero: int
    scale: float


def infer(attrs: Dequantize, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    return (inputs[0].shape,)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    type = call.inputs[0].type
    rank = len(type.shape)
    return (numerics.dequantize(arrays[0], type.quant.scale_array(rank), type.quant.zero_array(rank)),)


def lower(call: Call) -> Lowered:
    """Call order: x, y; or, with a scale per slice of an axis, that of the kernel family `dequantize_axis`."""
    (x,), (y,) = call.inputs, call.outputs
    quant = x.type.quant
    if not quant.per_tensor:
        return dequantize_axis(x, y)
    params = DequantizeParams(x.type.size, quant.zero_point[0], float(np.float32(quant.scale[0])))
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)))


def title(call: Call) -> str:
    return f"Dequantize from {call.inputs[0].type.dtype.value}"


OP = Op("dequantize", Dequantize, infer, execute, lower, DequantizeParams, title)
