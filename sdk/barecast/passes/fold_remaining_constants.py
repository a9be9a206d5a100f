"""fold_remaining_constants: dequantised constants that no integer operator wanted become plain floats."""

from __future__ import annotations

from barecast.graph import Graph
from barecast.passes.fold_constants import fold
from barecast.passes.rewrite import Rewrite


def fold_remaining_constants(graph: Graph) -> Graph:
    """Every node with only constant inputs becomes a constant."""
    rewrite = Rewrite(graph)
    return rewrite.visit(lambda node: fold(rewrite, node, graph)).build()
