"""fuse_activations: a clamp (Relu, Relu6, Clip) is done by the operator whose numbers it clamps.

Views and transposes between the two do not matter. Bytes are clamped by the producer only
if the clamp leaves their quantisation as it is.
"""

from __future__ import annotations

import dataclasses

from barecast.graph import Graph, Node
from barecast.passes.rewrite import Rewrite, sources

PRODUCERS = ("binary", "conv2d", "dense", "dwconv2d", "layer_norm", "matmul", "pool2d", "reduce", "unary")


def fuse_activations(graph: Graph) -> Graph:
    """unary clamp -> `activation` of its producer, where nothing else reads the producer."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "unary" or node.attrs.kind != "clamp":
            return
        if rewrite.type(node.inputs[0]) != rewrite.type(node.outputs[0]):
            return
        name = node.inputs[0]
        while rewrite.is_private(name):
            producer = rewrite.maker(name)
            if producer is None:
                return
            if producer.op in PRODUCERS:
                attrs = dataclasses.replace(
                    producer.attrs, activation=producer.attrs.activation.then(node.attrs.activation)
                )
                rewrite.replace(producer, producer.op, attrs, producer.inputs, source=sources(producer, node))
                rewrite.redirect(node.outputs[0], node.inputs[0])
                return
            if producer.op not in ("reshape", "transpose") or not _same_quant(rewrite, producer):
                return
            name = producer.inputs[0]

    return rewrite.visit(visit).build()


def _same_quant(rewrite: Rewrite, view: Node) -> bool:
    a, b = rewrite.type(view.inputs[0]).quant, rewrite.type(view.outputs[0]).quant
    return a == b
