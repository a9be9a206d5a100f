"""remove_dead_nodes: what no output of the model needs is dropped."""

from __future__ import annotations

from barecast.graph import Graph
from barecast.passes.rewrite import Rewrite


def remove_dead_nodes(graph: Graph) -> Graph:
    """The nodes that some output needs, and no other tensors than theirs."""
    return Rewrite(graph).build()
