"""fold_pad: a border of zeros before a convolution or a pooling becomes that operator's own padding.

* convolutions pad with real 0, so the value must be 0;
* an average that counts its padding does too; one that does not must have no padding of its own;
* in a maximum, padding never wins: the border must be no larger than anything in the input
  (-inf, the lowest byte, or 0 before numbers that a Relu made);
* no pooling window may come to lie in the padding wholly.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from barecast import numerics
from barecast.graph import Graph, Node
from barecast.ops.pool2d import Pool2d
from barecast.passes.rewrite import Rewrite, sources


def fold_pad(graph: Graph) -> Graph:
    """pad of H and W + conv2d, dwconv2d or pool2d -> the operator with larger pads."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op not in ("conv2d", "dwconv2d", "pool2d"):
            return
        pad = rewrite.maker(node.inputs[0], "pad")
        if pad is None or rewrite.type(pad.inputs[0]).quant != rewrite.type(node.inputs[0]).quant:
            return
        (n0, top, left, c0), (n1, bottom, right, c1) = pad.attrs.before, pad.attrs.after
        if n0 or n1 or c0 or c1:
            return
        pads = tuple(p + q for p, q in zip(node.attrs.pads, (top, left, bottom, right), strict=True))
        attrs = dataclasses.replace(node.attrs, pads=pads)
        if node.op == "pool2d" and not _smaller_than_window(attrs):
            return
        if node.op == "pool2d" and node.attrs.kind == "max":
            if not _never_wins(rewrite, pad):
                return
        elif pad.attrs.value != 0:
            return
        elif node.op == "pool2d":
            if graph.rule.is_tflite or (any(node.attrs.pads) and not node.attrs.include_pad):
                return
            attrs = dataclasses.replace(attrs, include_pad=True)
        rewrite.replace(node, node.op, attrs, (pad.inputs[0], *node.inputs[1:]), source=sources(pad, node))

    return rewrite.visit(visit).build()


def _smaller_than_window(attrs: Pool2d) -> bool:
    """Whether every window holds an element of the input."""
    reach = [(k - 1) * d for k, d in zip(attrs.kernel, attrs.dilations, strict=True)]
    return all(p <= r for p, r in zip(attrs.pads, (*reach, *reach), strict=True)) and max(attrs.dilations) == 1


def _never_wins(rewrite: Rewrite, pad: Node) -> bool:
    type, value = rewrite.type(pad.outputs[0]), pad.attrs.value
    if math.isnan(value):
        return False
    made = rewrite.maker(pad.inputs[0])
    low = getattr(getattr(made, "attrs", None), "activation", None)
    if type.quant is not None:
        fill = numerics.quantize(
            np.float32(value), type.quant.scale_array(0), type.quant.zero_array(0), type.dtype.numpy
        )
        lowest = type.dtype.limits[0] if low is None else low.quantized(type)[0]
        return bool(fill <= lowest)
    if not type.dtype.is_float:
        return value <= type.dtype.limits[0]
    return value == -math.inf or (low is not None and value <= low.low)
