"""Generated C compiled for this machine and run by ctypes."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from barecast import check, emit, order, pipeline, select
from barecast.emit import SourceTree
from barecast.graph import Graph
from barecast.options import Options
from barecast.schedule import Border, MemoryPlan, Schedule
from barecast.targets import Target

HOST = Target("host", frozenset())
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wcast-align", "-Werror")
C99 = ("gcc", "-std=c99")
CXX17 = ("g++", "-x", "c++", "-std=c++17")
GUARD = 64


@dataclass(frozen=True, eq=False)
class Stages:
    schedule: Schedule
    plan: MemoryPlan
    tree: SourceTree


def stages(graph: Graph, options: Options = Options(), target: Target = HOST) -> Stages:
    """Everything from the graph to the files, with the check at every border."""
    selected = select.run(graph, target, options)
    check.schedule(selected)
    schedule = order.run(selected)
    check.order(selected, schedule)
    schedule, plan, _ = pipeline._planned(schedule, target, options)
    check.schedule(schedule)
    check.plan(schedule, plan)
    return Stages(schedule, plan, emit.run(schedule, plan, target, options))


def build(tree: SourceTree, folder: Path, compiler: Sequence[str] = C99, more: str = "") -> Path:
    """The shared library of a tree, compiled from any place without -I. more: C to compile with it."""
    tree.write(folder / "generated")
    sources = [folder / "generated" / path for path in tree.files if path.endswith(".c")]
    if more:
        (folder / "more.c").write_text(more)
        sources.append(folder / "more.c")
    library = folder / "model.so"
    command = [*compiler, *WARNINGS, "-O1", "-shared", "-fPIC", *sources, "-o", library]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return library


def run(library: Path, made: Stages, inputs: Mapping[str, np.ndarray], runs: int = 1) -> dict[str, np.ndarray]:
    """Outputs by name. The arena is filled with garbage first, and nothing may be written outside of it."""
    size = made.plan.arena_bytes
    memory = np.full(size + 2 * GUARD + made.plan.align, 0xA5, np.uint8)
    start = GUARD + -(memory.ctypes.data + GUARD) % made.plan.align
    arena = memory[start : start + size]
    program = ctypes.CDLL(str(library))
    for _ in range(runs):
        for border in made.schedule.inputs:
            place(made, arena, border)[...] = inputs[border.name]
        program[f"{made.schedule.name}_run"](ctypes.c_void_p(arena.ctypes.data))
    assert (memory[:start] == 0xA5).all() and (memory[start + size :] == 0xA5).all(), "written outside of the arena"
    return {border.name: place(made, arena, border).copy() for border in made.schedule.outputs}


def place(made: Stages, arena: np.ndarray, border: Border) -> np.ndarray:
    """The port as an array that lies in the arena, found by the manifest."""
    side = "inputs" if border in made.schedule.inputs else "outputs"
    (entry,) = [e for e in emit.manifest(made.tree)[side] if e["name"] == border.name]
    part = arena[entry["offset"] : entry["offset"] + entry["bytes"]]
    return part.view(border.type.dtype.numpy).reshape(border.type.shape)
