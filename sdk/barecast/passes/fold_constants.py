"""fold_constants: what can be computed before the model runs is computed now.

Dequantised weights are left alone: fold_qdq wants to see their integers. A view or a
transpose of a dequantised constant is done on the integers.
"""

from __future__ import annotations

from barecast import ops
from barecast.errors import UnsupportedError
from barecast.graph import Call, Graph, Node
from barecast.passes.rewrite import Rewrite, permuted, reshaped_quant

GROWN_MAX = 2**24
"""Elements of a constant that is larger than all that it is computed from."""


def fold_constants(graph: Graph) -> Graph:
    """Every node with only constant inputs becomes a constant, except `dequantize`."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "dequantize" and not fold(rewrite, node, graph) and node.op in ("transpose", "reshape"):
            _do_on_integers(rewrite, node)

    return rewrite.visit(visit).build()


def fold(rewrite: Rewrite, node: Node, graph: Graph) -> bool:
    """Replaces a node of constants by its value; whether it was one."""
    if any(name is not None and rewrite.data(name) is None for name in node.inputs):
        return False
    size = sum(rewrite.type(name).size for name in node.outputs)
    if size > max([GROWN_MAX, *(rewrite.type(n).size for n in node.inputs if n is not None)]):
        raise UnsupportedError(
            f"makes a constant of {size} elements, {GROWN_MAX} are the most",
            node=next(iter(node.source), None),
            operator=node.op,
            remedy="export the model with smaller constants",
        )
    call = Call(
        node,
        tuple(None if n is None else rewrite.tensor(n) for n in node.inputs),
        tuple(rewrite.tensor(n) for n in node.outputs),
        graph.rule,
    )
    arrays = ops.get(node.op).execute(call, tuple(rewrite.data(n) for n in node.inputs))
    for name, array in zip(node.outputs, arrays, strict=True):
        rewrite.redirect(name, rewrite.constant(name, array, rewrite.type(name).quant))
    return True


def _do_on_integers(rewrite: Rewrite, node: Node) -> None:
    """transpose(dequantize(constant)) -> dequantize(transpose(constant)); the same for a reshape."""
    dequantize = rewrite.maker(node.inputs[0], "dequantize")
    if dequantize is None or rewrite.data(dequantize.inputs[0]) is None:
        return
    type, data = rewrite.type(dequantize.inputs[0]), rewrite.data(dequantize.inputs[0])
    if node.op == "transpose":
        data, quant = data.transpose(node.attrs.perm), permuted(type, node.attrs.perm).quant
    else:
        try:
            data, quant = data.reshape(node.attrs.shape), reshaped_quant(type.quant, type.shape, node.attrs.shape)
        except ValueError:
            return
    integers = rewrite.constant(dequantize.inputs[0], data.copy(), quant)
    rewrite.replace(node, "dequantize", dequantize.attrs, (integers,), source=dequantize.source)
