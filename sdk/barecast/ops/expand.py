"""expand: a tensor repeated along some axes, as numpy broadcasts it to a shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.ops.broadcast import broadcast_shape, nest
from barecast.ops.copy import CopyParams
from barecast.ops.strides import nested
from barecast.ops.transpose import TransposeParams
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Expand:
    """shape: broadcast with the input's (so a 1 keeps the input's extent)."""

    shape: tuple[int, ...]


def infer(attrs: Expand, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    return (broadcast_shape(inputs[0].shape, attrs.shape),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    return (np.ascontiguousarray(np.broadcast_to(arrays[0], call.outputs[0].type.shape)),)


def lower(call: Call) -> Lowered:
    """Call order: x, y. A transpose with strides of 0; where no byte moves it is a call of `copy`."""
    (x,), (y,) = call.inputs, call.outputs
    args = (Buffer(x.name), Buffer(y.name, written=True))
    if x.type.size == y.type.size:
        return Lowered(CopyParams(x.type.bytes), args, op="copy")
    found = nest(y.type.shape, x.type.shape)
    axes = list(zip(found.extent, found.strides[0], strict=True))
    return Lowered(TransposeParams(*nested(axes, "transpose")), args, op="transpose")


def title(call: Call) -> str:
    return f"Expand to {list(call.outputs[0].type.shape)}"


OP = Op("expand", Expand, infer, execute, lower, None, title)
