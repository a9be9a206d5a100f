"""Operators that move numbers, and QUANTIZE and DEQUANTIZE."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const, rng

TYPES = {
    "f32": {"dtype": np.float32},
    "s8": {"scale": 0.05, "zero": -3},
    "s16": {"dtype": np.int16, "scale": 0.0007},
}
VIEWED = {**TYPES, "u8": {"dtype": np.uint8, "scale": 0.05, "zero": 130}}
"""uint8 is only reshaped, reversed, dequantised, and requantised from and to int8 by TFLM."""
PLAIN = {"s32": {"dtype": np.int32}, "s64": {"dtype": np.int64}, "bool": {"dtype": np.bool_}}
SHIFTED = {
    "s16 of zero 7": {"dtype": np.int16, "scale": 0.013, "zero": 7},
    "s32 of zero 7": {"dtype": np.int32, "scale": 0.013, "zero": 7},
}
EVERY = {**VIEWED, **PLAIN, **SHIFTED}


def shaped(op: str, type: str, x, out, *extra: T, options=None) -> Case:
    a, y = T(x, **EVERY[type]), T(out, **EVERY[type])
    return case(f"{op} {type} {list(x)} to {list(out)}", O(op, (a, *extra), (y,), options), (a,), (y,))


def concat(type: str, shapes, axis: int) -> Case:
    inputs = [T(s, **EVERY[type]) for s in shapes]
    out = list(shapes[0])
    out[axis] = sum(s[axis] for s in shapes)
    y = T(tuple(out), **EVERY[type])
    made = O("CONCATENATION", inputs, (y,), ("ConcatenationOptions", {"Axis": axis}))
    return case(f"CONCATENATION {type} {shapes} along {axis}", made, inputs, (y,))


def pad(type: str, x, amounts, value=None) -> Case:
    how = EVERY[type]
    a = T(x, **how)
    y = T(tuple(d + b + e for d, (b, e) in zip(x, amounts, strict=True)), **how)
    operands = [a, const(amounts)]
    if value is not None:
        operands.append(const([value], how.get("dtype", np.int8), **{k: v for k, v in how.items() if k != "dtype"}))
    op = "PAD" if value is None else "PADV2"
    return case(f"{op} {type} {list(x)} by {amounts} {value}", O(op, operands, (y,)), (a,), (y,))


def transpose(type: str, x, perm) -> Case:
    a, y = T(x, **EVERY[type]), T(tuple(x[p] for p in perm), **EVERY[type])
    return case(f"TRANSPOSE {type} {list(x)} {list(perm)}", O("TRANSPOSE", (a, const(perm)), (y,)), (a,), (y,))


def blocks(op: str, type: str, x, out, size: int) -> Case:
    table = "DepthToSpaceOptions" if op == "DEPTH_TO_SPACE" else "SpaceToDepthOptions"
    a, y = T(x, **EVERY[type]), T(out, **EVERY[type])
    return case(f"{op} {type} {list(x)}", O(op, (a,), (y,), (table, {"BlockSize": size})), (a,), (y,))


def pack(type: str, count: int, shape, axis: int) -> Case:
    inputs = [T(shape, **EVERY[type]) for _ in range(count)]
    place = axis if axis >= 0 else axis + len(shape) + 1
    y = T((*shape[:place], count, *shape[place:]), **EVERY[type])
    made = O("PACK", inputs, (y,), ("PackOptions", {"ValuesCount": count, "Axis": axis}), version=2)
    return case(f"PACK {type} {count} of {list(shape)} along {axis}", made, inputs, (y,))


def part(type: str, op: str, x, outs, *, before=(), after=(), options=None, note="") -> Case:
    """An operator with one tensor among constants, and several outputs."""
    a, ys = T(x, **EVERY[type]), [T(o, **EVERY[type]) for o in outs]
    made = O(op, (*before, a, *after), ys, options, version=2)
    return case(f"{op} {type} {list(x)} to {outs} {note}", made, (a,), ys)


def strided(type: str, x, out, begin, end, stride, **masks: int) -> Case:
    constants = (const(begin), const(end), const(stride))
    note = f"{begin} {end} {stride} {masks}"
    return part(type, "STRIDED_SLICE", x, [out], after=constants, options=("StridedSliceOptions", masks), note=note)


def reshaped_by_its_extents() -> Case:
    """[N, 3, 4] as [N, 12], the way converters write it: SHAPE, STRIDED_SLICE, PACK, RESHAPE."""
    x, y = T((2, 3, 4), np.float32), T((2, 12), np.float32)
    operators, wanted = _extents(x, 12)
    return case("RESHAPE by its own extents", [*operators, O("RESHAPE", (x, wanted), (y,))], (x,), (y,))


def sliced_by_extents() -> Case:
    """A size that only constants decide, though an operator gives it."""
    x, like, y = T((4, 6), np.float32), T((2, 3), np.float32), T((2, 5), np.float32)
    operators, wanted = _extents(like, 5)
    made = [*operators, O("SLICE", (x, const([1, 1]), wanted), (y,), ("SliceOptions", {}))]
    z = T((2, 3), np.float32)
    return case("SLICE by another's extents", [*made, O("NEG", (like,), (z,))], (x, like), (y, z))


def multiplied_by_a_view() -> Case:
    """Weights that come out of an operator on a constant."""
    x, w, y = T((3, 4), np.float32), T((5, 4), np.float32), T((3, 5), np.float32)
    data = const(rng("view").normal(0, 1, (1, 5, 4)), np.float32)
    made = [O("RESHAPE", (data, const([5, 4])), (w,)), O("FULLY_CONNECTED", (x, w, None), (y,), ("FullyConnectedOptions", {}))]
    return case("FULLY_CONNECTED by a view of a constant", made, (x,), (y,))


def _extents(x: T, second: int) -> tuple[list[O], T]:
    """Operators whose result is (x's first extent, second)."""
    shape, first, both = T((len(x.shape),), np.int32), T((), np.int32), T((2,), np.int32)
    mask = ("StridedSliceOptions", {"ShrinkAxisMask": 1})
    return [
        O("SHAPE", (x,), (shape,), ("ShapeOptions", {"OutType": 2})),
        O("STRIDED_SLICE", (shape, const([0]), const([1]), const([1])), (first,), mask),
        O("PACK", (first, const(second)), (both,), ("PackOptions", {"ValuesCount": 2, "Axis": 0})),
    ], both


def quantize(name: str, dtype, scale: float, zero: int) -> Case:
    generator = rng(name)
    data = np.concatenate([
        (np.arange(-300, 300) / 2 * np.float32(scale)).astype(np.float32),  # halves
        generator.normal(0, 100 * scale, 400).astype(np.float32),
        np.nextafter((np.arange(-20, 20) + np.float32(0.5)) * np.float32(scale), np.float32(9), dtype=np.float32),
        np.array([1e8, -1e8, 0.0, -0.0], np.float32) * np.float32(scale),
    ])  # fmt: skip
    x, y = T((data.size,), np.float32), T((data.size,), dtype, scale=scale, zero=zero)
    return case(f"QUANTIZE {name}", O("QUANTIZE", (x,), (y,), ("QuantizeOptions", {})), (x,), (y,), x0=data)


def requantize(name: str, a, b) -> Case:
    """a, b: (dtype, scale, zero)."""
    x, y = (T((256,), t, scale=s, zero=z) for t, s, z in (a, b))
    data = np.arange(256, dtype=np.uint8).view(a[0])
    made = O("QUANTIZE", (x,), (y,), ("QuantizeOptions", {}), version=2)
    return case(f"QUANTIZE again {name}", made, (x,), (y,), x0=data)


def dequantize(dtype, scale: float, zero: int) -> Case:
    x, y = T((256,), dtype, scale=scale, zero=zero), T((256,), np.float32)
    made = O("DEQUANTIZE", (x,), (y,), ("DequantizeOptions", {}), version=2)
    data = np.arange(256, dtype=np.uint8).view(dtype)
    return case(f"DEQUANTIZE {np.dtype(dtype)} {scale} {zero}", made, (x,), (y,), x0=data)


CASES = (
    *(shaped("RESHAPE", t, (2, 3, 4), (4, 6), const([4, 6]), options=("ReshapeOptions", {"NewShape": [4, 6]}))
      for t in VIEWED),
    *(shaped("RESHAPE", t, (1, 2, 3, 4), (24,), const([-1])) for t in VIEWED),
    *(shaped("SQUEEZE", t, (1, 2, 1, 4), (2, 4), options=("SqueezeOptions", {"SqueezeDims": [0, 2]})) for t in VIEWED),
    *(shaped("EXPAND_DIMS", t, (2, 4), (2, 1, 4), const(1)) for t in TYPES),
    *(concat(t, s, axis) for t in TYPES for s, axis in (
        (((1, 2, 3, 4), (1, 2, 3, 2)), 3), (((2, 3), (4, 3), (1, 3)), 0), (((1, 2, 3, 4), (1, 5, 3, 4)), 1),
        (((2, 5), (2, 1)), -1))),
    *(pad(t, x, a, v) for t in TYPES for v in (None, 7) for x, a in (
        ((1, 3, 4, 2), ((0, 0), (1, 2), (2, 0), (0, 0))), ((1, 3, 4, 2), ((1, 0), (0, 1), (0, 0), (3, 1))),
        ((3, 4), ((1, 1), (0, 5))))),
    *(transpose(t, x, p) for t in TYPES for x, p in (
        ((2, 3, 4), (2, 0, 1)), ((1, 3, 4, 5), (0, 3, 1, 2)), ((3, 4), (1, 0)), ((2, 3, 4, 5), (3, 2, 1, 0)))),
    *(blocks("DEPTH_TO_SPACE", t, x, y, b) for t in ("f32", "s8") for x, y, b in (
        ((1, 2, 3, 8), (1, 4, 6, 2), 2), ((2, 1, 2, 18), (2, 3, 6, 2), 3))),
    *(blocks("SPACE_TO_DEPTH", t, x, y, b) for t in ("f32", "s8") for x, y, b in (
        ((1, 4, 6, 2), (1, 2, 3, 8), 2), ((2, 3, 6, 2), (2, 1, 2, 18), 3))),
    *(pack(t, n, s, a) for t in TYPES for n, s, a in ((2, (3, 4), 0), (3, (2, 5), 1), (2, (2, 3), -1))),
    *(part(t, "SLICE", x, [y], after=(const(b), const(n)), note=f"{b} {n}") for t in TYPES for x, y, b, n in (
        ((1, 6, 7, 3), (1, 4, 3, 2), (0, 1, 2, 1), (1, 4, 3, 2)), ((5, 8), (3, 6), (2, 2), (-1, 6)))),
    *(strided(t, *how) for t in TYPES for how in (
        ((1, 6, 7, 3), (1, 3, 2, 3), (0, 0, 1, 0), (1, 6, 6, 3), (1, 2, 3, 1)),
        ((8, 5), (2, 5), (6, 4), (1, -6), (-3, -1)), ((8, 5), (2, 3), (-4, -3), (-2, 50), (1, 1)))),
    *(strided(t, (2, 5, 6), (3, 6), (1, 1, 9), (9, 4, 2), (1, 1, 1), ShrinkAxisMask=1, BeginMask=4, EndMask=4)
      for t in TYPES),
    *(part(t, "SPLIT", (1, 4, 6), [(1, 4, 2)] * 3, before=(const(2),), options=("SplitOptions", {"NumSplits": 3}))
      for t in TYPES),
    *(part(t, "SPLIT_V", (1, 7, 3), [(1, 2, 3), (1, 1, 3), (1, 4, 3)], after=(const([2, 1, 4]), const(1)),
           options=("SplitVOptions", {"NumSplits": 3})) for t in TYPES),
    *(part(t, "UNPACK", (2, 3, 4), [(2, 4)] * 3, options=("UnpackOptions", {"Num": 3, "Axis": 1})) for t in TYPES),
    *(quantize(f"{np.dtype(d)} scale {s} zero {z}", d, s, z) for s in (0.05, 0.25, 1.0, 3.7)
      for d, z in ((np.int8, -3), (np.int8, 127), (np.int8, -128), (np.int8, 0))),
    *(requantize(f"{np.dtype(a[0])} {a[1]} {a[2]} to {np.dtype(b[0])} {b[1]} {b[2]}", a, b) for a, b in (
        ((np.int8, 0.05, 3), (np.int8, 0.05, -7)), ((np.int8, 0.05, 3), (np.int8, 0.013, -7)),
        ((np.int8, 0.05, -128), (np.int8, 1.3, 127)), ((np.int8, 0.5, 0), (np.int8, 1.0, 0)),
        ((np.uint8, 0.05, 128), (np.int8, 0.05, 0)), ((np.uint8, 0.05, 3), (np.int8, 0.02, -7)),
        ((np.int8, 0.05, 0), (np.uint8, 0.05, 128)), ((np.int8, 0.3, 4), (np.uint8, 0.11, 100)))),
    *(dequantize(d, s, z) for s in (0.05, 1.7) for d, z in ((np.int8, -3), (np.uint8, 130))),
    *(shaped("RESHAPE", t, (2, 3, 4), (4, 6), const([4, 6])) for t in PLAIN),
    *(shaped("SQUEEZE", t, (1, 2, 1, 4), (2, 4), options=("SqueezeOptions", {"SqueezeDims": [0, 2]})) for t in PLAIN),
    *(concat(t, ((2, 2, 3), (2, 4, 3), (2, 1, 3)), 1) for t in PLAIN),
    *(pack(t, 2, (3, 4), 1) for t in ("s32", "s64")),
    *(part(t, "SLICE", (5, 8), [(3, 6)], after=(const((2, 2)), const((-1, 6)))) for t in ("s32", "bool")),
    *(strided(t, (8, 5), (2, 5), (6, 4), (1, -6), (-3, -1)) for t in ("s32", "bool")),
    part("s32", "SPLIT", (1, 4, 6), [(1, 4, 2)] * 3, before=(const(2),), options=("SplitOptions", {"NumSplits": 3})),
    part("s32", "SPLIT_V", (1, 7, 3), [(1, 2, 3), (1, 5, 3)], after=(const([2, 5]), const(1)),
         options=("SplitVOptions", {"NumSplits": 2})),
    part("s32", "UNPACK", (2, 3, 4), [(2, 4)] * 3, options=("UnpackOptions", {"Num": 3, "Axis": 1})),
    *(pad("s32", (2, 3, 4), ((1, 0), (0, 2), (1, 1)), v) for v in (None, 2**31 - 1, -(2**31) + 1)),
    *(pad(t, (3, 4), ((1, 1), (0, 5)), v) for t, v in zip(SHIFTED, (-32768, 2**30 + 1), strict=True)),
    *(pad(t, (3, 4), ((1, 1), (0, 5))) for t in SHIFTED),
    reshaped_by_its_extents(),
    sliced_by_extents(),
    multiplied_by_a_view(),
)  # fmt: skip
