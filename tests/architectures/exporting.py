"""From a network to an .onnx file, by both of torch's exporters, and by onnxruntime's quantiser from there. Needs torch."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from onnxruntime import quantization

from tests.architectures.zoo import Architecture

EXPORTERS = ("TorchScript", "dynamo")
FORMS = {"QDQ": quantization.QuantFormat.QDQ, "QOperator": quantization.QuantFormat.QOperator}


def shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """What --shape fixes: the batch is open in every file."""
    return {f"input{i}": shape for i, shape in enumerate(architecture.shapes)}


def export(architecture: Architecture, exporter: str, path: Path) -> None:
    """Writes the file, its batch open. The older exporter is asked for the architecture's opset, the newer for 20."""
    network, inputs = architecture.network(), architecture.inputs()
    names = list(shapes(architecture))
    with _quiet():
        if exporter == "TorchScript":
            axes = {name: {0: "batch"} for name in names}
            torch.onnx.export(
                network, inputs, path, dynamo=False, opset_version=architecture.opset, input_names=names, dynamic_axes=axes
            )
            return
        # an extent of 1 would be taken for a constant
        two = tuple(torch.cat([tensor, tensor]) for tensor in inputs)
        batch = tuple({0: torch.export.Dim("batch", min=1, max=64)} for _ in names)
        torch.onnx.export(
            network, two, path, dynamo=True, opset_version=20, input_names=names, dynamic_shapes=batch, verbose=False
        )


def quantize(architecture: Architecture, model: Path, path: Path, form: str) -> None:
    """Static quantisation to int8, calibrated on noise; in QDQ form from opset 13 on weights have a scale for each channel.

    Before that DequantizeLinear has no axis. The quantiser writes one all the same, and onnxruntime refuses the file.
    """
    generator = np.random.default_rng(architecture.seed)

    class Noise(quantization.CalibrationDataReader):
        left = 8

        def get_next(self) -> dict[str, np.ndarray] | None:
            if not self.left:
                return None
            self.left -= 1
            given = shapes(architecture).items()
            return {name: generator.standard_normal(shape).astype(np.float32) for name, shape in given}

    kind, by_channel = quantization.QuantType.QInt8, form == "QDQ" and architecture.opset >= 13
    with _quiet():
        quantization.quantize_static(
            model, path, Noise(), quant_format=FORMS[form], per_channel=by_channel, activation_type=kind, weight_type=kind
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Exporters tell on all channels what they think of the network."""
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
