"""Networks as exporters write them: read, generated, and right on targets; __main__.py makes the whole table."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="torch is not installed: pip install '.[exporters]' -c constraints.txt")
pytest.importorskip("onnxscript", reason="onnxscript is not installed: pip install '.[exporters]' -c constraints.txt")

from barecast import frontends, pipeline, targets  # noqa: E402
from barecast.errors import UnsupportedError  # noqa: E402
from barecast.options import Options  # noqa: E402
from barecast.samples import random_samples  # noqa: E402
from barecast.verification import verify  # noqa: E402

from tests.architectures import exporting  # noqa: E402
from tests.architectures.zoo import ARCHITECTURES, WAITING  # noqa: E402

ELSEWHERE = (
    *("MobileNetV1", "EfficientNet-Lite", "ResNet", "DenseNet", "autoencoder", "convolutional autoencoder"),
    *("keyword CNN", "ViT", "UNet", "SqueezeNet", "SSD detector"),
)
"""Tested in another form below, or with nothing in them that others do not have: their rows are in docs/exporters.md."""

IMPORTED = [name for name in ARCHITECTURES if name not in (*WAITING, *ELSEWHERE)]
QUANTISED = (
    ("MobileNetV3", "QDQ"),
    ("SqueezeNet", "QOperator"),
    ("UNet", "QDQ"),
    ("UNet", "QOperator"),
)


def passes(model, architecture, target: str) -> None:
    options = Options(shapes=exporting.shapes(architecture))
    compiled = pipeline.compile_model(model, targets.load(target), options)
    verdict = verify(compiled, random_samples(compiled.graph, 2))
    assert verdict.passed, verdict.first_divergence


@pytest.mark.parametrize("name", IMPORTED)
def test_exported_by_torchscript(name, tmp_path):
    """Each on one of three targets in turn; every target of every architecture is in docs/exporters.md."""
    model = tmp_path / "m.onnx"
    exporting.export(ARCHITECTURES[name], "TorchScript", model)
    passes(model, ARCHITECTURES[name], ("host", "cortex-m55", "cortex-a53")[IMPORTED.index(name) % 3])


@pytest.mark.parametrize("name", ("SSD detector",))
def test_exported_by_dynamo(name, tmp_path):
    model = tmp_path / "m.onnx"
    exporting.export(ARCHITECTURES[name], "dynamo", model)
    passes(model, ARCHITECTURES[name], "host")


@pytest.mark.parametrize(("name", "form"), QUANTISED)
def test_quantised(name, form, tmp_path):
    model, quantised = tmp_path / "m.onnx", tmp_path / "q.onnx"
    exporting.export(ARCHITECTURES[name], "TorchScript", model)
    exporting.quantize(ARCHITECTURES[name], model, quantised, form)
    passes(quantised, ARCHITECTURES[name], "host")


@pytest.mark.parametrize("name", WAITING)
def test_what_is_not_supported_is_refused(name, tmp_path):
    model = tmp_path / "m.onnx"
    exporting.export(ARCHITECTURES[name], "TorchScript", model)
    with pytest.raises(UnsupportedError, match=f"{name} .*is not supported"):
        frontends.read(model, exporting.shapes(ARCHITECTURES[name]))
