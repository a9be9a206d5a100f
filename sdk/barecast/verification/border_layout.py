"""From the layout of the generated code's ports to the model's own and back (--io-layout channels-last)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from barecast.graph import Port
from barecast.passes.apply_io_layout import LAST
from barecast.pipeline import Compiled
from barecast.samples import Samples


def to_model(compiled: Compiled, inputs: Samples) -> Samples:
    """Input samples in the model's own layout."""
    turned = _turned(compiled, compiled.imported.inputs, compiled.graph.inputs)
    return Samples(
        {
            name: _permuted(array, np.argsort(turned[name])) if name in turned else array
            for name, array in inputs.arrays.items()
        },
        inputs.single,
    )


def from_model(compiled: Compiled, outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs (sample axis first) in the layout of the generated code."""
    turned = _turned(compiled, compiled.imported.outputs, compiled.graph.outputs)
    return {name: _permuted(array, turned[name]) if name in turned else array for name, array in outputs.items()}


def _turned(compiled: Compiled, before: Sequence[Port], after: Sequence[Port]) -> dict[str, tuple[int, ...]]:
    """Port name -> the permutation that the passes applied to it, for those that they turned.

    A turned port has a tensor of its own, and that tells it also where all extents are equal.
    """
    if compiled.options.io_layout == "model":
        return {}
    found = {}
    for old, new in zip(before, after, strict=True):
        shape, shape_now = compiled.imported.type(old.tensor).shape, compiled.graph.type(new.tensor).shape
        perm = LAST.get(len(shape), ())
        if old.tensor != new.tensor and perm and shape_now == tuple(shape[axis] for axis in perm):
            found[old.name] = perm
    return found


def _permuted(array: np.ndarray, perm: Sequence[int]) -> np.ndarray:
    """The array, sample axis first, with the other axes permuted."""
    return np.ascontiguousarray(array.transpose(0, *(int(axis) + 1 for axis in perm)))
