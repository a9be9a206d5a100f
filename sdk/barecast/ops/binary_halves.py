"""binary, where an exact result is half way between two integers: onnxruntime's float32 arithmetic decides.

Two forms, told apart by the attribute `fused` (ops/fused.py). As written, the operator works
on dequantised numbers, and the quotient by scale_y is rounded to even. The fused kernels use
quotients of scales and add y's zero point before they round:

    add: fma(a, scale_a / scale_y, fma(b, scale_b / scale_y, zero_y - (ra * zero_a + rb * zero_b)))
    mul: (a - zero_a) * (b - zero_b) * (scale_a * scale_b / scale_y) + zero_y

with bytes and zero points as the kernel has them (u8: 128 more than ours). The multiply-add
with one rounding is put together from float32 operations, so that it is the same on all cores.
Source: onnxruntime, core/mlas/lib/intrinsics/avx2/qladd_avx2.cpp and qlmul.cpp.
"""

from __future__ import annotations

import numpy as np

from barecast.graph import Call, Quant
from barecast.ops import fused
from barecast.ops.broadcast import loops

Quants = tuple[Quant, Quant, Quant]

NONE: dict[str, int | float] = {
    "fused": 0, "a_first": 0, "y_back": 0,
    "a_scale": 0.0, "a_rest": 0.0, "b_scale": 0.0, "b_rest": 0.0, "y_scale": 0.0, "y_offset": 0.0,
}  # fmt: skip
"""The fields of bc_binary_params for steps without halves."""


def execute(call: Call, quants: Quants, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """round(a op b) in steps of y, less y's zero point, of the shape that a and b broadcast to; int64."""
    f = fields(call, quants, swapped=False)
    zero_a, zero_b, zero_y = (q.zero_point[0] for q in quants)
    kind = call.attrs.kind
    a_scale, a_rest, b_scale, b_rest, y_scale, y_offset = (
        np.float32(f[n]) for n in ("a_scale", "a_rest", "b_scale", "b_rest", "y_scale", "y_offset")
    )
    wide_a, wide_b = a.astype(np.int32), b.astype(np.int32)
    centred_a, centred_b = (wide_a - zero_a).astype(np.float32), (wide_b - zero_b).astype(np.float32)
    if f["fused"] and kind == "mul":
        steps = centred_a * centred_b * a_scale + y_offset
    elif f["fused"]:
        first = (wide_b + f["y_back"], b_scale, b_rest)
        second = (wide_a + f["y_back"], a_scale, a_rest)
        first, second = (second, first) if f["a_first"] else (first, second)
        steps = _fma(*second, _fma(*first, y_offset))
    else:
        function = {"add": np.add, "sub": np.subtract, "mul": np.multiply}[kind]
        steps = function(centred_a * a_scale, centred_b * b_scale) / y_scale
    return np.rint(np.clip(steps, -1024, 1024)).astype(np.int64) - (f["y_back"] + zero_y if f["fused"] else 0)


def fields(call: Call, quants: Quants, swapped: bool) -> dict[str, int | float]:
    """The fields of bc_binary_params. swapped: the C has the operands the other way round."""
    scale_a, scale_b, scale_y = (np.float32(q.scale[0]) for q in quants)
    zero_a, zero_b, zero_y = (q.zero_point[0] for q in quants)
    if not call.attrs.fused:
        first, second = (scale_b, scale_a) if swapped else (scale_a, scale_b)
        return {**NONE, "a_scale": float(first), "b_scale": float(second), "y_scale": float(scale_y)}
    back = fused.offset(call.attrs.fused, call.outputs[0].type)
    found = {**NONE, "fused": 1, "y_back": back}
    if call.attrs.kind == "mul":
        factor = float(scale_a * scale_b / scale_y)
        return {**found, "a_scale": factor, "b_scale": factor, "y_offset": float(zero_y + back)}
    a, b = scale_a / scale_y, scale_b / scale_y
    # zero_y - fma(a, zero_a, b * zero_b), each product exact in float64
    inner = np.float32(np.float64(a) * (zero_a + back) + np.float64(b * np.float32(zero_b + back)))
    offset = np.float32(zero_y + back) - inner
    (a_scale, a_rest), (b_scale, b_rest) = map(_halved, (b, a) if swapped else (a, b))
    return {
        **found,
        "a_first": int(_first_is_a(call) != swapped),
        "a_scale": a_scale,
        "a_rest": a_rest,
        "b_scale": b_scale,
        "b_rest": b_rest,
        "y_offset": float(offset),
    }


def _first_is_a(call: Call) -> bool:
    """Whether a is added before b: where a is one number for a whole row. Else b is."""
    a, b = (t.type.shape for t in call.inputs)
    nest = loops(call.outputs[0].type.shape, a, b)
    rows = [i for i, extent in enumerate(nest.extent) if extent > 1]
    return bool(rows) and nest.a_stride[rows[-1]] == 0


def _halved(value: np.float32) -> tuple[float, float]:
    """The value as a sum of two float32 of 12 bits, whose products with a byte are exact."""
    high = (value.view(np.uint32) & np.uint32(0xFFFFF000)).view(np.float32)
    return float(high), float(value - high)


def _fma(byte: np.ndarray, high: np.float32, low: np.float32, addend: np.ndarray) -> np.ndarray:
    """byte * (high + low) + addend, rounded once (up to accidents of 1 in a million): bc_fma_byte_f32."""
    x = byte.astype(np.float32)
    product = x * high
    total = product + addend
    back = total - product
    error = (product - (total - back)) + (addend - back)
    return total + (error + x * low)
