"""Kernels of lstm (contract: runtime_c/kernels/lstm/lstm.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS = (
    Kernel("bc_lstm_s8_c", "lstm", (DType.S8, DType.S8)),
    Kernel("bc_lstm_s16_c", "lstm", (DType.S16, DType.S16)),
    Kernel("bc_lstm_f32_c", "lstm", (DType.F32, DType.F32)),
)
