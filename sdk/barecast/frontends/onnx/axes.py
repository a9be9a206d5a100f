"""Axis attributes: negative ones count from the end; out of range or named twice is an error."""

from __future__ import annotations

from collections.abc import Iterable

from barecast.frontends.onnx.damage import damaged


def one_axis(axis: int, rank: int, *, inclusive: bool = False) -> int:
    """The axis as 0 .. rank - 1 (rank itself too, if inclusive)."""
    if not -rank <= axis <= (rank if inclusive else rank - 1):
        raise damaged(f"axis {axis} does not exist in a tensor of {rank} axes")
    return axis + rank if axis < 0 else axis


def sorted_axes(axes: Iterable[int], rank: int) -> tuple[int, ...]:
    """Each as 0 .. rank - 1, ascending."""
    found = [one_axis(int(a), rank) for a in axes]
    if len(set(found)) != len(found):
        raise damaged(f"axes {found} name an axis twice")
    return tuple(sorted(found))
