"""The 16x8 scheme: int16 activations with zero point 0, int8 weights, biases of 64 or 32 bits."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const, rng
from tests.tflite.cases.convolution import ACTIVATIONS, GEOMETRY, SAME, VALID, depthwise_geometry, extent
from tests.tflite.cases.elementwise import BROADCASTS, KINDS
from tests.tflite.cases.matmul import SHAPES
from tests.tflite.cases.pooling import BOTH, MEANS
from tests.tflite.cases.pooling import GEOMETRY as POOLS

FACTORS = (
    ("half", 0.5, 0.5, 0.5),
    ("power of two", 1 / 1024, 0.25, 0.25),
    ("above one", 2.0, 1.75, 1.0),
    ("below the limit", 1.0, 127.9, 1.0),
    ("tiny", 1e-6, 1e-5, 0.5),
    ("vanishing", 1e-9, 1e-6, 4.0),
    ("almost one", 1.0, 0.99999994, 1.0),
    ("usual", 0.00031, 0.00417, 0.00042),
)
"""(name, input scale, weight scale, output scale)."""

NARROW = {"QuantizedBiasType": 2}
"""The option that says int32 where there is no bias."""


def s16(shape, scale: float | None = 0.001, **how) -> T:
    return T(tuple(shape), np.int16, scale=scale, **how)


def weighted(
    operator: str, name: str, x, shape, out, axis: int, channels: int, options, scales=(0.0003, 0.004, 0.0013),
    per_channel=True, bias: type | None = np.int64, ends=False, limit=127, before: T | None = None,
) -> Case:  # fmt: skip
    """bias: its type, None for none. ends: inputs at the ends of int16 only. before: an output's shape: the operands
    are in the order of TRANSPOSE_CONV then.
    """
    name = f"{operator} s16 {name}"
    generator = rng(name)
    a, y = s16(x, scales[0]), s16(out, scales[2])
    spread = np.exp(generator.uniform(-1.7, 1.7, channels)) if per_channel else np.ones(1)
    w_scales = np.float32(scales[1]) * spread.astype(np.float32)
    w = T(shape, scale=w_scales, axis=axis, data=generator.integers(-limit, limit, shape, endpoint=True).astype(np.int8))
    size = {np.int16: 30_000, np.int32: 2_000_000}.get(bias, 3_000_000_000)
    b = None
    if bias is not None:
        data = generator.integers(-size, size, channels, endpoint=True).astype(bias)
        b = T((channels,), bias, scale=w_scales * np.float32(scales[0]), data=data)
    operands = (a, w) if before is None else (before, w, a)
    made = O(operator, operands if b is None else (*operands, b), (y,), options, version=5)
    given = {"x0": generator.choice([-32768, 32767], x)} if ends else {}
    return case(name, made, (a,), (y,), **given)


def conv(
    name: str, x=(1, 6, 5, 3), kernel=(4, 3, 3), stride=(1, 1), dilation=(1, 1), padding=SAME, activation="none",
    depthwise=False, groups=1, more=None, **how,
) -> Case:  # fmt: skip
    out_c, k_h, k_w = kernel
    shape = (1, k_h, k_w, out_c) if depthwise else (out_c, k_h, k_w, x[3] // groups)
    sides = (extent(x[i + 1], kernel[i + 1], stride[i], dilation[i], padding) for i in (0, 1))
    options = dict(
        Padding=padding, StrideH=stride[0], StrideW=stride[1], DilationHFactor=dilation[0],
        DilationWFactor=dilation[1], FusedActivationFunction=ACTIVATIONS[activation], **(more or {}),
    )  # fmt: skip
    if depthwise:
        options["DepthMultiplier"] = out_c // x[3]
    table = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
    operator = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    out = (x[0], *sides, out_c)
    return weighted(operator, name, x, shape, out, 3 if depthwise else 0, out_c, (table, options), **how)


def dense(name: str, x=(2, 9), units=5, activation="none", more=None, **how) -> Case:
    options = {"FusedActivationFunction": ACTIVATIONS[activation], **(more or {})}
    out, table = (x[0], units), ("FullyConnectedOptions", options)
    how = {"per_channel": False, **how}
    return weighted("FULLY_CONNECTED", name, x, (units, x[1]), out, 0, units, table, **how)


def binary(
    kind: str, name: str, a=(1, 8, 8, 6), b=(1, 8, 8, 6), activation="none", scales=(0.00023, 0.00041, 0.00051),
    constant="", pot=None, **given,
) -> Case:  # fmt: skip
    """constant: "a" or "b" for an operand that the file holds. pot: the option PotScaleInt16."""
    name = f"{kind} s16 {name}"
    operands = []
    for which, shape, scale in zip("ab", (a, b), scales, strict=False):
        data = rng(f"{name} constant").integers(-32768, 32768, shape).astype(np.int16) if which == constant else None
        operands.append(s16(shape, scale, data=data))
    y = s16(np.broadcast_shapes(a, b), scales[2])
    options = {"FusedActivationFunction": ACTIVATIONS[activation]}
    if pot is not None:
        options["PotScaleInt16"] = int(pot)
    made = O(kind, operands, (y,), (KINDS[kind], options), version=2)
    return case(name, made, [t for t in operands if t.data is None], (y,), **given)


ENDS = np.array([-32768, -32767, -16384, -1, 0, 1, 255, 16384, 32766, 32767], np.int16)


def unary(kind: str, name: str, scales=(0.0003, 0.0003), options=None) -> Case:
    """Numbers over the whole range and beside powers of two."""
    name = f"{kind} s16 {name}"
    edges = np.concatenate([s * 2**k + d for k in range(15) for s in (-1, 1) for d in (np.arange(-2, 3),)])
    data = np.concatenate([ENDS, edges, rng(name).integers(-32768, 32768, 860 - edges.size)])
    x, y = s16((1, data.size), scales[0]), s16((1, data.size), scales[1])
    return case(name, O(kind, (x,), (y,), options, version=2), (x,), (y,), x0=data)


def rsqrt(scale: float, out: float) -> Case:
    """Of 0 and more: TFLM stops below."""
    data = np.unique(np.concatenate([np.arange(600), np.arange(0, 32768, 37), [32767]]))
    x, y = s16((data.size,), scale), s16((data.size,), out)
    return case(f"RSQRT s16 from {scale:g} to {out:g}", O("RSQRT", (x,), (y,)), (x,), (y,), x0=data)


def softmax(name: str, shape=(4, 10), scale=0.0003, **given) -> Case:
    x, y = s16(shape, scale), s16(shape, 1 / 32768)
    return case(f"SOFTMAX s16 {name}", O("SOFTMAX", (x,), (y,), ("SoftmaxOptions", {"Beta": 1.0})), (x,), (y,), **given)


def softmax_of_bytes(name: str, shape=(4, 10), scale=0.1, **given) -> Case:
    """int8 to int16, whose zero point is the lowest number."""
    x, y = T(shape, scale=scale, zero=5), s16(shape, 2.0**-16, zero=-32768)
    made = O("SOFTMAX", (x,), (y,), ("SoftmaxOptions", {"Beta": 1.0}), version=2)
    return case(f"SOFTMAX s8 to s16 {name}", made, (x,), (y,), **given)


def pool(kind: str, name: str, x, kernel, stride, padding, activation="none", scale=0.0005, **given) -> Case:
    out = (x[0], *(extent(x[i + 1], kernel[i], stride[i], 1, padding) for i in (0, 1)), x[3])
    options = dict(
        Padding=padding, StrideH=stride[0], StrideW=stride[1], FilterHeight=kernel[0], FilterWidth=kernel[1],
        FusedActivationFunction=ACTIVATIONS[activation],
    )  # fmt: skip
    a, y = s16(x, scale), s16(out, scale)
    return case(f"{kind} s16 {name}", O(kind, (a,), (y,), ("Pool2DOptions", options), version=3), (a,), (y,), **given)


def mean(name: str, x, axes, keep: bool, scales=(0.0005, 0.0005), zeros=(0, 0)) -> Case:
    out = tuple(1 if i in axes else d for i, d in enumerate(x) if keep or i not in axes)
    a, y = s16(x, scales[0], zero=zeros[0]), s16(out, scales[1], zero=zeros[1])
    options = ("ReducerOptions", {"KeepDims": int(keep)})
    return case(f"MEAN s16 {name}", O("MEAN", (a, const(axes)), (y,), options, version=2), (a,), (y,))


def matmul(name: str, a, b, turn=(0, 0), scales=(0.0003, 0.0004, 0.0021), constant="") -> Case:
    """turn: whether a and b are transposed. constant: "a" or "b" for an operand that the file holds."""
    name = f"BATCH_MATMUL s16 {name}{' adjoint a' * turn[0]}{' adjoint b' * turn[1]}"
    shapes = [(*s[:-2], s[-1], s[-2]) if t else s for s, t in zip((a, b), turn, strict=True)]
    out = np.matmul(*(np.zeros(s) for s in shapes)).shape
    operands = []
    for which, shape, scale in zip("ab", (a, b), scales, strict=False):
        data = rng(name).integers(-32768, 32768, shape).astype(np.int16) if which == constant else None
        operands.append(s16(shape, scale, data=data))
    y = s16(out, scales[2] * np.sqrt(shapes[0][-1]))
    made = O("BATCH_MATMUL", operands, (y,), ("BatchMatMulOptions", {"AdjX": turn[0], "AdjY": turn[1]}), version=4)
    return case(name, made, [t for t in operands if t.data is None], (y,))


def transpose_conv(
    name: str, x=(1, 4, 3, 3), kernel=(4, 3, 3), size=(8, 6), stride=(2, 2), padding=SAME, activation="none", **how
) -> Case:
    """kernel: (output channels, height, width). size: of the output."""
    out_c, k_h, k_w = kernel
    shape, out = (out_c, k_h, k_w, x[3]), (x[0], *size, out_c)
    options = dict(Padding=padding, StrideH=stride[0], StrideW=stride[1])
    options["FusedActivationFunction"] = ACTIVATIONS[activation]
    return weighted(
        "TRANSPOSE_CONV", name, x, shape, out, 0, out_c, ("TransposeConvOptions", options), before=const(out), **how
    )


def pair(op: str, name: str, options: str, scales=(0.00023, 0.00041, 0.0051), a=(4, 6, 8), b=(4, 6, 8)) -> Case:
    x, w, y = s16(a, scales[0]), s16(b, scales[1]), s16(np.broadcast_shapes(a, b), scales[2])
    return case(f"{op} s16 {name}", O(op, (x, w), (y,), (options, {}), version=2), (x, w), (y,))


def prelu(name: str, scales=(0.0003, 0.02, 0.0004), slopes=(8,), zero=0) -> Case:
    """The slopes are int8."""
    data = rng(name).integers(-128, 128, slopes).astype(np.int8)
    x, y = s16((1, 5, 6, 8), scales[0]), s16((1, 5, 6, 8), scales[2])
    made = O("PRELU", (x, T(slopes, scale=scales[1], zero=zero, data=data)), (y,), None)
    return case(f"PRELU s16 {name}", made, (x,), (y,))


def reverse(shape, axes) -> Case:
    a, y = s16(shape), s16(shape)
    made = O("REVERSE_V2", (a, const(axes)), (y,), ("ReverseV2Options", {}))
    return case(f"REVERSE_V2 s16 {list(shape)} along {axes}", made, (a,), (y,))


def nearest(x, size, align=False, half=False) -> Case:
    a, y = s16(x), s16((x[0], *size, x[3]))
    options = ("ResizeNearestNeighborOptions", {"AlignCorners": align, "HalfPixelCenters": half})
    name = f"RESIZE_NEAREST_NEIGHBOR s16 {list(x)} to {list(size)}{' align' * align}{' half' * half}"
    return case(name, O("RESIZE_NEAREST_NEIGHBOR", (a, const(size)), (y,), options, version=3), (a,), (y,))


def requantize(name: str, a, b) -> Case:
    """a, b: (dtype, scale, zero)."""
    name = f"QUANTIZE again s16 {name}"
    info = np.iinfo(a[0])
    data = np.concatenate([np.clip(ENDS, info.min, info.max), rng(name).integers(info.min, info.max + 1, 600)])
    x, y = (T((data.size,), t, scale=s, zero=z) for t, s, z in (a, b))
    return case(name, O("QUANTIZE", (x,), (y,), ("QuantizeOptions", {}), version=2), (x,), (y,), x0=data)


def quantize(scale: float, zero: int) -> Case:
    name = f"QUANTIZE s16 scale {scale:g} zero {zero}"
    data = np.concatenate([
        (np.arange(-70000, 70000, 97) / 2 * np.float32(scale)).astype(np.float32),  # halves
        rng(name).normal(0, 20000 * scale, 400).astype(np.float32),
        np.array([1e8, -1e8, 131071.9, -131072.5, 0.0, -0.0], np.float32) * np.float32(scale),
    ])  # fmt: skip
    x, y = T((data.size,), np.float32), s16((data.size,), scale, zero=zero)
    return case(name, O("QUANTIZE", (x,), (y,), ("QuantizeOptions", {}), version=2), (x,), (y,), x0=data)


def dequantize(scale: float, zero: int) -> Case:
    x, y = s16((600,), scale, zero=zero), T((600,), np.float32)
    return case(f"DEQUANTIZE s16 {scale:g} {zero}", O("DEQUANTIZE", (x,), (y,), None, version=2), (x,), (y,))


def chain(name: str, x: T, *steps: tuple) -> Case:
    """Operators one behind the other, which passes may fold: (operator, constants, output, options)."""
    operators, at = [], x
    for op, constants, y, options in steps:
        operators.append(O(op, (at, *constants), (y,), options, version=4))
        at = y
    return case(f"chain s16 {name}", operators, (x,), (at,))


def chains() -> tuple[Case, ...]:
    """What passes fold, fuse, turn or must leave alone."""
    generator, image = rng("chains"), (1, 6, 5, 4)
    w = T((8, 3, 3, 4), scale=0.01, data=generator.integers(-127, 128, (8, 3, 3, 4)).astype(np.int8))
    b = T((8,), np.int64, scale=1e-5, data=generator.integers(-(10**9), 10**9, 8))
    rows = T((7, 120), scale=0.01, data=generator.integers(-127, 128, (7, 120)).astype(np.int8))
    around, padded = const(((0, 0), (1, 1), (1, 1), (0, 0))), (1, 8, 7, 4)
    window = dict(Padding=VALID, StrideH=1, StrideW=1, DilationHFactor=1, DilationWFactor=1)
    conv_options = ("Conv2DOptions", window)
    pool_options = ("Pool2DOptions", dict(Padding=VALID, StrideH=1, StrideW=1, FilterHeight=3, FilterWidth=3))
    pad = ("PAD", (around,), s16(padded), None)
    layer = ("CONV_2D", (w, b), s16((1, 6, 5, 8), 0.0006), conv_options)
    quantized = [("QUANTIZE", (), s16((1, 120), s), ("QuantizeOptions", {})) for s in (0.0007, 0.0003, 0.001)]
    return (
        chain("pad and convolution", s16(image), pad, layer),
        chain("pad and maximum", s16(image), pad, ("MAX_POOL_2D", (), s16(image), pool_options)),
        chain("pad and average", s16(image), pad, ("AVERAGE_POOL_2D", (), s16(image), pool_options)),
        chain("convolution and clamp", s16(padded), layer, ("RELU6", (), s16((1, 6, 5, 8), 0.0006), None)),
        chain("convolution and rescaling clamp", s16(padded), layer, ("RELU", (), s16((1, 6, 5, 8), 0.0004), None)),
        chain(
            "transposed, flattened, dense",
            s16(image),
            ("TRANSPOSE", (const((0, 3, 1, 2)),), s16((1, 4, 6, 5)), None),
            ("RESHAPE", (const((1, 120)),), s16((1, 120)), None),
            ("FULLY_CONNECTED", (rows,), s16((1, 7), 0.0009), ("FullyConnectedOptions", {})),
        ),
        chain("matrix product with a constant", s16((3, 5)), (
            "BATCH_MATMUL", (s16((5, 7), 0.0004, data=generator.integers(-32768, 32768, (5, 7)).astype(np.int16)),),
            s16((3, 7), 0.02), ("BatchMatMulOptions", {}))),
        chain("quantised again and again", s16((1, 120)), *quantized),
        chain(
            "to float and back",
            s16((1, 120)),
            ("DEQUANTIZE", (), T((1, 120), np.float32), None),
            ("QUANTIZE", (), s16((1, 120)), ("QuantizeOptions", {})),
        ),
        chain(
            "by way of bytes",
            s16((1, 120)),
            ("QUANTIZE", (), T((1, 120), scale=0.001, zero=0), ("QuantizeOptions", {})),
            ("QUANTIZE", (), s16((1, 120)), ("QuantizeOptions", {})),
        ),
    )  # fmt: skip


RESCALES = ((0.0003, 0.0003), (0.00047, 0.00031), (0.0003, 0.011), (1 / 4096, 1 / 1024), (0.9, 0.0008))
"""Scales of input and output."""

ROOTS = (*RESCALES, (0.001, 0.02), (2**-15, 2**-8), (0.00001, 0.00002), (3.0, 200.0), (0.147, 1.5e-6), (0.2315, 1.5e-6))
"""Likewise; with the last two a factor in float32 gives another number."""

INPUT_SCALES = (1 / 4096, 1 / 2048, 1 / 1024, 0.0001, 0.000347, 0.00123, 0.003, 0.01, 0.11, 1.0)

SUM_SCALES = (
    ("equal", 0.0005, 0.0005, 0.0005),
    ("far apart", 0.5, 0.0001, 0.4),
    ("powers of two", 2**-12, 2**-11, 2**-13),
    ("small output", 0.001, 0.002, 0.00004),
    ("large output", 0.001, 0.002, 1.5),
)

PRODUCT_SCALES = (
    ("usual", 0.00023, 0.00041, 0.0031),
    ("powers of two", 2**-12, 2**-11, 2**-9),
    ("large output", 0.1, 0.2, 900.0),
    ("unit", 2**-15, 2**-15, 2**-15),
)

CASES = (
    *chains(),
    *(conv(n, x, k, **how) for n, x, k, how in GEOMETRY),
    *(conv(n, x, k, depthwise=True, **how) for n, x, k, how in depthwise_geometry()),
    *(conv(f"{n}, 32-bit biases", x, k, bias=np.int32, **how) for n, x, k, how in GEOMETRY[::3]),
    *(conv(f"{a}", activation=a) for a in ACTIVATIONS),
    *(conv(f"{a}", x=(1, 5, 5, 4), activation=a, depthwise=True) for a in ACTIVATIONS),
    *(conv(f"{a} in steps of {s:.3f}", activation=a, scales=(0.05, 0.01, s)) for a in ("relu6", "relu_n1_to_1")
      for s in (0.8, 12.0 / 7)),
    *(conv(f"factor {n}", scales=(x, w, y), per_channel=False) for n, x, w, y in FACTORS),
    *(conv(f"factor {n}, 32-bit biases", scales=(x, w, y), per_channel=False, bias=np.int32) for n, x, w, y in FACTORS),
    *(conv(f"factor {n}", x=(1, 5, 5, 4), scales=(x, w, y), per_channel=False, depthwise=True)
      for n, x, w, y in FACTORS),
    *(conv(f"no bias {more}{' per channel' * p}", bias=None, more=more, per_channel=p)
      for more in (None, NARROW) for p in (False, True)),
    conv("no bias", x=(1, 5, 5, 4), bias=None, depthwise=True),
    conv("groups", x=(1, 5, 5, 6), kernel=(9, 3, 3), groups=3),
    conv("groups of one channel", x=(1, 5, 5, 4), kernel=(8, 3, 3), groups=4),
    conv("ends of the range", ends=True),
    conv("ends of the range", x=(1, 5, 5, 4), depthwise=True, ends=True),
    conv("ends of the range, 32-bit biases", ends=True, bias=np.int32),
    conv("sums beyond 32 bits", x=(1, 3, 3, 160), kernel=(5, 3, 3), ends=True, scales=(0.0003, 0.004, 0.02)),
    conv("sums beyond 32 bits", x=(1, 26, 26, 2), kernel=(2, 25, 25), depthwise=True, ends=True, padding=VALID),
    *(dense(f"{a}", activation=a) for a in ACTIVATIONS),
    *(dense(f"factor {n}", scales=(x, w, y)) for n, x, w, y in FACTORS),
    *(dense(f"factor {n}, 32-bit biases", scales=(x, w, y), bias=np.int32) for n, x, w, y in FACTORS),
    *(dense(f"per channel, {b}-bit biases", per_channel=True, bias=t) for b, t in ((64, np.int64), (32, np.int32))),
    *(dense(f"no bias {more}", bias=None, more=more) for more in (None, NARROW)),
    dense("large", x=(1, 300), units=33),
    dense("large, 32-bit biases", x=(1, 300), units=33, bias=np.int32),
    dense("sums beyond 32 bits", x=(1, 1700), units=6, ends=True, scales=(0.0003, 0.004, 0.02)),
    *(binary(k, f"scales {n}", scales=(a, b, y)) for k in ("ADD", "SUB") for n, a, b, y in SUM_SCALES),
    *(binary("MUL", f"scales {n}", scales=(a, b, y)) for n, a, b, y in PRODUCT_SCALES),
    *(binary(k, f"{a}", activation=a, scales=(0.0002, 0.0004, 0.0005)) for k in KINDS for a in ACTIVATIONS),
    *(binary(k, f"broadcast {n}", a=a, b=b) for k in KINDS for n, a, b in BROADCASTS),
    *(binary(k, f"constant {c}", constant=c) for k in KINDS for c in "ab"),
    *(binary(k, f"option {p}", pot=p, scales=(2**-12, 2**-12, 2**-12)) for k in ("ADD", "SUB") for p in (False, True)),
    *(binary(k, "ends of the range", (10, 1), (1, 10), x0=ENDS, x1=ENDS, scales=(0.0003, 0.0003, 0.0007)) for k in KINDS),
    *(unary(k, f"scale {s:g}", (s, 2**-15)) for k in ("LOGISTIC", "TANH") for s in INPUT_SCALES),
    *(unary(k, f"from {a:g} to {b:g}", (a, b)) for k in ("RELU", "ABS") for a, b in RESCALES),
    *(rsqrt(*scales) for scales in ROOTS),
    *(unary("RELU6", f"scale {s:g}", (s, s)) for s in (0.0002, 0.0005, 0.8, 4.0)),
    *(unary("LEAKY_RELU", f"{a} from {x:g} to {y:g}", (x, y), ("LeakyReluOptions", {"Alpha": a}))
      for x, y in RESCALES for a in (0.2, 0.01, 1.5, -0.4)),
    *(softmax(f"scale {s:g}", scale=s, shape=(6, 17)) for s in (1e-6, 0.0001, 0.0003, 1 / 4096, 0.001, 0.01, 0.5, 3.0)),
    *(softmax(f"of {n}", shape=(5, n)) for n in (1, 2, 3, 17, 256, 2000)),
    *(softmax(f"equal logits of {n}", shape=(2, n), x0=np.zeros((2, n))) for n in (2, 3, 10, 64, 1000)),
    *(softmax(f"close logits, scale {s:g}", shape=(40, 12), scale=s, x0=rng("close").normal(0, 3 / s, (40, 12)))
      for s in (0.0005, 0.002, 0.01)),
    softmax("of an image", shape=(1, 3, 4, 6)),
    *(softmax_of_bytes(f"scale {s}", scale=s) for s in (0.001, 0.0235, 0.1, 0.5, 3.0)),
    *(softmax_of_bytes(f"of {n}", (3, n)) for n in (1, 2, 17, 500)),
    softmax_of_bytes("equal logits", (2, 10), x0=np.zeros((2, 10))),
    *(pool(kind, *g) for kind in BOTH for g in POOLS),
    *(pool(k, f"{a}", *POOLS[2][1:], activation=a) for k in BOTH for a in ACTIVATIONS),
    *(pool(k, "ends of the range", (1, 6, 6, 3), (3, 3), (1, 1), SAME, x0=rng(k).choice([-32768, 32767], (1, 6, 6, 3)))
      for k in BOTH),
    *(mean(*m) for m in MEANS),
    *(mean(f"{m[0]} rescaled", *m[1:], scales=(0.0005, 0.00013)) for m in MEANS),
    *(mean(f"{m[0]} rescaled down", *m[1:], scales=(0.00471, 0.02), zeros=(-128, 127)) for m in MEANS),
    *(matmul(f"{list(a)} by {list(b)}", a, b, turn) for a, b, turn in SHAPES),
    *(matmul(f"constant {c}", (2, 3, 5), (2, 5, 4), constant=c) for c in "ab"),
    matmul("constant matrix", (3, 5), (5, 4), constant="b"),
    matmul("deep", (3, 900), (900, 4)),
    *(matmul(f"factor {n}", (3, 5), (5, 4), scales=(x, w, y)) for n, x, w, y in FACTORS[:2]),
    transpose_conv("twice"),
    transpose_conv("valid", size=(9, 7), padding=VALID),
    transpose_conv("5x3 by 3x2", (2, 3, 4, 2), (3, 5, 3), (9, 8), (3, 2)),
    transpose_conv("no bias", bias=None),
    transpose_conv("16-bit biases", bias=np.int16),
    transpose_conv("per tensor", per_channel=False),
    transpose_conv("relu6", activation="relu6"),
    *(transpose_conv(f"factor {n}", scales=(x, w, y), per_channel=False) for n, x, w, y in FACTORS[:4]),
    *(pair(op, n, "MaximumMinimumOptions", (0.0003,) * 3, a, b) for op in ("MAXIMUM", "MINIMUM") for n, a, b in (
        ("equal shapes", (2, 3, 4), (2, 3, 4)), ("scalar", (2, 3, 4), (1,)), ("channels", (5,), (1, 3, 4, 5)))),
    *(pair("SQUARED_DIFFERENCE", f"scales {n}", "SquaredDifferenceOptions", s) for n, s in (
        ("usual", (0.0023, 0.0041, 0.51)), ("powers of two", (2**-12, 2**-12, 2**-9)), ("far", (0.5, 0.0001, 900.0)))),
    pair("SQUARED_DIFFERENCE", "channels", "SquaredDifferenceOptions", a=(1, 3, 4, 5), b=(5,)),
    prelu("channels"),
    prelu("one slope", slopes=(1,), scales=(0.0003, 0.002, 0.0003)),
    prelu("slopes with a zero point", zero=-7),
    *(reverse(s, a) for s, a in (((2, 3, 4), [1]), ((1, 4, 5, 2), [1, 2]))),
    *(nearest((1, 3, 4, 2), size, a, h) for size in ((6, 8), (5, 3)) for a, h in ((0, 0), (1, 0), (0, 1))),
    *(quantize(s, z) for s in (2**-12, 0.00031, 1.0) for z in (0, -300)),
    *(dequantize(s, z) for s in (2**-12, 0.00031, 1.7) for z in (0, 77)),
    *(requantize(f"{np.dtype(a[0])} {a[1]:g} {a[2]} to {np.dtype(b[0])} {b[1]:g} {b[2]}", a, b) for a, b in (
        ((np.int16, 0.0005, 0), (np.int16, 0.0003, 0)), ((np.int16, 0.0005, 0), (np.int16, 0.0005, 0)),
        ((np.int16, 0.0005, 0), (np.int16, 0.04, 0)), ((np.int16, 2**-12, 3), (np.int16, 2**-10, -5)),
        ((np.int16, 0.0005, 0), (np.int8, 0.13, -3)), ((np.int16, 2**-15, 0), (np.int8, 2**-8, -128)),
        ((np.int16, 2**-12, 0), (np.int8, 2**-5, 0)), ((np.int8, 0.13, -3), (np.int16, 0.0005, 0)),
        ((np.int8, 2**-5, 0), (np.int16, 2**-12, 0)), ((np.int8, 0.5, 7), (np.int16, 0.0001, 0)),
        ((np.int32, 2e-9, 0), (np.int16, 0.0001, 0)), ((np.int32, 2**-28, 0), (np.int8, 2**-4, 3)),
        ((np.int16, 0.001, 0), (np.int32, 0.00002, 0)), ((np.int8, 0.1, -9), (np.int32, 0.001, 0)))),
)  # fmt: skip
