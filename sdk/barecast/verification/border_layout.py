"""From the generated code's ports to the model's own and back: --io-layout channels-last and --io quantized."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from barecast import numerics
from barecast.pipeline import Compiled
from barecast.samples import Samples, converters


def to_model(compiled: Compiled, inputs: Samples) -> Samples:
    """Input samples in the model's own layout, as the real numbers that it takes."""
    arrays = dict(inputs.arrays)
    for port in compiled.graph.inputs:
        array = _permuted(arrays[port.name], np.argsort(port.turned))
        if port.exposed:
            quant = compiled.graph.type(port.tensor).quant
            array = numerics.dequantize(array, np.float32(quant.scale[0]), np.int32(quant.zero_point[0]))
        arrays[port.name] = array
    return Samples(arrays, inputs.single)


def from_model(compiled: Compiled, outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The model's outputs (sample axis first) in the layout and the numbers of the generated code."""
    perms = {port.name: port.turned for port in compiled.graph.outputs}
    integers = converters(compiled.graph, compiled.graph.outputs)
    found = {}
    for name, array in outputs.items():
        # dequantised integers come back as they were: quantising rounds away an error far below half a step
        whole = integers[name](array) if name in integers else array
        found[name] = _permuted(whole, perms[name])
    return found


def _permuted(array: np.ndarray, perm: Sequence[int]) -> np.ndarray:
    """The array, sample axis first, with the other axes permuted; as it is without a permutation."""
    if not len(perm):
        return array
    return np.ascontiguousarray(array.transpose(0, *(int(axis) + 1 for axis in perm)))
