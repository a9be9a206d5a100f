"""What the case files are written with: types, seeded constants, single-node graphs and inputs for them."""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from barecast import ops
from barecast.graph import DType, Graph, GraphBuilder, Port, Quant, Rule, TensorType, call_of


@dataclass(frozen=True, eq=False)
class Case:
    """A graph of one node. The name is unique within the operator and seeds the inputs.

    given: data for inputs (by tensor name) that random numbers would not do for.
    """

    name: str
    graph: Graph
    given: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Constant:
    """An operand that is known offline."""

    data: np.ndarray
    quant: Quant | None = None


def rng(text: str) -> np.random.Generator:
    """A generator seeded by a name: the same numbers on every run and machine."""
    return np.random.default_rng(zlib.crc32(text.encode()))


def f32(*shape: int) -> TensorType:
    return TensorType(DType.F32, shape)


def s8(*shape: int, scale: float = 0.05, zero: int = 0) -> TensorType:
    """A per-tensor quantised int8 type. The scale is rounded to float32, as every scale is."""
    return TensorType(DType.S8, shape, quant(scale, zero))


def u8(*shape: int, scale: float = 0.05, zero: int = 128) -> TensorType:
    return TensorType(DType.U8, shape, quant(scale, zero))


def s16(*shape: int, scale: float = 0.001, zero: int = 0) -> TensorType:
    return TensorType(DType.S16, shape, quant(scale, zero))


def quant(scale: float | Sequence[float], zero: int | Sequence[int] = 0, axis: int | None = None) -> Quant:
    """Quant from plain numbers; a single zero point serves all scales."""
    scales = tuple(float(np.float32(s)) for s in np.atleast_1d(scale))
    zeros = tuple(int(z) for z in np.atleast_1d(zero))
    return Quant(scales, zeros * (len(scales) // len(zeros)), axis)


def case(
    name: str,
    op: str,
    attrs: Any,
    operands: Sequence[TensorType | Constant | None],
    output: tuple[DType, Quant | None] | Sequence[tuple[DType, Quant | None]] = (DType.F32, None),
    given: Mapping[str, np.ndarray] | None = None,
    rule: Rule = Rule.ONNX,
) -> Case:
    """A graph of one node. A TensorType makes a model input, a Constant a constant; shapes of outputs are inferred.

    The tensors of the operands are called x0, x1, ...; `given` has data for some of them.
    """
    builder = GraphBuilder(f"{op}_{name}", rule)
    names: list[str | None] = []
    for index, operand in enumerate(operands):
        if operand is None:
            names.append(None)
        elif isinstance(operand, Constant):
            names.append(builder.constant(f"c{index}", operand.data, operand.quant))
        else:
            names.append(builder.tensor(f"x{index}", operand))
            builder.inputs.append(Port(names[-1], names[-1]))
    types = tuple(None if n is None else builder.tensors[n].type for n in names)
    shapes = ops.get(op).infer(attrs, types)
    outputs = [output] * len(shapes) if isinstance(output[0], DType) else list(output)
    results = [
        builder.tensor(f"y{index}", TensorType(dtype, tuple(shape), q))
        for index, (shape, (dtype, q)) in enumerate(zip(shapes, outputs, strict=True))
    ]
    builder.outputs.extend(Port(r, r) for r in results)
    builder.add(op, attrs, names, results, (name,))
    return Case(name, builder.build(), given or {})


def inputs(case: Case) -> dict[str, np.ndarray]:
    """Tensor name -> data for the graph's inputs: random, with the extremes of the type among them."""
    generator = rng(case.name)
    found = {}
    for port in case.graph.inputs:
        type = case.graph.type(port.tensor)
        if port.tensor in case.given:
            data = case.given[port.tensor]
        elif type.dtype.is_float:
            data = generator.normal(0, 2, type.shape).astype(type.dtype.numpy)
        elif type.dtype is DType.BOOL:
            data = generator.integers(0, 2, type.shape).astype(np.bool_)
        else:
            low, high = type.dtype.limits
            if type.dtype in (DType.S32, DType.S64):
                low, high = -(2**20), 2**20
            data = generator.integers(low, high, type.shape, endpoint=True).astype(type.dtype.numpy)
            extremes = generator.choice(data.size, size=data.size // 8, replace=False)
            data.reshape(-1)[extremes] = generator.choice(np.array([low, high], data.dtype), size=extremes.size)
        found[port.tensor] = data
    return found


def expected(case: Case, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Tensor name -> what the operator's execute says."""
    node = case.graph.nodes[0]
    call = call_of(case.graph, node)
    operands = tuple(None if t is None else (t.data if t.data is not None else arrays[t.name]) for t in call.inputs)
    return dict(zip(node.outputs, ops.get(node.op).execute(call, operands), strict=True))


@cache
def all_cases() -> dict[str, tuple[Case, ...]]:
    """Operator -> its cases, for every module of this folder that has CASES."""
    found = {}
    for info in sorted(pkgutil.iter_modules([str(Path(__file__).parent)]), key=lambda i: i.name):
        module = importlib.import_module(f"{__package__}.{info.name}")
        if hasattr(module, "CASES"):
            names = [c.name for c in module.CASES]
            assert len(set(names)) == len(names), f"{info.name}: two cases share a name"
            found[info.name] = tuple(module.CASES)
    return found
