"""What the int8 kernels for NEON's vectors can do, beside convolutions (runtime_c/include/barecast/bc_rescale_neon.h)."""

from __future__ import annotations

from barecast.numerics import fixed_point


def shift_fits(ties: int, shift: int) -> bool:
    """Whether bc_rescale_neon is exact for a step's rule and shift."""
    return shift >= 31 if ties == fixed_point.TFLITE else ties != 1 and shift >= 32
