"""Variables: VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE, and the variable tensors of other operators.

A variable is what the model keeps from run to run. The operators run in the file's order, so a read gives what the
last assignment before it has stored: in the graph each assignment is a name of its own for the value, the first
value is there when a run starts, and the last one is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barecast import reference
from barecast.errors import ModelError, UnsupportedError, printable
from barecast.graph import DType, GraphBuilder, Port, State, TensorType

Key = tuple[str, ...]
"""Of a resource its container and name; of a variable tensor its place in the file."""

EXPORT_AGAIN = "export the model again"

STATE_MAX = 2**26
"""Bytes of one variable."""


@dataclass
class _Variable:
    """before: the tensor with the value at the start, None as long as nothing has read it; now: with the present one."""

    name: str
    type: TensorType
    before: str | None = None
    now: str | None = None


class Variables:
    """The variables of one graph that is being imported."""

    def __init__(self, builder: GraphBuilder):
        self._builder = builder
        self._known: dict[Key, _Variable] = {}
        self._initial: dict[Key, np.ndarray] = {}

    def read(self, key: Key, name: str, type: TensorType) -> str:
        """The graph's tensor with the present value; `type` is the variable's if nothing has used it before."""
        if type.bytes > STATE_MAX:
            raise UnsupportedError(
                f'variable "{printable(name)}" takes {type.bytes} bytes, {STATE_MAX} are the most', remedy="use a smaller one"
            )
        variable = self._known.setdefault(key, _Variable(name, type))
        if variable.now is None:
            variable.now = self.first(key)
        return variable.now

    def assign(self, key: Key, name: str, tensor: str) -> None:
        """From now on the variable has the value of this tensor of the graph, which is of the variable's type."""
        type = self._builder.tensors[tensor].type
        variable = self._known.setdefault(key, _Variable(name, type))
        if variable.type != type:
            raise ModelError(f'variable "{printable(name)}" changes its type', remedy=EXPORT_AGAIN)
        variable.now = tensor

    def type(self, key: Key) -> TensorType | None:
        """The variable's type; None if nothing has used it yet."""
        return self._known[key].type if key in self._known else None

    def initialise(self, key: Key, name: str, value: np.ndarray) -> None:
        if key in self._known:
            raise UnsupportedError(
                f'variable "{printable(name)}" is used before it is initialised', remedy="initialise it first"
            )
        self._initial[key] = value

    def now(self) -> dict[Key, str | None]:
        """The tensor with the present value of each variable; None of one that nothing has read or assigned."""
        return {key: variable.now for key, variable in self._known.items()}

    def go_back(self, then: Mapping[Key, str | None]) -> None:
        """The variables have the values again that they had at the time of `now`."""
        for key, variable in self._known.items():
            variable.now = then.get(key, variable.before)

    def name(self, key: Key) -> str:
        return self._known[key].name

    def first(self, key: Key) -> str:
        """The value of a known variable from before the run."""
        variable = self._known[key]
        if variable.before is None:
            variable.before = self._builder.tensor("state", variable.type)
        return variable.before

    def assigned(self) -> Mapping[Key, tuple[str, str]]:
        """Of each variable that has been assigned its name and the tensor with its value."""
        return {key: (v.name, v.now) for key, v in self._known.items() if v.now != v.before}

    def are_read(self) -> bool:
        """Whether the value from before the run matters for any of them."""
        return any(v.before is not None for v in self._known.values())

    def add_states(self) -> None:
        """Gives the builder a state for each variable whose old value matters."""
        names: set[str] = set()
        for key, variable in self._known.items():
            if variable.before is None:
                continue
            name, serial = variable.name, 1
            while name in names:
                serial += 1
                name = f"{variable.name}_{serial}"
            names.add(name)
            initial = self._initial_value(key, variable)
            self._builder.states.append(State(name, variable.before, variable.now, initial))

    def _initial_value(self, key: Key, variable: _Variable) -> np.ndarray:
        type = variable.type
        value = self._initial.get(key)
        if value is None:
            # as TFLM fills the memory: bytes of real zeros for int8, zeros for all else
            zero = type.quant.zero_point[0] if type.quant is not None and type.dtype in (DType.S8, DType.U8) else 0
            return np.full(type.shape, zero, type.dtype.numpy)
        if value.dtype != type.dtype.numpy or value.size != type.size:
            raise ModelError(
                f'variable "{printable(variable.name)}" is initialised with {value.dtype} {list(value.shape)}, '
                f"and holds {type.dtype.numpy} {list(type.shape)}",
                remedy=EXPORT_AGAIN,
            )
        return value.reshape(type.shape)


def values_of(builder: GraphBuilder, variables: Variables) -> dict[Key, tuple[str, np.ndarray]]:
    """What a graph without inputs assigns: of each variable its name and value."""
    assigned = variables.assigned()
    if variables.are_read():
        raise UnsupportedError("its graph reads a variable", remedy="initialise variables with constants")
    builder.outputs = [Port(str(index), tensor) for index, (_, tensor) in enumerate(assigned.values())]
    values = reference.run(builder.build(), {})
    return {key: (name, values[str(index)]) for index, (key, (name, _)) in enumerate(assigned.items())}
