"""Sparse constants as the format stores them, unfolded.

The axes of a tensor, and of the blocks that some axes are cut into, are walked in an order that the file gives. At each
level of the walk either all indices occur, or those that are listed for the index before (compressed rows). The stored
values are those at the ends of the walk, in its order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tflite

from barecast.errors import ModelError, printable
from barecast.frontends.tflite.structure import REMEDY

DENSE_MAX = 2**24
"""Elements of a tensor once it is unfolded."""


def dense(values: np.ndarray, shape: tuple[int, ...], sparsity: Any, name: str) -> np.ndarray:
    """The tensor of this shape, zero where nothing is stored. values: all that are stored, in one row."""
    if math.prod(shape) > DENSE_MAX:
        raise _wrong(name, f"has {math.prod(shape)} elements, {DENSE_MAX} are the most")
    order, block_map, sizes = _levels(sparsity, shape, name)
    rank = len(shape)
    blocks = {axis: sizes[order.index(rank + k)] for k, axis in enumerate(block_map)}
    for axis, extent in enumerate(shape):
        if blocks.get(axis, 1) < 1 or sizes[order.index(axis)] * blocks.get(axis, 1) != extent:
            raise _wrong(name, f"has blocks that do not make up its shape {list(shape)}")
    places = np.zeros((rank, 1), np.int64)
    parents = np.zeros(1, np.int64)
    for level, (axis, size) in enumerate(zip(order, sizes, strict=True)):
        rows, index, parents = _walk(sparsity.DimMetadata(level), size, parents, name)
        if len(rows) > len(values):
            raise _wrong(name, f"has {len(values)} values for more places")
        places = places[:, rows]
        if axis < rank:
            places[axis] += index * blocks.get(axis, 1)
        else:
            places[block_map[axis - rank]] += index
    if places.shape[1] != len(values):
        raise _wrong(name, f"has {len(values)} values for {places.shape[1]} places")
    result = np.zeros(shape, values.dtype)
    result[tuple(places)] = values
    return result


def _levels(sparsity: Any, shape: tuple[int, ...], name: str) -> tuple[list[int], list[int], list[int]]:
    """(axis of each level, those from the tensor's rank on being blocks; the axis of each block; indices of each level)."""
    order = [int(sparsity.TraversalOrder(i)) for i in range(sparsity.TraversalOrderLength())]
    block_map = [int(sparsity.BlockMap(i)) for i in range(sparsity.BlockMapLength())]
    if sorted(order) != list(range(len(shape) + len(block_map))) or sparsity.DimMetadataLength() != len(order):
        raise _wrong(name, f"is stored in {len(order)} levels that are not its axes and blocks")
    if len(set(block_map)) != len(block_map) or not all(0 <= axis < len(shape) for axis in block_map):
        raise _wrong(name, "has blocks along axes that it has not")
    sizes: list[int] = []
    blocks: dict[int, int] = {}
    for level, axis in enumerate(order):
        table = sparsity.DimMetadata(level)
        if table.Format() == tflite.DimensionType.DENSE:
            sizes.append(int(table.DenseSize()))
            if axis >= len(shape):
                blocks[block_map[axis - len(shape)]] = sizes[-1]
        elif table.Format() == tflite.DimensionType.SPARSE_CSR:
            sizes.append(-1)
        else:
            raise _wrong(name, f"has a level of the unknown kind {table.Format()}")
    for level, axis in enumerate(order):
        if sizes[level] < 0:  # compressed: the file does not say how many indices there could be
            if axis >= len(shape) or blocks.get(axis, 1) < 1:
                raise _wrong(name, "has compressed or empty blocks")
            sizes[level] = shape[axis] // blocks.get(axis, 1)
    return order, block_map, sizes


def _walk(table: Any, size: int, parents: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One level on: (for each new place the number of the old one, its index here, its number for the next level)."""
    if table.Format() == tflite.DimensionType.DENSE:
        if len(parents) * size > DENSE_MAX:
            raise _wrong(name, "has more places than elements")
        rows = np.repeat(np.arange(len(parents)), size)
        index = np.tile(np.arange(size), len(parents))
        return rows, index, parents[rows] * size + index
    segments = _indices(table.ArraySegmentsType(), table.ArraySegments(), name)
    indices = _indices(table.ArrayIndicesType(), table.ArrayIndices(), name)
    if not len(segments) or len(parents) and int(parents.max()) + 1 >= len(segments):
        raise _wrong(name, "has too few segments")
    starts, ends = segments[parents], segments[parents + 1]
    if (starts < 0).any() or (ends < starts).any() or (ends > len(indices)).any():
        raise _wrong(name, "has segments beyond its indices")
    counts = ends - starts
    if int(counts.sum()) > DENSE_MAX:
        raise _wrong(name, "has more places than elements")
    rows = np.repeat(np.arange(len(parents)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = starts[rows] + within
    index = indices[at]
    if (index < 0).any() or (index >= size).any():
        raise _wrong(name, "has an index beyond its shape")
    return rows, index, at


def _indices(member: int, table: Any, name: str) -> np.ndarray:
    """A vector of a level as int64."""
    known = {
        tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
        tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
        tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
    }
    if table is None or member not in known:
        raise _wrong(name, "has a level without indices")
    vector = known[member]()
    vector.Init(table.Bytes, table.Pos)
    return np.zeros(0, np.int64) if vector.ValuesLength() == 0 else vector.ValuesAsNumpy().astype(np.int64)


def _wrong(name: str, reason: str) -> ModelError:
    return ModelError(f'sparse tensor "{printable(name)}" {reason}', remedy=REMEDY)
