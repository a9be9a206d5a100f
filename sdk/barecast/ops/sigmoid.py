"""sigmoid: the logistic function and tanh of int16 by interpolation. A kernel family, not an operator of the graph.

The kinds sigmoid and tanh of `unary` lower to it under TensorFlow Lite's rules (docs/numerics.md). Source of the
definition: TFLM's reference kernels of both, whose table this computes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from barecast.errors import UnsupportedError
from barecast.graph import Call, Tensor
from barecast.schedule import Buffer, Const, Lowered

UNIT = 12288
"""Steps of the scaled input for 1: the table has 24 entries for 1, with 9 bits between two of them."""

MULTIPLIER_MAX = 32767


@dataclass(frozen=True)
class SigmoidParams:
    """As in sigmoid.h."""

    size: int
    is_tanh: int
    mult: int
    shift: int


PARAMS = SigmoidParams


@cache
def table() -> np.ndarray:
    """1 / (1 + exp(-i / 24)) - 1 / 2 with 16 fraction bits, int16 [256].

    Each entry is raised by half of what the straight line to the next one lies too low in the middle; the last, which
    stands for everything beyond, is the largest number.
    """
    every_half = 65536 / (1 + np.exp(-np.arange(513) / 48))
    here, middle, after = every_half[:-1:2], every_half[1::2], every_half[2::2]
    entries = np.floor(here + (middle - (here + after) / 2) / 2 + 0.5)
    entries[255] = 65535
    return (entries - 32768).astype(np.int16)


def params(call: Call) -> SigmoidParams:
    """mult / 2**shift = scale of x in units of 1 / UNIT, with 14 to 15 bits; powers of two near 2**-12 exactly."""
    x, is_tanh = call.inputs[0].type, call.attrs.kind == "tanh"
    scale = float(np.float32(x.quant.scale[0]))
    log = math.log2(scale)
    power = round(log)
    if abs(log - power) < 1e-3 and 0 <= power + 12 <= int(is_tanh):
        return SigmoidParams(x.size, int(is_tanh), 3 << (power + 12), 0)
    factor, shift = scale * UNIT, 0
    while factor <= MULTIPLIER_MAX / 2 and shift <= 30:
        factor, shift = factor * 2, shift + 1
    if factor >= MULTIPLIER_MAX + 1:
        raise UnsupportedError(
            f"the input's scale is {scale:g}, and int16 allows up to {MULTIPLIER_MAX / UNIT:.3g} here",
            remedy="quantise the model with sane scales: beyond 11 the function is constant",
        )
    return SigmoidParams(x.size, int(is_tanh), int(factor), shift)


def execute(found: SigmoidParams, x: np.ndarray) -> np.ndarray:
    """The twin of the sigmoid kernels."""
    entries = table().astype(np.int64)
    u = (x.astype(np.int64) * found.mult + ((1 << found.shift) >> 1)) >> found.shift
    bits = 8 if found.is_tanh else 9
    size = np.abs(u)
    entry = np.minimum(size >> bits, 254)
    value = (entries[entry] << bits) + (size & ((1 << bits) - 1)) * (entries[entry + 1] - entries[entry])
    value = np.where(size >> bits >= 255, (0x7FFF << 8) if found.is_tanh else (0x7FFF << 10) - (1 << 24), value)
    if found.is_tanh:
        y = np.where(u < 0, -value + 127, value + 128) >> 8
    else:
        y = ((1 << 24) + np.where(u < 0, -value + 511, value + 512)) >> 10
    return y.astype(np.int16)


def lowered(found: SigmoidParams, x: Tensor, y: Tensor) -> Lowered:
    """Call order: x, table, y."""
    args = (Buffer(x.name), Const("table", table()), Buffer(y.name, written=True))
    return Lowered(found, args, op="sigmoid")
