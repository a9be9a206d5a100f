"""Networks of Keras as tf2onnx writes them, right on three targets."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="TensorFlow is not installed: pip install '.[tensorflow]' -c constraints.txt")
pytest.importorskip("tf2onnx", reason="tf2onnx is not installed: pip install '.[tensorflow]' -c constraints.txt")

from barecast import pipeline, targets  # noqa: E402
from barecast.options import Options  # noqa: E402
from barecast.samples import random_samples  # noqa: E402
from barecast.verification import verify  # noqa: E402

from tests.architectures.keras_networks import NETWORKS, export  # noqa: E402

TARGETS = ("host", "cortex-m4", "cortex-a53")


@pytest.mark.parametrize("name", NETWORKS)
def test_exported_by_tf2onnx(name, tmp_path):
    """Each on one of three targets in turn; every target of every network is in docs/exporters.md."""
    path = tmp_path / "m.onnx"
    shapes = export(name, path)
    target = TARGETS[list(NETWORKS).index(name) % len(TARGETS)]
    compiled = pipeline.compile_model(path, targets.load(target), Options(shapes=shapes))
    verdict = verify(compiled, random_samples(compiled.graph, 2))
    assert verdict.passed, verdict.first_divergence
