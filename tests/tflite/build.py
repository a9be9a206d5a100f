"""Small TensorFlow Lite models, written with flatbuffers: no TensorFlow is needed."""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import tflite

TYPES = {
    np.dtype(np.float32): tflite.TensorType.FLOAT32,
    np.dtype(np.float16): tflite.TensorType.FLOAT16,
    np.dtype(np.int8): tflite.TensorType.INT8,
    np.dtype(np.uint8): tflite.TensorType.UINT8,
    np.dtype(np.int16): tflite.TensorType.INT16,
    np.dtype(np.int32): tflite.TensorType.INT32,
    np.dtype(np.int64): tflite.TensorType.INT64,
    np.dtype(np.bool_): tflite.TensorType.BOOL,
}


@dataclass(frozen=True, eq=False)
class Sparse:
    """levels: of each either the number of its indices, or (segments, indices, the schema's type of their vectors)."""

    order: Sequence[int]
    block_map: Sequence[int]
    levels: Sequence[int | tuple[Sequence[int], Sequence[int], str]]


@dataclass(frozen=True, eq=False)
class T:
    """A tensor; with `data` a constant. scale: one, or one per slice of `axis`. dtype: RESOURCE names a variable.

    variable: its operator keeps something in it from run to run. sparse: how `data`, the stored values, are to be
    understood.
    """

    shape: tuple[int, ...]
    dtype: Any = np.int8
    scale: float | Sequence[float] | None = None
    zero: int | Sequence[int] = 0
    axis: int = 0
    data: np.ndarray | None = None
    name: str = ""
    variable: bool = False
    sparse: Sparse | None = None


RESOURCE = "resource"


@dataclass(frozen=True, eq=False)
class O:  # noqa: E742
    """An operator; a name that the schema does not have is a custom one's. options: the schema's name of the table, and
    its fields (in CamelCase)."""

    name: str
    inputs: Sequence[T | None]
    outputs: Sequence[T]
    options: tuple[str, Mapping[str, Any]] | None = None
    version: int = 1


@dataclass(frozen=True, eq=False)
class G:
    """A subgraph that operators call, by its number: 1 for the first of `more`."""

    operators: Sequence[O]
    inputs: Sequence[T] = ()
    outputs: Sequence[T] = ()


@dataclass(frozen=True, eq=False)
class Case:
    """A model and what feeds its inputs, by name ("x0", "x1" ...). The name seeds the data."""

    name: str
    model: bytes
    inputs: Mapping[str, np.ndarray] = field(default_factory=dict)


def rng(text: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(text.encode()))


def const(data: Any, dtype: Any = np.int32, **quant: Any) -> T:
    array = np.asarray(data, dtype)
    return T(array.shape, array.dtype, data=array, **quant)


def model(operators: Sequence[O], inputs: Sequence[T], outputs: Sequence[T], more: Sequence[G] = ()) -> bytes:
    """The file's bytes. Inputs are called x0, x1 ..., everything else t<index>, unless a tensor has a name."""
    builder = flatbuffers.Builder(1024)
    graphs = [G(operators, inputs, outputs), *more]
    buffers = [_buffer(builder, None)]
    codes = list(dict.fromkeys((o.name, o.version) for graph in graphs for o in graph.operators))
    graph_vector = _offsets(builder, [_graph(builder, graph, buffers, codes) for graph in graphs])
    code_vector = _offsets(builder, [_code(builder, *c) for c in codes])
    buffer_vector = _offsets(builder, buffers)
    tflite.ModelStart(builder)
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, code_vector)
    tflite.ModelAddSubgraphs(builder, graph_vector)
    tflite.ModelAddBuffers(builder, buffer_vector)
    builder.Finish(tflite.ModelEnd(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _graph(builder: Any, graph: G, buffers: list[int], codes: Sequence[tuple[str, int]]) -> int:
    """One subgraph; adds the buffers of its constants to `buffers`."""
    tensors: list[T] = []
    for t in (*graph.inputs, *(t for o in graph.operators for t in (*o.inputs, *o.outputs)), *graph.outputs):
        if t is not None and not any(t is known for known in tensors):
            tensors.append(t)
    place = {id(t): i for i, t in enumerate(tensors)}
    names = {id(t): t.name or (f"x{i}" if i < len(graph.inputs) else f"t{i}") for i, t in enumerate(tensors)}
    offsets = []
    for t in tensors:
        if t.data is not None:
            buffers.append(_buffer(builder, np.ascontiguousarray(t.data).tobytes()))
        offsets.append(_tensor(builder, t, names[id(t)], len(buffers) - 1 if t.data is not None else 0))
    made = [_operator(builder, o, codes.index((o.name, o.version)), place) for o in graph.operators]
    tensor_vector = _offsets(builder, offsets)
    inputs_vector = _ints(builder, [place[id(t)] for t in graph.inputs])
    outputs_vector = _ints(builder, [place[id(t)] for t in graph.outputs])
    operator_vector = _offsets(builder, made)
    tflite.SubGraphStart(builder)
    tflite.SubGraphAddTensors(builder, tensor_vector)
    tflite.SubGraphAddInputs(builder, inputs_vector)
    tflite.SubGraphAddOutputs(builder, outputs_vector)
    tflite.SubGraphAddOperators(builder, operator_vector)
    return tflite.SubGraphEnd(builder)


def case(name: str, operators: O | Sequence[O], inputs: Sequence[T], outputs: Sequence[T], **given: np.ndarray) -> Case:
    """A Case whose inputs are random over the whole type, unless given."""
    operators = (operators,) if isinstance(operators, O) else operators
    generator, fed = rng(name), {}
    for index, t in enumerate(inputs):
        if f"x{index}" in given:
            fed[f"x{index}"] = np.asarray(given[f"x{index}"], t.dtype).reshape(t.shape)
        elif np.dtype(t.dtype).kind == "f":
            fed[f"x{index}"] = generator.normal(0, 2, t.shape).astype(t.dtype)
        elif np.dtype(t.dtype) == np.bool_:
            fed[f"x{index}"] = generator.integers(0, 2, t.shape).astype(np.bool_)
        else:
            info = np.iinfo(t.dtype)
            fed[f"x{index}"] = generator.integers(info.min, info.max, t.shape, endpoint=True).astype(t.dtype)
    return Case(name, model(operators, inputs, outputs), fed)


@cache
def all_cases() -> tuple[Case, ...]:
    """The cases of every module in cases/."""
    found = []
    folder = Path(__file__).parent / "cases"
    for info in sorted(pkgutil.iter_modules([str(folder)]), key=lambda i: i.name):
        found.extend(importlib.import_module(f"tests.tflite.cases.{info.name}").CASES)
    names = [c.name for c in found]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    return tuple(found)


def _buffer(builder: Any, data: bytes | None) -> int:
    vector = None if data is None else builder.CreateByteVector(data)
    tflite.BufferStart(builder)
    if vector is not None:
        tflite.BufferAddData(builder, vector)
    return tflite.BufferEnd(builder)


def _tensor(builder: Any, t: T, name: str, buffer: int) -> int:
    shape, text = _ints(builder, t.shape), builder.CreateString(name)
    quant = None
    if t.scale is not None:
        scales = np.atleast_1d(np.asarray(t.scale, np.float32))
        zeros = np.broadcast_to(np.atleast_1d(np.asarray(t.zero, np.int64)), scales.shape)
        scale, zero = builder.CreateNumpyVector(scales), builder.CreateNumpyVector(np.ascontiguousarray(zeros))
        tflite.QuantizationParametersStart(builder)
        tflite.QuantizationParametersAddScale(builder, scale)
        tflite.QuantizationParametersAddZeroPoint(builder, zero)
        tflite.QuantizationParametersAddQuantizedDimension(builder, t.axis)
        quant = tflite.QuantizationParametersEnd(builder)
    sparsity = None if t.sparse is None else _sparsity(builder, t.sparse)
    tflite.TensorStart(builder)
    if sparsity is not None:
        tflite.TensorAddSparsity(builder, sparsity)
    tflite.TensorAddShape(builder, shape)
    tflite.TensorAddType(builder, tflite.TensorType.RESOURCE if t.dtype == RESOURCE else TYPES[np.dtype(t.dtype)])
    if t.variable:
        tflite.TensorAddIsVariable(builder, True)
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddName(builder, text)
    if quant is not None:
        tflite.TensorAddQuantization(builder, quant)
    return tflite.TensorEnd(builder)


def _sparsity(builder: Any, sparse: Sparse) -> int:
    levels = []
    for level in sparse.levels:
        vectors = []
        for values in () if isinstance(level, int) else level[:2]:
            element = {"Int32Vector": np.int32, "Uint16Vector": np.uint16, "Uint8Vector": np.uint8}[level[2]]
            made = builder.CreateNumpyVector(np.asarray(values, element))
            getattr(tflite, f"{level[2]}Start")(builder)
            getattr(tflite, f"{level[2]}AddValues")(builder, made)
            vectors.append(getattr(tflite, f"{level[2]}End")(builder))
        tflite.DimensionMetadataStart(builder)
        if vectors:
            kind = getattr(tflite.SparseIndexVector, level[2])
            tflite.DimensionMetadataAddFormat(builder, tflite.DimensionType.SPARSE_CSR)
            tflite.DimensionMetadataAddArraySegmentsType(builder, kind)
            tflite.DimensionMetadataAddArraySegments(builder, vectors[0])
            tflite.DimensionMetadataAddArrayIndicesType(builder, kind)
            tflite.DimensionMetadataAddArrayIndices(builder, vectors[1])
        else:
            tflite.DimensionMetadataAddDenseSize(builder, level)
        levels.append(tflite.DimensionMetadataEnd(builder))
    order, blocks, dims = _ints(builder, sparse.order), _ints(builder, sparse.block_map), _offsets(builder, levels)
    tflite.SparsityParametersStart(builder)
    tflite.SparsityParametersAddTraversalOrder(builder, order)
    tflite.SparsityParametersAddBlockMap(builder, blocks)
    tflite.SparsityParametersAddDimMetadata(builder, dims)
    return tflite.SparsityParametersEnd(builder)


def _operator(builder: Any, o: O, code: int, place: Mapping[int, int]) -> int:
    inputs = _ints(builder, [-1 if t is None else place[id(t)] for t in o.inputs])
    outputs = _ints(builder, [place[id(t)] for t in o.outputs])
    options = None
    if o.options is not None:
        table, fields = o.options
        values = {k: _field(builder, v) for k, v in fields.items()}
        getattr(tflite, f"{table}Start")(builder)
        for key, value in values.items():
            getattr(tflite, f"{table}Add{key}")(builder, value)
        options = getattr(tflite, f"{table}End")(builder)
    tflite.OperatorStart(builder)
    tflite.OperatorAddOpcodeIndex(builder, code)
    tflite.OperatorAddInputs(builder, inputs)
    tflite.OperatorAddOutputs(builder, outputs)
    if options is not None:
        tflite.OperatorAddBuiltinOptionsType(builder, getattr(tflite.BuiltinOptions, o.options[0]))
        tflite.OperatorAddBuiltinOptions(builder, options)
    return tflite.OperatorEnd(builder)


def _field(builder: Any, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return _ints(builder, value)
    return builder.CreateString(value) if isinstance(value, str) else value


def _code(builder: Any, name: str, version: int) -> int:
    number = getattr(tflite.BuiltinOperator, name, tflite.BuiltinOperator.CUSTOM)
    custom = builder.CreateString(name) if number == tflite.BuiltinOperator.CUSTOM else None
    tflite.OperatorCodeStart(builder)
    if custom is not None:
        tflite.OperatorCodeAddCustomCode(builder, custom)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, min(number, 127))
    tflite.OperatorCodeAddVersion(builder, version)
    tflite.OperatorCodeAddBuiltinCode(builder, number)
    return tflite.OperatorCodeEnd(builder)


def _ints(builder: Any, values: Sequence[int]) -> int:
    return builder.CreateNumpyVector(np.asarray(values, np.int32))


def _offsets(builder: Any, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()
