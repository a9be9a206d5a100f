"""permute_dense_weights: a transpose before a flattened dense layer is done once, on the layer's weights."""

from __future__ import annotations

import math

from barecast.graph import Graph, Node, TensorType
from barecast.ops.reshape import Reshape
from barecast.ops.transpose import Transpose
from barecast.passes.fold_constants import fold_constants
from barecast.passes.make_depthwise import is_weight
from barecast.passes.remove_transposes import inverse
from barecast.passes.rewrite import Rewrite, permuted, reshaped_quant

THROUGH = ("dequantize", "quantize", "requantize", "unary")
"""What may stand between the view and the layer: operators that treat every element alike."""


def permute_dense_weights(graph: Graph) -> Graph:
    """transpose, reshape to [..., K], dense -> reshape, dense with the columns of its weights in another order.

    Done where all readers of the view are dense layers with constant weights.
    """
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        turn = rewrite.maker(node.inputs[0], "transpose") if node.op == "reshape" else None
        if turn is None:
            return
        kept = _kept_axes(rewrite, turn, node)
        layers = _dense_readers(rewrite, node)
        if kept is None or not layers:
            return
        shape = rewrite.type(node.inputs[0]).shape[kept:]
        perm = tuple(p - kept for p in turn.attrs.perm[kept:])
        for layer in layers:
            _permute_columns(rewrite, layer, shape, inverse(perm))
        rewrite.replace(node, "reshape", node.attrs, turn.inputs)

    return fold_constants(rewrite.visit(visit).build())


def _kept_axes(rewrite: Rewrite, turn: Node, view: Node) -> int | None:
    """How many leading axes the transpose leaves alone and the view keeps apart from the last one."""
    before, after = rewrite.type(view.inputs[0]), rewrite.type(view.outputs[0])
    if before.quant is not None and before.quant.axis is not None:
        return None
    columns = after.shape[-1] if after.shape else 0
    for kept in range(len(before.shape)):
        if turn.attrs.perm[kept] != kept:
            kept_size = math.prod(before.shape[kept:])
            return kept if kept_size == columns else None
        if math.prod(before.shape[kept + 1 :]) == columns:
            return kept + 1
    return None


def _dense_readers(rewrite: Rewrite, view: Node) -> list[Node] | None:
    """The dense layers that read the view; None if something else does."""
    layers, names = [], [view.outputs[0]]
    while names:
        name = names.pop()
        quant = rewrite.type(name).quant
        if rewrite.is_output(name) or (quant is not None and quant.axis is not None):
            return None
        for reader in rewrite.readers(name):
            if reader.op in THROUGH:
                names.append(reader.outputs[0])
            elif reader.op == "dense" and reader.inputs[1] != name and is_weight(rewrite, reader.inputs[1]):
                layers.append(reader)
            else:
                return None
    return layers


def _permute_columns(rewrite: Rewrite, layer: Node, shape: tuple[int, ...], perm: tuple[int, ...]) -> None:
    """Weights [O, K] whose K runs over `shape` in row-major order get it in the order of transpose(perm)."""
    name = layer.inputs[1]
    flat = rewrite.type(name)
    wide_shape = (flat.shape[0], *shape)
    wide = TensorType(flat.dtype, wide_shape, reshaped_quant(flat.quant, flat.shape, wide_shape))
    turn = (0, *(p + 1 for p in perm))
    view = rewrite.add("reshape", Reshape(wide_shape), (name,), wide, name)
    turned = rewrite.add("transpose", Transpose(turn), (view,), permuted(wide, turn), name)
    result = rewrite.add("reshape", Reshape(flat.shape), (turned,), flat, name)
    rewrite.replace(layer, "dense", layer.attrs, (layer.inputs[0], result, *layer.inputs[2:]))
