"""remove_identities: operators that change nothing vanish; two in a row become one.

* reshape, transpose, pad, copy and concat that leave shape and type as they are; reshape of a
  reshape and transpose of a transpose; a transpose that only moves axes of extent 1 is a reshape,
  and so are two transposes around a reshape if they undo each other ([N, H, W, C] by way of
  [N, C, H * W] to [N, H * W, C]);
* x + 0, x - 0, x * 1, x / 1, a clamp without bounds, a pooling or a mean over one element;
* dequantize then quantize back to the same type (the other order loses bits and stays);
* a join whose condition is a constant, or whose sides are the same;
* requantize to the same type, and two in a row where one of them only renames the bytes
  (s8 <-> u8 with the zero point moved along): then nothing is rounded twice.
"""

from __future__ import annotations

import numpy as np

from barecast.graph import DType, Graph, Node, TensorType
from barecast.ops import binary
from barecast.ops.requantize import Requantize
from barecast.ops.reshape import Reshape
from barecast.ops.transpose import Transpose
from barecast.ops.unary import Unary
from barecast.passes.rewrite import Rewrite, moves_only_units, sources

LARGEST_TRACED = 1 << 24
"""Elements up to which it is tried whether transposes around a view undo each other."""


def remove_identities(graph: Graph) -> Graph:
    """The same function of the inputs, without the nodes that are no work."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        simplify = _RULES.get(node.op)
        if simplify is not None:
            simplify(rewrite, node)

    return rewrite.visit(visit).build()


def _becomes_input(rewrite: Rewrite, node: Node, index: int = 0) -> bool:
    """Readers of the output read that input, if the types are equal."""
    name = node.inputs[index]
    if rewrite.type(name) != rewrite.type(node.outputs[0]):
        return False
    rewrite.redirect(node.outputs[0], name)
    return True


def _reshape(rewrite: Rewrite, node: Node) -> None:
    if _becomes_input(rewrite, node):
        return
    before = rewrite.maker(node.inputs[0], "reshape")
    if before is not None:
        rewrite.replace(node, "reshape", node.attrs, before.inputs, source=sources(before, node))


def _transpose(rewrite: Rewrite, node: Node) -> None:
    x, perm = node.inputs[0], node.attrs.perm
    if perm == tuple(range(len(perm))) and _becomes_input(rewrite, node):
        return
    before = rewrite.maker(x, "transpose")
    if before is not None:
        perm = tuple(before.attrs.perm[p] for p in perm)
        rewrite.replace(node, "transpose", Transpose(perm), before.inputs, source=sources(before, node))
    elif moves_only_units(perm, rewrite.type(x).shape):
        rewrite.replace(node, "reshape", Reshape(rewrite.type(node.outputs[0]).shape), (x,))
    else:
        _transpose_around_view(rewrite, node)


def _transpose_around_view(rewrite: Rewrite, node: Node) -> None:
    view = rewrite.maker(node.inputs[0], "reshape")
    first = None if view is None else rewrite.maker(view.inputs[0], "transpose")
    if first is None:
        return
    x, y = rewrite.type(first.inputs[0]), rewrite.type(node.outputs[0])
    if x.quant != y.quant or rewrite.type(view.inputs[0]).quant != y.quant or not 0 < x.size <= LARGEST_TRACED:
        return
    places = np.arange(x.size).reshape(x.shape).transpose(first.attrs.perm).reshape(view.attrs.shape)
    if np.array_equal(places.transpose(node.attrs.perm).ravel(), np.arange(x.size)):
        rewrite.replace(node, "reshape", Reshape(y.shape), first.inputs, source=sources(first, view, node))


def _pad(rewrite: Rewrite, node: Node) -> None:
    if not any((*node.attrs.before, *node.attrs.after)):
        _becomes_input(rewrite, node)


def _concat(rewrite: Rewrite, node: Node) -> None:
    axis = node.attrs.axis
    inputs = tuple(n for n in node.inputs if rewrite.type(n).shape[axis] > 0)
    if inputs and len(inputs) < len(node.inputs):
        node = rewrite.replace(node, "concat", node.attrs, inputs)
    if len(node.inputs) == 1:
        _becomes_input(rewrite, node)


def _binary(rewrite: Rewrite, node: Node) -> None:
    for index, other in ((0, 1), (1, 0)):
        data = rewrite.data(node.inputs[other])
        if data is None or not data.size or not rewrite.type(node.outputs[0]).dtype.is_float:
            continue
        neutral = binary.NEUTRAL.get(node.attrs.kind)
        if neutral is None or (index == 1 and node.attrs.kind not in binary.COMMUTATIVE):
            continue
        if not np.all(data == neutral):
            continue
        if rewrite.type(node.inputs[index]) == rewrite.type(node.outputs[0]):
            _becomes_clamp(rewrite, node, index)
            return


def _becomes_clamp(rewrite: Rewrite, node: Node, index: int = 0) -> None:
    if node.attrs.activation.is_identity:
        _becomes_input(rewrite, node, index)
    else:
        rewrite.replace(node, "unary", Unary("clamp", node.attrs.activation), (node.inputs[index],))


def _unary(rewrite: Rewrite, node: Node) -> None:
    if node.attrs.kind == "clamp" and node.attrs.activation.is_identity:
        _becomes_input(rewrite, node)


def _pool2d(rewrite: Rewrite, node: Node) -> None:
    attrs = node.attrs
    if attrs.kernel == (1, 1) and attrs.strides == (1, 1) and not any(attrs.pads):
        if rewrite.type(node.inputs[0]) == rewrite.type(node.outputs[0]):
            _becomes_clamp(rewrite, node)


def _reduce(rewrite: Rewrite, node: Node) -> None:
    x, y = rewrite.type(node.inputs[0]), rewrite.type(node.outputs[0])
    if all(x.shape[a] == 1 for a in node.attrs.axes) and (x.dtype, x.quant) == (y.dtype, y.quant):
        if x.shape == y.shape:
            _becomes_clamp(rewrite, node)
        elif node.attrs.activation.is_identity:
            rewrite.replace(node, "reshape", Reshape(y.shape), node.inputs)


def _quantize(rewrite: Rewrite, node: Node) -> None:
    before = rewrite.maker(node.inputs[0], "dequantize")
    if before is None or rewrite.type(before.inputs[0]) != rewrite.type(node.outputs[0]):
        return
    type = rewrite.type(node.outputs[0])
    # The product with a scale of ordinary size is exact enough to come back; a subnormal or a huge one is not.
    if type.dtype in (DType.S8, DType.U8) and all(2.0**-100 < s < 2.0**100 for s in type.quant.scale):
        rewrite.redirect(node.outputs[0], before.inputs[0])


def _requantize(rewrite: Rewrite, node: Node) -> None:
    if _becomes_input(rewrite, node):
        return
    before = rewrite.maker(node.inputs[0], "requantize")
    if before is None:
        return
    first = rewrite.type(before.inputs[0])
    middle, last = rewrite.type(node.inputs[0]), rewrite.type(node.outputs[0])
    if _renames(first, middle) or _renames(middle, last):
        rewrite.replace(node, "requantize", Requantize(), before.inputs, source=sources(before, node))


def _renames(a: TensorType, b: TensorType) -> bool:
    """Whether every byte of `a` has one of `b` with exactly its real value."""
    if a.dtype.bytes > 1 or b.dtype.bytes > 1:
        return False
    (low_a, _), (low_b, _) = a.dtype.limits, b.dtype.limits
    moved = tuple(z - low_a + low_b for z in a.quant.zero_point)
    return a.quant.scale == b.quant.scale and moved == b.quant.zero_point


def _join(rewrite: Rewrite, node: Node) -> None:
    condition, first, second = node.inputs
    known = rewrite.data(condition)
    if known is not None:
        rewrite.redirect(node.outputs[0], first if known.reshape(-1)[0] else second)
    elif first == second:
        rewrite.redirect(node.outputs[0], first)


_RULES = {
    "join": _join,
    "binary": _binary,
    "concat": _concat,
    "copy": lambda rewrite, node: _becomes_input(rewrite, node),
    "pad": _pad,
    "pool2d": _pool2d,
    "quantize": _quantize,
    "reduce": _reduce,
    "requantize": _requantize,
    "reshape": _reshape,
    "transpose": _transpose,
    "unary": _unary,
}
