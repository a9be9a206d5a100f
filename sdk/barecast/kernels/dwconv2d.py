"""Kernels of dwconv2d (contract: runtime_c/kernels/dwconv2d/dwconv2d.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.layouts import dsp
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)


def _plane(params) -> bool:
    return params.dilation_h == params.dilation_w == 1 and params.stride_h <= 2 and not params.w_wide


def _plane_bytes(params) -> int:
    columns, height = dsp.plane(params)
    return 4 * columns * height


def _turned_plane_bytes(params) -> int:
    return _plane_bytes(dsp.turned(params))


KERNELS = (
    Kernel(
        "bc_dwconv2d_s8_k3x3_dsp",
        "dwconv2d",
        S8,
        needs=frozenset({"dsp"}),
        when=lambda p: _plane(p) and p.k_h == p.k_w == 3,
        requires="3x3 windows, no dilation, vertical stride 1 or 2, 8-bit weights",
        fits=dsp.dwconv2d_fits,
        pack=dsp.dwconv2d_k3x3,
        scratch=_plane_bytes,
    ),
    Kernel(
        "bc_dwconv2d_s8_dsp",
        "dwconv2d",
        S8,
        needs=frozenset({"dsp"}),
        when=lambda p: _plane(dsp.turned(p)),
        requires="no dilation, vertical stride 1 or 2, 8-bit weights",
        fits=dsp.dwconv2d_fits,
        pack=dsp.dwconv2d_any_window,
        scratch=_turned_plane_bytes,
    ),
    Kernel("bc_dwconv2d_s8_c", "dwconv2d", S8),
    Kernel("bc_dwconv2d_s16_c", "dwconv2d", S16),
    Kernel("bc_dwconv2d_f32_c", "dwconv2d", F32),
)
