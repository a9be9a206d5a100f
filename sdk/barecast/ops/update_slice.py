"""update_slice: x with a part replaced by `update`, which begins at `start`. All but the start are of one type.

x [...], update (as many axes, none longer), start [rank of x] int32 or int64, perhaps computed at run time -> like x.
A start from which the update would not lie on x counts as the nearest from which it does. The output may be x's bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, TensorType
from barecast.ops.base import Op
from barecast.schedule import Buffer, Lowered

AXES = 6
"""As many axes as bc_update_slice_params has."""


@dataclass(frozen=True)
class UpdateSlice:
    pass


@dataclass(frozen=True)
class UpdateSliceParams:
    """As in update_slice.h: extents of x and of the update, outermost first; run: bytes behind them."""

    extent0: int
    extent1: int
    extent2: int
    extent3: int
    extent4: int
    extent5: int
    size0: int
    size1: int
    size2: int
    size3: int
    size4: int
    size5: int
    run: int
    axes: int
    wide: int


def infer(attrs: UpdateSlice, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, update, start = (t.shape for t in inputs)
    fits = len(update) == len(x) and all(0 < u <= d for u, d in zip(update, x, strict=True))
    if not x or not fits or start != (len(x),):
        raise ModelError(
            f"an update of {list(update)} at {list(start)} numbers does not fit {list(x)}",
            remedy="correct the update's shape in the model",
        )
    if len(x) > AXES:
        raise UnsupportedError(f"{len(x)} axes, {AXES} is the most", remedy="merge axes first")
    return (x,)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, update, start = arrays
    first = np.clip(start, 0, np.array(x.shape) - update.shape)
    y = x.copy()
    y[tuple(slice(int(b), int(b) + n) for b, n in zip(first, update.shape, strict=True))] = update
    return (y,)


def lower(call: Call) -> Lowered:
    """Call order: x, update, start, y."""
    x, update, start = call.inputs
    rank = len(x.type.shape)
    ones = (1,) * (AXES - rank)
    is_wide = int(start.type.dtype is DType.S64)
    params = UpdateSliceParams(
        *ones, *x.type.shape, *ones, *update.type.shape, run=x.type.dtype.bytes, axes=rank, wide=is_wide
    )
    inputs = (Buffer(tensor.name) for tensor in call.inputs)
    return Lowered(params, (*inputs, Buffer(call.outputs[0].name, written=True)))


OP = Op(
    "update_slice", UpdateSlice, infer, execute, lower, UpdateSliceParams, lambda call: "update of a part",
    updates=((0, 0),),
)  # fmt: skip
