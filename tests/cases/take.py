"""Cases of take: runs of every kind, one axis to six; elements of 1, 2 and 4 bytes."""

from __future__ import annotations

from barecast.ops.take import Take

from tests.cases.build import case, f32, s8, s16, u8

PLACES = (
    ("mirrored", (5,), ((2, 1, 0, 1, 2, 3, 4, 3, 2),)),
    ("one", (4, 3), ((2,), ())),
    ("rows", (4, 3), ((3, 3, 0), ())),
    ("columns", (4, 6), ((), (5, 0, 2))),
    ("image", (2, 3, 4, 5), ((), (1, 0, 0, 1, 2), (3, 1, 1), ())),
    ("whole axes between", (3, 2, 2, 2, 3), ((2, 0), (), (), (), (1, 1, 0))),
    ("all taken", (2, 3, 4), ((), (), ())),
    ("in order", (2, 3, 4), ((0, 1), (0, 1, 2), (3, 2, 1, 0))),
    ("four axes", (2, 3, 2, 3), ((1, 0), (0, 2), (1, 1), (2, 0))),
    ("five axes", (2, 3, 2, 3, 2), ((1, 0), (0, 2), (1, 1, 0), (2, 0), (1, 0))),
    ("six axes", (2, 2, 2, 2, 2, 2), ((1, 0), (0, 1, 1), (1, 1, 0), (1, 0), (0, 1, 0), (1, 0))),
    ("seven axes, three taken", (1, 2, 3, 1, 2, 3, 2), ((), (1, 0), (), (), (1,), (), (1, 0))),
)

CASES = tuple(
    case(f"{make(1).dtype.value} {name}", "take", Take(places), [make(*shape)], (make(1).dtype, make(1).quant))
    for make in (s8, u8, s16, f32)
    for name, shape, places in PLACES
)
