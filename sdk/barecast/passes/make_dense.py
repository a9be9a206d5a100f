"""make_dense: a matrix product with a constant right side is a dense layer (fold_batch_norm finds its bias)."""

from __future__ import annotations

from barecast.graph import DType, Graph, Node
from barecast.ops.dense import Dense
from barecast.ops.transpose import Transpose
from barecast.passes.fold_constants import fold_constants
from barecast.passes.make_depthwise import is_weight
from barecast.passes.rewrite import Rewrite, permuted


def make_dense(graph: Graph) -> Graph:
    """matmul(a, constant [K, N]) -> dense(a, weights [N, K]); the constant may be dequantised."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "matmul":
            return
        right = node.inputs[1]
        if (
            len(rewrite.type(right).shape) != 2
            or not is_weight(rewrite, right)
            or rewrite.data(node.inputs[0]) is not None
            or rewrite.type(right).dtype is DType.S16  # dense layers have weights of 8 bits
        ):
            return
        turned = rewrite.add("transpose", Transpose((1, 0)), (right,), permuted(rewrite.type(right), (1, 0)), right)
        rewrite.replace(node, "dense", Dense(node.attrs.activation), (node.inputs[0], turned, None))

    return fold_constants(rewrite.visit(visit).build())
