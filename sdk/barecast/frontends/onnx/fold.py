"""Nodes that have only constants to work on are computed during the import: exporters' shape arithmetic."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

from barecast.errors import UnsupportedError, printable
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode

GROWN_MAX = 2**24
"""Elements that the results of all nodes that make more of their inputs may have together."""


@dataclass
class Budget:
    """What the constants of one model have grown to, in elements."""

    grown: int = 0

    def spend(self, size: int, inputs: tuple[np.ndarray | None, ...]) -> None:
        """UnsupportedError where a result of that size, from these inputs, is too much."""
        if size <= max(a.size for a in inputs if a is not None):
            return
        self.grown += size
        if self.grown > GROWN_MAX:
            raise UnsupportedError(
                f"makes a constant of {size} elements, {GROWN_MAX} are the most that a model's may grow to",
                remedy="export the model with smaller constants",
            )


_ELEMENTWISE = frozenset(
    """Abs Add And BitShift Ceil Cos Div Equal Erf Exp Floor Greater GreaterOrEqual Less LessOrEqual Log Max Min Mod
    Mul Neg Not Or Pow Reciprocal Round Sign Sin Sqrt Sub Sum Where Xor""".split()  # noqa: SIM905
)
_MOVING = frozenset(
    """Cast CastLike Concat ConstantOfShape CumSum Expand Flatten Gather GatherElements Identity NonZero Range
    ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Reshape ScatterElements ScatterND Size Slice Split Squeeze
    Tile Transpose Trilu Unsqueeze""".split()  # noqa: SIM905
)
OPERATORS = _ELEMENTWISE | _MOVING
"""What is computed here. DequantizeLinear is not: a pass wants to see the integers of a weight."""


def evaluate(
    node: ForeignNode, inputs: tuple[np.ndarray | None, ...], opset: int, budget: Budget
) -> tuple[np.ndarray, ...]:
    """One array per output. Raises ModelError where the node contradicts its inputs."""
    try:
        size = _size(node, inputs)
    except (ValueError, IndexError, ArithmeticError, TypeError) as error:
        raise damaged(f"its constant inputs do not fit: {printable(error)}") from error
    budget.spend(size, inputs)
    feeds = {name: array for name, array in zip(node.inputs, inputs, strict=True) if name is not None}
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            results = ReferenceEvaluator(_function(node, opset)).run(None, feeds, attributes={})
    except Exception as error:  # the evaluator states no set of errors
        raise damaged(f"cannot be computed from its constant inputs: {printable(error)}") from error
    found = dict(zip(filter(None, node.outputs), results, strict=True))
    return tuple(np.asarray(found[name]) if name else np.zeros(0) for name in node.outputs)


def _function(node: ForeignNode, opset: int) -> onnx.FunctionProto:
    """The node by itself in the model's opset: given a bare node, the evaluator takes the newest one it knows."""
    proto = onnx.NodeProto()
    proto.CopyFrom(node.proto)
    proto.domain = ""  # "ai.onnx" is another spelling of it
    inputs = dict.fromkeys(filter(None, node.inputs))
    outputs = list(filter(None, node.outputs))
    return helper.make_function("fold", "Fold", inputs, outputs, [proto], [helper.make_opsetid("", opset)])


def _size(node: ForeignNode, inputs: tuple[np.ndarray | None, ...]) -> int:
    """Elements of the result, before any memory is taken for it."""
    given = [a for a in inputs if a is not None]
    first = given[0]
    if node.op in _ELEMENTWISE:
        return math.prod(np.broadcast_shapes(*(a.shape for a in given)))
    if node.op == "ConstantOfShape":
        return math.prod(_extents(first))
    if node.op == "Expand":
        return math.prod(np.broadcast_shapes(first.shape, tuple(_extents(given[1]))))
    if node.op == "Tile":
        return first.size * math.prod(_extents(given[1]))
    if node.op == "Range":
        start, limit, step = (float(a.reshape(())) for a in given)
        return max(0, math.ceil((limit - start) / step))
    if node.op == "Gather":
        extent = first.shape[node.integer("axis", 0)]
        return given[1].size * (first.size // extent if extent else 0)
    return sum(a.size for a in given) * (max(1, first.ndim) if node.op == "NonZero" else 1)


def _extents(array: np.ndarray) -> list[int]:
    extents = [int(v) for v in array.reshape(-1)]
    if any(v < 0 for v in extents):
        raise ValueError(f"negative extent in {extents}")
    return extents
