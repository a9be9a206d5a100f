"""Every kernel on its own instruction set: all cases of all operators, bit for bit, in few images a target."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from barecast import emit, planner, runners, select, targets, toolchain
from barecast.options import Options
from barecast.schedule import Kernel, MemoryPlan, Overlap, Schedule
from barecast.targets import Target

from tests.cases import build
from tests.kernels import program

SHARES = {
    "cortex-m0": (4, 0),
    "cortex-m4": (12, 1),
    "cortex-a53": (4, 2),
    "cortex-m3": (24, 0),
    "cortex-m7": (512, 1),
    "cortex-m33": (24, 5),
    "cortex-m55": (24, 10),
    "cortex-a7": (24, 15),
    "cortex-a76": (24, 20),
    "cortex-a710": (512, 2),
}
"""Target -> (n, k): its plain C kernels run on one in n cases, from the kth on, and so do those that have all cases on
another target. On the host the plain C kernels run on all cases (test_host.py)."""

ELSEWHERE = {
    "cortex-m7": frozenset({"dsp", "fpu"}),
    "cortex-m33": frozenset({"dsp", "fpu"}),
    "cortex-m55": frozenset({"dsp"}),
    "cortex-a76": frozenset({"a64", "neon", "dotprod"}),
    "cortex-a710": frozenset({"a64", "neon", "dotprod"}),
}
"""Target -> instruction sets whose kernels run on every case on another target, or in test_qemu_user.py. All others run
on every case."""

BY_TABLE = 6
"""A kernel that looks bytes up does the same for every function: one in so many of its cases."""

APART = 4
"""A case whose output may lie over its input is mostly run so, and once in so many cases with everything apart, too."""

TOGETHER = 200
"""Programs in one image: more do not fit the memory for code of every board."""

ALIGN = 16
"""Bytes: what scratch memory and other operands start at a multiple of, beside the two buffers that overlap."""


def _fitting(case: build.Case, target: Target, index: int) -> list[Kernel]:
    """The kernels to run a case with: each that takes it, those known from elsewhere on a share of the cases only."""
    found, (share, first) = [], SHARES[target.name]
    for kernel in select.candidates(case.graph, target, Options(weights="wide")):
        if kernel.op == "table" and index % BY_TABLE:
            continue
        if kernel.needs - ELSEWHERE.get(target.name, frozenset()) or index % share == first:
            found.append(kernel)
    return found


def _overlapped(plan: MemoryPlan, x: str, y: str, distance: int) -> MemoryPlan:
    """The plan in which y starts `distance` bytes behind the start of x."""
    offsets, end = {x: max(-distance, 0), y: max(distance, 0)}, 0
    for key in (x, y, *(plan.placements.keys() - {x, y})):
        offsets.setdefault(key, -(-end // ALIGN) * ALIGN)
        end = max(end, offsets[key] + plan.placements[key].bytes)
    placements = {key: replace(place, offset=offsets[key]) for key, place in plan.placements.items()}
    return replace(plan, placements=placements, arena_bytes=end)


def _distances(overlap: Overlap, x_bytes: int, y_bytes: int) -> set[int]:
    """How far behind x y may start, at most; and where only some places are allowed, another one below that."""
    step = overlap.multiple
    if step > 1 and 0 < overlap.bytes - y_bytes < x_bytes - step:
        return {0, (overlap.bytes - y_bytes) // step * step}
    most = min(overlap.bytes - y_bytes, x_bytes - 1) // step * step
    return {most} if step == 1 else {min(0, most), most // 2 // step * step if most > 0 else most - step}


def _plans(schedule: Schedule) -> list[MemoryPlan]:
    """One with everything apart, and for kernels that the host cannot run those with all the overlap that they allow."""
    apart = [replace(step, kernel=replace(step.kernel, overlap=None)) for step in schedule.steps]
    plans = [planner.run(replace(schedule, steps=tuple(apart)))]
    step = schedule.steps[0]
    if len(schedule.steps) > 1 or not step.kernel.needs:
        return plans
    for x, overlap in dict(step.overlaps).items():
        if overlap.bytes > 0 and {x, step.outputs[0]} <= plans[0].placements.keys():
            sizes = [plans[0].placements[key].bytes for key in (x, step.outputs[0])]
            plans += [_overlapped(plans[0], x, step.outputs[0], d) for d in _distances(overlap, *sizes)]
    return plans


@dataclass(frozen=True, eq=False)
class _Program:
    """A generated folder with its input, what it shall compute, and its name for people."""

    folder: Path
    inputs: Mapping[str, np.ndarray]
    expected: Mapping[str, np.ndarray]
    title: str


def _programs(target: Target, place: Path) -> Iterator[_Program]:
    cases = [(op, case) for op, cases in build.all_cases().items() for case in cases]
    serial = itertools.count()
    for index, (op, case) in enumerate(cases):
        arrays = build.inputs(case)
        for kernel in _fitting(case, target, index):
            chosen = replace(kernel, pays=lambda params, target: True)
            options = Options(name="k", weights="wide")
            schedule = select.run(case.graph, target, options, registry=lambda _, chosen=chosen: (chosen,))
            plans = list(enumerate(_plans(schedule)))
            for number, plan in plans[len(plans) > 1 and index % APART > 0 :]:
                options = Options(name=f"k{next(serial):04d}", single_file=True)
                tree = emit.run(replace(schedule, name=options.name), plan, target, options)
                title = f"{op}/{case.name} by {kernel.symbol}" + ", output over input" * number
                yield _Program(tree.write(place / options.name), arrays, build.expected(case, arrays), title)


@pytest.mark.parametrize("name", SHARES)
def test_every_kernel_on(name: str, tmp_path: Path) -> None:
    target, wrong = targets.load(name), []
    programs = list(_programs(target, tmp_path))
    assert len(programs) > 100
    for number, first in enumerate(range(0, len(programs), TOGETHER)):
        some = programs[first : first + TOGETHER]
        image = toolchain.build([p.folder for p in some], target, out=tmp_path / f"build{number}")
        inputs = [{key: array[np.newaxis] for key, array in p.inputs.items()} for p in some]
        for model, one in zip(runners.run(image, inputs, count=False).models, some, strict=True):
            if not model.guard_ok:
                wrong.append(f"{one.title}: wrote outside of its arena")
            if fault := program.difference({key: array[0] for key, array in model.outputs.items()}, one.expected):
                wrong.append(f"{one.title}: {fault}")
    assert not wrong, f"{len(wrong)} of {len(programs)} differ on {name}:\n" + "\n".join(wrong[:20])
