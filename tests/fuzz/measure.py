"""One random network from its seed to a verdict: what tests/models/test_random_qdq.py and `python -m tests.fuzz` share."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from barecast import pipeline, reference, targets
from barecast.graph import Graph
from barecast.host import CompiledModel
from barecast.samples import stack
from barecast.verification.compare import CLOSE, Comparison, compare
from barecast.verification.oracles import biases
from barecast.verification.tolerance import own_rules
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

from tests.fuzz import agreement, flavours, networks
from tests.fuzz.agreement import Gap

FOLDED = frozenset(
    ["Add", "AveragePool", "BatchNormalization", "Clip", "Concat", "Conv", "Flatten", "Gemm", "GlobalAveragePool"]
    + ["MatMul", "MaxPool", "Mul", "Pad", "ReduceMean", "Relu", "Reshape", "Sigmoid", "Softmax", "Squeeze", "Tanh"]
    + ["Transpose"]
)
"""Operators that become integer operators between DequantizeLinear and QuantizeLinear."""

CLAMPING = frozenset({"Add", "AveragePool", "BatchNormalization", "Conv", "Gemm", "MatMul", "MaxPool", "Mul"})
"""... and can take a Relu or Clip in."""

onnxruntime.set_default_logger_severity(4)


@dataclass(frozen=True, eq=False)
class Case:
    """A random network in floats and quantised, with inputs."""

    seed: int
    flavour: flavours.Flavour
    real: onnx.ModelProto
    quantised: onnx.ModelProto
    samples: list[dict[str, np.ndarray]]


def case(seed: int, folder: Path, samples: int) -> Case:
    real = networks.network(seed)
    way = flavours.flavour(seed, real.opset_import[0].version)
    with contextlib.redirect_stdout(io.StringIO()):  # the calibration talks
        quantised = flavours.quantise(real, way, folder, seed)
    return Case(seed, way, real, quantised, flavours.samples(real, seed, samples))


def layer_gaps(case: Case, folder: Path, optimise: Sequence[bool]) -> dict[bool, list[Gap]]:
    """Every layer on onnxruntime's own inputs, against its session with and without the graph optimiser.

    No gaps where the optimiser makes a graph that onnxruntime itself then refuses.
    """
    parts = agreement.pieces(case.quantised, case.samples)
    graph = agreement.graph_of(parts.model, folder / "pieces.onnx")
    found = {}
    for how in optimise:
        try:
            found[how] = list(agreement.gaps(parts, graph, how))
        except Fail:
            if not how:
                raise
            found[how] = []
    return found


def floats_left(case: Case, graph: Graph) -> list[str]:
    """The operators that are complete between DequantizeLinear and QuantizeLinear, and compute in floats nevertheless."""
    complete = _complete(case.quantised)
    real = [
        n for n in graph.nodes if graph.type(n.outputs[0]).dtype.is_float and n.op not in ("dequantize", "quantize")
    ]
    return sorted({source for n in real for source in n.source if source in complete})


def _complete(model: onnx.ModelProto) -> set[str]:
    """Names of nodes: one operator, with a Relu or Clip behind it at most, that reads dequantised numbers only."""
    makers = {name: node for node in model.graph.node for name in node.output}
    readers: dict[str, int] = {}
    for node in model.graph.node:
        for name in node.input:
            readers[name] = readers.get(name, 0) + 1
    outputs = {o.name for o in model.graph.output}
    fixed = {c.name for c in model.graph.initializer}
    found = set()
    for node in model.graph.node:
        last = makers.get(node.input[0]) if node.op_type == "QuantizeLinear" else None
        chain = []
        while last is not None and last.op_type in FOLDED:
            if readers[last.output[0]] > 1 or last.output[0] in outputs:
                break
            chain.append(last)
            before = [makers.get(n) for n in last.input if n and n not in fixed]
            if all(b is not None and b.op_type == "DequantizeLinear" for b in before):
                found |= {n.name for n in chain}
                break
            last = before[0] if last.op_type in ("Relu", "Clip") and len(chain) == 1 else None
            if last is not None and last.op_type not in CLAMPING:
                break
    return found


def generated_c(model: onnx.ModelProto, samples: Sequence[dict[str, np.ndarray]], path: Path) -> Comparison:
    """The C, compiled for this computer, against the reference: integers to the byte."""
    onnx.save(model, path)
    compiled = pipeline.compile_model(path, targets.load("host"))
    rules = own_rules(compiled.graph)
    with CompiledModel(compiled) as program:
        got = stack([program.run(row) for row in samples])
    want = stack([reference.run(compiled.graph, row) for row in samples])
    return compare(want, got, {port.name: rules[port.tensor] for port in compiled.graph.outputs})


def real_network(case: Case, folder: Path) -> Comparison:
    """The network in floats: barecast's reference against onnxruntime."""
    graph = agreement.graph_of(case.real, folder / "real.onnx")
    program = agreement.session(case.real, optimise=False)
    want = stack([agreement.run(program, row) for row in case.samples])
    got = stack([reference.run(graph, row) for row in case.samples])
    return compare(want, got, dict.fromkeys(want, CLOSE))


def output_gap(case: Case, graph: Graph, optimise: bool) -> tuple[int, int, float]:
    """The whole network's dequantised outputs against onnxruntime's, with its graph optimiser or without:
    elements, how many differ, by how many steps. No elements where the optimiser's graph is refused."""
    steps = {}
    makers = {name: node for node in case.quantised.graph.node for name in node.output}
    constants = {c.name: c for c in case.quantised.graph.initializer}
    for port in graph.outputs:
        maker = makers.get(port.name)
        if maker is not None and maker.op_type == "DequantizeLinear":
            steps[port.name] = float(onnx.numpy_helper.to_array(constants[maker.input[1]]))
    model = case.quantised if optimise else biases.rounded(case.quantised) or case.quantised
    elements = differing = 0
    try:
        program = agreement.session(model, optimise)
    except Fail:
        if not optimise:
            raise
        return 0, 0, 0.0
    largest = 0.0
    for row in case.samples:
        ours, theirs = reference.run(graph, row), agreement.run(program, row)
        for name, step in steps.items():
            gap = np.rint(np.abs(ours[name] - theirs[name]) / step)
            elements, differing = elements + gap.size, differing + int(np.count_nonzero(gap))
            largest = max(largest, float(gap.max(initial=0)))
    assert math.isfinite(largest)
    return elements, differing, largest
