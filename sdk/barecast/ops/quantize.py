"""quantize: real numbers into the output type's quantisation (ONNX QuantizeLinear), per tensor or per axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast import numerics
from barecast.graph import Call, TensorType
from barecast.ops.accumulate import TIES
from barecast.ops.base import Op
from barecast.ops.by_rows import ByRows, elements
from barecast.ops.quantize_axis import quantize_axis
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Quantize:
    pass


@dataclass(frozen=True)
class QuantizeParams:
    """As in quantize.h. scale: of y, float32."""

    by_rows: ClassVar[ByRows] = elements()

    size: int
    y_zero: int
    ties: int
    scale: float


def infer(attrs: Quantize, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    return (inputs[0].shape,)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, type = arrays[0], call.outputs[0].type
    rank = len(type.shape)
    quant = type.quant.scale_array(rank), type.quant.zero_array(rank)
    return (numerics.quantize(x, *quant, type.dtype.numpy, away=call.rule.is_tflite),)


def lower(call: Call) -> Lowered:
    """Call order: x, y; or, with a scale per slice of an axis, that of the kernel family `quantize_axis`."""
    (x,), (y,) = call.inputs, call.outputs
    quant = y.type.quant
    if not quant.per_tensor:
        return quantize_axis(x, y)
    params = QuantizeParams(y.type.size, quant.zero_point[0], TIES.get(call.rule, 1), float(np.float32(quant.scale[0])))
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)))


def title(call: Call) -> str:
    return f"Quantize to {call.outputs[0].type.dtype.value}"


OP = Op("quantize", Quantize, infer, execute, lower, QuantizeParams, title)
