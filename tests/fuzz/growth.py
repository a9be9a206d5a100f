"""Random graphs of all kinds of operators, as they grow: onnxruntime runs each node as it is drawn, and one that it
refuses, or whose result is not finite or follows from the last bits of its inputs, is drawn again. So no shapes are
computed here, and what is compared later is defined. Half of the graphs compute between QuantizeLinear and
DequantizeLinear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
from onnx import helper, numpy_helper

from tests.fuzz import agreement, graph_nodes

OPSET = 18
NODES = 40
"""Nodes of a graph: several small graphs beside each other, as most read tensors near the inputs."""

SHAPES = ((1, 4, 6, 6), (1, 4, 6, 6), (1, 6, 12), (4, 6), (1, 2, 5, 7), (3, 4, 6))
LARGEST, ELEMENTS = 1e3, 3000
NOISE, SHIFT = 1e-5, 1e-4
"""A change of the inputs, and by how much of the largest element the result may move then."""


class Untaken(Exception):
    """A node that onnxruntime refuses or whose result is of no use, where others were to follow it."""


class Growth:
    """A graph with the values of its tensors for one input, and those for an input with a little noise."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng((seed, 6))
        self.quantised = bool(seed % 2)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}
        self.values: dict[str, np.ndarray] = {}
        self.shaken: dict[str, np.ndarray] = {}
        self.inputs: dict[str, np.ndarray] = {}
        self.read: set[str] = set()
        self.offline: set[str] = set()
        """Tensors that depend on shapes and constants alone."""
        for index in range(4):
            name, shape = f"in{index}", SHAPES[int(self.rng.integers(len(SHAPES)))]
            value = self.rng.normal(0, 1.5, shape).astype(np.float32)
            self.inputs[name] = self.values[name] = value
            self.shaken[name] = value * (1 + self.rng.normal(0, NOISE, shape)).astype(np.float32)
            if self.quantised:
                self.dequantised(name)
        while len(self.nodes) < NODES:
            graph_nodes.grow(self)

    def tensor(self) -> str:
        """The name of a tensor of floats that a node may read: early ones more often."""
        floats = [n for n, v in self.values.items() if v.dtype == np.float32 and v.ndim and n not in self.offline]
        names = [n for n in floats if n[-1] == "r" or not self.quantised]
        return names[int(len(names) * self.rng.random() ** 1.5)]

    def drawn(self, maker: Callable[[Growth, str], list[str]]) -> list[str]:
        """What a kind of node (graph_nodes.py) adds behind some tensor; nothing of it stays if it gives nothing."""
        nodes, held = len(self.nodes), (self.values, self.shaken, self.constants)
        before, read = [set(kept) for kept in held], set(self.read)
        try:
            found = maker(self, self.tensor())
        except Untaken:
            found = []
        if not found:
            del self.nodes[nodes:]
            self.read = read
            for kept, names in zip(held, before, strict=True):
                for name in kept.keys() - names:
                    del kept[name]
        return found

    def must(self, *args, **attributes) -> list[str]:
        """As `add`; Untaken if the node is not taken."""
        if not (found := self.add(*args, **attributes)):
            raise Untaken
        return found

    def add(self, op: str, inputs: list[str | np.ndarray], count: int = 1, domain: str = "", **attributes) -> list[str]:
        """The names of the results; [] if the node is not taken. Arrays become constants."""
        stem = f"t{len(self.nodes)}"
        fixed = {f"{stem}_c{i}": x for i, x in enumerate(inputs) if not isinstance(x, str)}
        names = [x if isinstance(x, str) else f"{stem}_c{i}" for i, x in enumerate(inputs)]
        node = helper.make_node(op, names, [f"{stem}_{i}" for i in range(count)], stem, domain=domain, **attributes)
        found = [_alone(node, {**values, **fixed}) for values in (self.values, self.shaken)]
        if not (found[0] and found[1] and all(map(_steady, *found))):
            return []
        self.nodes.append(node)
        self.constants.update(fixed)
        self.read |= {n for n in names if n}
        if op == "Shape" or self.offline.union(fixed).issuperset(names):
            self.offline.update(node.output)
        for name, value, other in zip(node.output, *found, strict=True):
            self.values[name], self.shaken[name] = value, other
        return list(node.output)

    def dequantised(self, name: str) -> None:
        """QuantizeLinear and DequantizeLinear behind a tensor. What follows is a new start: the noise ends here."""
        self.shaken[name] = self.values[name]
        value, signed = self.values[name], bool(self.rng.random() < 0.5)
        low, high = min(0.0, float(value.min())), max(0.01, float(value.max()))
        scale = np.float32((high - low) / 255)
        zero = int(np.rint(-low / scale))
        point = np.int8(zero - 128) if signed else np.uint8(zero)
        stem = f"q{len(self.nodes)}"
        self.constants.update({f"{stem}_s": np.asarray(scale), f"{stem}_z": np.asarray(point)})
        self._converted("QuantizeLinear", name, stem, stem)
        self._converted("DequantizeLinear", stem, f"{stem}_r", stem)

    def as_floats(self, name: str, scale: np.ndarray, zero: np.ndarray) -> str:
        """Bytes that an operator has computed, behind a DequantizeLinear."""
        self.constants.update({f"{name}_s": np.asarray(scale), f"{name}_z": np.asarray(zero)})
        return self._converted("DequantizeLinear", name, f"{name}_r", name)

    def _converted(self, op: str, before: str, after: str, stem: str) -> str:
        node = helper.make_node(op, [before, f"{stem}_s", f"{stem}_z"], [after], f"{after}_n")
        self.values[after] = self.shaken[after] = _alone(node, {**self.values, **self.constants})[0]
        self.nodes.append(node)
        self.read.add(before)
        return after

    def add_weighted(self, op: str, x: str, weights: np.ndarray, bias: np.ndarray | None, axis: int | None,
                     **attributes) -> list[str]:  # fmt: skip
        """As `add`; in a quantised graph most weights are stored as int8, with one scale or with one along `axis`, and
        the bias as int32, as quantisers write them."""
        floats = [weights] if bias is None else [weights, bias]
        if not self.quantised or self.rng.random() < 0.2:
            return self.add(op, [x, *floats], **attributes)
        others = tuple(i for i in range(weights.ndim) if i != axis)
        scales = np.maximum(np.abs(weights).max(others if axis is not None else None), 0.01).astype(np.float32) / 127
        along = scales if axis is None else np.expand_dims(scales, others)
        stored = [self._stored("w", np.rint(weights / along).astype(np.int8), scales, axis)]
        if bias is not None:
            steps = scales * self.constants[f"{x.removesuffix('_r')}_s"]
            stored.append(self._stored("b", np.rint(bias / steps).astype(np.int32), steps, None if axis is None else 0))
        return self.add(op, [x, *stored], **attributes)

    def _stored(self, kind: str, value: np.ndarray, scale: np.ndarray, axis: int | None) -> str:
        """The name of a constant behind a DequantizeLinear."""
        stem = f"d{len(self.nodes)}{kind}"
        constants = {f"{stem}_c": value, f"{stem}_s": np.asarray(scale)}
        along = {} if axis is None else {"axis": axis}
        node = helper.make_node("DequantizeLinear", [*constants], [f"{stem}_f"], f"{stem}_n", **along)
        self.values[f"{stem}_f"] = self.shaken[f"{stem}_f"] = _alone(node, constants)[0]
        self.nodes.append(node)
        self.constants.update(constants)
        return f"{stem}_f"

    def model(self) -> onnx.ModelProto:
        outputs = [n for n in self.values if n not in self.read and n not in self.inputs]
        return _model(self.nodes, {n: self.values[n] for n in self.inputs if n in self.read}, outputs, self.values,
                      self.constants)  # fmt: skip


def _port(name: str, value: np.ndarray) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


def _model(nodes, inputs, outputs, values, constants) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes, "random", [_port(n, v) for n, v in inputs.items()], [_port(n, values[n]) for n in outputs],
        [numpy_helper.from_array(np.asarray(c), n) for n, c in constants.items()],
    )  # fmt: skip
    sets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=sets, ir_version=9)


def _alone(node: onnx.NodeProto, values: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The results of one node in onnxruntime; none where it refuses the node."""
    given = {n: values[n] for n in node.input if n}
    graph = helper.make_graph([node], "one", [], [helper.make_empty_tensor_value_info(n) for n in node.output],
                              [numpy_helper.from_array(np.asarray(v), n) for n, v in given.items()])  # fmt: skip
    sets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    try:
        return agreement.session(helper.make_model(graph, opset_imports=sets, ir_version=9), False).run(None, {})
    except Exception:  # its exceptions have no class in common
        return []


def _steady(value: np.ndarray, other: np.ndarray) -> bool:
    if value.shape != other.shape or not 0 < value.size <= ELEMENTS or value.ndim > 5:
        return False
    if value.dtype != np.float32:
        return bool(np.array_equal(value, other))
    largest = float(np.abs(value).max())
    return bool(np.isfinite(value).all() and largest < LARGEST and np.abs(value - other).max() <= SHIFT * largest)
