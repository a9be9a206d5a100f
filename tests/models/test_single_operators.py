"""Models of one operator against onnxruntime's default session: every operator keeps the promised rate by itself.

A longer run: python -m tests.fuzz.single (docs/numerics.md has its results).
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.fuzz import single

ROOM = 3
"""Elements that may differ in so few models: one wrong entry of a table of 256 can be hit a few times."""

IN_FLOATS = ("Conv", "depthwise Conv", "Gemm", "MatMul")
"""What onnxruntime computes in floats if its input or output stays int8."""

NEVER_FUSED = ("ConvTranspose",)
"""What it always computes in floats: with scales that people write, exact halves fall as its sums' errors have it."""


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize("operator", single.OPERATORS)
def test_an_operator_is_onnxruntimes(tmp_path, operator, dtype):
    found = []
    for scales in single.SCALES:
        if operator in NEVER_FUSED and scales == "hand":
            continue
        found.append(single.measure(operator, dtype, scales, True, 5, tmp_path))
        if not (operator in IN_FLOATS and dtype is np.int8 and scales == "hand"):
            found.append(single.measure(operator, dtype, scales, False, 5, tmp_path))
    elements, differing = sum(f.elements for f in found), sum(f.default for f in found)
    assert elements > 1000 and max(f.largest for f in found) <= 1, found
    assert differing <= max(ROOM, elements // 10_000), found


@pytest.mark.parametrize("operator", ["Add", "Mul", "AveragePool", "Softmax"])
def test_the_two_sessions_differ(tmp_path, operator):
    """What is followed is a choice here: else the test above would pass with either."""
    found = [single.measure(operator, np.int8, scales, True, 5, tmp_path) for scales in single.SCALES]
    assert sum(f.written for f in found) > 10 * max(1, sum(f.default for f in found)), found
