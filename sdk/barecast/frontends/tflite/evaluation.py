"""Values that are known at import: what a loop's condition is in each round, and how much work loops and calls may make."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from barecast import ops
from barecast.errors import UnsupportedError
from barecast.graph import Call, GraphBuilder

OPERATORS_MAX = 3000
"""Operators in all rounds of all loops and in all calls."""

GROWN_MAX = 2**24
"""Elements of all constants together that operators make of smaller ones."""

KNOWN_MAX = 4096
"""Elements of a value that is carried from round to round as a constant."""


@dataclass
class Budget:
    """What a file's loops and calls have used up, and the values that are known so far."""

    operators: int = 0
    grown: int = 0
    _values: dict[str, np.ndarray | None] = field(default_factory=dict)
    _makers: dict[str, int] = field(default_factory=dict)
    _seen: int = 0

    def spend(self, operators: int) -> None:
        self.operators += max(1, operators)
        if self.operators > OPERATORS_MAX:
            raise UnsupportedError(
                f"loops and calls come to more than {OPERATORS_MAX} operators", remedy="export the model without loops"
            )

    def grow(self, elements: int) -> None:
        """UnsupportedError where a constant of so many elements, which the file does not hold, is too much."""
        self.grown += elements
        if self.grown > GROWN_MAX:
            raise UnsupportedError(
                f"makes a constant of {elements} elements, {GROWN_MAX} are the most that a model's may grow to",
                remedy="export the model with smaller constants",
            )

    def known(self, builder: GraphBuilder, tensor: str) -> np.ndarray | None:
        """The value of a tensor that depends on constants only; None for any other."""
        for index in range(self._seen, len(builder.nodes)):
            self._makers.update((name, index) for name in builder.nodes[index].outputs)
        self._seen = len(builder.nodes)
        pending = [tensor]
        while pending:
            name = pending[-1]
            if name in self._values:
                pending.pop()
                continue
            data, maker = builder.tensors[name].data, self._makers.get(name)
            if data is not None or maker is None:
                self._values[name] = data
                continue
            node = builder.nodes[maker]
            read = [n for n in node.inputs if n is not None]
            if unknown := [n for n in read if n not in self._values]:
                pending.extend(unknown)
            elif any(self._values[n] is None for n in read) or builder.tensors[name].type.size > KNOWN_MAX:
                self._values[name] = None
            else:
                call = Call(
                    node,
                    tuple(None if n is None else builder.tensors[n] for n in node.inputs),
                    tuple(builder.tensors[n] for n in node.outputs),
                    builder.rule,
                )
                arrays = tuple(None if n is None else self._values[n] for n in node.inputs)
                self._values.update(zip(node.outputs, ops.get(node.op).execute(call, arrays), strict=True))
        return self._values[tensor]
