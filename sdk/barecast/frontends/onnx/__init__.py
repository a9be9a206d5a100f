"""The ONNX frontend: opset 11 to the newest of the installed onnx package; float32, and int8/uint8 in QDQ form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from barecast.errors import BarecastError, UnsupportedError, printable
from barecast.frontends.onnx import arrays, foreign, fusion, nodes, ports
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignModel
from barecast.frontends.onnx.scope import Scope
from barecast.graph import GraphBuilder, Imported, Port
from barecast.ops.copy import Copy

__all__ = ["read"]

def read(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Imported:
    """The ONNX model in `path`; see barecast.frontends.examine."""
    model = fusion.mark(foreign.load(path))
    builder = GraphBuilder(model.name)
    scope = Scope(builder, model.constants, model.folder)
    inputs, problems = ports.types(model.inputs, shapes)
    for name, made in inputs.items():
        nodes.add_input(scope, name, made)
    walk = nodes.Walk(model, scope, inputs)
    walk.run(model.nodes, (name for name, _ in model.outputs))
    problems = (*problems, *walk.problems, *_add_outputs(model, scope))
    if not problems:
        return Imported(builder.build())
    return Imported(builder.build() if builder.inputs and builder.outputs else None, problems)


def _add_outputs(model: ForeignModel, scope: Scope) -> tuple[BarecastError, ...]:
    """Adds every output that could be imported, and returns what is wrong with them."""
    builder = scope.builder
    taken = {port.tensor for port in (*builder.inputs, *builder.outputs)}
    problems: list[BarecastError] = []
    for name, elem_type in model.outputs:
        if not scope.knows(name):
            continue  # it hangs on a node that could not be imported
        if scope.array(name) is not None:
            problems.append(
                UnsupportedError(
                    f'output "{printable(name)}" does not depend on any input', remedy="remove it from the model"
                )
            )
            continue
        tensor = scope.tensor(name)
        have = scope.dtype_name(name)
        if elem_type and arrays.type_name(elem_type) != have:
            problems.append(
                damaged(
                    f'output "{printable(name)}" is declared {arrays.type_name(elem_type)}, its node computes {have}'
                )
            )
            continue
        if tensor in taken:  # an input handed through, or one result under two names: each port has its own tensor
            made = scope.type(tensor)
            copy = builder.tensor(name, made)
            builder.add("copy", Copy(), (tensor,), (copy,))
            tensor = copy
        taken.add(tensor)
        builder.outputs.append(Port(name, tensor))
    return tuple(problems)
