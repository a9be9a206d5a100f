"""Cases of reduce."""

from __future__ import annotations

import dataclasses

import numpy as np
from barecast.graph import DType, Rule, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.reduce import LANES, Reduce

from tests.cases import int16
from tests.cases.build import Case, case, f32, s8, s16
from tests.cases.mac import CHANNELS, FLOAT, out

SHAPES = (
    ("global average", (1, 4, 5, 6), Reduce("mean", (1, 2))),
    ("global average without axes kept", (2, 4, 4, 3), Reduce("mean", (1, 2), keepdims=False)),
    ("last axis", (2, 3, 8), Reduce("mean", (2,))),
    ("first axis", (4, 3), Reduce("mean", (0,), keepdims=False)),
    ("all axes", (2, 3, 4), Reduce("mean", (0, 1, 2), keepdims=False)),
    ("middle axis of many", (2, 3, 4, 5), Reduce("mean", (1,))),
    ("axes with ones between", (3, 2, 1, 4, 2), Reduce("mean", (1, 3))),
    ("axes of extent one", (1, 1, 5), Reduce("mean", (0, 1))),
    ("no axes", (2, 5), Reduce("mean", ())),
)


def pair(name: str, shape, attrs: Reduce) -> tuple[Case, Case]:
    return (
        case(f"f32 {name}", "reduce", attrs, (f32(*shape),), FLOAT),
        case(f"s8 {name}", "reduce", attrs, (s8(*shape, scale=0.05, zero=7),), out(0.03, -3)),
    )


def rescaled(name: str, n: int, scale: float, y_scale: float, zero: int, y_zero: int, **attributes) -> Case:
    attrs = Reduce("mean", (1,), **attributes)
    return case(f"s8 {name} of {n}", "reduce", attrs, (s8(1, n, 64, scale=scale, zero=zero),), out(y_scale, y_zero))


def aggregated(kind: str, name: str, shape, attrs: Reduce) -> tuple[Case, ...]:
    attrs = dataclasses.replace(attrs, kind=kind)
    if kind == "all":
        type = TensorType(DType.BOOL, shape)
        return (case(f"all {name}", "reduce", attrs, (type,), (DType.BOOL, None)),)
    found = [case(f"{kind} f32 {name}", "reduce", attrs, (f32(*shape),), FLOAT)]
    x = s8(*shape, scale=0.05, zero=7)
    if kind == "sum":
        for rule in (Rule.TFLITE, Rule.TFLITE_SINGLE):
            label = f"sum s8 {name} {rule.value}"
            found.append(case(label, "reduce", attrs, (x,), out(0.3, -3), rule=rule))
    else:
        found.append(case(f"{kind} s8 {name}", "reduce", attrs, (x,), (DType.S8, x.quant)))
        clamped = dataclasses.replace(attrs, activation=Clamp(0, 2))
        found.append(case(f"{kind} s8 clamped {name}", "reduce", clamped, (x,), (DType.S8, x.quant)))
    return tuple(found)


def not_numbers(kind: str) -> Case:
    data = np.array([[np.nan, 1, -2], [np.nan] * 3, [3, np.nan, np.inf], [-np.inf, -1, np.nan]], np.float32)
    return case(f"{kind} f32 NaN", "reduce", Reduce(kind, (1,)), (f32(4, 3),), FLOAT, {"x0": data})


CASES = (
    *(c for kind in ("sum", "max", "min", "all") for s in SHAPES[:: 1 if kind == "max" else 3] for c in aggregated(kind, *s)),
    *(not_numbers(kind) for kind in ("max", "min")),
    *(c for s in SHAPES for c in pair(*s)),
    *(c for n in CHANNELS for c in pair(f"{n} channels", (1, 3, 2, n), Reduce("mean", (1, 2)))),
    *(c for n in (15, 31, 32, 33) for c in pair(f"{n} channels", (2, 3, 2, n), Reduce("mean", (1, 2)))),
    *pair("relu", (1, 3, 4, 5), Reduce("mean", (1, 2), activation=Clamp(0))),
    *(rescaled("same scale", n, 0.05, 0.05, -128, -128) for n in (1, 2, 3, 4, 6, 8, 10, 49, 64)),
    *(rescaled("same scale, in lanes,", n, 0.0537, 0.0537, -128, -128, lanes=LANES) for n in (2, 3, 4, 6, 8, 10, 12, 22, 64)),
    *(rescaled("same scale, in four lanes,", n, 0.0537, 0.0537, -128, -128, lanes=4) for n in (2, 6, 10, 64)),
    *(rescaled(f"fused as {f}", n, 0.0537, 0.0537, -128, -7, fused=f) for n in (2, 6, 10, 64) for f in ("u8", "s8")),
    *(rescaled("more than a 16-bit lane holds:", n, 0.05, 0.05, 127, 127) for n in (255, 256, 257, 600)),
    case(
        "s8 all lowest",
        "reduce",
        Reduce("mean", (1,)),
        (s8(1, 515, 9, scale=0.05, zero=-127),),
        out(0.05, -127),
        {"x0": np.full((1, 515, 9), -128, np.int8)},
    ),
    rescaled("twice the scale", 4, 0.05, 0.1, 0, 0),
    rescaled("half the scale", 4, 0.1, 0.05, 127, -128),
    rescaled("saturating", 5, 1.0, 0.01, 3, 3),
    rescaled("vanishing", 5, 0.001, 1.0, 3, 3),
    *(
        int16.tflite(f"{name}, to {y}", "reduce", attrs, (s16(*shape),), int16.out(y, zero), rule=rule)
        for name, shape, attrs in SHAPES
        for y, zero in ((0.001, 0), (0.0003, -7), (0.02, 99))
        for rule in int16.RULES
    ),
)
