"""retype_unsigned: bytes inside of the model are signed; kernels come in one kind only.

u8 with zero point z becomes s8 with z - 128: the same real numbers, constants with their
top bit flipped. The model's ports keep their type behind a requantize, which is exact here.
"""

from __future__ import annotations

import numpy as np

from barecast.graph import DType, Graph, Node, Quant, TensorType
from barecast.ops.requantize import Requantize
from barecast.passes.rewrite import Rewrite

PORT_OPS = ("dequantize", "quantize", "requantize")
"""Operators that read and write u8 themselves."""

PLAIN = Quant((1.0,), (0,))
"""The quantisation of bytes that nothing in the model gives a meaning."""


def retype_unsigned(graph: Graph) -> Graph:
    """No u8 but at the model's ports and states, and at the quantize, requantize and dequantize nodes beside them."""
    rewrite = Rewrite(graph)
    ports = {port.tensor for port in graph.inputs} | graph.output_tensors | {s.before for s in graph.states}
    for tensor in graph.tensors.values():
        if tensor.type.dtype is DType.U8 and tensor.name not in ports:
            if tensor.data is not None:
                flipped = (tensor.data ^ np.uint8(0x80)).view(np.int8)
                rewrite.redirect(tensor.name, rewrite.constant(tensor.name, flipped, _signed(tensor.type).quant))
            else:
                rewrite.retype(tensor.name, _signed(tensor.type))
    for name in dict.fromkeys((*(port.tensor for port in graph.inputs), *(s.before for s in graph.states))):
        if rewrite.type(name).dtype is DType.U8:
            _convert_input(rewrite, name)
    for name in dict.fromkeys((*(port.tensor for port in graph.outputs), *(s.after for s in graph.states))):
        if rewrite.type(name).dtype is DType.U8 and rewrite.maker(name) is not None:
            _convert_output(rewrite, name)
    return rewrite.build()


def _signed(type: TensorType) -> TensorType:
    quant = type.quant or PLAIN
    return TensorType(DType.S8, type.shape, Quant(quant.scale, tuple(z - 128 for z in quant.zero_point), quant.axis))


def _convert_input(rewrite: Rewrite, name: str) -> None:
    """Readers that cannot take u8 read a signed copy of the input."""
    readers = [n for n in rewrite.readers(name) if n.op not in PORT_OPS]
    if readers:
        _give_quant(rewrite, name)
        signed = rewrite.add("requantize", Requantize(), (name,), _signed(rewrite.type(name)), name)
        for node in readers:
            _read_instead(rewrite, node, name, signed)


def _convert_output(rewrite: Rewrite, name: str) -> None:
    """The output is requantised from a signed tensor, which everything else reads."""
    maker = rewrite.maker(name)
    readers = rewrite.readers(name)
    if maker.op in PORT_OPS and not readers:
        return
    _give_quant(rewrite, name)
    signed = rewrite.add(maker.op, maker.attrs, maker.inputs, _signed(rewrite.type(name)), name, maker.source)
    rewrite.replace(maker, "requantize", Requantize(), (signed,), source=())
    for node in readers:
        _read_instead(rewrite, node, name, signed)


def _give_quant(rewrite: Rewrite, name: str) -> None:
    type = rewrite.type(name)
    if type.quant is None:
        rewrite.retype(name, TensorType(type.dtype, type.shape, PLAIN))


def _read_instead(rewrite: Rewrite, node: Node, old: str, new: str) -> None:
    inputs = tuple(new if n == old else n for n in node.inputs)
    rewrite.replace(node, node.op, node.attrs, inputs)
