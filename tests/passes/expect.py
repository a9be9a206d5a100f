"""How a pass is tested: the graph before and after in text form, and equal outputs on the same inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
from barecast import check, reference, text
from barecast.graph import Graph, Node, Port, Tensor


def becomes(one_pass: Callable[[Graph], Graph], before: str, after: str, tolerance: float = 0.0) -> Graph:
    """Runs the pass on `before`, compares with `after` and the outputs of both graphs. Returns the result.

    Names of tensors and the values of constants do not count in the comparison (the outputs
    tell whether values are right); their types do. tolerance: largest difference of an output.
    """
    graph = text.loads(before)
    check.graph(graph)
    was = text.dumps(graph, None)
    result = one_pass(graph)
    assert text.dumps(graph, None) == was, "the pass changed its input"
    check.graph(result, one_pass.__name__)
    assert structure(result) == structure(text.loads(after))
    same_outputs(graph, result, tolerance)
    return result


def stays(one_pass: Callable[[Graph], Graph], before: str) -> None:
    """The pass must leave this graph alone."""
    becomes(one_pass, before, before)


def same_outputs(before: Graph, after: Graph, tolerance: float = 0.0) -> None:
    for seed in range(3):
        inputs = random_inputs(before, seed)
        wanted, found = reference.run(before, inputs), reference.run(after, inputs)
        assert wanted.keys() == found.keys()
        for name, array in wanted.items():
            assert array.dtype == found[name].dtype and array.shape == found[name].shape
            np.testing.assert_allclose(found[name].astype(np.float64), array.astype(np.float64), rtol=0, atol=tolerance)


def random_inputs(graph: Graph, seed: int) -> dict[str, np.ndarray]:
    """Integers from -8 to 8 for floats (sums of their products are exact), the whole range for bytes."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for port in graph.inputs:
        type = graph.type(port.tensor)
        low, high = (-8, 8) if type.dtype.is_float else type.dtype.limits
        arrays[port.name] = rng.integers(low, high + 1, type.shape).astype(type.dtype.numpy)
    return arrays


def structure(graph: Graph) -> str:
    """The graph's text with tensors numbered in order of appearance, without constants' values and sources."""
    names: dict[str, str] = {}
    for name in _appearing(graph):
        names.setdefault(name, f"t{len(names)}")
    tensors = {names[n]: Tensor(names[n], t.type, t.data) for n, t in graph.tensors.items() if n in names}
    nodes = tuple(
        Node(n.op, n.attrs, tuple(names.get(i) for i in n.inputs), tuple(names[o] for o in n.outputs))
        for n in graph.nodes
    )
    ports = [
        tuple(Port(p.name, names[p.tensor], p.turned, p.exposed) for p in ports)
        for ports in (graph.inputs, graph.outputs)
    ]
    lines = text.dumps(Graph(graph.name, ports[0], ports[1], tensors, nodes, graph.rule)).splitlines()
    constants = [line.split(" = ")[0] for line in lines if line.startswith("const")]
    constants.sort(key=lambda line: int(re.search(r"%t(\d+)", line)[1]))
    return "\n".join([*(line for line in lines if not line.startswith("const")), *constants])


def _appearing(graph: Graph) -> Iterator[str]:
    yield from (p.tensor for p in graph.inputs)
    for node in graph.nodes:
        yield from (n for n in node.inputs if n is not None)
        yield from node.outputs
    yield from (p.tensor for p in graph.outputs)
