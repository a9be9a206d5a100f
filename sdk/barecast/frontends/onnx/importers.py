"""The registry of importers: foreign operator -> the function that imports one such node.

An importer gets the scope and the node, adds what the node computes to the graph, and
returns the tensor of its first output, or that output's value if it is a constant or a sequence, or the tensors of all
outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from barecast.frontends.onnx import (
    casting,
    classical,
    convolution,
    dynamic,
    einsum,
    elementwise,
    functions,
    linear,
    movement,
    normalisation,
    pairs,
    pooling,
    quantisation,
    reduction,
    resizing,
    selection,
    sequences,
)
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope, Value

Importer = Callable[[Scope, ForeignNode], Value | tuple[str, ...]]

IMPORTERS: Mapping[str, Importer] = MappingProxyType(
    {
        **casting.IMPORTERS,
        **classical.IMPORTERS,
        **convolution.IMPORTERS,
        **dynamic.IMPORTERS,
        **einsum.IMPORTERS,
        **elementwise.IMPORTERS,
        **functions.IMPORTERS,
        **linear.IMPORTERS,
        **movement.IMPORTERS,
        **normalisation.IMPORTERS,
        **pairs.IMPORTERS,
        **pooling.IMPORTERS,
        **quantisation.IMPORTERS,
        **reduction.IMPORTERS,
        **resizing.IMPORTERS,
        **selection.IMPORTERS,
        **sequences.IMPORTERS,
    }
)
