"""Kernels of dwconv2d (contract: runtime_c/kernels/dwconv2d/dwconv2d.h), best first."""

from __future__ import annotations

from dataclasses import replace

from barecast.graph import DType
from barecast.layouts import dsp, dsp16, fpu, mve, mve16, neon_dw, neon_f32, overlap, thumb
from barecast.schedule import Kernel, Overlap

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)


def _plane(params) -> bool:
    return params.dilation_h == params.dilation_w == 1 and params.stride_h <= 2 and not params.w_wide


def _pairs_possible(params) -> bool:
    """Whether a plane of pairs is possible, and filling it is not most of the work, as for a few outputs far apart."""
    rows, columns = thumb.dwconv2d_plane(params)
    small = params.k_h == params.k_w == 3 and params.dilation_h == params.dilation_w == 1 and not params.w_wide
    return small and rows * columns <= 3 * params.out_h * params.out_w


def _pairs_pay(params, target) -> bool:
    """A channel of nine outputs takes as long for what comes besides as for them, and most of their windows reach over
    the borders: plain C takes fewer cycles, but not where it has to make its way out without long multiplications."""
    long_products = target.timing is not None and "smull" in target.timing.cycles
    return params.out_h * params.out_w > 9 or not long_products


def _pairs_bytes(params) -> int:
    """The plane of pairs, and the sums of a row of outputs in both halves."""
    rows, columns = thumb.dwconv2d_plane(params)
    return 4 * rows * columns + 8 * params.out_w


def _planes(params) -> bool:
    """As dwconv2d_s8_dsp takes them: a dilated window is some without dilation, if its stride is 1."""
    p = dsp.turned(params)
    return not p.w_wide and p.stride_h <= 2 and (p.dilation_h == p.dilation_w == 1 or p.stride_h == p.stride_w == 1)


def _dilated(params) -> bool:
    return params.dilation_h > 1 or params.dilation_w > 1


def _planes_bytes(params) -> int:
    return dsp.phases(dsp.turned(params))


def _walkable(params) -> bool:
    small = params.k_h <= 3 and params.k_w <= 3 and params.dilation_h == params.dilation_w == 1
    return small and params.depth_multiplier == 1 and not params.w_wide and mve.vector_rounding(params)


def _plane_overlap(params, size: int = 1) -> Overlap | int:
    """A channel is copied as a whole before its outputs are written, where they are a channel of x again."""
    if params.depth_multiplier > 1 or params.batch > 1:
        return 0
    pixel = params.in_c * size
    return Overlap((params.in_h * params.in_w + params.out_h * params.out_w) * pixel, pixel)


def _plane_overlap_s16(params) -> Overlap | int:
    return _plane_overlap(params, 2)


def _bands_overlap(params, size: int = 1) -> Overlap | int:
    """The same for a plane in bands: what a band's outputs are written over may be none of a later band's rows."""
    if dsp.plane_band(params) == params.out_h or params.depth_multiplier > 1 or params.batch > 1:
        return _plane_overlap(params, size)
    lines = overlap.of_lines(params, dsp.plane_band(params), read_first=True)
    return Overlap(lines * size, params.in_c * size)


def _bands_overlap_s16(params) -> Overlap | int:
    return _bands_overlap(params, 2)


def _walk_overlap(params) -> Overlap | int:
    """Lines are taken in pairs where they overlap, all their positions before any channel, 16 channels at a time."""
    if mve.walks_down(params):
        return 0
    lines = overlap.of_lines(params, 2 if params.stride_h == 1 else 1, read_first=True)
    return lines if params.in_c <= mve.LANES else Overlap(lines, params.in_c)


def _sweepable(params) -> bool:
    """Four channels go side by side: of fewer than three the kernels without Helium are ahead."""
    return params.in_c >= 3 and not params.w_wide and mve.vector_rounding(params)


def _sweep_overlap(params) -> Overlap | int:
    """A line of outputs is written when all its lines of x are in scratch memory, 16 channels at a time."""
    if mve.walks_down(params):
        return 0
    whole = params.in_c <= mve.LANES or params.depth_multiplier == 1
    lines = overlap.of_lines(params, 1, read_first=whole)
    return lines if params.in_c <= mve.LANES else Overlap(lines, params.in_c)


S8_K3X3_DSP = Kernel(
    "bc_dwconv2d_s8_k3x3_dsp",
    "dwconv2d",
    S8,
    needs=frozenset({"dsp"}),
    when=lambda p: _plane(p) and p.k_h == p.k_w == 3,
    requires="3x3 windows, no dilation, vertical stride 1 or 2, 8-bit weights",
    fits=dsp.dwconv2d_fits,
    pack=dsp.dwconv2d_k3x3,
    scratch=dsp.plane_bytes,
    overlap=_bands_overlap,
    copy_bytes=750,
    copy_gain=8,
)

S8_DSP = Kernel(
    "bc_dwconv2d_s8_dsp",
    "dwconv2d",
    S8,
    needs=frozenset({"dsp"}),
    when=_planes,
    requires="no dilation and vertical stride 1 or 2, or strides of 1, 8-bit weights",
    fits=dsp.dwconv2d_fits,
    pack=dsp.dwconv2d_any_window,
    scratch=_planes_bytes,
    overlap=_plane_overlap,
    copy_bytes=900,
    copy_gain=8,
    apart=_dilated,
)

KERNELS = (
    Kernel(
        "bc_dwconv2d_s8_k3x3_dotprod",
        "dwconv2d",
        S8,
        needs=frozenset({"a64", "dotprod"}),
        when=neon_dw.by_dots,
        requires="3x3 windows, strides of 1 or 2, no dilation, a column of padding at most, one output a channel, eight "
        "channels or more, 8-bit weights, no ties, factors below 1/2",
        fits=neon_dw.shifts_fit,
        pack=neon_dw.columns,
        scratch=lambda params: params.in_c,
        overlap=neon_dw.dots_overlap,
        copy_bytes=250,
        copy_gain=0.2,
    ),
    Kernel(
        "bc_dwconv2d_s8_neon",
        "dwconv2d",
        S8,
        needs=frozenset({"neon"}),
        when=neon_dw.blocks,
        requires="one output a channel, eight channels or more, 8-bit weights, no two neighbours of -128, no ties, factors "
        "below 1/2",
        fits=neon_dw.pairs_fit,
        pack=neon_dw.taps,
        scratch=neon_dw.taps_scratch,
        overlap=neon_dw.taps_overlap,
        copy_bytes=250,
        copy_gain=0.2,
    ),
    Kernel(
        "bc_dwconv2d_s8_k3x3_mve",
        "dwconv2d",
        S8,
        needs=frozenset({"mve"}),
        when=_walkable,
        requires="a window up to 3 x 3, no dilation, one output a channel, 8-bit weights, no ties, factors below 1/4",
        fits=mve.walks_fit,
        pack=mve.walks,
        scratch=mve.walk_scratch,
        overlap=_walk_overlap,
        copy_bytes=350,
        copy_gain=0.5,
    ),
    Kernel(
        "bc_dwconv2d_s8_mve",
        "dwconv2d",
        S8,
        needs=frozenset({"mve"}),
        when=_sweepable,
        requires="three channels or more, 8-bit weights, no ties, factors below 1/4",
        fits=mve.walks_fit,
        pack=mve.sweeps,
        scratch=mve.sweep_scratch,
        overlap=_sweep_overlap,
        copy_bytes=600,
        copy_gain=0.5,
    ),
    S8_K3X3_DSP,
    S8_DSP,
    Kernel(
        "bc_dwconv2d_s8_k3x3_thumb",
        "dwconv2d",
        S8,
        needs=frozenset({"thumb"}),
        when=_pairs_possible,
        pays=_pairs_pay,
        requires="3x3 windows, no dilation, 8-bit weights, at most three words of the plane for each output",
        fits=thumb.dwconv2d_fits,
        pack=thumb.dwconv2d,
        scratch=_pairs_bytes,
        overlap=_plane_overlap,
        copy_bytes=600,
        copy_gain=4,
    ),
    Kernel("bc_dwconv2d_s8_c", "dwconv2d", S8, overlap=overlap.of_pixels(1), copy_bytes=1400, copy_gain=8),
    Kernel(
        "bc_dwconv2d_s16_mve",
        "dwconv2d",
        S16,
        needs=frozenset({"mve"}),
        when=lambda p: p.depth_multiplier == 1 and p.in_c >= 4 and not p.w_wide,
        requires="one output a channel, four channels or more, 8-bit weights, sums of 32 bits, factors below 1/4",
        fits=mve16.dwconv2d_fits,
        pack=mve16.dwconv2d,
        copy_bytes=360,
        overlap=overlap.of_pixels(2),
    ),
    replace(
        S8_K3X3_DSP,
        symbol="bc_dwconv2d_s16_k3x3_dsp",
        dtypes=S16,
        requires="3x3 windows, no dilation, vertical stride 1 or 2, 8-bit weights, sums of 32 bits, factors below 1/4",
        fits=dsp16.dwconv2d_fits,
        pack=dsp16.dwconv2d_k3x3,
        overlap=_bands_overlap_s16,
    ),
    replace(
        S8_DSP,
        symbol="bc_dwconv2d_s16_dsp",
        dtypes=S16,
        requires="no dilation and vertical stride 1 or 2, or strides of 1, 8-bit weights, sums of 32 bits, factors below 1/4",
        fits=dsp16.dwconv2d_fits,
        pack=dsp16.dwconv2d_any_window,
        overlap=_plane_overlap_s16,
    ),
    Kernel("bc_dwconv2d_s16_c", "dwconv2d", S16, overlap=overlap.of_pixels(2), copy_bytes=1000),
    Kernel(
        "bc_dwconv2d_f32_mve",
        "dwconv2d",
        F32,
        needs=frozenset({"mve"}),
        when=lambda params: params.depth_multiplier == 1,
        requires="one output a channel",
        overlap=lambda params: 4 * overlap.of_windows(params, 4, read_first=False, of_one_row=True),
        copy_bytes=1000,
        copy_gain=4,
    ),
    Kernel(
        "bc_dwconv2d_f32_neon",
        "dwconv2d",
        F32,
        needs=frozenset({"neon"}),
        when=lambda params: params.depth_multiplier == 1 and params.in_c >= 4,
        requires="one output a channel, four channels or more",
        overlap=neon_f32.dwconv2d_overlap,
        copy_bytes=500,
        copy_gain=2,
    ),
    *(
        Kernel(
            f"bc_dwconv2d_f32_{isa}",
            "dwconv2d",
            F32,
            needs=frozenset({isa}),
            when=fpu.planar,
            requires="3x3 windows, stride 1, no dilation, one output a channel, an even number of channels",
            fits=fpu.both_constant,
            pack=fpu.pairs,
            scratch=fpu.plane_scratch,
            overlap=fpu.plane_overlap,
            copy_bytes=150,
            copy_gain=1,
        )
        for isa in ("fma", "fpu")
    ),
    Kernel("bc_dwconv2d_f32_c", "dwconv2d", F32, overlap=overlap.of_pixels(4), copy_bytes=1000, copy_gain=5),
)
