"""ADD, SUB, MUL, activations and SOFTMAX."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, rng
from tests.tflite.cases.convolution import ACTIVATIONS

KINDS = {"ADD": "AddOptions", "SUB": "SubOptions", "MUL": "MulOptions"}

SCALES = (
    ("equal", 0.05, 0.05, 0.05),
    ("usual", 0.0235, 0.0417, 0.0513),
    ("far apart", 0.5, 0.0001, 0.4),
    ("powers of two", 0.25, 0.5, 0.125),
    ("small output", 0.1, 0.2, 0.004),
    ("large output", 0.01, 0.02, 1.5),
)
EVERY_PAIR = np.arange(256, dtype=np.uint8).view(np.int8)


def binary(
    kind: str, name: str, a=(1, 4, 4, 6), b=(1, 4, 4, 6), activation="none", real=False,
    scales=(0.0235, 0.0417, 0.0513), zeros=(3, -7, 5), constant="", **given,
) -> Case:  # fmt: skip
    """constant: "a" or "b" for an operand that the file holds."""
    name = f"{kind} {'f32' if real else 's8'} {name}"
    out = np.broadcast_shapes(a, b)
    operands = []
    for which, shape, scale, zero in zip("ab", (a, b), scales, zeros, strict=False):
        how = {"dtype": np.float32} if real else {"scale": scale, "zero": zero}
        data = None
        if which == constant:
            data = rng(f"{name} constant").normal(0, 40, shape)
            data = data.astype(np.float32) if real else np.clip(np.rint(data), -128, 127).astype(np.int8)
        operands.append(T(shape, data=data, **how))
    y = T(out, np.float32) if real else T(out, scale=scales[2], zero=zeros[2])
    made = O(kind, operands, (y,), (KINDS[kind], {"FusedActivationFunction": ACTIVATIONS[activation]}), version=2)
    return case(name, made, [t for t in operands if t.data is None], (y,), **given)


def unary(kind: str, name: str, scales=(0.05, 0.05), zeros=(0, 0), real=False, shape=(1, 256), options=None) -> Case:
    """All 256 values of a byte."""
    x = T(shape, np.float32) if real else T(shape, scale=scales[0], zero=zeros[0])
    y = T(shape, np.float32) if real else T(shape, scale=scales[1], zero=zeros[1])
    given = rng(kind + name).normal(0, 4, shape) if real else np.resize(EVERY_PAIR, shape)
    name = f"{kind} {'f32' if real else 's8'} {name}"
    return case(name, O(kind, (x,), (y,), options, version=2), (x,), (y,), x0=given)


def softmax(name: str, shape=(4, 10), scale=0.1, zero=5, real=False, beta=1.0, **given) -> Case:
    x = T(shape, np.float32) if real else T(shape, scale=scale, zero=zero)
    y = T(shape, np.float32) if real else T(shape, scale=1 / 256, zero=-128)
    made = O("SOFTMAX", (x,), (y,), ("SoftmaxOptions", {"Beta": beta}), version=2)
    return case(f"SOFTMAX {'f32' if real else 's8'} {name}", made, (x,), (y,), **given)


REAL = ("SQUARE", "SQRT", "RSQRT", "EXP", "LOG", "SIN", "COS", "CEIL", "FLOOR", "ROUND")


def real_unary(kind: str) -> Case:
    """A function that is defined for floats; ROUND's halves among them, and large arguments of SIN and COS."""
    generator = rng(kind)
    data = generator.normal(0, 1, 600) * np.exp(generator.uniform(-8, 3, 600))
    data[:64] = np.arange(-32, 32) / 2
    if kind in ("SIN", "COS"):
        data[64:200] *= 10 ** generator.uniform(0, 30, 136)
    if kind in ("SQRT", "RSQRT", "LOG"):
        data = np.abs(data) + 1e-30
    x, y = T((600,), np.float32), T((600,), np.float32)
    return case(f"{kind} f32 wide", O(kind, (x,), (y,), version=2), (x,), (y,), x0=data.astype(np.float32))


def rsqrt(scale: float, out: float, zero: int, out_zero: int) -> Case:
    """Of the zero point and more: TFLM stops below."""
    data = EVERY_PAIR[EVERY_PAIR >= zero]
    x, y = T(data.shape, scale=scale, zero=zero), T(data.shape, scale=out, zero=out_zero)
    return case(f"RSQRT s8 from {scale} {zero} to {out} {out_zero}", O("RSQRT", (x,), (y,)), (x,), (y,), x0=data)


def log_softmax(name: str, shape=(4, 10), scale=0.1, zero=5, real=False, **given) -> Case:
    x = T(shape, np.float32) if real else T(shape, scale=scale, zero=zero)
    y = T(shape, np.float32) if real else T(shape, scale=1 / 16, zero=127)
    made = O("LOG_SOFTMAX", (x,), (y,), ("LogSoftmaxOptions", {}), version=2)
    return case(f"LOG_SOFTMAX {'f32' if real else 's8'} {name}", made, (x,), (y,), **given)


def l2_norm(name: str, shape=(4, 10), zero=5, real=False, **given) -> Case:
    x = T(shape, np.float32) if real else T(shape, scale=0.1, zero=zero)
    y = T(shape, np.float32) if real else T(shape, scale=1 / 128)
    made = O("L2_NORMALIZATION", (x,), (y,), ("L2NormOptions", {}), version=2)
    return case(f"L2_NORMALIZATION {'f32' if real else 's8'} {name}", made, (x,), (y,), **given)


PAIRS = {"a": (256, 1), "b": (1, 256), "x0": EVERY_PAIR, "x1": EVERY_PAIR}

BROADCASTS = (
    ("scalar b", (2, 3, 4), (1,)),
    ("scalar a", (1,), (2, 3, 4)),
    ("channels", (1, 3, 4, 5), (5,)),
    ("rows", (1, 3, 4, 5), (1, 3, 1, 1)),
    ("both", (1, 3, 1, 5), (1, 1, 4, 1)),
)

RESCALES = (
    (0.05, 0.05, 0, 0),
    (0.05, 0.05, -128, -128),
    (0.0235, 0.0713, 17, -100),
    (0.11, 0.037, -5, 3),
    (0.0625, 0.03125, 127, 127),
)
"""(scale in, out, zero point in, out)."""

INPUT_SCALES = (0.003, 0.0235, 0.0625, 0.1, 0.37, 1.0, 8.0)

CASES = (
    *(binary(k, f"every pair, {n}", **PAIRS, scales=(x, w, y)) for k in KINDS for n, x, w, y in SCALES),
    *(binary(k, f"every pair, zero points {z}", **PAIRS, zeros=z) for k in KINDS
      for z in ((-128, 127, 0), (127, 127, -128), (0, 0, 127))),
    *(binary(k, f"{a}", activation=a, real=r) for k in KINDS for a in ACTIVATIONS for r in (False, True)),
    *(binary(k, f"broadcast {n}", a=a, b=b, real=r) for k in KINDS for n, a, b in BROADCASTS for r in (False, True)),
    *(binary(k, f"constant {c}", constant=c, real=r) for k in KINDS for c in "ab" for r in (False, True)),
    *(binary(k, f"constant {c} per channel", a=a, b=b, constant=c) for k in KINDS
      for a, b, c in (((1, 3, 4, 5), (5,), "b"), ((5,), (1, 3, 4, 5), "a"))),
    *(unary(k, f"scale {s}, zero point {z}", (s, o), (z, oz)) for s in INPUT_SCALES for z in (-128, -5, 127)
      for k, o, oz in (("LOGISTIC", 1 / 256, -128), ("TANH", 1 / 128, 0))),
    *(unary("RELU", f"from {s} {z} to {o} {oz}", (s, o), (z, oz)) for s, o in ((0.05, 0.05), (0.1, 0.037), (0.03, 0.5))
      for z, oz in ((0, 0), (-128, -128), (17, -100))),
    *(unary("RELU6", f"scale {s} {z}", (s, s), (z, z)) for s in (0.05, 0.02, 0.8, 4.0) for z in (-128, 0, 20)),
    *(unary(k, "float", real=True) for k in ("RELU", "RELU6", "LOGISTIC", "TANH", "ABS", "ELU", "HARD_SWISH", "NEG")),
    *(unary(k, f"from {s} {z} to {o} {oz}", (s, o), (z, oz)) for k in ("ABS", "ELU", "HARD_SWISH")
      for s, o, z, oz in RESCALES),
    *(unary("LEAKY_RELU", f"{a} from {s} {z} to {o} {oz}", (s, o), (z, oz), options=("LeakyReluOptions", {"Alpha": a}))
      for s, o, z, oz in RESCALES for a in (0.2, 0.01, 1.5)),
    *(unary("LEAKY_RELU", f"{a} from {s} {z} to {o} {oz}", (s, o), (z, oz), options=("LeakyReluOptions", {"Alpha": a}))
      for s, o, z, oz in RESCALES for a in (-0.3, -2.0)),
    unary("LEAKY_RELU", "float, negative", real=True, options=("LeakyReluOptions", {"Alpha": -0.7})),
    *(real_unary(k) for k in REAL),
    *(rsqrt(s, o, z, oz) for s, o, z, oz in (*RESCALES, (0.001, 0.1, -128, -128), (0.5, 0.01, 0, -100))),
    unary("LEAKY_RELU", "float", real=True, options=("LeakyReluOptions", {"Alpha": 0.3})),
    *(softmax(f"scale {s}", scale=s) for s in (0.001, 0.0235, 0.0625, 0.1, 0.5, 1.0, 3.0, 20.0)),
    *(softmax(f"of {n}", shape=(5, n)) for n in (1, 2, 3, 17, 256, 500)),
    *(softmax(f"equal logits of {n}", shape=(2, n), x0=np.zeros((2, n))) for n in (2, 3, 10, 64, 100)),
    *(softmax(f"beta {b}, {r}", beta=b, real=r) for b in (0.5, 2.0, 0.37) for r in (False, True)),
    *(log_softmax(f"scale {s}", scale=s) for s in (0.001, 0.0235, 0.0625, 0.1, 0.5, 1.0, 3.0)),
    *(log_softmax(f"of {n}", shape=(5, n)) for n in (1, 2, 3, 17, 256, 2000)),
    *(log_softmax(f"equal logits of {n}", shape=(2, n), x0=np.zeros((2, n))) for n in (2, 3, 64, 1000)),
    log_softmax("float", real=True),
    log_softmax("float image", shape=(1, 3, 4, 6), real=True),
    *(l2_norm(f"of {n}, zero point {z}", (40, n), z) for n in (1, 2, 3, 16, 100, 3000) for z in (-128, 5, 127)),
    *(l2_norm(f"nearly zero, {z}", (9, 2), z, x0=z + np.arange(18).reshape(9, 2) // 2 // np.array([1, 4])) for z in (0, 3)),
    l2_norm("float", real=True),
    l2_norm("float image", shape=(1, 3, 4, 6), real=True),
    l2_norm("float zeros", real=True, x0=np.zeros((4, 10))),
    softmax("of an image", shape=(1, 3, 4, 6)),
    softmax("float", real=True),
    softmax("float image", shape=(1, 3, 4, 6), real=True),
)  # fmt: skip
