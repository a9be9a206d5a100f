"""rsqrt: 1 / sqrt(x) of integers as TensorFlow Lite computes it (docs/numerics.md).

A kernel family for int16, not an operator of the graph: the kind rsqrt of `unary` lowers to it. Of 8 bits `steps`
fills the table. Source of the definition: TFLM's reference kernel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Rule, Tensor, TensorType
from barecast.numerics import fixed_point
from barecast.ops.accumulate import TIES, scale_of
from barecast.schedule import Buffer, Lowered

BITS = 20
"""Fraction bits that the inverse root of an integer has before it is scaled."""


@dataclass(frozen=True)
class RsqrtParams:
    """As in rsqrt.h."""

    size: int
    mult: int
    shift: int
    ties: int


PARAMS = RsqrtParams


def params(x: TensorType, y: TensorType, rule: Rule) -> RsqrtParams:
    """mult / 2**shift = 2**-BITS / (sqrt(scale_x) * scale_y)."""
    scale_x, scale_y = (float(scale_of(t, what)[0]) for t, what in ((x, "the input"), (y, "the output")))
    factor = 1 / (math.sqrt(scale_x) * scale_y)
    if not 2.0**-11 <= factor < 2.0**30:
        raise ModelError(f"quantisation scales give the factor {factor:g}", remedy="quantise the model with sane scales")
    multiplier, exponent = fixed_point.quantize_multiplier(factor)
    return RsqrtParams(x.size, multiplier, 31 - exponent + BITS, TIES[rule])


def steps(found: RsqrtParams, value: np.ndarray, most: int) -> np.ndarray:
    """Of integers less their zero point, in the output's steps without its zero point; `most` for those below 1."""
    root, exponent = fixed_point.inverse_sqrt(np.maximum(value, 1))
    fine = fixed_point.multiply(np.ones(value.shape, np.int64), root, 31 - (exponent + BITS), found.ties)
    return np.where(value > 0, fixed_point.multiply(fine, found.mult, found.shift, found.ties), most)


def execute(found: RsqrtParams, x: np.ndarray) -> np.ndarray:
    """The twin of the rsqrt kernels. x: int16."""
    low, high = np.iinfo(x.dtype).min, np.iinfo(x.dtype).max
    return np.clip(steps(found, x.astype(np.int64), high), low, high).astype(x.dtype)


def lowered(found: RsqrtParams, x: Tensor, y: Tensor) -> Lowered:
    """Call order: x, y."""
    return Lowered(found, (Buffer(x.name), Buffer(y.name, written=True)), op="rsqrt")
