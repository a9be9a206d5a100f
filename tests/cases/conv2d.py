"""Cases of conv2d."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from barecast.graph import Rule, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.conv2d import Conv2d

from tests.cases import int16
from tests.cases.build import Case, Constant, case, f32, quant, rng, s8
from tests.cases.mac import CHANNELS, FACTORS, FLOAT, RULES, bias, float_bias, float_weights, out, weights

GEOMETRY = (
    ("1x1", (1, 4, 5, 8), (8, 1, 1), Conv2d()),
    ("1x1 stride 2", (1, 5, 6, 4), (6, 1, 1), Conv2d(strides=(2, 2))),
    ("3x3 same", (1, 6, 5, 4), (8, 3, 3), Conv2d(pads=(1, 1, 1, 1))),
    ("3x3 stride 2 uneven pads", (1, 8, 7, 3), (8, 3, 3), Conv2d(strides=(2, 2), pads=(0, 0, 1, 1))),
    ("5x3 stride 2x1", (1, 9, 6, 2), (5, 5, 3), Conv2d(strides=(2, 1), pads=(2, 1, 2, 0))),
    ("dilated", (1, 9, 9, 3), (4, 3, 3), Conv2d(dilations=(2, 3), pads=(2, 3, 2, 3))),
    ("dilated along height", (1, 9, 6, 3), (4, 3, 2), Conv2d(dilations=(3, 1), pads=(1, 1, 1, 1))),
    ("groups", (1, 5, 5, 6), (9, 3, 3), Conv2d(groups=3, pads=(1, 1, 1, 1))),
    ("groups dilated", (1, 7, 7, 8), (8, 3, 3), Conv2d(groups=2, dilations=(2, 2), pads=(2, 2, 2, 2))),
    ("batch 2", (2, 5, 4, 3), (5, 3, 3), Conv2d(pads=(1, 1, 1, 1))),
    ("kernel larger than input", (1, 2, 2, 3), (4, 5, 5), Conv2d(pads=(2, 2, 2, 2))),
    ("windows wholly on padding", (1, 2, 2, 2), (4, 2, 2), Conv2d(pads=(3, 3, 3, 3))),
    ("whole input", (1, 4, 4, 3), (10, 4, 4), Conv2d()),
    ("1-D", (1, 1, 20, 4), (7, 1, 5), Conv2d(strides=(1, 2), pads=(0, 2, 0, 2))),
)


def float_case(name: str, shape, kernel, attrs: Conv2d, biased: bool = True) -> Case:
    w = float_weights(name, (*kernel, shape[3] // attrs.groups))
    b = float_bias(name, kernel[0]) if biased else None
    return case(f"f32 {name}", "conv2d", attrs, (f32(*shape), w, b), FLOAT)


def not_finite_case() -> Case:
    """1x1 by clamped tiles of four pixels and of one: NaN of either sign passes, infinities become the bounds."""
    x = rng("not finite").normal(0, 1, (1, 1, 5, 3)).astype(np.float32)
    x[0, 0, :, 1] = np.array([0x7FC00000, 0xFFC00000, 0x7F800000, 0xFF800000, 0xFFC00000], np.uint32).view(np.float32)
    operands = (f32(*x.shape), float_weights("not finite", (9, 1, 1, 3)), float_bias("not finite", 9))
    return case("f32 not finite", "conv2d", Conv2d(activation=Clamp(0, 6)), operands, FLOAT, {"x0": x})


def variable_case(name: str, x: TensorType | Constant, shape, attrs: Conv2d, *bias: TensorType) -> Case:
    w = {"x1": float_weights(name, shape).data}
    return case(f"f32 {name}", "conv2d", attrs, (x, f32(*shape), *bias), FLOAT, w)


def integer_case(
    name: str,
    shape,
    kernel,
    attrs: Conv2d,
    *,
    zero=3,
    y_zero=-5,
    scales=(0.05, 0.01, 0.4),
    biased=True,
    rule=Rule.ONNX,
    **how,
) -> Case:
    w = weights(name, (*kernel, shape[3] // attrs.groups), 0, scale=scales[1], **how)
    b = bias(name, kernel[0]) if biased else None
    x = s8(*shape, scale=scales[0], zero=zero)
    return case(f"s8 {name}", "conv2d", attrs, (x, w, b), out(scales[2], y_zero), rule=rule)


def bias_case(name: str, values: Callable[[np.ndarray], np.ndarray], scale: float, rule: Rule) -> Case:
    """1x1, 12 to 6 channels, with biases made from the sums of the weights' magnitudes."""
    w = weights(name, (6, 1, 1, 12), 0, scale=scale, low=-127)
    magnitude = np.abs(w.data.astype(np.int32)).sum(axis=(1, 2, 3))
    b = Constant(values(magnitude).astype(np.int32))
    return case(f"s8 {name}", "conv2d", Conv2d(), (s8(1, 3, 3, 12, zero=0), w, b), out(0.4, 9), rule=rule)


def _just_below(bits: int) -> Callable[[np.ndarray], np.ndarray]:
    """Biases of either sign with which an accumulator may just reach 2**bits - 1."""
    return lambda magnitude: (2**bits - 1 - 128 * magnitude) * (-1) ** np.arange(len(magnitude))


def given_weights(name: str, pattern: np.ndarray, rule=Rule.ONNX) -> Case:
    """Filters that repeat a pattern, on an input with stretches of its lowest and highest number."""
    shape = (1, 5, 7, 6)
    x = np.repeat(rng(name).choice(np.array([-128, 127, -128, 0, 3], np.int8), 35), 6).reshape(shape)
    w = Constant(np.resize(pattern, (7, 3, 3, 6)).astype(np.int8), quant([0.01] * 7, 0, 0))
    operands = (s8(*shape, scale=0.05, zero=-128), w, bias(name, 7))
    return case(f"s8 {name}", "conv2d", SAME, operands, out(0.9, 3), {"x0": x}, rule)


GROUPED = (
    ("3x3 2 groups of 8", (1, 5, 4, 16), (8, 3, 3), Conv2d(pads=(1, 1, 1, 1), groups=2)),
    ("3x3 3 groups of 5 to 7", (2, 4, 5, 15), (21, 3, 3), Conv2d(strides=(2, 1), pads=(1, 0, 0, 1), groups=3)),
    ("2x3 2 groups of 20 to 5, dilated", (1, 6, 7, 40), (10, 2, 3), Conv2d(dilations=(2, 2), pads=(1, 2, 1, 1), groups=2)),
    ("3x3 3 groups of 17 to 2", (1, 4, 4, 51), (6, 3, 3), Conv2d(groups=3)),
    ("1x1 4 groups of 16 to 3", (1, 3, 3, 64), (12, 1, 1), Conv2d(groups=4)),
    ("1x1 3 groups of 9 to 4", (2, 3, 5, 27), (12, 1, 1), Conv2d(groups=3)),
    ("1x1 2 groups of 3 to 5, stride 2", (1, 5, 5, 6), (10, 1, 1), Conv2d(strides=(2, 2), groups=2)),
    ("1x5 2 groups of 6 to 4 in one row", (1, 1, 11, 12), (8, 1, 5), Conv2d(pads=(0, 2, 0, 2), groups=2)),
    ("3x3 4 groups of 2 to 1", (1, 4, 4, 8), (4, 3, 3), Conv2d(pads=(1, 1, 1, 1), groups=4)),
)

TILED = (
    ("17 pixels of 36 to 21", (1, 1, 17, 36), (21, 1, 1), Conv2d()),
    ("3x3 of 23 rows of 768 bytes with padding", (1, 23, 30, 24), (3, 3, 3), Conv2d(pads=(1, 1, 1, 1))),
)
"""Tiles of several sizes in one layer, and more rows than scratch memory holds at a time."""

SAME = Conv2d(pads=(1, 1, 1, 1))
SMALL = (1, 4, 4, 3)

CASES = (
    *(float_case(*g) for g in GEOMETRY),
    *(integer_case(*g) for g in GEOMETRY),
    *(
        float_case(f"{c} to {d} channels", (1, 3, 3, c), (d, 3, 3), SAME)
        for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)
    ),
    *(
        integer_case(f"{c} to {d} channels", (1, 3, 3, c), (d, 3, 3), SAME)
        for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)
    ),
    *(integer_case(f"1x1 {c} channels", (1, 2, 3, c), (c, 1, 1), Conv2d()) for c in CHANNELS),
    *(
        integer_case(f"{name}, {rule_name}", shape, kernel, attrs, low=-127, rule=rule)
        for number, (name, shape, kernel, attrs) in enumerate(GEOMETRY)
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"{name}, {rule_name}", shape, kernel, attrs, low=low, rule=rule)
        for number, (name, shape, kernel, attrs) in enumerate(GROUPED)
        for (rule_name, rule), low in ((RULES[number % 3], -127), (RULES[(number + 1) % 3], -128))
    ),
    *(
        integer_case(f"{name}, {rule_name}", shape, kernel, attrs, low=-127, rule=rule)
        for name, shape, kernel, attrs in TILED
        for rule_name, rule in RULES[:2]
    ),
    integer_case("groups of one scale", *GROUPED[1][1:], per_channel=False),
    integer_case("groups of one scale, factor of a half", *GROUPED[1][1:], per_channel=False, scales=(1.0, 0.5, 1.0)),
    integer_case("groups of one scale, tflite", *GROUPED[1][1:], per_channel=False, low=-127, rule=Rule.TFLITE),
    *(
        integer_case(f"{c} to {d} channels, {rule_name}", (1, 3, 3, c), (d, 3, 3), SAME, low=-127, rule=rule)
        for number, (c, d) in enumerate(zip(CHANNELS, CHANNELS[::-1], strict=True))
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"1x1 of {c}, {rule_name}", (1, 1, 3, c), (6, 1, 1), Conv2d(), low=-127, rule=rule)
        for number, c in enumerate((3, 14, 15, 16, 17, 18, 31, 32, 33, 64))
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"1x1 of {c} to {d}, {h} x 3 pixels, {rule_name}", (1, h, 3, c), (d, 1, 1), Conv2d(), rule=rule)
        for number, (h, c, d) in enumerate(((1, 24, 12), (2, 8, 16), (1, 80, 40), (2, 40, 6), (3, 48, 20)))
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"{k} of {c} to {d}, {rule_name}", (1, 5, 4, c), (d, *k), SAME, rule=rule)
        for number, (k, c, d) in enumerate((((3, 3), 16, 12), ((2, 3), 5, 10), ((3, 1), 6, 24), ((3, 2), 32, 3)))
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"3x3 of {c} to {d}, {h} x {w} pixels, {rule_name}", (1, h, w, c), (d, 3, 3), attrs, rule=rule)
        for number, (h, w, c, d, attrs) in enumerate(
            (
                (5, 12, 36, 6, Conv2d(pads=(0, 1, 2, 0))),
                (3, 3, 20, 5, Conv2d()),
                (2, 2, 7, 4, Conv2d(pads=(3, 4, 3, 4))),
                (4, 11, 32, 1, SAME),
                (1, 6, 68, 3, SAME),
            )
        )
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"extreme {what}, {rule_name}", (1, 3, 3, 8), (6, 3, 3), attrs, low=-127, rule=rule, **how)
        for rule_name, rule in RULES
        for what, attrs, how in (
            ("low zero points", SAME, {"zero": -128, "y_zero": -128}),
            ("high zero points", SAME, {"zero": 127, "y_zero": 127}),
            ("clamp", Conv2d(pads=(1, 1, 1, 1), activation=Clamp(-1, 6)), {}),
            ("saturation", SAME, {"scales": (0.05, 0.01, 0.004)}),
            ("factors above a half", SAME, {"scales": (1.0, 0.5, 0.4)}),
            ("one scale", SAME, {"per_channel": False}),
        )
    ),
    *(
        bias_case(f"accumulators below 2**{bits}, {rule_name}", _just_below(bits), 0.01, rule)
        for rule_name, rule in RULES
        for bits in (23, 24, 31)
    ),
    *(
        bias_case(f"dead channels, {rule_name}", lambda m: (2**30 - m) * (-1) ** np.arange(len(m)), 1e-9, rule)
        for rule_name, rule in RULES
    ),
    *(
        float_case(f"{k[0]}x{k[1]} of {c}, {h} x {w} windows inside", shape, (d, *k), Conv2d(dilations=dilations))
        for (h, w), k, c, d, dilations in (
            ((2, 4), (3, 3), 1, 8, (1, 1)),
            ((3, 1), (2, 3), 2, 5, (1, 1)),
            ((2, 3), (3, 2), 3, 12, (2, 1)),
            ((1, 7), (3, 5), 1, 4, (1, 1)),
            ((2, 2), (2, 2), 4, 16, (1, 2)),
        )
        for shape in ((1, h + (k[0] - 1) * dilations[0], w + (k[1] - 1) * dilations[1], c),)
    ),
    *(
        float_case(f"1x1 of {c} to {d}, {h} x {w} pixels", (1, h, w, c), (d, 1, 1), Conv2d(activation=clamp))
        for h, w, c, d, clamp in (
            (1, 37, 21, 29, Clamp(-1)),
            (3, 11, 12, 48, Clamp(high=1)),
            (5, 7, 8, 23, Clamp(0, 6)),
            (2, 17, 31, 28, Clamp()),
        )
    ),
    *(
        float_case(f"{k} of {c} to {d}, {h} x {w} pixels", (1, h, w, c), (d, *k), attrs)
        for h, w, k, c, d, attrs in (
            (19, 20, (3, 3), 20, 24, SAME),
            (5, 37, (3, 3), 4, 12, Conv2d(pads=(1, 0, 2, 1), activation=Clamp(0, 6))),
            (4, 3, (3, 3), 28, 32, Conv2d()),
            (9, 10, (3, 2), 9, 18, Conv2d(strides=(2, 1), pads=(1, 0, 1, 1))),
            (12, 13, (2, 5), 3, 20, Conv2d(strides=(1, 2))),
            (13, 11, (2, 2), 40, 16, Conv2d(dilations=(2, 3), pads=(0, 1, 2, 2), activation=Clamp(0))),
        )
    ),
    not_finite_case(),
    float_case("no bias", SMALL, (4, 3, 3), SAME, biased=False),
    float_case("relu", SMALL, (4, 3, 3), Conv2d(pads=(1, 1, 1, 1), activation=Clamp(0))),
    float_case("relu6", SMALL, (4, 3, 3), Conv2d(activation=Clamp(0, 6))),
    variable_case("weights at run time", f32(*SMALL), (5, 3, 3, 3), SAME, f32(5)),
    variable_case("weights at run time, no bias", f32(*SMALL), (6, 2, 2, 1), Conv2d(groups=3)),
    variable_case("input constant", float_weights("x", SMALL), (5, 3, 3, 3), SAME),
    integer_case("no bias", SMALL, (4, 3, 3), SAME, biased=False),
    given_weights("both ends of the weights' range", np.array([-128, 127, -128, -128, 127, -127])),
    given_weights("both ends of the weights' range, -128 alone", np.array([-128, 127, -127, -127, 127, -128])),
    given_weights("weights of -128 throughout", np.array([-128])),
    given_weights("small weights", np.array([1, 0, 0, -2, 0, 1, 0, 0, 3, -1])),
    given_weights("small weights, tflite", np.array([1, 0, 0, -2, 0, 1, 0, 0, 3, -1]), Rule.TFLITE),
    given_weights("one heavy weight among small ones", np.array([127, *[1] * 127])),
    integer_case("per tensor", SMALL, (6, 3, 3), SAME, per_channel=False),
    integer_case("relu", SMALL, (4, 3, 3), Conv2d(activation=Clamp(0))),
    integer_case("clamp", SMALL, (4, 3, 3), Conv2d(activation=Clamp(-1, 6))),
    integer_case("lowest zero points", SMALL, (6, 3, 3), SAME, zero=-128, y_zero=-128),
    integer_case("highest zero points", SMALL, (6, 3, 3), SAME, zero=127, y_zero=127),
    integer_case("zero points nought", SMALL, (6, 3, 3), SAME, zero=0, y_zero=0),
    case(
        "s8 asymmetric weights",
        "conv2d",
        SAME,
        (
            s8(*SMALL, zero=-7),
            weights("asymmetric", (6, 3, 3, 3), 0, per_channel=False, zero=100),
            bias("asymmetric", 6),
        ),
        out(0.4, 9),
    ),
    case(
        "s8 asymmetric weights per channel in groups",
        "conv2d",
        Conv2d(groups=2, pads=(1, 1, 1, 1)),
        (s8(1, 4, 4, 6, zero=-128), weights("asymmetric", (4, 3, 3, 3), 0, zero=(-128, 127, 0, 5)), None),
        out(0.4, 9),
    ),
    *(
        integer_case(f"factor {name}", (1, 4, 4, 3), (5, 1, 1), Conv2d(), per_channel=False, scales=(x, w, y))
        for name, x, w, y in FACTORS
    ),
    # Shifts of 32, 31 and less: each way that two roundings take.
    *(
        integer_case(f"factor {name}, tflite", (1, 3, 3, 3), (5, 1, 1), Conv2d(), scales=(x, w, 1.0), rule=Rule.TFLITE)
        for name, x, w in (("up to a half", 0.5, 0.9), ("up to one", 1.0, 0.9), ("above one", 16.0, 0.9))
    ),
    *int16.layers(
        "conv2d",
        [(name, x, (*k, x[3] // attrs.groups), attrs) for name, x, k, attrs in GEOMETRY],
        (SMALL, (6, 3, 3, 3), SAME),
    ),
    *(
        int16.weighted("conv2d", name, x, (*k, x[3] // attrs.groups), attrs, bits=(64, 32)[number % 2])
        for number, (name, x, k, attrs) in enumerate(GROUPED)
    ),
    int16.weighted("conv2d", "groups of one scale", (1, 3, 3, 8), (6, 2, 2, 4), Conv2d(groups=2), per_channel=False),
    int16.weighted(
        "conv2d", "sums beyond 32 bits in groups", (1, 3, 3, 80), (10, 3, 3, 40), Conv2d(groups=2), ends=True, low=-128
    ),
    *(int16.weighted("conv2d", f"{c} channels", (1, 3, 3, c), (c, 3, 3, c), SAME) for c in CHANNELS),
    int16.weighted("conv2d", "relu", SMALL, (6, 3, 3, 3), Conv2d(activation=Clamp(0, 6))),
    int16.weighted("conv2d", "sums beyond 32 bits", (1, 3, 3, 160), (5, 3, 3, 160), SAME, ends=True),
)
