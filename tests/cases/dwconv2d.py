"""Cases of dwconv2d."""

from __future__ import annotations

import numpy as np
from barecast.graph import Rule
from barecast.ops.clamp import Clamp
from barecast.ops.dwconv2d import Dwconv2d

from tests.cases import int16
from tests.cases.build import Case, Constant, case, f32, quant, rng, s8
from tests.cases.mac import CHANNELS, FACTORS, FLOAT, RULES, bias, float_bias, float_weights, out, weights

SAME = Dwconv2d(pads=(1, 1, 1, 1))

GEOMETRY = (
    ("3x3 same", (1, 6, 5, 8), (3, 3, 8), Dwconv2d(pads=(1, 1, 1, 1))),
    ("3x3 valid", (1, 6, 5, 4), (3, 3, 4), Dwconv2d()),
    ("3x3 stride 2 uneven pads", (1, 8, 7, 5), (3, 3, 5), Dwconv2d(strides=(2, 2), pads=(0, 0, 1, 1))),
    ("5x5 stride 2", (1, 9, 9, 4), (5, 5, 4), Dwconv2d(strides=(2, 2), pads=(2, 2, 2, 2))),
    ("1x1", (1, 3, 3, 6), (1, 1, 6), Dwconv2d()),
    ("4x2 stride 1x3", (1, 9, 8, 3), (4, 2, 3), Dwconv2d(strides=(1, 3), pads=(1, 0, 2, 1))),
    ("dilated", (1, 9, 8, 5), (3, 3, 5), Dwconv2d(dilations=(2, 3), pads=(2, 3, 2, 3))),
    ("batch 2", (2, 5, 4, 7), (3, 3, 7), Dwconv2d(pads=(1, 1, 1, 1))),
    ("multiplier 2", (1, 5, 4, 3), (3, 3, 6), Dwconv2d(pads=(1, 1, 1, 1))),
    ("multiplier 8 of one channel", (1, 6, 6, 1), (3, 3, 8), Dwconv2d(strides=(2, 2), pads=(0, 1, 1, 1))),
    ("5x5, multiplier 9 of one channel", (2, 7, 6, 1), (5, 5, 9), Dwconv2d(strides=(2, 1), pads=(2, 1, 1, 3))),
    ("multiplier 3 of two channels", (1, 4, 4, 2), (2, 2, 6), Dwconv2d()),
    ("kernel larger than input", (1, 2, 2, 4), (5, 5, 4), Dwconv2d(pads=(2, 2, 2, 2))),
    ("windows wholly on padding", (1, 2, 2, 4), (2, 2, 4), Dwconv2d(pads=(3, 3, 3, 3))),
    ("1-D", (1, 1, 20, 4), (1, 5, 4), Dwconv2d(strides=(1, 2), pads=(0, 2, 0, 2))),
)


def float_case(name: str, shape, kernel, attrs: Dwconv2d, biased: bool = True) -> Case:
    b = float_bias(name, kernel[2]) if biased else None
    return case(f"f32 {name}", "dwconv2d", attrs, (f32(*shape), float_weights(name, kernel), b), FLOAT)


def integer_case(
    name: str,
    shape,
    kernel,
    attrs: Dwconv2d,
    *,
    zero=3,
    y_zero=-5,
    scales=(0.05, 0.01, 0.1),
    biased=True,
    rule=Rule.ONNX,
    **how,
) -> Case:
    w = weights(name, kernel, 2, scale=scales[1], **how)
    b = bias(name, kernel[2], 5000) if biased else None
    x = s8(*shape, scale=scales[0], zero=zero)
    return case(f"s8 {name}", "dwconv2d", attrs, (x, w, b), out(scales[2], y_zero), rule=rule)


ROWS = ((-127, -127, -1), (-128, -127, 127), (127, 127, 127), (1, -128, 126), (-128, 0, -127), (-127, -1, -128))
"""Rows of filters whose magnitudes sum to 255 or more."""
PAIRS = (*ROWS, (-128, -127, -127), (-127, -128, -127), (-127, -127, -128), (127, 127, -128))
"""The same, and more of whose neighbouring products sum to almost 2**15."""
DOUBLES = ((-128, -128, 5),) * 4 + ((-128, 1, -128),) * 4 + ((-128, -128, -128),)
"""Rows with two neighbours whose products sum to 2**15."""


def given_rows(rule_name: str, rule: Rule, what: str = "heavy weights", rows=ROWS) -> Case:
    """Filters of one row three times, on the lowest and highest numbers of x, which every block of products reaches."""
    count, name = len(rows), f"3x3 rows of {what}, {rule_name}"
    x = np.repeat(rng(name).choice(np.array([-128, -128, 127], np.int8), (1, 6, 7, 1)), count, axis=3)
    data = np.array([rows] * 3, np.int8).transpose(0, 2, 1)
    w = Constant(data, quant([0.01] * count, 0, 2))
    operands = (s8(1, 6, 7, count, scale=0.05, zero=-128), w, bias(name, count))
    return case(f"s8 {name}", "dwconv2d", SAME, operands, out(0.9, 3), {"x0": x}, rule=rule)


PLANES = (
    ("3x3 one output", (1, 3, 3, 2), (3, 3, 2), Dwconv2d()),
    ("3x3 one row", (1, 3, 6, 2), (3, 3, 2), Dwconv2d()),
    ("3x3 one column", (1, 7, 3, 2), (3, 3, 2), Dwconv2d()),
    ("3x3 odd by odd", (1, 5, 5, 3), (3, 3, 3), Dwconv2d(pads=(1, 1, 1, 1))),
    ("3x3 even by odd", (1, 4, 7, 3), (3, 3, 3), Dwconv2d(pads=(1, 1, 1, 1))),
    ("3x3 pads of two", (1, 5, 4, 3), (3, 3, 3), Dwconv2d(pads=(2, 2, 2, 2))),
    ("3x3 pads of three", (1, 2, 3, 3), (3, 3, 3), Dwconv2d(pads=(3, 3, 3, 3))),
    ("3x3 pads below", (1, 5, 4, 3), (3, 3, 3), Dwconv2d(pads=(0, 0, 3, 2))),
    ("3x3 stride 2", (1, 8, 9, 3), (3, 3, 3), Dwconv2d(strides=(2, 2))),
    ("3x3 stride 2 pads", (1, 9, 8, 3), (3, 3, 3), Dwconv2d(strides=(2, 2), pads=(1, 1, 1, 1))),
    ("3x3 stride 2 unused rows", (1, 8, 10, 3), (3, 3, 3), Dwconv2d(strides=(2, 2), pads=(0, 1, 0, 0))),
    ("3x3 stride 2x1", (1, 7, 6, 3), (3, 3, 3), Dwconv2d(strides=(2, 1), pads=(1, 1, 0, 0))),
    ("3x3 stride 2x3", (1, 7, 11, 3), (3, 3, 3), Dwconv2d(strides=(2, 3), pads=(1, 1, 1, 1))),
    ("3x3 stride 1x2", (1, 7, 6, 3), (3, 3, 3), Dwconv2d(strides=(1, 2), pads=(1, 1, 1, 1))),
    ("3x3 stride 3", (1, 7, 7, 3), (3, 3, 3), Dwconv2d(strides=(3, 3), pads=(1, 1, 1, 1))),
    ("5x5 same", (1, 6, 7, 3), (5, 5, 3), Dwconv2d(pads=(2, 2, 2, 2))),
    ("5x5 odd rows", (1, 7, 6, 3), (5, 5, 3), Dwconv2d(pads=(1, 2, 3, 1))),
    ("5x5 stride 2", (1, 9, 8, 3), (5, 5, 3), Dwconv2d(strides=(2, 2), pads=(1, 2, 2, 1))),
    ("5x3 stride 1x3", (1, 6, 9, 3), (5, 3, 3), Dwconv2d(strides=(1, 3), pads=(2, 1, 2, 1))),
    ("2x2", (1, 5, 6, 3), (2, 2, 3), Dwconv2d(pads=(1, 0, 0, 1))),
    ("2x2 stride 2", (1, 6, 5, 3), (2, 2, 3), Dwconv2d(strides=(2, 2))),
    ("4x1", (1, 9, 2, 3), (4, 1, 3), Dwconv2d(pads=(1, 0, 2, 0))),
    ("1x4 in many rows", (1, 3, 9, 3), (1, 4, 3), Dwconv2d(pads=(0, 1, 0, 2))),
    ("8x1 of one column", (1, 12, 1, 5), (8, 1, 5), Dwconv2d()),
    ("1x8 of one row", (1, 1, 12, 5), (1, 8, 5), Dwconv2d()),
    ("1x7 of one row, stride 2", (2, 1, 15, 3), (1, 7, 3), Dwconv2d(strides=(1, 2), pads=(0, 3, 0, 3))),
    ("1x7 of one row, stride 3", (1, 1, 15, 3), (1, 7, 3), Dwconv2d(strides=(1, 3), pads=(0, 3, 0, 3))),
    ("1x2 of one row, multiplier 2", (1, 1, 6, 2), (1, 2, 4), Dwconv2d(pads=(0, 1, 0, 0))),
    ("3x3 batch 2", (2, 5, 4, 3), (3, 3, 6), Dwconv2d(pads=(1, 1, 1, 1))),
    ("3x3 dilated by 2 of even sides", (2, 6, 8, 3), (3, 3, 3), Dwconv2d(dilations=(2, 2), pads=(2, 2, 2, 2))),
    ("3x3 dilated by 3 and 2, multiplier 2", (2, 7, 5, 2), (3, 3, 4), Dwconv2d(dilations=(3, 2), pads=(2, 3, 4, 2))),
    ("3x3 dilated by more than its outputs", (1, 11, 12, 3), (3, 3, 3), Dwconv2d(dilations=(5, 4), pads=(1, 0, 0, 1))),
    ("3x4 dilated downwards", (1, 7, 5, 3), (3, 4, 3), Dwconv2d(dilations=(3, 1), pads=(3, 1, 3, 2))),
    ("5x2 dilated sideways", (1, 6, 7, 3), (5, 2, 3), Dwconv2d(dilations=(1, 3), pads=(2, 1, 2, 2))),
    ("1x4 dilated in one row", (1, 1, 18, 3), (1, 4, 6), Dwconv2d(dilations=(1, 3), pads=(0, 4, 0, 5))),
    ("3x3 stride 2 in bands", (1, 41, 61, 2), (3, 3, 2), Dwconv2d(strides=(2, 2), pads=(1, 1, 1, 1))),
    ("3x3 stride 2 in bands of even sides", (1, 40, 62, 2), (3, 3, 2), Dwconv2d(strides=(2, 2), pads=(0, 0, 1, 1))),
    ("3x3 stride 2x1 in bands, wide pads", (1, 35, 70, 1), (3, 3, 1), Dwconv2d(strides=(2, 1), pads=(19, 1, 20, 0))),
    ("3x3 in bands, multiplier 2", (2, 21, 90, 1), (3, 3, 2), Dwconv2d(strides=(2, 1), pads=(2, 0, 3, 3))),
    ("3x3 multiplier 3 stride 2", (2, 5, 4, 2), (3, 3, 6), Dwconv2d(strides=(2, 2), pads=(1, 1, 1, 1))),
)
"""Edges of blocks of two by two outputs, of pairs of rows, and images of one row or column."""

SWEEPS = (
    ("5x5 of 17", (2, 5, 6, 17), (5, 5, 17), Dwconv2d(pads=(2, 2, 2, 2))),
    ("5x5 stride 2 of 33", (1, 8, 7, 33), (5, 5, 33), Dwconv2d(strides=(2, 2), pads=(1, 2, 2, 1))),
    ("7x7 of 6", (1, 9, 5, 6), (7, 7, 6), Dwconv2d(pads=(3, 3, 3, 3))),
    ("6x6 of 4", (1, 7, 8, 4), (6, 6, 4), Dwconv2d(strides=(1, 2), pads=(2, 3, 3, 2))),
    ("4x4 of 16", (1, 6, 5, 16), (4, 4, 16), Dwconv2d(pads=(1, 1, 2, 2))),
    ("9x4 of 5, dilated", (1, 20, 9, 5), (9, 4, 5), Dwconv2d(dilations=(2, 2), pads=(3, 3, 3, 3))),
    ("2x9 of 3", (1, 4, 12, 3), (2, 9, 3), Dwconv2d(strides=(2, 3), pads=(1, 4, 0, 4))),
    ("10x2 down of 7", (1, 14, 3, 7), (10, 2, 7), Dwconv2d(strides=(2, 1), pads=(4, 1, 5, 0))),
    ("3x3 dilated by 2 of 18", (1, 7, 8, 18), (3, 3, 18), Dwconv2d(dilations=(2, 2), pads=(2, 2, 2, 2))),
    ("1x3 dilated by 4 in one row of 20", (1, 1, 15, 20), (1, 3, 20), Dwconv2d(dilations=(1, 4), pads=(0, 8, 0, 0))),
    ("1x17 of one row of 5", (1, 1, 20, 5), (1, 17, 5), Dwconv2d(pads=(0, 8, 0, 8))),
    ("17x1 of one column of 4", (1, 20, 1, 4), (17, 1, 4), Dwconv2d(strides=(2, 1), pads=(9, 0, 7, 0))),
    ("3x3 multiplier 2 of 17", (1, 4, 5, 17), (3, 3, 34), Dwconv2d(pads=(1, 1, 1, 1))),
    ("5x2 multiplier 3 of 5, stride 2", (2, 7, 6, 5), (5, 2, 15), Dwconv2d(strides=(2, 2), pads=(2, 0, 2, 1))),
    ("5x3 multiplier 2 down", (1, 9, 2, 6), (5, 3, 12), Dwconv2d(pads=(2, 1, 2, 1))),
    ("window beyond the image", (1, 2, 3, 4), (7, 8, 4), Dwconv2d(pads=(6, 7, 6, 7))),
)
"""Groups of one to four lines, several gathers, dilation, blocks of 16 channels, multipliers."""

STRIDE_2 = Dwconv2d(strides=(2, 2), pads=(1, 1, 1, 1))
BLOCKS = (
    ("3x3 of 8 in one column", (1, 3, 1, 8), (3, 3, 8), SAME),
    ("3x3 of 9 in two columns", (2, 5, 2, 9), (3, 3, 9), SAME),
    ("3x3 of 15 in three columns", (1, 4, 3, 15), (3, 3, 15), SAME),
    ("3x3 of 16 in four columns", (1, 6, 4, 16), (3, 3, 16), SAME),
    ("3x3 of 17 in five columns", (1, 5, 5, 17), (3, 3, 17), SAME),
    ("3x3 of 24 in six columns", (2, 3, 6, 24), (3, 3, 24), SAME),
    ("3x3 of 8, padded on the left", (1, 4, 6, 8), (3, 3, 8), Dwconv2d(pads=(0, 1, 1, 0))),
    ("3x3 of 25, padded on the right", (1, 4, 7, 25), (3, 3, 25), Dwconv2d(pads=(2, 0, 2, 1))),
    ("3x3 of 10 in rows of one", (1, 5, 3, 10), (3, 3, 10), Dwconv2d()),
    ("3x3 of 11 on three rows of padding", (1, 1, 4, 11), (3, 3, 11), Dwconv2d(pads=(3, 1, 4, 1))),
    ("3x3 stride 2 of 8 in one column", (1, 3, 1, 8), (3, 3, 8), STRIDE_2),
    ("3x3 stride 2 of 9 in two columns", (2, 4, 2, 9), (3, 3, 9), Dwconv2d(strides=(2, 2), pads=(0, 0, 1, 1))),
    ("3x3 stride 2 of 15 in three columns", (1, 5, 3, 15), (3, 3, 15), STRIDE_2),
    ("3x3 stride 2 of 16 in four columns", (1, 6, 4, 16), (3, 3, 16), STRIDE_2),
    ("3x3 stride 2 of 17 in five columns", (1, 7, 5, 17), (3, 3, 17), STRIDE_2),
    ("3x3 stride 2 of 24 in eight columns", (2, 4, 8, 24), (3, 3, 24), Dwconv2d(strides=(2, 2), pads=(0, 0, 1, 1))),
    ("3x3 stride 2 of 12 in nine columns", (1, 5, 9, 12), (3, 3, 12), Dwconv2d(strides=(2, 2), pads=(1, 0, 0, 0))),
    ("3x3 stride 2 of 8, a column unused", (1, 6, 10, 8), (3, 3, 8), Dwconv2d(strides=(2, 2), pads=(2, 0, 2, 0))),
)
"""Edges of blocks of eight channels, and of rows of windows, one or two together, that go by column."""

TAPS = (
    ("1x1 of 9", (2, 3, 2, 9), (1, 1, 9), Dwconv2d()),
    ("2x1 of 8", (1, 4, 3, 8), (2, 1, 8), Dwconv2d(pads=(1, 0, 0, 0))),
    ("3x3 stride 2x1 of 12", (1, 6, 5, 12), (3, 3, 12), Dwconv2d(strides=(2, 1), pads=(1, 1, 1, 1))),
    ("3x3 stride 3x2 of 9", (1, 8, 7, 9), (3, 3, 9), Dwconv2d(strides=(3, 2), pads=(1, 1, 0, 0))),
    ("3x3 stride 1x3 of 9", (1, 4, 9, 9), (3, 3, 9), Dwconv2d(strides=(1, 3), pads=(1, 1, 1, 1))),
    ("3x3 pads of two of 10", (1, 4, 5, 10), (3, 3, 10), Dwconv2d(pads=(2, 2, 2, 2))),
    ("5x5 of 8", (1, 5, 6, 8), (5, 5, 8), Dwconv2d(pads=(2, 2, 2, 2))),
    ("5x5 stride 2 of 24", (2, 6, 7, 24), (5, 5, 24), Dwconv2d(strides=(2, 2), pads=(1, 2, 2, 1))),
)
"""The same blocks, windows that go pixel by pixel."""

SMALL = (1, 4, 4, 6)

CASES = (
    *(float_case(*g) for g in GEOMETRY),
    *(integer_case(*g) for g in GEOMETRY),
    *(float_case(f"{c} channels", (1, 4, 3, c), (3, 3, c), SAME) for c in CHANNELS),
    *(integer_case(f"{c} channels", (1, 4, 3, c), (3, 3, c), SAME) for c in CHANNELS),
    *(
        integer_case(f"{name}, {rule_name}", shape, kernel, attrs, rule=rule)
        for number, (name, shape, kernel, attrs) in enumerate((*PLANES, *GEOMETRY[3:], *SWEEPS))
        for rule_name, rule in (RULES[number % 3],)
    ),
    *(
        integer_case(f"{name}, {rule_name}", shape, kernel, attrs, rule=rule)
        for number, (name, shape, kernel, attrs) in enumerate((*BLOCKS, *TAPS))
        for rule_name, rule in (RULES[number % 3], RULES[(number + 1) % 3])
    ),
    *(
        integer_case(f"3x3 of 10, {what}, {rule_name}", (1, 4, 5, 10), (3, 3, 10), attrs, rule=rule, **how)
        for rule_name, rule in RULES
        for what, attrs, how in (
            ("low zero points", STRIDE_2, {"zero": -128, "y_zero": -128}),
            ("high zero points", SAME, {"zero": 127, "y_zero": 127}),
            ("clamp", Dwconv2d(pads=(1, 1, 1, 1), activation=Clamp(-1, 6)), {}),
            ("saturation", SAME, {"scales": (0.05, 0.01, 0.002)}),
            ("factors above a half", SAME, {"scales": (1.0, 0.5, 0.4)}),
            ("one scale", STRIDE_2, {"per_channel": False}),
        )
    ),
    *(
        integer_case(f"{h} x {w} x {c}, {rule_name}", (1, h, w, c), (3, 3, c), attrs, low=-127, rule=rule)
        for number, (h, w, c, attrs) in enumerate(
            (
                (1, 1, 15, SAME),
                (1, 2, 16, SAME),
                (2, 1, 17, SAME),
                (3, 7, 20, SAME),
                (7, 3, 31, SAME),
                (5, 6, 33, SAME),
                (6, 5, 40, SAME),
                (5, 8, 18, Dwconv2d(strides=(1, 2), pads=(1, 1, 1, 0))),
                (8, 5, 21, Dwconv2d(strides=(2, 1), pads=(1, 1, 1, 0))),
                (7, 9, 32, Dwconv2d(strides=(2, 2), pads=(1, 1, 1, 1))),
                (9, 7, 19, Dwconv2d(strides=(2, 2), pads=(2, 1, 1, 2))),
                (7, 11, 3, Dwconv2d(strides=(3, 4), pads=(0, 2, 1, 0))),
            )
        )
        for rule_name, rule in (RULES[number % 3], RULES[(number + 1) % 3])
    ),
    *(
        integer_case(f"{k} window, {rule_name}", (1, 5, 4, 6), (*k, 6), Dwconv2d(pads=pads), low=-127, rule=rule)
        for number, (k, pads) in enumerate((((1, 3), (0, 1, 0, 1)), ((3, 1), (1, 0, 1, 0)), ((2, 2), (1, 0, 0, 1))))
        for rule_name, rule in (RULES[number % 3], RULES[(number + 1) % 3])
    ),
    *(
        integer_case(f"5x5 {what}, {rule_name}", (1, 6, 5, 6), (5, 5, 6), attrs, rule=rule, **how)
        for (rule_name, rule), (what, attrs, how) in zip(
            RULES * 2,
            (
                ("low zero points", Dwconv2d(pads=(2, 2, 2, 2)), {"zero": -128, "y_zero": -128}),
                ("high zero points", Dwconv2d(pads=(2, 2, 2, 2)), {"zero": 127, "y_zero": 127}),
                ("clamp", Dwconv2d(pads=(2, 2, 2, 2), activation=Clamp(-1, 6)), {}),
                ("clamp", Dwconv2d(pads=(1, 2, 3, 1), activation=Clamp(0, 3)), {}),
                ("one scale", Dwconv2d(pads=(2, 2, 2, 2)), {"per_channel": False}),
                ("saturation", Dwconv2d(pads=(2, 2, 2, 2)), {"scales": (0.05, 0.01, 0.002)}),
            ),
            strict=True,
        )
    ),
    *(
        integer_case(f"extreme {what}, {rule_name}", (1, 4, 5, 6), (3, 3, 6), attrs, rule=rule, **how)
        for rule_name, rule in RULES
        for what, attrs, how in (
            ("low zero points", SAME, {"zero": -128, "y_zero": -128}),
            ("high zero points", SAME, {"zero": 127, "y_zero": 127}),
            ("clamp", Dwconv2d(pads=(1, 1, 1, 1), activation=Clamp(-1, 6)), {}),
            ("saturation", SAME, {"scales": (0.05, 0.01, 0.002)}),
            ("factors above a half", SAME, {"scales": (1.0, 0.5, 0.4)}),
            ("one scale", SAME, {"per_channel": False}),
        )
    ),
    *(given_rows(*rule) for rule in RULES),
    *(given_rows(*rule, "heavy pairs", PAIRS) for rule in RULES),
    *(given_rows(*rule, "weights too heavy for pairs", DOUBLES) for rule in RULES),
    *(
        float_case(f"{k[0]}x{k[1]} step {step}, {w} columns", (1, 3, w, 4), (*k, 4), Dwconv2d(strides=(1, step), pads=pads))
        for w, k, step, pads in (
            (4, (3, 3), 1, (1, 2, 1, 0)),
            (9, (3, 3), 1, (1, 1, 1, 1)),
            (12, (2, 3), 1, (0, 0, 0, 2)),
            (11, (3, 3), 2, (1, 1, 1, 2)),
            (20, (3, 2), 2, (2, 0, 2, 1)),
            (7, (3, 1), 1, (1, 0, 1, 0)),
        )
    ),
    *(
        float_case(f"{k[0]}x{k[1]} of {c}, step {step}, {h} x {w}", (n, h, w, c), (*k, c), attrs)
        for n, h, w, c, k, step, attrs in (
            (1, 4, 1, 8, (3, 3), 1, SAME),
            (2, 3, 5, 9, (3, 3), 1, Dwconv2d(pads=(1, 0, 1, 1), activation=Clamp(0, 6))),
            (1, 5, 6, 24, (3, 3), 1, Dwconv2d(pads=(0, 1, 2, 0), activation=Clamp(0))),
            (1, 5, 8, 16, (3, 3), 1, Dwconv2d(activation=Clamp(high=0.5))),
            (1, 1, 7, 13, (3, 3), 1, SAME),
            (1, 7, 2, 8, (3, 3), 2, Dwconv2d(strides=(2, 2), pads=(1, 1, 1, 1))),
            (1, 6, 6, 17, (3, 3), 2, Dwconv2d(strides=(2, 2), pads=(0, 0, 1, 1), activation=Clamp(0, 6))),
            (2, 5, 7, 8, (3, 3), 2, Dwconv2d(strides=(1, 2), pads=(1, 1, 1, 1))),
            (1, 5, 9, 10, (3, 3), 2, Dwconv2d(strides=(2, 2))),
            (1, 4, 8, 8, (3, 3), 2, Dwconv2d(strides=(3, 2), pads=(1, 1, 0, 0))),
            (1, 6, 5, 29, (5, 5), 1, Dwconv2d(pads=(2, 2, 2, 2))),
        )
    ),
    float_case("bands of two lines", (1, 9, 62, 2), (3, 3, 2), SAME),
    float_case("bands of one line", (1, 3, 300, 2), (3, 3, 2), Dwconv2d(pads=(1, 2, 2, 0), activation=Clamp(high=1))),
    float_case("bands without padding", (2, 12, 64, 4), (3, 3, 4), Dwconv2d(activation=Clamp(0))),
    float_case("no bias", SMALL, (3, 3, 6), SAME, biased=False),
    float_case("relu6", SMALL, (3, 3, 6), Dwconv2d(activation=Clamp(0, 6))),
    case("f32 bias at run time", "dwconv2d", SAME, (f32(*SMALL), float_weights("w", (3, 3, 6)), f32(6)), FLOAT),
    integer_case("no bias", SMALL, (3, 3, 6), SAME, biased=False),
    integer_case("per tensor", SMALL, (3, 3, 6), SAME, per_channel=False),
    integer_case("relu", SMALL, (3, 3, 6), Dwconv2d(activation=Clamp(0))),
    integer_case("lowest zero points", SMALL, (3, 3, 6), SAME, zero=-128, y_zero=-128),
    integer_case("highest zero points", SMALL, (3, 3, 6), SAME, zero=127, y_zero=127),
    case(
        "s8 asymmetric weights",
        "dwconv2d",
        SAME,
        (
            s8(*SMALL, zero=-7),
            weights("asymmetric", (3, 3, 6), 2, zero=(100, -128, 127, 0, 1, -1)),
            bias("asymmetric", 6),
        ),
        out(0.1, 9),
    ),
    *(
        integer_case(f"factor {name}", (1, 4, 4, 5), (2, 2, 5), Dwconv2d(), per_channel=False, scales=(x, w, y))
        for name, x, w, y in FACTORS
    ),
    *int16.layers("dwconv2d", GEOMETRY, (SMALL, (3, 3, 6), SAME)),
    *(int16.weighted("dwconv2d", *g) for g in PLANES if "dilated" in g[0]),
    *(int16.weighted("dwconv2d", f"{c} channels", (1, 4, 3, c), (3, 3, c), SAME) for c in CHANNELS),
    int16.weighted("dwconv2d", "relu", SMALL, (3, 3, 6), Dwconv2d(activation=Clamp(0, 6))),
    int16.weighted("dwconv2d", "sums beyond 32 bits", (1, 26, 25, 5), (26, 25, 5), Dwconv2d(), ends=True),
)
