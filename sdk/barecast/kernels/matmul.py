"""Kernels of matmul (contract: runtime_c/kernels/matmul/matmul.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.layouts import dsp, mve
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)


def _dsp(p) -> bool:
    return p.k > 0 and dsp.right_shift_fits(p.ties, p.shift) and p.k * 255 * 255 < 2**30


def _mve(p) -> bool:
    return 0 < p.k and p.n <= 4096 and mve.shift_fits(p.ties, p.shift)


KERNELS = (
    Kernel(
        "bc_matmul_s8_mve",
        "matmul",
        S8,
        needs=frozenset({"mve"}),
        when=_mve,
        requires="no ties, factors below 1/4, rows of b of at most 4096 elements",
        scratch=mve.matmul_scratch,
    ),
    Kernel(
        "bc_matmul_s8_dsp",
        "matmul",
        S8,
        needs=frozenset({"dsp"}),
        when=_dsp,
        requires="no ties, factors below 1/4, a depth of at most 16512",
        scratch=lambda p: 10 * 4 * dsp.pairs_in_fours(p.k),
    ),
    Kernel("bc_matmul_s8_c", "matmul", S8),
    Kernel("bc_matmul_s16_c", "matmul", S16),
    Kernel("bc_matmul_f32_c", "matmul", F32),
)
