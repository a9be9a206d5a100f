"""CMSIS-NN on every case of every operator that it can do: the same bytes as the reference."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from barecast import cmsis_nn, emit, frontends, passes, planner, reference, runners, select, targets, toolchain
from barecast.cmsis_nn import library
from barecast.graph import Graph, Rule
from barecast.options import Options
from barecast.targets import Target

from tests.cases import build
from tests.cmsis_nn import needs_library, random_layers
from tests.house.test_runtime import WARNINGS
from tests.kernels import program
from tests.tflite.build import all_cases

SHARE = {"cortex-m55": 1, "cortex-m4": 1, "cortex-m0": 5}
"""Target -> one in how many cases run there."""

TOGETHER = 250

RANDOM = 150
"""Random layers on each target."""


@dataclass(frozen=True, eq=False)
class _Program:
    """A generated folder, its input, what it shall compute and its name for people."""

    folder: Path
    inputs: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]
    title: str
    single_rounding: bool | None


Graphs = Iterator[tuple[str, Graph, Mapping[str, np.ndarray]]]


def _graphs(place: Path) -> Graphs:
    """Title, graph and inputs: the operators' own cases, and the .tflite files of single operators."""
    for op, cases in build.all_cases().items():
        yield from ((f"{op}/{case.name}", case.graph, build.inputs(case)) for case in cases)
    for one in all_cases():
        path = place / "case.tflite"
        path.write_bytes(one.model)
        yield one.name, passes.run(frontends.read(path), Options()), one.inputs


def _random(seed: int, rule: Rule) -> Graphs:
    for case in random_layers.cases(seed, rule):
        yield case.name, case.graph, build.inputs(case)


def _programs(graphs: Graphs, target: Target, place: Path, share: int = 1) -> Iterator[_Program]:
    """A program for one in `share` of the graphs that CMSIS-NN can do something of."""
    options, serial = Options(kernels="cmsis-nn", name="k"), 0
    for title, graph, arrays in graphs:
        if not any(cmsis_nn.entries(node.op, cmsis_nn.core(target)) for node in graph.nodes):
            continue
        schedule = select.run(graph, target, options)
        needs = cmsis_nn.needs(schedule)
        if needs is None:
            continue
        serial += 1
        if serial % share:
            continue
        named = replace(options, name=f"k{serial:04d}", single_file=True)
        tree = emit.run(replace(schedule, name=named.name), planner.run(schedule), target, named)
        folder = tree.write(place / named.name)
        symbols = " ".join(dict.fromkeys(step.kernel.symbol for step in schedule.steps))
        yield _Program(folder, arrays, reference.run(graph, arrays), f"{title} by {symbols}", needs.single_rounding)


@needs_library
@pytest.mark.parametrize("name", SHARE)
def test_every_case_on(name: str, tmp_path: Path) -> None:
    target, wrong = targets.load(name), []
    programs = list(_programs(_graphs(tmp_path), target, tmp_path, SHARE[name]))
    assert len(programs) > 250 // SHARE[name]
    for rounding in (False, True):
        group = [p for p in programs if bool(p.single_rounding) is rounding]
        for first in range(0, len(group), TOGETHER):
            wrong += _run(group[first : first + TOGETHER], target, tmp_path / f"build{rounding}{first}")
    assert not wrong, f"{len(wrong)} of {len(programs)} differ on {name}:\n" + "\n".join(wrong[:20])


@needs_library
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", SHARE)
def test_random_layers_on(name: str, seed: int, tmp_path: Path) -> None:
    target, rule = targets.load(name), Rule.TFLITE if seed % 2 else Rule.TFLITE_SINGLE
    wrong = _run(
        list(itertools.islice(_programs(_random(seed, rule), target, tmp_path), RANDOM)), target, tmp_path / "b"
    )
    assert not wrong, f"{len(wrong)} of {RANDOM} differ on {name}:\n" + "\n".join(wrong[:20])


def _run(some: list[_Program], target: Target, out: Path) -> list[str]:
    image = toolchain.build([p.folder for p in some], target, out=out)
    batches = [{key: array[np.newaxis] for key, array in p.inputs.items()} for p in some]
    wrong = []
    for model, one in zip(runners.run(image, batches, count=False).models, some, strict=True):
        if not model.guard_ok:
            wrong.append(f"{one.title}: wrote outside of its arena")
        if fault := program.difference({key: array[0] for key, array in model.outputs.items()}, one.expected):
            wrong.append(f"{one.title}: {fault}")
    return wrong


@needs_library
@pytest.mark.parametrize("command", [("gcc", "-std=c99"), ("g++", "-std=c++17")], ids=["C99", "C++17"])
def test_each_header_compiles_alone(command: tuple[str, ...], tmp_path: Path) -> None:
    folder, units = program.stage_headers(tmp_path), []
    for header in sorted((folder / "barecast").glob("*_cmsis.h")):
        units.append(folder / f"{header.stem}{'.c' if command[0] == 'gcc' else '.cpp'}")
        units[-1].write_text(f'#include "barecast/{header.name}"\n' * 2 + "int main(void) { return 0; }\n")
    assert len(units) == 16
    places = ["-I", str(folder), "-isystem", str(library.root() / "Include")]
    line = [*command, *WARNINGS, "-fsyntax-only", *places, *map(str, units)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
