"""Cases of matmul."""

from __future__ import annotations

import numpy as np
from barecast.graph import Rule, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.matmul import Matmul

from tests.cases import int16
from tests.cases.build import Case, Constant, case, f32, rng, s8, s16
from tests.cases.mac import CHANNELS, FACTORS, FLOAT, RULES, float_weights, out, weights

SHAPES = (
    ((3, 5), (5, 4)),
    ((1, 1), (1, 1)),
    ((2, 3, 5), (2, 5, 7)),
    ((3, 5), (2, 5, 7)),
    ((2, 3, 5), (5, 7)),
    ((4, 1, 3, 5), (1, 2, 5, 6)),
    ((2, 3, 1, 2, 5), (3, 4, 5, 2)),
    ((2, 1, 3, 2, 5), (2, 4, 1, 5, 2)),
    ((1, 2, 8, 16), (1, 2, 16, 8)),
)


def text(a, b) -> str:
    return f"{'x'.join(map(str, a))} by {'x'.join(map(str, b))}"


def integer_case(
    name: str, a, b, attrs: Matmul = Matmul(), zeros=(3, -4, 5), scales=(0.05, 0.02, 0.3), rule=Rule.ONNX
) -> Case:
    operands = (s8(*a, scale=scales[0], zero=zeros[0]), s8(*b, scale=scales[1], zero=zeros[1]))
    return case(f"s8 {name}", "matmul", attrs, operands, out(scales[2], zeros[2]), rule=rule)


ODD = (0.0513, 0.0217, 0.3037)
"""Scales without halves."""

TILES = (
    ((5, 17), (17, 9)),
    ((4, 33), (33, 8)),
    ((3, 18), (18, 11)),
    ((2, 7, 31), (2, 31, 13)),
    ((1, 48), (48, 4)),
    ((2, 6, 16), (16, 3)),
    ((6, 4), (4, 1)),
    ((2, 7), (7, 2)),
)
"""Edges of two rows, of four and eight columns, of 4 and 16 elements along the depth."""


def wide(name: str, a: TensorType, b: TensorType | Constant, scale=0.01, ends=False) -> Case:
    """int16; ends: numbers at the ends of the range only."""
    limits = np.array([-32768, 32767], np.int16)
    given = {f"x{i}": rng(name).choice(limits, t.shape) for i, t in enumerate((a, b)) if ends}
    return int16.tflite(name, "matmul", Matmul(), (a, b), int16.out(scale), given)


CASES = (
    *(case(f"f32 {text(a, b)}", "matmul", Matmul(), (f32(*a), f32(*b)), FLOAT) for a, b in SHAPES),
    *(integer_case(text(a, b), a, b) for a, b in SHAPES),
    *(integer_case(f"{c} columns of depth {d}", (2, d), (d, c)) for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)),
    *(
        case(f"f32 {c} columns of depth {d}", "matmul", Matmul(), (f32(2, d), f32(d, c)), FLOAT)
        for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)
    ),
    case("f32 relu", "matmul", Matmul(Clamp(0)), (f32(3, 4), f32(4, 5)), FLOAT),
    case("f32 constant right", "matmul", Matmul(), (f32(2, 3, 4), float_weights("right", (4, 5))), FLOAT),
    case("f32 constant left", "matmul", Matmul(), (float_weights("left", (3, 4)), f32(4, 5)), FLOAT),
    *(
        integer_case(f"{text(a, b)}, {rule_name}", a, b, scales=ODD, zeros=zeros, rule=rule)
        for number, (a, b) in enumerate((*SHAPES, *TILES))
        for rule_name, rule in (RULES[number % 3], RULES[(number + 1) % 3])
        for zeros in (((3, -4, 5), (-128, 127, -128), (0, 0, 0), (127, -128, 127))[number % 4],)
    ),
    *(
        integer_case(f"clamped, {rule_name}", (5, 9), (9, 6), Matmul(Clamp(-1, 6)), scales=ODD, rule=rule)
        for rule_name, rule in RULES
    ),
    *(
        integer_case(f"saturating, {rule_name}", (3, 40), (40, 5), scales=(0.0513, 0.0217, 0.00637), rule=rule)
        for rule_name, rule in RULES
    ),
    integer_case("relu", (3, 4), (4, 5), Matmul(Clamp(0))),
    integer_case("lowest zero points", (3, 4), (4, 5), zeros=(-128, -128, -128)),
    integer_case("highest zero points", (3, 4), (4, 5), zeros=(127, 127, 127)),
    integer_case("zero points nought", (3, 4), (4, 5), zeros=(0, 0, 0)),
    case("s8 constant right per column", "matmul", Matmul(), (s8(2, 3, 6), weights("right", (6, 5), 1)), out(0.1, 3)),
    case(
        "s8 constant right per column without halves",
        "matmul",
        Matmul(),
        (s8(2, 5, 19, scale=0.0513, zero=3), weights("right", (19, 11), 1, scale=0.0217)),
        out(0.3037, 3),
    ),
    case(
        "s8 constant left",
        "matmul",
        Matmul(),
        (Constant(np.arange(-6, 6, dtype=np.int8).reshape(3, 4), s8().quant), s8(2, 4, 5, zero=2)),
        out(0.1, 3),
    ),
    *(integer_case(f"factor {name}", (8, 3), (3, 5), scales=(x, w, y)) for name, x, w, y in FACTORS),
    *(wide(text(a, b), s16(*a), s16(*b)) for a, b in SHAPES),
    *(wide(f"{c} columns of depth {d}", s16(2, d), s16(d, c)) for c, d in zip(CHANNELS, CHANNELS[::-1], strict=True)),
    wide("deep", s16(2, 3000), s16(3000, 5), scale=0.05, ends=True),
    wide("constant right", s16(3, 4), Constant(np.arange(-6000, 6000, 600, np.int16).reshape(4, 5), s16().quant)),
)
