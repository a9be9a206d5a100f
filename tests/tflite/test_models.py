"""The reference models: outputs and every layer equal to TFLM's reference kernels, in numpy and on the targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, passes, pipeline, reference, targets
from barecast.options import Options
from barecast.samples import Samples
from barecast.verification import verify

SHARED = Path(__file__).resolve().parents[3] / "shared"
NAMES = ("kws", "ic", "vww", "ad")

pytestmark = pytest.mark.skipif(not (SHARED / "models").is_dir(), reason="the reference models are not at hand")


def arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(SHARED / "inputs" / name) as archive:
        return {key: archive[key] for key in archive}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_every_layer_is_tflms(name: str, seed: int) -> None:
    layers = arrays(f"layers/{name}_int8.tflite.seed{seed}.npz")
    imported = frontends.read(SHARED / "models" / f"{name}_int8.tflite")
    for graph in (imported, passes.run(imported, Options())):
        values = reference.trace(graph, {imported.inputs[0].name: layers["input"]})
        compared = 0
        for key, want in layers.items():
            tensor = key.rpartition("_")[2]
            if key != "input":
                assert np.array_equal(values[tensor], want), key
                compared += 1
        assert compared == len(layers) - 1 >= 10


@pytest.mark.parametrize("target", ["host", "cortex-m0", "cortex-m4", "cortex-m55", "cortex-a7", "cortex-a53"])
@pytest.mark.parametrize("name", NAMES)
def test_int8_bytes_on(name: str, target: str) -> None:
    """All eight samples on the host, two elsewhere; the steps' tensors are compared on the first."""
    count = 8 if target == "host" else 2
    compiled = pipeline.compile_model(SHARED / "models" / f"{name}_int8.tflite", targets.load(target))
    given, wanted = (
        Samples({key: array[:count] for key, array in arrays(f"{name}_int8.tflite.{what}.npz").items()})
        for what in ("inputs", "expected")
    )
    verdict = verify(compiled, given, expected=wanted)
    assert verdict.passed and verdict.against.mismatched == 0 and verdict.own.mismatched == 0


@pytest.mark.parametrize("name", ["ic", "vww", "ad"])
@pytest.mark.parametrize("target", ["host", "cortex-m4", "cortex-a53"])
def test_floats_are_close_on(name: str, target: str) -> None:
    compiled = pipeline.compile_model(SHARED / "models" / f"{name}_float.tflite", targets.load(target))
    given, wanted = (
        Samples({key: array[:2] for key, array in arrays(f"{name}_float.tflite.{what}.npz").items()})
        for what in ("inputs", "expected")
    )
    verdict = verify(compiled, given, expected=wanted)
    peak = max(1.0, *(float(np.abs(a).max()) for a in wanted.arrays.values()))
    assert verdict.passed and verdict.against.max_abs_error <= 1e-5 * peak
