"""concat: inputs joined along one axis. All inputs and the output share dtype and quantisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.ops.place import place
from barecast.schedule import Lowered


@dataclass(frozen=True)
class Concat:
    """axis: non-negative."""

    axis: int


def infer(attrs: Concat, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    axis, first = attrs.axis, inputs[0].shape
    if not 0 <= axis < len(first):
        raise ModelError(f"axis {axis} does not exist in {list(first)}", remedy="check the model's axis attribute")
    for i, other in enumerate(inputs[1:], 1):
        if other.shape[:axis] != first[:axis] or other.shape[axis + 1 :] != first[axis + 1 :]:
            raise ModelError(
                f"input {i} has shape {list(other.shape)}, which does not join {list(first)} along axis {axis}",
                remedy="all inputs must agree in every other axis",
            )
    total = sum(t.shape[axis] for t in inputs)
    return (first[:axis] + (total,) + first[axis + 1 :],)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    return (np.concatenate(arrays, axis=call.attrs.axis),)


def lower(call: Call) -> tuple[Lowered, ...]:
    """One call of `place` per input that has elements; together they write every byte of the output."""
    axis, (y,) = call.attrs.axis, call.outputs
    parts, start = [], 0
    for x in call.inputs:
        if x.type.size:
            parts.append(place(x, y, axis, start))
        start += x.type.shape[axis]
    return tuple(parts)


OP = Op("concat", Concat, infer, execute, lower, None, lambda call: f"Concat along axis {call.attrs.axis}")
