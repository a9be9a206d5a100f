"""The ONNX model as the importers see it: checked names, sorted nodes, attributes of known kinds."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, helper

from barecast.errors import ModelError, UnsupportedError, printable
from barecast.frontends.onnx import bodies, qoperators, reader
from barecast.frontends.onnx.damage import damaged

ATTRIBUTE_MAX = 2**31 - 1
"""Strides, pads, kernels and the like beyond this mean a damaged file."""


@dataclass(frozen=True, eq=False)
class ForeignNode:
    """One ONNX node. `index` is its place in the file; an absent input or output is None.

    captured: what graphs inside of the node read from around it. fused: see fusion.py; "" unless onnxruntime fuses the
    node with the quantisation around it.
    """

    index: int
    name: str
    op: str
    domain: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str | None, ...]
    attributes: Mapping[str, Any]
    proto: onnx.NodeProto = field(repr=False)
    schema: onnx.defs.OpSchema | None = None
    captured: tuple[str, ...] = ()
    fused: str = ""

    @property
    def source(self) -> str:
        """What everything calls the node: its name, or that of its first output if it has none."""
        return self.name or next((o for o in self.outputs if o), None) or f"{self.op}_{self.index}"

    @property
    def version(self) -> int:
        """The opset that last changed this operator's definition, among those the model may use."""
        return self.schema.since_version if self.schema else 0

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of all that must be known before the node can be imported."""
        return (*(name for name in self.inputs if name), *self.captured)

    def input(self, index: int) -> str | None:
        return self.inputs[index] if index < len(self.inputs) else None

    def __contains__(self, attribute: str) -> bool:
        return attribute in self.attributes

    def integer(self, name: str, default: int) -> int:
        return self._get(name, AttributeProto.INT, default)

    def number(self, name: str, default: float, finite: bool = True) -> float:
        value = self._get(name, AttributeProto.FLOAT, default)
        if finite and not math.isfinite(value):
            raise damaged(f"attribute {name} is {value}, it must be finite")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.integer(name, int(default))
        if value not in (0, 1):
            raise damaged(f"attribute {name} is {value}, it must be 0 or 1")
        return bool(value)

    def text(self, name: str, default: str) -> str:
        value = self._get(name, AttributeProto.STRING, default.encode())
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise damaged(f"attribute {name} is not UTF-8 text") from None

    def integers(self, name: str, default: Iterable[int]) -> tuple[int, ...]:
        return tuple(self._get(name, AttributeProto.INTS, tuple(default)))

    def numbers(self, name: str) -> np.ndarray:
        """A list of finite float32 numbers; empty if there is none."""
        values = np.array(self._get(name, AttributeProto.FLOATS, ()), np.float32)
        if not np.isfinite(values).all():
            raise damaged(f"attribute {name} has values that are not finite")
        return values

    def counts(self, name: str, length: int, default: int, least: int = 1) -> tuple[int, ...]:
        """A list of `length` integers, each at least `least`: strides, kernels, pads."""
        values = self.integers(name, (default,) * length)
        if len(values) != length:
            raise damaged(f"attribute {name} has {len(values)} values, it must have {length}")
        if any(v < least or v > ATTRIBUTE_MAX for v in values):
            raise damaged(f"attribute {name} is {list(values)}, each must be {least} to {ATTRIBUTE_MAX}")
        return values

    def _get(self, name: str, kind: int, default: Any) -> Any:
        if name not in self.attributes:
            return default
        attribute = self.attributes[name]
        if attribute.type != kind:
            raise damaged(f"attribute {name} is of kind {_kind(attribute.type)}, it must be {_kind(kind)}")
        return helper.get_attribute_value(attribute)


@dataclass(frozen=True)
class ForeignInput:
    """A model input. dims: None where the rank is unknown; an entry is an int, a symbol's name, or None."""

    name: str
    elem_type: int
    dims: tuple[int | str | None, ...] | None


@dataclass(frozen=True, eq=False)
class ForeignModel:
    """All of a model that the import looks at. `nodes` are in execution order, without those that no output needs.

    opsets: domain -> version; "" is that of the standard operators. proto: the file as a whole, its functions inlined.
    """

    name: str
    folder: Path
    opsets: Mapping[str, int]
    inputs: tuple[ForeignInput, ...]
    outputs: tuple[tuple[str, int], ...]
    constants: Mapping[str, onnx.TensorProto]
    nodes: tuple[ForeignNode, ...]
    proto: onnx.ModelProto = field(repr=False)

    @property
    def opset(self) -> int:
        """The version of the standard operators."""
        return self.opsets[""]


@dataclass(frozen=True, eq=False)
class Body:
    """A graph inside of a node, as `ForeignModel` has the model's own."""

    constants: Mapping[str, onnx.TensorProto]
    nodes: tuple[ForeignNode, ...]
    outputs: tuple[str, ...]


def load(path: Path) -> ForeignModel:
    """Parses the file and checks everything that needs no knowledge of single operators."""
    proto = reader.parse(path)
    graph, opsets = qoperators.expand(proto.graph), reader.opsets(proto)
    _refuse_sparse(graph)
    constants = _constants(graph)
    inputs = tuple(_input(value) for value in graph.input if value.name not in constants)
    outputs = tuple((_text(value.name, "an output"), _elem_type(value, "output")) for value in graph.output)
    if graph.input and not inputs:
        raise ModelError(
            f'every input of the model has a constant of its own name, "{printable(graph.input[0].name)}": '
            "nothing is left to be fed",
            remedy="take the initializer of the input that is to be fed out of the model",
        )
    for kind, names in (("input", [i.name for i in inputs]), ("output", [name for name, _ in outputs])):
        if not names:
            raise damaged(f"the model has no {kind}s")
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise damaged(f'two {kind}s are called "{printable(twice[0])}"')
    given = {*constants, *(i.name for i in inputs)}
    nodes = _sorted_nodes(graph, opsets, given, [name for name, _ in outputs])
    return ForeignModel(path.stem, path.parent, opsets, inputs, outputs, constants, nodes, proto)


def body(graph: onnx.GraphProto, opsets: Mapping[str, int]) -> Body:
    """A graph inside of a node: its names as they are, what it reads from around it unchecked."""
    _refuse_sparse(graph)
    constants = _constants(graph)
    outputs = tuple(_text(value.name, "an output") for value in graph.output)
    given = {*constants, *bodies.captured(graph), *(value.name for value in graph.input)}
    return Body(constants, _sorted_nodes(graph, opsets, given, outputs), outputs)


def _sorted_nodes(
    graph: onnx.GraphProto, opsets: Mapping[str, int], given: set[str], outputs: Iterable[str]
) -> tuple[ForeignNode, ...]:
    """The nodes that the outputs need, in execution order. given: what is there before the first of them."""
    nodes = [_node(i, node, opsets) for i, node in enumerate(graph.node)]
    return _needed(_ordered(nodes, given), given, outputs)


def _refuse_sparse(graph: onnx.GraphProto) -> None:
    if graph.sparse_initializer:
        raise UnsupportedError(
            "the model has sparse initializers, which are not supported", remedy="export it with dense weights"
        )


def _constants(graph: onnx.GraphProto) -> dict[str, onnx.TensorProto]:
    constants: dict[str, onnx.TensorProto] = {}
    for tensor in graph.initializer:
        name = _text(tensor.name, "an initializer")
        if name in constants:
            raise damaged(f'two initializers are called "{printable(name)}"')
        constants[name] = tensor
    return constants


def _text(value: Any, what: str) -> str:
    if isinstance(value, bytes):  # protobuf hands text that is not UTF-8 over as bytes
        raise damaged(f'the name of {what} is not UTF-8 text: "{printable(value)}"')
    if not value:
        raise damaged(f"{what} has no name")
    return value


def _maybe(value: Any, what: str) -> str:
    return _text(value, what) if value else ""


def _elem_type(value: onnx.ValueInfoProto, kind: str) -> int:
    which = value.type.WhichOneof("value")
    if which not in ("tensor_type", None):
        raise UnsupportedError(
            f'{kind} "{printable(value.name)}" is a {which.removesuffix("_type")}, only tensors are supported',
            remedy="export the model with tensors at its border",
        )
    return value.type.tensor_type.elem_type


def _input(value: onnx.ValueInfoProto) -> ForeignInput:
    name, tensor = _text(value.name, "an input"), value.type.tensor_type
    elem_type = _elem_type(value, "input")
    if not tensor.HasField("shape"):
        return ForeignInput(name, elem_type, None)
    dims: list[int | str | None] = []
    for dim in tensor.shape.dim:
        # 0 and -1 are how some exporters spell an unknown extent
        known = dim.HasField("dim_value") and dim.dim_value > 0
        dims.append(int(dim.dim_value) if known else _maybe(dim.dim_param, "a dimension") or None)
    return ForeignInput(name, elem_type, tuple(dims))


def _node(index: int, proto: onnx.NodeProto, opsets: Mapping[str, int]) -> ForeignNode:
    op = _text(proto.op_type, "an operator")
    domain = _maybe(proto.domain, "a domain")
    domain = "" if domain in reader.STANDARD else domain
    inputs = tuple(_maybe(n, "a tensor") or None for n in proto.input)
    outputs = tuple(_maybe(n, "a tensor") or None for n in proto.output)
    bare = ForeignNode(index, _maybe(proto.name, "a node"), op, domain, inputs, outputs, {}, proto)
    attributes: dict[str, AttributeProto] = {}
    for attribute in proto.attribute:
        name = _text(attribute.name, "an attribute")
        if name in attributes:
            raise damaged(f"attribute {printable(name)} is given twice", node=bare.source, operator=printable(op))
        attributes[name] = attribute
    try:
        schema = onnx.defs.get_schema(op, opsets.get(domain, 0), domain)
    except onnx.defs.SchemaError:
        schema = None
    captured = tuple(
        dict.fromkeys(name for graph in bodies.graphs(proto) for name in bodies.captured(graph))
    )
    return ForeignNode(index, bare.name, op, domain, inputs, outputs, attributes, proto, schema, captured)


def _ordered(nodes: list[ForeignNode], given: set[str]) -> list[ForeignNode]:
    """The nodes in execution order: the file's own wherever that is one."""
    producer: dict[str, int] = {}
    for node in nodes:
        for name in filter(None, node.outputs):
            if name in producer or name in given:
                raise damaged(
                    f'tensor "{printable(name)}" is produced twice', node=node.source, operator=printable(node.op)
                )
            producer[name] = node.index
    waiting: dict[int, int] = {}
    readers: dict[int, list[int]] = {}
    for node in nodes:
        before = set()
        for name in node.reads:
            if name in producer:
                before.add(producer[name])
            elif name not in given:
                raise damaged(
                    f'input "{printable(name)}" comes from nowhere', node=node.source, operator=printable(node.op)
                )
        waiting[node.index] = len(before)
        for index in before:
            readers.setdefault(index, []).append(node.index)
    ready = [index for index, count in waiting.items() if count == 0]
    ordered = []
    while ready:
        index = heapq.heappop(ready)
        ordered.append(nodes[index])
        for other in readers.get(index, ()):
            waiting[other] -= 1
            if waiting[other] == 0:
                heapq.heappush(ready, other)
    if len(ordered) != len(nodes):
        stuck = next(node for node in nodes if waiting[node.index] > 0)
        raise damaged(
            "the graph has a cycle: the node needs its own result", node=stuck.source, operator=printable(stuck.op)
        )
    return ordered


def _needed(nodes: list[ForeignNode], given: set[str], outputs: Iterable[str]) -> tuple[ForeignNode, ...]:
    """The nodes that the outputs depend on."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(filter(None, node.outputs)):
            kept.append(node)
            wanted.update(node.reads)
    produced = {name for node in nodes for name in node.outputs}
    if absent := [name for name in outputs if name not in produced and name not in given]:
        raise damaged(f'output "{printable(absent[0])}" comes from nowhere')
    return tuple(reversed(kept))


def _kind(kind: int) -> str:
    try:
        return AttributeProto.AttributeType.Name(kind).lower()
    except ValueError:
        return str(kind)
