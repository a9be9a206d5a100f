"""python -m tests.fuzz.graphs [--count N | --minutes M] [--first SEED]: random graphs of all kinds of operators.

The graphs grow in growth.py. The reference is compared with onnxruntime, layer by layer where it computes with bytes,
and the C with the reference: its integers to the byte. Exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from barecast import pipeline, reference, targets
from barecast.errors import BarecastError
from barecast.host import CompiledModel
from barecast.verification.compare import compare
from barecast.verification.tolerance import own_rules

from tests.frontends.build import narrowed
from tests.fuzz import agreement
from tests.fuzz.growth import Growth
from tests.fuzz.mutants import until

ROOM = 3
"""Elements of a small quantised layer that may differ by 1: a wrong entry of a table can be hit a few times."""

BESIDE = 1e-4
"""Of a step: how close to a half is beside it."""

FUSED = frozenset({"Softmax", "AveragePool", "GlobalAveragePool"})
"""Operators that onnxruntime's optimiser fuses into kernels of other results, which barecast follows where it sees that
they fuse (docs/numerics.md). It also quantises float weights and biases; there the session without it is followed."""

FLOAT_ROOM = 2e-5
"""Of the largest element: float32 sums in another order, over a few nodes in a row."""


@dataclass(frozen=True)
class Examined:
    """One graph: how often it has each operator, and what is wrong with it. has_oracle: onnxruntime runs it as a whole.
    undisputed: onnx infers the shapes that onnxruntime computes."""

    operators: Counter
    wrong: list[str]
    has_oracle: bool = True
    undisputed: bool = True


def examined(seed: int, place: Path, c: bool = True) -> Examined:
    growth = Growth(seed)
    model = growth.model()
    path = place / "graph.onnx"
    undisputed = _checked(model)
    onnx.save(model, path)
    operators = Counter(n.op_type for n in growth.nodes)
    try:
        compiled = pipeline.compile_model(path, targets.load("host"))
    except BarecastError as error:
        return Examined(operators, [f"refused: {error.message()}"], undisputed=undisputed)
    row = {i.name: growth.inputs[i.name] for i in model.graph.input}
    want = reference.run(compiled.graph, row)
    try:
        whole = agreement.session(model, False)
    except Exception:  # it infers other shapes for some graphs than its own operators make of them
        whole = None
    if whole is None:
        # Nodes were run one by one when they were drawn: floats are compared with what came of that.
        alone = {} if growth.quantised else {o.name: growth.values[o.name] for o in model.graph.output}
        wrong = [f"{n}: {said}" for n, v in alone.items() if (said := _difference(want[n], v))]
    elif growth.quantised:
        wrong = list(_layers_wrong(growth, model, row, place))
    else:
        theirs = agreement.run(whole, row)
        wrong = [f"{n}: {said}" for n, v in theirs.items() if (said := _difference(want[n], v))]
    if c:
        rules = own_rules(compiled.graph)
        with CompiledModel(compiled) as program:
            got = program.run(row)
        for port in compiled.graph.outputs:
            n = port.name
            if not compare({n: want[n][None]}, {n: got[n][None]}, {n: rules[port.tensor]}).passed:
                wrong.append(f"{n}: the C differs from the reference")
    told = [f"{said} ({_above(growth, said.split(':')[0])})" for said in wrong]
    return Examined(operators, told, whole is not None, undisputed)


def _checked(model: onnx.ModelProto) -> bool:
    """Whether onnx infers the model's shapes, too: of the last window of some pools it thinks otherwise than
    onnxruntime. Any other complaint of the checker is a mistake of these tests."""
    onnx.checker.check_model(model)
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.shape_inference.InferenceError:
        return False
    return True


def _layers_wrong(growth: Growth, model: onnx.ModelProto, row: agreement.Arrays, place: Path) -> Iterator[str]:
    """Layers between quantised tensors that differ, on onnxruntime's own inputs, from what it computes without its
    optimiser; those of FUSED, from both."""
    parts = agreement.pieces(model, [row])
    graph = agreement.graph_of(parts.model, place / "pieces.onnx")
    for default, plain in zip(*(agreement.gaps(parts, graph, optimise) for optimise in (True, False)), strict=True):
        sessions = (plain, default) if FUSED.intersection(plain.layer.kind.split()) else (plain,)
        room = max(ROOM, plain.elements // 100) + _halves(growth, model, plain.layer.output)
        if all(gap.largest > 1 or gap.differing > room for gap in sessions):
            yield f"{plain.layer.output}: {plain.differing} of {plain.elements} differ from onnxruntime's, by {plain.largest}"


def _halves(growth: Growth, model: onnx.ModelProto, output: str) -> int:
    """Elements in front of a QuantizeLinear that lie beside a half, where the last bit of a float32 sum decides."""
    node = next(n for n in model.graph.node if output in n.output)
    if node.op_type != "QuantizeLinear":
        return 0
    steps = growth.values[node.input[0]].astype(np.float64) / growth.constants[node.input[1]]
    return int(np.count_nonzero(np.abs(steps - np.floor(steps) - 0.5) < BESIDE))


def _difference(ours: np.ndarray, theirs: np.ndarray) -> str:
    if ours.shape != theirs.shape:
        return f"shape {ours.shape}, onnxruntime's {theirs.shape}"
    if ours.dtype != narrowed(theirs.dtype):
        return f"type {ours.dtype}, onnxruntime's {theirs.dtype}"
    gap = np.abs(ours.astype(np.float64) - theirs.astype(np.float64)).max()
    largest = np.abs(theirs).max()
    room = FLOAT_ROOM * max(largest, 0.01) if theirs.dtype == np.float32 else 0
    return f"differs from onnxruntime's by {gap:.3g} of {largest:.3g}" if not gap <= room else ""  # a gap that is NaN, too


def _above(growth: Growth, name: str) -> str:
    """The operators between the inputs and the tensor."""
    makers = {n: node for node in growth.nodes for n in node.output}
    told, pending = [], [name]
    while pending:
        node = makers.get(pending.pop())
        if node is not None:
            told.append(node.op_type)
            pending += node.input
    return " < ".join(told[:12])


def run(seeds: Iterator[int], c: bool = True) -> Iterator[tuple[int, Examined]]:
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place, np.errstate(all="ignore"):
            yield seed, examined(seed, Path(place), c)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.graphs", description=__doc__.split("\n\n")[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, help="how many graphs; 20 if neither this nor --minutes is given")
    parser.add_argument("--minutes", type=float, help="how long")
    parser.add_argument("--no-c", action="store_true", help="only the reference against onnxruntime")
    given = parser.parse_args()
    count = 20 if given.count is None and given.minutes is None else given.count
    hours = None if given.minutes is None else given.minutes / 60
    operators, tally, started = Counter(), Counter(), time.monotonic()
    with contextlib.suppress(KeyboardInterrupt):
        for seed, one in run(until(given.first, count, hours), not given.no_c):
            operators += one.operators
            tally.update(graphs=1, wrong=int(bool(one.wrong)), alone=int(not one.has_oracle), disputed=int(not one.undisputed))
            for said in one.wrong:
                print(f"seed {seed}: {said}", flush=True)
    print(f"{tally['graphs']} graphs, {operators.total()} nodes of {len(operators)} operators, {tally['wrong']} graphs wrong; "
          f"{tally['alone']} that onnxruntime runs node by node only, {tally['disputed']} whose shapes onnx infers in another "
          f"way; {time.monotonic() - started:.0f} s")  # fmt: skip
    return int(tally["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
