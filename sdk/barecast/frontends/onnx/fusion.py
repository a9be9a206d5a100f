"""Which operators onnxruntime's default session computes on bytes, with kernels of its own.

Its graph optimiser replaces DequantizeLinear, operator, QuantizeLinear by one integer
operator where all element types are equal. Those round halves in ways of their own
(docs/numerics.md), so the import notes at each node whether that happens. Two things
decide the types on x86-64:

* Bytes between a QuantizeLinear and the one DequantizeLinear that reads them become u8 where they are s8.
* Bytes that several operators read, that an integer operator moves, or that are the
  model's inputs and outputs stay what they are.

Source: onnxruntime, core/optimizer/qdq_transformer (qdq_s8_to_u8.cc, ensure_unique_dq_for_node_unit.cc,
selectors_actions/qdq_selectors.cc).
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict

import numpy as np
import onnx
from onnx import TensorProto

from barecast import numerics
from barecast.frontends.onnx.foreign import ForeignModel, ForeignNode

FUSED = frozenset({"Add", "AveragePool", "GlobalAveragePool", "Mul", "Softmax"})
"""The operators whose fused kernels differ from what the operators say."""

MOVERS = frozenset({"Concat", "Flatten", "Identity", "MaxPool", "Pad", "Reshape", "Squeeze", "Transpose", "Unsqueeze"})
"""What may move bytes as integers."""

BYTES = {TensorProto.UINT8: "u8", TensorProto.INT8: "s8"}


def mark(model: ForeignModel) -> ForeignModel:
    """The model with `fused` set at the nodes that onnxruntime fuses: "u8" or "s8", the bytes its kernel works on."""
    view = _View(model)
    nodes = (dataclasses.replace(n, fused=view.fused(n)) if n.op in FUSED else n for n in model.nodes)
    return dataclasses.replace(model, nodes=tuple(nodes))


class _View:
    """The model's tensors, with who makes and who reads them."""

    def __init__(self, model: ForeignModel):
        self.constants: dict[str, onnx.TensorProto] = dict(model.constants)
        self.elements = {i.name: i.elem_type for i in model.inputs}
        self.outputs = {name for name, _ in model.outputs}
        self.makers: dict[str, ForeignNode] = {}
        self.readers: defaultdict[str, list[ForeignNode]] = defaultdict(list)
        for node in model.nodes:
            self.makers.update((name, node) for name in node.outputs if name)
            for name in filter(None, node.inputs):
                self.readers[name].append(node)
            if node.op == "Constant" and node.outputs[0]:
                self.constants.update((node.outputs[0], a.t) for a in node.proto.attribute if a.name == "value")

    def fused(self, node: ForeignNode) -> str:
        """ "u8", "s8", or "" where the operator stays as it is."""
        before = [self.makers.get(name) for name in node.inputs if name]
        after = self._quantize_behind(node)
        if after is None or not all(n is not None and n.op == "DequantizeLinear" for n in before):
            return ""
        if not all(self._per_tensor(n) for n in (*before, after)):
            return ""
        kinds = {self._bytes(n.inputs[0]) for n in before} | {self._bytes(after.outputs[0])}
        return kinds.pop() if len(kinds) == 1 else ""

    def _only_reader(self, node: ForeignNode) -> ForeignNode | None:
        name = node.outputs[0]
        readers = self.readers[name]
        return readers[0] if name not in self.outputs and len(readers) == 1 else None

    def _quantize_behind(self, node: ForeignNode) -> ForeignNode | None:
        """The QuantizeLinear that alone reads the node's output, perhaps behind a clamp that it makes redundant."""
        reader = self._only_reader(node)
        if reader is not None and reader.op in ("Relu", "Clip"):
            clamp, reader = reader, self._only_reader(reader)
            if reader is None or reader.op != "QuantizeLinear" or not self._is_redundant(clamp, reader):
                return None
        return reader if reader is not None and reader.op == "QuantizeLinear" else None

    def _is_redundant(self, clamp: ForeignNode, quantize: ForeignNode) -> bool:
        """Whether what the clamp cuts off saturates anyway."""
        scale, zero = (self._array(quantize.input(i)) for i in (1, 2))
        if scale is None or zero is None or scale.size != 1 or zero.size != 1:
            return False
        low, high = np.float32(0), np.float32(np.inf)
        if clamp.op == "Clip":
            bounds = [self._array(clamp.input(i)) for i in (1, 2)]
            low, high = (np.float32(b.item()) if b is not None and b.size == 1 else np.float32(np.nan) for b in bounds)
        ends = numerics.quantize(np.array([low, high]), scale.reshape(()), zero.reshape(()), zero.dtype)
        info = np.iinfo(zero.dtype)
        return bool(ends[0] == info.min and ends[1] == info.max)

    def _bytes(self, name: str | None) -> str:
        """The element type that the optimiser gives a quantised tensor; "" for any other."""
        maker = self.makers.get(name)
        while maker is not None and maker.op in MOVERS:
            name = maker.input(0)
            maker = self.makers.get(name)
        if maker is not None and maker.op == "QuantizeLinear":
            zero = self.constants.get(maker.input(2))
            stated = BYTES.get(zero.data_type, "") if zero is not None else ""
            return "u8" if stated == "s8" and self._is_pair(maker) else stated
        held = self.constants.get(name)
        return BYTES.get(held.data_type if held is not None else self.elements.get(name, 0), "")

    def _is_pair(self, quantize: ForeignNode) -> bool:
        """Whether one DequantizeLinear for one reader follows."""
        reader = self._only_reader(quantize)
        if reader is None or reader.op != "DequantizeLinear" or reader.input(2) is None:
            return False
        return len(self.readers[reader.outputs[0]]) + (reader.outputs[0] in self.outputs) == 1

    def _per_tensor(self, node: ForeignNode) -> bool:
        scale = self.constants.get(node.input(1))
        return scale is not None and int(np.prod(scale.dims)) == 1

    def _array(self, name: str | None) -> np.ndarray | None:
        proto = self.constants.get(name)
        return None if proto is None or proto.external_data else onnx.numpy_helper.to_array(proto)
