"""Cases of unary: clamps with and without a table, other functions as tables and in float."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType
from barecast.ops.clamp import Clamp
from barecast.ops.unary import Unary

from tests.cases import int16
from tests.cases.build import case, f32, quant, rng, s8, s16, u8

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)
CLAMPS = {"none": Clamp(), "relu": Clamp(0), "relu6": Clamp(0, 6), "band": Clamp(-0.7, 1.3), "point": Clamp(0.5, 0.5)}
SPECIALS = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1e-38]
    + [0.5499, 0.5501, 9.0, -9.0, 88.8, -88.8, -104.5, 3e38, -3e38],
    np.float32,
)
WIDE = np.linspace(-12, 12, 999).astype(np.float32) ** 3
SHAPED = dict.fromkeys(("hard_swish", "abs", "neg"), (0.0, 0.0)) | {"leaky_relu": (0.25, 0.0), "elu": (1.0, 0.0)}
SHAPED |= dict.fromkeys(("sign", "silu", "softplus", "softsign", "mish", "erf", "gelu", "gelu_tanh"), (0.0, 0.0))
SHAPED |= {"hard_sigmoid": (0.2, 0.5), "hard_silu": (1 / 6, 0.5), "selu": (1.6732632, 1.050701), "celu": (0.7, 0.0)}
SHAPED |= {"thresholded_relu": (0.55, 0.0)}
"""Kind -> (alpha, beta)"""
EVERY_BYTE = {"s8": np.arange(-128, 128).astype(np.int8), "u8": np.arange(256).astype(np.uint8)}


def _cases():
    for kind in ("clamp", "sigmoid", "tanh"):
        for name, clamp in CLAMPS.items():
            for n in SIZES if name == "relu" else (40,):
                yield case(f"{kind}_f32_{name}_{n}", "unary", Unary(kind, clamp), [f32(n)])
            given = {"x0": SPECIALS}
            yield case(f"{kind}_f32_{name}_specials", "unary", Unary(kind, clamp), [f32(len(SPECIALS))], given=given)
        wide = {"x0": np.linspace(-12, 12, 999).astype(np.float32)}
        yield case(f"{kind}_f32_wide", "unary", Unary(kind), [f32(999)], given=wide)
    for kind, (alpha, beta) in SHAPED.items():
        attrs = Unary(kind, alpha=alpha, beta=beta)
        for name, data in (("specials", SPECIALS), ("wide", np.linspace(-12, 12, 999).astype(np.float32))):
            yield case(f"{kind}_f32_{name}", "unary", attrs, [f32(data.size)], given={"x0": data})
        x = s8(256, scale=0.04, zero=5)
        out = (DType.S8, quant(0.03, -9))
        yield case(f"{kind}_s8_rescaled", "unary", attrs, [x], out, {"x0": EVERY_BYTE["s8"]})
    for kind in ("reciprocal", "square", "sqrt", "rsqrt", "exp", "log", "sin", "cos", "ceil", "floor", "round"):
        for name, data in (("specials", SPECIALS), ("wide", WIDE), ("halves", np.arange(-40, 41, dtype=np.float32) / 2)):
            yield case(f"{kind}_f32_{name}", "unary", Unary(kind), [f32(data.size)], given={"x0": data})
        yield case(f"{kind}_f32_relu6", "unary", Unary(kind, Clamp(0, 6)), [f32(999)], given={"x0": WIDE})
    for name, clamp in CLAMPS.items():
        for type in (s8, u8):
            for zero in (0, -128, 127) if type is s8 else (0, 128, 255):
                x = type(256, scale=0.04, zero=zero)
                token = x.dtype.value
                given = {"x0": EVERY_BYTE[token]}
                attrs = Unary("clamp", clamp)
                yield case(f"clamp_{token}_{name}_{zero}", "unary", attrs, [x], (x.dtype, x.quant), given)
                # Another scale needs a table.
                out = (x.dtype, quant(0.03, zero))
                yield case(f"clamp_{token}_{name}_{zero}_rescaled", "unary", attrs, [x], out, given)
    for n in SIZES:
        x = s8(n, zero=-3)
        yield case(f"clamp_s8_size{n}", "unary", Unary("clamp", Clamp(0)), [x], (DType.S8, x.quant))
        yield case(f"tanh_s8_size{n}", "unary", Unary("tanh"), [x], (DType.S8, quant(1 / 128, 0)))
    yield from _wide()
    for kind, out in (("sigmoid", quant(1 / 256, -128)), ("tanh", quant(1 / 128, 0))):
        for scale in (0.001, 0.05, 1 / 16, 3.0):
            for zero in (-128, 5, 127):
                for name in ("none", "band"):
                    x = s8(256, scale=scale, zero=zero)
                    given = {"x0": EVERY_BYTE["s8"]}
                    label = f"{kind}_s8_{name}_{scale:g}_{zero}"
                    yield case(label, "unary", Unary(kind, CLAMPS[name]), [x], (DType.S8, out), given)


def _wide():
    """int16: the ends of the range, the neighbourhood of powers of two, and numbers between."""
    edges = np.concatenate([s * 2**k + np.arange(-2, 3) for k in range(15) for s in (-1, 1)])
    data = np.concatenate([int16.ENDS, edges, rng("int16").integers(-32768, 32768, 300)]).astype(np.int16)
    given, size = {"x0": data}, data.size
    for name, clamp in CLAMPS.items():
        attrs = Unary("clamp", clamp)
        yield int16.tflite(f"clamp {name}", "unary", attrs, [s16(size)], int16.out(), given)
        for rule in int16.RULES:
            yield int16.tflite(f"clamp {name} rescaled", "unary", attrs, [s16(size)], int16.out(0.0004), given, rule)
    for kind, alpha in (("abs", 0.0), ("leaky_relu", 0.3), ("leaky_relu", -0.7)):
        for scale in (0.001, 0.0004, 0.02):
            attrs = Unary(kind, alpha=alpha)
            yield int16.tflite(f"{kind} {alpha} to {scale}", "unary", attrs, [s16(size)], int16.out(scale), given)
    for scale, out in ((0.001, 0.001), (0.0004, 0.00021), (0.02, 1.3), (2**-15, 0.1), (0.00001, 0.00001), (3.0, 200.0)):
        for rule in int16.RULES:
            x, y = s16(size, scale=scale), int16.out(out)
            yield int16.tflite(f"rsqrt of {scale:g} to {out:g}", "unary", Unary("rsqrt"), [x], y, given, rule)
    for kind in ("sigmoid", "tanh"):
        for scale in (2**-13, 2**-12, 2**-11, 0.0001, 0.000347, 0.01, 1.0, 2.6):
            x = s16(size, scale=scale)
            yield int16.tflite(f"{kind} of {scale:g}", "unary", Unary(kind), [x], int16.out(2**-15), given)
        for n in SIZES:
            yield int16.tflite(f"{kind} size {n}", "unary", Unary(kind), [s16(n)], int16.out(2**-15))


CASES = tuple(_cases())
