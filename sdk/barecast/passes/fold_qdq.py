"""fold_qdq: an operator between dequantize and quantize becomes the operator on bytes.

Quantised ONNX models state real arithmetic on dequantised numbers. Where the inputs of an
operator are all dequantised bytes and its output is quantised and used in no other way,
the operator takes the bytes' types; each operator's reference says how close that is
(docs/numerics.md). What does not match stays in floats and is correct too.

What reads dequantised bytes and asks only which is the largest takes the bytes themselves.

Operators that only move data keep one quantisation; where the model changes it on the way,
a requantize does so before them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from barecast import numerics
from barecast.graph import DType, Graph, Node, Quant, TensorType
from barecast.ops.binary import LINEAR
from barecast.ops.clamp import Clamp
from barecast.ops.requantize import Requantize
from barecast.ops.unary import Unary
from barecast.passes.fold_batch_norm import CHANNEL_AXIS
from barecast.passes.rewrite import Rewrite, sources

BYTES = (DType.S8, DType.U8)

SCALE_TOLERANCE = 2.0**-21
"""How far (relative) a bias's own scale may be from scale_x * scale_w in float32 and still count as that."""


def fold_qdq(graph: Graph) -> Graph:
    """dequantize, operator, quantize -> operator on 8-bit types.

    TensorFlow Lite's models say themselves what is computed on bytes: what is between the two there is meant in floats.
    """
    if graph.rule.is_tflite:
        return graph
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op == "argmax":
            _argmax(rewrite, node)
        if node.op != "quantize" or not _per_tensor_bytes(rewrite.type(node.outputs[0])):
            return
        made = rewrite.maker(node.inputs[0])
        if made is None or len(made.outputs) != 1:
            return
        if made.op == "dequantize":
            source = made.inputs[0]
            if _per_tensor_bytes(rewrite.type(source)):
                rewrite.replace(node, "requantize", Requantize(), (source,), source=sources(made, node))
        elif made.op in _FOLDS and _only_quantized(rewrite, node.inputs[0]):
            _FOLDS[made.op](rewrite, node, made)

    return rewrite.visit(visit).build()


def _argmax(rewrite: Rewrite, node: Node) -> None:
    """The largest number is the largest byte, whatever its scale, as long as no number is infinite."""
    x = _bytes_behind(rewrite, node.inputs[0])
    if x is not None and rewrite.type(x).quant.scale[0] < 2.0**100:
        rewrite.replace(node, node.op, node.attrs, (x,))


def _only_quantized(rewrite: Rewrite, name: str) -> bool:
    """Whether nothing but quantize reads the tensor. If that is several, each gets the operator for itself."""
    readers = rewrite.readers(name)
    return not rewrite.is_output(name) and all(
        n.op == "quantize" and _per_tensor_bytes(rewrite.type(n.outputs[0])) for n in readers
    )


def _per_tensor_bytes(type: TensorType) -> bool:
    return type.dtype in BYTES and type.quant is not None and type.quant.per_tensor


def _bytes_behind(rewrite: Rewrite, name: str | None) -> str | None:
    """The per-tensor quantised bytes that a float tensor is dequantised from."""
    made = rewrite.maker(name, "dequantize")
    return made.inputs[0] if made is not None and _per_tensor_bytes(rewrite.type(made.inputs[0])) else None


def _become(rewrite: Rewrite, node: Node, made: Node, inputs: tuple[str | None, ...]) -> None:
    """The quantize node becomes the operator `made`, on these inputs."""
    rewrite.replace(node, made.op, made.attrs, inputs, source=sources(made, node))


def _requantized(rewrite: Rewrite, name: str, wanted: TensorType) -> str:
    """The bytes under the element type and quantisation of `wanted`."""
    type = rewrite.type(name)
    if (type.dtype, type.quant) == (wanted.dtype, wanted.quant):
        return name
    return rewrite.add("requantize", Requantize(), (name,), dataclasses.replace(wanted, shape=type.shape), name)


def _elementwise(rewrite: Rewrite, node: Node, made: Node) -> None:
    """One input, any output quantisation: average pooling, mean, softmax, tables."""
    x = _bytes_behind(rewrite, made.inputs[0])
    if x is not None:
        _become(rewrite, node, made, (x,))


def _reduce(rewrite: Rewrite, node: Node, made: Node) -> None:
    """A mean, maximum or minimum; other reductions have no integer rule here."""
    if made.attrs.kind in ("max", "min"):
        _mover(rewrite, node, made)
    elif made.attrs.kind == "mean":
        _elementwise(rewrite, node, made)


def _mover(rewrite: Rewrite, node: Node, made: Node) -> None:
    """Data is moved in the output's quantisation, so that a padding value is quantised there."""
    names = [_bytes_behind(rewrite, n) for n in made.inputs]
    if None not in names:
        wanted = rewrite.type(node.outputs[0])
        _become(rewrite, node, made, tuple(_requantized(rewrite, n, wanted) for n in names))


def _pool(rewrite: Rewrite, node: Node, made: Node) -> None:
    if made.attrs.kind != "max":
        return _elementwise(rewrite, node, made)
    x = _bytes_behind(rewrite, made.inputs[0])
    if x is None:
        return None
    wanted = rewrite.type(node.outputs[0])
    type = rewrite.type(x)
    if (type.dtype, type.quant) == (wanted.dtype, wanted.quant):
        return _become(rewrite, node, made, (x,))
    # The maximum in the input's steps; then one table clamps and requantises, with a single rounding.
    raw = dataclasses.replace(made.attrs, activation=Clamp())
    between = dataclasses.replace(type, shape=wanted.shape)
    pooled = rewrite.add("pool2d", raw, (x,), between, made.outputs[0], made.source)
    rewrite.replace(node, "unary", Unary("clamp", made.attrs.activation), (pooled,))
    return None


def _binary(rewrite: Rewrite, node: Node, made: Node) -> None:
    if made.attrs.kind in ("max", "min"):
        return _mover(rewrite, node, made)  # both are monotone, and so is the rounding
    if made.attrs.kind not in LINEAR:
        return
    names = [_bytes_behind(rewrite, n) or _scalar_as_bytes(rewrite, n) for n in made.inputs]
    if None in names or all(rewrite.data(n) is not None for n in names):
        return
    a, b = (rewrite.type(n).quant.scale[0] for n in names)
    y = rewrite.type(node.outputs[0]).quant.scale[0]
    if made.attrs.kind != "mul":
        try:
            numerics.weighted_sum((a / y, b / y if made.attrs.kind == "add" else -b / y), 255)
        except ValueError:
            return
    elif not a * b / y < 2**30:
        return
    _become(rewrite, node, made, tuple(names))


def _scalar_as_bytes(rewrite: Rewrite, name: str) -> str | None:
    """A float constant of one value v, exactly, as sign(v) at the scale |v|."""
    data, type = rewrite.data(name), rewrite.type(name)
    if data is None or type.dtype is not DType.F32 or not data.size or not (data == data.flat[0]).all():
        return None
    value = float(data.flat[0])
    if not math.isfinite(value):
        return None
    quant = Quant((abs(value) or 1.0,), (0,))
    return rewrite.constant(name, np.full(type.shape, np.sign(value), np.int8), quant)


def _matmul(rewrite: Rewrite, node: Node, made: Node) -> None:
    a, b = (_bytes_behind(rewrite, n) for n in made.inputs)
    if a is None or b is None:
        return
    if not _sane(rewrite.type(a).quant, rewrite.type(b).quant, rewrite.type(node.outputs[0]).quant):
        return
    _become(rewrite, node, made, (a, b))


def _weighted(rewrite: Rewrite, node: Node, made: Node) -> None:
    """Convolutions and dense layers: weights per tensor or per output channel, bias in steps of scale_x * scale_w."""
    x = _bytes_behind(rewrite, made.inputs[0])
    dequantized = rewrite.maker(made.inputs[1], "dequantize")
    if x is None or dequantized is None:
        return
    weights = dequantized.inputs[0]
    type = rewrite.type(weights)
    if rewrite.data(weights) is None or type.dtype not in BYTES or type.quant.axis not in (None, CHANNEL_AXIS[made.op]):
        return
    if not _sane(rewrite.type(x).quant, type.quant, rewrite.type(node.outputs[0]).quant):
        return
    bias = made.inputs[2] if len(made.inputs) > 2 else None
    if bias is not None:
        bias = _integer_bias(rewrite, bias, rewrite.type(x).quant.scale[0], type.quant)
        if bias is None:
            return
    _become(rewrite, node, made, (x, weights, bias))


def _sane(x: Quant, w: Quant, y: Quant) -> bool:
    """Whether the kernels can hold the factor scale_x * scale_w / scale_y."""
    return x.scale[0] * max(w.scale) / y.scale[0] < 2**29


def _integer_bias(rewrite: Rewrite, name: str, x_scale: float, weights: Quant) -> str | None:
    """The bias as s32 in steps of scale_x * scale_w, rounded to even once; None if it cannot be."""
    wanted = np.float64(np.float32(x_scale)) * np.array(weights.scale, np.float32).astype(np.float64)
    made = rewrite.maker(name, "dequantize")
    data, own = rewrite.data(name), None
    if made is not None:
        data = rewrite.data(made.inputs[0])
        own = rewrite.type(made.inputs[0]).quant
    if data is None or data.ndim != 1:
        return None
    steps = data.astype(np.float64)
    if own is not None:
        steps = steps - own.zero_array(1)
        scale = own.scale_array(1).astype(np.float64)
        if not np.all(np.abs(scale - wanted) <= SCALE_TOLERANCE * wanted):
            steps = steps * scale / wanted
    else:
        steps = steps / wanted
    steps = np.rint(np.broadcast_to(steps, data.shape))
    if not np.all((steps >= -(2.0**31)) & (steps < 2.0**31)):
        return None
    narrow = np.array(wanted, np.float32)
    if not (np.all(narrow > 0) and np.all(np.isfinite(narrow))):
        return None
    axis = None if weights.per_tensor and weights.axis is None else 0
    quant = Quant(tuple(float(s) for s in np.atleast_1d(narrow)), (0,) * len(weights.scale), axis)
    return rewrite.constant(name, steps.astype(np.int32), quant)


_FOLDS: dict[str, Callable[[Rewrite, Node, Node], None]] = {
    "binary": _binary,
    "concat": _mover,
    "conv2d": _weighted,
    "dense": _weighted,
    "dwconv2d": _weighted,
    "expand": _mover,
    "matmul": _matmul,
    "pad": _mover,
    "pool2d": _pool,
    "reduce": _reduce,
    "reshape": _mover,
    "slice": _mover,
    "softmax": _elementwise,
    "take": _mover,
    "transpose": _mover,
    "transpose_conv2d": _weighted,
    "unary": _elementwise,
}
