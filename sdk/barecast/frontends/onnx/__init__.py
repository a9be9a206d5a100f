"""The ONNX frontend: opset 11 to the newest of the installed onnx package; float32, and int8/uint8 in QDQ form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from barecast.errors import BarecastError, ModelError, UnsupportedError, printable
from barecast.frontends.onnx import arrays, fold, foreign, fusion, ports, schemas, stand_ins
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignModel, ForeignNode
from barecast.frontends.onnx.importers import IMPORTERS
from barecast.frontends.onnx.scope import Scope
from barecast.graph import GraphBuilder, Imported, Port, TensorType
from barecast.numerics import finite
from barecast.ops.copy import Copy

__all__ = ["read"]

_REMEDIES = {
    **dict.fromkeys(("If", "Loop", "Scan"), "export the model without control flow"),
    **dict.fromkeys(
        ("ConvInteger", "MatMulInteger", "DynamicQuantizeLinear"),
        "quantise the model statically, in the QDQ form",
    ),
}

INFINITE = (
    "Add", "Clip", "Concat", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min", "Mul",
    "Pad", "Sub", "Where",
)  # fmt: skip
"""Operators whose constants may be infinite: bounds, paddings, masks."""


def read(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Imported:
    """The ONNX model in `path`; see barecast.frontends.examine."""
    model = fusion.mark(foreign.load(path))
    builder = GraphBuilder(model.name)
    scope = Scope(builder, model.constants, model.folder)
    inputs, problems = ports.types(model.inputs, shapes)
    for name, made in inputs.items():
        _add_input(scope, name, made)
    missing = _import_nodes(model, scope, inputs)
    problems = (*problems, *missing, *_add_outputs(model, scope))
    if not problems:
        return Imported(builder.build())
    return Imported(builder.build() if builder.inputs and builder.outputs else None, problems)


def _add_input(scope: Scope, name: str, made: TensorType) -> None:
    tensor = scope.builder.tensor(name, made)
    scope.builder.inputs.append(Port(name, tensor))
    scope.bind(name, tensor)


def _import_nodes(model: ForeignModel, scope: Scope, inputs: Mapping[str, TensorType]) -> tuple[BarecastError, ...]:
    """Imports every node that can be, and returns what is wrong with the others."""
    read_names = {name for node in model.nodes for name in node.inputs if name} | {name for name, _ in model.outputs}
    problems: list[BarecastError] = []
    known: dict[str, TensorType] | None = None
    missing = {one.name for one in model.inputs if one.name not in inputs}  # these, and what is computed from them
    for node in model.nodes:
        scope.node = node
        try:
            if (node.op not in IMPORTERS and node.op not in fold.OPERATORS) or node.domain or node.schema is None:
                raise _unknown(node)
            if any(name is not None and not scope.knows(name) for name in node.inputs):
                # it hangs on something that could not be imported
                if not missing.isdisjoint(node.inputs):
                    missing.update(node.outputs)
                    if node.op not in IMPORTERS:
                        raise _constants_only(node)
                continue
            for name, value in zip(node.outputs, _values(model, scope, node), strict=False):
                if name is not None:
                    scope.bind(name, value)
            if surplus := [n for n in node.outputs if n is not None and n in read_names and not scope.knows(n)]:
                raise UnsupportedError(
                    f'its output "{printable(surplus[0])}" is used, only the first one is supported',
                    remedy="export the model for inference",
                )
        except (ModelError, UnsupportedError) as error:
            problems.append(error.at(node=node.source, operator=printable(node.op)))
            if known is None:
                known = stand_ins.types(model, inputs)
            missing.update(_leave_out(scope, node, known))
        except BarecastError as error:
            raise error.at(node=node.source, operator=printable(node.op)) from error
    return tuple(problems)


def _leave_out(scope: Scope, node: ForeignNode, known: Mapping[str, TensorType]) -> list[str]:
    """Makes the node's results inputs of the graph, and what it reads outputs, so that the rest can be examined.

    Returns the results that are computed at run time and whose type is not known.
    """
    run_time = [n for n in node.inputs if n is not None and scope.knows(n) and not scope.is_constant(n)]
    if not run_time and all(n is None or scope.knows(n) for n in node.inputs):
        return []  # computed from constants: what reads it would complain that it is not one
    for name in node.outputs:
        if name in known and not scope.knows(name):
            _add_input(scope, name, known[name])
    outputs = scope.builder.outputs
    ports = {port.tensor for port in (*scope.builder.inputs, *outputs)}
    outputs += [Port(t, t) for t in dict.fromkeys(map(scope.tensor, run_time)) if t not in ports]
    return [name for name in node.outputs if name is not None and not scope.knows(name)]


def _values(model: ForeignModel, scope: Scope, node: ForeignNode) -> tuple[str | np.ndarray, ...]:
    """What the node's outputs are: constants where all its inputs are, else tensors of the graph."""
    schemas.check(node, [scope.dtype_name(name) for name in node.inputs])
    if node.op in fold.OPERATORS and any(node.inputs):
        constants = tuple(scope.array(name) for name in node.inputs)
        if all(a is not None or name is None for a, name in zip(constants, node.inputs, strict=True)):
            return fold.evaluate(node, constants, model.opset)
    if node.op not in IMPORTERS:
        raise _constants_only(node)
    for name in node.inputs:
        if name is not None and scope.is_constant(name) and scope.dtype_name(name) in ("float", "float16", "double"):
            finite.check_constant(scope.array(name), name, infinities=node.op in INFINITE)
    result = IMPORTERS[node.op](scope, node)
    return result if isinstance(result, tuple) else (result,)


def _constants_only(node: ForeignNode) -> UnsupportedError:
    return UnsupportedError("is not supported at run time, on constants only", remedy=_remedy(node))


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
