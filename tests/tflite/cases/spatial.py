"""TRANSPOSE_CONV, resizing, mirrored padding, reversal, blocks to and from the batch."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, const, rng
from tests.tflite.cases.convolution import ACTIVATIONS, FACTORS, SAME, VALID
from tests.tflite.cases.movement import EVERY, PLAIN


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


KINDS = {"f32": {"dtype": np.float32}, "s8": {"scale": 0.05, "zero": -3}}


def resize(kind: str, type: str, x, size, align=False, half=False) -> Case:
    table = "ResizeBilinearOptions" if kind == "RESIZE_BILINEAR" else "ResizeNearestNeighborOptions"
    a, y = T(x, **KINDS[type]), T((x[0], *size, x[3]), **KINDS[type])
    made = O(kind, (a, const(size)), (y,), (table, {"AlignCorners": align, "HalfPixelCenters": half}), version=3)
    name = f"{kind} {type} {list(x)} to {list(size)}{' align' * align}{' half' * half}"
    return case(name, made, (a,), (y,))


def mirror_pad(type: str, x, amounts, mode: int) -> Case:
    a, y = T(x, **KINDS[type]), T(tuple(d + sum(p) for d, p in zip(x, amounts, strict=True)), **KINDS[type])
    made = O("MIRROR_PAD", (a, const(amounts)), (y,), ("MirrorPadOptions", {"Mode": mode}))
    return case(f"MIRROR_PAD {type} {list(x)} by {amounts} {('reflect', 'symmetric')[mode]}", made, (a,), (y,))


def reverse(type: str, x, axes) -> Case:
    how = EVERY[type]
    a, y = T(x, **how), T(x, **how)
    made = O("REVERSE_V2", (a, const(axes)), (y,), ("ReverseV2Options", {}))
    return case(f"REVERSE_V2 {type} {list(x)} along {axes}", made, (a,), (y,))


def blocks(op: str, type: str, x, out, block, amounts) -> Case:
    a, y = T(x, **KINDS[type]), T(out, **KINDS[type])
    table = "SpaceToBatchNDOptions" if op == "SPACE_TO_BATCH_ND" else "BatchToSpaceNDOptions"
    made = O(op, (a, const(block), const(amounts)), (y,), (table, {}))
    return case(f"{op} {type} {list(x)} by {block} {amounts}", made, (a,), (y,))


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

SIZES = (
    ((1, 3, 4, 3), (6, 8)),
    ((2, 5, 7, 2), (3, 4)),
    ((1, 4, 3, 1), (9, 10)),
    ((1, 7, 6, 5), (7, 6)),
    ((1, 1, 1, 3), (4, 5)),
    ((1, 5, 6, 2), (1, 1)),
    ((1, 3, 2, 1), (300, 7)),
    ((1, 2, 90, 1), (3, 61)),
)

BLOCKS = (
    ((1, 4, 6, 3), (4, 2, 3, 3), (2, 2), ((0, 0), (0, 0))),
    ((2, 3, 4, 2), (12, 1, 2, 2), (3, 2), ((0, 0), (0, 0))),
    ((2, 6, 5), (6, 2, 5), (3,), ((0, 0),)),
    ((2, 3, 4, 1), (12, 2, 3, 1), (2, 3), ((1, 0), (2, 3))),
    ((1, 5, 4, 2), (6, 2, 4, 2), (3, 2), ((0, 1), (1, 3))),
    ((2, 6, 5), (6, 3, 5), (3,), ((1, 2),)),
)
"""(image, batch, block, amounts). TFLM pads with bytes that it never set: test_spatial.py has those."""

CASES = (
    *(resize(k, t, x, size, align, half) for k in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR") for t in KINDS
      for x, size in SIZES for align, half in ((0, 0), (1, 0), (0, 1), (1, 1))
      if not (align and half and k == "RESIZE_BILINEAR")),
    *(mirror_pad(t, x, amounts, mode) for t in KINDS for mode in (0, 1) for x, amounts in (
        ((1, 4, 5, 3), ((0, 0), (2, 1), (1, 3), (0, 0))), ((7,), ((6, 6),)), ((2, 3, 4), ((1, 1), (0, 2), (3, 0))),
        ((1, 3, 3, 2), ((0, 0), (0, 0), (0, 0), (1, 1))))),
    *(reverse(t, x, axes) for t in (*KINDS, "u8") for x, axes in (
        ((5,), (0,)), ((2, 3, 4), (1,)), ((2, 3, 4), (2, 1)), ((1, 3, 4, 5), (-1,)), ((2, 3, 4), (0, 1, 2)))),
    *(reverse(t, x, axes) for t in PLAIN for x, axes in (((5,), (0,)), ((2, 3, 4), (2, 1)))),
    *(blocks("SPACE_TO_BATCH_ND", t, x, y, b, a) for t in KINDS for x, y, b, a in BLOCKS if not np.any(a)),
    *(blocks("BATCH_TO_SPACE_ND", t, y, x, b, a) for t in KINDS for x, y, b, a in BLOCKS),
    *(transpose_conv(n, real=r, **how) for n, how in TRANSPOSED for r in (False, True)),
    *(transpose_conv(a, activation=a, real=r) for a in ACTIVATIONS for r in (False, True)),
    *(transpose_conv("no bias", biased=False, real=r) for r in (False, True)),
    *(transpose_conv(f"factor {n}{' per channel' * p}", scales=(x, w, y), per_channel=p)
      for n, x, w, y in FACTORS for p in (False, True)),
    *(transpose_conv(f"zero points {x} {y}", zeros=(x, y)) for x in (-128, 0, 127) for y in (-128, 127)),
)  # fmt: skip
