"""propagate_quant: a tensor of bytes gets the quantisation of the tensors it shares its bytes with.

The frontend knows a quantisation only where the model states one, at QuantizeLinear and
DequantizeLinear. Operators that only move data between them (and the model's ports) have
the same one: it spreads forwards and backwards until nothing changes.
"""

from __future__ import annotations

from barecast.graph import DType, Graph, Node, Quant, TensorType
from barecast.ops.pad import Pad
from barecast.passes.rewrite import Rewrite, permuted, reshaped_quant

MOVERS = ("concat", "copy", "pad", "pool2d", "reshape", "transpose")


def propagate_quant(graph: Graph) -> Graph:
    """Types with more quantisations; a pad's raw byte becomes a real value as its tensor gets one."""
    rewrite = Rewrite(graph)
    movers = [node for node in rewrite.nodes() if _moves_bytes(rewrite, node)]
    raw_pads = [node for node in movers if node.op == "pad" and rewrite.type(node.outputs[0]).quant is None]
    pending = movers[::-1]
    while pending:
        for name in _spread(rewrite, pending.pop()):
            beside = [rewrite.maker(name), *rewrite.readers(name)]
            pending.extend(n for n in beside if n is not None and _moves_bytes(rewrite, n))
    for node in raw_pads:
        quant = rewrite.type(node.outputs[0]).quant
        if quant is not None:
            value = (node.attrs.value - quant.zero_point[0]) * quant.scale[0]
            rewrite.replace(node, "pad", Pad(node.attrs.before, node.attrs.after, value), node.inputs)
    return rewrite.build()


def _moves_bytes(rewrite: Rewrite, node: Node) -> bool:
    if node.op not in MOVERS or (node.op == "pool2d" and node.attrs.kind != "max"):
        return False
    return rewrite.type(node.outputs[0]).dtype in (DType.S8, DType.U8)


def _spread(rewrite: Rewrite, node: Node) -> list[str]:
    """Fills in what the node's tensors can learn from each other; returns the tensors that changed."""
    changed = []
    output = node.outputs[0]
    for name in node.inputs:
        known, unknown = (name, output) if rewrite.type(name).quant is not None else (output, name)
        if rewrite.type(known).quant is None or rewrite.type(unknown).quant is not None:
            continue
        type = rewrite.type(unknown)
        quant = _carried(node, rewrite.type(known), type, forwards=known == name)
        if quant is not None:
            rewrite.retype(unknown, TensorType(type.dtype, type.shape, quant))
            changed.append(unknown)
    return changed


def _carried(node: Node, known: TensorType, unknown: TensorType, forwards: bool) -> Quant | None:
    if known.quant.axis is None:
        return known.quant
    if node.op == "copy":
        return known.quant
    if node.op == "transpose":
        perm = node.attrs.perm
        if not forwards:
            perm = tuple(perm.index(axis) for axis in range(len(perm)))
        return permuted(known, perm).quant
    if node.op == "reshape":
        try:
            return reshaped_quant(known.quant, known.shape, unknown.shape)
        except ValueError:
            return None
    return None
