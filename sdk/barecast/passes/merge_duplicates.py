"""merge_duplicates: equal constants become one, and equal nodes with equal inputs too.

Several readers of one tensor often bring a quantize or dequantize of their own; merged,
the tensor has one again, and the patterns of later passes see it. Float operators that
may yet take in a clamp stay apart: one of two equal ones often has a Relu behind it.
"""

from __future__ import annotations

import hashlib

import numpy as np

from barecast import guards
from barecast.graph import Graph, Node, Tensor
from barecast.ops.clamp import Clamp
from barecast.passes.rewrite import Rewrite


def merge_duplicates(graph: Graph) -> Graph:
    """The first of equal constants and of equal nodes serves all their readers."""
    rewrite = Rewrite(graph)
    first_constant: dict[object, str] = {}
    for tensor in graph.tensors.values():
        if tensor.data is not None:
            rewrite.redirect(tensor.name, first_constant.setdefault(_identity(tensor), tensor.name))
    first_node: dict[object, Node] = {}
    under = {node.outputs[0]: of for node, of in zip(graph.nodes, guards.of(graph), strict=True)}

    def visit(node: Node) -> None:
        if _may_be_clamped(node) and rewrite.type(node.outputs[0]).dtype.is_float:
            return
        key = (node.op, node.attrs, node.inputs, tuple(rewrite.type(n) for n in node.outputs))
        mine = under[node.outputs[0]]
        # An equal node serves where it runs whenever this one does: not if it belongs to the other side of a condition.
        first = next((n for k in range(len(mine) + 1) if (n := first_node.get((key, mine[:k]))) is not None), node)
        first_node.setdefault((key, mine), node)
        for mine, its in zip(node.outputs, first.outputs, strict=True):
            rewrite.redirect(mine, its)

    return rewrite.visit(visit).build()


def _may_be_clamped(node: Node) -> bool:
    return node.op != "unary" and getattr(node.attrs, "activation", None) == Clamp()


def _identity(tensor: Tensor) -> object:
    return tensor.type, hashlib.sha256(np.ascontiguousarray(tensor.data).tobytes()).digest()
