"""Where the short way out of an accumulator (bc_dsp_rescale) is exact."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from barecast.layouts import dsp
from barecast.layouts.channels import Channels
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE

BORDER = 2**30 - 128 * 10


def channels(bias: int, shift: int) -> Channels:
    """Two channels whose weights' magnitudes sum to 10."""
    rows = np.array([[3, -7], [0, 1]], np.int64)
    same = (np.full(2, value, np.int64) for value in (2**30 + 5, shift))
    return Channels(rows, np.array([bias, 0], np.int64), *same)


@pytest.mark.parametrize(
    ("ties", "bias", "fits"),
    [
        (TFLITE, BORDER - 1, True),
        (TFLITE, BORDER, False),
        (TFLITE, -BORDER, False),
        (TFLITE_SINGLE, BORDER, True),
        (0, BORDER, True),
    ],
)
def test_only_the_double_rounding_doubles_the_accumulator(ties: int, bias: int, fits: bool) -> None:
    assert dsp.rescale_fits(channels(bias, 40), SimpleNamespace(ties=ties)) == fits


def test_shifts_of_the_high_word_to_the_right() -> None:
    for ties, least in ((0, 33), (TFLITE, 32), (TFLITE_SINGLE, 33)):
        params = SimpleNamespace(ties=ties)
        given = [shift for shift in range(28, 62) if dsp.rescale_fits(channels(0, shift), params)]
        assert given == list(range(least, least + dsp.MOST_RIGHT))
    assert not dsp.rescale_fits(channels(0, 40), SimpleNamespace(ties=1))
