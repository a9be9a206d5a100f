"""A whole network with int16 activations: verified against TFLM on the targets, by the command and in Python."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, pipeline, reference, targets
from barecast.cli import main
from barecast.errors import BarecastError
from barecast.samples import random_samples
from barecast.verification import verify

from tests.tflite.build import O, T, const, model
from tests.tflite.int16_network import keyword_spotter, network

pytest.importorskip("tflite_micro", reason="it has wheels for Linux on x86-64 only")
TARGETS = ("host", "cortex-m0", "cortex-m4", "cortex-m55", "cortex-a53")


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("int16") / "network.tflite"
    path.write_bytes(network())
    return path


def test_the_network_uses_its_range(path: Path) -> None:
    """Else the comparisons below would say little: outputs vary, and no layer is mostly saturated or zero."""
    graph = frontends.read(path)
    given = random_samples(graph, 1, 3)
    values = reference.trace(graph, given.one(0))
    for node in graph.nodes:
        data = values[node.outputs[0]].astype(int)
        assert len(np.unique(data)) > min(6, data.size - 2) and np.mean(np.abs(data) >= 32767) < 0.25, node


@pytest.mark.parametrize("target", TARGETS)
def test_verify_finds_tflms_bytes_on(target: str, path: Path) -> None:
    compiled = pipeline.compile_model(path, targets.load(target))
    verdict = verify(compiled, random_samples(compiled.graph, 6, 1))
    assert verdict.passed and verdict.reference == "tflite_micro"
    assert verdict.own.mismatched == 0 and verdict.against.mismatched == 0
    assert verdict.against.elements == 6 * 7


@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m55"])
def test_the_keyword_spotter_is_tflms_without_plain_c(target: str, tmp_path: Path) -> None:
    """Its products go through the core's own kernels, which learn from the weights that 32 bits do."""
    path = tmp_path / "kws.tflite"
    path.write_bytes(keyword_spotter())
    compiled = pipeline.compile_model(path, targets.load(target))
    kernels = {step.kernel.symbol for step in compiled.schedule.steps if step.macs}
    assert not [symbol for symbol in kernels if symbol.endswith("_c")]
    verdict = verify(compiled, random_samples(compiled.graph, 2, 4))
    assert verdict.passed and verdict.reference == "tflite_micro"
    assert verdict.own.mismatched == 0 and verdict.against.mismatched == 0


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code or 0


def test_commands(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """run, verify, profile and generate with int16 ports."""
    inputs, outputs = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(inputs, x0=np.random.default_rng(2).integers(-32768, 32768, (2, 1, 12, 10, 3)).astype(np.int16))
    assert command("run", path, "--target", "host", "--inputs", inputs, "-o", outputs) == 0
    with np.load(outputs) as found:
        (out,) = found.values()
    assert out.dtype == np.int16 and out.shape == (2, 1, 7)
    assert (np.abs(out.sum(axis=-1, dtype=int) - 32768) < 16).all(), "probabilities in steps of 2**-15"
    assert command("verify", path, "--target", "host", "--inputs", inputs) == 0
    capsys.readouterr()
    assert command("profile", path, "--target", "cortex-m4", "--json", "-") == 0
    kernels = [step["kernel"] for step in json.loads(capsys.readouterr().out)["steps"]]
    assert len(kernels) == 11 and all("_s16" in kernel for kernel in kernels)
    assert command("generate", path, "--target", "cortex-m4", "-o", tmp_path / "c") == 0
    header = (tmp_path / "c" / "network.h").read_text()
    assert "const int16_t" in header and "int16_t *" in header


def test_float_ports(tmp_path: Path) -> None:
    path = tmp_path / "floats.tflite"
    path.write_bytes(network(float_ports=True))
    compiled = pipeline.compile_model(path, targets.load("host"))
    verdict = verify(compiled, random_samples(compiled.graph, 8, 1))
    assert verdict.passed and verdict.against.max_abs_error == 0


def refusal(operators: list[O], inputs: list[T], outputs: list[T], tmp_path: Path) -> str:
    path = tmp_path / "refused.tflite"
    path.write_bytes(model(operators, inputs, outputs))
    with pytest.raises(BarecastError) as caught:
        pipeline.compile_model(path, targets.load("host"))
    return str(caught.value)


def test_zero_points_are_refused(tmp_path: Path) -> None:
    x, y = T((1, 8), np.int16, scale=0.1, zero=5, name="audio"), T((1, 8), np.int16, scale=0.1)
    text = refusal([O("RELU", [x], [y])], [x], [y], tmp_path)
    assert '"audio" is int16 with the zero point 5' in text and "symmetrically" in text


@pytest.mark.parametrize("op", ["RELU", "ABS", "TANH", "LEAKY_RELU", "SOFTMAX"])
@pytest.mark.parametrize("before, after", [(np.int16, np.int8), (np.int8, np.int16), (np.int16, np.float32)])
def test_mixed_types_are_refused(op: str, before: type, after: type, tmp_path: Path) -> None:
    zero, scale = (0, 1 / 128) if op == "TANH" else (-128, 1 / 256)
    x = T((1, 8), before, scale=0.1)
    y = T((1, 8), after, scale=2.0**-15 if after is np.int16 else scale, zero=0 if after is np.int16 else zero)
    text = refusal([O(op, [x], [y])], [x], [y], tmp_path)
    mixed = "TensorFlow Lite computes" if op == "SOFTMAX" and after is np.int16 else "must be of one type"
    assert mixed in text and "internal" not in text.lower()


def test_what_is_no_16_bit_operator_is_refused(tmp_path: Path) -> None:
    x, y = T((1, 8), np.int16, scale=0.1), T((1, 8), np.int16, scale=0.1)
    text = refusal([O("HARD_SWISH", [x], [y])], [x], [y], tmp_path)
    assert "HARD_SWISH" in text and "int16" in text.lower()


def test_uint8_arithmetic_is_refused(tmp_path: Path) -> None:
    x, y = (T((1, 4, 4, 2), np.uint8, scale=0.1, zero=128) for _ in range(2))
    options = ("Pool2DOptions", {"StrideH": 1, "StrideW": 1, "FilterHeight": 1, "FilterWidth": 1})
    text = refusal([O("MAX_POOL_2D", [x], [y], options)], [x], [y], tmp_path)
    assert "MAX_POOL_2D" in text and "uint8" in text.lower() and "int8 quantisation" in text


def test_32_bit_biases_of_a_depthwise_convolution_are_refused(tmp_path: Path) -> None:
    """TFLM would read them as 64-bit numbers."""
    x, y = (T((1, 3, 3, 2), np.int16, scale=0.1) for _ in range(2))
    w, b = T((1, 1, 1, 2), scale=0.1, data=np.ones((1, 1, 1, 2), np.int8)), const([1, 2])
    options = {"StrideH": 1, "StrideW": 1, "DepthMultiplier": 1, "DilationHFactor": 1, "DilationWFactor": 1}
    text = refusal([O("DEPTHWISE_CONV_2D", [x, w, b], [y], ("DepthwiseConv2DOptions", options))], [x], [y], tmp_path)
    assert "bias of int32, only int64" in text


def test_sums_beyond_their_accumulators_are_refused(tmp_path: Path) -> None:
    """600 weights of 127 and an int32 bias: 32 bits are not enough, and TFLM has no more."""
    x, y = T((1, 600), np.int16, scale=0.1), T((1, 1), np.int16, scale=100.0)
    w, b = T((1, 600), scale=0.1, data=np.full((1, 600), 127, np.int8)), const([1])
    layer = O("FULLY_CONNECTED", [x, w, b], [y], ("FullyConnectedOptions", {}))
    text = refusal([layer], [x], [y], tmp_path)
    assert "32 bits do not hold" in text and "64-bit biases" in text
