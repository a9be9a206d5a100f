"""Comparisons, SELECT_V2, CAST, and what makes or repeats constants."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const, rng
from tests.tflite.cases.elementwise import BROADCASTS, EVERY_PAIR
from tests.tflite.cases.pairs import DTYPES, values

COMPARISONS = ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")


def title(op: str) -> str:
    return "".join(part.capitalize() for part in op.split("_")) + "Options"


def compared(op: str, type: str, note: str = "", a=(2, 3, 4), b=(2, 3, 4), constant="") -> Case:
    """Half of the elements are equal. constant: "b" for an operand in the file."""
    name, dtype = f"{op} {type} {note}", np.dtype(DTYPES[type])
    data = [values(f"{name} {w}", dtype, s) for w, s in (("a", a), ("b", b))]
    if a == b:
        data[1] = np.where(rng(name).integers(0, 2, b) == 0, data[0], data[1])
    tensors = [T(s, dtype, data=d if w == constant else None) for w, s, d in zip("ab", (a, b), data, strict=True)]
    y = T(np.broadcast_shapes(a, b), np.bool_)
    inputs = [t for t in tensors if t.data is None]
    given = {f"x{i}": d for i, d in enumerate(d for t, d in zip(tensors, data, strict=True) if t.data is None)}
    return case(name, O(op, tensors, (y,), (title(op), {})), inputs, (y,), **given)


def compared_bytes(op: str, note: str, scales, zeros) -> Case:
    x, w = T((256, 1), scale=scales[0], zero=zeros[0]), T((1, 256), scale=scales[1], zero=zeros[1])
    y = T((256, 256), np.bool_)
    made = O(op, (x, w), (y,), (title(op), {}))
    return case(f"{op} s8 {note}", made, (x, w), (y,), x0=EVERY_PAIR, x1=EVERY_PAIR)


def selected(type: str, note: str, c, a, b) -> Case:
    how = {
        "f32": {"dtype": np.float32},
        "s8": {"scale": 0.05, "zero": 3},
        "s16": {"dtype": np.int16, "scale": 0.05},
    }[type]
    out = np.broadcast_shapes(c, a, b)
    name = f"SELECT_V2 {type} {note}"
    inputs, y = (T(c, np.bool_), T(a, **how), T(b, **how)), T(out, **how)
    condition = values(name, np.dtype(np.bool_), c)
    return case(name, O("SELECT_V2", inputs, (y,), ("SelectV2Options", {})), inputs, (y,), x0=condition)


def cast(before: str, after: str) -> Case:
    types = {"f32": np.float32, "s8": np.int8, "s16": np.int16, "s32": np.int32, "bool": np.bool_}

    def tensor(type: str) -> T:
        return T((3, 40), types[type], scale=0.1 if type in ("s8", "s16") else None)

    name, (x, y) = f"CAST {before} to {after}", (tensor(before), tensor(after))
    generator = rng(name)
    data = generator.integers(-100, 100, (3, 40))
    if before == "f32":
        data = generator.normal(0, 40, (3, 40))
    elif before == "bool":
        data = data > 0
    elif before == "s32":
        data = generator.integers(-(2**31), 2**31, (3, 40))
    if after == "bool":
        data = np.where(generator.integers(0, 3, (3, 40)) == 0, 0, data)
    made = O("CAST", (x,), (y,), ("CastOptions", {}))
    return case(name, made, (x,), (y,), x0=data.astype(types[before]))


def broadcast(type: str, x, out) -> Case:
    how = {"s8": {"scale": 0.05, "zero": 3}, "s16": {"dtype": np.int16, "scale": 0.05}}.get(type)
    a, y = (T(s, **(how or {"dtype": DTYPES[type]})) for s in (x, out))
    given = {} if how else {"x0": values(f"{type} {x}", np.dtype(DTYPES[type]), x)}
    made = O("BROADCAST_TO", (a, const(out)), (y,), ("BroadcastToOptions", {}))
    return case(f"BROADCAST_TO {type} {list(x)} to {list(out)}", made, (a,), (y,), **given)


def filled(type: str, out) -> Case:
    how = {"scale": 0.05, "zero": 3} if type == "s8" else {"dtype": DTYPES[type]}
    a, y = T((), **how), T(out, **how)
    return case(f"FILL {type} {list(out)}", O("FILL", (const(out), a), (y,), ("FillOptions", {})), (a,), (y,))


def folded() -> tuple[Case, ...]:
    """Constants that TFLM computes on the target, each added to an input."""
    x, zeros, y = (T((2, 3), np.int32) for _ in range(3))
    made = [O("ZEROS_LIKE", (x,), (zeros,), ("ZerosLikeOptions", {})), O("MAXIMUM", (x, zeros), (y,))]
    yield case("ZEROS_LIKE s32", made, (x,), (y,))
    x, zeros, y = T((2, 3), scale=0.1, zero=7), T((2, 3), scale=0.1, zero=7), T((2, 3), scale=0.1, zero=7)
    made = [O("ZEROS_LIKE", (x,), (zeros,), ("ZerosLikeOptions", {})), O("MAXIMUM", (x, zeros), (y,))]
    yield case("ZEROS_LIKE s8", made, (x,), (y,))
    x, extents, y = T((4, 3), np.int32), T((2,), np.int32), T((4, 3), np.int32)
    x2, y2 = T((1, 2), np.int32), T((1, 2), np.int32)
    made = [O("SHAPE", (x,), (extents,), ("ShapeOptions", {"OutType": 2})), O("ADD", (x2, extents), (y2,), ADD),
            O("MAXIMUM", (x, x), (y,))]  # fmt: skip
    yield case("SHAPE", made, (x, x2), (y, y2))
    x, ones, y = T((3, 2), np.float32), T((3, 2), np.float32), T((3, 2), np.float32)
    made = [O("FILL", (const((3, 2)), const(1.5, np.float32)), (ones,), ("FillOptions", {})),
            O("MAXIMUM", (x, ones), (y,))]  # fmt: skip
    yield case("FILL constant", made, (x,), (y,))
    x, extents, y = T((3,), np.int32), T((3,), np.int32), T((3,), np.int32)
    made = [O("BROADCAST_ARGS", (const([4, 1]), const([2, 1, 5])), (extents,)), O("ADD", (x, extents), (y,), ADD)]
    yield case("BROADCAST_ARGS", made, (x,), (y,))


ADD = ("AddOptions", {})
SELECTS = (
    ("alike", (2, 3, 4), (2, 3, 4), (2, 3, 4)),
    ("condition per row", (2, 3, 1), (2, 3, 4), (2, 3, 4)),
    ("scalars", (2, 3, 4), (1,), (1,)),
    ("all broadcast", (2, 1, 1), (1, 3, 1), (1, 1, 4)),
)

CASES = (
    *(compared(op, t) for op in COMPARISONS for t in ("f32", "s32", "s64")),
    *(compared(op, "bool") for op in COMPARISONS[:2]),
    *(compared(op, t, f"broadcast {n}", a=a, b=b) for op in COMPARISONS for t in ("f32", "s32") for n, a, b in BROADCASTS),
    *(compared(op, t, f"constant {n}", a=a, b=b, constant="b") for op in COMPARISONS for t in ("f32", "s64")
      for n, a, b in (("alike", (3, 4), (3, 4)), ("row", (3, 4), (4,)), ("large", (4,), (3, 4)))),
    *(compared_bytes(op, n, s, z) for op in COMPARISONS for n, s, z in (
        ("one scale", (0.5, 0.5), (0, 0)), ("two scales", (0.0235, 0.0417), (3, -7)),
        ("fine", (0.001, 0.002), (-128, 127)), ("coarse", (0.9, 0.01), (5, -128)))),
    *(selected(t, *s) for t in ("f32", "s8", "s16") for s in SELECTS),
    *(cast(a, b) for a in ("f32", "s8", "s16", "s32", "bool") for b in ("f32", "s8", "s16", "s32", "bool")),
    *(broadcast(t, x, y) for t in ("f32", "s8", "s16", "s32", "s64", "bool") for x, y in (
        ((1, 3, 1), (2, 3, 4)), ((4,), (2, 3, 4)), ((2, 1, 3, 1), (2, 2, 3, 2)), ((1,), (7,)))),
    *(filled(t, y) for t in ("f32", "s8", "s32") for y in ((3, 4), (5,))),
    *folded(),
)  # fmt: skip
