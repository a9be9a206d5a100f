"""Broadcasting as few loops: axes that both operands treat alike become one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from barecast.errors import ModelError, UnsupportedError

LOOPS = 5
"""As many nested loops as the params of broadcasting kernels have."""


@dataclass(frozen=True)
class Nest:
    """LOOPS nested loops, outermost first; for each operand its strides in elements, 0 where it repeats."""

    extent: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Loops:
    """A nest of two operands."""

    extent: tuple[int, ...]
    a_stride: tuple[int, ...]
    b_stride: tuple[int, ...]


def loops(shape: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...]) -> Loops:
    """The loops over an output of `shape` that read operands of shapes a and b: `nest` of two."""
    found = nest(shape, a, b)
    return Loops(found.extent, *found.strides)


def nest(shape: tuple[int, ...], *operands: tuple[int, ...]) -> Nest:
    """The loops over an output of `shape` that read operands of these shapes (numpy broadcasting).

    Equal shapes give one loop, a bias per channel two, a scalar one with stride 0.
    UnsupportedError where the operands alternate so often that LOOPS do not suffice.
    """
    rank = len(shape)
    wide = [(1,) * (rank - len(operand)) + operand for operand in operands]
    merged: list[tuple[int, tuple[bool, ...]]] = []
    for axis, extent in enumerate(shape):
        if extent == 1:
            continue
        varies = tuple(operand[axis] != 1 for operand in wide)
        if merged and merged[-1][1] == varies:
            merged[-1] = (merged[-1][0] * extent, varies)
        else:
            merged.append((extent, varies))
    if len(merged) > LOOPS:
        raise UnsupportedError(
            f"broadcasting {' with '.join(str(list(w)) for w in wide)} takes {len(merged)} nested loops, "
            f"and {LOOPS} is the most",
            remedy="transpose the operands so that the axes they share are neighbours",
        )
    merged = [(1, (False,) * len(operands))] * (LOOPS - len(merged)) + merged
    return Nest(
        tuple(extent for extent, _ in merged),
        tuple(_strides([(extent, varies[i]) for extent, varies in merged]) for i in range(len(operands))),
    )


def in_place(params: Any, element: int) -> tuple[int, int]:
    """How many bytes the output of these loops may run over either operand: all, if its element i belongs to output
    element i, and none if it repeats. params: has the extents and strides of `Loops`; element: bytes of an element of
    the output, which is no larger than an operand's.
    """
    extents = [getattr(params, f"extent{i}") for i in range(LOOPS)]

    def overlap(operand: str) -> int:
        strides = [getattr(params, f"{operand}_stride{i}") for i in range(LOOPS)]
        whole = all(extent == 1 or stride != 0 for extent, stride in zip(extents, strides, strict=True))
        return math.prod(extents) * element if whole else 0

    return overlap("a"), overlap("b")


def broadcast_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of operands of these shapes together; ModelError if they do not broadcast."""
    try:
        return tuple(int(d) for d in np.broadcast_shapes(*shapes))
    except ValueError:
        raise ModelError(
            f"shapes {' and '.join(str(list(s)) for s in shapes)} do not broadcast",
            remedy="extents must be equal, or 1, counted from the last axis",
        ) from None


def _strides(axes: list[tuple[int, bool]]) -> tuple[int, ...]:
    """The stride of each axis in a contiguous operand that has only the axes that vary."""
    extents = [extent if varies else 1 for extent, varies in axes]
    return tuple(math.prod(extents[i + 1 :]) if varies else 0 for i, (_, varies) in enumerate(axes))
