"""fused: an attribute of operators whose bytes onnxruntime's default session computes with a kernel of its own.

It is "u8" or "s8", the bytes that kernel works on, or "" where the operator runs in floats
between DequantizeLinear and QuantizeLinear (frontends/onnx/fusion.py decides). Only where
an exact result is a half does it matter: docs/numerics.md.
"""

from __future__ import annotations

from barecast.graph import DType, TensorType


def offset(fused: str, type: TensorType) -> int:
    """How much larger the bytes of onnxruntime's kernel are than ours: its u8 may be our s8, 128 less."""
    return 128 if fused == "u8" and type.dtype is DType.S8 else 0
