"""TRANSPOSE_CONV, RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const, rng
from tests.tflite.cases.convolution import ACTIVATIONS, FACTORS, SAME, VALID


def transpose_conv(
    name: str, x=(1, 4, 3, 3), kernel=(4, 3, 3), size=(8, 6), stride=(2, 2), padding=SAME, activation="none",
    real=False, scales=(0.05, 0.01, 0.4), zeros=(3, -5), per_channel=True, biased=True,
) -> Case:  # fmt: skip
    """kernel: (output channels, height, width). size: of the output."""
    name = f"TRANSPOSE_CONV {'f32' if real else 's8'} {name}"
    generator = rng(name)
    out_c, k_h, k_w = kernel
    shape, out = (out_c, k_h, k_w, x[3]), (x[0], *size, out_c)
    if real:
        a, y = T(x, np.float32), T(out, np.float32)
        w = T(shape, np.float32, data=generator.normal(0, 0.5, shape).astype(np.float32))
        b = T((out_c,), np.float32, data=generator.normal(0, 1, out_c).astype(np.float32))
    else:
        a, y = T(x, scale=scales[0], zero=zeros[0]), T(out, scale=scales[2], zero=zeros[1])
        spread = np.exp(generator.uniform(-1.7, 1.7, out_c)) if per_channel else np.ones(1)
        w_scales = np.float32(scales[1]) * spread.astype(np.float32)
        w = T(shape, scale=w_scales, data=generator.integers(-127, 127, shape, endpoint=True).astype(np.int8))
        bias = generator.integers(-20000, 20000, out_c, endpoint=True).astype(np.int32)
        b = T((out_c,), np.int32, scale=w_scales * np.float32(scales[0]), data=bias)
    options = {
        "Padding": padding,
        "StrideH": stride[0],
        "StrideW": stride[1],
        "FusedActivationFunction": ACTIVATIONS[activation],
    }
    made = O("TRANSPOSE_CONV", (const(out), w, a, b)[: 4 if biased else 3], (y,), ("TransposeConvOptions", options), 3)
    return case(name, made, (a,), (y,))


TRANSPOSED = (
    ("3x3 same", {}),
    ("3x3 same odd", {"size": (7, 5)}),
    ("3x3 valid", {"size": (9, 7), "padding": VALID}),
    ("2x2 same", {"kernel": (5, 2, 2)}),
    ("2x2 valid", {"kernel": (5, 2, 2), "padding": VALID}),
    ("4x4 same", {"kernel": (3, 4, 4)}),
    ("1x1", {"kernel": (4, 1, 1), "size": (4, 3), "stride": (1, 1)}),
    ("3x3 stride 1", {"size": (4, 3), "stride": (1, 1)}),
    ("5x2 stride 3x1", {"kernel": (2, 5, 2), "size": (12, 3), "stride": (3, 1)}),
    ("batch 2", {"x": (2, 4, 3, 3)}),
    ("wide stride", {"kernel": (4, 2, 2), "size": (12, 9), "stride": (3, 3)}),
    ("17 channels", {"x": (1, 2, 2, 17), "kernel": (9, 3, 3), "size": (4, 4)}),
)

CASES = (
    *(transpose_conv(n, real=r, **how) for n, how in TRANSPOSED for r in (False, True)),
    *(transpose_conv(a, activation=a, real=r) for a in ACTIVATIONS for r in (False, True)),
    *(transpose_conv("no bias", biased=False, real=r) for r in (False, True)),
    *(transpose_conv(f"factor {n}{' per channel' * p}", scales=(x, w, y), per_channel=p)
      for n, x, w, y in FACTORS for p in (False, True)),
    *(transpose_conv(f"zero points {x} {y}", zeros=(x, y)) for x in (-128, 0, 127) for y in (-128, 127)),
)  # fmt: skip
