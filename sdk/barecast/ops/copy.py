"""copy: the input's bytes in a buffer of their own, for a view that must be a real output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.ops.by_rows import ByRows, elements
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Copy:
    pass


@dataclass(frozen=True)
class CopyParams:
    """bytes: of the input and of the output."""

    by_rows: ClassVar[ByRows] = elements("bytes")

    bytes: int


def infer(attrs: Copy, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    return (inputs[0].shape,)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    return (arrays[0].copy(),)


def lower(call: Call) -> Lowered:
    """Call order: x, y."""
    (x,), (y,) = call.inputs, call.outputs
    return Lowered(CopyParams(x.type.bytes), (Buffer(x.name), Buffer(y.name, written=True)))


OP = Op("copy", Copy, infer, execute, lower, CopyParams, lambda call: "Copy")
