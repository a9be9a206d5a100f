"""Kernels of conv2d (contract: runtime_c/kernels/conv2d/conv2d.h), best first."""

from __future__ import annotations

from dataclasses import replace

from barecast.graph import DType
from barecast.layouts import (
    dsp,
    dsp16,
    fpu,
    mve,
    mve16,
    neon,
    neon_a32,
    neon_f32,
    neon_i8mm,
    neon_mull,
    overlap,
    thumb,
    winograd,
    winograd_f32,
)
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)

GROUPS = "8-bit weights, groups of two outputs or more"


def _dsp(params) -> bool:
    """Four outputs share a window: of groups of one output plain C is ahead."""
    return not params.w_wide and (params.groups == 1 or params.out_c // params.groups > 1)


def _mve(params) -> bool:
    """16 products at a time: of groups with a few the kernels without Helium are ahead."""
    depth = params.k_h * params.k_w * params.in_c // params.groups
    return _dsp(params) and (params.groups == 1 or depth >= 8)


def _mve_s16(params, least: int = 8) -> bool:
    """Groups that fill a quad, of `least` products or more: with others the kernels without Helium are ahead."""
    depth, outputs = params.k_h * params.k_w * params.in_c // params.groups, params.out_c // params.groups
    return not params.w_wide and (params.groups == 1 or (depth >= least and outputs >= 4))


def _dsp_scratch(params, size: int = 1) -> int:
    """The pairs of two windows, then two segments of numbers of `size` bytes where there is padding."""
    padded = max(params.pad_top, params.pad_left, params.pad_bottom, params.pad_right) > 0
    return 8 * dsp.conv2d_pairs(params) + (2 * size * dsp.segments(params)[1] if padded else 0)


def _flat(params) -> bool:
    """Whether a window is one pixel and the next window the next pixel: the walk over the windows falls away."""
    padded = max(params.pad_top, params.pad_left, params.pad_bottom, params.pad_right) > 0
    return params.k_h == params.k_w == params.stride_h == params.stride_w == 1 and not padded


def _two_windows(params) -> int:
    """Two windows are expanded before their results are written; of groups, one after the other is done."""
    return 0 if params.groups > 1 else overlap.of_windows(params, 2, read_first=True)


def _two_windows_s16(params) -> int:
    return 2 * _two_windows(params)


def _always_gathered(params) -> bool:
    """Whether no window is read where it lies: it is more than one pixel, or may lie on padding."""
    padded = max(params.pad_top, params.pad_left, params.pad_bottom, params.pad_right) > 0
    return params.k_h * params.k_w > 1 or padded


def _mve_scratch(params) -> int:
    """Two windows, unless a window is a pixel of x (or a group's part of one) and that is whole chunks."""
    depth = params.k_h * params.k_w * params.in_c // params.groups
    return 2 * mve.lanes(depth) if _always_gathered(params) or depth % mve.LANES else 0


def _mve_overlap(params) -> int:
    return 0 if params.groups > 1 else overlap.of_windows(params, 2, read_first=_always_gathered(params))


def _mve_scratch_s16(params) -> int:
    depth = params.k_h * params.k_w * params.in_c // params.groups
    return 4 * mve16.lanes(depth) if _always_gathered(params) or depth % mve16.LANES else 0


def _mve_overlap_s16(params) -> int:
    return 2 * _mve_overlap(params)


def _neon_overlap(params) -> int:
    """Bands and gathered windows are read before their results are written; what is read where it lies is not."""
    if not neon.whole_rows(params):
        return 0 if params.groups > 1 else overlap.of_windows(params, neon.PIXELS, read_first=True)
    if neon.padded(params) or not neon.by_rows(params):
        return overlap.of_lines(params, neon.band_rows(params), read_first=True)
    return overlap.of_windows(params, neon.PIXELS, read_first=False, of_one_image=not _flat(params))


def _matrices_pay(params, target) -> bool:
    p = params
    depth, outputs = p.k_h * p.k_w * p.in_c // p.groups, p.out_c // p.groups
    return neon_i8mm.pays(p.batch * p.out_h * p.out_w, outputs, depth)


S8_DOTPROD = Kernel(
    "bc_conv2d_s8_dotprod",
    "conv2d",
    S8,
    needs=frozenset({"a64", "dotprod"}),
    when=_dsp,
    requires=GROUPS,
    fits=neon.shifts_fit,
    pack=neon.conv2d_fours,
    scratch=neon.conv2d_scratch,
    overlap=_neon_overlap,
    copy_bytes=700,
)

S8_DSP = Kernel(
    "bc_conv2d_s8_dsp",
    "conv2d",
    S8,
    needs=frozenset({"dsp"}),
    when=_dsp,
    requires=GROUPS,
    pack=dsp.conv2d_any,
    scratch=_dsp_scratch,
    overlap=_two_windows,
    copy_bytes=1200,
    copy_gain=3,
    apart=_flat,
)

S16_MVE = Kernel(
    "bc_conv2d_s16_mve",
    "conv2d",
    S16,
    needs=frozenset({"mve"}),
    when=lambda params: _mve_s16(params, 64),
    requires="8-bit weights, groups of four outputs and 64 products or more",
    pack=mve16.dots_long,
    scratch=_mve_scratch_s16,
    overlap=_mve_overlap_s16,
    copy_bytes=350,
    copy_gain=0.5,
)

S16_DSP = Kernel(
    "bc_conv2d_s16_dsp",
    "conv2d",
    S16,
    needs=frozenset({"dsp"}),
    when=_dsp,
    requires=GROUPS,
    pack=dsp16.conv2d_long,
    scratch=lambda params: _dsp_scratch(params, 2),
    overlap=_two_windows_s16,
    copy_bytes=1000,
    copy_gain=3,
    apart=_flat,
)

KERNELS = (
    replace(
        S8_DOTPROD,
        symbol="bc_conv2d_s8_i8mm",
        needs=frozenset({"a64", "i8mm"}),
        pays=_matrices_pay,
        pack=neon_i8mm.conv2d,
        scratch=neon_i8mm.conv2d_scratch,
    ),
    S8_DOTPROD,
    replace(
        S8_DOTPROD,
        symbol="bc_conv2d_s8_neon",
        needs=frozenset({"a64", "neon"}),
        fits=neon_mull.conv2d_fits,
        pack=neon_mull.conv2d,
    ),
    replace(
        S8_DOTPROD,
        symbol="bc_conv2d_s8_a32_neon",
        needs=frozenset({"a32", "neon"}),
        fits=neon_a32.conv2d_fits,
        pack=neon_a32.conv2d,
    ),
    Kernel(
        "bc_conv2d_s8_mve",
        "conv2d",
        S8,
        needs=frozenset({"mve"}),
        when=_mve,
        requires="8-bit weights, groups of two outputs and 8 products or more",
        fits=mve.dots_fit,
        pack=mve.dots,
        scratch=_mve_scratch,
        overlap=_mve_overlap,
        copy_bytes=350,
    ),
    Kernel(
        "bc_conv2d_s8_k3x3_wide_dsp",
        "conv2d",
        S8,
        needs=frozenset({"dsp"}),
        wide=True,
        pays=lambda params, target: winograd.pays(params),
        tile=2,
        when=lambda params: params.groups == 1 and not params.w_wide and winograd.takes(params),
        requires="no groups, 8-bit weights, 3x3 with strides and dilations of 1",
        fits=winograd.fits,
        pack=winograd.pack,
        scratch=winograd.scratch,
        overlap=lambda params: overlap.of_lines(params, 2, read_first=False),
        copy_bytes=2200,
        copy_gain=13,
    ),
    replace(
        S8_DSP,
        symbol="bc_conv2d_s8_paired_dsp",
        fits=dsp.conv2d_two_in_one_fits,
        pack=dsp.conv2d_two_in_one,
        copy_bytes=400,
    ),
    S8_DSP,
    Kernel(
        "bc_conv2d_s8_thumb",
        "conv2d",
        S8,
        needs=frozenset({"thumb"}),
        when=lambda p: not p.w_wide,
        requires="8-bit weights",
        fits=thumb.conv2d_fits,
        pack=thumb.conv2d,
        scratch=lambda p: 8 * thumb.conv2d_taps(p),
        overlap=lambda p: overlap.of_windows(p, 4, True, of_one_image=True) if p.groups == 1 else 0,
        copy_bytes=850,
        copy_gain=1,
    ),
    Kernel("bc_conv2d_s8_c", "conv2d", S8, overlap=overlap.of_pixels(1), copy_bytes=1200),
    replace(
        S16_MVE,
        symbol="bc_conv2d_s16_narrow_mve",
        when=_mve_s16,
        requires="8-bit weights, groups of four outputs and 8 products or more, sums of 32 bits, factors below 1/4",
        fits=mve16.dots_narrow_fit,
        pack=mve16.dots_narrow,
    ),
    S16_MVE,
    replace(
        S16_DSP,
        symbol="bc_conv2d_s16_narrow_dsp",
        requires=f"{GROUPS}, sums of 32 bits, factors below 1/4",
        fits=dsp16.conv2d_narrow_fits,
        pack=dsp16.conv2d_narrow,
        copy_bytes=400,
    ),
    S16_DSP,
    Kernel("bc_conv2d_s16_c", "conv2d", S16, overlap=overlap.of_pixels(2), copy_bytes=700),
    Kernel(
        "bc_conv2d_f32_mve",
        "conv2d",
        F32,
        needs=frozenset({"mve"}),
        when=lambda params: params.groups == 1,
        requires="no groups",
        fits=mve.both_constant,
        pack=mve.tiles_f32,
        copy_bytes=570,
        copy_gain=2.3,
        overlap=overlap.of_pixels(4),
    ),
    Kernel(
        "bc_conv2d_f32_k3x3_neon",
        "conv2d",
        F32,
        needs=frozenset({"neon"}),
        winograd=True,
        pays=lambda params, target: winograd_f32.pays(params),
        tile=2,
        when=winograd_f32.takes,
        requires="no groups, 3x3 with strides and dilations of 1, channels in whole fours",
        fits=winograd_f32.fits,
        pack=winograd_f32.pack,
        scratch=winograd_f32.scratch,
        overlap=lambda params: 4 * overlap.of_lines(params, 2, read_first=True),
        copy_bytes=300,
        copy_gain=0.5,
    ),
    Kernel(
        "bc_conv2d_f32_neon",
        "conv2d",
        F32,
        needs=frozenset({"neon"}),
        when=lambda params: params.groups == 1,
        requires="no groups",
        fits=neon_f32.both_constant,
        pack=neon_f32.tiles,
        scratch=neon_f32.conv2d_scratch,
        overlap=neon_f32.conv2d_overlap,
        copy_bytes=300,
        copy_gain=0.5,
    ),
    *(
        Kernel(
            f"bc_conv2d_f32_{isa}",
            "conv2d",
            F32,
            needs=frozenset({isa}),
            when=lambda params: params.groups == 1,
            requires="no groups",
            fits=fpu.both_constant,
            pack=fpu.tiles,
            scratch=fpu.conv2d_scratch,
            overlap=lambda params: 4 * overlap.of_windows(params, fpu.PIXELS, read_first=False),
            copy_bytes=150,
            copy_gain=1,
        )
        for isa in ("fma", "fpu")
    ),
    Kernel("bc_conv2d_f32_c", "conv2d", F32, overlap=overlap.of_pixels(4), copy_bytes=1000, copy_gain=1),
)
