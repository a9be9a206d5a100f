"""The file as plain values: tensors, operators, options. Every index is checked, every constant has its size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tflite

from barecast.errors import ModelError, printable
from barecast.frontends.tflite import sparse_constants, structure
from barecast.frontends.tflite.structure import REMEDY
from barecast.graph import RANK_MAX, SCALE_MAX, DType, Quant

ELEMENTS_MAX = 2**31 - 1
"""Elements of one tensor: offsets in the generated code are 32 bits."""

DTYPES: Mapping[int, DType] = {
    tflite.TensorType.FLOAT32: DType.F32,
    tflite.TensorType.FLOAT16: DType.F16,
    tflite.TensorType.INT8: DType.S8,
    tflite.TensorType.UINT8: DType.U8,
    tflite.TensorType.INT16: DType.S16,
    tflite.TensorType.INT32: DType.S32,
    tflite.TensorType.INT64: DType.S64,
    tflite.TensorType.BOOL: DType.BOOL,
}

_TYPE_NAMES = {v: k.lower() for k, v in vars(tflite.TensorType).items() if isinstance(v, int)}
_OPERATOR_NAMES = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}
_OPTIONS = {v: k for k, v in vars(tflite.BuiltinOptions).items() if isinstance(v, int)}


@dataclass(frozen=True, eq=False)
class ForeignTensor:
    """dtype: None for a type that the graph has none for (type_name is the format's). data: of a constant.

    is_sparse: sparse, and no constant that could be unfolded.
    is_variable: what its operators leave in it is there in the next run.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: DType | None
    type_name: str
    quant: Quant | None
    data: np.ndarray | None
    is_sparse: bool = False
    is_variable: bool = False


@dataclass(frozen=True, eq=False)
class ForeignOperator:
    """op: the schema's name (CONV_2D), or that of a custom operator. inputs: tensor indices, None where absent.

    options: the reading library's object for the operator's options, None if the file has none (all defaults).
    """

    index: int
    op: str
    custom: bool
    version: int
    inputs: tuple[int | None, ...]
    outputs: tuple[int, ...]
    options: Any
    shown: str

    def input(self, place: int) -> int | None:
        return self.inputs[place] if place < len(self.inputs) else None


@dataclass(frozen=True, eq=False)
class ForeignGraph:
    """A subgraph of the file; the first one is the model, others are called by operators."""

    index: int
    tensors: tuple[ForeignTensor, ...]
    operators: tuple[ForeignOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ForeignModel:
    name: str
    graphs: tuple[ForeignGraph, ...]

    @property
    def main(self) -> ForeignGraph:
        return self.graphs[0]


def load(path: Path) -> ForeignModel:
    """The model in `path`; ModelError if the file is damaged."""
    data = path.read_bytes()
    structure.check(data)
    return _Reader(path.stem, data).model()


class _Reader:
    def __init__(self, name: str, data: bytes):
        self.name, self.data = name, data
        self.root = tflite.Model.GetRootAs(data, 0)

    def model(self) -> ForeignModel:
        if self.root.Version() != 3:
            raise ModelError(f"the file's schema version is {self.root.Version()}, only 3 is known", remedy=REMEDY)
        if self.root.SubgraphsLength() < 1:
            raise ModelError("the file has no graph", remedy=REMEDY)
        graphs = tuple(self._graph(i) for i in range(self.root.SubgraphsLength()))
        for ports, what in ((graphs[0].inputs, "input"), (graphs[0].outputs, "output")):
            if not ports:
                raise ModelError(f"the model has no {what}", remedy=REMEDY)
        return ForeignModel(self.name, graphs)

    def _graph(self, index: int) -> ForeignGraph:
        graph = self.root.Subgraphs(index)
        tensors = tuple(self._tensor(graph.Tensors(i), i) for i in range(graph.TensorsLength()))
        operators = tuple(
            self._operator(index, graph.Operators(i), i, tensors) for i in range(graph.OperatorsLength())
        )
        inputs = self._ports(_integers(graph, "Inputs"), len(tensors), "input")
        outputs = self._ports(_integers(graph, "Outputs"), len(tensors), "output")
        self._check_order(tensors, operators, inputs, outputs)
        return ForeignGraph(index, tensors, operators, inputs, outputs)

    def _ports(self, indices: tuple[int, ...], count: int, what: str) -> tuple[int, ...]:
        for index in indices:
            if not 0 <= index < count:
                raise ModelError(f"{what} {index} is no tensor of the model's {count}", remedy=REMEDY)
        return indices

    def _tensor(self, tensor: Any, index: int) -> ForeignTensor:
        name = (tensor.Name() or b"").decode("utf-8", "replace") or f"tensor_{index}"
        shape = _integers(tensor, "Shape")
        if any(d < 0 for d in shape) or len(shape) > RANK_MAX or math.prod(d or 1 for d in shape) > ELEMENTS_MAX:
            raise ModelError(
                f'tensor "{printable(name)}" has the impossible shape {printable(list(shape))}', remedy=REMEDY
            )
        dtype = DTYPES.get(tensor.Type())
        data = self._constant(tensor, name, shape, dtype)
        sparse = data is None and tensor.Sparsity() is not None
        quant = self._quant(tensor.Quantization(), name, shape, dtype)
        shown = _TYPE_NAMES.get(tensor.Type(), str(tensor.Type()))
        variable = bool(tensor.IsVariable()) and data is None
        return ForeignTensor(index, name, shape, dtype, shown, quant, data, sparse, variable)

    def _constant(self, tensor: Any, name: str, shape: tuple[int, ...], dtype: DType | None) -> np.ndarray | None:
        count = self.root.BuffersLength()
        if tensor.Buffer() >= max(count, 1):
            raise ModelError(f'tensor "{printable(name)}" names buffer {tensor.Buffer()} of {count}', remedy=REMEDY)
        if tensor.Buffer() == 0 or dtype is None:
            return None
        buffer = self.root.Buffers(tensor.Buffer())
        start, size = buffer.Offset(), buffer.Size()
        if start > 1:
            if start + size > len(self.data):
                raise ModelError(f'the data of tensor "{printable(name)}" ends behind the file', remedy=REMEDY)
            raw = np.frombuffer(self.data, np.uint8, size, start)
        elif buffer.DataLength():
            raw = buffer.DataAsNumpy()
        else:
            return None
        if (sparsity := tensor.Sparsity()) is not None:
            if raw.size % dtype.bytes:
                raise ModelError(f'sparse tensor "{printable(name)}" has {raw.size} bytes of values', remedy=REMEDY)
            values = np.frombuffer(raw.tobytes(), dtype.numpy.newbyteorder("<")).astype(dtype.numpy, copy=False)
            return sparse_constants.dense(values, shape, sparsity, name)
        wanted = math.prod(shape) * dtype.bytes
        if raw.size != wanted:
            raise ModelError(
                f'constant "{printable(name)}" has {raw.size} bytes, its shape {list(shape)} needs {wanted}',
                remedy=REMEDY,
            )
        array = np.frombuffer(raw.tobytes(), dtype.numpy.newbyteorder("<")).reshape(shape)
        return array.astype(dtype.numpy, copy=False)

    def _quant(self, quant: Any, name: str, shape: tuple[int, ...], dtype: DType | None) -> Quant | None:
        if quant is None or quant.ScaleLength() == 0 or dtype in (None, DType.BOOL) or dtype.is_float:
            return None  # truth values have no scale, whatever the file says
        scales = tuple(float(np.float32(quant.Scale(i))) for i in range(quant.ScaleLength()))
        zeros = tuple(int(quant.ZeroPoint(i)) for i in range(quant.ZeroPointLength())) or (0,)
        zeros = zeros * len(scales) if len(zeros) == 1 else zeros
        where = f'tensor "{printable(name)}"'
        if len(zeros) != len(scales):
            raise ModelError(f"{where} has {len(scales)} scales and {len(zeros)} zero points", remedy=REMEDY)
        if not all(0 < s < SCALE_MAX for s in scales):
            raise ModelError(
                f"{where} has a scale that is not between 0 and {SCALE_MAX:g}", remedy="quantise the model again"
            )
        low, high = dtype.limits
        if not all(low <= z <= high for z in zeros):
            raise ModelError(f"{where} has a zero point beyond {low} to {high}", remedy="quantise the model again")
        if len(scales) == 1:
            return Quant(scales, zeros)
        axis = quant.QuantizedDimension()
        if not 0 <= axis < len(shape) or shape[axis] != len(scales):
            raise ModelError(f"{where} has {len(scales)} scales along axis {axis} of {list(shape)}", remedy=REMEDY)
        return Quant(scales, zeros, axis)

    @cached_property
    def _codes(self) -> tuple[tuple[str, bool, int], ...]:
        """(name, whether it is custom, version) of each operator code."""
        found = []
        for index in range(self.root.OperatorCodesLength()):
            code = self.root.OperatorCodes(index)
            number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
            custom = number == tflite.BuiltinOperator.CUSTOM
            name = _OPERATOR_NAMES.get(number, f"operator {number}")
            if custom:
                name = (code.CustomCode() or b"").decode("utf-8", "replace") or name
            found.append((name, custom, code.Version()))
        return tuple(found)

    def _operator(self, graph: int, operator: Any, index: int, tensors: tuple[ForeignTensor, ...]) -> ForeignOperator:
        number = operator.OpcodeIndex()
        if number >= len(self._codes):
            raise ModelError(f"operator {index} has code {number} of {len(self._codes)}", remedy=REMEDY)
        name, custom, version = self._codes[number]
        inputs = _integers(operator, "Inputs")
        outputs = _integers(operator, "Outputs")
        for tensor in (*(i for i in inputs if i != -1), *outputs):
            if not 0 <= tensor < len(tensors):
                raise ModelError(
                    f"operator {index} names tensor {tensor} of {len(tensors)}", operator=printable(name), remedy=REMEDY
                )
        shown = tensors[outputs[0]].name if outputs else f"operator {index}"
        shown = f"{shown} (subgraph {graph})" if graph else shown
        return ForeignOperator(
            index,
            name,
            custom,
            version,
            tuple(None if i == -1 else i for i in inputs),
            outputs,
            self._options(operator),
            shown,
        )

    def _options(self, operator: Any) -> Any:
        member, table = operator.BuiltinOptionsType(), operator.BuiltinOptions()
        if table is None or member not in structure.OPTIONS:
            return None
        options = getattr(tflite, _OPTIONS[member])()
        options.Init(table.Bytes, table.Pos)
        return options

    def _check_order(
        self,
        tensors: tuple[ForeignTensor, ...],
        operators: tuple[ForeignOperator, ...],
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
    ) -> None:
        """Each tensor is a constant, a variable, an input, or computed once, before it is read."""
        known = {t.index for t in tensors if t.data is not None or t.is_sparse or t.is_variable}
        for index in inputs:
            if index in known:
                raise ModelError(f'input "{printable(tensors[index].name)}" is given twice', remedy=REMEDY)
            known.add(index)
        for operator in operators:
            for index in (i for i in operator.inputs if i is not None):
                if index not in known and math.prod(tensors[index].shape):
                    raise ModelError(
                        f'tensor "{printable(tensors[index].name)}" is read before it is computed',
                        node=operator.shown,
                        operator=printable(operator.op),
                        remedy=REMEDY,
                    )
            for index in operator.outputs:
                if index in known:
                    raise ModelError(f'tensor "{printable(tensors[index].name)}" is computed twice', remedy=REMEDY)
                known.add(index)
        for index in outputs:
            if index not in known:
                raise ModelError(f'nothing computes output "{printable(tensors[index].name)}"', remedy=REMEDY)


def _integers(table: Any, field: str) -> tuple[int, ...]:
    """A vector of int32."""
    if getattr(table, f"{field}Length")() == 0:
        return ()
    return tuple(int(v) for v in getattr(table, f"{field}AsNumpy")())
