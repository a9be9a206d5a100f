"""cast: the same number in another element type. Scales and zero points play no part: stored numbers are cast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast.graph import Call, DType, TensorType
from barecast.ops.base import Op
from barecast.ops.by_rows import ByRows, elements
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Cast:
    pass


@dataclass(frozen=True)
class CastParams:
    """As in cast.h. to: an index into TYPES."""

    by_rows: ClassVar[ByRows] = elements()

    size: int
    to: int


TYPES = (DType.S8, DType.S16, DType.S32, DType.F32, DType.BOOL)
"""In the order of BC_CAST_..."""


def infer(attrs: Cast, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    return (inputs[0].shape,)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    """Floats lose their fraction and saturate, NaN becomes 0; integers keep their low bits."""
    (x,), to = arrays, call.outputs[0].type.dtype
    if x.dtype.kind == "f" and not to.is_float and to is not DType.BOOL:
        low, high = to.limits
        x = np.clip(np.trunc(np.nan_to_num(x.astype(np.float64), nan=0.0, posinf=np.inf, neginf=-np.inf)), low, high)
    return (x.astype(to.numpy),)


def lower(call: Call) -> Lowered:
    """Call order: x, y. To the type that x has already it is a copy."""
    (x,), (y,) = call.inputs, call.outputs
    params = CastParams(x.type.size, TYPES.index(y.type.dtype))
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)))


OP = Op("cast", Cast, infer, execute, lower, CastParams, lambda call: f"Cast to {call.outputs[0].type.dtype.value}")
