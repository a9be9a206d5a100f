"""QOperator form, spelt as QDQ form: QLinearConv and kin become DequantizeLinear, the operator and QuantizeLinear.

The two forms mean the same, so that one import and one set of passes serve both. Each operator here lists its inputs by
role; what an operator of the domain com.microsoft takes is described in onnxruntime's docs/ContribOperators.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from barecast.errors import ModelError, UnsupportedError, printable
from barecast.frontends.onnx.damage import damaged

MICROSOFT = "com.microsoft"


@dataclass(frozen=True)
class _Form:
    """How one operator is spelt.

    op: the operator in float. inputs: places of (tensor, scale, zero point) in the node's inputs; y: of the output's
    scale and zero point. bias: the place of an int32 tensor in steps of the product of the first two scales.
    weights: the input, if any, that may have a scale for each index of its axis `axis`. attributes: what the float
    operator keeps of the node's.
    """

    op: str
    inputs: tuple[tuple[int, int, int], ...]
    y: tuple[int, int]
    bias: int | None = None
    weights: int | None = None
    axis: int = 0
    attributes: Callable[[Mapping[str, onnx.AttributeProto]], Mapping[str, onnx.AttributeProto]] = lambda given: given


def _channels_first(given: Mapping[str, onnx.AttributeProto]) -> Mapping[str, onnx.AttributeProto]:
    if "channels_last" in given and given["channels_last"].i:
        raise UnsupportedError("works on channels last", remedy="export the model with channels first")
    return {name: attribute for name, attribute in given.items() if name != "channels_last"}


def _without_opset(given: Mapping[str, onnx.AttributeProto]) -> Mapping[str, onnx.AttributeProto]:
    return {name: attribute for name, attribute in given.items() if name != "opset"}


_ONE, _PAIR = ((0, 1, 2),), ((0, 1, 2), (3, 4, 5))

FORMS: Mapping[tuple[str, str], _Form] = {
    ("", "QLinearConv"): _Form("Conv", _PAIR, (6, 7), bias=8, weights=1),
    ("", "QLinearMatMul"): _Form("MatMul", _PAIR, (6, 7), weights=1, axis=-1),
    (MICROSOFT, "QGemm"): _Form("Gemm", _PAIR, (7, 8), bias=6, weights=1, axis=-1),
    (MICROSOFT, "QLinearAdd"): _Form("Add", _PAIR, (6, 7)),
    (MICROSOFT, "QLinearMul"): _Form("Mul", _PAIR, (6, 7)),
    (MICROSOFT, "QLinearSigmoid"): _Form("Sigmoid", _ONE, (3, 4)),
    (MICROSOFT, "QLinearLeakyRelu"): _Form("LeakyRelu", _ONE, (3, 4)),
    (MICROSOFT, "QLinearAveragePool"): _Form("AveragePool", _ONE, (3, 4), attributes=_channels_first),
    (MICROSOFT, "QLinearGlobalAveragePool"): _Form("GlobalAveragePool", _ONE, (3, 4), attributes=_channels_first),
    (MICROSOFT, "QLinearSoftmax"): _Form("Softmax", _ONE, (3, 4), attributes=_without_opset),
}
"""(domain, operator) -> how it is spelt. QLinearConcat, whose inputs are as many as there are, has a way of its own."""


def expand(graph: onnx.GraphProto) -> onnx.GraphProto:
    """The graph with every operator of FORMS, and QLinearConcat, in QDQ form; the same object if it has none."""
    if not any(_is_known(node) for node in graph.node):
        return graph
    made = onnx.GraphProto()
    made.CopyFrom(graph)
    del made.node[:]
    constants = {tensor.name: tensor for tensor in graph.initializer}
    taken = {name for node in graph.node for name in (*node.input, *node.output)} | set(constants)
    for index, node in enumerate(graph.node):
        if not _is_known(node):
            made.node.append(node)
            continue
        spelling = _Spelling(node, index, constants, taken)
        try:
            made.node.extend(spelling.concat() if node.op_type == "QLinearConcat" else spelling.nodes())
        except (ModelError, UnsupportedError) as error:
            raise error.at(node=printable(node.name or node.output[0]), operator=node.op_type) from error
        made.initializer.extend(spelling.made)
    return made


def _is_known(node: NodeProto) -> bool:
    domain = "" if node.domain == "ai.onnx" else node.domain
    return (domain, node.op_type) in FORMS or (domain, node.op_type) == (MICROSOFT, "QLinearConcat")


class _Spelling:
    """One node in QDQ form. made: the constants that come with it."""

    def __init__(self, node: NodeProto, index: int, constants: Mapping[str, TensorProto], taken: set[str]):
        self.node, self.index, self.constants, self.taken = node, index, constants, taken
        self.made: list[TensorProto] = []

    def nodes(self) -> Iterator[NodeProto]:
        form = FORMS["" if self.node.domain == "ai.onnx" else self.node.domain, self.node.op_type]
        inputs = []
        for number, places in enumerate(form.inputs):
            names = [self._input(place, needed=place != places[2]) for place in places]
            dequantized = self._name(f"real{number}")
            axis = form.axis if number == form.weights else None
            yield self._node("DequantizeLinear", names, dequantized, axis=axis if self._is_list(names[1]) else None)
            inputs.append(dequantized)
        bias = self._input(form.bias, needed=False) if form.bias is not None else ""
        if bias:
            step = self._scale(form.inputs[0][1]) * self._scale(form.inputs[1][1]) * np.float32(self._alpha())
            step = step.reshape(()) if step.size == 1 else step.reshape(-1)
            inputs.append(self._name("bias"))
            yield self._node("DequantizeLinear", [bias, self._hold("step", step)], inputs[-1], axis=0 if step.ndim else None)
        attributes = form.attributes({attribute.name: attribute for attribute in self.node.attribute})
        scale = self._input(form.y[0], needed=False)
        result = self._name("result") if scale else self.node.output[0]
        yield self._float(form.op, inputs, result, attributes)
        if scale:
            yield self._node("QuantizeLinear", [result, scale, self._input(form.y[1], needed=False)], self.node.output[0])

    def concat(self) -> Iterator[NodeProto]:
        """Inputs: scale and zero point of the output, then tensor, scale and zero point of each part."""
        parts = (len(self.node.input) - 2) // 3
        if parts < 1 or len(self.node.input) != 2 + 3 * parts:
            raise damaged(f"has {len(self.node.input)} inputs")
        names = []
        for number in range(parts):
            names.append(self._name(f"real{number}"))
            yield self._node("DequantizeLinear", list(self.node.input[2 + 3 * number : 5 + 3 * number]), names[-1])
        result = self._name("result")
        yield self._float("Concat", names, result, {attribute.name: attribute for attribute in self.node.attribute})
        yield self._node("QuantizeLinear", [result, self.node.input[0], self.node.input[1]], self.node.output[0])

    def _float(
        self, op: str, inputs: list[str], output: str, attributes: Mapping[str, onnx.AttributeProto]
    ) -> NodeProto:
        node = self._node(op, inputs, output)
        node.attribute.extend(attributes.values())
        return node

    def _node(self, op: str, inputs: list[str], output: str, axis: int | None = None) -> NodeProto:
        while inputs and not inputs[-1]:
            inputs = inputs[:-1]
        attributes = {} if axis is None else {"axis": axis}
        return helper.make_node(op, inputs, [output], self.node.name, **attributes)

    def _input(self, place: int, needed: bool) -> str:
        name = self.node.input[place] if place < len(self.node.input) else ""
        if needed and not name:
            raise damaged(f"lacks its input {place}")
        return name

    def _alpha(self) -> float:
        """Gemm's factor is part of its accumulator's scale."""
        return next((a.f for a in self.node.attribute if a.name == "alpha"), 1.0) if self.node.op_type == "QGemm" else 1.0

    def _is_list(self, name: str) -> bool:
        return name in self.constants and len(self.constants[name].dims) == 1 and self.constants[name].dims[0] > 1

    def _scale(self, place: int) -> np.ndarray:
        name = self._input(place, needed=True)
        if name not in self.constants:
            raise UnsupportedError("has a scale that is computed at run time", remedy="quantise the model statically")
        return numpy_helper.to_array(self.constants[name]).astype(np.float32)

    def _hold(self, part: str, value: np.ndarray) -> str:
        self.made.append(numpy_helper.from_array(np.asarray(value, np.float32), self._name(part)))
        return self.made[-1].name

    def _name(self, part: str) -> str:
        """A tensor's name that the model does not have."""
        name = f"{self.node.name or self.node.output[0]}/{part}"
        while name in self.taken:
            name += f"_{self.index}"
        self.taken.add(name)
        return name
