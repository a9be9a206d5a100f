"""The passes from the imported graph to the one that kernels are chosen for. docs/passes.md says why in this order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from barecast import check, text
from barecast.errors import UsageError, printable
from barecast.graph import Graph
from barecast.options import Options
from barecast.passes.apply_io_layout import apply_io_layout
from barecast.passes.equalise_ranks import equalise_ranks
from barecast.passes.expose_quantized import expose_quantized
from barecast.passes.fold_batch_norm import fold_batch_norm
from barecast.passes.fold_constants import fold_constants
from barecast.passes.fold_pad import fold_pad
from barecast.passes.fold_qdq import fold_qdq
from barecast.passes.fold_remaining_constants import fold_remaining_constants
from barecast.passes.fuse_activations import fuse_activations
from barecast.passes.fuse_functions import fuse_functions
from barecast.passes.fuse_normalisations import fuse_normalisations
from barecast.passes.make_dense import make_dense
from barecast.passes.make_depthwise import make_depthwise
from barecast.passes.merge_duplicates import merge_duplicates
from barecast.passes.narrow_views import narrow_views
from barecast.passes.permute_dense_weights import permute_dense_weights
from barecast.passes.propagate_quant import propagate_quant
from barecast.passes.quantize_affine import quantize_affine
from barecast.passes.remove_dead_nodes import remove_dead_nodes
from barecast.passes.remove_identities import remove_identities
from barecast.passes.remove_transposes import remove_transposes
from barecast.passes.retype_unsigned import retype_unsigned
from barecast.passes.split_dequantize import split_dequantize

__all__ = ["ON_DEMAND", "PASSES", "run"]

PASSES: tuple[Callable[[Graph], Graph], ...] = (
    # what the model says, in its simplest form
    remove_dead_nodes,
    propagate_quant,
    fold_constants,
    equalise_ranks,
    expose_quantized,  # with --io quantized only
    apply_io_layout,  # with --io-layout channels-last only
    remove_identities,
    merge_duplicates,
    # layout
    split_dequantize,
    remove_transposes,
    narrow_views,
    fold_constants,
    remove_identities,
    # operators as the kernels have them
    fuse_normalisations,
    fuse_functions,
    make_depthwise,
    make_dense,
    fold_batch_norm,
    fuse_activations,
    fold_pad,
    narrow_views,
    merge_duplicates,
    # integers
    quantize_affine,
    fold_qdq,
    retype_unsigned,
    # what the integers laid open
    remove_identities,
    fuse_activations,
    fold_pad,
    remove_transposes,
    permute_dense_weights,
    fold_remaining_constants,
    remove_identities,
    merge_duplicates,
    remove_dead_nodes,
)

ON_DEMAND: dict[Callable[[Graph], Graph], Callable[[Options], bool]] = {
    apply_io_layout: lambda options: options.io_layout == "channels-last",
    expose_quantized: lambda options: options.io == "quantized",
}
"""Passes that an option asks for."""


def run(graph: Graph, options: Options, dump: Path | None = None) -> Graph:
    """All passes in order, each checked; with `dump`, a folder that gets the graph's text after each (NN_pass.txt).

    InternalError names the pass that broke an invariant.
    """
    check.graph(graph, after="import")
    _write(graph, dump, 0, "import")
    skipped = [p for p, wanted in ON_DEMAND.items() if not wanted(options)]
    for number, one_pass in enumerate(PASSES, 1):
        if one_pass in skipped:
            continue
        graph = one_pass(graph)
        check.graph(graph, after=one_pass.__name__)
        _write(graph, dump, number, one_pass.__name__)
    return graph


def _write(graph: Graph, folder: Path | None, number: int, name: str) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:02}_{name}.txt").write_text(text.dumps(graph), encoding="ascii")
    except OSError as error:
        raise UsageError(
            f"cannot write the graph's text to {printable(folder, 400)}: {error.strerror or error}",
            remedy="name a folder that can be written",
        ) from error
