"""Cases of binary: every way to broadcast, extremes of zero points and scales, halves, clamps."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp

from tests.cases import int16
from tests.cases.build import Constant, case, f32, quant, rng, s8, s16
from tests.cases.pairwise import PAIRWISE

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)
SHAPES = (
    ((), ()),
    ((5,), ()),
    ((), (5,)),
    ((3, 5), (5,)),
    ((5,), (3, 5)),
    ((3, 5), (3, 1)),
    ((3, 1), (1, 5)),
    ((2, 3, 4, 5), (2, 3, 4, 5)),
    ((2, 3, 4, 5), (5,)),
    ((2, 3, 4, 5), (1, 1, 1, 5)),
    ((2, 3, 4, 5), (2, 1, 1, 5)),
    ((2, 3, 4, 5), (3, 1, 5)),
    ((2, 1, 4, 1), (1, 3, 1, 5)),
    ((1, 3, 1, 5), (2, 1, 4, 1)),
    ((2, 3, 2, 3, 2), (2, 1, 2, 1, 2)),
    ((2, 1, 2, 1, 2), (1, 3, 1, 3, 1)),
    ((1, 2, 1, 3, 1, 2), (2, 2, 1, 3, 2, 2)),
)
SCALES = {
    # scales of a, b and y
    "plain": (0.05, 0.03, 0.06),
    "even": (0.5, 0.5, 0.5),
    "halves": (0.5, 0.25, 1.0),
    "tenths": (0.1, 0.3, 1.0),
    "apart": (0.001, 2.0, 1.5),
    "coarse": (30.0, 0.01, 0.02),
    "fine": (0.001, 0.002, 0.5),
    "hand": (0.02, 0.05, 0.04),
    "far": (3e5, 2e5, 0.01),
    "farther": (3e6, 1.0, 0.004),
    # no fractions: halves do not occur
    "odd": (0.0513, 0.0371, 0.0797),
    "odd finer": (0.0371, 0.0513, 0.0111),
    "odd apart": (0.000713, 2.19, 1.57),
}
ZEROS = {
    "middle": (0, 0, 0),
    "low": (-128, -128, -128),
    "high": (127, 127, 127),
    "mixed": (-128, 127, 3),
    "odd": (1, -7, -5),
}


def _shape_name(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _integers(kind, a, b, scales="plain", zeros="odd", clamp=Clamp(), constant=None, rule=Rule.ONNX, fused=""):
    (sa, sb, sy), (za, zb, zy) = SCALES[scales], ZEROS[zeros]
    operands = [s8(*a, scale=sa, zero=za), s8(*b, scale=sb, zero=zb)]
    name = f"{kind}_s8_{_shape_name(a)}_{_shape_name(b)}_{scales}_{zeros}"
    if constant is not None:
        type = operands[constant]
        data = rng(name).integers(-128, 127, type.shape, endpoint=True).astype(np.int8)
        operands[constant] = Constant(data, type.quant)
        name += f"_constant{constant}"
    if not clamp.is_identity:
        name += f"_clamp{clamp.low:g}_{clamp.high:g}"
    name += "" if rule is Rule.ONNX else f"_{rule.value}"
    return case(name + fused, "binary", Binary(kind, clamp, fused), operands, (DType.S8, quant(sy, zy)), rule=rule)


WIDE_SCALES = {"plain": (0.0005, 0.0003, 0.0006), "apart": (0.5, 0.0001, 0.4), "powers": (2**-12, 2**-11, 2**-13)}


def _wide(kind, a, b, scales="plain", clamp=Clamp(), constant=None, rule=Rule.TFLITE):
    sa, sb, sy = WIDE_SCALES[scales]
    operands = [s16(*a, scale=sa), s16(*b, scale=sb)]
    name = f"{kind}_{_shape_name(a)}_{_shape_name(b)}_{scales}{'' if clamp.is_identity else '_clamp'}"
    if constant is not None:
        type = operands[constant]
        operands[constant] = Constant(rng(name).integers(-32768, 32768, type.shape).astype(np.int16), type.quant)
        name += f"_constant{constant}"
    y = int16.out(sy if kind != "mul" else sa * sb * 10000)
    return int16.tflite(name, "binary", Binary(kind, clamp), operands, y, rule=rule)


def _ends():
    """Every pair of numbers at the ends of int16 and around 0."""
    count = len(int16.ENDS)
    given = {"x0": np.repeat(int16.ENDS, count), "x1": np.tile(int16.ENDS, count)}
    for rule in int16.RULES:
        for kind, sy in (("add", 0.0006), ("sub", 0.0003), ("mul", 0.0004), ("mul", 0.00001)):
            operands = [s16(count * count, scale=0.0003), s16(count * count, scale=0.0005)]
            name = f"{kind} of ends to {sy}"
            yield int16.tflite(name, "binary", Binary(kind), operands, int16.out(sy), given, rule)


def _floats(kind, a, b, clamp=Clamp(), constant=None):
    operands = [f32(*a), f32(*b)]
    name = f"{kind}_f32_{_shape_name(a)}_{_shape_name(b)}"
    if constant is not None:
        operands[constant] = Constant(rng(name).normal(0, 2, operands[constant].shape).astype(np.float32))
        name += f"_constant{constant}"
    if not clamp.is_identity:
        name += f"_clamp{clamp.low:g}_{clamp.high:g}"
    return case(name, "binary", Binary(kind, clamp), operands)


def _every_pair():
    """a along one axis, b along the other: all 65536 sums of two bytes."""
    bytes_ = np.arange(-128, 128).astype(np.int8)
    given = {"x0": bytes_.reshape(256, 1), "x1": bytes_}
    for kind in ("add", "sub", "mul"):
        for scales, (sa, sb, sy) in SCALES.items():
            for zeros in ("middle", "mixed", "odd"):
                za, zb, zy = ZEROS[zeros]
                types = [s8(256, 1, scale=sa, zero=za), s8(256, scale=sb, zero=zb)]
                out = (DType.S8, quant(sy, zy))
                for fused in ("", "u8", "s8") if kind != "sub" else ("",):
                    if kind != "mul" or sa * sb / sy < 2**30:
                        name = f"{kind}_pairs_{scales}_{zeros}_{fused}"
                        yield case(name, "binary", Binary(kind, fused=fused), types, out, given)


def _flat_sums():
    """Sums of whole tensors without halves, under each rule, and all sums of two bytes as one flat tensor."""
    bytes_ = np.arange(-128, 128).astype(np.int8)
    given = {"x0": np.repeat(bytes_, 256), "x1": np.tile(bytes_, 256)}
    for rule in (Rule.ONNX, Rule.TFLITE):
        for kind in ("add", "sub"):
            for n in SIZES:
                yield _integers(kind, (n,), (n,), scales="odd", rule=rule)
            for scales in ("odd finer", "odd apart"):
                for zeros in ZEROS:
                    yield _integers(kind, (2, 3, 5), (2, 3, 5), scales, zeros, rule=rule)
            yield _integers(kind, (40,), (40,), "odd", clamp=Clamp(-1.0, 2.0), rule=rule)
        for kind, scales, zeros in (("add", "odd", "mixed"), ("sub", "even", "odd"), ("sub", "odd apart", "odd")):
            (sa, sb, sy), (za, zb, zy) = SCALES[scales], ZEROS[zeros]
            types = [s8(65536, scale=sa, zero=za), s8(65536, scale=sb, zero=zb)]
            name = f"{kind}_flat_pairs_{scales}_{zeros}_{rule.value}"
            yield case(name, "binary", Binary(kind), types, (DType.S8, quant(sy, zy)), given, rule)
    yield _integers("sub", (2, 3, 5), (2, 3, 5), "odd", constant=0, rule=Rule.TFLITE)


ROWS = (
    ((40,), ()),
    ((3, 5), (3, 1)),
    ((5,), (3, 5)),
    ((3, 33), (33,)),
    ((2, 3, 4, 15), (2, 1, 1, 15)),
    ((2, 3, 17), (2, 3, 1)),
    ((3, 1), (1, 5)),
)


def _rows():
    """Rows with a number or a row beside them and products, without halves, under each rule; all products of bytes."""
    rules = (Rule.ONNX, Rule.TFLITE, Rule.TFLITE_SINGLE)
    zeros = tuple(ZEROS)
    for kind in ("add", "sub", "mul"):
        for number, (a, b) in enumerate(ROWS):
            for rule in rules[: 3 if kind == "mul" else 2]:
                yield _integers(kind, a, b, "odd", zeros[number % len(zeros)], rule=rule)
    bytes_ = np.arange(-128, 128).astype(np.int8)
    given = {"x0": np.repeat(bytes_, 256), "x1": np.tile(bytes_, 256)}
    for number, rule in enumerate(rules):
        for n in SIZES[::2]:
            yield _integers("mul", (n,), (n,), "odd", rule=rule)
        yield _integers("mul", (40,), (40,), "odd", clamp=Clamp(-1.0, 2.0), rule=rule)
        yield _integers("mul", (3, 5), (5,), "odd", constant=1, rule=rule)
        for scales, names in (("odd", zeros[number]), ("odd apart", zeros[number + 1]), ("odd finer", zeros[number + 2])):
            (sa, sb, sy), (za, zb, zy) = SCALES[scales], ZEROS[names]
            types = [s8(65536, scale=sa, zero=za), s8(65536, scale=sb, zero=zb)]
            name = f"mul_flat_pairs_{scales}_{names}_{rule.value}"
            yield case(name, "binary", Binary("mul"), types, (DType.S8, quant(sy, zy)), given, rule)


def _cases():
    for kind in ("add", "sub", "mul"):
        for n in SIZES:
            yield _integers(kind, (n,), (n,))
            yield _floats(kind, (n,), (n,))
        for a, b in SHAPES:
            yield _integers(kind, a, b, zeros="mixed")
            yield _floats(kind, a, b)
        for constant in (0, 1):
            for a, b in (((3, 5), (5,)), ((5,), (3, 5)), ((3, 5), ()), ((), (3, 5)), ((3, 5), (3, 5))):
                yield _integers(kind, a, b, constant=constant)
                yield _floats(kind, a, b, constant=constant)
        for zeros in ZEROS:
            yield _integers(kind, (40,), (40,), zeros=zeros, clamp=Clamp(0))
        yield _integers(kind, (40,), (40,), zeros="middle", clamp=Clamp(-1.0, 2.0))
        if kind != "sub":
            for a, b in (((3, 5), (5,)), ((5,), (3, 5)), ((30, 5), (30, 1)), ((30, 1), (30, 5)), ((), (30,))):
                for constant in (None, 0, 1):
                    yield _integers(kind, a, b, "hand", "mixed", constant=constant, fused="u8")
        yield _floats(kind, (40,), (40,), Clamp(0))
        yield _floats(kind, (40,), (40,), Clamp(0, 6))
        yield _floats(kind, (40,), (40,), Clamp(-0.5, 0.5))
        specials = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 3e38, -3e38, 1e-40], np.float32)
        given = {"x0": np.repeat(specials, 8), "x1": np.tile(specials, 8)}
        yield case(f"{kind}_specials", "binary", Binary(kind), [f32(64), f32(64)], given=given)
        yield case(f"{kind}_specials_relu", "binary", Binary(kind, Clamp(0)), [f32(64), f32(64)], given=given)
        for n in SIZES:
            yield _wide(kind, (n,), (n,))
        for a, b in SHAPES:
            yield _wide(kind, a, b)
        for constant in (0, 1):
            yield _wide(kind, (3, 5), (5,), constant=constant)
        for scales in WIDE_SCALES:
            for rule in int16.RULES:
                yield _wide(kind, (400,), (400,), scales, rule=rule)
        yield _wide(kind, (40,), (40,), clamp=Clamp(0, 6))
        ends = {"x0": int16.ENDS[:, np.newaxis], "x1": int16.ENDS}
        operands = [s16(int16.ENDS.size, 1), s16(int16.ENDS.size)]
        yield int16.tflite(f"{kind} ends", "binary", Binary(kind), operands, int16.out(0.002), ends)
    yield from _every_pair()
    yield from _flat_sums()
    yield from _rows()


CASES = (*_cases(), *_ends(), *PAIRWISE)
