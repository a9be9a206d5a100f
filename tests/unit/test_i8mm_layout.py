"""Weights for SMMLA, and when it is ahead of SDOT."""

from __future__ import annotations

import numpy as np
import pytest
from barecast.layouts import neon_i8mm


def test_blocks_are_in_whole_eights_in_the_order_of_the_sums():
    """Eleven bytes of depth are two eights with five zeros; the channels of a sum are two apart."""
    rows = np.arange(1, 8 * 11 + 1, dtype=np.int8).reshape(8, 1, 11)
    packed = neon_i8mm._eights(rows).data
    assert packed.shape == (1, 2, 8, 8)
    for place, channel in enumerate((0, 2, 1, 3, 4, 6, 5, 7)):
        np.testing.assert_array_equal(packed[0, :, place].reshape(-1)[:11], rows[channel, 0])
    assert not packed[0, 1, :, 3:].any()


@pytest.mark.parametrize(
    ("pixels", "outputs", "depth", "ahead"),
    [
        (1, 640, 128, False),  # half of each product would be for nothing
        (100, 8, 1000, False),
        (100, 16, 46, False),
        (100, 16, 47, True),
        (100, 64, 16, False),
        (100, 64, 17, True),
    ],
)
def test_matrix_products_pay_for_many_channels_and_products(pixels, outputs, depth, ahead):
    assert neon_i8mm.pays(pixels, outputs, depth) is ahead
