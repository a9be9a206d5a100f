"""fuse_normalisations: the means, differences, squares and roots of a normalisation become one layer_norm.

    c = x - mean(x); c / sqrt(mean(c * c) + epsilon) * scale + bias

Exporters before opset 17 write this out, and so do the importers of Layer-, Instance-, Group- and RMSNormalization:
one form for all. Spellings differ in the square (a product of c and itself) and in the quotient (a product with 1 / root).
TensorFlow multiplies first and subtracts then: x * f + (bias - mean * f) with f = scale / root.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barecast.graph import DType, Graph, Node
from barecast.ops.layer_norm import LayerNorm, parameter_shape
from barecast.passes.rewrite import Rewrite, sources


def fuse_normalisations(graph: Graph) -> Graph:
    """div(sub(x, mean), sqrt(add(mean of squares, epsilon))) -> layer_norm; mul and add behind it -> its parameters."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "binary" or not node.attrs.activation.is_identity:
            return
        if rewrite.type(node.outputs[0]).dtype is not DType.F32:
            return
        _normalise(rewrite, node) or _normalise_moments(rewrite, node) or _take_parameter(rewrite, node)

    return rewrite.visit(visit).build()


def _normalise(rewrite: Rewrite, node: Node) -> bool:
    """Whether `node` divides by the root of a mean square, and has been replaced."""
    for above, root in _quotient(rewrite, node):
        found = _mean_square(rewrite, root)
        if found is None or not _equal(rewrite, found[0], above):
            continue
        if rewrite.type(above).shape != rewrite.type(node.outputs[0]).shape:
            continue
        _, axes, epsilon, inner = found
        attrs, x, centring = LayerNorm(axes, epsilon, centred=False), above, []
        if (centred := _centred(rewrite, above, axes)) is not None:
            attrs, x, centring = replace(attrs, centred=True), *centred
        rewrite.replace(node, "layer_norm", attrs, (x,), source=sources(*centring, *inner, node))
        return True
    return False


def _normalise_moments(rewrite: Rewrite, node: Node) -> bool:
    """Whether `node` ends x * f + (bias - mean * f), f = scale / sqrt(mean square + epsilon), and has been replaced."""
    if node.attrs.kind != "add":
        return False
    for scaled, rest in (node.inputs, node.inputs[::-1]):
        product, difference = _binary(rewrite, scaled, "mul"), _binary(rewrite, rest, "sub")
        moved = _binary(rewrite, difference.inputs[1], "mul") if product and difference else None
        if moved is None or rewrite.data(difference.inputs[0]) is None:
            continue
        for x, factor in (product.inputs, product.inputs[::-1]):
            mean = next((m for m, f in (moved.inputs, moved.inputs[::-1]) if f == factor), None)
            made = _scaled_root(rewrite, factor)
            found = None if mean is None or made is None else _mean_square(rewrite, made[0])
            centring = None if found is None else _centred(rewrite, found[0], found[1])
            if centring is None or centring[0] != x or centring[1][0].outputs[0] != mean:
                continue
            parameters = (made[1], difference.inputs[0])
            attrs = LayerNorm(found[1], found[2])
            lies = rewrite.type(x).shape == rewrite.type(node.outputs[0]).shape
            if lies and _lie_well(rewrite, attrs, x, *parameters):
                nodes = (*centring[1], *found[3], product, moved, difference, node)
                rewrite.replace(node, "layer_norm", attrs, (x, *parameters), source=sources(*nodes))
                return True
    return False


def _scaled_root(rewrite: Rewrite, name: str) -> tuple[str, str | None] | None:
    """(r, scale) of scale / sqrt(r); scale is a constant or None."""
    if (root := _over_root(rewrite, name)) is not None:
        return root, None
    node = _binary(rewrite, name, "mul")
    for factor, scale in (node.inputs, node.inputs[::-1]) if node is not None else ():
        if rewrite.data(scale) is not None and (root := _over_root(rewrite, factor)) is not None:
            return root, scale
    return None


def _take_parameter(rewrite: Rewrite, node: Node) -> bool:
    """Whether `node` multiplies a layer_norm by a constant, or adds one to it, and this became its scale or bias."""
    if node.attrs.kind not in ("mul", "add"):
        return False
    for name, constant in (node.inputs, node.inputs[::-1]):
        norm = rewrite.maker(name, "layer_norm")
        if norm is None or rewrite.data(constant) is None or not rewrite.is_private(name):
            continue
        x, scale, bias = (*norm.inputs, None, None)[:3]
        if bias is not None or (node.attrs.kind == "mul" and scale is not None):
            continue
        scale, bias = (constant, None) if node.attrs.kind == "mul" else (scale, constant)
        if rewrite.type(node.outputs[0]) != rewrite.type(name) or not _lie_well(
            rewrite, norm.attrs, x, scale, bias
        ):
            continue
        operands = (x, scale) if bias is None else (x, scale, bias)
        rewrite.replace(node, "layer_norm", norm.attrs, operands, source=sources(norm, node))
        return True
    return False


def _lie_well(rewrite: Rewrite, attrs: LayerNorm, x: str, scale: str | None, bias: str | None) -> bool:
    """Whether the kernels can read the parameters, and they take no more memory than the larger one has now."""
    given = [rewrite.type(n).shape for n in (scale, bias) if n is not None]
    lies = parameter_shape(attrs.axes, rewrite.type(x).shape, *given)
    return lies is not None and np.prod(lies) <= max(np.prod(shape) for shape in given)


def _quotient(rewrite: Rewrite, node: Node) -> list[tuple[str, str]]:
    """(x, r) for each way in which the node is x / sqrt(r)."""
    if node.attrs.kind == "div":
        x, below = node.inputs
        root = _unary(rewrite, below, "sqrt")
        return [] if root is None else [(x, root)]
    if node.attrs.kind != "mul":
        return []
    pairs = (node.inputs, node.inputs[::-1])
    return [(x, root) for x, factor in pairs if (root := _over_root(rewrite, factor)) is not None]


def _over_root(rewrite: Rewrite, name: str) -> str | None:
    """r of 1 / sqrt(r), in one function or two, or as a quotient."""
    if (r := _unary(rewrite, name, "rsqrt")) is not None:
        return r
    root = _unary(rewrite, name, "reciprocal")
    if root is None and (node := _binary(rewrite, name, "div")) is not None and _number(rewrite, node.inputs[0]) == 1:
        root = node.inputs[1]
    return None if root is None else _unary(rewrite, root, "sqrt")


def _mean_square(rewrite: Rewrite, name: str) -> tuple[str, tuple[int, ...], float, list[Node]] | None:
    """(c, axes, epsilon, nodes) of mean(c * c) + epsilon, or without epsilon."""
    nodes, epsilon = [], 0.0
    if (node := _binary(rewrite, name, "add")) is not None:
        for mean, constant in (node.inputs, node.inputs[::-1]):
            if (value := _number(rewrite, constant)) is not None and 0 <= value < np.inf:
                name, epsilon, nodes = mean, value, [node]
                break
    if (mean := _mean(rewrite, name)) is None:
        return None
    squares = mean.inputs[0]
    c = _unary(rewrite, squares, "square")
    if c is None:
        node = _binary(rewrite, squares, "mul")
        if node is None or node.inputs[0] != node.inputs[1]:
            return None
        c = node.inputs[0]
    return c, mean.attrs.axes, epsilon, [rewrite.maker(squares), mean, *nodes]


def _centred(rewrite: Rewrite, name: str, axes: tuple[int, ...]) -> tuple[str, list[Node]] | None:
    """(x, nodes) of x - mean(x) over these axes."""
    node = _binary(rewrite, name, "sub")
    mean = _mean(rewrite, node.inputs[1]) if node is not None else None
    if mean is None or mean.inputs[0] != node.inputs[0] or mean.attrs.axes != axes:
        return None
    return node.inputs[0], [mean, node]


def _equal(rewrite: Rewrite, a: str, b: str) -> bool:
    """Whether both are one tensor or one difference, computed twice."""
    one, other = _binary(rewrite, a, "sub"), _binary(rewrite, b, "sub")
    return a == b or (one is not None and other is not None and one.inputs == other.inputs)


def _mean(rewrite: Rewrite, name: str) -> Node | None:
    """A mean over neighbouring axes that keeps them."""
    node = rewrite.maker(name, "reduce")
    if node is None or node.attrs.kind != "mean" or not (node.attrs.keepdims and node.attrs.activation.is_identity):
        return None
    axes = node.attrs.axes
    return node if axes and axes == tuple(range(axes[0], axes[0] + len(axes))) else None


def _unary(rewrite: Rewrite, name: str, kind: str) -> str | None:
    """The argument, where the tensor is this function of one."""
    node = rewrite.maker(name, "unary")
    plain = node is not None and node.attrs.kind == kind and node.attrs.activation.is_identity
    return node.inputs[0] if plain else None


def _binary(rewrite: Rewrite, name: str, kind: str) -> Node | None:
    node = rewrite.maker(name, "binary")
    return node if node is not None and node.attrs.kind == kind and node.attrs.activation.is_identity else None


def _number(rewrite: Rewrite, name: str) -> float | None:
    """The value of a constant that is one number."""
    data = rewrite.data(name)
    return float(data.reshape(())) if data is not None and data.size == 1 else None
