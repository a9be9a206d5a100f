"""One check for every node against ONNX's own definition of its operator: inputs, attributes and element types."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import AttributeProto
from onnx.defs import OpSchema

from barecast.errors import UnsupportedError, printable
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode

_SUBGRAPH = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


def check(node: ForeignNode, types: Sequence[str | None], bodies: bool = False) -> None:
    """Raises ModelError where the node breaks the operator's definition.

    types: ONNX's spelling of each input's element type ("float", "int64"; "seq(tensor(float))" of a sequence), None if
    the input is absent. bodies: whether graphs inside of the node are welcome.
    """
    for name, attribute in node.attributes.items():
        if attribute.type in _SUBGRAPH and not bodies:
            raise UnsupportedError("control flow (a graph inside of a node) is not supported", remedy="unroll it")
        if attribute.ref_attr_name:
            raise damaged(f"attribute {printable(name)} refers to a function's attribute, but this is no function")
    schema = node.schema
    if schema is None:
        return
    _check_attributes(node, schema)
    if not schema.min_input <= len(node.inputs) <= schema.max_input:
        raise damaged(f"has {len(node.inputs)} inputs, it must have {_span(schema.min_input, schema.max_input)}")
    if not max(1, schema.min_output) <= len(node.outputs) <= schema.max_output:
        raise damaged(
            f"has {len(node.outputs)} outputs, it must have {_span(max(1, schema.min_output), schema.max_output)}"
        )
    _check_types(node, schema, types)


def _check_attributes(node: ForeignNode, schema: OpSchema) -> None:
    for name, attribute in node.attributes.items():
        if name not in schema.attributes:
            raise damaged(
                f"has an attribute {printable(name)}, which this operator does not have in opset {schema.since_version}"
            )
        wanted = schema.attributes[name].type.value
        if attribute.type != wanted:
            raise damaged(f"attribute {printable(name)} is of kind {_kind(attribute.type)}, it must be {_kind(wanted)}")
    for name, definition in schema.attributes.items():
        if definition.required and name not in node.attributes:
            raise damaged(f"lacks the attribute {name}")


def _check_types(node: ForeignNode, schema: OpSchema, types: Sequence[str | None]) -> None:
    allowed = {c.type_param_str: c.allowed_type_strs for c in schema.type_constraints}
    bound: dict[str, tuple[str, str]] = {}
    for index, found in enumerate(types):
        formal = schema.inputs[min(index, len(schema.inputs) - 1)]
        if found is None:
            if formal.option != OpSchema.FormalParameterOption.Optional:
                raise damaged(f"lacks its input {formal.name}")
            continue
        spelt = found if found.startswith("seq(") else f"tensor({found})"
        if spelt not in allowed.get(formal.type_str, (formal.type_str,)):
            raise damaged(f"input {formal.name} is {found}, which this operator does not take")
        if formal.type_str in allowed and formal.is_homogeneous:
            first, other = bound.setdefault(formal.type_str, (formal.name, found))
            if other != found:
                raise damaged(f"input {formal.name} is {found} while {first} is {other}; they must be alike")


def _span(low: int, high: int) -> str:
    if low == high:
        return str(low)
    return f"{low} or more" if high >= 2**31 - 1 else f"{low} to {high}"


def _kind(kind: int) -> str:
    return (
        AttributeProto.AttributeType.Name(kind).lower() if kind in AttributeProto.AttributeType.values() else str(kind)
    )
