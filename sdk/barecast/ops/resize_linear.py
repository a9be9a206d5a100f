"""resize_linear: the tables and the call of bilinear interpolation. A kernel family, not an operator of the graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.graph import Tensor
from barecast.schedule import Buffer, Const, Lowered

ONE = 1024
"""The weight 1 of the integer kernels."""


@dataclass(frozen=True)
class ResizeLinearParams:
    """bc_resize_linear_params (runtime_c/kernels/resize_linear/resize_linear.h), field by field."""

    batch: int
    in_h: int
    in_w: int
    channels: int
    out_h: int
    out_w: int
    away: int


PARAMS = ResizeLinearParams


@dataclass(frozen=True, eq=False)
class Axis:
    """Between which two elements each output lies (int16 [n, 2]), and the weight of the second ([n]).

    weight: float32, 0 to 1 (beyond, where both elements are one, or 1/2), or int16 in 1024ths, -512 to 1024.
    """

    places: np.ndarray
    weight: np.ndarray


def interpolate(x: np.ndarray, rows: Axis, columns: Axis, away: bool) -> np.ndarray:
    """x [N, H, W, C], int8 or float32, as the kernels compute it: floats in float32 and in their order, which is onnxruntime's.

    Halves are frequent where dequantised bytes are interpolated. A sum that is rounded elsewhere would be another byte.
    """
    integer = x.dtype.kind == "i"
    wide = x.astype(np.int64) if integer else x
    one = ONE if integer else np.float32(1)
    down = rows.weight[:, None, None].astype(wide.dtype)
    east = columns.weight[:, None].astype(wide.dtype)
    up, west = one - down, one - east
    above, below = wide[:, rows.places[:, 0]], wide[:, rows.places[:, 1]]
    left, right = columns.places[:, 0], columns.places[:, 1]
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        total = above[:, :, left] * (up * west) + above[:, :, right] * (up * east)
        total += below[:, :, left] * (down * west)
        total += below[:, :, right] * (down * east)
    if not integer:
        return total
    return ((total + ONE * ONE // 2 - (away & (total < 0))) >> 20).astype(x.dtype)


def call_resize_linear(x: Tensor, y: Tensor, rows: Axis, columns: Axis, away: bool) -> Lowered:
    """Call order: x, rows, their weights, columns, their weights, y."""
    params = ResizeLinearParams(*x.type.shape, *y.type.shape[1:3], int(away))
    tables = (Const("table", t) for t in (rows.places, rows.weight, columns.places, columns.weight))
    return Lowered(params, (Buffer(x.name), *tables, Buffer(y.name, written=True)), op="resize_linear")
