"""Cases of binary that the kernel family pairwise does: every type and kind, broadcasting, operands that change places."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule, TensorType
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp
from barecast.ops.pairwise import DEFINED

from tests.cases import int16
from tests.cases.build import Constant, case, quant, rng, s8, s16

SHAPES = (
    ((7,), (7,)),
    ((), (5,)),
    ((5,), ()),
    ((3, 5), (5,)),
    ((5,), (3, 5)),
    ((3, 1), (1, 5)),
    ((2, 3, 2, 3, 2), (2, 1, 2, 1, 2)),
)
SPECIALS = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -3e-39, 1.5, -1.5, 7.0, -7.0, 0.1, 3e38, -3e38, 16777215.0, 1e-30],
    np.float32,
)
INT32 = np.array([-(2**31), -(2**31) + 1, -7, -1, 0, 1, 2, 3, 1000, 46341, 2**31 - 1], np.int32)


def _name(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _pairs(dtype: DType, values: np.ndarray) -> dict[str, np.ndarray]:
    return {"x0": np.repeat(values, values.size), "x1": np.tile(values, values.size)}


def _data(name: str, type: TensorType) -> np.ndarray:
    generator = rng(name)
    if type.dtype is DType.F32:
        return generator.normal(0, 2, type.shape).astype(np.float32)
    if type.dtype is DType.BOOL:
        return generator.integers(0, 2, type.shape).astype(np.bool_)
    return generator.integers(-9, 10, type.shape).astype(type.dtype.numpy)


def _plain():
    for dtype, kinds in DEFINED.items():
        for kind in sorted(kinds):
            attrs, token = Binary(kind), f"{kind}_{dtype.value}"
            for a, b in SHAPES if kind in ("max", "and") else SHAPES[2:4]:
                types = [TensorType(dtype, a), TensorType(dtype, b)]
                yield case(f"{token}_{_name(a)}_{_name(b)}", "binary", attrs, types, (dtype, None))
            for constant, shapes in ((0, ((5,), (3, 5))), (1, ((3, 5), (5,)))):
                types = [TensorType(dtype, s) for s in shapes]
                types[constant] = Constant(_data(f"{token} {constant}", types[constant]))
                yield case(f"{token}_constant{constant}", "binary", attrs, types, (dtype, None))
            if dtype in (DType.F32, DType.S32):
                values = SPECIALS if dtype is DType.F32 else INT32
                types = [TensorType(dtype, (values.size**2,))] * 2
                given = _pairs(dtype, values)
                yield case(f"{token}_specials", "binary", attrs, types, (dtype, None), given)
                clamped = Binary(kind, Clamp(0, 6))
                yield case(f"{token}_relu6", "binary", clamped, types, (dtype, None), given)


def _quotients():
    """Quotients of floats at and next to integers, where the division rounds up to the integer."""
    divisors = np.repeat(np.array([3, 0.1, 7, 1e-3, 1e20, -0.7], np.float32), 400)
    products = (divisors * rng("quotients").integers(-300, 300, divisors.size)).astype(np.float32)
    products = np.concatenate([products, np.nextafter(products, np.float32(0)), np.nextafter(products, np.float32(9e9))])
    given = {"x0": products, "x1": np.tile(divisors, 3)}
    types = [TensorType(DType.F32, (products.size,))] * 2
    for kind in ("floor_div", "floor_mod"):
        yield case(f"{kind}_f32_near_integers", "binary", Binary(kind), types, (DType.F32, None), given)


def _bytes():
    every = np.arange(-128, 128).astype(np.int8)
    given = {"x0": every.reshape(256, 1), "x1": every}
    for kind in ("max", "min"):
        types = [s8(256, 1, zero=-3), s8(256, zero=-3)]
        for clamp in (Clamp(), Clamp(0, 3)):
            name = f"{kind}_s8_pairs_{clamp.high:g}"
            yield case(name, "binary", Binary(kind, clamp), types, (DType.S8, types[0].quant), given)
    for kind, place in (("div", 0), ("div", 1), ("squared_difference", 0), ("prelu", 1)):
        types = [s8(256, 1, scale=0.1, zero=3)] * 2
        types[place] = Constant(np.array([-90], np.int8), quant(0.07, 5))
        given, out = {f"x{1 - place}": every.reshape(256, 1)}, (DType.S8, quant(0.3, 1))
        yield case(f"{kind}_tflite_one_{place}", "binary", Binary(kind), types, out, given, Rule.TFLITE)
    for kind in ("div", "squared_difference", "prelu"):
        for rule in (Rule.TFLITE, Rule.TFLITE_SINGLE):
            for label, (sa, sb, sy), (za, zb, zy) in (
                ("usual", (0.0235, 0.0417, 0.0513), (3, -7, 5)),
                ("far", (0.5, 0.004, 0.02), (-128, 127, 0)),
                ("small", (0.001, 0.3, 1.1), (127, -128, -128)),
            ):
                types, out = [s8(256, 1, scale=sa, zero=za), s8(256, scale=sb, zero=zb)], (DType.S8, quant(sy, zy))
                yield case(f"{kind}_{rule.value}_{label}", "binary", Binary(kind), types, out, given, rule)
        types = [s8(5, scale=0.1, zero=3), s8(3, 5, scale=0.2, zero=-3)]
        out = (DType.S8, quant(0.3, 1))
        yield case(f"{kind}_tflite_swapped", "binary", Binary(kind), types, out, rule=Rule.TFLITE)
        types[0] = Constant(np.array([-5, 0, 5, 100, 3], np.int8), types[0].quant)
        yield case(f"{kind}_tflite_constant", "binary", Binary(kind, Clamp(0)), types, out, rule=Rule.TFLITE)


def _wide():
    """int16, every pair of some numbers."""
    numbers = np.concatenate([int16.ENDS, rng("int16 pairs").integers(-32768, 32768, 40)]).astype(np.int16)
    given, n = {"x0": numbers[:, np.newaxis], "x1": numbers}, numbers.size
    for kind in ("max", "min"):
        for name, clamp in (("plain", Clamp()), ("clamp", Clamp(0, 3))):
            yield int16.tflite(f"{kind} {name}", "binary", Binary(kind, clamp), [s16(n, 1), s16(n)], None, given)
    for kind in ("squared_difference", "prelu"):
        for sa, sb, sy in ((0.0003, 0.0005, 0.001), (2**-12, 2**-12, 2**-8), (0.5, 0.0001, 900.0)):
            for rule in int16.RULES:
                types = [s16(n, 1, scale=sa), s16(n, scale=sb)]
                name = f"{kind} of {sa:g} {sb:g} to {sy:g}"
                yield int16.tflite(name, "binary", Binary(kind), types, int16.out(sy), given, rule)
        y, types = int16.out(0.002), [s16(5), s16(3, 5)]
        yield int16.tflite(f"{kind} swapped", "binary", Binary(kind), types, y)
        types[0] = Constant(np.array([-500, 0, 5, 10000, 3], np.int16), types[0].quant)
        yield int16.tflite(f"{kind} constant", "binary", Binary(kind, Clamp(0)), types, y)


PAIRWISE = (*_plain(), *_quotients(), *_bytes(), *_wide())
