"""Kernels with assembly compile under other flags than the targets': a debugger's, a profiler's, C++, one copy for all."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from barecast import emit, planner, select, targets, toolchain
from barecast.options import Options

from tests.cases import build

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
        "f32 no bias",
        "s16 small, 32-bit biases",
    ),
    "dense": ("s8 3 by 13 to 6, ", "s8 three axes", "f32 three axes", "s16 small, 32-bit biases"),
    "matmul": ("s8 5x17 by 17x9, onnx",),
}
"""Operator -> cases, by what their names begin with: every kernel with assembly for the cores below takes one."""
CORES = (
    ("cortex-m0", "thumb", 3),
    ("cortex-m3", "thumb", 3),
    ("cortex-m4", "dsp", 15),
    ("cortex-m4", "fpu", 3),
    ("cortex-m7", "fma", 3),
    ("cortex-m55", "mve", 13),
)
"""Target, what some of its kernels with assembly need, and how many of those the cases reach."""


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize(("core", "needed", "expected"), CORES)
def test_assembly_compiles(core: str, needed: str, expected: int, flags: str, tmp_path: Path) -> None:
    target = targets.load(core)
    compiler = toolchain.command(f"{target.prefix}gcc", target.package)
    cores = [flag for flag in target.flags if flag.startswith(("-m", "-f"))]
    tried = set()
    for op, names in CASES.items():
        for number, name in enumerate(names):
            graph = next(case.graph for case in build.all_cases()[op] if case.name.startswith(name))
            for kernel in select.candidates(graph, target, Options(weights="wide")):
                if needed not in kernel.needs:
                    continue
                options = Options(name="k", weights="wide", single_file=True)
                chosen = replace(kernel, pays=lambda params, target: True)
                schedule = select.run(graph, target, options, registry=lambda _, chosen=chosen: (chosen,))
                tree = emit.run(schedule, planner.run(schedule), target, options)
                folder = tree.write(tmp_path / f"{kernel.symbol}_{number}")
                line = [compiler, *cores, *FLAGS[flags], *WARNINGS, "-c", str(folder / "k.c"), "-o", str(folder / "k.o")]
                done = subprocess.run(line, capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{name} by {kernel.symbol}\n{done.stderr[:3000]}"
                tried.add(kernel.symbol)
    assert len(tried) == expected
