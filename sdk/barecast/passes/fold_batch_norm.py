"""fold_batch_norm: a multiplication or addition per output channel goes into weights and bias.

An imported BatchNormalization is one of each; a bias written as a separate Add (after a
matrix product, say) is found the same way. Weights are computed in float64 and rounded once.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from barecast.graph import Graph, Node, TensorType
from barecast.ops.binary import LINEAR
from barecast.ops.reshape import Reshape
from barecast.passes.fold_constants import fold_constants
from barecast.passes.rewrite import Rewrite, reshaped_quant, sources

CHANNEL_AXIS = {"conv2d": 0, "dwconv2d": 2, "dense": 0, "transpose_conv2d": 0}
"""Where the weights have the output channels."""


def fold_batch_norm(graph: Graph) -> Graph:
    """binary with a constant per channel after conv2d, dwconv2d or dense -> their weights and bias."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "binary" or node.attrs.kind not in LINEAR or not rewrite.type(node.outputs[0]).dtype.is_float:
            return
        for index, constant in ((0, 1), (1, 0)):
            if _fold(rewrite, node, node.inputs[index], node.inputs[constant], reversed_=index == 1):
                return

    return fold_constants(rewrite.visit(visit).build())


def _fold(rewrite: Rewrite, node: Node, name: str, constant: str, reversed_: bool) -> bool:
    """`name` is what a layer computed, `constant` the other operand; `reversed_`: constant - name."""
    layer = _layer(rewrite, name)
    if layer is None or rewrite.type(name) != rewrite.type(node.outputs[0]):
        return False
    channels = rewrite.type(layer.outputs[0]).shape[-1]
    other = rewrite.type(constant)
    per_channel = other.size == channels and other.shape[-1:] == (channels,)
    if not (per_channel or other.size == 1) or len(other.shape) > len(rewrite.type(name).shape):
        return False
    bias = layer.inputs[2] if len(layer.inputs) > 2 else None
    values = rewrite.data(constant)
    if values is None:
        inputs = _with_dequantized_bias(rewrite, node, layer, bias, constant) if per_channel else None
    else:
        values = np.broadcast_to(values.reshape(-1), (channels,)).astype(np.float64)
        inputs = _with_constants(rewrite, node.attrs.kind, layer, bias, values, reversed_)
    if inputs is None:
        return False
    attrs = dataclasses.replace(layer.attrs, activation=node.attrs.activation)
    rewrite.replace(layer, layer.op, attrs, inputs, source=sources(layer, node))
    rewrite.redirect(node.outputs[0], name)
    return True


def _layer(rewrite: Rewrite, name: str) -> Node | None:
    """The layer whose output channels are the last axis of `name`, if nothing else sees its output."""
    while rewrite.is_private(name):
        made = rewrite.maker(name)
        if made is None:
            return None
        if made.op in CHANNEL_AXIS:
            return made if made.attrs.activation.is_identity else None
        if made.op != "reshape" or rewrite.type(made.inputs[0]).shape[-1:] != rewrite.type(name).shape[-1:]:
            return None
        name = made.inputs[0]
    return None


def _with_constants(
    rewrite: Rewrite, kind: str, layer: Node, bias: str | None, values: np.ndarray, reversed_: bool
) -> tuple[str | None, ...] | None:
    """The layer's inputs after a multiplication or addition of these values; None where they cannot take it."""
    x, weights = layer.inputs[:2]
    if bias is not None and rewrite.data(bias) is None:
        return None
    old = np.zeros(len(values)) if bias is None else rewrite.data(bias).astype(np.float64)
    factor = np.ones(len(values))
    if kind == "mul":
        with np.errstate(invalid="ignore"):
            factor, new = values, old * values
    elif kind == "add":
        new = old + values
    else:
        factor, new = (-factor, values - old) if reversed_ else (factor, old - values)
    scaled = None
    if not np.all(factor == 1):
        data = rewrite.data(weights)
        if data is None:
            return None
        shape = [1] * data.ndim
        shape[CHANNEL_AXIS[layer.op]] = -1
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (data.astype(np.float64) * factor.reshape(shape)).astype(data.dtype)
    with np.errstate(over="ignore"):
        new = new.astype(rewrite.type(layer.outputs[0]).dtype.numpy)
    if not (np.isfinite(new).all() and (scaled is None or np.isfinite(scaled).all())):
        return None  # a mask of infinities, or factors that overflow: right only as an operator of its own
    if scaled is not None:
        weights = rewrite.constant(weights, scaled)
    if bias is None and not new.any():
        return x, weights, None
    return x, weights, rewrite.constant(bias or f"{layer.outputs[0]}.bias", new)


def _with_dequantized_bias(
    rewrite: Rewrite, node: Node, layer: Node, bias: str | None, constant: str
) -> tuple[str | None, ...] | None:
    """A dequantised constant becomes the bias of a layer that has none: fold_qdq then sees its integers."""
    made = rewrite.maker(constant, "dequantize")
    if bias is not None or node.attrs.kind != "add" or made is None or rewrite.data(made.inputs[0]) is None:
        return None
    type = rewrite.type(constant)
    flat = (type.size,)
    integers = rewrite.type(made.inputs[0])
    try:
        reshaped_quant(integers.quant, integers.shape, flat)
    except ValueError:
        return None
    if type.shape != flat:
        constant = rewrite.add("reshape", Reshape(flat), (constant,), TensorType(type.dtype, flat), constant)
    return (*layer.inputs[:2], constant)
