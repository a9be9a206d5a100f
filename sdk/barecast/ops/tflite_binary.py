"""Add, sub and mul of int8 and int16 as TensorFlow Lite computes them (docs/numerics.md). Part of the operator `binary`.

A sum brings both operands to a common scale with 20 (int16: 15) more bits, adds, and rescales the sum. All three factors are
below 1. fields() has the names of bc_binary_params.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, DType, Quant
from barecast.numerics import fixed_point
from barecast.ops.accumulate import TIES

LEFT_SHIFT = {DType.S8: 20, DType.S16: 15}


@dataclass(frozen=True)
class Factors:
    """(multiplier, shift) of each operand and of the result; mul has the result's only."""

    a: tuple[int, int]
    b: tuple[int, int]
    y: tuple[int, int]


def factors(kind: str, a: Quant, b: Quant, y: Quant, dtype: DType = DType.S8) -> Factors:
    """The factors for per-tensor quantisations; ModelError where TFLite has none."""
    scale_a, scale_b, scale_y = (float(np.float32(q.scale[0])) for q in (a, b, y))
    if kind == "mul":
        return Factors((0, 31), (0, 31), _pair(scale_a * scale_b / scale_y, 2.0**30))
    twice = 2 * max(scale_a, scale_b)
    quotients = scale_a / twice, scale_b / twice, twice / ((1 << LEFT_SHIFT[dtype]) * scale_y)
    return Factors(*(_pair(q, 1.0) for q in quotients))


def _pair(factor: float, limit: float) -> tuple[int, int]:
    if not 0 < factor < limit:
        raise ModelError(
            f"the quantisation scales give a factor of {factor:g}, which must be above 0 and below {limit:g}",
            remedy="quantise the model with sane scales",
        )
    multiplier, exponent = fixed_point.quantize_multiplier(factor)
    return multiplier, 31 - exponent


def execute(call: Call, quants: tuple[Quant, Quant, Quant], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Steps of y above its zero point, not clamped."""
    kind, ties = call.attrs.kind, TIES[call.rule]
    dtype = call.outputs[0].type.dtype
    found = factors(kind, *quants, dtype)
    a, b = (x.astype(np.int64) - q.zero_point[0] for x, q in zip((a, b), quants[:2], strict=True))
    if kind == "mul":
        value = a * b
    else:
        a, b = (
            fixed_point.multiply(x << LEFT_SHIFT[dtype], *factor, ties)
            for x, factor in zip((a, b), (found.a, found.b), strict=True)
        )
        value = a + b if kind == "add" else a - b
    return fixed_point.multiply(value, *found.y, ties)


def fields(call: Call, quants: tuple[Quant, Quant, Quant]) -> dict[str, int]:
    """a_mult, a_shift, b_mult, b_shift, y_mult, shift and ties, in the model's order of the operands."""
    found = factors(call.attrs.kind, *quants, call.outputs[0].type.dtype)
    return {
        "a_mult": found.a[0],
        "a_shift": found.a[1],
        "b_mult": found.b[0],
        "b_shift": found.b[1],
        "y_mult": found.y[0],
        "shift": found.y[1],
        "ties": TIES[call.rule],
    }
