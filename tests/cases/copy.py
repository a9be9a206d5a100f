"""Cases of copy: bytes of every element type that reaches a kernel."""

from __future__ import annotations

from barecast.ops.copy import Copy

from tests.cases.build import case, f32, s8, u8

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)

CASES = tuple(
    case(f"{make(1).dtype.value}_{n}", "copy", Copy(), [make(n)], (make(1).dtype, make(1).quant))
    for make in (s8, u8, f32)
    for n in SIZES
)
