"""Whole models, where the folder beside the repository has them: they import, run, and give the expected numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, reference

SHARED = Path(__file__).parents[2].parent / "shared"
MODELS = sorted((SHARED / "models").glob("*.onnx"))


@pytest.mark.skipif(not MODELS, reason="no models beside the repository")
@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_a_model(path):
    graph = frontends.read(path)
    with np.load(SHARED / "inputs" / f"{path.name}.inputs.npz") as file:
        inputs = {port.name: file[port.name] for port in graph.inputs}
    with np.load(SHARED / "inputs" / f"{path.name}.expected.npz") as file:
        expected = dict(file)
    have = reference.run(graph, {name: array[0] for name, array in inputs.items()})
    assert have.keys() == expected.keys()
    for name, array in expected.items():
        assert have[name].dtype == array.dtype and have[name].shape == array.shape[1:]
        if "int8" in path.stem:
            # the order of float sums decides halves, and a softmax or a classifier carries one step far
            spread = float(np.ptp(array.astype(np.float64)))
            difference = np.abs(have[name].astype(np.float64) - array[0].astype(np.float64)).max()
            assert difference <= 0.05 * spread
            assert have[name].argmax() == array[0].argmax()
        else:
            np.testing.assert_allclose(have[name], array[0], rtol=1e-4, atol=1e-4)
