"""Kernels of pool2d (contract: runtime_c/kernels/pool2d/pool2d.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.layouts import overlap
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)

WHY = "four channels or more, windows with rows of at most 256 taps"


def _fits_lanes(p) -> bool:
    return p.channels >= 4 and p.k_w <= 256


def _eights_pay(p, target) -> bool:
    """What is left of eights is plain C's; a VCMP of the Cortex-M4 costs more than loads that are saved."""
    return p.channels % 8 <= p.channels // 8 * 2 and (not p.is_max or p.k_h * p.k_w >= 9 or "fma" in target.isa)


KERNELS = (
    Kernel(
        "bc_pool2d_s8_mve",
        "pool2d",
        S8,
        needs=frozenset({"mve"}),
        copy_bytes=650,
        overlap=overlap.of_pixels(1),
    ),
    Kernel(
        "bc_pool2d_s8_dsp",
        "pool2d",
        S8,
        needs=frozenset({"dsp"}),
        when=_fits_lanes,
        requires=WHY,
        copy_bytes=370,
        overlap=overlap.of_pixels(1),
    ),
    Kernel(
        "bc_pool2d_s8_neon",
        "pool2d",
        S8,
        needs=frozenset({"neon"}),
        when=lambda p: p.channels >= 16 and (p.is_max or p.k_h * p.k_w <= 255),
        requires="16 channels or more, averages of 255 taps at most",
        copy_bytes=400,
        overlap=overlap.of_pixels(1),
    ),
    Kernel("bc_pool2d_s8_c", "pool2d", S8, overlap=overlap.of_pixels(1), copy_bytes=250),
    Kernel(
        "bc_pool2d_s16_mve",
        "pool2d",
        S16,
        needs=frozenset({"mve"}),
        when=lambda p: p.is_max or p.k_h * p.k_w <= 4096,
        requires="averages of 4096 taps at most",
        overlap=overlap.of_pixels(2),
    ),
    Kernel(
        "bc_pool2d_s16_dsp",
        "pool2d",
        S16,
        needs=frozenset({"dsp"}),
        when=lambda p: p.channels >= 4,
        requires="four channels or more",
        overlap=overlap.of_pixels(2),
    ),
    Kernel("bc_pool2d_s16_c", "pool2d", S16, overlap=overlap.of_pixels(2), copy_bytes=140),
    Kernel(
        "bc_pool2d_f32_fpu",
        "pool2d",
        F32,
        needs=frozenset({"fpu"}),
        when=lambda p: p.channels >= 8,
        requires="eight channels or more, most of them in eights; small maxima only on Cortex-M7",
        pays=_eights_pay,
        overlap=overlap.of_pixels(4),
        copy_bytes=700,
    ),
    Kernel("bc_pool2d_f32_c", "pool2d", F32, overlap=overlap.of_pixels(4), copy_bytes=150),
)
