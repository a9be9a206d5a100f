"""Sparse weights are the dense weights they were made from, whatever the order, the blocks and the kind of vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, reference

from tests.tflite.build import O, Sparse, T, model, rng


def encoded(
    array: np.ndarray, order: Sequence[int], blocks: Mapping[int, int], kinds: Sequence[str]
) -> tuple[Sparse, np.ndarray]:
    """How the format stores an array. kinds: of each level "dense" or the type of its vectors."""
    rank, block_map = array.ndim, list(blocks)
    sizes = [array.shape[a] // blocks.get(a, 1) if a < rank else blocks[block_map[a - rank]] for a in order]

    def part(prefix: Sequence[int]) -> np.ndarray:
        """What is left of the array behind these indices."""
        ranges = [[0, extent] for extent in array.shape]
        for axis, index in zip(order, prefix, strict=False):
            if axis < rank:
                ranges[axis] = [index * blocks.get(axis, 1), (index + 1) * blocks.get(axis, 1)]
        for axis, index in zip(order, prefix, strict=False):
            if axis >= rank:
                first = ranges[block_map[axis - rank]][0]
                ranges[block_map[axis - rank]] = [first + index, first + index + 1]
        return array[tuple(slice(*r) for r in ranges)]

    prefixes: list[tuple[int, ...]] = [()]
    levels = []
    for size, kind in zip(sizes, kinds, strict=True):
        children = [[(*p, i) for i in range(size) if kind == "dense" or part((*p, i)).any()] for p in prefixes]
        prefixes = [child for some in children for child in some]
        segments = np.cumsum([0, *map(len, children)]).tolist()
        levels.append(size if kind == "dense" else (segments, [p[-1] for p in prefixes], kind))
    values = np.array([part(p).item() for p in prefixes], array.dtype)
    return Sparse(order, block_map, levels), values


def pruned(shape: Sequence[int], dtype: type, name: str) -> np.ndarray:
    generator = rng(name)
    return (generator.integers(-100, 100, shape) * (generator.random(shape) < 0.3)).astype(dtype)


INT, SHORT, BYTE = "Int32Vector", "Uint16Vector", "Uint8Vector"
STORED = {
    "rows": ((0, 1), {}, ("dense", INT)),
    "columns": ((1, 0), {}, ("dense", SHORT)),
    "both": ((0, 1), {}, (BYTE, BYTE)),
    "blocks": ((0, 1, 2), {1: 4}, ("dense", BYTE, "dense")),
    "blocks of both": ((0, 1, 2, 3), {0: 2, 1: 4}, ("dense", SHORT, "dense", "dense")),
    "blocks turned": ((1, 0, 3, 2), {0: 3, 1: 2}, (INT, INT, "dense", "dense")),
    "nothing left out": ((0, 1), {}, ("dense", "dense")),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8])
@pytest.mark.parametrize("stored", STORED)
def test_densify_gives_the_array_back(stored: str, dtype: type, tmp_path: Path) -> None:
    array = pruned((6, 8), dtype, stored)
    sparse, values = encoded(array, *STORED[stored])
    assert stored == "nothing left out" or values.size < array.size
    assert np.array_equal(read_back(array, sparse, values, tmp_path), array.astype(np.float32))


def read_back(array: np.ndarray, sparse: Sparse, values: np.ndarray, place: Path) -> np.ndarray:
    """The array as a graph sees it that adds it to its input."""
    quant = {"scale": 1.0} if array.dtype == np.int8 else {}
    stored = T(array.shape, array.dtype, data=values, sparse=sparse, **quant)
    dense, real = T(array.shape, array.dtype, **quant), T(array.shape, np.float32)
    x, y = T(array.shape, np.float32), T(array.shape, np.float32)
    operators = [O("DENSIFY", (stored,), (dense,))]
    operators += [O("DEQUANTIZE", (dense,), (real,))] if array.dtype != np.float32 else []
    operators += [O("ADD", (x, dense if array.dtype == np.float32 else real), (y,))]
    path = place / "sparse.tflite"
    path.write_bytes(model(operators, (x,), (y,)))
    graph = frontends.read(path)
    return next(iter(reference.run(graph, {"x0": np.zeros(array.shape, np.float32)}).values()))


def test_four_axes(tmp_path: Path) -> None:
    array = pruned((4, 3, 3, 8), np.float32, "four axes")
    array[2] = 0
    sparse, values = encoded(
        array, (0, 1, 2, 3, 4, 5), {0: 2, 3: 4}, ("dense", "dense", "dense", BYTE, "dense", "dense")
    )
    assert np.array_equal(read_back(array, sparse, values, tmp_path), array)


def test_operators_read_sparse_constants_themselves(tmp_path: Path) -> None:
    """A fully connected layer on sparse int8 weights gives what it gives on dense ones."""
    array, results = pruned((6, 8), np.int8, "layer"), []
    sparse, values = encoded(array, *STORED["blocks"])
    for data, how in ((array, None), (values, sparse)):
        x, y = T((2, 8), scale=0.1), T((2, 6), scale=2.0)
        w = T(array.shape, scale=0.05, data=data, sparse=how)
        layer = O("FULLY_CONNECTED", (x, w, None), (y,), ("FullyConnectedOptions", {}))
        path = tmp_path / "layer.tflite"
        path.write_bytes(model([layer], (x,), (y,)))
        inputs = rng("x").integers(-128, 128, (2, 8)).astype(np.int8)
        results.append(next(iter(reference.run(frontends.read(path), {"x0": inputs}).values())))
    assert results[0].any() and np.array_equal(*results)
