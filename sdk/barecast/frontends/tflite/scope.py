"""What an importer works with: the file's tensors by index on one side, the Graph that grows on the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from barecast import ops
from barecast.check.graph import type_problem
from barecast.errors import BarecastError, ModelError, UnsupportedError, printable, refusal
from barecast.frontends.tflite.evaluation import KNOWN_MAX, Budget
from barecast.frontends.tflite.foreign import (
    ELEMENTS_MAX,
    ForeignGraph,
    ForeignModel,
    ForeignOperator,
    ForeignTensor,
)
from barecast.frontends.tflite.variables import EXPORT_AGAIN, Key, Variables
from barecast.graph import DType, GraphBuilder, Quant, TensorType
from barecast.ops.reshape import Reshape

ONE_TYPE = frozenset(
    ("binary", "conv2d", "dense", "dwconv2d", "matmul", "pool2d", "reduce", "softmax", "transpose_conv2d", "unary")
)
"""Operators whose first input and output have one element type, but for TO_16_BITS."""

TO_16_BITS = ("softmax", DType.S8, DType.S16)

Given = str | np.ndarray | Key
"""A value for a called graph: a tensor of the graph, a constant, or a variable's key."""

Importer = Callable[["Scope"], list[BarecastError]]
"""Imports all operators of a scope's graph, and returns what is wrong with them."""


CALLS_DEEPEST = 64
"""Subgraphs that call one another; each is a call of this importer by itself."""


class Scope:
    """One graph of the file on its way into one builder. `operator` is the one that is being imported.

    Tensors of the graph are called t<index>, with a suffix inside of an operator that becomes several nodes.
    parent: the scope whose operator calls this graph.
    """

    def __init__(
        self,
        builder: GraphBuilder,
        model: ForeignModel,
        import_operators: Importer,
        graph: ForeignGraph | None = None,
        parent: Scope | None = None,
    ):
        self.builder, self.model, self.parent = builder, model, parent
        self.graph = model.main if graph is None else graph
        here = parent is not None and parent.builder is builder
        self.variables: Variables = parent.variables if here else Variables(builder)
        self.budget: Budget = parent.budget if here else Budget()
        self.operator: ForeignOperator | None = None
        self._import_operators = import_operators
        self._resources: dict[int, Key] = {}
        self._tensors: dict[int, str] = {}
        self._arrays: dict[int, np.ndarray] = {}

    # the file's tensors

    def bind(self, index: int, tensor: str | np.ndarray) -> None:
        """From now on the file's tensor is this one of the graph, or this constant."""
        if isinstance(tensor, str):
            self._tensors[index] = tensor
        else:
            self._arrays[index] = tensor

    def knows(self, index: int) -> bool:
        if index in self._tensors or index in self._resources or self.graph.tensors[index].is_variable:
            return True
        return self.array(index) is not None

    def is_computed(self, index: int) -> bool:
        """Whether the file's tensor is one that the graph has and that its inputs decide."""
        return index in self._tensors and self.data(self._tensors[index]) is None

    def foreign(self, place: int) -> ForeignTensor | None:
        """The file's tensor at an input's place; None if it is absent."""
        index = self.operator.input(place)
        return None if index is None else self.graph.tensors[index]

    def output(self, place: int = 0) -> ForeignTensor:
        return self.graph.tensors[self.operator.outputs[place]]

    def array(self, index: int) -> np.ndarray | None:
        """The value of a constant; None for anything else. An empty tensor is one."""
        if index in self._arrays:
            return self._arrays[index]
        tensor = self.graph.tensors[index]
        if tensor.data is None and tensor.dtype is not None and 0 in tensor.shape and index not in self._tensors:
            return np.zeros(tensor.shape, tensor.dtype.numpy)
        return tensor.data

    def constant(self, place: int, what: str) -> np.ndarray:
        """The constant at an input's place, or what constants alone decide; UnsupportedError for anything else."""
        tensor = self.foreign(place)
        if tensor is None:
            raise ModelError(f"{what} is missing", remedy="export the model again")
        value = self.array(tensor.index)
        if value is None and tensor.index in self._tensors:
            value = self.known(self._tensors[tensor.index])
            if value is not None:  # whoever reads it from now on finds a constant
                del self._tensors[tensor.index]
                self.bind(tensor.index, value)
        if value is None:
            raise UnsupportedError(
                f"{what} is computed at run time, it must be a constant",
                remedy="export the model with static shapes and constant parameters",
            )
        return value

    def integers(self, place: int, what: str) -> tuple[int, ...]:
        """A constant vector (or scalar) of integers."""
        value = self.constant(place, what)
        if value.dtype.kind not in "iu":
            raise ModelError(f"{what} is no integer", remedy="export the model again")
        return tuple(int(v) for v in value.reshape(-1))

    def tensor(self, place: int, *allowed: DType) -> str:
        """The graph's tensor for an input, of one of the element types."""
        foreign = self.foreign(place)
        if foreign is None:
            raise ModelError(f"input {place} is missing", remedy="export the model again")
        self.check_type(foreign, allowed)
        if foreign.is_variable and foreign.index not in self._tensors:
            return self.variable(place)
        if foreign.index not in self._tensors:
            self._tensors[foreign.index] = self.builder.constant(
                f"t{foreign.index}", self.array(foreign.index), foreign.quant
            )
        return self._tensors[foreign.index]

    def check_type(self, foreign: ForeignTensor, allowed: tuple[DType, ...]) -> None:
        if foreign.is_sparse:
            raise UnsupportedError("reads a sparse tensor", remedy="convert the model without sparsity")
        if foreign.dtype not in allowed:
            spelt = " or ".join(d.numpy.name for d in allowed)
            if DType.S8 in allowed:
                remedy = "convert the model with full int8 quantisation"
                remedy += ", or in float32" if DType.F32 in allowed else ""
            else:
                remedy = "leave it in float32" if DType.F32 in allowed else "convert the model again"
            old = ": uint8 is what converters before 2020 made" if foreign.dtype is DType.U8 else ""
            raise UnsupportedError(
                f'works on {foreign.type_name} here ("{printable(foreign.name)}"); only {spelt} is supported',
                remedy=remedy + old,
            )
        if foreign.dtype in (DType.S8, DType.U8, DType.S16) and foreign.quant is None:
            raise ModelError(f'"{printable(foreign.name)}" has no scale', remedy="quantise the model completely")

    def check_symmetric(self) -> None:
        """The operator's int16 tensors have the zero point 0: the 16x8 scheme knows no other, nor do its kernels."""
        for index in (*self.operator.inputs, *self.operator.outputs):
            foreign = None if index is None else self.graph.tensors[index]
            if foreign is None or foreign.dtype is not DType.S16 or foreign.quant is None:
                continue
            if any(foreign.quant.zero_point):
                raise UnsupportedError(
                    f'"{printable(foreign.name)}" is int16 with the zero point {foreign.quant.zero_point[0]}',
                    remedy="quantise int16 activations symmetrically, as TensorFlow Lite's converter does",
                )

    def options(self, table: str, required: bool = False) -> Any:
        """The operator's options, which are of that table of the schema; None if it has none, and all are defaults."""
        options = self.operator.options
        if (options is None and required) or type(options).__name__ not in ("NoneType", table):
            raise ModelError(f"its options are no {table}", remedy="export the model again")
        return options

    # variables

    def bind_resource(self, index: int, key: Key) -> None:
        """From now on the file's tensor names this variable."""
        self._resources[index] = key

    def resource(self, index: int) -> Key | None:
        """The variable that a tensor of the file names; None if it names none."""
        return self._resources.get(index)

    def variable(self, place: int, type: TensorType | None = None) -> str:
        """The graph's tensor with the present value of the variable at an input's place.

        type: of a resource that nothing has used before; a variable tensor has its own.
        """
        key, name = self._variable(place)
        foreign = self.foreign(place)
        return self.variables.read(key, name, self.model_type(foreign.index) if foreign.is_variable else type)

    def assign(self, place: int, tensor: str) -> None:
        """From now on the variable at an input's place has the value of this tensor of the graph."""
        key, name = self._variable(place)
        foreign, have = self.foreign(place), self.type(tensor)
        wanted = self.model_type(foreign.index) if foreign.is_variable else self.variables.type(key)
        if wanted is not None and wanted != have:
            if (wanted.dtype, wanted.size) != (have.dtype, have.size):
                raise ModelError(
                    f'variable "{printable(name)}" holds {wanted.dtype.numpy} {list(wanted.shape)}, '
                    f"and is given {have.dtype.numpy} {list(have.shape)}",
                    remedy=EXPORT_AGAIN,
                )
            viewed = self.builder.tensor(tensor, wanted)
            self.builder.add("reshape", Reshape(wanted.shape), (tensor,), (viewed,), (self.operator.shown,))
            tensor = viewed
        self.variables.assign(key, name, tensor)

    def _variable(self, place: int) -> tuple[Key, str]:
        """(key, name) of the variable at an input's place."""
        foreign = self.foreign(place)
        if foreign is None:
            raise ModelError(f"input {place} is missing", remedy=EXPORT_AGAIN)
        if foreign.is_variable:
            return self._tensor_key(foreign.index), foreign.name
        key = self.resource(foreign.index)
        if key is None:
            raise ModelError(f'"{printable(foreign.name)}" is no variable', remedy=EXPORT_AGAIN)
        return ("resource", *key), "/".join(part for part in key if part) or "variable"

    def _tensor_key(self, index: int) -> Key:
        return "tensor", str(self.graph.index), str(index)

    # other graphs of the file

    def subgraph(self, index: int) -> ForeignGraph:
        """A graph that the operator calls; ModelError if there is none, or if it would call itself."""
        if not 0 < index < len(self.model.graphs):
            raise ModelError(f"calls subgraph {index} of {len(self.model.graphs)}", remedy=EXPORT_AGAIN)
        caller: Scope | None = self
        depth = 1
        while caller is not None:
            if caller.graph.index == index:
                raise ModelError(f"subgraph {index} calls itself", remedy="export the model without recursion")
            caller, depth = caller.parent, depth + 1
        if depth > CALLS_DEEPEST:
            raise UnsupportedError(f"is called through {depth} subgraphs", remedy="export the model with fewer calls in calls")
        return self.model.graphs[index]

    def inlined(self, graph: ForeignGraph, given: Sequence[Given]) -> list[Given]:
        """The called graph's nodes, put here with these values of its inputs; returns the values of its outputs."""
        if len(given) != len(graph.inputs):
            raise ModelError(f"gives {len(given)} values to {len(graph.inputs)} inputs", remedy=EXPORT_AGAIN)
        self.budget.spend(len(graph.operators))
        inner = Scope(self.builder, self.model, self._import_operators, graph, self)
        for index, value in zip(graph.inputs, given, strict=True):
            inner._take(index, value)
        if problems := self._import_operators(inner):
            raise refusal(problems)
        return [inner._given(index) for index in graph.outputs]

    def given(self, place: int) -> Given:
        """What is at an input's place, for a graph that is called."""
        foreign = self.foreign(place)
        if foreign is None:
            raise ModelError(f"input {place} is missing", remedy=EXPORT_AGAIN)
        return self._given(foreign.index)

    def _given(self, index: int) -> Given:
        if (key := self.resource(index)) is not None:
            return key
        value = self.array(index)
        return self.graph_tensor(index) if value is None else value

    def _take(self, index: int, value: Given) -> None:
        """Binds an input of a called graph."""
        foreign = self.graph.tensors[index]
        if isinstance(value, tuple):
            self.bind_resource(index, value)
            return
        if isinstance(value, str) and (known := self.known(value)) is not None and known.size <= KNOWN_MAX:
            value = known
        have = DType.of(value.dtype) if isinstance(value, np.ndarray) else self.type(value).dtype
        size = value.size if isinstance(value, np.ndarray) else self.type(value).size
        wanted = math.prod(foreign.shape)
        if foreign.dtype is not have or size != wanted or foreign.index in self._tensors or foreign.data is not None:
            raise ModelError(
                f'"{printable(foreign.name)}" is {foreign.type_name} {list(foreign.shape)}, and is given {size} of '
                f"{have.numpy}",
                remedy="export the model with static shapes",
            )
        if isinstance(value, np.ndarray):
            self.bind(index, value.reshape(foreign.shape))
            return
        type = self.model_type(index)
        if self.type(value) != type:
            viewed = self.builder.tensor(value, type)
            self.builder.add("reshape", Reshape(type.shape), (value,), (viewed,))
            value = viewed
        self.bind(index, value)

    def known(self, tensor: str) -> np.ndarray | None:
        """The value of a tensor of the graph that depends on constants only; None for any other."""
        return self.budget.known(self.builder, tensor)

    def called(self, graph: ForeignGraph) -> Scope:
        """The called graph, imported on its own."""
        inner = Scope(GraphBuilder(self.builder.name, self.builder.rule), self.model, self._import_operators, graph, self)
        if problems := self._import_operators(inner):
            raise refusal(problems)
        return inner

    # the graph

    def graph_tensor(self, index: int) -> str:
        """The graph's tensor of a file's tensor that is computed at run time, or is a variable."""
        foreign = self.graph.tensors[index]
        if index not in self._tensors and foreign.is_variable:
            return self.variables.read(self._tensor_key(index), foreign.name, self.model_type(index))
        return self._tensors[index]

    def model_type(self, index: int) -> TensorType:
        """The type that the file states for a tensor."""
        foreign = self.graph.tensors[index]
        return TensorType(foreign.dtype, foreign.shape, foreign.quant)

    def type(self, tensor: str) -> TensorType:
        return self.builder.tensors[tensor].type

    def data(self, tensor: str) -> np.ndarray | None:
        return self.builder.tensors[tensor].data

    def output_type(self, place: int = 0) -> TensorType:
        """The type that the file states for an output."""
        foreign = self.output(place)
        if foreign.dtype is None:
            raise UnsupportedError(f"gives {foreign.type_name}, which is not supported", remedy="use int8 or float32")
        return TensorType(foreign.dtype, foreign.shape, foreign.quant)

    def add(self, op: str, attrs: Any, inputs: Iterable[str | None], dtype: DType, quant: Quant | None) -> str:
        """A node with one output, whose name is returned; its shape is inferred."""
        inputs = tuple(inputs)
        (shape,) = ops.get(op).infer(attrs, tuple(None if n is None else self.type(n) for n in inputs))
        made = TensorType(dtype, tuple(int(d) for d in shape), quant)
        if not 0 < made.size <= ELEMENTS_MAX:
            raise UnsupportedError(f"its result {list(made.shape)} is empty or too large", remedy="use other extents")
        problem = type_problem(op, tuple(None if n is None else self.type(n) for n in inputs), (made,))
        if problem is not None:
            raise ModelError(f"its types do not fit each other: {problem}", remedy="convert the model again")
        final = made == self.output_type()
        output = self.builder.tensor(f"t{self.operator.outputs[0]}" + ("" if final else f"/{op}"), made)
        self.builder.add(op, attrs, inputs, (output,), (self.operator.shown,))
        return output

    def finish(self, op: str, attrs: Any, inputs: Iterable[str | None]) -> str:
        """The node that computes the operator's output, with the type that the file states (any view included)."""
        wanted, inputs = self.output_type(), tuple(inputs)
        before = self.type(inputs[0]).dtype
        if op in ONE_TYPE and wanted.dtype is not before and (op, before, wanted.dtype) != TO_16_BITS:
            raise ModelError(
                f"its input is {before.numpy.name} and its output {wanted.dtype.numpy.name}; they must be of one type",
                remedy="export the model again",
            )
        return self.viewed(self.add(op, attrs, inputs, wanted.dtype, wanted.quant), wanted)

    def move(self, op: str, attrs: Any, inputs: Iterable[str]) -> str:
        """`finish` for an operator that only moves bytes: TFLM never looks at their quantisation."""
        wanted = self.output_type()
        given = [self.requoted(name, wanted.quant) for name in inputs]
        return self.viewed(self.add(op, attrs, given, wanted.dtype, wanted.quant), wanted)

    def viewed(self, tensor: str, wanted: TensorType) -> str:
        """The same bytes under the file's shape and quantisation."""
        have = self.type(tensor)
        if have == wanted:
            return tensor
        if have.size != wanted.size or have.dtype is not wanted.dtype:
            raise ModelError(
                f"its output is {wanted.dtype.value} {list(wanted.shape)} in the file, "
                f"and {have.dtype.value} {list(have.shape)} by its inputs",
                remedy="export the model again; TFLM would run it beyond its buffers",
            )
        output = self.builder.tensor(f"t{self.operator.outputs[0]}", wanted)
        self.builder.add("reshape", Reshape(wanted.shape), (tensor,), (output,), (self.operator.shown,))
        return output

    def shaped(self, tensor: str, shape: tuple[int, ...]) -> str:
        """The same elements under another shape."""
        if shape == self.type(tensor).shape:
            return tensor
        have = self.type(tensor)
        if have.quant is not None and not have.quant.per_tensor:
            raise UnsupportedError("a view of a tensor quantised per axis", remedy="quantise it per tensor")
        return self.add("reshape", Reshape(shape), (tensor,), have.dtype, have.quant)

    def requoted(self, tensor: str, quant: Quant | None) -> str:
        """The same bytes under another quantisation."""
        have = self.type(tensor)
        if have.quant == quant:
            return tensor
        if self.data(tensor) is not None:
            return self.builder.constant(tensor, self.data(tensor), quant)
        return self.add("reshape", Reshape(have.shape), (tensor,), have.dtype, quant)
