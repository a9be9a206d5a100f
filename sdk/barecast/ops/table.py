"""table: functions of one 8-bit number as tables of its 256 values. A kernel family, not an operator of the graph.

Unary operators and requantize lower to it. An entry is what ONNX's own spelling gives:
dequantise in float32, apply the function, quantise in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast import numerics
from barecast.errors import UnsupportedError
from barecast.graph import DType, Quant, Tensor, TensorType
from barecast.ops.by_rows import ByRows, elements
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class TableParams:
    """size: elements."""

    by_rows: ClassVar[ByRows] = elements()

    size: int


PARAMS = TableParams


def per_tensor(type: TensorType, what: str) -> Quant:
    """The quantisation of a type of 8 bits, or int16, that has a single scale; UnsupportedError for any other type."""
    if type.dtype not in (DType.S8, DType.U8, DType.S16) or type.quant is None or not type.quant.per_tensor:
        raise UnsupportedError(
            f"{what} is {describe(type)}, and only s8, u8 and s16 with one scale are supported here",
            remedy="quantise the activation per tensor to 8 bits, or leave it in float32",
        )
    return type.quant


def describe(type: TensorType) -> str:
    if type.quant is None:
        return f"{type.dtype.value} without quantisation"
    return f"{type.dtype.value} quantised {'per tensor' if type.quant.per_tensor else 'per axis'}"


def byte_table(function: Callable[[np.ndarray], np.ndarray], x: TensorType, y: TensorType) -> np.ndarray:
    """256 entries of y's dtype, indexed by the byte of x (s8 -1 is entry 255).

    function: float32 array -> float32 array of the same shape.
    """
    qx, qy = per_tensor(x, "the input"), per_tensor(y, "the output")
    codes = np.arange(256, dtype=np.uint8).view(x.dtype.numpy)
    real = function(numerics.dequantize(codes, qx.scale_array(1), qx.zero_array(1)))
    return numerics.quantize(real, qy.scale_array(1), qy.zero_array(1), y.dtype.numpy)


def look_up(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    """table[byte of x] for every element; the twin of the table kernels."""
    return table[np.ascontiguousarray(x).view(np.uint8).reshape(x.shape)]


def call_table(table: np.ndarray, x: Tensor, y: Tensor) -> Lowered:
    """Call order: x, table, y."""
    args = (Buffer(x.name), Const("table", table), Buffer(y.name, written=True))
    return Lowered(TableParams(x.type.size), args, op="table")
