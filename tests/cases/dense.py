"""Cases of dense."""

from __future__ import annotations

from barecast.graph import Rule
from barecast.ops.clamp import Clamp
from barecast.ops.dense import Dense

from tests.cases import int16
from tests.cases.build import Case, case, f32, s8
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


CASES = (
    *(float_case(f"{c} to {d}", (1, c), d) for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)),
    *(integer_case(f"{c} to {d}", (1, c), d) for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)),
    *(integer_case(f"{c} rows", (c, 13), 6) for c in (2, 3, 4, 5)),
    *(integer_case(f"depth {k}", (1, k), 5) for k in (15, 31, 32, 33, 63, 64, 65, 640)),
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
    int16.weighted("dense", "relu", (2, 8), (5, 8), Dense(Clamp(0))),
    int16.weighted("dense", "zero points", (2, 600), (6, 600), Dense(), zero=-100, w_zero=(-128, 127, 0, 1, 64, -64)),
)
