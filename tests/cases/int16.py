"""What the cases of int16 activations share: TensorFlow Lite's rules, zero points 0, biases of 64 or 32 bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from barecast.graph import DType, Quant, Rule
from barecast.ops.dense import Dense

from tests.cases.build import Case, Constant, case, quant, rng, s16
from tests.cases.mac import weights

FACTORS = (
    ("half", 0.5, 0.5, 0.5),
    ("above one", 2.0, 1.75, 1.0),
    ("below the limit", 1.0, 127.9, 1.0),
    ("tiny", 1e-6, 1e-5, 0.5),
    ("vanishing", 1e-9, 1e-6, 4.0),
    ("almost one", 1.0, 0.99999994, 1.0),
)
"""(name, input scale, weight scale, output scale)."""

ENDS = np.array([-32768, -32767, -16384, -128, -1, 0, 1, 127, 128, 16383, 16384, 32766, 32767], np.int16)
RULES = (Rule.TFLITE, Rule.TFLITE_SINGLE)


def out(scale: float = 0.001, zero: int = 0) -> tuple[DType, Quant]:
    return DType.S16, quant(scale, zero)


def tflite(name: str, op: str, attrs: Any, operands: Sequence, output=None, given=None, rule=Rule.TFLITE) -> Case:
    """A case named s16 under the rule."""
    single = " rounded once" if rule is Rule.TFLITE_SINGLE else ""
    return case(f"s16 {name}{single}", op, attrs, operands, output or out(), given, rule)


def weighted(
    op: str, name: str, shape: Sequence[int], kernel: Sequence[int], attrs: Any, *, bits: int | None = 64,
    scales=(0.0003, 0.004, 0.0013), rule=Rule.TFLITE, ends=False, zero=0, w_zero=0, **how,
) -> Case:  # fmt: skip
    """A convolution or a dense layer. kernel: the weights' shape. bits: of the bias, None for none.

    ends: inputs at the ends of int16 only.
    """
    axis = 2 if op == "dwconv2d" else 0
    name = f"{name}, {bits}-bit biases" if bits != 64 else name
    bias = None
    if bits is not None:
        size = 2 * 10 ** (9 if bits == 64 else 6)
        data = rng(f"{name} bias").integers(-size, size, kernel[axis], endpoint=True)
        bias = Constant(data.astype(np.int64 if bits == 64 else np.int32))
    w = weights(name, kernel, axis, zero=w_zero, scale=scales[1], **how)
    operands = (s16(*shape, scale=scales[0], zero=zero), w, bias)
    given = {"x0": rng(name).choice(np.array([-32768, 32767], np.int16), tuple(shape))} if ends else None
    return tflite(name, op, attrs, operands, out(scales[2]), given, rule)


def rounding(name: str, rule: Rule, exponents: tuple[float, float], bits: int, bias_bits: int = 64) -> Case:
    """Outputs of a dense layer that are nothing but rounding: weights of +-1, factors from 2**low to 2**high, biases of
    up to `bits` bits, most of them next to where the result is a half; some with a factor that is a power of two. In
    the last ones the bias is so large, and the factor so small, that x does not matter: training leaves such outputs."""
    generator, count = rng(name), 1200
    factor = 2.0 ** generator.uniform(*exponents, count)
    factor[::7] = 2.0 ** np.floor(np.log2(factor[::7]))
    half = (generator.integers(-33000, 33000, count) + 0.5) / factor
    values = np.where(generator.random(count) < 0.8, half, generator.uniform(-1, 1, count) * 2.0**bits)
    room = 2**bits - 2**15 - 4
    values = np.clip(np.round(values), -room, room).astype(np.int64) + generator.integers(-2, 3, count)
    if bias_bits == 64:
        values[-20:] = generator.integers(-(2**45), 2**45, 20)
        factor[-20:] = 2.0**-29
    w = Constant(generator.choice(np.array([-1, 1], np.int8), (count, 1)), quant(factor, 0, 0))
    given = {"x0": np.array([[-32768], [-1], [0], [1], [32767]], np.int16)}
    b = Constant(values.astype(np.int64 if bias_bits == 64 else np.int32))
    return tflite(name, "dense", Dense(), (s16(5, 1, scale=1.0), w, b), out(1.0), given, rule)


def layers(op: str, geometry: Sequence[tuple], small: tuple) -> Iterator[Case]:
    """Every geometry (name, input, weights, attributes), and every way of rounding on a small one."""
    for name, shape, kernel, attrs in geometry:
        yield weighted(op, name, shape, kernel, attrs)
    shape, kernel, attrs = small
    for bits in (64, 32, None):
        for rule in RULES:
            yield weighted(op, "small", shape, kernel, attrs, bits=bits, rule=rule)
        yield weighted(op, "per tensor", shape, kernel, attrs, bits=bits, per_channel=False)
        yield weighted(op, "ends of the range", shape, kernel, attrs, bits=bits, ends=True)
    for name, x, w, y in FACTORS:
        for bits in (64, 32):
            yield weighted(op, f"factor {name}", shape, kernel, attrs, bits=bits, scales=(x, w, y), per_channel=False)
