"""Operators on two numbers at a time, beyond ADD, SUB and MUL of floats and bytes."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, rng
from tests.tflite.cases.convolution import ACTIVATIONS
from tests.tflite.cases.elementwise import BROADCASTS, EVERY_PAIR, SCALES

DTYPES = {"f32": np.float32, "s32": np.int32, "s64": np.int64, "bool": np.bool_}
OPTIONS = {
    "ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions", "DIV": "DivOptions",
    "SQUARED_DIFFERENCE": "SquaredDifferenceOptions",
    "MAXIMUM": "MaximumMinimumOptions", "MINIMUM": "MaximumMinimumOptions", "FLOOR_DIV": "FloorDivOptions",
    "FLOOR_MOD": "FloorModOptions", "LOGICAL_AND": "LogicalAndOptions", "LOGICAL_OR": "LogicalOrOptions",
}  # fmt: skip


def values(name: str, dtype: np.dtype, shape, *, divisor: bool = False) -> np.ndarray:
    """Small and large numbers; a divisor is never 0."""
    generator = rng(name)
    if dtype == np.bool_:
        return generator.integers(0, 2, shape).astype(np.bool_)
    if dtype == np.float32:
        data = generator.normal(0, 1, shape) * np.exp(generator.uniform(-3, 4, shape))
        whole = generator.integers(0, 3, shape) == 0
        data = np.where(whole, np.rint(data), data).astype(np.float32)
    else:
        bits = {np.dtype(np.int32): 14, np.dtype(np.int64): 60}[np.dtype(dtype)]
        data = generator.integers(-(2**bits), 2**bits, shape).astype(dtype)
    return np.where(data == 0, 1, data).astype(dtype) if divisor else data


def pair(op: str, type: str, note: str = "", a=(2, 3, 4), b=(2, 3, 4), activation="", constant="", limits=()) -> Case:
    """Plain numbers. constant: "a" or "b" for an operand in the file; limits: numbers that `a` has at its start."""
    name, dtype = f"{op} {type} {note}", np.dtype(DTYPES[type])
    data = [values(f"{name} {w}", dtype, s, divisor=w == "b") for w, s in (("a", a), ("b", b))]
    data[0].reshape(-1)[: len(limits)] = limits
    tensors = [T(s, dtype, data=d if w == constant else None) for w, s, d in zip("ab", (a, b), data, strict=True)]
    y = T(np.broadcast_shapes(a, b), dtype)
    fields = {"FusedActivationFunction": ACTIVATIONS[activation]} if activation else {}
    options = (OPTIONS[op], fields) if op in OPTIONS else None
    given = [d for t, d in zip(tensors, data, strict=True) if t.data is None]
    inputs = [t for t in tensors if t.data is None]
    return case(name, O(op, tensors, (y,), options), inputs, (y,), **{f"x{i}": d for i, d in enumerate(given)})


def bytes_pair(op: str, note: str, scales=(0.0235, 0.0417, 0.0513), zeros=(3, -7, 5), activation="") -> Case:
    """Every pair of bytes; of quotients those that TFLM defines."""
    first, second = (np.resize(v, 65536) for v in (np.repeat(EVERY_PAIR, 256), EVERY_PAIR))
    if op == "DIV":
        known = quotient_is_defined(first.astype(int) - zeros[0], second.astype(int) - zeros[1], scales)
        first, second = first[known], second[known]
    x, w, y = (T(first.shape, scale=s, zero=z) for s, z in zip(scales, zeros, strict=True))
    fields = {"FusedActivationFunction": ACTIVATIONS[activation]} if activation else {}
    options = (OPTIONS[op], fields) if op in OPTIONS else None
    return case(f"{op} s8 {note}", O(op, (x, w), (y,), options), (x, w), (y,), x0=first, x1=second)


def quotient_is_defined(a: np.ndarray, b: np.ndarray, scales) -> np.ndarray:
    """TFLM shifts by 61 bits less the factor's exponent, plus the bits of b, less those of a: more than 62 overflow."""
    a = np.where(b < 0, -a, a)
    bits_a = np.frexp(np.where(a < 0, ~a, a).astype(float))[1]
    bits_b = np.frexp(np.abs(b).astype(float))[1]
    exponent = np.frexp(scales[0] / (scales[1] * scales[2]))[1]
    return (a != 0) & (b != 0) & (61 - exponent + bits_b - bits_a <= 62)


def prelu(type: str, note: str, shape, slopes, scales=(0.05, 0.01, 0.06), zeros=(3, -7, 5), constant=True) -> Case:
    """The slopes are a constant of the file or an input."""
    name = f"PRELU {type} {note}"
    real = type == "f32"
    x, y = (T(shape, np.float32) if real else T(shape, scale=scales[i], zero=zeros[i]) for i in (0, 2))
    data = rng(name).normal(0, 0.5, slopes)
    data = data.astype(np.float32) if real else np.clip(np.rint(data * 100), -128, 127).astype(np.int8)
    how = {"dtype": np.float32} if real else {"scale": scales[1], "zero": zeros[1]}
    w = T(slopes, data=data if constant else None, **how)
    return case(name, O("PRELU", (x, w), (y,)), (x,) if constant else (x, w), (y,))


def prelu_pairs(note: str, scales, zeros) -> Case:
    x, w = T((256, 256), scale=scales[0], zero=zeros[0]), T((1, 256), scale=scales[1], zero=zeros[1])
    y = T((256, 256), scale=scales[2], zero=zeros[2])
    first = np.repeat(EVERY_PAIR, 256)
    return case(f"PRELU s8 every pair, {note}", O("PRELU", (x, w), (y,)), (x, w), (y,), x0=first, x1=EVERY_PAIR)


def logical_not() -> Case:
    x, y = T((2, 5), np.bool_), T((2, 5), np.bool_)
    data = values("not", np.bool_, (2, 5))
    return case("LOGICAL_NOT", O("LOGICAL_NOT", (x,), (y,), ("LogicalNotOptions", {})), (x,), (y,), x0=data)


EXTREMES = {"MAXIMUM": ("f32", "s32", "s64"), "MINIMUM": ("f32", "s32", "s64")}
PLAIN = {
    **EXTREMES,
    "ADD": ("s32",), "SUB": ("s32",), "MUL": ("s32",),
    "DIV": ("f32", "s32"), "SQUARED_DIFFERENCE": ("f32", "s32"),
    "FLOOR_DIV": ("f32",), "FLOOR_MOD": ("f32",), "LOGICAL_AND": ("bool",), "LOGICAL_OR": ("bool",),
}  # fmt: skip
WIDE = {"s32": (2**31 - 1, -(2**31)), "s64": (2**63 - 1, -(2**63)), "f32": (3e38, -3e38), "bool": ()}

CASES = (
    *(pair(op, t) for op, types in PLAIN.items() for t in types),
    *(pair(op, t, "limits", limits=WIDE[t]) for op, types in EXTREMES.items() for t in types),
    *(pair(op, t, f"broadcast {n}", a=a, b=b) for op, types in PLAIN.items() for t in types for n, a, b in BROADCASTS),
    *(pair(op, t, f"constant {c}", a=a, b=b, constant=c) for op, types in PLAIN.items() for t in types
      for c, a, b in (("a", (4,), (3, 4)), ("b", (3, 4), (4,)))),
    *(pair(op, t, a, activation=a) for op in ("SUB", "MUL", "DIV") for t in PLAIN[op]
      for a in ("relu", "relu6", "relu_n1_to_1")),
    *(pair(op, "f32", "many", a=(4000,), b=(4000,)) for op in ("FLOOR_DIV", "FLOOR_MOD", "DIV")),
    logical_not(),
    *(bytes_pair(op, n, (x, w, y)) for op in ("DIV", "SQUARED_DIFFERENCE") for n, x, w, y in SCALES),
    *(bytes_pair(op, f"zero points {z}", zeros=z) for op in ("DIV", "SQUARED_DIFFERENCE")
      for z in ((-128, 127, 0), (127, 127, -128), (0, 0, 127), (-128, -128, -128))),
    *(bytes_pair("DIV", a, activation=a) for a in ("relu", "relu6", "relu_n1_to_1")),
    *(bytes_pair(op, "equal scales", (0.05,) * 3, (4,) * 3) for op in EXTREMES),
    *(bytes_pair(op, "other scales") for op in EXTREMES),
    *(prelu(t, n, x, w, constant=c) for t in ("f32", "s8") for c in (True, False) for n, x, w in (
        (f"per channel, {c}", (1, 3, 4, 5), (1, 1, 5)), (f"per element, {c}", (1, 3, 4, 5), (3, 4, 5)),
        (f"scalar, {c}", (2, 30), (1,)))),
    *(prelu_pairs(n, s, z) for n, s, z in (
        ("usual", (0.05, 0.01, 0.06), (3, -7, 5)), ("one scale", (0.05, 1.0, 0.05), (0, 0, 0)),
        ("small output", (0.5, 0.02, 0.01), (-128, 127, -128)), ("large output", (0.02, 0.5, 1.1), (127, -128, 0)))),
)  # fmt: skip
