"""Kernels with assembly compile under other flags than the targets': a debugger's, a profiler's, C++, one copy for all,
position-independent code."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from barecast import emit, planner, runners, select, targets, toolchain
from barecast.graph import Tensor
from barecast.options import Options
from barecast.targets import Target

from tests.cases import build
from tests.kernels import program
from tests.kernels.test_clang import CLANG, TRIPLES

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror")
FLAGS = {
    "debug": ("-std=c99", "-O0"),
    "frame pointer": ("-std=c99", "-O3", "-fno-omit-frame-pointer"),
    "shared": ("-std=c99", "-Og", "-DBC_SHARED"),
    "C++": ("-x", "c++", "-std=c++17", "-Os"),
}
CASES = {
    "conv2d": ("s8 3x3 same", "s8 3x3 same, ", "s8 dilated, ", "f32 3x3 same", "s16 small, 32-bit biases"),
    "dwconv2d": (
        "s8 3x3 odd by odd, ",
        "s8 3x3 stride 2 pads, ",
        "s8 5x5 odd rows, ",
        "s8 3x3 of 17 in five",
        "s8 3x3 stride 2 of 17",
        "f32 no bias",
        "f32 3x3 of 24",
        "s16 small, 32-bit biases",
    ),
    "dense": ("s8 3 by 13 to 6, ", "s8 three axes", "f32 three axes", "s16 small, 32-bit biases"),
    "matmul": ("s8 5x17 by 17x9, onnx",),
    "pool2d": ("f32 max 9 channels", "f32 avg uneven pads"),
    "reduce": ("f32 9 channels",),
    "softmax": ("s8_many_",),
}
"""Operator -> cases, by what their names begin with: every kernel with assembly for the cores below takes one."""
CORES = (
    ("cortex-m0", "thumb", 3),
    ("cortex-m3", "thumb", 3),
    ("cortex-m4", "dsp", 16),
    ("cortex-m4", "fpu", 5),
    ("cortex-m7", "fma", 3),
    ("cortex-m55", "mve", 14),
    ("cortex-a53", "neon", 8),
    ("cortex-a7", "neon", 8),
    ("cortex-a76", "dotprod", 3),
)
"""Target, what some of its kernels with assembly need, and how many of those the cases reach."""


STANDARDS = (
    ("gcc", "-std=c11"),
    ("gcc", "-std=c17"),
    ("g++", "-x", "c++", "-std=c++14"),
    ("g++", "-x", "c++", "-std=c++17"),
    ("g++", "-x", "c++", "-std=c++20"),
)


POSITION_INDEPENDENT = (
    ("cortex-m0", "thumb", "-O1", "-fPIC"),
    ("cortex-m4", "dsp", "-O2", "-fPIC"),
    ("cortex-m4", "dsp", "-O0", "-fpie"),
    ("cortex-m7", "fma", "-O1", "-fpie"),
    ("cortex-m55", "mve", "-Os", "-fPIC"),
    ("cortex-a53", "neon", "-O0", "-fPIC"),
    ("cortex-a53", "neon", "-O2", "-DBC_NO_ASSEMBLY"),
    ("cortex-a76", "dotprod", "-O0", "-fPIC"),
    ("cortex-a76", "dotprod", "-Os", "-fno-omit-frame-pointer"),
)


@dataclass(frozen=True, eq=False)
class _Program:
    """A case as generated for one of its kernels with assembly."""

    case: build.Case
    kernel: str
    folder: Path


def _programs(target: Target, needed: str, place: Path, single_file: bool) -> Iterator[_Program]:
    for op, names in CASES.items():
        for name in names:
            case = next(case for case in build.all_cases()[op] if case.name.startswith(name))
            for kernel in select.candidates(case.graph, target, Options(weights="wide")):
                if needed not in kernel.needs:
                    continue
                folder = place / f"k{len(list(place.iterdir()))}"
                options = Options(name=folder.name, weights="wide", single_file=single_file)
                chosen = replace(kernel, pays=lambda params, target: True)
                schedule = select.run(case.graph, target, options, registry=lambda _, chosen=chosen: (chosen,))
                tree = emit.run(schedule, planner.run(schedule), target, options)
                yield _Program(case, kernel.symbol, tree.write(folder))


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize(("core", "needed", "expected"), CORES)
def test_assembly_compiles(core: str, needed: str, expected: int, flags: str, tmp_path: Path) -> None:
    target = targets.load(core)
    compiler = (toolchain.command(f"{target.prefix}gcc", target.package),)
    if flags == "C++" and target.profile == "a":  # Debian's package of the compiler has C alone
        if CLANG is None:
            pytest.skip("clang is not installed")
        compiler = (CLANG, f"--target={TRIPLES[target.prefix]}", "-ffreestanding")
    cores = [flag for flag in target.flags if flag.startswith(("-m", "-f"))]
    tried = set()
    for one in _programs(target, needed, tmp_path, single_file=True):
        source = one.folder / f"{one.folder.name}.c"
        line = [*compiler, *cores, *FLAGS[flags], *WARNINGS, "-c", str(source), "-o", str(source.with_suffix(".o"))]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{one.case.name} by {one.kernel}\n{done.stderr[:3000]}"
        tried.add(one.kernel)
    assert len(tried) == expected


@pytest.mark.parametrize(("core", "needed", "level", "flag"), POSITION_INDEPENDENT)
def test_position_independent_code_is_right(core: str, needed: str, level: str, flag: str, tmp_path: Path) -> None:
    """The weights are a file of their own, so that they are found by the global offset table."""
    target = targets.load(core)
    programs = list({one.kernel: one for one in _programs(target, needed, tmp_path, single_file=False)}.values())
    image = toolchain.build([one.folder for one in programs], target, out=tmp_path / "build", extra=(flag, level))
    inputs = [build.inputs(one.case) for one in programs]
    samples = [{key: array[np.newaxis] for key, array in arrays.items()} for arrays in inputs]
    models = runners.run(image, samples, count=False).models
    for one, arrays, model in zip(programs, inputs, models, strict=True):
        got = {key: array[0] for key, array in model.outputs.items()}
        fault = program.difference(got, build.expected(one.case, arrays))
        assert not fault and model.guard_ok, f"{one.case.name} by {one.kernel}: {fault}"


@pytest.mark.parametrize("compiler", STANDARDS, ids=lambda line: line[-1])
@pytest.mark.parametrize("single_file", [True, False])
def test_long_biases_compile_in_every_standard(single_file: bool, compiler: tuple[str, ...], tmp_path: Path) -> None:
    """From C11 and C++11 on a constant of 64-bit integers may not be aligned to less than these are (g++ allows it)."""
    case = next(c for c in build.all_cases()["conv2d"] if any(_is_long(t) for t in c.graph.tensors.values()))
    target, options = targets.load("host"), Options(name="k", single_file=single_file)
    schedule = select.run(case.graph, target, options)
    folder = emit.run(schedule, planner.run(schedule), target, options).write(tmp_path / "k")
    sources = sorted(str(path) for path in folder.glob("*.c"))
    assert any("const int64_t k_w" in Path(source).read_text() for source in sources)
    line = [*compiler, *WARNINGS, "-fsyntax-only", f"-I{folder}", *sources]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]


def _is_long(tensor: Tensor) -> bool:
    return tensor.is_constant and tensor.data.dtype == np.int64
