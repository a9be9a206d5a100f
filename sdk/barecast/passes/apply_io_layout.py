"""apply_io_layout: images enter and leave a channels-first model as channels-last arrays (--io-layout channels-last).

A camera delivers [N, H, W, C]; a model from a channels-first framework starts by turning
[N, C, H, W] into that. Where every use of an input ends in that transpose, the input itself
becomes channels-last; the same for an output that comes out of the opposite one. It goes by these transposes, so it
runs while they are all there: those of images with one channel, or one element a channel, move no byte and become
views later.
"""

from __future__ import annotations

from barecast.graph import Graph, Node
from barecast.ops.transpose import Transpose
from barecast.passes.remove_transposes import inverse
from barecast.passes.rewrite import Rewrite, permuted

LAST = {4: (0, 2, 3, 1), 3: (0, 2, 1)}
"""Rank -> the permutation from channels-first to channels-last."""

THROUGH = ("copy", "dequantize", "pad", "quantize", "requantize", "unary")
"""Operators with one computed operand that work in any layout."""


def apply_io_layout(graph: Graph) -> Graph:
    """Ports of rank 4 and 3 become channels-last where a transpose waits behind them; remove_transposes cancels it."""
    if graph.rule.is_tflite:
        return graph  # channels are last already
    rewrite = Rewrite(graph)
    for port in graph.inputs:
        type = graph.type(port.tensor)
        perm = LAST.get(len(type.shape))
        if perm is None or port.tensor in graph.output_tensors or not _is_turned(graph, port.tensor, perm):
            continue
        turned = permuted(type, perm)
        border = rewrite.fresh_tensor(port.tensor, turned)
        restored = rewrite.add("transpose", Transpose(inverse(perm)), (border,), type, port.tensor)
        rewrite.redirect(port.tensor, restored)
        rewrite.set_input(port.tensor, border, perm)
    for tensor in dict.fromkeys(port.tensor for port in graph.outputs):
        type = graph.type(tensor)
        perm = LAST.get(len(type.shape))
        if perm is not None and _was_turned(graph, tensor, inverse(perm)):
            turned = rewrite.add("transpose", Transpose(perm), (tensor,), permuted(type, perm), tensor)
            rewrite.set_output(tensor, turned, perm)
    return rewrite.build()


def _is_turned(graph: Graph, name: str, perm: tuple[int, ...]) -> bool:
    """Whether everything that reads the tensor ends in transpose(perm)."""
    pending = [name]
    while pending:
        name = pending.pop()
        readers = graph.consumers.get(name, ())
        if not readers or name in graph.output_tensors:
            return False
        for reader in readers:
            if _keeps_axes(graph, reader):
                pending.append(reader.outputs[0])
            elif reader.op != "transpose" or reader.attrs.perm != perm:
                return False
    return True


def _was_turned(graph: Graph, name: str, perm: tuple[int, ...]) -> bool:
    """Whether the tensor comes out of transpose(perm)."""
    while (maker := graph.producers.get(name)) is not None:
        if maker.op == "transpose":
            return maker.attrs.perm == perm
        if not _keeps_axes(graph, maker):
            return False
        name = next(n for n in maker.inputs if not graph.tensors[n].is_constant)
    return False


def _keeps_axes(graph: Graph, node: Node) -> bool:
    """Whether the node's one computed operand and its output have the same axes, in any layout."""
    if node.op in THROUGH:
        return True
    if node.op == "reshape":
        return graph.type(node.inputs[0]).shape == graph.type(node.outputs[0]).shape
    return node.op == "binary" and sum(graph.tensors[n].is_constant for n in node.inputs) == 1
