"""VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE."""

from __future__ import annotations

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.scope import Scope
from barecast.frontends.tflite.variables import EXPORT_AGAIN, values_of
from barecast.graph import DType

KEPT = (DType.F32, DType.S8, DType.U8, DType.S16, DType.S32, DType.S64, DType.BOOL)
"""What a variable may hold."""


def var_handle(scope: Scope) -> tuple[()]:
    """A name for the variable; VarHandleOptions has the variable's own."""
    options = scope.options("VarHandleOptions", required=True)
    container, name = ((part or b"").decode("utf-8", "replace") for part in (options.Container(), options.SharedName()))
    if scope.output().type_name != "resource":
        raise ModelError(f"gives {scope.output().type_name}, no resource", remedy=EXPORT_AGAIN)
    scope.bind_resource(scope.operator.outputs[0], (container, name))
    return ()


def read_variable(scope: Scope) -> str:
    wanted = scope.output_type()
    if wanted.dtype not in KEPT or not wanted.size:
        raise UnsupportedError(f"a variable of {wanted.dtype.numpy} {list(wanted.shape)}", remedy="use float32 or int8")
    return scope.viewed(scope.variable(0, wanted), wanted)


def assign_variable(scope: Scope) -> tuple[()]:
    scope.assign(0, scope.tensor(1, *KEPT))
    return ()


def call_once(scope: Scope) -> tuple[()]:
    """The graph that it calls gives variables their initial values: it is run here."""
    graph = scope.subgraph(scope.options("CallOnceOptions", required=True).InitSubgraphIndex())
    if scope.parent is not None:
        raise UnsupportedError("within another subgraph", remedy="initialise variables in the main graph")
    if graph.inputs or graph.outputs:
        raise ModelError("calls a graph that has inputs or outputs", remedy=EXPORT_AGAIN)
    inner = scope.called(graph)
    for key, (name, value) in values_of(inner.builder, inner.variables).items():
        scope.variables.initialise(key, name, value)
    return ()


IMPORTERS = {
    "VAR_HANDLE": var_handle,
    "READ_VARIABLE": read_variable,
    "ASSIGN_VARIABLE": assign_variable,
    "CALL_ONCE": call_once,
}
