"""Cases of pool2d."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from barecast.graph import Rule
from barecast.ops.clamp import Clamp
from barecast.ops.pool2d import Pool2d

from tests.cases import int16
from tests.cases.build import Case, case, f32, rng, s8, s16
from tests.cases.mac import CHANNELS, FLOAT, out

GEOMETRY = (
    ("2x2 stride 2", (1, 6, 4, 8), Pool2d("max", (2, 2), (2, 2))),
    ("3x3 stride 2 same", (1, 7, 6, 5), Pool2d("max", (3, 3), (2, 2), pads=(1, 1, 1, 1))),
    ("3x3 stride 1 same", (1, 5, 5, 4), Pool2d("max", (3, 3), pads=(1, 1, 1, 1))),
    ("whole input", (1, 5, 3, 4), Pool2d("max", (5, 3))),
    ("1x1", (1, 3, 3, 4), Pool2d("max", (1, 1))),
    ("uneven pads", (2, 5, 6, 10), Pool2d("max", (3, 2), (2, 1), pads=(0, 1, 2, 0))),
    ("dilated", (1, 8, 9, 11), Pool2d("max", (2, 3), dilations=(3, 2), pads=(1, 2, 1, 2))),
    ("kernel larger than input", (1, 2, 2, 3), Pool2d("max", (3, 3), pads=(1, 1, 1, 1))),
    ("4x6", (1, 9, 13, 2), Pool2d("max", (4, 6), (3, 2))),
    ("whole input of 289", (1, 17, 17, 5), Pool2d("max", (17, 17))),
    ("20x16 windows", (1, 21, 18, 18), Pool2d("max", (20, 16), (2, 1), pads=(2, 0, 1, 1))),
)


def named(kind: str, name: str, shape, attrs: Pool2d, **changes) -> tuple[Case, Case]:
    """The case in float and in integers; an average rescales, a maximum does not."""
    attrs = replace(attrs, kind=kind, **changes)
    y = out(0.04, -3) if kind == "avg" else out(0.05, 7)
    return (
        case(f"f32 {kind} {name}", "pool2d", attrs, (f32(*shape),), FLOAT),
        case(f"s8 {kind} {name}", "pool2d", attrs, (s8(*shape, scale=0.05, zero=7),), y),
    )


def average(name: str, attrs: Pool2d, scale: float, y_scale: float, zero: int, y_zero: int) -> Case:
    return case(f"s8 avg {name}", "pool2d", attrs, (s8(1, 8, 8, 16, scale=scale, zero=zero),), out(y_scale, y_zero))


def wide(kind: str, name: str, shape, attrs: Pool2d, **changes) -> Case:
    """int16; input and output count as one quantisation."""
    attrs = replace(attrs, kind=kind, **changes)
    return int16.tflite(f"{kind} {name}", "pool2d", attrs, (s16(*shape),), int16.out())


def tflite(name: str, shape, attrs: Pool2d, given=None, **changes) -> Case:
    """An int8 average by TensorFlow Lite's rules: input and output have one quantisation."""
    attrs = replace(attrs, kind="avg", **changes)
    return case(f"tflite avg {name}", "pool2d", attrs, (s8(*shape, zero=7),), out(0.05, 7), given, Rule.TFLITE)


EVERY_COUNT = rng("every count").integers(-128, 128, (1, 1, 255, 19)).astype(np.int8)
EVERY_COUNT[..., 0], EVERY_COUNT[..., 1] = -128, 127
EVERY_COUNT[..., 2:6] = np.sort(EVERY_COUNT[..., 2:6], axis=2)

TWO = Pool2d("avg", (2, 2), (2, 2))
THREE = Pool2d("avg", (3, 3), pads=(1, 1, 1, 1))

CASES = (
    *(c for kind in ("max", "avg") for g in GEOMETRY for c in named(kind, *g)),
    *(c for g in GEOMETRY for c in named("avg", f"include pad {g[0]}", *g[1:], include_pad=True)),
    *(c for n in CHANNELS for c in named("max", f"{n} channels", (1, 4, 4, n), Pool2d("max", (2, 2), (2, 2)))),
    *(c for n in CHANNELS for c in named("avg", f"{n} channels", (1, 4, 4, n), Pool2d("avg", (2, 2), (2, 2)))),
    *(
        c
        for kind in ("max", "avg")
        for n in (15, 31, 32, 33)
        for c in named(kind, f"{n} channels, padded", (1, 5, 4, n), Pool2d(kind, (3, 3), pads=(1, 1, 1, 1)))
    ),
    *named("max", "relu", (1, 4, 4, 3), replace(TWO, activation=Clamp(0))),
    *named("avg", "relu6", (1, 4, 4, 3), replace(TWO, activation=Clamp(0, 6))),
    *(
        average(f"{name} zero points {z} {y}", attrs, 0.05, 0.05, z, y)
        for name, attrs in (("2x2", TWO), ("3x3", THREE))
        for z, y in ((0, 0), (-128, -128), (127, 127), (5, 5), (3, -8))
    ),
    *(
        case(f"s8 avg {n} elements of {v}", "pool2d", Pool2d("avg", (1, n)), (s8(1, 1, n, 6, zero=5),), out(), {"x0": full})
        for n, v in ((255, -128), (257, -128), (300, 127), (600, -128))
        for full in (np.full((1, 1, n, 6), v, np.int8),)
    ),
    average("to twice the scale", TWO, 0.05, 0.1, 1, 1),
    average("to half the scale", TWO, 0.1, 0.05, 1, 1),
    average("to 1000 times the scale", THREE, 0.001, 1.0, 1, 1),
    average("saturating", THREE, 1.0, 0.001, 1, 1),
    average("saturating by a power of two", TWO, 2.0**14, 2.0**-14, 1, 1),
    *(
        average(f"odd scale kept, fused as {f}, {name}", replace(attrs, fused=f), 0.0537, 0.0537, -7, 5)
        for name, attrs in (("2x2", TWO), ("3x3", THREE))
        for f in ("u8", "s8")
    ),
    average("odd scale kept, columns first", replace(TWO, columns_first=True), 0.0537, 0.0537, -128, 5),
    average("odd scale kept, columns first, padded", replace(THREE, columns_first=True), 0.0537, 0.0537, -7, -128),
    average("odd scale kept", TWO, 0.0537, 0.0537, -128, 5),
    average("odd scale kept at borders", THREE, 0.0537, 0.0537, -7, -128),
    *(tflite(*g) for g in GEOMETRY),
    tflite("of 1 to 255", (1, 1, 255, 19), Pool2d("avg", (1, 255), pads=(0, 254, 0, 0)), {"x0": EVERY_COUNT}),
    *(tflite(f"{n} channels, padded", (1, 5, 4, n), THREE) for n in (15, 16, 31, 33)),
    tflite("relu6", (1, 4, 4, 3), TWO, activation=Clamp(0, 6)),
    tflite("3x3 of 257 channels", (1, 4, 3, 257), Pool2d("avg", (3, 3))),
    *(wide(kind, *g) for kind in ("max", "avg") for g in GEOMETRY),
    *(
        int16.tflite(f"avg of {n} of {v}", "pool2d", Pool2d("avg", (1, n)), (s16(1, 1, n, 6),), int16.out(), {"x0": x})
        for n, v in ((3, -32768), (4095, -32768), (4096, -32768), (4096, 32767), (4097, 32767))
        for x in (np.full((1, 1, n, 6), v, np.int16),)
    ),
    int16.tflite("avg of 1 to 255", "pool2d", Pool2d("avg", (1, 255), pads=(0, 254, 0, 0)), (s16(1, 1, 255, 6),), int16.out()),
    *(wide(kind, "relu6", (1, 4, 4, 3), TWO, activation=Clamp(0, 6)) for kind in ("max", "avg")),
)
