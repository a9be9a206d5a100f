"""Whole models on targets: the digits networks everywhere, the larger reference models where they are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import pipeline, targets, toolchain
from barecast.options import Options
from barecast.samples import Samples, input_types, output_types, random_samples, read_samples
from barecast.verification import Verdict, verify

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "models" / "digits"
SHARED = ROOT.parent / "shared"


def digits(name: str, count: int) -> tuple[Path, dict[str, np.ndarray]]:
    with np.load(DIGITS / "digits_test.npz") as archive:
        return DIGITS / f"{name}.onnx", {"image": archive["image"][:count]}


@pytest.mark.parametrize("target", targets.names())
def test_digits_int8_gives_the_references_bytes_on_every_target(target):
    path, arrays = digits("digits_int8", 3)
    model = pipeline.compile_model(path, targets.load(target))
    verdict = verify(model, Samples(arrays))
    assert verdict.passed and verdict.own.mismatched == 0 and verdict.own.max_abs_error == 0
    check_stack(verdict, target)


@pytest.mark.parametrize("target", ["host", "cortex-m0", "cortex-m4", "cortex-m55", "cortex-a7", "cortex-a76"])
def test_digits_float_is_close_on_every_kind_of_target(target):
    path, arrays = digits("digits_float", 2)
    verdict = verify(pipeline.compile_model(path, targets.load(target)), Samples(arrays))
    assert verdict.passed
    check_stack(verdict, target)


def check_stack(verdict: Verdict, target: str) -> None:
    """What a run used of the stack is below what was computed, and not far below it."""
    if target != "host" and (target != "cortex-a7" or not verdict.stack_bound.unknown):
        assert verdict.stack_bound.unknown == ()
        assert verdict.stack_bytes <= verdict.stack_bound.bytes <= verdict.stack_bytes + 64


def test_digits_are_recognised():
    path, arrays = digits("digits_int8", 599)
    outputs = pipeline.run(pipeline.compile_model(path, targets.load("cortex-a53")), arrays)["logits"]
    with np.load(DIGITS / "digits_labels.npz") as archive:
        assert np.mean(outputs.argmax(-1).ravel() == archive["label"]) >= 0.97


def test_extremes_and_zeros_agree_too():
    model = pipeline.compile_model(DIGITS / "digits_int8.onnx", targets.load("host"))
    assert verify(model, random_samples(model.graph, 8, seed=5)).passed


needs_shared = pytest.mark.skipif(not (SHARED / "models").is_dir(), reason="the reference models are not at hand")


@needs_shared
@pytest.mark.parametrize(
    "model", [f"{name}_{kind}" for name in ("kws", "ic", "vww", "ad") for kind in ("float", "int8")]
)
@pytest.mark.parametrize("target", ["host"])
def test_reference_models(model, target):
    check_shared(model, target, samples=8)


@needs_shared
@pytest.mark.parametrize(
    "target", ["cortex-m0", "cortex-m4", "cortex-m55", "cortex-a7", "cortex-a53", "cortex-a76", "cortex-a710"]
)
def test_keyword_spotting_on_a_core_of_each_kind(target):
    check_shared("kws_int8", target, samples=2)


@needs_shared
@pytest.mark.parametrize("name", ["ic_float.onnx", "kws_float.onnx"])
def test_softmax_of_random_samples(name):
    """A softmax in the middle between its limits makes more of the last bits of its logits than large shares have."""
    model = pipeline.compile_model(SHARED / "models" / name, targets.load("host"))
    assert verify(model, random_samples(model.graph, 12, seed=0)).passed


def check_shared(name: str, target: str, samples: int) -> None:
    compiled = pipeline.compile_model(SHARED / "models" / f"{name}.onnx", targets.load(target))
    given = read_samples(SHARED / "inputs" / f"{name}.onnx.inputs.npz", input_types(compiled.graph))
    wanted = read_samples(SHARED / "inputs" / f"{name}.onnx.expected.npz", output_types(compiled.graph), "output")
    few = [Samples({key: array[:samples] for key, array in s.arrays.items()}) for s in (given, wanted)]
    verdict = verify(compiled, few[0], expected=few[1])
    assert verdict.passed, verdict.first_divergence
    check_stack(verdict, target)


@needs_shared
@pytest.mark.parametrize("target", ["cortex-m0", "cortex-m4"])
def test_code_of_thirty_steps_stays_small(target, tmp_path):
    """The largest code of the int8 reference models: 24 KB for speed, 10 KB for size, where steps share more."""
    for optimize, most in (("speed", 24_000), ("size", 10_000)):
        options = Options(optimize=optimize)
        made = pipeline.compile_model(SHARED / "models" / "vww_int8.tflite", targets.load(target), options)
        folder = made.tree.write(tmp_path / optimize)
        sizes = toolchain.sizes(folder, made.target, out=tmp_path / f"build {optimize}", optimize=optimize)
        assert sizes.code_bytes <= most
