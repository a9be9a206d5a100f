"""Kernels of softmax."""

from __future__ import annotations

from barecast.graph import DType
from barecast.ops.softmax import SoftmaxParams
from barecast.schedule import Const, Kernel


def _in_place(element: int):
    """Rows of neighbours may be written over any earlier bytes; rows that interleave (inner > 1) may not."""
    return lambda p: p.outer * p.extent * element if p.inner == 1 else 0


def _mve(p) -> bool:
    return p.inner == 1 and p.extent >= 4 and (p.ties != 1 or p.shift >= 46)


def _is_tflite(p: SoftmaxParams) -> bool:
    return p.ties >= 2


def _dsp(p: SoftmaxParams) -> bool:
    if p.inner != 1 or p.extent < 4:
        return False
    return p.extent < 2048 and (_is_tflite(p) or (p.shift >= 48 and p.mult >> (p.shift - 32) < 512))


def _dsp_pack(constants: tuple[Const, ...], p: SoftmaxParams) -> tuple[Const, ...]:
    """Under ONNX's rule the terms as large as 31 bits hold them: `bc_softmax_s8_dsp_up` of the header."""
    (table,) = constants
    return constants if _is_tflite(p) else (Const(table.role, table.data << (p.extent.bit_length() - 2)),)


KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "bc_softmax_s8_mve",
        "softmax",
        (DType.S8, DType.S8),
        needs=frozenset({"mve"}),
        when=_mve,
        requires="rows of four neighbours or more, an output scale of 2**-17 or more",
        overlap=_in_place(1),
        copy_bytes=1200,
    ),
    Kernel(
        "bc_softmax_s8_dsp",
        "softmax",
        (DType.S8, DType.S8),
        needs=frozenset({"dsp"}),
        when=_dsp,
        requires="rows of 4 to 2047 neighbours, an output scale of 1/511 or more",
        pays=lambda p, target: p.extent >= 12 and p.outer * p.extent >= 64,
        pack=_dsp_pack,
        overlap=_in_place(1),
    ),
    Kernel("bc_softmax_s8_c", "softmax", (DType.S8, DType.S8), overlap=_in_place(1), copy_bytes=600),
    Kernel("bc_softmax_s16_c", "softmax", (DType.S16, DType.S16), overlap=_in_place(2), copy_bytes=1700),
    Kernel("bc_softmax_s8_s16_c", "softmax", (DType.S8, DType.S16)),
    Kernel("bc_softmax_f32_c", "softmax", (DType.F32, DType.F32), overlap=_in_place(4), copy_bytes=590),
)
