"""IF and WHILE. The graphs they call become nodes in their place.

IF with a condition that is known at import is the branch that it says. Otherwise both branches are in the graph, and
`join` nodes choose: of a result, and of a variable that a branch assigns. Only the steps of the branch that is taken
run (barecast.guards). WHILE becomes as many copies of its body as there are rounds, so their number must be known.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.scope import Given, Scope
from barecast.frontends.tflite.variables import EXPORT_AGAIN, Key
from barecast.graph import DType
from barecast.ops.join import Join

ROUNDS_MAX = 256
"""Of one loop."""


def if_(scope: Scope) -> tuple[str | np.ndarray, ...]:
    options = scope.options("IfOptions", required=True)
    branches = [scope.subgraph(i) for i in (options.ThenSubgraphIndex(), options.ElseSubgraphIndex())]
    condition = scope.tensor(0, DType.BOOL)
    if scope.type(condition).size != 1:
        raise ModelError(f"has a condition of {list(scope.type(condition).shape)}", remedy=EXPORT_AGAIN)
    given = [scope.given(place) for place in range(1, len(scope.operator.inputs))]
    known = scope.known(condition)
    if known is not None:
        taken = branches[0] if known.reshape(-1)[0] else branches[1]
        return _results(scope, scope.inlined(taken, given))
    start = scope.variables.now()
    first = _results(scope, scope.inlined(branches[0], given), joined=True)
    changed = scope.variables.now()
    scope.variables.go_back(start)
    second = _results(scope, scope.inlined(branches[1], given), joined=True)
    results = tuple(_join(scope, condition, a, b) for a, b in zip(first, second, strict=True))
    _join_variables(scope, condition, changed)
    return results


def _results(scope: Scope, values: list[Given], joined: bool = False) -> tuple[str | np.ndarray, ...]:
    """What a graph gives, as the outputs of the operator that calls it. joined: all as tensors."""
    if len(values) != len(scope.operator.outputs):
        raise ModelError(f"gives {len(values)} results for {len(scope.operator.outputs)} outputs", remedy=EXPORT_AGAIN)
    found: list[str | np.ndarray] = []
    for place, value in enumerate(values):
        wanted = scope.output_type(place)
        if isinstance(value, tuple):
            raise UnsupportedError("gives a variable out of a graph", remedy="give its value")
        if isinstance(value, np.ndarray):
            if value.dtype != wanted.dtype.numpy or value.size != wanted.size:
                raise ModelError(f"gives {value.dtype} {list(value.shape)} for output {place}", remedy=EXPORT_AGAIN)
            value = value.reshape(wanted.shape)
            found.append(
                scope.builder.constant(f"t{scope.operator.outputs[place]}", value, wanted.quant) if joined else value
            )
        else:
            found.append(scope.viewed(value, wanted))
    return tuple(found)


def _join(scope: Scope, condition: str, first: str, second: str) -> str:
    joined = scope.builder.tensor(
        f"t{scope.operator.outputs[0]}/join" if scope.operator.outputs else "join", scope.type(first)
    )
    scope.builder.add("join", Join(), (condition, first, second), (joined,), (scope.operator.shown,))
    return joined


def _join_variables(scope: Scope, condition: str, changed: Mapping[Key, str | None]) -> None:
    """Variables have the value that the branch that is taken leaves. changed: what the first one left."""
    for key, here in scope.variables.now().items():
        there = changed.get(key)
        if there != here:
            first, second = (scope.variables.first(key) if value is None else value for value in (there, here))
            scope.variables.assign(key, scope.variables.name(key), _join(scope, condition, first, second))


def while_(scope: Scope) -> tuple[str | np.ndarray, ...]:
    options = scope.options("WhileOptions", required=True)
    condition, body = (scope.subgraph(i) for i in (options.CondSubgraphIndex(), options.BodySubgraphIndex()))
    carried: list[Given] = [scope.given(place) for place in range(len(scope.operator.inputs))]
    for _ in range(ROUNDS_MAX + 1):
        found = scope.inlined(condition, carried)
        if len(found) != 1 or isinstance(found[0], tuple):
            raise ModelError("has a condition of several values", remedy=EXPORT_AGAIN)
        known = found[0] if isinstance(found[0], np.ndarray) else scope.known(found[0])
        if known is None:
            raise UnsupportedError(
                "goes on as long as something holds that is computed at run time",
                remedy="export the model with a fixed number of rounds",
            )
        if known.dtype != np.bool_ or known.size != 1:
            raise ModelError(f"has a condition of {known.dtype} {list(known.shape)}", remedy=EXPORT_AGAIN)
        if not known.reshape(-1)[0]:
            return _results(scope, carried)
        carried = scope.inlined(body, carried)
    raise UnsupportedError(f"has more than {ROUNDS_MAX} rounds", remedy="use fewer rounds, or layers in their place")


IMPORTERS = {"IF": if_, "WHILE": while_}
