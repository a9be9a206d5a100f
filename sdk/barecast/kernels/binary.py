"""Kernels of binary."""

from __future__ import annotations

from barecast.graph import DType
from barecast.layouts import dsp, mve, neon_vectors
from barecast.numerics import fixed_point
from barecast.ops.binary import LINEAR
from barecast.ops.broadcast import in_place
from barecast.schedule import Kernel


def _rows(p) -> bool:
    """Whether a is contiguous in the innermost loop, and b contiguous or one number."""
    return p.extent4 > 1 and p.a_stride4 == 1 and p.b_stride4 in (0, 1)


def _dsp(p) -> bool:
    """Rows in arithmetic that bc_binary_s8_dsp has."""
    if not _rows(p):
        return False
    if p.kind == LINEAR["mul"]:
        return dsp.right_shift_fits(p.ties, p.shift)
    if p.ties == fixed_point.TFLITE:
        return min(p.a_shift, p.b_shift) >= 31 and dsp.right_shift_fits(p.ties, p.shift)
    return p.ties == 0 and not p.wide


def _mve(p) -> bool:
    """Rows in arithmetic that bc_binary_s8_mve has."""
    if not _rows(p):
        return False
    if p.kind == LINEAR["mul"]:
        return mve.shift_fits(p.ties, p.shift)
    if p.ties == fixed_point.TFLITE:
        return min(p.a_shift, p.b_shift, p.shift) >= 31
    return p.ties == 0 and not p.wide


def _neon(p) -> bool:
    """Rows by TensorFlow Lite's rule; compilers make as good vectors of ONNX's sums."""
    if not _rows(p) or p.ties != fixed_point.TFLITE:
        return False
    shifts = (p.shift,) if p.kind == LINEAR["mul"] else (p.a_shift, p.b_shift, p.shift)
    return all(neon_vectors.shift_fits(p.ties, shift) for shift in shifts)


def _s16_dsp(p) -> bool:
    """Rows whose factors are right shifts of the high word."""
    sum_fits = p.kind == LINEAR["mul"] or all(31 <= shift <= 61 for shift in (p.a_shift, p.b_shift))
    return _rows(p) and sum_fits and dsp.right_shift_fits(p.ties, p.shift)


def _s16_mve(p) -> bool:
    sum_fits = p.kind == LINEAR["mul"] or min(p.a_shift, p.b_shift) >= 31
    return _rows(p) and sum_fits and mve.shift_fits(p.ties, p.shift)


def _arithmetic(p) -> tuple[int, bool]:
    """What a copy of a kernel must know: a choice for every element costs more than the arithmetic."""
    return p.kind, p.b_stride4 == 0


WHY = "a contiguous in the innermost loop, b there contiguous or one number; no ties to even, products by factors below 1/4"
WHY_NEON = "a contiguous in the innermost loop, b there contiguous or one number; TensorFlow Lite's rule, factors below 1"
WHY_S16 = "a contiguous in the innermost loop, b there contiguous or one number; factors below 1/4, of a sum's operands 1/2"

KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "bc_binary_s8_mve",
        "binary",
        (DType.S8, DType.S8),
        needs=frozenset({"mve"}),
        when=_mve,
        requires=WHY,
        overlap=lambda p: in_place(p, 1),
        copy_bytes=130,
        copy_gain=0,
        apart=_arithmetic,
    ),
    Kernel(
        "bc_binary_s8_dsp",
        "binary",
        (DType.S8, DType.S8),
        needs=frozenset({"dsp"}),
        when=_dsp,
        requires=WHY,
        overlap=lambda p: in_place(p, 1),
        copy_bytes=200,
        apart=_arithmetic,
    ),
    Kernel(
        "bc_binary_s8_neon",
        "binary",
        (DType.S8, DType.S8),
        needs=frozenset({"neon"}),
        when=_neon,
        requires=WHY_NEON,
        overlap=lambda p: in_place(p, 1),
        copy_bytes=300,
        copy_gain=0,
        apart=_arithmetic,
    ),
    Kernel(
        "bc_binary_s8_c",
        "binary",
        (DType.S8, DType.S8),
        overlap=lambda p: in_place(p, 1),
        copy_bytes=200,
        copy_gain=1,
    ),
    Kernel(
        "bc_binary_s16_mve",
        "binary",
        (DType.S16, DType.S16),
        needs=frozenset({"mve"}),
        when=_s16_mve,
        requires=WHY_S16,
        overlap=lambda p: in_place(p, 2),
        apart=_arithmetic,
    ),
    Kernel(
        "bc_binary_s16_dsp",
        "binary",
        (DType.S16, DType.S16),
        needs=frozenset({"dsp"}),
        when=_s16_dsp,
        requires=WHY_S16,
        overlap=lambda p: in_place(p, 2),
        apart=_arithmetic,
    ),
    Kernel("bc_binary_s16_c", "binary", (DType.S16, DType.S16), overlap=lambda p: in_place(p, 2)),
    Kernel(
        "bc_binary_f32_mve",
        "binary",
        (DType.F32, DType.F32),
        needs=frozenset({"mve"}),
        when=lambda p: _rows(p) and p.kind != LINEAR["mul"],
        requires="no products; a contiguous in the innermost loop, b there contiguous or one number",
        overlap=lambda p: in_place(p, 4),
        copy_bytes=70,
        copy_gain=0,
    ),
    Kernel(
        "bc_binary_f32_neon",
        "binary",
        (DType.F32, DType.F32),
        needs=frozenset({"neon"}),
        when=lambda p: _rows(p) and p.kind != LINEAR["mul"],
        requires="no products; a contiguous in the innermost loop, b there contiguous or one number",
        overlap=lambda p: in_place(p, 4),
        copy_bytes=150,
        copy_gain=0,
    ),
    Kernel(
        "bc_binary_f32_c",
        "binary",
        (DType.F32, DType.F32),
        overlap=lambda p: in_place(p, 4),
        copy_bytes=60,
        copy_gain=0,
    ),
)
