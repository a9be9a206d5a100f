"""split_dequantize: every reader of dequantised numbers gets a dequantize of its own.

It costs nothing in the end (fold_qdq absorbs most, merge_duplicates joins the rest), and
remove_transposes can then choose a layout for each reader: one in floats at a model output
does not keep the others from working on transposed bytes.
"""

from __future__ import annotations

from barecast.graph import Graph, Node
from barecast.passes.rewrite import Rewrite


def split_dequantize(graph: Graph) -> Graph:
    """One dequantize for every node, and one for the model's outputs, that reads it."""
    rewrite = Rewrite(graph)

    def visit(node: Node) -> None:
        if node.op != "dequantize":
            return
        name = node.outputs[0]
        readers = rewrite.readers(name)
        for reader in readers if rewrite.is_output(name) else readers[1:]:
            own = rewrite.add("dequantize", node.attrs, node.inputs, rewrite.type(name), name, node.source)
            rewrite.replace(reader, reader.op, reader.attrs, (own if n == name else n for n in reader.inputs))

    return rewrite.visit(visit).build()
