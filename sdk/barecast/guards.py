"""Which nodes of a graph run only on a condition: those whose results are wanted by one side of `join` nodes only.

This is read off the graph, so no pass has to know of it: what becomes of use to both sides, or to something outside of
them, runs in any case.
"""

from __future__ import annotations

from collections.abc import Mapping

from barecast import ops
from barecast.graph import Graph
from barecast.schedule import Guard, Guards


def of(graph: Graph) -> tuple[Guards, ...]:
    """For each node the conditions, outermost first, under all of which it is to run; none for most."""
    made_at = {name: index for index, node in enumerate(graph.nodes) for name in node.outputs}
    found: list[Guards] = [()] * len(graph.nodes)
    wanted: dict[str, Guards] = dict.fromkeys(graph.output_tensors, ())
    for index in reversed(range(len(graph.nodes))):
        node = graph.nodes[index]
        uses = [wanted[name] for name in node.outputs if name in wanted]
        guards = _known_before(_common(uses), made_at, index)
        found[index] = guards
        for place, name in enumerate(node.inputs):
            if name is not None:
                under = guards
                if node.op == "join" and place > 0:
                    under = (*guards, Guard(node.inputs[0], place == 1))
                wanted[name] = _common([wanted[name], under]) if name in wanted else under
    return tuple(found)


def aliases(graph: Graph, guards: tuple[Guards, ...], fixed: Mapping[str, object]) -> dict[str, str]:
    """Sides of joins that are computed in the join's own bytes: tensor -> the join's result.

    So it is for what a node computes only if its side is taken, and only for the join. fixed: views and constants.
    """
    made_at = {name: index for index, node in enumerate(graph.nodes) for name in node.outputs}
    found = {}
    for index, node in enumerate(graph.nodes):
        if node.op != "join":
            continue
        for place in (1, 2):
            name = node.inputs[place]
            maker = made_at.get(name)
            if maker is None or name in fixed or name in graph.output_tensors or ops.get(graph.nodes[maker].op).updates:
                continue
            alone = len(graph.consumers[name]) == 1 and node.inputs.count(name) == 1
            if alone and guards[maker] == (*guards[index], Guard(node.inputs[0], place == 1)):
                found[name] = node.outputs[0]
    return found


def _common(several: list[Guards]) -> Guards:
    """The longest beginning that all have."""
    shared = []
    for level in zip(*several, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return tuple(shared)


def _known_before(guards: Guards, made_at: Mapping[str, int], index: int) -> Guards:
    """The guards up to the first whose condition is not computed before that node."""
    for level, guard in enumerate(guards):
        if made_at.get(guard.condition, -1) >= index:
            return guards[:level]
    return guards
