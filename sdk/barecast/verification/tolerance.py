"""Which rule of compare.py each tensor of a graph is held to, and why.

Integers are exact in barecast: the same bytes on every target. Only a float operator that
sums or approximates may give other last bits on another core, and what lies behind it
inherits that.
"""

from __future__ import annotations

from barecast.graph import DType, Graph, Node
from barecast.graph import Rule as GraphRule
from barecast.verification.compare import CLOSE, EXACT, ROUNDING, Kind, Rule

MOVES = frozenset({"transpose", "reshape", "copy", "pad", "concat", "expand", "slice"})
"""Operators that move numbers and compute none."""


def own_rules(graph: Graph) -> dict[str, Rule]:
    """Tensor -> the rule for a target's values against barecast's own reference."""
    inexact = _inexact(graph)

    def rule(name: str, dtype: DType) -> Rule:
        if name not in inexact:
            return EXACT
        return CLOSE if dtype.is_float else ROUNDING

    return {name: rule(name, tensor.type.dtype) for name, tensor in graph.tensors.items()}


def oracle_rules(graph: Graph) -> dict[str, Rule]:
    """Tensor -> the rule for values against another implementation, which rounds integers in its own way.

    A float behind a dequantised tensor gets room for one step of that quantisation: the
    integer inside may differ by 1. TensorFlow Lite's integers are exact.
    """
    if graph.rule is GraphRule.TFLITE:
        return own_rules(graph)
    steps = _quantised_steps(graph)

    def rule(name: str, dtype: DType) -> Rule:
        if dtype.is_float:
            return Rule(Kind.CLOSE, steps.get(name, 0.0))
        return EXACT if dtype in (DType.S64, DType.BOOL) else ROUNDING

    return {name: rule(name, tensor.type.dtype) for name, tensor in graph.tensors.items()}


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


def _quantised_steps(graph: Graph) -> dict[str, float]:
    """Float tensor -> the largest scale of the dequantised tensors that it is computed from."""
    found: dict[str, float] = {}
    for node in graph.nodes:
        reads = [found[name] for name in node.inputs if name in found]
        if node.op == "dequantize" and node.inputs[0] is not None:
            quant = graph.type(node.inputs[0]).quant
            reads += [max(quant.scale)] if quant else []
        if reads:
            found.update(dict.fromkeys(node.outputs, max(reads)))
    return found
