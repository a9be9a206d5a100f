"""select: a where a condition holds, b elsewhere, with numpy broadcasting of all three. Stored numbers move as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.graph import Call, TensorType
from barecast.ops.base import Op, argument
from barecast.ops.broadcast import broadcast_shape, nest
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Select:
    """Inputs: condition (bool), a, b."""


@dataclass(frozen=True)
class SelectParams:
    """As in select.h: five nested loops, the last the innermost, with strides in elements."""

    extent0: int
    extent1: int
    extent2: int
    extent3: int
    extent4: int
    c_stride0: int
    c_stride1: int
    c_stride2: int
    c_stride3: int
    c_stride4: int
    a_stride0: int
    a_stride1: int
    a_stride2: int
    a_stride3: int
    a_stride4: int
    b_stride0: int
    b_stride1: int
    b_stride2: int
    b_stride3: int
    b_stride4: int


def infer(attrs: Select, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    return (broadcast_shape(*(t.shape for t in inputs)),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    condition, a, b = arrays
    return (np.where(condition, a, b).astype(a.dtype, copy=False),)


def lower(call: Call) -> Lowered:
    """Call order: condition, a, b, y."""
    (y,) = call.outputs
    found = nest(y.type.shape, *(t.type.shape for t in call.inputs))
    params = SelectParams(*found.extent, *(s for strides in found.strides for s in strides))
    operands = tuple(argument(t) for t in call.inputs)
    return Lowered(params, (*operands, Buffer(y.name, written=True)))


OP = Op("select", Select, infer, execute, lower, SelectParams, lambda call: "Select")
