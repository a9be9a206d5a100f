"""From the layout of the generated code's ports to the model's own and back (--io-layout channels-last)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from barecast.pipeline import Compiled
from barecast.samples import Samples


def to_model(compiled: Compiled, inputs: Samples) -> Samples:
    """Input samples in the model's own layout."""
    perms = {port.name: np.argsort(port.turned) for port in compiled.graph.inputs}
    return Samples({name: _permuted(array, perms[name]) for name, array in inputs.arrays.items()}, inputs.single)


def from_model(compiled: Compiled, outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs (sample axis first) in the layout of the generated code."""
    perms = {port.name: port.turned for port in compiled.graph.outputs}
    return {name: _permuted(array, perms[name]) for name, array in outputs.items()}


def _permuted(array: np.ndarray, perm: Sequence[int]) -> np.ndarray:
    """The array, sample axis first, with the other axes permuted; as it is without a permutation."""
    if not len(perm):
        return array
    return np.ascontiguousarray(array.transpose(0, *(int(axis) + 1 for axis in perm)))
