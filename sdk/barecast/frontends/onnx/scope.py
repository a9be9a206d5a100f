"""What an importer works with: the values known so far, and the Graph that grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto

from barecast import numerics, ops
from barecast.errors import UnsupportedError, printable
from barecast.frontends.onnx import arrays
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.graph import RANK_MAX, DType, GraphBuilder, Quant, Tensor, TensorType
from barecast.ops.reshape import Reshape
from barecast.ops.transpose import Transpose

IN_GRAPH = (DType.F32, DType.S8, DType.U8, DType.S32, DType.BOOL)
"""Constants of other types (int64 shapes, float64) serve the import only."""


@dataclass(frozen=True, eq=False)
class Sequence:
    """A list of tensors: at run time there is none, its length and what it holds are known.

    values: tensors of the graph or constants. element: ONNX's spelling of their element type.
    """

    values: tuple[str | np.ndarray, ...]
    element: str


Value = str | np.ndarray | Sequence
"""What a foreign name stands for: a tensor of the graph, a constant, or a list of such."""


class Scope:
    """Foreign tensor names on one side, the graph's tensors on the other.

    A foreign tensor is a constant (`array`) or a tensor of the graph (`tensor`); a constant
    becomes a tensor where an importer asks for it as one. Importers add nodes with `add`
    and `move`, which compute the output's type with the operator's own shape rule.

    A plain 8-bit tensor (a model input of type int8, say) gets its quantisation from the
    DequantizeLinear that reads it, even from behind a Transpose or a MaxPool: `view`.
    """

    def __init__(self, builder: GraphBuilder, constants: Mapping[str, TensorProto], folder: Path):
        self.builder = builder
        self.node: ForeignNode | None = None
        self._protos, self.folder = dict(constants), folder
        self._sequences: dict[str, Sequence] = {}
        self._arrays: dict[str, np.ndarray] = {}
        self._tensors: dict[str, str] = {}
        self._turned: dict[tuple[str, tuple[int, ...]], str] = {}
        self._derived: set[str] = set()
        self._dequantized: dict[str, str] = {}
        self._moved: dict[str, list[str]] = {}
        self._long: set[str] = set()  # int32 here, int64 in the model

    # foreign names

    def bind(self, name: str, value: Value) -> None:
        """From now on the foreign tensor `name` is this tensor of the graph, this constant, or this list."""
        if isinstance(value, str):
            self._tensors[name] = value
        elif isinstance(value, Sequence):
            self._sequences[name] = value
        else:
            self._arrays[name] = value

    def add_constants(self, protos: Mapping[str, TensorProto]) -> None:
        """The initializers of a graph inside of a node."""
        self._protos.update(protos)

    def value(self, name: str) -> Value:
        """What the foreign name stands for."""
        if name in self._sequences:
            return self._sequences[name]
        value = self.array(name)
        return self.tensor(name) if value is None else value

    def sequence_of(self, values: Iterable[str | np.ndarray]) -> Sequence:
        """A list of tensors of one element type."""
        values = tuple(values)
        kinds = {arrays.type_name_of(v.dtype if isinstance(v, np.ndarray) else self.type(v).dtype.numpy) for v in values}
        if len(kinds) != 1:
            raise damaged("a sequence has no one element type")
        return Sequence(values, kinds.pop())

    def sequence(self, index: int) -> Sequence:
        """The node's input `index`, which must be a list."""
        found = self._sequences.get(self.node.inputs[index])
        if found is None:
            raise damaged("works on a tensor, it needs a sequence")
        return found

    def knows(self, name: str) -> bool:
        return name in self._tensors or name in self._arrays or name in self._protos or name in self._sequences

    def is_constant(self, name: str) -> bool:
        return name in self._arrays or name in self._protos

    def array(self, name: str | None) -> np.ndarray | None:
        """The value of a constant; None for anything else."""
        if name is not None and name not in self._arrays and name in self._protos:
            self._arrays[name] = arrays.array(self._protos[name], self.folder)
        return self._arrays.get(name)

    def constant(self, index: int) -> np.ndarray | None:
        """The node's input `index` as a constant, None if absent; UnsupportedError if it is computed at run time."""
        name = self.node.input(index)
        if name is None:
            return None
        value = self.settled(index)
        if value is None:
            formal = self.node.schema.inputs[index].name if self.node.schema else index
            raise UnsupportedError(
                f"input {formal} is computed at run time, it must be a constant",
                remedy="export the model with static shapes and constant parameters",
            )
        return value

    def settled(self, index: int) -> np.ndarray | None:
        """The node's input `index` if it is a constant, stored as integers perhaps; None for anything else."""
        name = self.node.input(index)
        value = self.array(name)
        return self._dequantized_array(self._tensors.get(name)) if value is None else value

    def _dequantized_array(self, tensor: str | None) -> np.ndarray | None:
        """The value of a constant that the model stores as integers: quantisers do that to every parameter."""
        held = self._dequantized.get(tensor)
        if held is None:
            return None
        data, quant = self.data(held), self.type(held).quant
        return numerics.dequantize(data, quant.scale_array(data.ndim), quant.zero_array(data.ndim))

    def one(self, value: np.ndarray, what: str) -> float | int:
        """The one value of a constant that must have one."""
        if value.size != 1:
            raise damaged(f"{what} has {value.size} values, it must have one")
        return value.reshape(()).item()

    def tensor(self, name: str) -> str:
        """The graph's tensor for a foreign name."""
        if name in self._sequences:
            raise UnsupportedError("works on a sequence", remedy="export the model with tensors")
        if name not in self._tensors:
            self._tensors[name] = self.hold(name, self.array(name))
        return self._tensors[name]

    def dtype_name(self, name: str | None) -> str | None:
        """ONNX's spelling of the element type of a foreign tensor; "seq(tensor(float))" and the like of a list."""
        if name is None:
            return None
        if name in self._sequences:
            return f"seq(tensor({self._sequences[name].element}))"
        if name not in self._arrays and name in self._protos:
            return arrays.type_name(self._protos[name].data_type)
        if self._tensors.get(name) in self._long:
            return "int64"
        dtype = self._arrays[name].dtype if name in self._arrays else self.type(self._tensors[name]).dtype.numpy
        return arrays.type_name_of(dtype)

    def shape(self, name: str) -> tuple[int, ...]:
        value = self.array(name)
        return value.shape if value is not None else self.type(self._tensors[name]).shape

    # inputs of the current node, as tensors of the graph

    def real(self, index: int) -> str:
        """Input `index`, which must be float32."""
        return self._checked(index, (DType.F32,))

    def boolean(self, index: int) -> str:
        """Input `index`, which must be bool."""
        return self._checked(index, (DType.BOOL,))

    def movable(self, index: int) -> str:
        """Input `index`, for operators that do no arithmetic: float32, int8, uint8, bool, or places that were found."""
        tensor = self._tensors.get(self.node.inputs[index])
        if tensor in self._long:
            return tensor
        return self._checked(index, (DType.F32, DType.S8, DType.U8, DType.BOOL))

    def _checked(self, index: int, allowed: tuple[DType, ...]) -> str:
        tensor = self.tensor(self.node.inputs[index])
        dtype = self.type(tensor).dtype
        if dtype not in allowed:
            spelt = " or ".join(arrays.type_name_of(d.numpy) for d in allowed)
            raise UnsupportedError(
                f"works on {arrays.type_name_of(dtype.numpy)} here; only {spelt} is supported",
                remedy="export the model in float32, or quantised with QuantizeLinear and DequantizeLinear (QDQ)",
            )
        return tensor

    # the graph

    def type(self, tensor: str) -> TensorType:
        return self.builder.tensors[tensor].type

    def data(self, tensor: str) -> np.ndarray | None:
        return self.builder.tensors[tensor].data

    def is_fixed(self, tensor: str) -> bool:
        """A constant, or computed from constants alone (a dequantised weight)."""
        return tensor in self._derived or self.data(tensor) is not None

    def hold(self, hint: str, value: np.ndarray, quant: Quant | None = None) -> str:
        """A constant in the graph."""
        if value.dtype.newbyteorder("=") not in [d.numpy for d in IN_GRAPH]:
            raise UnsupportedError(
                f'constant "{printable(hint)}" is {arrays.type_name_of(value.dtype)}, which cannot be computed with',
                remedy="export the model in float32 or with int8 quantisation",
            )
        return self.builder.constant(hint, np.ascontiguousarray(value).reshape(value.shape), quant)

    def add(
        self,
        op: str,
        attrs: Any,
        inputs: Iterable[str | None],
        *,
        dtype: DType | None = None,
        quant: Quant | None = None,
    ) -> str:
        """A node with one output, whose name is returned; the element type is the first input's unless given."""
        inputs = tuple(inputs)
        types = tuple(None if name is None else self.type(name) for name in inputs)
        (shape,) = ops.get(op).infer(attrs, types)
        made = TensorType(dtype or types[0].dtype, tuple(int(d) for d in shape), quant)
        if len(made.shape) > RANK_MAX:
            raise UnsupportedError(f"its result has {len(made.shape)} axes, more than {RANK_MAX}", remedy="use fewer axes")
        if not 0 < made.size <= arrays.ELEMENTS_MAX:
            raise UnsupportedError(
                f"its result {list(made.shape)} has {made.size} elements; 1 to {arrays.ELEMENTS_MAX} are supported",
                remedy="use other input extents or a smaller model",
            )
        output = self.builder.tensor(f"{self.node.outputs[0]}/{op}", made)
        self.builder.add(op, attrs, inputs, (output,), (self.node.source,))
        if all(self.is_fixed(name) for name in inputs if name is not None):
            self._derived.add(output)
            if op == "dequantize" and self.data(inputs[0]) is not None:
                self._dequantized[output] = inputs[0]
        return output

    def as_long(self, tensor: str) -> str:
        """The int32 tensor, which stands for one that is int64 in the model."""
        self._long.add(tensor)
        return tensor

    def move(self, op: str, attrs: Any, inputs: Iterable[str]) -> str:
        """`add` for operators that do no arithmetic: the quantisation of 8-bit inputs moves on to the output."""
        first, *others = inputs
        quant = self.type(first).quant
        if quant is not None and not quant.per_tensor:
            if op == "transpose":
                return self.add(op, attrs, (first,), quant=replace(quant, axis=attrs.perm.index(quant.axis)))
            first, quant = self._plain(first), None
        if others and self.type(first).dtype is not DType.F32:
            # integers are joined as they are: one quantisation, whichever, has to describe them all
            known = (self.type(name).quant for name in (first, *others))
            quant = next((q for q in known if q is not None and q.per_tensor), None)
            joined = [self._plain(n) if quant is None else self.view(n, quant) for n in (first, *others)]
            first, *others = joined
        if len({name in self._long for name in (first, *others)}) > 1:
            raise UnsupportedError("joins int64 of the run with constants", remedy="export the model without it")
        output = self.add(op, attrs, (first, *others), quant=quant)
        if first in self._long:
            return self.as_long(output)
        if quant is None and self.type(output).dtype is not DType.F32:
            for name in (first, *others):
                self._moved.setdefault(name, []).append(output)
                self._moved.setdefault(output, []).append(name)
        return output

    def _plain(self, tensor: str) -> str:
        """The tensor without a quantisation."""
        made = self.type(tensor)
        if made.quant is None:
            return tensor
        if self.data(tensor) is not None:
            return self.builder.constant(tensor, self.data(tensor))
        return self.add("reshape", Reshape(made.shape), (tensor,))

    def view(self, tensor: str, quant: Quant) -> str:
        """The same integers, read with this quantisation."""
        made = self.type(tensor)
        if made.quant == quant:
            return tensor
        if self.data(tensor) is not None:
            return self.builder.constant(tensor, self.data(tensor), quant)
        if made.quant is None and (quant.per_tensor or tensor not in self._moved):
            self._quantise(tensor, quant)
            return tensor
        return self.add("reshape", Reshape(made.shape), (tensor,), quant=quant)

    def relabelled(self, tensor: str, quant: Quant) -> str:
        """As `view`, but a plain tensor stays plain: only its reader sees it with this quantisation."""
        made = self.type(tensor)
        if made.quant == quant or self.data(tensor) is not None:
            return self.view(tensor, quant)
        return self.add("reshape", Reshape(made.shape), (tensor,), quant=quant)

    def _quantise(self, tensor: str, quant: Quant) -> None:
        """Gives a plain tensor, and all that its integers came from or went to unchanged, this quantisation."""
        queue = [tensor]
        while queue:
            name = queue.pop()
            held = self.builder.tensors[name]
            if held.type.quant is None:
                self.builder.tensors[name] = Tensor(name, replace(held.type, quant=quant), held.data)
                queue.extend(self._moved.pop(name, ()))

    def transpose(self, tensor: str, perm: tuple[int, ...]) -> str:
        """Output axis i is input axis perm[i]; a constant is transposed here and now."""
        if perm == tuple(range(len(perm))):
            return tensor
        if self.data(tensor) is None:
            return self.move("transpose", Transpose(perm), (tensor,))
        if (tensor, perm) not in self._turned:
            self._turned[tensor, perm] = self.hold(f"{tensor}/transpose", self.data(tensor).transpose(perm))
        return self._turned[tensor, perm]

    def reshape(self, tensor: str, shape: tuple[int, ...]) -> str:
        """The same elements in the same order under another shape."""
        if shape == self.type(tensor).shape:
            return tensor
        if self.data(tensor) is not None and self.type(tensor).quant is None:
            return self.hold(f"{tensor}/reshape", self.data(tensor).reshape(shape))
        return self.move("reshape", Reshape(shape), (tensor,))
