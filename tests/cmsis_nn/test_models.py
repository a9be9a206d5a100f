"""Whole networks with CMSIS-NN's functions: TFLM's bytes, as with barecast's own kernels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from barecast import pipeline, profiling, targets, toolchain
from barecast.errors import UsageError
from barecast.options import Options
from barecast.samples import random_samples
from barecast.verification import verify

from tests.cmsis_nn import needs_library
from tests.tflite import int16_network

SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"
CMSIS_NN = Options(kernels="cmsis-nn")


@needs_library
@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference models are not at hand")
@pytest.mark.parametrize("target", ["cortex-m0", "cortex-m4", "cortex-m55"])
@pytest.mark.parametrize("name", ["kws", "ic", "vww", "ad"])
def test_reference_models(name: str, target: str) -> None:
    compiled = pipeline.compile_model(SHARED / f"{name}_int8.tflite", targets.load(target), CMSIS_NN)
    verdict = verify(compiled, random_samples(compiled.graph, 2), reference_name="barecast")
    assert verdict.passed and verdict.own.mismatched == 0


@needs_library
@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m55"])
@pytest.mark.parametrize("rounding", ["double", "single"])
def test_a_network_of_both_kernels_in_16x8(tmp_path: Path, rounding: str, target: str) -> None:
    path = tmp_path / "network.tflite"
    path.write_bytes(int16_network.network())
    options = replace(CMSIS_NN, rounding=rounding)
    compiled = pipeline.compile_model(path, targets.load(target), options)
    called = {step.op for step in compiled.schedule.steps if step.kernel.symbol.endswith("_cmsis")}
    assert called == {"conv2d", "dwconv2d", "binary", "pool2d", "dense", "softmax"}
    assert len(compiled.schedule.steps) > len(called)
    verdict = verify(compiled, random_samples(compiled.graph, 2), reference_name="barecast")
    assert verdict.passed and verdict.own.mismatched == 0


@needs_library
@pytest.mark.parametrize("single_file", [False, True])
def test_profile_counts_what_the_library_executes(tmp_path: Path, single_file: bool) -> None:
    path = tmp_path / "network.tflite"
    path.write_bytes(int16_network.network())
    options = replace(CMSIS_NN, single_file=single_file)
    costs = profiling.profile(pipeline.compile_model(path, targets.load("cortex-m4"), options))
    first = costs.steps[0]
    assert first.kernel == "bc_conv2d_s16_cmsis" and first.instructions > 0.5 * first.macs
    assert costs.flash.code_bytes > 3000


def test_the_library_must_be_there_to_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.tflite"
    path.write_bytes(int16_network.network())
    compiled = pipeline.compile_model(path, targets.load("cortex-m4"), CMSIS_NN)
    folder = compiled.tree.write(tmp_path / "generated")
    monkeypatch.delenv("CMSIS_NN_ROOT", raising=False)
    with pytest.raises(UsageError, match="CMSIS_NN_ROOT is not set; set CMSIS_NN_ROOT to a checkout"):
        toolchain.build(folder, compiled.target, out=tmp_path / "build")
    monkeypatch.setenv("CMSIS_NN_ROOT", str(tmp_path))
    with pytest.raises(UsageError, match="has no Include/arm_nnfunctions.h; set CMSIS_NN_ROOT"):
        toolchain.build(folder, compiled.target, out=tmp_path / "build")
    for name in ("arm_nnfunctions.h", "arm_nnsupportfunctions.h", "arm_nn_types.h"):
        (tmp_path / "Include").mkdir(exist_ok=True)
        (tmp_path / "Include" / name).write_text("")
    with pytest.raises(UsageError, match="no folder Source"):
        toolchain.build(folder, compiled.target, out=tmp_path / "build")
    (tmp_path / "Source").mkdir()
    with pytest.raises(UsageError, match="older than 7.0.0"):
        toolchain.build(folder, compiled.target, out=tmp_path / "build")


def test_one_image_has_one_rounding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.tflite"
    path.write_bytes(int16_network.network())
    folders = []
    for rounding in ("double", "single"):
        options = replace(CMSIS_NN, rounding=rounding, name=f"of_{rounding}")
        compiled = pipeline.compile_model(path, targets.load("cortex-m4"), options)
        folders.append(compiled.tree.write(tmp_path / rounding))
    with pytest.raises(UsageError, match="both roundings"):
        toolchain.build(folders, compiled.target, out=tmp_path / "build")
