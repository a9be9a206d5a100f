"""narrow_views: views move to the side of quantize and dequantize where the data is bytes.

Then nothing stands between an operator and its quantize, or a dequantize and its reader,
and fold_qdq sees them side by side. (remove_transposes does this for transposes.)
"""

from __future__ import annotations

from barecast.graph import Graph, Node, TensorType
from barecast.ops.reshape import Reshape
from barecast.passes.rewrite import Rewrite, reshaped_quant


def narrow_views(graph: Graph) -> Graph:
    """quantize(reshape(x)) -> reshape(quantize(x)); reshape(dequantize(x)) -> dequantize(reshape(x))."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op == "quantize":
            view = rewrite.maker(node.inputs[0], "reshape")
            if view is not None:
                _swap(rewrite, node, view, rewrite.type(view.inputs[0]).shape, rewrite.type(node.outputs[0]))
        elif node.op == "reshape":
            dequantize = rewrite.maker(node.inputs[0], "dequantize")
            if dequantize is not None:
                _swap(rewrite, node, dequantize, node.attrs.shape, rewrite.type(dequantize.inputs[0]))

    return rewrite.visit(visit).build()


def _swap(rewrite: Rewrite, second: Node, first: Node, shape: tuple[int, ...], known: TensorType) -> None:
    """first, second -> second's operator, then first's; the bytes between have `known`'s type in this shape."""
    try:
        between = TensorType(known.dtype, shape, reshaped_quant(known.quant, known.shape, shape))
    except ValueError:
        return
    final = rewrite.type(second.outputs[0]).shape
    attrs = Reshape(shape) if second.op == "reshape" else second.attrs
    name = rewrite.add(second.op, attrs, first.inputs, between, second.outputs[0], second.source)
    attrs = Reshape(final) if first.op == "reshape" else first.attrs
    rewrite.replace(second, first.op, attrs, (name,), source=first.source)
