"""fuse_functions: several operators that together are one known function of one tensor become that function.

Exporters spell HardSwish, Gelu, SiLU or Mish out in additions, products and clamps, each in an order of its own. So
they are not told by their form but by their values: a connected group of element-by-element operators with one tensor
going in, one coming out and numbers as the only other operands is evaluated at many points.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from barecast.graph import DType, Graph, Node
from barecast.ops import pairwise
from barecast.ops.functions import FUNCTIONS
from barecast.ops.unary import Unary, real_function
from barecast.passes.rewrite import Rewrite, sources

NODES_MAX = 12
"""Nodes in a group: the longest spelling in use, of Gelu by tanh, has ten."""

POINTS = np.concatenate([np.linspace(-11.3, 12.1, 487), np.linspace(-1.7, 1.9, 101)]).astype(np.float32)
"""Where functions are compared: they bend between -10 and 10, and are straight or 0 beyond."""

TOLERANCE = 4e-6
"""Of a difference, against max(1, |x|): what a spelling's roundings in float32 may come to."""

KNOWN = (
    *(Unary(kind) for kind in ("silu", "gelu", "gelu_tanh", "mish", "softplus", "softsign", "sigmoid", "tanh")),
    Unary("hard_silu", alpha=float(np.float32(1 / 6)), beta=0.5),
    Unary("hard_sigmoid", alpha=float(np.float32(1 / 6)), beta=0.5),
    Unary("hard_sigmoid", alpha=float(np.float32(0.2)), beta=0.5),
)


def fuse_functions(graph: Graph) -> Graph:
    """x * sigmoid(x) -> silu(x), and the like."""
    rewrite = Rewrite(graph)
    place = {node.outputs[0]: index for index, node in enumerate(graph.nodes)}

    def visit(node: Node) -> None:
        found = _largest(rewrite, node, place)
        if found is not None:
            attrs, x, group = found
            rewrite.replace(node, "unary", attrs, (x,), source=sources(*group))

    return rewrite.visit(visit).build()


def _largest(rewrite: Rewrite, node: Node, place: dict[str, int]) -> tuple[Unary, str, list[Node]] | None:
    """The known function that `node` ends, its argument and its nodes; of several the one with the most nodes."""
    if not _is_elementwise(rewrite, node):
        return None
    group: list[Node] = []
    frontier, found = {node.outputs[0]}, None
    while len(group) < NODES_MAX:
        name = max(frontier, key=lambda n: place.get(n, -1))
        made = rewrite.maker(name)
        if made is None or name not in place or not _is_elementwise(rewrite, made):
            break
        if group and not _is_inside(rewrite, name, group):
            break
        group.insert(0, made)
        frontier.remove(name)
        frontier.update(n for n in made.inputs if rewrite.data(n) is None)
        if len(frontier) == 1 and len(group) > 1:
            (x,) = frontier
            if rewrite.type(x).shape == rewrite.type(node.outputs[0]).shape:
                attrs = _known(_values(rewrite, group, x))
                found = (attrs, x, list(group)) if attrs is not None else found
    return found


def _is_elementwise(rewrite: Rewrite, node: Node) -> bool:
    """float32, and with single numbers as its only constants."""
    if node.op not in ("unary", "binary") or rewrite.type(node.outputs[0]).dtype is not DType.F32:
        return False
    if node.op == "binary" and node.attrs.kind not in pairwise.FUNCTIONS:
        return False
    return all(rewrite.data(n) is None or rewrite.type(n).size == 1 for n in node.inputs)


def _is_inside(rewrite: Rewrite, name: str, group: list[Node]) -> bool:
    """Whether nothing but the group reads the tensor."""
    members = {node.outputs[0] for node in group}
    return not rewrite.is_output(name) and all(reader.outputs[0] in members for reader in rewrite.readers(name))


def _values(rewrite: Rewrite, group: list[Node], x: str) -> np.ndarray:
    """What the group computes at POINTS, in float32."""
    known = {x: POINTS}
    for node in group:
        given = [known[n] if rewrite.data(n) is None else rewrite.data(n).reshape(()) for n in node.inputs]
        if node.op == "unary":
            known[node.outputs[0]] = real_function(node.attrs, given[0])
            continue
        with np.errstate(all="ignore"):
            y = np.asarray(pairwise.FUNCTIONS[node.attrs.kind](*map(np.asarray, given)), np.float32)
        low, high = (np.float32(b) for b in (node.attrs.activation.low, node.attrs.activation.high))
        known[node.outputs[0]] = np.clip(y, low, high)
    return np.broadcast_to(known[group[-1].outputs[0]], POINTS.shape)


@cache
def _tables() -> tuple[tuple[Unary, np.ndarray], ...]:
    assert all(attrs.kind in FUNCTIONS for attrs in KNOWN)
    return tuple((attrs, real_function(attrs, POINTS)) for attrs in KNOWN)


def _known(values: np.ndarray) -> Unary | None:
    allowed = TOLERANCE * np.maximum(1.0, np.abs(POINTS))
    for attrs, wanted in _tables():
        if np.all(np.abs(values.astype(np.float64) - wanted) <= allowed):
            return attrs
    return None
