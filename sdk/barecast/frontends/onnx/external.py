"""The files beside an ONNX model that hold its larger tensors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from onnx import GraphProto, NodeProto, TensorProto


def names(path: Path) -> tuple[str, ...]:
    """The locations that the model's tensors name, sorted, each once; below the model's folder."""
    model = onnx.load(path, load_external_data=False)
    tensors = [*_of_graph(model.graph), *(t for function in model.functions for t in _of_nodes(function.node))]
    external = (tensor for tensor in tensors if tensor.data_location == TensorProto.EXTERNAL)
    return tuple(sorted({entry.value for tensor in external for entry in tensor.external_data if entry.key == "location"}))


def _of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Iterator[NodeProto]) -> Iterator[TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            for graph in (attribute.g, *attribute.graphs):
                yield from _of_graph(graph)
