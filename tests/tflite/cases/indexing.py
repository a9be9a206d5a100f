"""GATHER, GATHER_ND, EMBEDDING_LOOKUP and DYNAMIC_UPDATE_SLICE, with constant indices and indices at run time."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const, rng

KINDS = {"f32": {"dtype": np.float32}, "s8": {"scale": 0.05, "zero": -3}}


def indexed(op: str, name: str, a: T, y: T, indices: np.ndarray, fixed: bool, options=None, first=False) -> Case:
    """An operator with a tensor and int32 indices (in front of it if `first`), which are constant if `fixed`."""
    places = const(indices) if fixed else T(indices.shape, np.int32)
    operands = (places, a) if first else (a, places)
    given = [t for t in operands if t.data is None]
    data = {} if fixed else {f"x{next(i for i, t in enumerate(given) if t is places)}": indices}
    return case(f"{op} {name}{' fixed' * fixed}", O(op, operands, (y,), options, version=3), given, (y,), **data)


def gather(type: str, x, places, axis: int, shared: int, fixed: bool) -> Case:
    at, common = axis % len(x), shared + (len(places) if shared < 0 else 0)
    indices = rng(f"{x} {places}").integers(0, x[at], places).astype(np.int32)
    a, y = T(x, **KINDS[type]), T((*x[:at], *places[common:], *x[at + 1 :]), **KINDS[type])
    options = ("GatherOptions", {"Axis": axis, "BatchDims": shared})
    return indexed("GATHER", f"{type} {list(x)} {list(places)} {axis} {shared}", a, y, indices, fixed, options)


def gather_nd(type: str, x, places, fixed: bool) -> Case:
    depth = places[-1]
    indices = rng(f"{x} {places}").integers(0, np.array(x[:depth]), places).astype(np.int32)
    a, y = T(x, **KINDS[type]), T((*places[:-1], *x[depth:]), **KINDS[type])
    name = f"{type} {list(x)} {list(places)}"
    return indexed("GATHER_ND", name, a, y, indices, fixed, ("GatherNdOptions", {}))


def lookup(before: str, after: str, x, count: int, table: bool) -> Case:
    generator = rng(f"{before} {x}")
    data = generator.integers(-100, 100, x) if table else None
    how = {**KINDS[before], "zero": 0} if before == "s8" else KINDS[before]
    a = T(x, **how, data=None if data is None else data.astype(how.get("dtype", np.int8)))
    y = T((count, *x[1:]), **({**KINDS[after], "zero": 0} if after == "s8" else KINDS[after]))
    indices = generator.integers(0, x[0], count).astype(np.int32)
    name = f"{before} {after} {list(x)} {count}{' table' * table}"
    return indexed("EMBEDDING_LOOKUP", name, a, y, indices, fixed=not table, first=True)


def update(type: str, x, part, start, fixed: bool, wide: bool = False) -> Case:
    how = {**KINDS, "s16": {"dtype": np.int16, "scale": 0.001}, "s32": {"dtype": np.int32}}[type]
    a, b, y = T(x, **how), T(part, **how), T(x, **how)
    kind = np.int64 if wide else np.int32
    at = const(start, kind) if fixed else T((len(x),), kind)
    made = O("DYNAMIC_UPDATE_SLICE", (a, b, at), (y,), ("DynamicUpdateSliceOptions", {}))
    name = f"DYNAMIC_UPDATE_SLICE {type} {list(x)} {list(part)} {start}{' fixed' * fixed}{' int64' * wide}"
    given = {} if fixed else {"x2": np.array(start, kind)}
    return case(name, made, [t for t in (a, b, at) if t.data is None], (y,), **given)


GATHERS = (
    ((9,), (4,), 0, 0),
    ((5, 3), (2, 3), 0, 0),
    ((2, 5, 3), (4,), 1, 0),
    ((2, 5, 3), (4,), -1, 0),
    ((3, 4, 2), (3, 5), 1, 1),
    ((2, 3, 4, 5), (2, 2), 2, 1),
    ((2, 3, 4), (2, 3, 2), 2, -1),
)
PARTS = (
    ((9,), (4,), (3,)),
    ((4, 5, 6), (2, 3, 4), (1, 2, 1)),
    ((4, 5, 6), (2, 3, 4), (9, 3, -7)),
    ((2, 3), (2, 3), (1, 1)),
    ((2, 3, 2, 3), (1, 2, 1, 2), (1, 0, 1, 1)),
)

CASES = (
    *(gather(t, *how, fixed) for t in KINDS for how in GATHERS for fixed in (False, True)),
    *(gather_nd(t, x, p, fixed) for t in KINDS for fixed in (False, True) for x, p in (
        ((5, 3), (4, 1)), ((5, 3), (6, 2)), ((4, 3, 2, 5), (2, 3, 2)), ((2, 3, 2, 3, 2), (7, 5)), ((4, 3, 2), (2,)))),
    *(lookup(b, a, x, n, table) for b, a in (("f32", "f32"), ("s8", "s8"), ("s8", "f32"))
      for x, n in (((20, 5), 6), ((7, 2, 3), 3)) for table in (False, True)),
    *(update(t, *p, fixed) for t in ("f32", "s8", "s16", "s32") for p in PARTS for fixed in (False, True)),
    *(update(t, *p, fixed, wide=True) for t in ("f32", "s8") for p in PARTS for fixed in (False, True)),
)  # fmt: skip
