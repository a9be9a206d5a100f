"""Nodes of random graphs that compute shapes at run time, as exporters write them: all of it is known offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from onnx import numpy_helper

if TYPE_CHECKING:
    from tests.fuzz.growth import Growth


def _extent(g: Growth, x: str, axis: int) -> list[str]:
    """One extent, [1] of int64."""
    if g.rng.random() < 0.4:
        return g.must("Shape", [x], start=axis, end=axis + 1)
    shape = g.must("Shape", [x])
    if g.rng.random() < 0.5:
        return g.must("Gather", [shape[0], np.array([axis - (g.values[x].ndim if g.rng.random() < 0.5 else 0)])])
    return g.must("Slice", [shape[0], np.array([axis]), np.array([axis + 1]), np.array([0])])


def flat(g: Growth, x: str) -> list[str]:
    """view(x.size(a), -1), or with the product of two extents."""
    rank = g.values[x].ndim
    first = _extent(g, x, int(g.rng.integers(rank)))
    if g.rng.random() < 0.5:
        other = _extent(g, x, int(g.rng.integers(rank)))
        first = g.must("Mul", [first[0], other[0]])
        if g.values[x].size % int(g.values[first[0]][0]):
            return []
    target = g.must("Concat", [first[0], np.array([-1])], axis=0)
    return g.must("Reshape", [x, target[0]])


def filled(g: Growth, x: str) -> list[str]:
    """x + full(x.shape, c), or expand(row, x.shape) * x."""
    shape = g.must("Shape", [x])
    if g.rng.random() < 0.5:
        value = numpy_helper.from_array(np.array([g.rng.normal()], np.float32))
        full = g.must("ConstantOfShape", shape, value=value)
        return g.must("Add", [x, full[0]])
    row = g.rng.normal(1, 0.2, g.values[x].shape[-1]).astype(np.float32)
    wide = g.must("Expand", [row, shape[0]])
    return g.must("Mul", [x, wide[0]])


def counted(g: Growth, x: str) -> list[str]:
    """x + arange(x.size(-1)) / n."""
    extent = _extent(g, x, g.values[x].ndim - 1)
    end = g.must("Squeeze", extent)
    reals = g.must("Cast", g.must("Range", [np.int64(0), end[0], np.int64(1)]), to=1)
    return g.must("Add", [x, reals[0]])


def halves(g: Growth, x: str) -> list[str]:
    """x[..., : n // 2], by Slice with a computed end."""
    axis = int(g.rng.integers(g.values[x].ndim))
    extent = _extent(g, x, axis)
    half = g.must("Div", [extent[0], np.array([2])])
    if int(g.values[half[0]][0]) < 1:
        return []
    return g.must("Slice", [x, np.array([0]), half[0], np.array([axis])])


KINDS = (flat, filled, counted, halves)
