"""What TFLM cannot tell: padding by SPACE_TO_BATCH_ND (it fills with bytes that it never set), and refusals."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, reference
from barecast.errors import BarecastError, ModelError, UnsupportedError

from tests.tflite.build import Case, O, T, case, const
from tests.tflite.cases.spatial import BLOCKS, KINDS, blocks, mirror_pad, resize, transpose_conv


def read(made: Case, folder: Path):
    path = folder / "case.tflite"
    path.write_bytes(made.model)
    return frontends.read(path)


@pytest.mark.parametrize("type", KINDS)
@pytest.mark.parametrize(("x", "y", "block", "amounts"), [b for b in BLOCKS if np.any(b[3])])
def test_space_to_batch_pads_with_real_zero(type, x, y, block, amounts, tmp_path: Path) -> None:
    made = blocks("SPACE_TO_BATCH_ND", type, x, y, block, amounts)
    (got,) = reference.run(read(made, tmp_path), made.inputs).values()
    fill = KINDS[type].get("zero", 0)
    padded = np.pad(made.inputs["x0"], ((0, 0), *amounts, (0, 0)), constant_values=fill)
    want = [
        padded[tuple([slice(None), *(slice(o, None, b) for o, b in zip(offset, block, strict=True))])]
        for offset in np.ndindex(*block)
    ]
    assert np.array_equal(got, np.concatenate(want))


def padded_too_far() -> Case:
    return mirror_pad("f32", (1, 4), ((0, 0), (4, 0)), 0)


def without_size() -> Case:
    a, y = T((1, 2, 2, 1), np.float32), T((1, 4, 4, 1), np.float32)
    return case("size", O("RESIZE_BILINEAR", (a, const([4])), (y,), ("ResizeBilinearOptions", {})), (a,), (y,))


@pytest.mark.parametrize(
    ("made", "error", "words"),
    [
        (padded_too_far, ModelError, r"\[4, 0\] mirrored from an axis of 4"),
        (without_size, ModelError, "a size of 1 numbers"),
        (lambda: resize("RESIZE_BILINEAR", "f32", (1, 2, 2, 1), (4, 4), 1, 1), ModelError, "both align_corners"),
        (lambda: resize("RESIZE_BILINEAR", "s8", (1, 2, 2, 1), (3000, 4)), UnsupportedError, "leave the input"),
        (lambda: resize("RESIZE_NEAREST_NEIGHBOR", "s8", (1, 1, 1, 1), (40000, 1)), UnsupportedError, "exceeds 32767"),
        (lambda: blocks("SPACE_TO_BATCH_ND", "f32", (1, 5, 4, 1), (4, 2, 2, 1), (2, 2), ((0, 0), (0, 0))),
         ModelError, r"\[5, 4\] elements in blocks of \[2, 2\]"),
        (lambda: blocks("BATCH_TO_SPACE_ND", "f32", (3, 2, 2, 1), (1, 4, 4, 1), (2, 2), ((0, 0), (0, 0))),
         ModelError, r"a batch of 3 in blocks of \[2, 2\]"),
        (lambda: transpose_conv("wrong size", size=(8, 0), real=True), BarecastError, "size|empty"),
    ],
)  # fmt: skip
def test_refused(made, error, words, tmp_path: Path) -> None:
    with pytest.raises(BarecastError) as caught:
        graph = read(made(), tmp_path)
        reference.run(graph, made().inputs)
    problems = getattr(caught.value, "problems", None) or [caught.value]
    assert isinstance(problems[0], error)
    assert re.search(words, str(problems[0]))
