"""Cases of transpose_conv2d."""

from __future__ import annotations

from barecast.ops.clamp import Clamp
from barecast.ops.transpose_conv2d import TransposeConv2d

from tests.cases import int16
from tests.cases.build import Case, case, f32, s8
from tests.cases.mac import CHANNELS, FACTORS, FLOAT, bias, float_bias, float_weights, out, weights

GEOMETRY = (
    ("1x1", (1, 4, 5, 8), (8, 1, 1), TransposeConv2d((4, 5))),
    ("2x2 stride 2", (1, 3, 4, 4), (6, 2, 2), TransposeConv2d((6, 8), (2, 2))),
    ("3x3 stride 2 same", (1, 4, 3, 3), (5, 3, 3), TransposeConv2d((8, 6), (2, 2), pads=(0, 0))),
    ("3x3 stride 2 odd", (1, 4, 3, 3), (5, 3, 3), TransposeConv2d((7, 5), (2, 2), pads=(1, 1))),
    ("3x3 stride 1 same", (1, 5, 4, 4), (8, 3, 3), TransposeConv2d((5, 4), pads=(1, 1))),
    ("5x3 stride 3x2", (2, 3, 4, 2), (3, 5, 3), TransposeConv2d((11, 9), (3, 2))),
    ("stride wider than kernel", (1, 3, 3, 2), (4, 2, 1), TransposeConv2d((10, 8), (4, 3))),
    ("dilated", (1, 3, 4, 3), (4, 3, 2), TransposeConv2d((9, 8), (2, 1), (2, 3), (1, 0))),
    ("groups", (1, 3, 3, 6), (9, 3, 3), TransposeConv2d((6, 6), (2, 2), pads=(1, 0), groups=3)),
    ("output longer than reached", (1, 2, 2, 3), (4, 2, 2), TransposeConv2d((7, 6), (2, 2))),
    ("pads beyond the first row", (1, 4, 4, 2), (2, 2, 2), TransposeConv2d((2, 2), (2, 2), pads=(5, 3))),
    ("one row", (1, 1, 9, 4), (7, 1, 4), TransposeConv2d((1, 18), (1, 2), pads=(0, 1))),
)


def float_case(name: str, shape, kernel, attrs: TransposeConv2d, biased: bool = True) -> Case:
    w = float_weights(name, (*kernel, shape[3] // attrs.groups))
    return case(
        f"f32 {name}", "transpose_conv2d", attrs, (f32(*shape), w, float_bias(name, kernel[0]) if biased else None),
        FLOAT,
    )  # fmt: skip


def integer_case(
    name: str, shape, kernel, attrs: TransposeConv2d, *, zero=3, y_zero=-5, scales=(0.05, 0.01, 0.4), biased=True,
    w_zero=0, **how,
) -> Case:  # fmt: skip
    w = weights(name, (*kernel, shape[3] // attrs.groups), 0, scale=scales[1], zero=w_zero, **how)
    b = bias(name, kernel[0]) if biased else None
    x = s8(*shape, scale=scales[0], zero=zero)
    return case(f"s8 {name}", "transpose_conv2d", attrs, (x, w, b), out(scales[2], y_zero))


SMALL, TWICE = (1, 3, 4, 3), TransposeConv2d((6, 8), (2, 2))

CASES = (
    *(float_case(*g) for g in GEOMETRY),
    *(integer_case(*g) for g in GEOMETRY),
    *(
        make(f"{c} to {d} channels", (1, 2, 3, c), (d, 3, 3), TransposeConv2d((4, 6), (2, 2)))
        for make in (float_case, integer_case)
        for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)
    ),
    float_case("no bias", SMALL, (4, 3, 3), TWICE, biased=False),
    float_case("relu6", SMALL, (4, 3, 3), TransposeConv2d((6, 8), (2, 2), activation=Clamp(0, 6))),
    integer_case("no bias", SMALL, (4, 3, 3), TWICE, biased=False),
    integer_case("per tensor", SMALL, (6, 3, 3), TWICE, per_channel=False),
    integer_case("relu", SMALL, (4, 3, 3), TransposeConv2d((6, 8), (2, 2), activation=Clamp(0))),
    integer_case("lowest zero points", SMALL, (6, 3, 3), TWICE, zero=-128, y_zero=-128),
    integer_case("highest zero points", SMALL, (6, 3, 3), TWICE, zero=127, y_zero=127),
    integer_case("asymmetric weights", SMALL, (6, 3, 3), TWICE, per_channel=False, w_zero=100),
    *(
        integer_case(f"factor {name}", SMALL, (5, 2, 2), TWICE, per_channel=False, scales=(x, w, y))
        for name, x, w, y in FACTORS
    ),
    *int16.layers(
        "transpose_conv2d",
        [(name, x, (*k, x[3] // attrs.groups), attrs) for name, x, k, attrs in GEOMETRY],
        (SMALL, (6, 3, 3, 3), TWICE),
    ),
    int16.weighted("transpose_conv2d", "sums beyond 32 bits", (1, 3, 4, 700), (5, 3, 3, 700), TWICE, ends=True),
)
