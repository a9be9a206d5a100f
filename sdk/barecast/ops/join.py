"""join: one of two tensors, as a condition says. What only the other one needs is not computed (guards.py).

Inputs: the condition (one bool), the tensor if it is true, the tensor if it is false. All but it are of one type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.ops.copy import CopyParams
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Join:
    pass


def infer(attrs: Join, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    condition, first, second = inputs
    if condition.size != 1 or first.shape != second.shape:
        raise ModelError(
            f"a condition of {list(condition.shape)} between {list(first.shape)} and {list(second.shape)}",
            remedy="both branches must give the same shape, and the condition be one value",
        )
    return (first.shape,)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    condition, first, second = arrays
    return ((first if condition.reshape(-1)[0] else second).copy(),)


def lower(call: Call) -> tuple[Lowered, ...]:
    """A copy of each side, which runs only if it is the one; a side that lies in the result's bytes needs none."""
    condition, *sides = call.inputs
    (y,) = call.outputs
    return tuple(
        Lowered(
            CopyParams(side.type.bytes),
            (Buffer(side.name), Buffer(y.name, written=True)),
            op="copy",
            guard=(condition.name, value),
        )
        for side, value in zip(sides, (True, False), strict=True)
    )


OP = Op("join", Join, infer, execute, lower, None, lambda call: "If")
