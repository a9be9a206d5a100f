"""Runs a Graph in numpy with exactly the arithmetic of the generated C: the executable specification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from barecast import ops
from barecast.errors import InternalError, UsageError, printable
from barecast.graph import Graph, TensorType, call_of

States = Mapping[str, np.ndarray]
"""The value of each state of the model, by the state's name."""


def run(graph: Graph, inputs: Mapping[str, np.ndarray], states: States | None = None) -> dict[str, np.ndarray]:
    """Model outputs by their author's names, for one array per model input (by its author's name).

    Arrays have the port's dtype and shape; UsageError says which one does not. states: None for the initial ones.
    """
    return outputs(graph, trace(graph, inputs, states))


def sequence(graph: Graph, rows: Iterable[Mapping[str, np.ndarray]]) -> Iterator[dict[str, np.ndarray]]:
    """Every tensor of the graph (as `trace` gives them) for each of the inputs, run in order from the initial states."""
    states = initial_states(graph)
    for inputs in rows:
        values = trace(graph, inputs, states)
        states = next_states(graph, values)
        yield values


def outputs(graph: Graph, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The model's outputs by name, out of what `trace` gives."""
    return {port.name: values[port.tensor] for port in graph.outputs}


def initial_states(graph: Graph) -> dict[str, np.ndarray]:
    """The states after a reset."""
    return {state.name: state.initial for state in graph.states}


def next_states(graph: Graph, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The states after a run, out of what `trace` gives."""
    return {state.name: values[state.after] for state in graph.states}


def trace(graph: Graph, inputs: Mapping[str, np.ndarray], states: States | None = None) -> dict[str, np.ndarray]:
    """Every tensor of the graph by its name in the graph, constants, inputs and states included."""
    values = {name: tensor.data for name, tensor in graph.tensors.items() if tensor.is_constant}
    given = _checked(graph, inputs)
    values.update((port.tensor, given[port.name]) for port in graph.inputs)
    held = initial_states(graph) if states is None else states
    values.update((s.before, _held(graph.type(s.before), held[s.name], "a run", s.before)) for s in graph.states)
    for node in graph.nodes:
        call = call_of(graph, node)
        arrays = tuple(None if name is None else values[name] for name in node.inputs)
        results = ops.get(node.op).execute(call, arrays)
        for name, array in zip(node.outputs, results, strict=True):
            values[name] = _held(graph.type(name), np.asarray(array), node.op, name)
    return values


def _checked(graph: Graph, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    known = {port.name: graph.type(port.tensor) for port in graph.inputs}
    listed = ", ".join(printable(name) for name in known) or "none"
    if surplus := [name for name in inputs if name not in known]:
        raise UsageError(f'the model has no input "{printable(surplus[0])}"', remedy=f"its inputs are: {listed}")
    if absent := [name for name in known if name not in inputs]:
        raise UsageError(f'no data for input "{printable(absent[0])}"', remedy=f"give an array for each of: {listed}")
    checked = {}
    for name, wanted in known.items():
        array = np.asarray(inputs[name])
        if array.dtype != wanted.dtype.numpy or array.shape != wanted.shape:
            raise UsageError(
                f'input "{printable(name)}" is {array.dtype} {list(array.shape)}, '
                f"the model wants {wanted.dtype.numpy} {list(wanted.shape)}"
            )
        checked[name] = array
    return checked


def _held(wanted: TensorType, array: np.ndarray, op: str, name: str) -> np.ndarray:
    """The array, if it is what the type promises: a wrong dtype here would hide as a wrong number later."""
    if array.dtype != wanted.dtype.numpy or array.shape != wanted.shape:
        raise InternalError(
            f"execution of {op} gave {array.dtype} {list(array.shape)} for {printable(name)}, "
            f"its type says {wanted.dtype.numpy} {list(wanted.shape)}"
        )
    return array
