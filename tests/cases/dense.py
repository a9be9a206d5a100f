"""Cases of dense."""

from __future__ import annotations

import numpy as np
from barecast.graph import Rule
from barecast.ops.clamp import Clamp
from barecast.ops.dense import Dense

from tests.cases import int16
from tests.cases.build import Case, Constant, case, f32, quant, rng, s8
from tests.cases.mac import CHANNELS, FACTORS, FLOAT, RULES, bias, float_bias, float_weights, out, weights


def float_case(name: str, shape, out_c: int, attrs: Dense = Dense(), biased: bool = True) -> Case:
    b = float_bias(name, out_c) if biased else None
    return case(f"f32 {name}", "dense", attrs, (f32(*shape), float_weights(name, (out_c, shape[-1])), b), FLOAT)


def integer_case(
    name: str,
    shape,
    out_c: int,
    attrs: Dense = Dense(),
    *,
    zero=3,
    y_zero=-5,
    scales=(0.05, 0.01, 1.0),
    biased=True,
    rule=Rule.ONNX,
    **how,
) -> Case:
    w = weights(name, (out_c, shape[-1]), 0, scale=scales[1], **how)
    b = bias(name, out_c) if biased else None
    x = s8(*shape, scale=scales[0], zero=zero)
    return case(f"s8 {name}", "dense", attrs, (x, w, b), out(scales[2], y_zero), rule=rule)


def rounding_case(name: str, rule: Rule, exponents: tuple[float, float], bits: int, zero: int) -> Case:
    """1 to 1500 outputs that are nothing but rounding: weights of +-1, factors from 2**low to 2**high, and biases of up
    to `bits` bits, most of them next to where the result is a half; some with a factor that is a power of two."""
    generator, count = rng(name), 1500
    factor = 2.0 ** generator.uniform(*exponents, count)
    if rule.is_tflite:  # under ONNX's rule these would make halves go to even
        factor[::7] = 2.0 ** np.floor(np.log2(factor[::7]))
    half = (generator.integers(-150, 150, count) + 0.5) / factor
    values = np.where(generator.random(count) < 0.8, half, generator.uniform(-1, 1, count) * 2.0**bits)
    values = np.clip(np.round(values) + generator.integers(-2, 3, count), 130 - 2**bits, 2**bits - 130)
    w = Constant(generator.choice(np.array([-1, 1], np.int8), (count, 1)), quant(factor, 0, 0))
    b = Constant(values.astype(np.int32))
    x = s8(5, 1, scale=1.0)
    given = {"x0": np.array([[-2], [-1], [0], [1], [127]], np.int8)}
    return case(f"s8 {name}", "dense", Dense(), (x, w, b), out(1.0, zero), given, rule)


def brim_case(sign: int) -> Case:
    """Four products of bytes that are as large as 16 bits can hold: 128 * (64 + 64 + 64 + 63), over two lots of them."""
    row = np.tile(np.repeat(np.array([64, 63, 64, 64], np.int8), 8), 2)
    w = Constant(np.stack([row, -row, row[::-1]]) * np.int8(sign), quant(np.float64([0.01, 0.02, 0.01]), 0, 0))
    given = {"x0": np.array([[-128], [127]], np.int8) * np.ones((1, row.size), np.int8)}
    x = s8(2, row.size, scale=0.05, zero=0)
    return case(f"s8 full lanes, {sign}", "dense", Dense(), (x, w, None), out(4.0, 3), given, Rule.ONNX)


CASES = (
    brim_case(1),
    brim_case(-1),
    *(
        integer_case(f"small weights, {m} by {k} to {o}, {rule_name}", (m, k), o, low=-63, high=63, rule=rule)
        for number, (m, k, o) in enumerate(
            ((1, 32, 4), (1, 33, 5), (1, 36, 8), (1, 44, 9), (1, 48, 12), (1, 60, 7), (1, 64, 16), (2, 96, 20), (3, 124, 10))
        )
        for rule_name, rule in (RULES[number % 3], RULES[(number + 1) % 3])
    ),
    *(
        rounding_case(f"rounding of {bits} bits by 2**{low} to 2**{high}, {rule_name}", rule, (low, high), bits, zero)
        for rule_name, rule in RULES
        for low, high, bits, zero in ((-15, -2, 22, -128), (-22, -10, 22, 127), (-9, -2, 22, 3), (-24, 1, 30, 0))
    ),
    *(float_case(f"{c} to {d}", (1, c), d) for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)),
    *(integer_case(f"{c} to {d}", (1, c), d) for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)),
    *(integer_case(f"{c} rows", (c, 13), 6) for c in (2, 3, 4, 5)),
    *(integer_case(f"depth {k}", (1, k), 5) for k in (15, 31, 32, 33, 63, 64, 65, 640)),
    *(
        integer_case(f"{rows} rows of {k} to {o}, {rule_name}", (rows, k), o, low=-127, rule=rule)
        for number, (rows, k, o) in enumerate(
            (
                (1, 15, 1),
                (1, 16, 4),
                (2, 17, 5),
                (1, 31, 7),
                (1, 32, 8),
                (3, 33, 9),
                (1, 47, 12),
                (1, 48, 13),
                (2, 80, 16),
                (1, 96, 20),
                (4, 64, 21),
                (1, 112, 40),
            )
        )
        for rule_name, rule in (RULES[number % 3], RULES[(number + 1) % 3])
    ),
    *(
        integer_case(f"{m} by {k} to {o}, {rule_name}", (m, k), o, low=-127, rule=rule, scales=(0.05, 0.01, 0.8))
        for number, (m, k, o) in enumerate(
            ((1, 1, 1), (1, 3, 9), (2, 4, 4), (3, 5, 7), (2, 8, 3), (3, 13, 6), (1, 15, 8), (2, 16, 2), (1, 17, 5))
            + ((1, 18, 4), (2, 31, 6), (1, 33, 4), (1, 64, 12), (1, 640, 6))
        )
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"extreme {what}, {rule_name}", (2, 10), 5, attrs, low=-127, rule=rule, **how)
        for rule_name, rule in RULES
        for what, attrs, how in (
            ("low zero points", Dense(), {"zero": -128, "y_zero": -128}),
            ("high zero points", Dense(), {"zero": 127, "y_zero": 127}),
            ("clamp", Dense(Clamp(-1, 6)), {}),
            ("saturation", Dense(), {"scales": (0.05, 0.01, 0.004)}),
            ("one scale", Dense(), {"per_channel": False}),
        )
    ),
    float_case("640 to 128", (1, 640), 128),
    *(
        float_case(f"{m} by {k} to {n}", (m, k), n, Dense(clamp))
        for m, k, n, clamp in (
            (1, 7, 12, Clamp(-0.5, 0.5)),
            (2, 5, 16, Clamp(high=1)),
            (3, 6, 9, Clamp(0)),
            (4, 1, 4, Clamp()),
            (5, 2, 7, Clamp(0, 1)),
            (8, 11, 8, Clamp(-0.25)),
            (1, 23, 31, Clamp(0)),
            (38, 14, 44, Clamp(0, 2)),
        )
    ),
    float_case("three axes", (2, 3, 8), 5),
    float_case("one axis", (8,), 5),
    float_case("no bias", (2, 8), 5, biased=False),
    case("f32 bias at run time", "dense", Dense(), (f32(2, 8), float_weights("w", (5, 8)), f32(5)), FLOAT),
    float_case("relu", (2, 8), 5, Dense(Clamp(0))),
    integer_case("640 to 128", (1, 640), 128),
    integer_case("three axes", (2, 3, 8), 5),
    integer_case("one axis", (8,), 5),
    integer_case("no bias", (2, 8), 5, biased=False),
    integer_case("per tensor", (2, 8), 5, per_channel=False),
    integer_case("relu", (2, 8), 5, Dense(Clamp(0))),
    integer_case("lowest zero points", (2, 8), 5, zero=-128, y_zero=-128),
    integer_case("highest zero points", (2, 8), 5, zero=127, y_zero=127),
    case(
        "s8 wide weights",
        "dense",
        Dense(),
        (s8(2, 9, zero=11), weights("wide", (6, 9), 0, zero=(-128, 127, 0, 1, 64, -64)), bias("wide", 6)),
        out(0.3, 9),
    ),
    *(integer_case(f"factor {name}", (8, 3), 5, per_channel=False, scales=(x, w, y)) for name, x, w, y in FACTORS),
    *int16.layers("dense", [(f"{c} to {c}", (2, c), (c, c), Dense()) for c in CHANNELS], ((3, 9), (5, 9), Dense())),
    *(int16.weighted("dense", f"depth {k}", (1, k), (5, k), Dense()) for k in (255, 256, 257, 640, 1700)),
    *(int16.weighted("dense", f"sums beyond 32 bits, {n}", (1, 1700), (n, 1700), Dense(), ends=True) for n in (4, 6)),
    *(
        int16.rounding(f"rounding of {bits} bits by 2**{low} to 2**{high}", Rule.TFLITE, (low, high), bits)
        for bits, low, high in ((31, -15, -2.1), (31, -30, -10), (30, -8, 6.9), (40, -30, -8))
    ),
    *(
        int16.rounding(f"rounding of {bits} bits, 32-bit biases, by 2**{low} to 2**{high}", rule, (low, high), bits, 32)
        for rule, bits, low, high in (
            (Rule.TFLITE, 30, -15, -1.1),
            (Rule.TFLITE, 31, -15, -1.1),
            (Rule.TFLITE, 30, -10, 0.9),
            (Rule.TFLITE_SINGLE, 31, -29, -2.1),
        )
    ),
    int16.weighted("dense", "relu", (2, 8), (5, 8), Dense(Clamp(0))),
    int16.weighted("dense", "zero points", (2, 600), (6, 600), Dense(), zero=-100, w_zero=(-128, 127, 0, 1, 64, -64)),
)
