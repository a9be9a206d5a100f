"""SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_ALL, MEAN over scattered axes, ARG_MAX, ARG_MIN, CUMSUM and ADD_N."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const, rng
from tests.tflite.cases.pooling import MEANS

SCATTERED = (
    ("scattered", (2, 3, 4, 5), (0, 2), False),
    ("scattered kept", (2, 3, 4, 5), (1, 3), True),
    ("three of five", (2, 3, 2, 3, 2), (0, 2, 4), False),
    ("negative axes", (2, 3, 4, 5), (-1, -3), False),
)
QUANTS = ((0.05, 0.05, -3, -3), (0.05, 0.3, 7, -100), (0.0471, 0.9, -128, 127), (0.3, 0.02, 127, -128))
"""(scale in, out, zero point in, out)."""


def reduced(op: str, type: str, name: str, x, axes, keep: bool, quant=QUANTS[0]) -> Case:
    whole = [a % len(x) for a in axes]
    out = tuple(1 if i in whole else d for i, d in enumerate(x) if keep or i not in whole)
    scale, scale_y, zero, zero_y = quant
    how = {"f32": {"dtype": np.float32}, "bool": {"dtype": np.bool_}, "s8": {"scale": scale, "zero": zero}}[type]
    a = T(x, **how)
    y = T(out, scale=scale_y, zero=zero_y) if type == "s8" else T(out, **how)
    name = f"{op} {type} {name} {quant if quant is not QUANTS[0] else ''}"
    given = {"x0": rng(name).integers(0, 8, x) > 0} if type == "bool" else {}
    made = O(op, (a, const(axes)), (y,), ("ReducerOptions", {"KeepDims": int(keep)}), version=2)
    return case(name, made, (a,), (y,), **given)


def arg(op: str, type: str, x, axis: int) -> Case:
    a = T(x, scale=0.1, zero=4) if type == "s8" else T(x, np.float32)
    y = T(tuple(d for i, d in enumerate(x) if i != axis % len(x)), np.int32)
    name = f"{op} {type} {list(x)} over {axis}"
    table = "ArgMaxOptions" if op == "ARG_MAX" else "ArgMinOptions"
    data = rng(name).integers(-4, 5, x)
    made = O(op, (a, const(axis)), (y,), (table, {"OutputType": 2}))
    return case(name, made, (a,), (y,), x0=data)


def cumsum(type: str, axis: int, exclusive: bool, reverse: bool, shape=(2, 5, 3), quant=QUANTS[1]) -> Case:
    scale, scale_y, zero, zero_y = quant
    x = T(shape, np.float32) if type == "f32" else T(shape, scale=scale, zero=zero)
    y = T(shape, np.float32) if type == "f32" else T(shape, scale=scale_y, zero=zero_y)
    how = {"Exclusive": int(exclusive), "Reverse": int(reverse)}
    made = O("CUMSUM", (x, const(axis)), (y,), ("CumsumOptions", how))
    return case(f"CUMSUM {type} {list(shape)} {axis} {exclusive} {reverse} {quant}", made, (x,), (y,))


def add_n(type: str, count: int, quant=QUANTS[1], shape=(3, 40)) -> Case:
    scale, scale_y, zero, zero_y = quant
    how = {"dtype": np.float32} if type == "f32" else {"scale": scale, "zero": zero}
    inputs = [T(shape, **how) for _ in range(count)]
    y = T(shape, np.float32) if type == "f32" else T(shape, scale=scale_y, zero=zero_y)
    return case(f"ADD_N {type} {count} {quant}", O("ADD_N", inputs, (y,), ("AddNOptions", {})), inputs, (y,))


CASES = (
    *(reduced(op, t, *m) for op in ("SUM", "REDUCE_MAX", "REDUCE_MIN") for t in ("f32", "s8")
      for m in (*MEANS, *SCATTERED)),
    *(reduced("MEAN", t, *m) for t in ("f32", "s8") for m in SCATTERED),
    *(reduced(op, "s8", *m, q) for op in ("MEAN", "SUM") for m in (MEANS[0], MEANS[5], *SCATTERED) for q in QUANTS[1:]),
    *(reduced("REDUCE_ALL", "bool", *m) for m in (MEANS[1], MEANS[2], SCATTERED[0])),
    *(arg(op, t, x, axis) for op in ("ARG_MAX", "ARG_MIN") for t in ("f32", "s8")
      for x, axis in (((1, 10), 1), ((2, 3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4), -1))),
    *(cumsum(t, a, e, r) for t in ("f32", "s8") for a in (0, 1, -1) for e in (False, True) for r in (False, True)),
    *(cumsum("s8", 1, False, False, (2, 12), q) for q in QUANTS),
    *(add_n(t, n) for t in ("f32", "s8") for n in (2, 3, 7)),
    *(add_n("s8", 4, q) for q in QUANTS),
)  # fmt: skip
