"""Kernels of dense (contract: runtime_c/kernels/dense/dense.h), best first."""

from __future__ import annotations

from dataclasses import replace

from barecast.graph import DType
from barecast.layouts import dsp, dsp16, fpu, mve, mve16, neon, neon_a32, neon_f32, neon_i8mm, neon_mull, thumb
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)

EIGHT = 8
"""Numbers of x that dense_s8_wide_dsp takes at a time."""


def _narrow(params) -> bool:
    return not params.w_wide


def _widening_pays(params, target) -> bool:
    """Widening x takes about what 6 tiles of 4 outputs gain, and a call of the loop as much as 16 numbers. Cores that
    issue two instructions at a time hide what it saves."""
    return params.out_c >= 32 and params.in_c >= 32 and target.pipeline is None


def _mve_scratch_s16(params) -> int:
    return 4 * mve16.lanes(params.in_c) if params.in_c % mve16.LANES else 0


def _fills_eights(outputs: int) -> bool:
    """Whether computing eight outputs at a time, some for nothing, takes fewer cycles than plain C on Cortex-M0 and M3."""
    return 6 <= outputs <= 8 or outputs >= 11


def _quads_pay(params, target) -> bool:
    """Beside dense_s8_neon it takes 1.1 KB of code and saves an instruction for 18 products of a single row."""
    return params.rows == 1 and params.in_c * params.out_c >= 8192


S8_DOTPROD = Kernel(
    "bc_dense_s8_dotprod",
    "dense",
    S8,
    needs=frozenset({"a64", "dotprod"}),
    when=_narrow,
    requires="8-bit weights",
    fits=neon.shifts_fit,
    pack=neon.dense_fours,
    scratch=neon.dense_scratch,
    copy_bytes=300,
)

S8_NEON = replace(
    S8_DOTPROD,
    symbol="bc_dense_s8_neon",
    needs=frozenset({"a64", "neon"}),
    fits=neon_mull.dense_fits,
    pack=neon_mull.dense,
)

KERNELS = (
    replace(
        S8_DOTPROD,
        symbol="bc_dense_s8_i8mm",
        needs=frozenset({"a64", "i8mm"}),
        pays=lambda params, target: neon_i8mm.pays(params.rows, params.out_c, params.in_c),
        pack=neon_i8mm.dense,
        scratch=neon_i8mm.dense_scratch,
    ),
    S8_DOTPROD,
    replace(
        S8_NEON,
        symbol="bc_dense_s8_quads_neon",
        pays=_quads_pay,
        when=lambda params: _narrow(params) and params.in_c >= neon_mull.QUADS,
        requires="8-bit weights, 32 inputs or more",
        fits=neon_mull.dense_quads_fit,
    ),
    S8_NEON,
    replace(
        S8_DOTPROD,
        symbol="bc_dense_s8_a32_neon",
        needs=frozenset({"a32", "neon"}),
        fits=neon_a32.dense_fits,
        pack=neon_a32.dense,
    ),
    Kernel(
        "bc_dense_s8_mve",
        "dense",
        S8,
        needs=frozenset({"mve"}),
        when=_narrow,
        requires="8-bit weights",
        fits=mve.dots_fit,
        pack=mve.dots,
        scratch=lambda params: 2 * mve.lanes(params.in_c) if params.in_c % mve.LANES else 0,
        copy_bytes=220,
        copy_gain=0.5,
    ),
    Kernel(
        "bc_dense_s8_wide_dsp",
        "dense",
        S8,
        needs=frozenset({"dsp"}),
        wide=True,
        pays=_widening_pays,
        when=_narrow,
        requires="8-bit weights",
        fits=dsp.dense_two_in_one_fits,
        pack=lambda constants, params: dsp.dense_two_in_one(constants, params, EIGHT),
        scratch=lambda params: 2 * (-(-params.in_c // EIGHT) * EIGHT),
        copy_bytes=300,
        copy_gain=4,
    ),
    Kernel(
        "bc_dense_s8_paired_dsp",
        "dense",
        S8,
        needs=frozenset({"dsp"}),
        when=_narrow,
        requires="8-bit weights",
        fits=dsp.dense_two_in_one_fits,
        pack=dsp.dense_two_in_one,
        copy_bytes=220,
        copy_gain=4,
    ),
    Kernel(
        "bc_dense_s8_dsp",
        "dense",
        S8,
        needs=frozenset({"dsp"}),
        when=_narrow,
        requires="8-bit weights",
        pack=dsp.dense_any,
        copy_bytes=700,
        copy_gain=4,
    ),
    Kernel(
        "bc_dense_s8_thumb",
        "dense",
        S8,
        needs=frozenset({"thumb"}),
        when=lambda p: not p.w_wide and 255 * 128 * p.in_c < 2**31 and _fills_eights(p.out_c),
        requires="8-bit weights, at most 65 793 inputs, and 6 to 8 outputs or 11 and more",
        pack=thumb.dense,
        copy_bytes=900,
        copy_gain=4,
    ),
    Kernel("bc_dense_s8_c", "dense", S8, copy_bytes=400, copy_gain=1.5),
    Kernel(
        "bc_dense_s16_narrow_mve",
        "dense",
        S16,
        needs=frozenset({"mve"}),
        when=_narrow,
        requires="8-bit weights, sums of 32 bits, factors below 1/4",
        fits=mve16.dots_narrow_fit,
        pack=mve16.dots_narrow,
        scratch=_mve_scratch_s16,
        copy_bytes=220,
        copy_gain=0.5,
    ),
    Kernel(
        "bc_dense_s16_mve",
        "dense",
        S16,
        needs=frozenset({"mve"}),
        when=_narrow,
        requires="8-bit weights",
        pack=mve16.dots_long,
        scratch=_mve_scratch_s16,
        copy_bytes=220,
        copy_gain=0.5,
    ),
    Kernel(
        "bc_dense_s16_narrow_dsp",
        "dense",
        S16,
        needs=frozenset({"dsp"}),
        when=_narrow,
        requires="8-bit weights, sums of 32 bits, factors below 1/4",
        fits=dsp16.dense_narrow_fits,
        pack=dsp16.dense_narrow,
        copy_bytes=220,
        copy_gain=4,
    ),
    Kernel(
        "bc_dense_s16_dsp",
        "dense",
        S16,
        needs=frozenset({"dsp"}),
        when=_narrow,
        requires="8-bit weights",
        pack=dsp16.dense_long,
        copy_bytes=500,
        copy_gain=4,
    ),
    Kernel("bc_dense_s16_c", "dense", S16, copy_bytes=400),
    Kernel(
        "bc_dense_f32_mve",
        "dense",
        F32,
        needs=frozenset({"mve"}),
        fits=mve.both_constant,
        copy_bytes=350,
        copy_gain=1,
        pack=mve.tiles_f32,
    ),
    Kernel(
        "bc_dense_f32_neon",
        "dense",
        F32,
        needs=frozenset({"neon"}),
        fits=neon_f32.both_constant,
        pack=neon_f32.tiles,
        copy_bytes=150,
        copy_gain=0.5,
    ),
    *(
        Kernel(
            f"bc_dense_f32_{isa}",
            "dense",
            F32,
            needs=frozenset({isa}),
            fits=fpu.both_constant,
            pack=fpu.tiles,
            copy_bytes=150,
            copy_gain=1,
        )
        for isa in ("fma", "fpu")
    ),
    Kernel("bc_dense_f32_c", "dense", F32, copy_bytes=250, copy_gain=0.5),
)
