"""Random graphs of all kinds of operators, by seeds (python -m tests.fuzz.graphs by the hour).

What was found has cases of its own in tests/cases, tests/frontends and tests/unit: a seed draws another graph as soon as a
kind of node is added.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.fuzz import graphs
from tests.fuzz.growth import Growth

COMPILED = range(6)
COMPARED = range(6, 14)


@pytest.mark.parametrize("seed", COMPILED)
def test_the_c_is_right(seed: int, tmp_path: Path) -> None:
    assert graphs.examined(seed, tmp_path).wrong == []


def test_the_reference_is_onnxruntimes() -> None:
    drawn = Counter()
    for seed, one in graphs.run(iter(COMPARED), c=False):
        assert not one.wrong, f"seed {seed}"
        drawn += one.operators
    assert len(drawn) > 60  # seeds are of use only while they lead everywhere


def test_equal_seeds_give_equal_graphs() -> None:
    assert Growth(3).model().SerializeToString() == Growth(3).model().SerializeToString()


def test_differences_are_found() -> None:
    one = np.ones(4, np.float32)
    assert not graphs._difference(one, one + np.float32(1e-6))
    assert graphs._difference(one, one + np.float32(1e-3)) and graphs._difference(one, one[:3])
    assert graphs._difference(one.astype(np.int32), one.astype(np.int64) + 1)
    assert graphs._difference(np.float32([1, np.nan]), np.float32([1, 1])) and graphs._difference(one.astype(np.int32), one)
