"""Slices and concatenations that take no copy: contiguous parts of a tensor are named where they lie.

A slice of whole rows is a view of its source. What a concatenation joins, if it comes out as rows of its result, is
computed in the result's own bytes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from barecast import ops
from barecast.graph import Graph, Node
from barecast.schedule import Guards, View

ALIGN = 4
"""Bytes: kernels load 8-bit elements by words, so a part begins at a multiple of so many."""


@dataclass(frozen=True)
class Parts:
    """views: a part -> its place in the whole. slices, joined: results and inputs of nodes that copy nothing for them."""

    views: Mapping[str, View]
    slices: frozenset[str]
    joined: frozenset[tuple[str, str]]
    """(the concatenation's result, its input)"""


def find(graph: Graph, views: Mapping[str, View], constants: Collection[str], under: tuple[Guards, ...]) -> Parts:
    """The parts of a graph. views: names for other tensors' bytes that are known already; under: as guards.of."""
    found: dict[str, View] = {}

    def whole(name: str) -> str:
        """The tensor that has these very bytes under another name."""
        while name in views:
            name = views[name].of
        return name

    def root(name: str) -> str:
        while (view := found.get(name) or views.get(name)) is not None:
            name = view.of
        return name

    ends = {port.tensor for port in (*graph.inputs, *graph.outputs)}
    ends.update(name for state in graph.states for name in (state.before, state.after))
    fixed = {whole(name) for name in ends} | set(constants)
    # An old state that is copied first may be overwritten soon: its next value needs no memory but the state's own.
    kept = {state.before for state in graph.states}
    slices, joined = set(), set()
    for node in graph.nodes:
        (result, *_) = node.outputs
        if node.op == "slice" and result not in fixed | views.keys() and root(node.inputs[0]) not in kept | set(constants):
            offset = _slice_offset(graph, node)
            if offset is not None:
                found[result] = View(node.inputs[0], offset)
                slices.add(result)
    guards = {name: guard for node, guard in zip(graph.nodes, under, strict=True) for name in node.outputs}
    for node in graph.nodes:
        if node.op != "concat" or node.outputs[0] in constants or guards[node.outputs[0]]:
            continue
        (result,) = node.outputs
        roots = [root(name) for name in node.inputs]
        for name, offset in _rows(graph, node):
            part = whole(name)
            maker = graph.producers.get(part)
            # Only if no other input lies in it: a step would have to copy that within the result.
            free = part not in fixed and part not in found and roots.count(part) == 1
            if free and maker is not None and _writes_anywhere(maker) and not guards[part]:
                found[part] = View(result, offset)
                joined.add((result, name))
    return Parts(found, frozenset(slices), frozenset(joined))


def _slice_offset(graph: Graph, node: Node) -> int | None:
    """Where the slice begins in its source, in bytes, if it is one run of bytes; None if it is not, or not aligned."""
    source, attrs = graph.type(node.inputs[0]), node.attrs
    axes = list(zip(source.shape, attrs.begin, attrs.size, attrs.step, strict=True))
    cut = [axis for axis, (extent, _, size, _) in enumerate(axes) if size != extent]
    outer = axes[: max(cut, default=0)]
    if any(step != 1 and size > 1 for _, _, size, step in axes) or any(size != 1 for _, _, size, _ in outer):
        return None
    offset = sum(axis[1] * math.prod(source.shape[k + 1 :]) for k, axis in enumerate(axes)) * source.dtype.bytes
    return offset if offset % ALIGN == 0 else None


def _rows(graph: Graph, node: Node) -> list[tuple[str, int]]:
    """(input, its first byte in the result) of those inputs of a concatenation that are one aligned run of bytes there."""
    axis, result = node.attrs.axis, graph.type(node.outputs[0])
    if math.prod(result.shape[:axis]) != 1:
        return []
    starts, start = [], 0
    for name in node.inputs:
        starts.append((name, start))
        start += graph.type(name).bytes
    return [(name, start) for name, start in starts if start % ALIGN == 0 and graph.type(name).bytes]


def _writes_anywhere(maker: Node) -> bool:
    """Whether a node's result may lie wherever it is wanted: it is computed, all at once, and in no state's memory."""
    op = ops.get(maker.op)
    return len(maker.outputs) == 1 and maker.op != "join" and not op.is_view and not op.updates
