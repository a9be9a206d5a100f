"""The ONNX frontend: opset 11 to the newest of the installed onnx package; float32, and int8/uint8 in QDQ form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from barecast.errors import BarecastError, UnsupportedError, printable
from barecast.frontends.onnx import arrays, fold, foreign, ports, schemas
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignModel, ForeignNode
from barecast.frontends.onnx.importers import IMPORTERS
from barecast.frontends.onnx.scope import Scope
from barecast.graph import Graph, GraphBuilder, Port
from barecast.ops.copy import Copy

__all__ = ["read"]

_REMEDIES = {
    **dict.fromkeys(("If", "Loop", "Scan"), "export the model without control flow"),
    **dict.fromkeys(
        ("QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear"),
        "quantise the model statically, in the QDQ form",
    ),
}


def read(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Graph:
    """The ONNX model in `path` as a Graph; see barecast.frontends.read."""
    model = foreign.load(path)
    builder = GraphBuilder(model.name)
    scope = Scope(builder, model.constants, model.folder)
    for name, made in ports.types(model.inputs, shapes).items():
        tensor = builder.tensor(name, made)
        builder.inputs.append(Port(name, tensor))
        scope.bind(name, tensor)
    _import_nodes(model, scope)
    _add_outputs(model, scope)
    return builder.build()


def _import_nodes(model: ForeignModel, scope: Scope) -> None:
    """Imports every node, or raises one UnsupportedError that lists all that cannot be imported."""
    read_names = {name for node in model.nodes for name in node.inputs if name} | {name for name, _ in model.outputs}
    problems: list[BarecastError] = []
    for node in model.nodes:
        scope.node = node
        try:
            if (node.op not in IMPORTERS and node.op not in fold.OPERATORS) or node.domain:
                raise _unknown(node)
            if any(name is not None and not scope.knows(name) for name in node.inputs):
                continue  # it hangs on a node that could not be imported
            for name, value in zip(node.outputs, _values(model, scope, node), strict=False):
                if name is not None:
                    scope.bind(name, value)
            if surplus := [n for n in node.outputs if n is not None and n in read_names and not scope.knows(n)]:
                raise UnsupportedError(
                    f'its output "{printable(surplus[0])}" is used, only the first one is supported',
                    remedy="export the model for inference",
                )
        except UnsupportedError as error:
            problems.append(error.at(node=node.shown, operator=printable(node.op)))
        except BarecastError as error:
            raise error.at(node=node.shown, operator=printable(node.op)) from error
    if problems:
        nodes = "node" if len(problems) == 1 else "nodes"
        raise UnsupportedError(f"{len(problems)} {nodes} of the model cannot be imported", problems=problems)


def _values(model: ForeignModel, scope: Scope, node: ForeignNode) -> tuple[str | np.ndarray, ...]:
    """What the node's outputs are: constants where all its inputs are, else tensors of the graph."""
    schemas.check(node, [scope.dtype_name(name) for name in node.inputs])
    if node.op in fold.OPERATORS and any(node.inputs):
        constants = tuple(scope.array(name) for name in node.inputs)
        if all(a is not None or name is None for a, name in zip(constants, node.inputs, strict=True)):
            return fold.evaluate(node, constants, model.opset)
    if node.op not in IMPORTERS:
        raise UnsupportedError("is not supported at run time, on constants only", remedy=_remedy(node))
    return (IMPORTERS[node.op](scope, node),)


def _unknown(node: ForeignNode) -> UnsupportedError:
    if node.domain:
        return UnsupportedError(
            f'is of the domain "{printable(node.domain)}", which is not supported',
            remedy="export the model with standard ONNX operators",
        )
    if node.schema is None:
        return UnsupportedError("is not an operator of the model's opset", remedy=_remedy(node))
    return UnsupportedError("is not supported", remedy=_remedy(node))


def _remedy(node: ForeignNode) -> str:
    return _REMEDIES.get(node.op, "replace it in the model; `barecast ops` lists what is supported")


def _add_outputs(model: ForeignModel, scope: Scope) -> None:
    builder = scope.builder
    taken = {port.tensor for port in builder.inputs}
    for name, elem_type in model.outputs:
        if scope.array(name) is not None:
            raise UnsupportedError(
                f'output "{printable(name)}" does not depend on any input', remedy="remove it from the model"
            )
        tensor = scope.tensor(name)
        have = scope.dtype_name(name)
        if elem_type and arrays.type_name(elem_type) != have:
            raise damaged(
                f'output "{printable(name)}" is declared {arrays.type_name(elem_type)}, its node computes {have}'
            )
        if tensor in taken:  # an input handed through, or one result under two names: each port has its own tensor
            made = scope.type(tensor)
            copy = builder.tensor(name, made)
            builder.add("copy", Copy(), (tensor,), (copy,))
            tensor = copy
        taken.add(tensor)
        builder.outputs.append(Port(name, tensor))
