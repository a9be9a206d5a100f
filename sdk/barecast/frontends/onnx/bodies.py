"""Graphs inside of nodes (the branches of If, the body of SequenceMap): what they read, and copies under other names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import onnx


def graphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    """The graphs that the node has as attributes."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def captured(graph: onnx.GraphProto) -> tuple[str, ...]:
    """The tensors that the graph reads and that are not its own, each once."""
    own = _own(graph)
    read: dict[str, None] = {}
    for node in graph.node:
        read.update(dict.fromkeys(filter(None, node.input)))
        for inner in graphs(node):
            read.update(dict.fromkeys(captured(inner)))
    read.update(dict.fromkeys(value.name for value in graph.output))
    return tuple(name for name in read if name not in own)


def renamed(graph: onnx.GraphProto, prefix: str, bound: Mapping[str, str], taken: Iterable[str]) -> onnx.GraphProto:
    """A copy whose own tensors have names of their own: prefix and the old one, and none of `taken`.

    bound: the graph's inputs -> what they are called outside. Names that are read from around the graph stay. Two
    branches may use one name, and a body is copied for each time it runs: in one scope those would clash.
    """
    taken = set(taken)
    names = dict(bound)
    for name in _own(graph):
        if isinstance(name, str) and name and name not in names:  # what is no text is refused where it is read
            fresh = prefix + name
            while fresh in taken:
                fresh += "'"
            taken.add(fresh)
            names[name] = fresh
    copy = onnx.GraphProto()
    copy.CopyFrom(graph)
    _rename(copy, names)
    return copy


def _own(graph: onnx.GraphProto) -> dict[str, None]:
    """The names that the graph defines, in the file's order."""
    own = dict.fromkeys(value.name for value in graph.input)
    own.update(dict.fromkeys(tensor.name for tensor in graph.initializer))
    own.update((name, None) for node in graph.node for name in node.output)
    return own


def _rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Changes the graph in place, and graphs inside of it where they do not define the name anew."""
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        for field in (node.input, node.output):
            field[:] = [names.get(name, name) for name in field]
        for inner in graphs(node):
            own = _own(inner)
            _rename(inner, {old: new for old, new in names.items() if old not in own})
