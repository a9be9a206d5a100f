"""expose_quantized: the model's ports become the integers behind their first quantize, or before their last dequantize
(--io quantized).

The firmware then converts at its own border, or not at all: a camera's bytes are such integers as they are. Ports
whose real numbers are used in another way as well keep them.
"""

from __future__ import annotations

from barecast.graph import Graph, Node, TensorType
from barecast.ops.copy import Copy
from barecast.passes.remove_dead_nodes import remove_dead_nodes
from barecast.passes.rewrite import Rewrite

MOVERS = ("copy", "reshape", "transpose")
"""Operators that may stand between a port and its quantize or dequantize: they move integers as they do floats."""


def expose_quantized(graph: Graph) -> Graph:
    """Float inputs that are quantised at once, and float outputs that are dequantised at last, as integers."""
    rewrite = Rewrite(graph)
    for port in graph.inputs:
        if graph.type(port.tensor).dtype.is_float:
            _expose_input(rewrite, port.tensor)
    for port in rewrite.outputs:
        if rewrite.type(port.tensor).dtype.is_float:
            _expose_output(rewrite, port.tensor)
    return remove_dead_nodes(rewrite.build())


def _expose_input(rewrite: Rewrite, name: str) -> None:
    moved, quantisers = [name], []
    for tensor in moved:  # grows while it is read
        if rewrite.is_output(tensor):
            return
        for node in rewrite.readers(tensor):
            if node.op in MOVERS:
                moved.append(node.outputs[0])
            elif node.op == "quantize":
                quantisers.append(node)
            else:
                return
    types = {(t.dtype, t.quant) for t in (rewrite.type(node.outputs[0]) for node in quantisers)}
    if len(types) != 1:
        return
    dtype, quant = types.pop()
    if quant is None or not quant.per_tensor:
        return
    for tensor in moved:
        rewrite.retype(tensor, TensorType(dtype, rewrite.type(tensor).shape, quant))
    for node in quantisers:
        rewrite.redirect(node.outputs[0], node.inputs[0])
    rewrite.expose(name)


def _expose_output(rewrite: Rewrite, name: str) -> None:
    chain: list[Node] = []
    maker = rewrite.maker(name)
    while maker is not None and maker.op in MOVERS:
        chain.append(maker)
        maker = rewrite.maker(maker.inputs[0])
    if maker is None or maker.op != "dequantize":
        return
    held = maker.inputs[0]
    quant = rewrite.type(held).quant
    if quant is None or not quant.per_tensor or rewrite.data(held) is not None:
        return
    for node in reversed(chain):
        made = TensorType(rewrite.type(held).dtype, rewrite.type(node.outputs[0]).shape, quant)
        held = rewrite.add(node.op, node.attrs, (held,), made, node.outputs[0], node.source)
    if rewrite.is_output(held) or any(port.tensor == held for port in rewrite.inputs):
        held = rewrite.add("copy", Copy(), (held,), rewrite.type(held), held)  # each port has its own tensor
    rewrite.set_output(name, held)
    rewrite.expose(held)
