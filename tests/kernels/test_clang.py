"""Generated code by clang: without warnings in a single file, and with the bytes that GCC's has.

clang compiles the models, GCC the harness around them, and GCC links.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from barecast import emit, pipeline, planner, runners, select, targets, toolchain
from barecast.options import Options
from barecast.samples import input_types, read_samples
from barecast.schedule import Kernel
from barecast.targets import Target

from tests.cases import build
from tests.kernels import program

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "models" / "digits"
SHARED = ROOT.parent / "shared"
CLANG = shutil.which("clang-19") or shutil.which("clang")
pytestmark = pytest.mark.skipif(CLANG is None, reason="clang is not installed")

TRIPLES = {"arm-none-eabi-": "arm-none-eabi", "aarch64-linux-gnu-": "aarch64-linux-gnu"}
TRIPLES |= {"arm-linux-gnueabihf-": "arm-linux-gnueabihf"}
STRICT = ("-Wshadow", "-Wconversion", "-Werror")
ASSEMBLY = {
    "cortex-m0": ({"thumb"}, 3),
    "cortex-m3": ({"thumb"}, 3),
    "cortex-m4": ({"dsp", "fpu"}, 22),
    "cortex-m7": ({"fma"}, 3),
    "cortex-m55": ({"mve"}, 20),
    "cortex-a53": ({"neon"}, 7),
    "cortex-a7": ({"neon"}, 9),
    "cortex-a76": ({"dotprod"}, 3),
    "cortex-a710": ({"i8mm"}, 2),
}
"""Target -> what the kernels that are compiled for it need, one of these, and how many there are at least."""
WHOLE = (("cortex-m0", "int8"), ("cortex-m3", "float"), ("cortex-a53", "float"), ("cortex-a7", "int8"))
REFERENCE = (
    ("cortex-m0", "ad_int8.onnx"),
    ("cortex-m4", "kws_int8.tflite"),
    ("cortex-m4", "ad_float.onnx"),
    ("cortex-m7", "ic_float.onnx"),
    ("cortex-m55", "ic_int8.onnx"),
    ("cortex-m55", "vww_float.onnx"),
    ("cortex-a53", "vww_int8.tflite"),
)
"""Targets and what they run: the small networks have no kernels for cores with the DSP extension, an FPU or Helium that
the cases above do not try."""

WRAPPER = """#!/bin/sh
# The compiler of a target: clang for models, GCC for the harness and for linking.
case " $* " in
    *" -c "*/harness/*) exec {gcc} "$@" ;;
    *" -c "*) ;;
    *) exec {gcc} "$@" ;;
esac
for flag; do
    shift
    case "$flag" in
        -mfpu=auto | -fno-tree-*) ;; # the core alone says it to clang; and GCC's own
        *) set -- "$@" "$flag" ;;
    esac
done
exec {clang} --target={triple} "$@"
"""


def by_clang(name: str, place: Path) -> Target:
    """The target with clang as the compiler of models."""
    target = targets.load(name)
    gcc = toolchain.command(f"{target.prefix}gcc", target.package)
    wrapper = place / f"{target.prefix}clang-gcc"
    wrapper.write_text(WRAPPER.format(gcc=gcc, clang=CLANG, triple=TRIPLES[target.prefix]))
    wrapper.chmod(0o755)
    return replace(target, prefix=str(wrapper).removesuffix("gcc"))


def kernels_of(target: Target, needed: set[str]) -> dict[str, tuple[build.Case, Kernel]]:
    """The last case for each kernel that needs one of these instruction sets."""
    found = {}
    for cases in build.all_cases().values():
        for case in cases:
            for kernel in select.candidates(case.graph, target, Options(weights="wide")):
                if kernel.needs & needed:
                    found[kernel.symbol] = case, kernel
    return found


@pytest.mark.parametrize("core", ASSEMBLY)
def test_kernels_of_a_core(core: str, tmp_path: Path) -> None:
    target = by_clang(core, tmp_path)
    needed, least = ASSEMBLY[core]
    chosen = kernels_of(target, needed)
    assert len(chosen) >= least
    folders = []
    for number, (case, kernel) in enumerate(chosen.values()):
        options = Options(name=f"k{number}", weights="wide", single_file=True)
        entry = replace(kernel, pays=lambda params, target: True)
        schedule = select.run(case.graph, target, options, registry=lambda _, entry=entry: (entry,))
        folders.append(emit.run(schedule, planner.run(schedule), target, options).write(tmp_path / options.name))
    image = toolchain.build(folders, target, out=tmp_path / "build", extra=STRICT)
    inputs = [build.inputs(case) for case, _ in chosen.values()]
    samples = [{key: array[np.newaxis] for key, array in arrays.items()} for arrays in inputs]
    models = runners.run(image, samples, count=False).models
    for (case, kernel), arrays, model in zip(chosen.values(), inputs, models, strict=True):
        got = {key: array[0] for key, array in model.outputs.items()}
        fault = program.difference(got, build.expected(case, arrays))
        assert not fault and model.guard_ok, f"{case.name} by {kernel.symbol}: {fault}"


def both_ways(path: Path, arrays: Mapping[str, np.ndarray], core: str, place: Path) -> None:
    """Fails unless the model's outputs are the same by GCC and by clang, which warns of nothing."""
    outputs = []
    for compiler, target in (("gcc", targets.load(core)), ("clang", by_clang(core, place))):
        options = Options(name=f"by_{compiler}", single_file=True)
        folder = pipeline.compile_model(path, target, options).tree.write(place / compiler)
        image = toolchain.build(folder, target, out=place / f"{compiler}_build", extra=("-Werror",))
        outputs.append(runners.run(image, [arrays], count=False).models[0].outputs)
    for name, array in outputs[0].items():
        np.testing.assert_array_equal(array, outputs[1][name])


@pytest.mark.parametrize(("core", "kind"), WHOLE)
def test_digits(core: str, kind: str, tmp_path: Path) -> None:
    with np.load(DIGITS / "digits_test.npz") as archive:
        both_ways(DIGITS / f"digits_{kind}.onnx", {"image": archive["image"][:1]}, core, tmp_path)


@pytest.mark.skipif(not (SHARED / "models").is_dir(), reason="the reference models are not at hand")
@pytest.mark.parametrize(("core", "name"), REFERENCE)
def test_reference_models(core: str, name: str, tmp_path: Path) -> None:
    types = input_types(pipeline.compile_model(SHARED / "models" / name, targets.load("host")).graph)
    samples = read_samples(SHARED / "inputs" / f"{name}.inputs.npz", types)
    arrays = {key: array[:1] for key, array in samples.arrays.items()}
    both_ways(SHARED / "models" / name, arrays, core, tmp_path)
