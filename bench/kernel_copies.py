"""Measures what copies of a kernel cost and gain: `copy_bytes` and `copy_gain` of the kernel registry.

    python bench/kernel_copies.py [--plain-c] TARGET MODEL...

Each model is built with a copy of the kernel in every step, and with one for all steps of a form, where there are
three or more. A row a kernel: its steps, the median of their functions' bytes, and what a copy that knows its extents
saves for each output element, in multiply-accumulates: instructions by those that the whole model takes for a unit of
work (see docs/kernels.md, "Shared copies"). Beside them what the registry says.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from barecast import emit, pipeline, report, runners, targets
from barecast.emit import sharing
from barecast.options import Options
from barecast.pipeline import Compiled
from barecast.report import Table
from barecast.runners import counting
from barecast.samples import random_samples
from barecast.schedule import Kernel

APART = {"copy_bytes": 0}
"""Copies cost nothing: no step shares."""

TOGETHER = {"copy_bytes": 10**6, "copy_gain": 0.0}
"""Copies gain nothing and cost more than can be paid: all steps of a form share."""


@dataclass
class Found:
    """Of one kernel. sizes: of the steps' functions. outputs: elements that those steps make which can share and have
    extents of their own; saved: what these steps save with copies of their own, in multiply-accumulates."""

    kernel: Kernel
    sizes: list[int] = field(default_factory=list)
    outputs: int = 0
    saved: float = 0.0

    def row(self) -> tuple[str, ...]:
        gain = f"{self.saved / self.outputs:.2f}" if self.outputs else "-"
        stated = (report.number(self.kernel.copy_bytes), f"{self.kernel.copy_gain:g}")
        return (self.kernel.symbol, str(len(self.sizes)), report.number(round(median(self.sizes))), gain, *stated)


def rebuilt(compiled: Compiled, **fields: float) -> Compiled:
    """The same with other copies of kernels: fields replace those of every step's kernel."""
    steps = tuple(replace(step, kernel=replace(step.kernel, **fields)) for step in compiled.schedule.steps)
    schedule = replace(compiled.schedule, steps=steps)
    tree = emit.run(schedule, compiled.plan, compiled.target, compiled.options)
    return replace(compiled, schedule=schedule, tree=tree)


def run(compiled: Compiled) -> tuple[list[float], list[int]]:
    """Of each step the executed instructions, and the bytes of its function."""
    with pipeline.built(compiled) as image:
        counted = runners.run(image, random_samples(compiled.graph, 1).arrays, count=True).models[0].steps
        sizes = {name: size for _, size, name in counting.functions(image)}
    return [step.instructions for step in counted], [sizes[step["name"]] for step in emit.manifest(compiled.tree)["steps"]]


def measure(model: Path, target_name: str, options: Options, found: dict[str, Found]) -> None:
    compiled = pipeline.compile_model(model, targets.load(target_name), options)
    steps = compiled.schedule.steps
    apart, together = rebuilt(compiled, **APART), rebuilt(compiled, **TOGETHER)
    (alone, sizes), (shared, _) = run(apart), run(together)
    outputs = [sum(compiled.schedule.buffers[name].size for name in step.outputs) for step in steps]
    unit = sum(alone) / sum(step.macs + sharing.OUTPUT_WORK * count for step, count in zip(steps, outputs, strict=True))
    groups = [g for g in sharing.groups(together.schedule, "speed") if sharing.COUNTS.intersection(g.varying)]
    in_groups = {index for group in groups for index in group.steps}
    for index, step in enumerate(steps):
        entry = found.setdefault(step.kernel.symbol, Found(step.kernel))
        entry.sizes.append(sizes[index])
        if index in in_groups:
            entry.outputs += outputs[index]
            entry.saved += (shared[index] - alone[index]) / unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plain-c", action="store_true", help="take no kernels for instruction sets")
    parser.add_argument("target")
    parser.add_argument("models", type=Path, nargs="+")
    given = parser.parse_args()
    options = Options(kernels="c" if given.plain_c else "native")
    found: dict[str, Found] = {}
    for model in given.models:
        measure(model, given.target, options, found)
    columns = ("kernel", "steps>", "median bytes>", "gain>", "copy_bytes>", "copy_gain>")
    report.print_table(Table(given.target, columns, tuple(entry.row() for _, entry in sorted(found.items()))))


if __name__ == "__main__":
    main()
