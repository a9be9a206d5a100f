"""Scratch memory for CMSIS-NN, computed offline, is what the library's own functions say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from barecast.cmsis_nn import library

from tests.cmsis_nn import needs_library, sizes

RECORDED = json.loads((Path(__file__).parent / "recorded_sizes.json").read_text())


@pytest.mark.parametrize("function", sizes.SIZES)
def test_sizes_are_the_recorded_ones(function: str) -> None:
    """Measured from the library (`sizes.record`), on each kind of core."""
    rows = [row for row in RECORDED if row[0] == function]
    assert len(rows) >= 60
    for _, numbers, *wanted in rows:
        layer = sizes.Layer(*numbers)
        assert [sizes.SIZES[function](layer, core) for core in sizes.CORES] == wanted, layer


def test_the_record_has_every_kind_of_layer() -> None:
    answers = {(row[0], core, size > 0) for row in RECORDED for core, size in zip(sizes.CORES, row[2:], strict=True)}
    for function in ("convolve_s8", "depthwise_s8", "depthwise_s16"):
        assert {(function, "mve", True), (function, "mve", False)} <= answers
        assert {(function, "dsp", True), (function, "dsp", False)} <= answers


@needs_library
def test_sizes_are_the_librarys(tmp_path: Path) -> None:
    """CMSIS-NN 7.0.0 asks for too little for grouped 1x1 and 1xN convolutions, which run as general ones."""
    theirs = sizes.Library(library.root(), tmp_path)
    for function, ours in sizes.SIZES.items():
        for layer in sizes.layers(function, 4000, seed=1):
            for core in sizes.CORES:
                got, want = ours(layer, core), theirs.size(function, layer, core)
                assert got == want or (layer.groups > 1 and got > want), (function, core, layer)


@needs_library
def test_the_record_is_the_librarys(tmp_path: Path) -> None:
    theirs = [row for row in sizes.record(tmp_path) if row[1][15] == 1]
    assert theirs == [row for row in RECORDED if row[1][15] == 1]
