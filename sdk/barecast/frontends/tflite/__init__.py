"""The TensorFlow Lite frontend: int8, int16 (16x8) and float32 models, with the arithmetic of TFLM's reference kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from barecast.errors import BarecastError, ModelError, UnsupportedError, UsageError, printable
from barecast.frontends.tflite import (
    control,
    convolution,
    elementwise,
    foreign,
    indexing,
    logic,
    movement,
    pairs,
    pooling,
    quantisation,
    reduction,
    sequence,
    slicing,
    spatial,
    state,
)
from barecast.frontends.tflite.foreign import ForeignGraph, ForeignOperator
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType, GraphBuilder, Imported, Port, Rule
from barecast.numerics import finite
from barecast.ops.copy import Copy

__all__ = ["IMPORTERS", "read"]

IMPORTERS: Mapping[str, Callable[[Scope], str | np.ndarray]] = MappingProxyType(
    {
        **control.IMPORTERS,
        **convolution.IMPORTERS,
        **elementwise.IMPORTERS,
        **logic.IMPORTERS,
        **indexing.IMPORTERS,
        **movement.IMPORTERS,
        **pairs.IMPORTERS,
        **pooling.IMPORTERS,
        **quantisation.IMPORTERS,
        **reduction.IMPORTERS,
        **sequence.IMPORTERS,
        **slicing.IMPORTERS,
        **spatial.IMPORTERS,
        **state.IMPORTERS,
    }
)
"""Operator -> the function that imports one: it returns the tensor of the first output, or that output's value."""

INFINITE = (
    "ADD", "BROADCAST_TO", "CONCATENATION", "DIV", "EQUAL", "FILL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL",
    "MAXIMUM", "MINIMUM", "MUL", "NOT_EQUAL", "PADV2", "SELECT", "SELECT_V2", "SUB",
)  # fmt: skip
"""Operators whose constants may be infinite: bounds, paddings, masks."""

PORT_TYPES = (DType.F32, DType.S8, DType.U8, DType.S16, DType.S32, DType.S64, DType.BOOL)

WITHOUT_OUTPUT = ("ASSIGN_VARIABLE", "CALL_ONCE", "IF", "WHILE")

_REMEDIES = {
    "CALL": "export the model with the called graph in its place",
}


def read(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Imported:
    """The TensorFlow Lite model in `path`; see barecast.frontends.examine."""
    model = foreign.load(path)
    builder = GraphBuilder(model.name, Rule.TFLITE)
    scope = Scope(builder, model, _import_operators)
    names = _port_names(model.main, model.main.inputs)
    _check_shapes(model.main, names, shapes)
    problems: list[BarecastError] = []
    for index, name in zip(model.main.inputs, names, strict=True):
        if problem := _port_problem(model.main, index, f'input "{printable(name)}"'):
            problems.append(problem)
        else:
            _add_input(scope, index, name)
    problems += _import_operators(scope)
    problems += _add_outputs(model.main, scope)
    scope.variables.add_states()
    if not problems:
        return Imported(builder.build())
    return Imported(builder.build() if builder.inputs and builder.outputs else None, tuple(problems))


def _port_problem(graph: ForeignGraph, index: int, what: str) -> BarecastError | None:
    """Why a tensor cannot be an input or output; None if it can."""
    tensor = graph.tensors[index]
    if tensor.is_sparse or tensor.dtype not in PORT_TYPES:
        kind = "a sparse tensor" if tensor.is_sparse else tensor.type_name
        allowed = ", ".join(d.numpy.name for d in PORT_TYPES)
        return UnsupportedError(
            f"{what} is {kind}; {allowed} are supported",
            remedy="convert the model with full int8 quantisation, or in float32",
        )
    if tensor.dtype in (DType.S8, DType.U8, DType.S16) and tensor.quant is None:
        return ModelError(f"{what} has no scale", remedy="quantise the model completely")
    if 0 in tensor.shape:
        return ModelError(f"{what} is empty", remedy="give it positive extents")
    return None


def _add_input(scope: Scope, index: int, name: str) -> None:
    scope.bind(index, scope.builder.tensor(f"t{index}", scope.model_type(index)))
    scope.builder.inputs.append(Port(name, f"t{index}"))


def _port_names(graph: ForeignGraph, indices: tuple[int, ...]) -> list[str]:
    """The tensors' names, made different from each other."""
    found: list[str] = []
    for index in indices:
        name, serial = graph.tensors[index].name, 1
        while name in found:
            serial += 1
            name = f"{graph.tensors[index].name}_{serial}"
        found.append(name)
    return found


def _check_shapes(graph: ForeignGraph, names: list[str], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """The shapes that the user gives may say what the file says: its tensors all have their shapes already."""
    for name, shape in shapes.items():
        if name not in names:
            listed = ", ".join(printable(n) for n in names)
            raise UsageError(f'a shape is given for "{printable(name)}", which is no input', remedy=f"inputs: {listed}")
        fixed = graph.tensors[graph.inputs[names.index(name)]].shape
        if tuple(shape) != fixed:
            raise UsageError(
                f'the shape {list(shape)} contradicts the model, whose input "{printable(name)}" is {list(fixed)}',
                remedy="convert the model with the shape that you want",
            )


def _import_operators(scope: Scope) -> list[BarecastError]:
    """Imports every operator that can be, and returns what is wrong with the others."""
    problems: list[BarecastError] = []
    for operator in scope.graph.operators:
        scope.operator = operator
        try:
            if operator.custom or operator.op not in IMPORTERS:
                raise _unknown(operator)
            if not operator.outputs and operator.op not in WITHOUT_OUTPUT:
                raise ModelError("has no output", remedy="export the model again")
            if any(not scope.knows(i) and not scope.graph.tensors[i].is_sparse for i in operator.inputs if i is not None):
                continue  # it hangs on an operator that could not be imported
            if operator.op != "DEQUANTIZE":  # of float16: the operator that reads the result is asked
                _check_finite(scope, operator)
            made = IMPORTERS[operator.op](scope)
            results = made if isinstance(made, tuple) else (made,)
            for index, value in zip(operator.outputs, results, strict=False):
                scope.bind(index, value)
        except (ModelError, UnsupportedError) as error:
            problems.append(error.at(node=operator.shown, operator=printable(operator.op)))
            _leave_out(scope, operator)
        except BarecastError as error:
            raise error.at(node=operator.shown, operator=printable(operator.op)) from error
    return problems


def _check_finite(scope: Scope, operator: ForeignOperator) -> None:
    for index in operator.inputs:
        value = None if index is None else scope.array(index)
        if value is not None:
            finite.check_constant(value, scope.graph.tensors[index].name, infinities=operator.op in INFINITE)


def _leave_out(scope: Scope, operator: ForeignOperator) -> None:
    """Makes the operator's results inputs of the graph, and what it reads outputs, so that the rest can be examined."""
    given = [i for i in operator.inputs if i is not None]
    run_time = [i for i in given if scope.array(i) is None]
    if given and not run_time:
        return  # computed from constants: what reads it would complain that it is not one
    for index in operator.outputs:
        if not scope.knows(index) and _port_problem(scope.graph, index, "") is None:
            _add_input(scope, index, f"t{index}")
    outputs = scope.builder.outputs
    ports = {port.tensor for port in (*scope.builder.inputs, *outputs)}
    read = dict.fromkeys(scope.graph_tensor(i) for i in run_time if scope.is_computed(i))
    outputs += [Port(t, t) for t in read if t not in ports]


def _unknown(operator: ForeignOperator) -> UnsupportedError:
    if operator.custom:
        return UnsupportedError("is a custom operator, which is not supported", remedy="use built-in operators")
    remedy = _REMEDIES.get(operator.op, "replace it in the model; docs/tflite.md lists what is supported")
    return UnsupportedError("is not supported", remedy=remedy)


def _add_outputs(graph: ForeignGraph, scope: Scope) -> list[BarecastError]:
    """Adds every output that could be imported, and returns what is wrong with them."""
    builder = scope.builder
    taken = {port.tensor for port in (*builder.inputs, *builder.outputs)}
    problems: list[BarecastError] = []
    for index, name in zip(graph.outputs, _port_names(graph, graph.outputs), strict=True):
        if scope.array(index) is not None:
            problems.append(
                UnsupportedError(f'output "{printable(name)}" does not depend on any input', remedy="remove it")
            )
            continue
        if problem := _port_problem(graph, index, f'output "{printable(name)}"'):
            problems.append(problem)
            continue
        if not scope.knows(index):
            continue  # it hangs on an operator that could not be imported
        tensor = scope.graph_tensor(index)
        if tensor in taken:  # an input handed through, or one result twice: each port has its own tensor
            copy = builder.tensor(tensor, scope.type(tensor))
            builder.add("copy", Copy(), (tensor,), (copy,))
            tensor = copy
        taken.add(tensor)
        builder.outputs.append(Port(name, tensor))
    return problems
