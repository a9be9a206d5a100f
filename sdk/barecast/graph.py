"""The graph: what a model computes, with no word of C in it.

Every value is frozen; a pass builds a new Graph. Tensors are named by strings that are
unique in the graph (SSA: one producer each); the names that the model's author chose
survive only in `Graph.inputs/outputs` (as `Port.name`) and in `Node.source`.

Layout is channels-last everywhere: images are [N, H, W, C], sequences [N, 1, W, C],
convolution weights [O, H, W, I]. A frontend whose format differs imports an operator
between `transpose` nodes; passes remove them.

Quantisation is part of a tensor's type: real = scale * (q - zero_point).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from barecast.errors import BarecastError

RANK_MAX = 32
"""Axes that a tensor of a model may have. numpy has at most 64, and passes add some."""

SCALE_MAX = 2.0**96
"""Scales are smaller: what integers of 32 bits stand for is then a float32."""


class DType(enum.Enum):
    """Element types. The value is the name used in C symbols and in graph text."""

    F32 = "f32"
    F16 = "f16"
    S8 = "s8"
    U8 = "u8"
    S16 = "s16"
    S32 = "s32"
    S64 = "s64"
    BOOL = "bool"

    @property
    def numpy(self) -> np.dtype:
        return _NUMPY[self]

    @property
    def bytes(self) -> int:
        return _NUMPY[self].itemsize

    @property
    def c(self) -> str:
        """The C99 type."""
        return _C[self]

    @property
    def is_float(self) -> bool:
        return self in (DType.F32, DType.F16)

    @property
    def limits(self) -> tuple[int, int]:
        """Smallest and largest value of an integer type."""
        info = np.iinfo(_NUMPY[self])
        return int(info.min), int(info.max)

    @classmethod
    def of(cls, dtype: Any) -> DType:
        """The DType of a numpy dtype; KeyError if there is none."""
        return _FROM_NUMPY[np.dtype(dtype)]


_NUMPY = {
    DType.F32: np.dtype(np.float32),
    DType.F16: np.dtype(np.float16),
    DType.S8: np.dtype(np.int8),
    DType.U8: np.dtype(np.uint8),
    DType.S16: np.dtype(np.int16),
    DType.S32: np.dtype(np.int32),
    DType.S64: np.dtype(np.int64),
    DType.BOOL: np.dtype(np.bool_),
}
_C = {
    DType.F32: "float",
    DType.F16: "uint16_t",
    DType.S8: "int8_t",
    DType.U8: "uint8_t",
    DType.S16: "int16_t",
    DType.S32: "int32_t",
    DType.S64: "int64_t",
    DType.BOOL: "uint8_t",
}
_FROM_NUMPY = {v: k for k, v in _NUMPY.items()}


class Rule(enum.Enum):
    """The integer arithmetic that the model's format prescribes (docs/numerics.md)."""

    ONNX = "onnx"
    TFLITE = "tflite"
    TFLITE_SINGLE = "tflite-single"

    @property
    def is_tflite(self) -> bool:
        return self is not Rule.ONNX


@dataclass(frozen=True)
class Quant:
    """Affine quantisation: real = scale * (q - zero_point).

    scale: float32 values (held as Python floats), positive and finite.
    zero_point: within the dtype's range. Both have one entry (per tensor, axis None)
    or as many as the tensor's extent along `axis` (per channel).
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int | None = None

    @property
    def per_tensor(self) -> bool:
        return len(self.scale) == 1

    def scale_array(self, rank: int) -> np.ndarray:
        """Scales as float32, shaped to broadcast over a tensor of `rank` axes."""
        return self._shaped(np.array(self.scale, np.float32), rank)

    def zero_array(self, rank: int) -> np.ndarray:
        """Zero points as int32, shaped to broadcast over a tensor of `rank` axes."""
        return self._shaped(np.array(self.zero_point, np.int32), rank)

    def _shaped(self, values: np.ndarray, rank: int) -> np.ndarray:
        if self.axis is None:
            return values.reshape(())
        shape = [1] * rank
        shape[self.axis] = len(values)
        return values.reshape(shape)


@dataclass(frozen=True)
class TensorType:
    """Element type, static shape (every extent >= 0, rank 0 for a scalar) and quantisation (None: plain numbers)."""

    dtype: DType
    shape: tuple[int, ...]
    quant: Quant | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.size * self.dtype.bytes

    def with_shape(self, shape: Iterable[int]) -> TensorType:
        return TensorType(self.dtype, tuple(int(d) for d in shape), self.quant)


@dataclass(frozen=True, eq=False)
class Tensor:
    """A value in the graph; `data` is set for constants (a read-only array of the type's dtype and shape)."""

    name: str
    type: TensorType
    data: np.ndarray | None = None

    def __post_init__(self):
        if self.data is not None and self.data.flags.writeable:
            frozen = self.data.view()
            frozen.flags.writeable = False
            object.__setattr__(self, "data", frozen)

    @property
    def is_constant(self) -> bool:
        return self.data is not None


@dataclass(frozen=True)
class Port:
    """One input or output of the model: the name its author gave, and the tensor behind it.

    turned: the permutation that leads from the author's axes to the tensor's, where the user asked for another
        layout; empty where there is none.
    exposed: whether the author's port has the real numbers that the tensor's integers stand for, and the user asked
        for the integers.
    """

    name: str
    tensor: str
    turned: tuple[int, ...] = ()
    exposed: bool = False


@dataclass(frozen=True, eq=False)
class State:
    """What the model keeps from one run to the next: memory that belongs to an instance of the model.

    before: the tensor that holds the value when a run starts; no node computes it. after: the tensor whose value is
    kept when the run ends; `before` again if no run changes it. Both have one type. initial: the value after a reset
    (a read-only array of the type's dtype and shape). name: the author's.
    """

    name: str
    before: str
    after: str
    initial: np.ndarray

    def __post_init__(self):
        if self.initial.flags.writeable:
            frozen = self.initial.view()
            frozen.flags.writeable = False
            object.__setattr__(self, "initial", frozen)


@dataclass(frozen=True)
class Node:
    """One operator. `op` names a module of barecast.ops, `attrs` is that module's attribute dataclass.

    An absent optional input is None. `source` lists the foreign nodes this one stands for.
    """

    op: str
    attrs: Any
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    source: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Graph:
    """A model. `nodes` are in execution order; `tensors` holds every tensor that ports, states and nodes name."""

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    tensors: Mapping[str, Tensor]
    nodes: tuple[Node, ...]
    rule: Rule = Rule.ONNX
    states: tuple[State, ...] = ()

    def __post_init__(self):
        if not isinstance(self.tensors, MappingProxyType):
            object.__setattr__(self, "tensors", MappingProxyType(dict(self.tensors)))

    def type(self, name: str) -> TensorType:
        return self.tensors[name].type

    @cached_property
    def producers(self) -> Mapping[str, Node]:
        """Tensor name -> the node that computes it (absent for inputs, states and constants)."""
        return MappingProxyType({out: node for node in self.nodes for out in node.outputs})

    @cached_property
    def consumers(self) -> Mapping[str, tuple[Node, ...]]:
        """Tensor name -> the nodes that read it, in order (a model output or a state counts for nothing here)."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(n for n in node.inputs if n is not None):
                found.setdefault(name, []).append(node)
        return MappingProxyType({k: tuple(v) for k, v in found.items()})

    @cached_property
    def output_tensors(self) -> frozenset[str]:
        """What must be there when a run ends: the outputs' tensors, and the states' next values."""
        return frozenset((*(port.tensor for port in self.outputs), *(state.after for state in self.states)))


@dataclass(frozen=True, eq=False)
class Imported:
    """What a frontend makes of a file, which may fail in part.

    problems: why nodes, inputs or outputs cannot be imported, in the model's order; none in a good model.
    graph: the model. With problems it is what is left of it, for finding more of them and nothing else: what a
        node that could not be imported computes is an input there, as far as its type is known, and what it reads
        is an output. None if nothing is left.
    """

    graph: Graph | None
    problems: tuple[BarecastError, ...] = ()


@dataclass(frozen=True)
class Call:
    """One node with everything that its operator's functions may look at."""

    node: Node
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    rule: Rule = Rule.ONNX

    @property
    def attrs(self) -> Any:
        return self.node.attrs


def call_of(graph: Graph, node: Node) -> Call:
    return Call(
        node,
        tuple(None if n is None else graph.tensors[n] for n in node.inputs),
        tuple(graph.tensors[n] for n in node.outputs),
        graph.rule,
    )


@dataclass
class GraphBuilder:
    """Collects nodes and tensors, then `build()`s a Graph: how frontends and passes make one.

    `fresh` gives a new tensor name that starts with `hint`.
    """

    name: str
    rule: Rule = Rule.ONNX
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    _serial: dict[str, int] = field(default_factory=dict)

    @classmethod
    def like(cls, graph: Graph) -> GraphBuilder:
        """A builder with the graph's ports, states and tensors, and no nodes yet."""
        return cls(
            graph.name,
            graph.rule,
            list(graph.inputs),
            list(graph.outputs),
            dict(graph.tensors),
            states=list(graph.states),
        )

    def fresh(self, hint: str) -> str:
        name = hint
        while name in self.tensors:
            self._serial[hint] = self._serial.get(hint, 0) + 1
            name = f"{hint}.{self._serial[hint]}"
        return name

    def tensor(self, hint: str, type: TensorType, data: np.ndarray | None = None) -> str:
        """Adds a tensor under a fresh name and returns the name."""
        name = self.fresh(hint)
        self.tensors[name] = Tensor(name, type, data)
        return name

    def constant(self, hint: str, data: np.ndarray, quant: Quant | None = None) -> str:
        data = np.asarray(data)
        return self.tensor(hint, TensorType(DType.of(data.dtype), data.shape, quant), data)

    def add(
        self, op: str, attrs: Any, inputs: Iterable[str | None], outputs: Iterable[str], source: Iterable[str] = ()
    ) -> Node:
        node = Node(op, attrs, tuple(inputs), tuple(outputs), tuple(source))
        self.nodes.append(node)
        return node

    def build(self) -> Graph:
        """The Graph, with the tensors that nothing names dropped."""
        used = {p.tensor for p in (*self.inputs, *self.outputs)}
        used.update(name for state in self.states for name in (state.before, state.after))
        for node in self.nodes:
            used.update(n for n in (*node.inputs, *node.outputs) if n is not None)
        tensors = {name: t for name, t in self.tensors.items() if name in used}
        return Graph(
            self.name,
            tuple(self.inputs),
            tuple(self.outputs),
            tensors,
            tuple(self.nodes),
            self.rule,
            tuple(self.states),
        )
