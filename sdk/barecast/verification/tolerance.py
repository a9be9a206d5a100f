"""Which rule of compare.py each tensor of a graph is held to, and why.

Integers are exact in barecast: the same bytes on every target. Only a float operator that
sums or approximates may give other last bits on another core, and what lies behind it
inherits that. A softmax also makes more of the errors of its logits than the close rule has room for: how much is known
from the values of a run.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barecast.graph import DType, Graph, Node
from barecast.graph import Rule as GraphRule
from barecast.verification.compare import EXACT, ROUNDING, Kind, Rule, Spread, close_error

MOVES = frozenset({"transpose", "reshape", "copy", "pad", "concat", "expand", "slice"})
"""Operators that move numbers and compute none."""


Errors = Mapping[str, float]
"""Tensor of logits -> the error that it may have in one sample."""


def logit_errors(graph: Graph, values: Mapping[str, np.ndarray]) -> Errors:
    """What the close rule allows the logits of one sample. values: every tensor, as reference.trace gives them."""
    return {below.logits: float(close_error(values[below.logits])) for below in _squashed(graph).values()}


def own_rules(graph: Graph, errors: Sequence[Errors] = ()) -> dict[str, Rule]:
    """Tensor -> the rule for a target's values against barecast's own reference.

    A float behind a quantised float that may have other last bits gets room for one step of that quantisation.
    errors: of the logits, one a sample.
    """
    inexact, squashed = _inexact(graph), _squashed(graph)
    steps = _quantised_steps(graph, inexact)

    def rule(name: str, dtype: DType) -> Rule:
        if name not in inexact:
            return EXACT
        if not dtype.is_float:
            return ROUNDING
        below = squashed.get(name)
        step = steps.get(name, 0.0)
        return below.rule(errors, step) if below and below.logits in inexact else Rule(Kind.CLOSE, step)

    return {name: rule(name, tensor.type.dtype) for name, tensor in graph.tensors.items()}


def oracle_rules(graph: Graph, errors: Sequence[Errors] = ()) -> dict[str, Rule]:
    """Tensor -> the rule for values against another implementation, which rounds integers in its own way.
    errors: of the logits, one a sample.

    A float behind a dequantised tensor gets room for one step of that quantisation: the
    integer inside may differ by 1. TensorFlow Lite's integers are exact.
    """
    if graph.rule is GraphRule.TFLITE:
        return own_rules(graph, errors)
    steps, squashed = _quantised_steps(graph, graph.tensors), _squashed(graph)

    def rule(name: str, dtype: DType) -> Rule:
        if dtype.is_float:
            below = squashed.get(name)
            return below.rule(errors, steps.get(name, 0.0)) if below else Rule(Kind.CLOSE, steps.get(name, 0.0))
        return EXACT if dtype in (DType.S64, DType.BOOL) else ROUNDING

    return {name: rule(name, tensor.type.dtype) for name, tensor in graph.tensors.items()}


@dataclass(frozen=True)
class _Squashed:
    """A softmax or a sigmoid of logits. distance: by how many times a logit's error two of a row can move apart."""

    logits: str
    distance: float
    logarithm: bool

    def rule(self, errors: Sequence[Errors], absolute: float = 0.0) -> Rule:
        distances = tuple(self.distance * sample[self.logits] for sample in errors)
        return Rule(Kind.CLOSE, absolute, Spread(distances, self.logarithm) if distances else None)


def _squashed(graph: Graph) -> dict[str, _Squashed]:
    """The float tensors that are a softmax, its logarithm or a sigmoid, moved or not."""
    found: dict[str, _Squashed] = {}
    for node in graph.nodes:
        first = node.inputs[0] if node.inputs else None
        if first is None or not graph.type(first).dtype.is_float:
            continue
        if node.op == "softmax":
            found[node.outputs[0]] = _Squashed(first, 2 * node.attrs.beta, False)
        elif node.op == "log_softmax":
            found[node.outputs[0]] = _Squashed(first, 2, True)
        elif node.op == "unary" and node.attrs.kind == "sigmoid":
            found[node.outputs[0]] = _Squashed(first, 1, False)
        elif node.op in MOVES - {"concat"} and first in found:
            found.update(dict.fromkeys(node.outputs, found[first]))
    return found


def _inexact(graph: Graph) -> frozenset[str]:
    """Tensors whose value may depend on the order of float operations."""
    found: set[str] = set()
    for node in graph.nodes:
        if any(name in found for name in node.inputs) or _computes_floats(graph, node):
            found.update(node.outputs)
    return frozenset(found)


def _computes_floats(graph: Graph, node: Node) -> bool:
    """A float operator beyond moving data. Quantize and dequantize are one IEEE operation: the same everywhere."""
    first = next((name for name in node.inputs if name is not None), None)
    reads_float = first is not None and graph.type(first).dtype.is_float
    return reads_float and node.op not in MOVES and node.op != "quantize"


def _quantised_steps(graph: Graph, inexact: Container[str]) -> dict[str, float]:
    """Float tensor -> the largest scale of the dequantised tensors that it is computed from, of those that are inexact."""
    found: dict[str, float] = {}
    for node in graph.nodes:
        reads = [found[name] for name in node.inputs if name in found]
        if node.op == "dequantize" and node.inputs[0] is not None and node.inputs[0] in inexact:
            quant = graph.type(node.inputs[0]).quant
            reads += [max(quant.scale)] if quant else []
        if reads:
            found.update(dict.fromkeys(node.outputs, max(reads)))
    return found
