"""Where the values lie that outlast a run, outputs and states: in the bytes they are computed in, or behind a copy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from barecast import ops
from barecast.graph import Graph


@dataclass(frozen=True)
class Copied:
    """A copy at the end of the run. source: a tensor, or the buffer of an earlier copy."""

    source: str
    buffer: str
    title: str


@dataclass(frozen=True)
class Roots:
    """views: a view -> the tensor whose bytes it names; constants: the tensors that lie in flash."""

    views: Mapping[str, str]
    constants: Collection[str]

    def of(self, name: str) -> str:
        """The tensor that has the bytes of this one."""
        while name in self.views:
            name = self.views[name]
        return name


def output_places(graph: Graph, roots: Roots) -> tuple[tuple[str, ...], tuple[Copied, ...]]:
    """The buffer of each output, and copies for those that are an input, a state, a constant or share another's bytes."""
    taken = {port.tensor for port in graph.inputs} | {state.before for state in graph.states}
    borders, copies = [], []
    for index, port in enumerate(graph.outputs):
        root = roots.of(port.tensor)
        if root in roots.constants or root in taken:
            buffer = _unused_name(f"output {index}", graph)
            copies.append(Copied(port.tensor, buffer, f"Copy for output {index}"))
        else:
            buffer = port.tensor
            taken.add(root)
        borders.append(buffer)
    return tuple(borders), tuple(copies)


def state_places(graph: Graph, roots: Roots) -> tuple[tuple[str, ...], tuple[Copied, ...]]:
    """The buffer with each state's next value, all of them in the states' own memory, and the copies that this takes.

    A next value is computed in place where the old one has been read for the last time before, or is read for the last
    time by an operator that updates it (Op.updates). What else there is to
    keep (an input, a constant, an output, another state's value) is copied when all else is done. The copies are in
    such an order that none overwrites what a later one wants; states that change places go by way of the arena.
    """
    ends = [roots.of(port.tensor) for port in graph.outputs]
    used = {port.tensor for port in graph.inputs} | {state.before for state in graph.states} | set(ends)
    last_read = _last_reads(graph, roots)
    written: dict[str, int] = {}
    for index, node in enumerate(graph.nodes):
        for name in node.outputs:
            written.setdefault(roots.of(name), index)
    kept: list[str] = []
    pending: dict[int, str] = {}
    for number, state in enumerate(graph.states):
        root = roots.of(state.after)
        if root == state.before:
            kept.append(root)
        elif root not in used and root not in roots.constants and _may_lie_over(
            graph, roots, state.before, root, last_read.get(state.before, -1), written[root]
        ):
            used.add(root)
            kept.append(root)
        else:
            kept.append(_unused_name(f"state {number}", graph))
            pending[number] = state.after
    return tuple(kept), tuple(_ordered(graph, roots, kept, pending))


def _may_lie_over(graph: Graph, roots: Roots, before: str, root: str, last_read: int, written: int) -> bool:
    """Whether the node that writes `root` may write it to the bytes of `before`."""
    if last_read != written:
        return last_read < written
    node = graph.nodes[written]
    reads = [place for place, name in enumerate(node.inputs) if name is not None and roots.of(name) == before]
    return root in node.outputs and len(reads) == 1 and (reads[0], node.outputs.index(root)) in ops.get(node.op).updates


def _last_reads(graph: Graph, roots: Roots) -> dict[str, int]:
    """Root -> the last node that reads it; the number of nodes for what copies read at the end."""
    found = {}
    for index, node in enumerate(graph.nodes):
        if not ops.get(node.op).is_view:
            found.update((roots.of(name), index) for name in node.inputs if name is not None)
    end = len(graph.nodes)
    found.update((roots.of(port.tensor), end) for port in graph.outputs)
    found.update((roots.of(state.after), end) for state in graph.states if roots.of(state.after) != state.before)
    return found


def _ordered(graph: Graph, roots: Roots, kept: list[str], pending: dict[int, str]) -> list[Copied]:
    """The copies of `pending` (number of a state -> tensor to keep there)."""
    copies: list[Copied] = []
    pending = dict(pending)
    while pending:
        wanted = {roots.of(source) for source in pending.values()}
        free = [number for number in pending if graph.states[number].before not in wanted]
        if free:
            number = free[0]
            copies.append(Copied(pending.pop(number), kept[number], f"Copy for state {number}"))
            continue
        number = next(iter(pending))
        before = graph.states[number].before
        aside = _unused_name(f"state {number} aside", graph)
        copies.append(Copied(before, aside, f"Copy of state {number}, which changes places"))
        pending = {n: aside if roots.of(source) == before else source for n, source in pending.items()}
    return copies


def _unused_name(hint: str, graph: Graph) -> str:
    while hint in graph.tensors:
        hint += "'"
    return hint
