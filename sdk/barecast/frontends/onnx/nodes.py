"""The walk over a model's nodes: each becomes a constant, tensors of the graph, or a problem to report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import onnx

from barecast.errors import BarecastError, ModelError, UnsupportedError, printable
from barecast.frontends.onnx import bodies, fold, foreign, schemas, stand_ins
from barecast.frontends.onnx.foreign import ForeignModel, ForeignNode
from barecast.frontends.onnx.importers import IMPORTERS
from barecast.frontends.onnx.scope import Scope, Sequence, Value
from barecast.graph import Port, TensorType
from barecast.numerics import finite

_REMEDIES = dict.fromkeys(("If", "Loop", "Scan"), "export the model without control flow")

INFINITE = (
    "Add", "CastLike", "Clip", "Concat", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min",
    "Mul", "Pad", "Sub", "Where",
)  # fmt: skip
"""Operators whose constants may be infinite: bounds, paddings, masks."""

BODIES = ("If", "SequenceMap")
"""Operators with a graph inside that is settled during the import: a condition, or a length, that is known."""

_RUNS_MAX = 1024
"""Times that the graphs of all SequenceMaps of a model may run: they can be nested."""


class Walk:
    """Imports nodes into a scope; what is wrong with those that cannot be imported is collected in `problems`."""

    def __init__(self, model: ForeignModel, scope: Scope, inputs: Mapping[str, TensorType]):
        self.model, self.scope, self.inputs = model, scope, inputs
        self.problems: list[BarecastError] = []
        self._runs, self._budget = 0, fold.Budget()
        self._known: dict[str, TensorType] | None = None
        # these, and what is computed from them
        self._missing = {one.name for one in model.inputs if one.name not in inputs}
        self._names = {*model.constants, *(one.name for one in model.inputs)}
        self._names.update(name for node in model.nodes for name in node.outputs if name)

    def run(self, nodes: Iterable[ForeignNode], outputs: Iterable[str]) -> None:
        """Imports every node that can be. outputs: the results that are wanted beside what the nodes read."""
        nodes, scope = tuple(nodes), self.scope
        read_names = {name for node in nodes for name in node.reads} | set(outputs)
        for node in nodes:
            scope.node = node
            try:
                if not _is_known(node):
                    raise _unknown(node)
                if any(not scope.knows(name) for name in node.reads):
                    # it hangs on something that could not be imported
                    if not self._missing.isdisjoint(node.reads):
                        self._missing.update(filter(None, node.outputs))
                        if not (node.op in IMPORTERS or node.op in BODIES):
                            raise _constants_only(node)
                    continue
                for name, value in zip(node.outputs, self._values(node), strict=False):
                    if name is not None and value is not None:
                        scope.bind(name, value)
                unbound = [n for n in node.outputs if n is not None and n in read_names and not scope.knows(n)]
                if unbound and node.op not in BODIES:
                    raise UnsupportedError(
                        f'its output "{printable(unbound[0])}" is used, only the first one is supported',
                        remedy="export the model for inference",
                    )
                self._missing.update(unbound)
            except (ModelError, UnsupportedError) as error:
                self.problems.append(error.at(node=node.source, operator=printable(node.op)))
                if self._known is None:
                    self._known = stand_ins.types(self.model, self.inputs)
                self._missing.update(self._leave_out(node, self._known))
            except BarecastError as error:
                raise error.at(node=node.source, operator=printable(node.op)) from error

    def _values(self, node: ForeignNode) -> tuple[Value | None, ...]:
        """What the node's outputs are: constants where all its inputs are, else tensors of the graph."""
        scope = self.scope
        settled = node.op in BODIES and (node.op != "If" or scope.array(node.input(0)) is not None)
        schemas.check(node, [scope.dtype_name(name) for name in node.inputs], bodies=settled)
        if settled:
            return self._branch(node) if node.op == "If" else self._mapped(node)
        if node.op in fold.OPERATORS and any(node.inputs):
            constants = tuple(scope.array(name) for name in node.inputs)
            if all(a is not None or name is None for a, name in zip(constants, node.inputs, strict=True)):
                return fold.evaluate(node, constants, self.model.opset, self._budget)
        if node.op not in IMPORTERS:
            raise _constants_only(node)
        for name in node.inputs:
            if name is not None and scope.is_constant(name) and scope.dtype_name(name) in ("float", "float16", "double"):
                finite.check_constant(scope.array(name), name, infinities=node.op in INFINITE)
        result = IMPORTERS[node.op](scope, node)
        return result if isinstance(result, tuple) else (result,)

    def _branch(self, node: ForeignNode) -> tuple[Value | None, ...]:
        """The branch that the constant condition takes; the other one is not looked at."""
        condition = self.scope.one(self.scope.constant(0), "the condition")
        graph = node.attributes["then_branch" if condition else "else_branch"].g
        return self._body(node, graph, {}, "")

    def _mapped(self, node: ForeignNode) -> tuple[Value | None, ...]:
        """The graph once for each element of the first sequence; other sequences hand theirs over in step."""
        scope, graph = self.scope, node.attributes["body"].g
        given = [scope.value(name) for name in node.inputs]
        if not isinstance(given[0], Sequence) or len(graph.input) != len(given):
            raise ModelError("its inputs do not fit its graph", remedy="export the model again")
        count = len(given[0].values)
        self._runs += count
        if self._runs > _RUNS_MAX or any(len(v.values) != count for v in given if isinstance(v, Sequence)):
            raise UnsupportedError(f"works on {count} elements", remedy="export the model without sequences")
        rows: list[tuple[Value | None, ...]] = []
        for index in range(count):
            bound = {}
            for value, name, formal in zip(given, node.inputs, graph.input, strict=True):
                bound[formal.name] = name
                if isinstance(value, Sequence):
                    bound[formal.name] = self._fresh(f"{name}/{index}")
                    scope.bind(bound[formal.name], value.values[index])
            rows.append(self._body(node, graph, bound, f"{index}/"))
        columns = list(zip(*rows, strict=True))
        if any(value is None or isinstance(value, Sequence) for column in columns for value in column):
            return (None,) * len(node.outputs)
        return tuple(scope.sequence_of(column) for column in columns)

    def _body(
        self, node: ForeignNode, graph: onnx.GraphProto, bound: Mapping[str, str], part: str
    ) -> tuple[Value | None, ...]:
        """What the graph's outputs are, its nodes imported in the place of `node`; None for what could not be."""
        copy = bodies.renamed(graph, f"{node.outputs[0] or node.source}/{part}", bound, self._names)
        body = foreign.body(copy, self.model.opsets)
        if len(body.outputs) != len(node.outputs):
            raise ModelError("its graph has another number of outputs", remedy="export the model again")
        self.scope.add_constants(body.constants)
        self._names.update(body.constants)
        self._names.update(name for inner in body.nodes for name in inner.outputs if name)
        self.run(body.nodes, body.outputs)
        self.scope.node = node
        return tuple(self.scope.value(name) if self.scope.knows(name) else None for name in body.outputs)

    def _fresh(self, name: str) -> str:
        while name in self._names:
            name += "'"
        self._names.add(name)
        return name

    def _leave_out(self, node: ForeignNode, known: Mapping[str, TensorType]) -> list[str]:
        """Makes the node's results inputs of the graph, and what it reads outputs, so that the rest can be examined.

        Returns the results that are computed at run time and whose type is not known.
        """
        scope = self.scope
        run_time = [n for n in node.inputs if n is not None and scope.knows(n) and not scope.is_constant(n)]
        if not run_time and all(n is None or scope.knows(n) for n in node.inputs):
            return []  # computed from constants: what reads it would complain that it is not one
        for name in node.outputs:
            if name in known and not scope.knows(name):
                add_input(scope, name, known[name])
        outputs = scope.builder.outputs
        ports = {port.tensor for port in (*scope.builder.inputs, *outputs)}
        tensors = dict.fromkeys(v for v in map(scope.value, run_time) if isinstance(v, str))
        outputs += [Port(t, t) for t in tensors if t not in ports]
        return [name for name in node.outputs if name is not None and not scope.knows(name)]


def add_input(scope: Scope, name: str, made: TensorType) -> None:
    """Makes the foreign tensor an input of the graph."""
    tensor = scope.builder.tensor(name, made)
    scope.builder.inputs.append(Port(name, tensor))
    scope.bind(name, tensor)


def _is_known(node: ForeignNode) -> bool:
    return node.schema is not None and (
        node.op in IMPORTERS or (not node.domain and (node.op in fold.OPERATORS or node.op in BODIES))
    )


def _constants_only(node: ForeignNode) -> UnsupportedError:
    return UnsupportedError("is not supported at run time, on constants only", remedy=_remedy(node))


def _unknown(node: ForeignNode) -> UnsupportedError:
    if node.domain and node.schema is None:
        return UnsupportedError(
            f'is of the domain "{printable(node.domain)}", which is not supported',
            remedy="export the model with standard ONNX operators",
        )
    if node.schema is None:
        return UnsupportedError("is not an operator of the model's opset", remedy=_remedy(node))
    return UnsupportedError("is not supported", remedy=_remedy(node))


def _remedy(node: ForeignNode) -> str:
    return _REMEDIES.get(node.op, "replace it in the model; `barecast ops` lists what is supported")
