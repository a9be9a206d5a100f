"""AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D and MEAN."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const
from tests.tflite.cases.convolution import ACTIVATIONS, SAME, VALID, extent

GEOMETRY = (
    ("2x2", (1, 6, 6, 3), (2, 2), (2, 2), VALID),
    ("2x2 odd", (1, 7, 5, 3), (2, 2), (2, 2), SAME),
    ("3x3 stride 1", (1, 5, 6, 4), (3, 3), (1, 1), SAME),
    ("3x3 stride 2", (2, 8, 7, 2), (3, 3), (2, 2), SAME),
    ("5x2 stride 3x1", (1, 9, 6, 2), (5, 2), (3, 1), VALID),
    ("4x4", (1, 9, 9, 1), (4, 4), (1, 1), SAME),
    ("whole", (1, 5, 5, 9), (5, 5), (1, 1), VALID),
    ("25x5", (1, 25, 5, 3), (25, 5), (25, 5), VALID),
    ("1x1", (1, 3, 3, 2), (1, 1), (1, 1), VALID),
)


def pool(kind: str, name: str, x, kernel, stride, padding, activation="none", real=False, scale=0.05, zero=-3) -> Case:
    out = (x[0], *(extent(x[i + 1], kernel[i], stride[i], 1, padding) for i in (0, 1)), x[3])
    how = {"dtype": np.float32} if real else {"scale": scale, "zero": zero}
    a, y = T(x, **how), T(out, **how)
    options = dict(
        Padding=padding, StrideH=stride[0], StrideW=stride[1], FilterHeight=kernel[0], FilterWidth=kernel[1],
        FusedActivationFunction=ACTIVATIONS[activation],
    )  # fmt: skip
    made = O(kind, (a,), (y,), ("Pool2DOptions", options), version=2)
    return case(f"{kind} {'f32' if real else 's8'} {name}", made, (a,), (y,))


def mean(name: str, x, axes, keep: bool, real=False, scales=(0.05, 0.05), zeros=(-3, -3)) -> Case:
    out = tuple(1 if i in axes else d for i, d in enumerate(x) if keep or i not in axes)
    a = T(x, np.float32) if real else T(x, scale=scales[0], zero=zeros[0])
    y = T(out, np.float32) if real else T(out, scale=scales[1], zero=zeros[1])
    made = O("MEAN", (a, const(axes)), (y,), ("ReducerOptions", {"KeepDims": int(keep)}), version=2)
    return case(f"MEAN {'f32' if real else 's8'} {name}", made, (a,), (y,))


MEANS = (
    ("images kept", (1, 7, 7, 5), (1, 2), True),
    ("images", (2, 4, 3, 5), (1, 2), False),
    ("last axis", (1, 3, 4, 9), (3,), True),
    ("rows", (1, 6, 3, 4), (1,), False),
    ("all", (1, 2, 3, 4), (0, 1, 2, 3), True),
    ("vector", (3, 10), (1,), False),
    ("halves", (1, 2, 2, 9), (1, 2), False),
    ("three axes", (2, 30, 5), (1,), False),
)

BOTH = ("AVERAGE_POOL_2D", "MAX_POOL_2D")

CASES = (
    *(pool(kind, *g, real=r) for kind in BOTH for g in GEOMETRY for r in (False, True)),
    *(pool("L2_POOL_2D", *g, real=True) for g in GEOMETRY),
    *(pool("L2_POOL_2D", f"{a}", *GEOMETRY[2][1:], activation=a, real=True) for a in ACTIVATIONS),
    *(
        pool(k, f"{a}", *GEOMETRY[2][1:], activation=a, real=r)
        for k in BOTH
        for a in ACTIVATIONS
        for r in (False, True)
    ),
    *(pool(k, f"zero point {z}", *GEOMETRY[2][1:], zero=z, activation="relu6") for k in BOTH for z in (-128, 0, 127)),
    *(mean(*m, real=r) for m in MEANS for r in (False, True)),
    *(mean(f"{m[0]} rescaled", *m[1:], scales=(0.05, 0.013), zeros=(7, -100)) for m in MEANS),
    *(mean(f"{m[0]} rescaled down", *m[1:], scales=(0.0471, 0.2), zeros=(-128, 127)) for m in MEANS),
)
