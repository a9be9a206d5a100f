"""Cases of transpose: all orders of up to four axes, and six axes; elements of 1, 2 and 4 bytes."""

from __future__ import annotations

from itertools import permutations

from barecast.graph import DType
from barecast.ops.transpose import Transpose

from tests.cases.build import case, f32, s8, s16, u8

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)
SIX = ((5, 4, 3, 2, 1, 0), (1, 0, 3, 2, 5, 4), (0, 2, 4, 1, 3, 5), (3, 4, 5, 0, 1, 2))


def _cases():
    for make in (s8, u8, s16, f32):
        token, out = make(1).dtype.value, (make(1).dtype, make(1).quant)
        for rank in range(1, 5):
            for perm in permutations(range(rank)):
                name = f"{token}_{'_'.join(map(str, perm))}"
                yield case(name, "transpose", Transpose(perm), [make(*(2, 3, 4, 5)[:rank])], out)
        for perm in SIX:
            name = f"{token}_{'_'.join(map(str, perm))}"
            yield case(name, "transpose", Transpose(perm), [make(2, 3, 2, 3, 2, 3)], out)
        for n in SIZES:
            yield case(f"{token}_matrix{n}", "transpose", Transpose((1, 0)), [make(n, 5)], out)
            yield case(f"{token}_image{n}", "transpose", Transpose((0, 3, 1, 2)), [make(1, 2, 3, n)], out)
        yield case(f"{token}_ones", "transpose", Transpose((2, 0, 3, 1)), [make(1, 3, 1, 4)], out)
    # Elements farther apart than a signed number of 16 bits tells.
    yield case("s8_far", "transpose", Transpose((1, 0)), [s8(9, 6000)], (DType.S8, s8(1).quant))


CASES = tuple(_cases())
