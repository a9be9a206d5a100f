"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, rng

SAME, VALID = 0, 1
ACTIVATIONS = {"none": 0, "relu": 1, "relu_n1_to_1": 2, "relu6": 3}

FACTORS = (
    ("half", 0.5, 0.5, 0.5),
    ("sixtyfourth", 1 / 64, 0.25, 0.25),
    ("above one", 2.0, 1.75, 1.0),
    ("far above one", 0.5, 0.25, 0.001),
    ("tiny", 1e-6, 1e-5, 0.5),
    ("vanishing", 1e-9, 1e-6, 4.0),
    ("almost one", 1.0, 0.99999994, 1.0),
    ("usual", 0.0235, 0.00417, 0.0313),
)
"""(name, input scale, weight scale, output scale)."""


def extent(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    reach = (kernel - 1) * dilation + 1
    return -(-size // stride) if padding == SAME else (size - reach) // stride + 1


def conv(
    name: str, x=(1, 6, 5, 3), kernel=(4, 3, 3), stride=(1, 1), dilation=(1, 1), padding=SAME, activation="none",
    real=False, scales=(0.05, 0.01, 0.4), zeros=(3, -5), per_channel=True, biased=True, depthwise=False, groups=1,
) -> Case:  # fmt: skip
    """kernel: (output channels, height, width)."""
    operator = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    name = f"{operator} {'f32' if real else 's8'} {name}"
    generator = rng(name)
    out_c, k_h, k_w = kernel
    shape = (1, k_h, k_w, out_c) if depthwise else (out_c, k_h, k_w, x[3] // groups)
    out = (
        x[0],
        extent(x[1], k_h, stride[0], dilation[0], padding),
        extent(x[2], k_w, stride[1], dilation[1], padding),
        out_c,
    )
    if real:
        a, y = T(x, np.float32), T(out, np.float32)
        w = T(shape, np.float32, data=generator.normal(0, 0.5, shape).astype(np.float32))
        b = T((out_c,), np.float32, data=generator.normal(0, 1, out_c).astype(np.float32))
    else:
        a, y = T(x, scale=scales[0], zero=zeros[0]), T(out, scale=scales[2], zero=zeros[1])
        spread = np.exp(generator.uniform(-1.7, 1.7, out_c)) if per_channel else np.ones(1)
        w_scales = np.float32(scales[1]) * spread.astype(np.float32)
        data = generator.integers(-127, 127, shape, endpoint=True).astype(np.int8)
        w = T(shape, scale=w_scales, axis=3 if depthwise else 0, data=data)
        bias = generator.integers(-20000, 20000, out_c, endpoint=True).astype(np.int32)
        b = T((out_c,), np.int32, scale=w_scales * np.float32(scales[0]), data=bias)
    options = dict(
        Padding=padding,
        StrideH=stride[0],
        StrideW=stride[1],
        DilationHFactor=dilation[0],
        DilationWFactor=dilation[1],
        FusedActivationFunction=ACTIVATIONS[activation],
    )
    if depthwise:
        options["DepthMultiplier"] = out_c // x[3]
    made = O(
        operator,
        (a, w, b if biased else None)[: 3 if biased else 2],
        (y,),
        ("DepthwiseConv2DOptions" if depthwise else "Conv2DOptions", options),
        version=3,
    )
    return case(name, made, (a,), (y,))


def dense(
    name: str, x=(2, 9), units=5, activation="none", real=False, scales=(0.05, 0.01, 0.4), zeros=(3, -5), w_zero=0,
    biased=True, per_channel=False, out=None, keep=False,
) -> Case:  # fmt: skip
    name = f"FULLY_CONNECTED {'f32' if real else 's8'} {name}"
    generator, depth = rng(name), x[-1]
    out = out or (int(np.prod(x)) // depth, units)
    if real:
        a, y = T(x, np.float32), T(out, np.float32)
        w = T((units, depth), np.float32, data=generator.normal(0, 0.5, (units, depth)).astype(np.float32))
        b = T((units,), np.float32, data=generator.normal(0, 1, units).astype(np.float32))
    else:
        a, y = T(x, scale=scales[0], zero=zeros[0]), T(out, scale=scales[2], zero=zeros[1])
        data = generator.integers(-127, 127, (units, depth), endpoint=True).astype(np.int8)
        spread = np.exp(generator.uniform(-1.7, 1.7, units)) if per_channel else np.ones(1)
        w_scales = np.float32(scales[1]) * spread.astype(np.float32)
        w = T((units, depth), scale=w_scales, zero=w_zero, data=data)
        bias = generator.integers(-20000, 20000, units, endpoint=True).astype(np.int32)
        b = T((units,), np.int32, scale=w_scales * np.float32(scales[0]), data=bias)
    options = {"FusedActivationFunction": ACTIVATIONS[activation], "KeepNumDims": int(keep)}
    made = O("FULLY_CONNECTED", (a, w, b if biased else None), (y,), ("FullyConnectedOptions", options), version=4)
    return case(name, made, (a,), (y,))


GEOMETRY = (
    ("1x1", (1, 4, 5, 8), (8, 1, 1), {}),
    ("1x1 stride 2", (1, 5, 6, 4), (6, 1, 1), {"stride": (2, 2)}),
    ("3x3", (1, 6, 5, 4), (8, 3, 3), {}),
    ("3x3 valid", (1, 6, 5, 4), (8, 3, 3), {"padding": VALID}),
    ("3x3 stride 2 even", (1, 8, 6, 2), (4, 3, 3), {"stride": (2, 2)}),
    ("3x3 stride 2 odd", (1, 7, 9, 2), (4, 3, 3), {"stride": (2, 2)}),
    ("5x3 stride 2x1 valid", (1, 9, 6, 2), (6, 5, 3), {"stride": (2, 1), "padding": VALID}),
    ("2x2", (1, 5, 5, 3), (3, 2, 2), {}),
    ("4x4 stride 3", (1, 10, 8, 2), (4, 4, 4), {"stride": (3, 3)}),
    ("10x4 stride 2", (1, 25, 10, 1), (8, 10, 4), {"stride": (2, 2)}),
    ("dilated", (1, 9, 9, 2), (4, 3, 3), {"dilation": (2, 3)}),
    ("dilated valid", (1, 9, 9, 2), (4, 3, 2), {"dilation": (3, 2), "padding": VALID}),
    ("batch 2", (2, 5, 4, 3), (6, 3, 3), {}),
    ("kernel larger than input", (1, 2, 2, 3), (3, 5, 5), {}),
    ("whole input", (1, 4, 4, 3), (9, 4, 4), {"padding": VALID}),
    ("one row", (1, 1, 20, 4), (8, 1, 5), {}),
)


def depthwise_geometry():
    for name, x, kernel, how in GEOMETRY:
        yield name, x, (x[3] * (2 if kernel[0] % 2 == 0 else 1), *kernel[1:]), how


CASES = (
    *(conv(n, x, k, real=r, **how) for r in (False, True) for n, x, k, how in GEOMETRY),
    *(conv(n, x, k, real=r, depthwise=True, **how) for r in (False, True) for n, x, k, how in depthwise_geometry()),
    *(conv(f"{a}", activation=a, real=r) for a in ACTIVATIONS for r in (False, True)),
    *(conv(f"{a}", x=(1, 5, 5, 4), activation=a, real=r, depthwise=True) for a in ACTIVATIONS for r in (False, True)),
    *(conv(f"{a} in steps of {s:.3f}", activation=a, scales=(0.05, 0.01, s)) for a in ("relu6", "relu_n1_to_1")
      for s in (0.8, 4.0, 12.0 / 7)),
    *(conv(f"factor {n}{' per channel' * p}", scales=(x, w, y), per_channel=p)
      for n, x, w, y in FACTORS for p in (False, True)),
    *(conv(f"factor {n}{' per channel' * p}", x=(1, 5, 5, 4), scales=(x, w, y), per_channel=p, depthwise=True)
      for n, x, w, y in FACTORS for p in (False, True)),
    *(conv(f"zero points {x} {y}", zeros=(x, y)) for x in (-128, 0, 127) for y in (-128, 127)),
    *(conv(f"zero points {x} {y}", x=(1, 5, 5, 4), zeros=(x, y), depthwise=True) for x in (-128, 127) for y in (0,)),
    conv("no bias", biased=False),
    conv("no bias", x=(1, 5, 5, 4), biased=False, depthwise=True),
    conv("groups", x=(1, 5, 5, 6), kernel=(9, 3, 3), groups=3),
    conv("groups of one channel", x=(1, 5, 5, 4), kernel=(8, 3, 3), groups=4),
    *(dense(f"{a}", activation=a, real=r) for a in ACTIVATIONS for r in (False, True)),
    *(dense(f"factor {n}", scales=(x, w, y)) for n, x, w, y in FACTORS),
    *(dense(f"factor {n} per channel", scales=(x, w, y), per_channel=True) for n, x, w, y in FACTORS),
    *(dense(f"zero points {x} {y}", zeros=(x, y)) for x in (-128, 0, 127) for y in (-128, 127)),
    *(dense(f"weights' zero point {w}", w_zero=w) for w in (-128, 1, 127)),
    dense("no bias", biased=False),
    dense("no bias", biased=False, real=True),
    dense("large", x=(1, 300), units=33),
    dense("image", x=(1, 3, 4, 5), units=7, keep=True, out=(1, 3, 4, 7)),
    dense("rows", x=(2, 3, 8), units=7, out=(6, 7)),
    dense("image", x=(1, 3, 4, 5), units=7, keep=True, out=(1, 3, 4, 7), real=True),
)  # fmt: skip
