"""Graphs with states, and their generated code as one program that runs streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from barecast import check, emit, order, passes, planner, reference, runners, select, targets, text, toolchain
from barecast.graph import Graph
from barecast.options import Options
from barecast.runners import ModelResult
from barecast.schedule import MemoryPlan, Schedule


def planned(graph: Graph, name: str = "net", target: str = "host") -> tuple[Graph, Schedule, MemoryPlan]:
    """The graph after the passes, its schedule and its plan, all of them checked."""
    check.graph(graph)
    graph = passes.run(graph, Options())
    selected = select.run(graph, targets.load(target), Options(name=name))
    check.schedule(selected)
    schedule = order.run(selected)
    check.order(selected, schedule)
    plan = planner.run(schedule)
    check.plan(schedule, plan)
    return graph, schedule, plan


def run(
    graphs: Sequence[Graph], streams: Sequence[dict[str, np.ndarray]], place: Path, target: str = "host"
) -> tuple[ModelResult, ...]:
    """Every graph's generated code on its stream (input name -> array, samples first), in one program."""
    core, folders = targets.load(target), []
    for index, graph in enumerate(graphs):
        _, schedule, plan = planned(graph, f"net{index}", target)
        tree = emit.run(schedule, plan, core, Options(single_file=index % 2 == 1))
        folders.append(tree.write(place / f"net{index}"))
    warnings = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")
    image = toolchain.build(folders, core, out=place / "build", extra=warnings)
    results = runners.run(image, list(streams), count=False).models
    assert all(model.guard_ok for model in results)
    return results


def by_reference(graph: Graph, stream: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The outputs that the reference gives for a stream, samples first."""
    count = len(next(iter(stream.values())))
    rows = reference.sequence(graph, ({name: array[i] for name, array in stream.items()} for i in range(count)))
    outputs = [reference.outputs(graph, values) for values in rows]
    return {name: np.stack([row[name] for row in outputs]) for name in outputs[0]}


def stream_for(graph: Graph, samples: int, seed: int) -> dict[str, np.ndarray]:
    """Small integers, so that float sums are exact in any order."""
    random, found = np.random.default_rng(seed), {}
    for port in graph.inputs:
        type = graph.type(port.tensor)
        found[port.name] = random.integers(-8, 9, (samples, *type.shape)).astype(type.dtype.numpy)
    return found


RUNNING_SUM = text.loads("""graph "running sum" tflite
input "x" %x: f32[1,4]
state "sum" %before: f32[1,4] = [1.0, 2.0, 3.0, 4.0]
%after: f32[1,4] = binary(%x, %before) kind=add
output "y" %after
next "sum" %after
""")

WINDOW = text.loads("""graph "window" tflite
input "frame" %x: s8[1,1,1,5]{0.1@-128}
state "frames" %old: s8[1,3,1,5]{0.1@-128} = splat(-128)
%all: s8[1,4,1,5]{0.1@-128} = concat(%old, %x) axis=1
%new: s8[1,3,1,5]{0.1@-128} = slice(%all) begin=(0,1,0,0) size=(1,3,1,5) step=(1,1,1,1)
%y: s8[1,1,1,5]{0.1@-128} = pool2d(%all) kind=max kernel=(4,1) strides=(1,1) pads=(0,0,0,0)
output "y" %y
next "frames" %new
""")

DELAYS = text.loads("""graph "delays" tflite
input "x" %x: f32[3]
state "one" %d1: f32[3] = splat(0.0)
state "two" %d2: f32[3] = [5.0, 6.0, 7.0]
state "three" %d3: f32[1,3] = splat(0.0)
state "idle" %idle: f32[3] = [1.0, 2.0, 4.0]
state "constant" %k: f32[3] = splat(0.0)
const %nine: f32[3] = [9.0, 8.0, 7.0]
%v: f32[1,3] = reshape(%d2) shape=(1,3)
%sum: f32[1,3] = binary(%d3, %x) kind=add
%with: f32[1,3] = binary(%sum, %idle) kind=add
%y: f32[1,3] = binary(%with, %k) kind=add
output "y" %y
output "oldest" %d3
next "one" %x
next "two" %d1
next "three" %v
next "idle" %idle
next "constant" %nine
""")

SWAP = text.loads("""graph "swap" tflite
input "x" %x: f32[2]
state "a" %a: f32[2] = [1.0, 2.0]
state "b" %b: f32[2] = [3.0, 4.0]
state "c" %c: f32[2] = [5.0, 6.0]
state "d" %d: f32[2] = splat(0.0)
%y: f32[2] = binary(%a, %x) kind=sub
%z: f32[2] = binary(%y, %d) kind=add
output "y" %z
next "a" %b
next "b" %c
next "c" %a
next "d" %b
""")

SHARED = text.loads("""graph "shared" tflite
input "x" %x: f32[2]
state "a" %a: f32[2] = splat(0.0)
state "b" %b: f32[2] = splat(1.0)
%half: f32[2] = binary(%a, %x) kind=sub
%m: f32[2] = binary(%half, %b) kind=add
%n: f32[2] = binary(%x, %m) kind=mul
%y: f32[2] = binary(%m, %n) kind=add
output "y" %y
next "a" %n
next "b" %n
""")

ALL = {g.name: g for g in (RUNNING_SUM, WINDOW, DELAYS, SWAP, SHARED)}
