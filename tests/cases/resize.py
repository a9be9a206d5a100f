"""Cases of resize: larger, smaller and the same; every rule for coordinates."""

from __future__ import annotations

from barecast.ops.resize import Resize

from tests.cases.build import Case, case, f32, s8, u8

SIZES = (((1, 3, 4, 3), (6, 8)), ((2, 5, 7, 2), (3, 4)), ((1, 4, 3, 17), (9, 5)), ((1, 1, 2, 1), (4, 1)))
RULES = ((False, False), (True, False), (False, True), (True, True))


def _cases(make, kind: str) -> list[Case]:
    return [
        case(
            f"{make(1).dtype.value} {kind} {list(shape)} to {list(size)}{' align' * align}{' half' * half}",
            "resize",
            Resize(kind, size, align, half),
            [make(*shape)],
            (make(1).dtype, make(1).quant),
        )
        for shape, size in SIZES
        for align, half in RULES
        if kind == "nearest" or not (align and half)
    ]


CASES = (
    *(c for make in (f32, s8, u8) for c in _cases(make, "nearest")),
    *(c for make in (f32, s8) for c in _cases(make, "linear")),
)
