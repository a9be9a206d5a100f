"""remove_transposes: every group of operators that do not care about layout gets the layout its surroundings have.

Transposes are no nodes here: a tensor behind transposes is its source ("root") seen through
a permutation. Operators that work element by element (and the like) can run in any axis
order; those that hand each other tensors form a group with one order, its label: the group
computes transpose(original output, label). Every other operator, and the model's ports,
have the identity. A reader that wants a root in another order than it is stored in costs a
transpose of that many bytes; axes of extent 1 and constants cost nothing.

Group by group the cheapest label is taken until nothing changes: the cost never rises.
Groups end at tensors of bytes, so a transpose that must stay settles where data is small;
before single groups, whole regions of groups that bytes join are tried with one label.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from barecast.errors import BarecastError
from barecast.graph import DType, Graph, GraphBuilder, Node, TensorType
from barecast.ops.reduce import split
from barecast.ops.reshape import Reshape
from barecast.ops.transpose import Transpose
from barecast.passes.rewrite import moves_only_units, permuted

Perm = tuple[int, ...]
Cost = tuple[int, int]

SWEEPS = 8
"""Sweeps over all groups at most; two or three are usual."""

FORBIDDEN = 1 << 60


def remove_transposes(graph: Graph) -> Graph:
    """The same function with as few transposes (in bytes) as the search finds; never more than before."""
    layouts = _Layouts(graph)
    layouts.search()
    return _Rebuild(graph, layouts).run()


def compose(first: Perm, second: Perm) -> Perm:
    """transpose(transpose(x, first), second) = transpose(x, compose(first, second))."""
    return tuple(first[i] for i in second)


def inverse(perm: Perm) -> Perm:
    return tuple(perm.index(axis) for axis in range(len(perm)))


def _axis(attrs: Any, perm: Perm) -> Any:
    return dataclasses.replace(attrs, axis=perm.index(attrs.axis))


def _axes(attrs: Any, perm: Perm) -> Any:
    return dataclasses.replace(attrs, axes=tuple(sorted(perm.index(a) for a in attrs.axes)))


def _borders(attrs: Any, perm: Perm) -> Any:
    return dataclasses.replace(
        attrs, before=tuple(attrs.before[p] for p in perm), after=tuple(attrs.after[p] for p in perm)
    )


def _ranges(attrs: Any, perm: Perm) -> Any:
    return dataclasses.replace(
        attrs, **{name: tuple(getattr(attrs, name)[p] for p in perm) for name in ("begin", "size", "step")}
    )


def _places(attrs: Any, perm: Perm) -> Any:
    return dataclasses.replace(attrs, places=tuple(attrs.places[p] for p in perm))


def _same(attrs: Any, perm: Perm) -> Any:
    return attrs


AGNOSTIC: dict[str, Callable[[Any, Perm], Any]] = {
    "binary": _same,
    "compare": _same,
    "concat": _axis,
    "copy": _same,
    "dequantize": _same,
    "log_softmax": _axis,
    "pad": _borders,
    "quantize": _same,
    "reduce": _axes,
    "requantize": _same,
    "select": _same,
    "slice": _ranges,
    "softmax": _axis,
    "take": _places,
    "unary": _same,
}
"""Operators that can run in any axis order, and their attributes after transpose(perm)."""


class _Layouts:
    """Groups, their labels and what the labels cost."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.roots: dict[str, tuple[str, Perm]] = {}
        for name, tensor in graph.tensors.items():
            self.roots[name] = (name, tuple(range(len(tensor.type.shape))))
        for node in graph.nodes:
            if node.op == "transpose":
                root, perm = self.roots[node.inputs[0]]
                self.roots[node.outputs[0]] = (root, compose(perm, node.attrs.perm))
        agnostic = [n.outputs[0] for n in graph.nodes if self._agnostic(n)]
        self.parent: dict[str, str] = {key: key for key in agnostic}
        self.region: dict[str, str] = {key: key for key in agnostic}
        self._join()
        self.labels: dict[str, Perm] = {}
        self.members: dict[str, list[Node]] = {}
        for node in graph.nodes:
            group = self.group(node)
            if group is not None:
                self.members.setdefault(group, []).append(node)
                self.labels[group] = tuple(range(len(graph.type(node.outputs[0]).shape)))
        self._collect_uses()

    def _agnostic(self, node: Node) -> bool:
        if node.op not in AGNOSTIC or (node.op == "reduce" and not node.attrs.keepdims):
            return False
        rank = len(self.graph.type(node.outputs[0]).shape)
        tensors = [self.graph.tensors[n] for n in node.inputs]
        return all(t.is_constant or len(t.type.shape) == rank for t in tensors)

    def _join(self) -> None:
        for node in self.graph.nodes:
            if node.outputs[0] not in self.parent:
                continue
            for name in node.inputs:
                root, perm = self.roots[name]
                narrow = self.graph.type(root).dtype in (DType.S8, DType.U8)
                if root in self.parent and perm == tuple(range(len(perm))):
                    self.region[_top(self.region, root)] = _top(self.region, node.outputs[0])
                    if not narrow:
                        self.parent[_top(self.parent, root)] = _top(self.parent, node.outputs[0])

    def group(self, node: Node | None) -> str | None:
        if node is None or node.outputs[0] not in self.parent:
            return None
        return _top(self.parent, node.outputs[0])

    def stored(self, root: str) -> Perm:
        """The order in which a root is stored."""
        group = self.group(self.graph.producers.get(root))
        return self.roots[root][1] if group is None else self.labels[group]

    def _collect_uses(self) -> None:
        """uses: root -> its readers, as (permutation that the reader sees, reader's group, part of the cost)."""
        self.uses: dict[str, list[tuple[Perm, str | None, int]]] = {}
        for node in self.graph.nodes:
            if node.op == "transpose":
                continue
            share = 100 if self._flattens_for_dense(node) else 1
            for name in node.inputs:
                if name is not None and not self.graph.tensors[name].is_constant:
                    root, perm = self.roots[name]
                    self.uses.setdefault(root, []).append((perm, self.group(node), share))
        for name in (*(port.tensor for port in self.graph.outputs), *(state.after for state in self.graph.states)):
            root, perm = self.roots[name]
            self.uses.setdefault(root, []).append((perm, None, 1))

    def _flattens_for_dense(self, node: Node) -> bool:
        """Whether dense layers read this view: their weights can take the transpose's place."""
        if node.op != "reshape":
            return False
        names = [node.outputs[0]]
        while names:
            name = names.pop()
            readers = self.graph.consumers.get(name, ())
            if not readers or name in self.graph.output_tensors:
                return False
            for reader in readers:
                if reader.op in ("quantize", "dequantize", "unary"):
                    names.append(reader.outputs[0])
                elif reader.op != "dense":
                    return False
        return True

    def search(self) -> None:
        regions: dict[str, list[str]] = {}
        for group, nodes in self.members.items():
            regions.setdefault(_top(self.region, nodes[0].outputs[0]), []).append(group)
        together = [groups for groups in regions.values() if len(groups) > 1]
        moves = [(frozenset(groups), self._adjacent(groups)) for groups in (*together, *([g] for g in self.members))]
        for _ in range(SWEEPS):
            if not any([self._improve(groups, roots) for groups, roots in moves]):
                break

    def _adjacent(self, groups: list[str]) -> list[str]:
        """The computed roots that nodes of these groups read or make."""
        nodes = [node for group in groups for node in self.members[group]]
        roots = [self.roots[n][0] for node in nodes for n in node.inputs] + [node.outputs[0] for node in nodes]
        return [r for r in dict.fromkeys(roots) if not self.graph.tensors[r].is_constant]

    def _improve(self, groups: frozenset[str], roots: list[str]) -> bool:
        """Gives the groups the one label that is cheapest, if that is cheaper than those they have."""
        before = {group: self.labels[group] for group in groups}
        best, lowest = before, self._cost(groups, roots)
        for label in self._candidates(groups, roots):
            self.labels.update(trial := dict.fromkeys(groups, label))
            cost = self._cost(groups, roots)
            if cost < lowest:
                best, lowest = trial, cost
        self.labels.update(best)
        return best != before

    def _candidates(self, groups: frozenset[str], roots: list[str]) -> list[Perm]:
        """The labels with which some edge of the groups costs nothing."""
        found: dict[Perm, None] = {}
        for root in roots:
            made_here = self.group(self.graph.producers.get(root)) in groups
            for perm, reader, _ in self.uses.get(root, ()):
                if reader in groups and not made_here:
                    found[compose(inverse(perm), self.stored(root))] = None
                elif made_here and reader not in groups:
                    found[perm if reader is None else compose(perm, self.labels[reader])] = None
        return list(found)

    def _cost(self, groups: frozenset[str], roots: list[str]) -> Cost:
        """Bytes transposed, and how often, at these roots."""
        total, count = 0, 0
        for root in roots:
            stored, type = self.stored(root), self.graph.type(root)
            back = inverse(stored)
            wanted: dict[Perm, int] = {}
            for perm, reader, share in self.uses.get(root, ()):
                turn = compose(back, perm if reader is None else compose(perm, self.labels[reader]))
                wanted[turn] = min(share, wanted.get(turn, share))
            shape = tuple(type.shape[p] for p in stored)
            for turn, share in wanted.items():
                if not moves_only_units(turn, shape):
                    total += max(type.bytes // share, 1)
                    count += 1
        for group in groups:
            for node in self.members[group]:
                if node.op == "reduce" and not _contiguous(self.graph, node, self.labels[group]):
                    total += FORBIDDEN
        return total, count


def _top(parents: dict[str, str], key: str) -> str:
    """The representative of a set (union-find)."""
    while parents[key] != key:
        parents[key] = parents[parents[key]]
        key = parents[key]
    return key


def _contiguous(graph: Graph, node: Node, label: Perm) -> bool:
    try:
        split(_axes(node.attrs, label), permuted(graph.type(node.inputs[0]), label).shape)
    except BarecastError:
        return False
    return True


class _Rebuild:
    """The graph under the chosen labels."""

    def __init__(self, graph: Graph, layouts: _Layouts):
        self.graph, self.layouts = graph, layouts
        self.builder = GraphBuilder.like(graph)
        self.turned: dict[tuple[str, Perm], str] = {}

    def run(self) -> Graph:
        for node in self.graph.nodes:
            if node.op == "transpose":
                continue
            group = self.layouts.group(node)
            if group is None:
                inputs = tuple(None if n is None else self._seen(n, None) for n in node.inputs)
                self.builder.add(node.op, node.attrs, inputs, node.outputs, node.source)
                continue
            label = self.layouts.labels[group]
            inputs = tuple(self._seen(n, label) for n in node.inputs)
            for name in node.outputs:
                old = self.builder.tensors[name]
                self.builder.tensors[name] = dataclasses.replace(old, type=permuted(old.type, label))
            self.builder.add(node.op, AGNOSTIC[node.op](node.attrs, label), inputs, node.outputs, node.source)
        self.builder.outputs = [dataclasses.replace(p, tensor=self._seen(p.tensor, None)) for p in self.graph.outputs]
        self.builder.states = [dataclasses.replace(s, after=self._seen(s.after, None)) for s in self.graph.states]
        return self.builder.build()

    def _seen(self, name: str, label: Perm | None) -> str:
        """The tensor that holds transpose(name, label)."""
        root, perm = self.layouts.roots[name]
        maker = self.graph.producers.get(name)
        source = maker.source if maker is not None and maker.op == "transpose" else ()
        tensor = self.graph.tensors[root]
        if label is not None and tensor.is_constant:
            if tensor.type.size == 1 and (tensor.type.quant is None or tensor.type.quant.axis is None):
                return self._turned(root, perm, source)
            return self._turned(root, _compose_extended(perm, label), source)
        wanted = perm if label is None else compose(perm, label)
        return self._turned(root, compose(inverse(self.layouts.stored(root)), wanted), source)

    def _turned(self, root: str, turn: Perm, source: tuple[str, ...]) -> str:
        """transpose(stored root, turn), made once. A constant of lower rank gets leading axes first."""
        if turn == tuple(range(len(turn))):
            return root
        key = (root, turn)
        if key not in self.turned:
            tensor = self.builder.tensors[root]
            if tensor.data is not None:
                self.turned[key] = self._turned_constant(root, turn)
            else:
                type = permuted(tensor.type, turn)
                self.turned[key] = self.builder.tensor(root, type)
                # A per-axis quantisation has to follow its axis, which a view cannot tell.
                if moves_only_units(turn, tensor.type.shape) and (type.quant is None or type.quant.axis is None):
                    self.builder.add("reshape", Reshape(type.shape), (root,), (self.turned[key],), source)
                else:
                    self.builder.add("transpose", Transpose(turn), (root,), (self.turned[key],), source)
        return self.turned[key]

    def _turned_constant(self, root: str, turn: Perm) -> str:
        tensor = self.builder.tensors[root]
        missing = len(turn) - len(tensor.type.shape)
        data = tensor.data.reshape((1,) * missing + tensor.data.shape)
        quant = tensor.type.quant
        if quant is not None and quant.axis is not None:
            quant = dataclasses.replace(quant, axis=quant.axis + missing)
        type = permuted(TensorType(tensor.type.dtype, data.shape, quant), turn)
        return self.builder.tensor(root, type, data.transpose(turn).copy())


def _compose_extended(perm: Perm, label: Perm) -> Perm:
    """compose, for a constant that may lack leading axes of the label's rank."""
    missing = len(label) - len(perm)
    return compose((*range(missing), *(p + missing for p in perm)), label)
