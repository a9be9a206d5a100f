"""quantize_affine: x * c + d per channel, between dequantize and quantize, becomes a depthwise convolution 1x1 on bytes.

That is a BatchNormalization that no layer before it could take in, because its input was
quantised first, or one in front of a layer. The weights have 16 bits, so that c is exact
and d is rounded to a negligible part of an output step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.graph import DType, Graph, Node, Quant, TensorType
from barecast.ops.binary import LINEAR
from barecast.ops.clamp import Clamp
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.reshape import Reshape
from barecast.passes.rewrite import Rewrite, sources

LARGEST = 1 << 14
"""The weights' magnitude: with bytes of up to 255 steps an accumulator then stays below 2**22, and the bias has room."""

BIAS_MAX = 1 << 26
"""Beyond, a channel that is nearly constant takes larger steps: its multiplier stays close to those of the others."""

CHANNELS_MAX = 1 << 16
"""What has more elements along its last axis is no image, and the vectors would be as long as the tensor."""


@dataclass(frozen=True, eq=False)
class _Affine:
    """clamp(x * factor + offset) of the bytes `x`; float64 vectors over the last axis."""

    x: str
    factor: np.ndarray
    offset: np.ndarray
    activation: Clamp
    nodes: tuple[Node, ...]


def quantize_affine(graph: Graph) -> Graph:
    """dequantize, mul / add / sub by constants per channel, quantize -> dwconv2d with weights s16 [1, 1, C]."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "quantize" or not _is_bytes(rewrite.type(node.outputs[0])):
            return
        found = _affine(rewrite, node.inputs[0])
        if found is not None:
            _replace(rewrite, node, found)

    return rewrite.visit(visit).build()


def _is_bytes(type: TensorType) -> bool:
    return type.dtype in (DType.S8, DType.U8) and type.quant is not None and type.quant.per_tensor


def _affine(rewrite: Rewrite, name: str) -> _Affine | None:
    """What lies before `name`, if it is affine per channel; a single operator with a scalar is fold_qdq's."""
    channels = rewrite.type(name).shape[-1:]
    if not channels or channels[0] > CHANNELS_MAX:
        return None
    factor, offset = np.ones(channels), np.zeros(channels)
    activation, nodes, vectors = Clamp(), [], 0
    while rewrite.is_private(name):
        made = rewrite.maker(name)
        if made is not None and made.op == "dequantize" and _is_bytes(rewrite.type(made.inputs[0])):
            if len(nodes) < 2 and not vectors:
                return None
            return _Affine(made.inputs[0], factor, offset, activation, (made, *reversed(nodes)))
        if made is None or made.op != "binary" or made.attrs.kind not in LINEAR:
            return None
        if nodes and not made.attrs.activation.is_identity:
            return None
        index = next((i for i in (0, 1) if rewrite.data(made.inputs[1 - i]) is not None), None)
        if index is None or rewrite.type(made.inputs[index]) != rewrite.type(name):
            return None
        constant = rewrite.data(made.inputs[1 - index])
        if constant.size != 1 and not (constant.size == channels[0] and constant.shape[-1:] == channels):
            return None
        values = constant.reshape(-1).astype(np.float64)
        if made.attrs.kind == "mul":
            factor = factor * values
        else:
            offset = offset + (factor * values if made.attrs.kind == "add" or index == 1 else -factor * values)
            factor = -factor if made.attrs.kind == "sub" and index == 1 else factor
        activation = activation if nodes else made.attrs.activation
        vectors += constant.size != 1
        nodes.append(made)
        name = made.inputs[index]
    return None


def _replace(rewrite: Rewrite, node: Node, affine: _Affine) -> None:
    x, y = rewrite.type(affine.x), rewrite.type(node.outputs[0])
    x_scale, y_scale = np.float64(np.float32(x.quant.scale[0])), np.float64(np.float32(y.quant.scale[0]))
    if not (np.isfinite(affine.factor).all() and np.isfinite(affine.offset).all()):
        return
    scale = np.maximum(np.abs(affine.factor) / LARGEST, np.abs(affine.offset) / (x_scale * BIAS_MAX))
    scale = np.float32(np.where(scale > 0, scale, 1.0)).astype(np.float64)
    steps = scale * x_scale
    if not (np.all(np.float32(scale) > 2.0**-100) and np.all(np.float32(steps) > 2.0**-100)):
        return
    if not np.all(steps / y_scale < 2.0**29):
        return
    weights = np.rint(affine.factor / scale).astype(np.int16)
    bias = np.rint(affine.offset / steps).astype(np.int32)
    channels = len(weights)
    zeros = (0,) * channels
    operands = (
        rewrite.constant(node.outputs[0], weights.reshape(1, 1, -1), Quant(tuple(map(float, scale)), zeros, 2)),
        rewrite.constant(node.outputs[0], bias, Quant(tuple(float(np.float32(s)) for s in steps), zeros, 0)),
    )
    attrs, source = Dwconv2d(activation=affine.activation), sources(*affine.nodes, node)
    if len(x.shape) == 4:
        rewrite.replace(node, "dwconv2d", attrs, (affine.x, *operands), source=source)
        return
    image = (1, 1, math.prod(x.shape[:-1]), channels)
    seen = rewrite.add("reshape", Reshape(image), (affine.x,), x.with_shape(image), affine.x)
    made = rewrite.add("dwconv2d", attrs, (seen, *operands), y.with_shape(image), node.outputs[0], source)
    rewrite.replace(node, "reshape", Reshape(y.shape), (made,), source=())
