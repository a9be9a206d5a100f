"""equalise_ranks: operators that work element by element see inputs and output of one rank.

A mean that drops its axes is a mean that keeps them, and a view; an operand of lower rank
gets its leading axes of extent 1. Then remove_transposes can move transposes through.
"""

from __future__ import annotations

import dataclasses

from barecast.graph import Graph, Node, TensorType
from barecast.ops.reshape import Reshape
from barecast.passes.rewrite import Rewrite


def equalise_ranks(graph: Graph) -> Graph:
    """reduce with keepdims; binary, compare and select with computed operands of the output's rank."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op == "reduce" and not node.attrs.keepdims:
            _keep_axes(rewrite, node)
        elif node.op in ("binary", "compare", "select"):
            _extend_operands(rewrite, node)

    return rewrite.visit(visit).build()


def _keep_axes(rewrite: Rewrite, node: Node) -> None:
    x, y = rewrite.type(node.inputs[0]), rewrite.type(node.outputs[0])
    kept = TensorType(y.dtype, tuple(1 if a in node.attrs.axes else d for a, d in enumerate(x.shape)), y.quant)
    attrs = dataclasses.replace(node.attrs, keepdims=True)
    mean = rewrite.add("reduce", attrs, node.inputs, kept, f"{node.outputs[0]}.kept", node.source)
    rewrite.replace(node, "reshape", Reshape(y.shape), (mean,))


def _extend_operands(rewrite: Rewrite, node: Node) -> None:
    rank = len(rewrite.type(node.outputs[0]).shape)
    inputs = []
    for name in node.inputs:
        type = rewrite.type(name)
        if len(type.shape) < rank and rewrite.data(name) is None and (type.quant is None or type.quant.axis is None):
            shape = (1,) * (rank - len(type.shape)) + type.shape
            name = rewrite.add("reshape", Reshape(shape), (name,), type.with_shape(shape), name)
        inputs.append(name)
    if tuple(inputs) != node.inputs:
        rewrite.replace(node, node.op, node.attrs, inputs)
