"""The models that are looked at: the operators' sweep and whole networks, as generated for a target."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from barecast import emit, pipeline, planner, select
from barecast.emit import SourceTree
from barecast.errors import BarecastError
from barecast.options import Options
from barecast.targets import Target

from tests.cases import build
from tests.emit import hosted
from tests.planner.networks import network
from tests.state import graphs
from tests.tflite import int16_network

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "models" / "digits"
SHARED = ROOT.parent / "shared" / "models"
LARGEST = 400_000
"""Bytes of a model file: a larger one shows nothing new."""


@dataclass(frozen=True)
class Sweep:
    """Models of one operator each. kernels: how many different ones they call."""

    trees: tuple[SourceTree, ...]
    kernels: int


def sweep(target: Target, most: int, share: int = 1) -> Sweep:
    """Single files k0, k1, ...: each kernel that the target may choose on its first `most` cases, looked for in one of
    `share` cases of each operator."""
    count: collections.Counter[str] = collections.Counter()
    trees = []
    for cases in build.all_cases().values():
        for case in cases[::share]:
            for kernel in select.candidates(case.graph, target, Options(weights="wide")):
                if count[kernel.symbol] >= most:
                    continue
                count[kernel.symbol] += 1
                options = Options(name=f"k{len(trees)}", weights="wide", single_file=True)
                entry = replace(kernel, pays=lambda params, target: True)
                schedule = select.run(case.graph, target, options, registry=lambda _, entry=entry: (entry,))
                trees.append(emit.run(schedule, planner.run(schedule), target, options))
    return Sweep(tuple(trees), len(count))


def whole(target: Target, place: Path, drawn: int, real: bool) -> Iterator[SourceTree]:
    """Whole networks as single files: those of the repository, `drawn` random ones, and the reference models if they are
    at hand and wanted; each as the target has it, and by rows where it can be."""
    files = sorted(DIGITS.glob("*.onnx"))
    for name, data in (("int16", int16_network.network()), ("spotter", int16_network.keyword_spotter())):
        path = place / f"{name}.tflite"
        path.write_bytes(data)
        files.append(path)
    if real and SHARED.is_dir():
        files += [path for path in sorted(SHARED.iterdir()) if path.stat().st_size < LARGEST]
    for path in files:
        name = path.name.replace(".", "_")
        yield pipeline.compile_model(path, target, Options(name=name, single_file=True)).tree
        try:
            options = Options(name=f"{name}_rows", single_file=True, optimize="ram", feed="rows")
            yield pipeline.compile_model(path, target, options).tree
        except BarecastError:  # its input cannot come in rows
            pass
    for name, graph in graphs.ALL.items():
        options = Options(name=name.replace(" ", "_"), single_file=True)
        yield hosted.stages(graph, options, target).tree
    for seed in range(drawn):
        yield hosted.stages(network(seed), Options(name=f"n{seed}", single_file=True), target).tree
