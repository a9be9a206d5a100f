"""make_depthwise: a convolution with as many groups as input channels is a dwconv2d."""

from __future__ import annotations

from barecast.graph import Graph, Node, TensorType
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.reshape import Reshape
from barecast.ops.transpose import Transpose
from barecast.passes.fold_constants import fold_constants
from barecast.passes.rewrite import Rewrite, permuted, reshaped_quant


def make_depthwise(graph: Graph) -> Graph:
    """conv2d with groups == C > 1 and constant weights [O, KH, KW, 1] -> dwconv2d with [KH, KW, O]."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "conv2d" or node.attrs.groups == 1 or rewrite.type(node.inputs[0]).shape[3] != node.attrs.groups:
            return
        weights = rewrite.type(node.inputs[1])
        if not is_weight(rewrite, node.inputs[1]):
            return
        o, kh, kw, _ = weights.shape
        flat = TensorType(weights.dtype, (o, kh, kw), reshaped_quant(weights.quant, weights.shape, (o, kh, kw)))
        view = rewrite.add("reshape", Reshape(flat.shape), (node.inputs[1],), flat, node.inputs[1])
        turned = rewrite.add("transpose", Transpose((1, 2, 0)), (view,), permuted(flat, (1, 2, 0)), node.inputs[1])
        a = node.attrs
        attrs = Dwconv2d(a.strides, a.dilations, a.pads, a.activation)
        rewrite.replace(node, "dwconv2d", attrs, (node.inputs[0], turned, *node.inputs[2:]))

    return fold_constants(rewrite.visit(visit).build())


def is_weight(rewrite: Rewrite, name: str) -> bool:
    """Whether a tensor is a constant, or dequantised from one."""
    if rewrite.data(name) is not None:
        return True
    made = rewrite.maker(name, "dequantize")
    return made is not None and rewrite.data(made.inputs[0]) is not None
