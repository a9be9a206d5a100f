"""Quotients (int8 only), squared differences and PRELU of int8 and int16 as TensorFlow Lite computes them (docs/numerics.md).

Part of the kernel family `pairwise`. fields() has the names of bc_pairwise_params.
"""

from __future__ import annotations

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, DType, Quant
from barecast.numerics import fixed_point
from barecast.ops.accumulate import TIES
from barecast.ops.table import per_tensor

KINDS = frozenset({"div", "squared_difference", "prelu"})
SQUARE_SHIFT = {DType.S8: 7, DType.S16: 0}
"""Bits that a squared difference gives both operands: 255**2 * 2**(2 * 7) fits 32 bits."""

Factors = dict[str, tuple[int, int]]
"""a, b, y -> (multiplier, shift)."""


def _quants(call: Call) -> tuple[Quant, Quant, Quant]:
    (a, b), (y,) = call.inputs, call.outputs
    return (
        per_tensor(a.type, "the first input"),
        per_tensor(b.type, "the second input"),
        per_tensor(y.type, "the output"),
    )


def factors(call: Call) -> Factors:
    """The factors of the call's kind; ModelError where TFLite has none."""
    scale_a, scale_b, scale_y = (float(np.float32(q.scale[0])) for q in _quants(call))
    none = (0, 31)
    if call.attrs.kind == "div":
        return {"a": none, "b": none, "y": _pair(scale_a / (scale_b * scale_y), 2.0**22)}
    if call.attrs.kind == "prelu":
        return {
            "a": none,
            "b": _pair(scale_a * scale_b / scale_y, 2.0**30),
            "y": _pair(scale_a / scale_y, 2.0**30),
        }
    twice = 2 * max(scale_a, scale_b)
    return {
        "a": _pair(scale_a / twice, 1.0),
        "b": _pair(scale_b / twice, 1.0),
        "y": _pair(twice * twice / (2.0 ** (2 * SQUARE_SHIFT[call.outputs[0].type.dtype]) * scale_y), 2.0**30),
    }


def _pair(factor: float, limit: float) -> tuple[int, int]:
    if not 0 < factor < limit:
        raise ModelError(
            f"the quantisation scales give a factor of {factor:g}, which must be above 0 and below {limit:g}",
            remedy="quantise the model with sane scales",
        )
    multiplier, exponent = fixed_point.quantize_multiplier(factor)
    return multiplier, 31 - exponent


def fields(call: Call) -> dict[str, int]:
    """a_zero ... ties, in the model's order of the operands."""
    found = {"ties": TIES[call.rule]}
    for name, quant in zip("aby", _quants(call), strict=True):
        found[f"{name}_zero"] = quant.zero_point[0]
    for name, (multiplier, shift) in factors(call).items():
        found[f"{name}_mult"], found[f"{name}_shift"] = multiplier, shift
    return found


def execute(call: Call, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Steps of y above its zero point, not clamped; int64, broadcast."""
    ties, found = TIES[call.rule], factors(call)
    a, b = (x.astype(np.int64) - q.zero_point[0] for x, q in zip((a, b), _quants(call)[:2], strict=True))
    a, b = np.broadcast_arrays(a, b)
    if call.attrs.kind == "div":
        return _quotient(a, b, *found["y"], ties)
    if call.attrs.kind == "prelu":
        return np.where(
            a >= 0,
            fixed_point.multiply(np.maximum(a, 0), *found["y"], ties),
            fixed_point.multiply(np.minimum(a, 0) * b, *found["b"], ties),
        )
    bits = SQUARE_SHIFT[call.outputs[0].type.dtype]
    a, b = (fixed_point.multiply(x << bits, *found[name], ties) for name, x in (("a", a), ("b", b)))
    return fixed_point.multiply((a - b) * (a - b), *found["y"], ties)


def _quotient(a: np.ndarray, b: np.ndarray, multiplier: int, shift: int, ties: int) -> np.ndarray:
    """a / b times the factor: a, with all the bits of an int32, times the reciprocal of b, then rescaled once more.

    By 0: 512 steps in the direction of a, which every clamp bounds.
    """
    a = np.where(b < 0, -a, a)
    size = np.maximum(np.abs(b), 1)
    bits = np.frexp(size.astype(np.float64))[1].astype(np.int64)  # size < 2**bits
    reciprocal = fixed_point.reciprocal((size << (32 - bits)) - (np.int64(1) << 31))
    headroom = 31 - np.frexp(np.maximum(np.where(a < 0, ~a, a), 0).astype(np.float64))[1].astype(np.int64)
    headroom = np.minimum(headroom, 31 if ties == fixed_point.TFLITE else 30)  # one rounding takes shifts of 1 and more
    right = shift + bits - 1 + headroom
    tiny = (a == 0) | (right > 62)
    headroom, right = np.where(tiny, 0, headroom), np.where(tiny, 31, right)
    whole = fixed_point.multiply(np.where(tiny, 0, a), reciprocal, 31 - headroom, ties)
    steps = fixed_point.multiply(whole, multiplier, right, ties)
    return np.where(b == 0, 512 * np.sign(a), steps)
