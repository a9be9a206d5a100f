"""Broadcasting as few loops: axes that both operands treat alike become one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from barecast.errors import UnsupportedError

LOOPS = 5
"""As many nested loops as bc_binary_params has."""


@dataclass(frozen=True)
class Loops:
    """LOOPS nested loops, outermost first; strides are in elements, 0 where an operand repeats."""

    extent: tuple[int, ...]
    a_stride: tuple[int, ...]
    b_stride: tuple[int, ...]


def loops(shape: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...]) -> Loops:
    """The loops over an output of `shape` that read operands of shapes a and b (numpy broadcasting).

    Equal shapes give one loop, a bias per channel two, a scalar one with stride 0.
    UnsupportedError where the operands alternate so often that LOOPS do not suffice.
    """
    rank = len(shape)
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    merged: list[tuple[int, bool, bool]] = []
    for extent, in_a, in_b in zip(shape, a, b, strict=True):
        if extent == 1:
            continue
        kind = (in_a != 1, in_b != 1)
        if merged and merged[-1][1:] == kind:
            merged[-1] = (merged[-1][0] * extent, *kind)
        else:
            merged.append((extent, *kind))
    if len(merged) > LOOPS:
        raise UnsupportedError(
            f"broadcasting {list(a)} with {list(b)} takes {len(merged)} nested loops, and {LOOPS} is the most",
            remedy="transpose the operands so that the axes they share are neighbours",
        )
    merged = [(1, False, False)] * (LOOPS - len(merged)) + merged
    return Loops(
        tuple(extent for extent, _, _ in merged),
        _strides([(extent, varies) for extent, varies, _ in merged]),
        _strides([(extent, varies) for extent, _, varies in merged]),
    )


def _strides(axes: list[tuple[int, bool]]) -> tuple[int, ...]:
    """The stride of each axis in a contiguous operand that has only the axes that vary."""
    extents = [extent if varies else 1 for extent, varies in axes]
    return tuple(math.prod(extents[i + 1 :]) if varies else 0 for i, (_, varies) in enumerate(axes))
