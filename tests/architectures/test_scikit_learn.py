"""Estimators of scikit-learn as skl2onnx writes them, right on three targets."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")
pytest.importorskip("skl2onnx", reason="skl2onnx is not installed: pip install '.[exporters]' -c constraints.txt")

from barecast import pipeline, targets  # noqa: E402
from barecast.options import Options  # noqa: E402
from barecast.samples import random_samples  # noqa: E402
from barecast.verification import verify  # noqa: E402

from tests.architectures.scikit_learn import ESTIMATORS, SHAPES, export  # noqa: E402

TARGETS = ("host", "cortex-m4", "cortex-a53")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_exported_by_skl2onnx(name, tmp_path):
    """Each on one of three targets in turn; every target of every estimator is in docs/exporters.md."""
    path = tmp_path / "m.onnx"
    export(ESTIMATORS[name], path)
    target = TARGETS[list(ESTIMATORS).index(name) % len(TARGETS)]
    compiled = pipeline.compile_model(path, targets.load(target), Options(shapes=SHAPES))
    verdict = verify(compiled, random_samples(compiled.graph, 20))
    assert verdict.passed, verdict.first_divergence
