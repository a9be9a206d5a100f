"""A walk over a tensor as nested loops with strides: what moves elements without changing them."""

from __future__ import annotations

from collections.abc import Iterable

from barecast.errors import UnsupportedError

AXES = 6
"""As many loops as the params structs of slice and transpose have."""


def merged(walk: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(extent, stride) of loops, outermost first, as few as do the same: those of one round are gone, and a loop whose
    stride is all that the next one covers is one with it.
    """
    axes: list[tuple[int, int]] = []
    for extent, stride in walk:
        if extent == 1:
            continue
        if axes and axes[-1][1] == extent * stride:
            axes[-1] = (axes[-1][0] * extent, stride)
        else:
            axes.append((extent, stride))
    return axes


def nested(axes: list[tuple[int, int]], what: str) -> tuple[int, ...]:
    """The AXES extents and then the AXES strides of a params struct; UnsupportedError if there are more `axes`.

    what: what a node with so many should be called in the message, as "slice".
    """
    if len(axes) > AXES:
        raise UnsupportedError(
            f"a {what} of {len(axes)} separate axes is not supported, {AXES} is the most", remedy=f"{what} in two steps"
        )
    extents, strides = zip(*((1, 0),) * (AXES - len(axes)), *axes, strict=True)
    return (*extents, *strides)
