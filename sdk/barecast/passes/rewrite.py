"""How passes change a graph: nodes are replaced one at a time, dead ones vanish, order is restored at the end.

A pass makes a `Rewrite` of a graph, changes it and `build`s the new Graph. Every step costs
about as much as the nodes it touches, so a pass is linear in the size of the graph.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from barecast.graph import Graph, GraphBuilder, Node, Port, Quant, State, Tensor, TensorType


class Rewrite:
    """A graph in the making. Names of existing tensors stay valid as long as something reads them."""

    def __init__(self, graph: Graph):
        self._builder = GraphBuilder.like(graph)
        self._nodes: dict[str, Node] = {}
        self._rank: dict[str, tuple[int, int]] = {}
        self._now, self._serial = (0, 0), 0
        self._maker: dict[str, str] = {}
        self._readers: dict[str, dict[str, None]] = {}
        self._ports: dict[str, list[int]] = {}
        self._queue: deque[str] = deque()
        # Outputs are numbered first, then the states' next values, which are wanted as outputs are.
        for index, name in enumerate((*(p.tensor for p in graph.outputs), *(s.after for s in graph.states))):
            self._ports.setdefault(name, []).append(index)
        for index, node in enumerate(graph.nodes):
            self._enter(node, (index, 0))
        for node in reversed(graph.nodes):
            self._drop_if_dead(node)

    # Looking

    def type(self, name: str) -> TensorType:
        return self._builder.tensors[name].type

    def tensor(self, name: str) -> Tensor:
        return self._builder.tensors[name]

    def data(self, name: str | None) -> np.ndarray | None:
        """The values of a constant; None if it is not one."""
        return None if name is None else self._builder.tensors[name].data

    def maker(self, name: str | None, op: str | None = None) -> Node | None:
        """The node that computes a tensor (if it is an `op`); None for inputs and constants."""
        key = self._maker.get(name)
        node = None if key is None else self._nodes[key]
        return node if node is not None and op in (None, node.op) else None

    def readers(self, name: str) -> list[Node]:
        return [self._nodes[key] for key in self._readers.get(name, ())]

    def is_output(self, name: str) -> bool:
        """Whether the tensor is an output of the model, or a state's next value."""
        return bool(self._ports.get(name))

    def is_private(self, name: str) -> bool:
        """Whether exactly one node reads the tensor, and the model does not give it out."""
        return len(self._readers.get(name, ())) == 1 and not self.is_output(name)

    def nodes(self) -> list[Node]:
        return list(self._nodes.values())

    @property
    def inputs(self) -> tuple[Port, ...]:
        return tuple(self._builder.inputs)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return tuple(self._builder.outputs)

    @property
    def states(self) -> tuple[State, ...]:
        return tuple(self._builder.states)

    # Changing

    def constant(self, hint: str, data: np.ndarray, quant: Quant | None = None) -> str:
        return self._builder.constant(_stem(hint), data, quant)

    def add(
        self, op: str, attrs: Any, inputs: Iterable[str | None], type: TensorType, hint: str, source: Iterable[str] = ()
    ) -> str:
        """A new node with one output of this type; returns the output's name."""
        name = self._builder.tensor(_stem(hint), type)
        self._serial += 1
        self._enter(Node(op, attrs, tuple(inputs), (name,), tuple(source)), (self._now[0], self._serial))
        self._queue.append(name)
        return name

    def replace(
        self,
        node: Node,
        op: str,
        attrs: Any,
        inputs: Iterable[str | None],
        type: TensorType | None = None,
        source: Iterable[str] | None = None,
    ) -> Node:
        """Another operator computes the node's (one) output, from now on of this type."""
        key = node.outputs[0]
        new = Node(op, attrs, tuple(inputs), node.outputs, node.source if source is None else tuple(source))
        if type is not None:
            self.retype(key, type)
        old = self._nodes[key]
        self._nodes[key] = new
        for name in _names(new):
            self._readers.setdefault(name, {})[key] = None
        self._queue.append(key)
        self._release(key, (n for n in _names(old) if n not in new.inputs))
        return new

    def retype(self, name: str, type: TensorType) -> None:
        tensor = self._builder.tensors[name]
        if tensor.type != type:
            self._builder.tensors[name] = Tensor(name, type, tensor.data)

    def redirect(self, old: str, new: str) -> None:
        """Readers of `old` (nodes, outputs, states) read `new`; the maker of `old` goes if nothing else needs it."""
        if old == new:
            return
        for key in list(self._readers.get(old, ())):
            node = self._nodes[key]
            inputs = tuple(new if n == old else n for n in node.inputs)
            self._nodes[key] = Node(node.op, node.attrs, inputs, node.outputs, node.source)
            self._readers.setdefault(new, {})[key] = None
            self._queue.append(key)
        self._readers.pop(old, None)
        self.set_output(old, new)
        maker = self.maker(old)
        if maker is not None:
            self._drop_if_dead(maker)

    def set_input(self, old: str, new: str, turned: tuple[int, ...] = ()) -> None:
        """The model's inputs that are the tensor `old` become the tensor `new`; turned: by which permutation of it."""
        self._builder.inputs = [_moved(p, new, turned) if p.tensor == old else p for p in self._builder.inputs]

    def set_output(self, old: str, new: str, turned: tuple[int, ...] = ()) -> None:
        """The model's outputs that are the tensor `old` become the tensor `new`; turned: as in `set_input`.

        So do the states' next values, unless the new tensor is turned: a state has one layout.
        """
        outputs, states = self._builder.outputs, self._builder.states
        for index in self._ports.pop(old, ()):
            if index < len(outputs):
                outputs[index] = _moved(outputs[index], new, turned)
            elif not turned:
                states[index - len(outputs)] = replace(states[index - len(outputs)], after=new)
            else:
                self._ports.setdefault(old, []).append(index)
                continue
            self._ports.setdefault(new, []).append(index)

    def expose(self, tensor: str) -> None:
        """The ports that are this tensor give or take integers from now on where the author's had real numbers."""
        self._builder.inputs = [replace(p, exposed=True) if p.tensor == tensor else p for p in self._builder.inputs]
        self._builder.outputs = [replace(p, exposed=True) if p.tensor == tensor else p for p in self._builder.outputs]

    def fresh_tensor(self, hint: str, type: TensorType) -> str:
        """A tensor that no node computes: for `set_input`."""
        return self._builder.tensor(_stem(hint), type)

    # Driving

    def visit(self, function: Callable[[Node], Any]) -> Rewrite:
        """Calls the function for every node in order, then for those that it added or changed, until none is left."""
        self._queue = deque(sorted(self._nodes, key=self._rank.__getitem__))
        while self._queue:
            key = self._queue.popleft()
            if key in self._nodes:
                self._now = self._rank[key]
                function(self._nodes[key])
        return self

    def build(self) -> Graph:
        """The new Graph: nodes in the old order as far as their inputs allow, unused tensors dropped."""
        done: set[str] = set()
        for first in sorted(self._nodes, key=self._rank.__getitem__):
            stack = [first]
            while stack:
                key = stack[-1]
                if key in done:
                    stack.pop()
                    continue
                waiting = [
                    m for n in _names(self._nodes[key]) if (m := self._maker.get(n)) is not None and m not in done
                ]
                if waiting:
                    stack.extend(reversed(waiting))
                    continue
                done.add(key)
                self._builder.nodes.append(self._nodes[key])
                stack.pop()
        return self._builder.build()

    def _enter(self, node: Node, rank: tuple[int, int]) -> None:
        key = node.outputs[0]
        self._nodes[key] = node
        self._rank[key] = rank
        for name in node.outputs:
            self._maker[name] = key
        for name in _names(node):
            self._readers.setdefault(name, {})[key] = None

    def _release(self, key: str, names: Iterable[str]) -> None:
        """The node `key` no longer reads these; makers that nothing reads any more go too."""
        pending = [(key, name) for name in names]
        while pending:
            reader, name = pending.pop()
            self._readers.get(name, {}).pop(reader, None)
            maker = self.maker(name)
            if maker is not None and self._is_dead(maker):
                dead = maker.outputs[0]
                del self._nodes[dead]
                for output in maker.outputs:
                    del self._maker[output]
                pending.extend((dead, n) for n in _names(maker))

    def _is_dead(self, node: Node) -> bool:
        return not any(self._readers.get(n) or self._ports.get(n) for n in node.outputs)

    def _drop_if_dead(self, node: Node) -> None:
        key = node.outputs[0]
        if key in self._nodes and self._is_dead(node):
            del self._nodes[key]
            for output in node.outputs:
                del self._maker[output]
            self._release(key, _names(node))


def sources(*nodes: Node) -> tuple[str, ...]:
    """The foreign nodes that these nodes stand for together, in order, each once."""
    return tuple(dict.fromkeys(s for node in nodes for s in node.source))


def permuted(type: TensorType, perm: tuple[int, ...]) -> TensorType:
    """The type after transpose(perm)."""
    quant = type.quant
    if quant is not None and quant.axis is not None:
        quant = Quant(quant.scale, quant.zero_point, perm.index(quant.axis))
    return TensorType(type.dtype, tuple(type.shape[p] for p in perm), quant)


def reshaped_quant(quant: Quant | None, old: tuple[int, ...], new: tuple[int, ...]) -> Quant | None:
    """The quantisation after a reshape; ValueError if its axis does not survive."""
    if quant is None or quant.axis is None:
        return quant
    before, extent = int(np.prod(old[: quant.axis], dtype=np.int64)), old[quant.axis]
    for axis, size in enumerate(new):
        if size == extent and int(np.prod(new[:axis], dtype=np.int64)) == before:
            return Quant(quant.scale, quant.zero_point, axis)
    raise ValueError("the quantised axis does not survive the reshape")


def moves_only_units(perm: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether transpose(perm) of this shape only moves axes of extent 1, and so is a reshape."""
    wide = [p for p in perm if shape[p] != 1]
    return wide == sorted(wide) or 0 in shape


def _stem(name: str) -> str:
    """The name without the numbers that made it fresh, so that they do not pile up from pass to pass."""
    return re.sub(r"(?<=.)(\.\d+)+$", "", name)


def _moved(port: Port, tensor: str, turned: tuple[int, ...]) -> Port:
    return replace(port, tensor=tensor, turned=turned or port.turned)


def _names(node: Node) -> Iterable[str]:
    return dict.fromkeys(n for n in node.inputs if n is not None)
