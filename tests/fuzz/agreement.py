"""barecast against onnxruntime, layer by layer: each gets onnxruntime's own inputs, so that no difference spreads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from barecast import frontends, passes, reference
from barecast.graph import Graph
from barecast.options import Options
from barecast.verification.oracles import biases
from onnx import TensorProto, helper

Arrays = Mapping[str, np.ndarray]


ZERO_POINTS = {
    "QuantizeLinear": 2, "QLinearConv": 7, "QLinearMatMul": 7, "QGemm": 8, "QLinearAdd": 7, "QLinearMul": 7,
    "QLinearSigmoid": 4, "QLinearLeakyRelu": 4, "QLinearGlobalAveragePool": 4, "QLinearAveragePool": 4, "QLinearConcat": 1,
}  # fmt: skip
"""Operator whose result is bytes -> which of its inputs is that result's zero point."""


@dataclass(frozen=True)
class Layer:
    """What lies before one QuantizeLinear, or an operator in QOperator form. kind: its operators in order, "Conv Relu"."""

    output: str
    kind: str
    dtype: str


@dataclass(frozen=True)
class Gap:
    """One layer over some samples. sizes: how many elements differ by 1, by 2, ..."""

    layer: Layer
    elements: int
    differing: int
    largest: int


def session(model: onnx.ModelProto, optimise: bool) -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 4
    if not optimise:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])


def run(program: onnxruntime.InferenceSession, inputs: Arrays) -> dict[str, np.ndarray]:
    names = [output.name for output in program.get_outputs()]
    wanted = {i.name: inputs[i.name] for i in program.get_inputs()}
    return dict(zip(names, program.run(names, wanted), strict=True))


def graph_of(model: onnx.ModelProto, path: Path, io_layout: str = "model") -> Graph:
    """The model after the passes; `path` gets it as a file."""
    onnx.save(model, path)
    return passes.run(frontends.read(path, {}), Options(io_layout=io_layout))


def layers(model: onnx.ModelProto) -> list[Layer]:
    """Every quantised activation."""
    constants = {c.name for c in model.graph.initializer}
    makers = {name: node for node in model.graph.node for name in node.output}
    found = []
    for node in model.graph.node:
        if node.op_type in ZERO_POINTS and not constants.issuperset(node.input):
            before = _kinds(makers, node.input[0], constants) if node.op_type == "QuantizeLinear" else [node.op_type]
            kinds = " ".join(before) or "input"
            found.append(Layer(node.output[0], kinds, _dtype(model, node)))
    return found


def _kinds(makers: Mapping[str, onnx.NodeProto], name: str, constants: AbstractSet[str]) -> list[str]:
    node = makers.get(name)
    if node is None or node.op_type == "DequantizeLinear":
        return []
    before = [kind for n in node.input for kind in _kinds(makers, n, constants)]
    float_bias = node.op_type in ("Conv", "Gemm") and len(node.input) > 2 and node.input[2] in constants
    return [*before, f"{node.op_type}(float bias)" if float_bias else node.op_type]


def _dtype(model: onnx.ModelProto, node: onnx.NodeProto) -> str:
    zero = next(c for c in model.graph.initializer if c.name == node.input[ZERO_POINTS[node.op_type]])
    return "u8" if zero.data_type == TensorProto.UINT8 else "s8"


def exposed(model: onnx.ModelProto, found: Sequence[Layer]) -> onnx.ModelProto:
    """The model with its quantised activations as further outputs."""
    more = onnx.ModelProto()
    more.CopyFrom(model)
    have = {o.name for o in more.graph.output}
    more.graph.output.extend(helper.make_empty_tensor_value_info(la.output) for la in found if la.output not in have)
    return more


def cut(model: onnx.ModelProto, found: Sequence[Layer], shapes: Mapping[str, tuple[int, ...]]) -> onnx.ModelProto:
    """Every quantised activation is an output of its layer and an input of the layers that read it."""
    pieces = onnx.ModelProto()
    pieces.CopyFrom(model)
    graph = pieces.graph
    border = {la.output: la for la in found}
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name in border:
                node.input[index] = feed(name)
    elem = {"u8": TensorProto.UINT8, "s8": TensorProto.INT8}
    read = {name for node in graph.node for name in node.input}
    for la in found:
        if feed(la.output) in read:
            graph.input.append(helper.make_tensor_value_info(feed(la.output), elem[la.dtype], shapes[la.output]))
    del graph.output[:]
    graph.output.extend(helper.make_tensor_value_info(la.output, elem[la.dtype], shapes[la.output]) for la in found)
    del graph.value_info[:]
    return pieces


def feed(name: str) -> str:
    return f"{name}/given"


@dataclass(frozen=True, eq=False)
class Pieces:
    """A model cut into layers: `given` are onnxruntime's own values, one mapping a sample."""

    found: list[Layer]
    model: onnx.ModelProto
    given: list[dict[str, np.ndarray]]


def pieces(model: onnx.ModelProto, samples: Sequence[Arrays]) -> Pieces:
    found = layers(model)
    program = session(exposed(model, found), optimise=False)
    given = []
    for sample in samples:
        values = run(program, sample)
        given.append({**sample, **{feed(la.output): values[la.output] for la in found}})
    shapes = {la.output: given[0][feed(la.output)].shape for la in found}
    made = cut(model, found, shapes)
    wanted = {i.name for i in made.graph.input}
    return Pieces(found, made, [{n: a for n, a in row.items() if n in wanted} for row in given])


def gaps(parts: Pieces, graph: Graph, optimise: bool) -> Iterator[Gap]:
    """Each layer's differences between barecast's reference on the graph of `parts.model`, and onnxruntime."""
    program = session(parts.model if optimise else biases.rounded(parts.model) or parts.model, optimise)
    rows = [(reference.run(graph, row), run(program, row)) for row in parts.given]
    for la in parts.found:
        gap = np.array([np.abs(a[la.output].astype(int) - b[la.output].astype(int)) for a, b in rows])
        yield Gap(la, gap.size, int(np.count_nonzero(gap)), int(gap.max(initial=0)))
