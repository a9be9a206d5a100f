"""narrow_views: views move to the side of quantize and dequantize where the data is bytes, and so do selections.

Then nothing stands between an operator and its quantize, or a dequantize and its reader,
and fold_qdq sees them side by side. (remove_transposes does this for transposes.)

Selections give out numbers that came in: maxima, Relu, concatenation. Quantisation is
monotone, so they choose the same among bytes. Quantisers often leave them without a
quantize of their own.
"""

from __future__ import annotations

import math

from barecast.graph import Graph, Node, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.reshape import Reshape
from barecast.passes.rewrite import Rewrite, reshaped_quant


def narrow_views(graph: Graph) -> Graph:
    """quantize(view(x)) -> view(quantize(x)); view(dequantize(x)) -> dequantize(view(x)); maxima, ... likewise."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op == "quantize":
            _quantize_before(rewrite, node)
        elif node.op == "reshape" or _selects(rewrite, node):
            dequantize = rewrite.maker(node.inputs[0], "dequantize")
            if dequantize is not None:
                shape = rewrite.type(node.outputs[0]).shape
                _swap(rewrite, node, dequantize, shape, rewrite.type(dequantize.inputs[0]))

    return rewrite.visit(visit).build()


def _quantize_before(rewrite: Rewrite, node: Node) -> None:
    made = rewrite.maker(node.inputs[0])
    if made is None or made.op not in ("reshape", "pool2d", "concat"):
        return
    to = rewrite.type(node.outputs[0])
    if made.op != "reshape" and (to.quant is None or not to.quant.per_tensor):
        return
    if made.op == "concat":
        _quantize_parts(rewrite, node, made)
    elif made.op == "reshape" or (made.attrs.kind == "max" and rewrite.is_private(node.inputs[0])):
        # the pool's clamp stays with it: in steps of the bytes it comes to the same
        _swap(rewrite, node, made, rewrite.type(made.inputs[0]).shape, to)


def _quantize_parts(rewrite: Rewrite, node: Node, concat: Node) -> None:
    """quantize(concat(a, b)) -> concat(quantize(a), quantize(b)); fold_qdq does it where all parts are bytes."""
    if not rewrite.is_private(node.inputs[0]) or all(rewrite.maker(n, "dequantize") for n in concat.inputs):
        return
    to = rewrite.type(node.outputs[0])
    parts = [
        rewrite.add("quantize", node.attrs, (n,), to.with_shape(rewrite.type(n).shape), n, node.source)
        for n in concat.inputs
    ]
    rewrite.replace(node, "concat", concat.attrs, parts, source=concat.source)


def _selects(rewrite: Rewrite, node: Node) -> bool:
    """Whether the node gives out some of the numbers it reads, or zero, which every quantisation has exactly.

    Where a quantize reads the result, fold_qdq does as much in one step.
    """
    if node.op == "pool2d":
        return node.attrs.kind == "max" and _is_relu(node.attrs.activation)
    if node.op != "unary" or node.attrs.kind != "clamp" or not _is_relu(node.attrs.activation):
        return False
    source = rewrite.maker(node.inputs[0], "dequantize")
    quant = None if source is None else rewrite.type(source.inputs[0]).quant
    readers = rewrite.readers(node.outputs[0])
    return quant is not None and quant.per_tensor and bool(readers) and all(n.op != "quantize" for n in readers)


def _is_relu(clamp: Clamp) -> bool:
    return clamp.low in (0.0, -math.inf) and clamp.high == math.inf


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
