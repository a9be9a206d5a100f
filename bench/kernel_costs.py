"""Measures convolutions by every kernel that can run them on Cortex-A, and writes the table that choices rest on.

    python -m bench.kernel_costs [--targets T,T...] [--jobs N]

writes sdk/barecast/select/costs.csv: for a core and a kernel, what a call, a row, a pixel and so on take
(barecast.select.costs), fitted to SHAPES. What is fitted is the estimated cycles, or executed instructions where no
cycles are estimated. Only shapes that two kernels or more can run count; plain C is left out, which is behind them all.
Rows of other cores stay. Then it chooses by the table for CHECKS, other shapes, and prints what that loses against the
best that was measured.
"""

from __future__ import annotations

import argparse
import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
import onnx
from barecast import kernels, pipeline, report, targets
from barecast.errors import UnsupportedError
from barecast.options import Options
from barecast.pipeline import Compiled
from barecast.profiling import profile
from barecast.schedule import Kernel
from barecast.select import costs

from bench.layers import Layer, depthwise, model

PATH = Path(__file__).resolve().parents[1] / "sdk/barecast/select" / costs.FILE

COLUMNS = ("core", "kernel", "unit", *costs.TERMS)


def full(ins: int, outs: int, side: int) -> Layer:
    return Layer(f"3x3 {ins} to {outs}", ins, outs, side, 3)


SHAPES = (
    *(full(*each, side) for each in ((4, 8), (16, 16), (16, 64), (64, 16), (64, 64)) for side in (4, 7, 14, 28)),
    *(full(128, 128, side) for side in (4, 7, 14)),
    *(depthwise(channels, side, stride) for channels, side, stride in product((8, 32, 96), (4, 7, 14, 28), (1, 2))),
)

CHECKS = (
    *(
        full(*each)
        for each in ((8, 8, 20), (24, 24, 9), (32, 32, 16), (48, 20, 5), (96, 96, 7), (64, 128, 8), (4, 64, 32))
    ),
    *(depthwise(*each) for each in ((16, 10, 1), (16, 10, 2), (64, 5, 1), (144, 28, 1), (144, 28, 2), (48, 48, 1))),
)


@dataclass(frozen=True)
class Sample:
    """One call by one kernel. cost: estimated cycles, or executed instructions."""

    core: str
    kernel: str
    unit: str
    terms: tuple[float, ...]
    cost: float


def samples(layer: Layer, quantised: bool, core: str) -> tuple[Sample, ...]:
    """The layer by every kernel of its type that can run it; empty if that is one alone."""
    op = "conv2d" if layer.groups == 1 else "dwconv2d"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.onnx"
        onnx.save(model(layer, quantised), path)
        tried = [(kernel, _compiled(path, core, kernel)) for kernel in kernels.for_op(op) if kernel.needs and not kernel.wide]
        able = [(kernel, compiled) for kernel, compiled in tried if compiled is not None]
        return tuple(_sample(kernel, compiled) for kernel, compiled in able) if len(able) > 1 else ()


def _compiled(path: Path, core: str, kernel: Kernel) -> Compiled | None:
    """The network with one kernel for its operator; None if that cannot run it on this core."""
    target, only = targets.load(core), (replace(kernel, pays=lambda params, target: True),)
    if not kernel.needs <= target.isa:
        return None
    try:
        return pipeline.compile_model(
            path, target, Options(), registry=lambda op: only if op == kernel.op else kernels.for_op(op)
        )
    except UnsupportedError:
        return None


def _sample(kernel: Kernel, compiled: Compiled) -> Sample:
    (params,) = (step.params for step in compiled.schedule.steps if step.op == kernel.op)
    (step,) = (step for step in profile(compiled).steps if step.macs)
    unit = "instructions" if step.cycles is None else "cycles"
    cost = step.instructions if step.cycles is None else step.cycles
    return Sample(compiled.target.name, kernel.symbol, unit, costs.terms(kernel, params), float(cost))


def measured(layers: Sequence[Layer], cores: Sequence[str], jobs: int) -> list[tuple[str, tuple[Sample, ...]]]:
    """Title and samples of each layer on each core, as float32 and as int8, where there is a choice."""
    wanted = [(layer, quantised, core) for core in cores for quantised in (False, True) for layer in layers]
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(samples, *zip(*wanted, strict=True))
        return [(layer.title, some) for (layer, _, _), some in zip(wanted, found, strict=True) if some]


def fitted(some: Sequence[Sample]) -> tuple[float, ...]:
    """What each term takes, no less than 0: the least sum of squares of relative errors. Of all sets of terms that are
    used at all the best is taken, which are few enough to try."""
    counts = np.array([np.array(sample.terms) / sample.cost for sample in some])
    best, least = np.zeros(len(costs.TERMS)), float(len(some))
    for size in range(1, min(len(costs.TERMS), len(some)) + 1):
        for used in map(list, combinations(range(len(costs.TERMS)), size)):
            each, *_ = np.linalg.lstsq(counts[:, used], np.ones(len(some)), rcond=None)
            error = float(((counts[:, used] @ each - 1) ** 2).sum())
            if each.min() >= 0 and error < least - 1e-9:
                best, least = np.zeros(len(costs.TERMS)), error
                best[used] = each
    return tuple(float(f"{value:.4g}") for value in best)


Table = Mapping[tuple[str, str], tuple[str, tuple[float, ...]]]
"""(core, kernel) -> unit, and what each term takes."""


def table(found: Sequence[tuple[str, tuple[Sample, ...]]]) -> Table:
    groups: dict[tuple[str, str], list[Sample]] = {}
    for _, some in found:
        for sample in some:
            groups.setdefault((sample.core, sample.kernel), []).append(sample)
    return {key: (some[0].unit, fitted(some)) for key, some in groups.items()}


def older(cores: Sequence[str]) -> Table:
    """The rows of the file for other cores."""
    rows = csv.DictReader(PATH.read_text(encoding="utf-8").splitlines())
    kept = [row for row in rows if row["core"] not in cores]
    return {
        (row["core"], row["kernel"]): (row["unit"], tuple(float(row[term]) for term in costs.TERMS)) for row in kept
    }


def text(rows: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((*key, unit, *(f"{value:g}" for value in each)) for key, (unit, each) in sorted(rows.items()))
    return out.getvalue()


def verdicts(found: Sequence[tuple[str, tuple[Sample, ...]]], rows: Table) -> report.Table:
    """Each layer's choice by the table, and what it costs by the cost of the best one."""

    def guess(sample: Sample) -> float:
        _, each = rows[sample.core, sample.kernel]
        return sum(value * count for value, count in zip(each, sample.terms, strict=True))

    lines = []
    for title, some in found:
        known = [sample for sample in some if (sample.core, sample.kernel) in rows]
        chosen, best = min(known, key=guess), min(some, key=lambda sample: sample.cost)
        others = "  ".join(f"{sample.kernel} {guess(sample) / sample.cost:.2f}" for sample in known)
        lines.append((chosen.core, title, chosen.kernel, f"{chosen.cost / best.cost:.2f}", others))
    return report.Table("", ("core", "layer", "chosen", "by the best>", "estimated by measured"), tuple(lines))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.kernel_costs", description=__doc__.split("\n\n")[0])
    every = [name for name in targets.names() if name.startswith("cortex-a")]
    parser.add_argument("--targets", default=",".join(every), metavar="T,T...")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    cores = given.targets.split(",")
    rows = table(measured(SHAPES, cores, given.jobs))
    PATH.write_text(text({**older(cores), **rows}), encoding="utf-8")
    report.print_table(verdicts(measured(CHECKS, cores, given.jobs), rows))


if __name__ == "__main__":
    main()
