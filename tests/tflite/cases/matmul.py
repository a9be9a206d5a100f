"""BATCH_MATMUL."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import Case, O, T, case, rng
from tests.tflite.cases.convolution import FACTORS


def matmul(
    name: str, a=(2, 3, 5), b=(2, 5, 4), turn=(0, 0), real=False, scales=(0.05, 0.02, 0.3), zeros=(3, -4, 5),
    constant="",
) -> Case:  # fmt: skip
    """turn: whether a and b are transposed. constant: "a" or "b" for an operand that the file holds."""
    name = f"BATCH_MATMUL {'f32' if real else 's8'} {name}{' adjoint a' * turn[0]}{' adjoint b' * turn[1]}"
    shapes = [np.empty(s).swapaxes(-1, -2).shape if t else s for s, t in zip((a, b), turn, strict=True)]
    out = np.matmul(*(np.zeros(s) for s in shapes)).shape
    operands = []
    for which, shape, scale, zero in zip("ab", (a, b), scales, zeros, strict=False):
        how = {"dtype": np.float32} if real else {"scale": scale, "zero": zero}
        data = None
        if which == constant:
            data = rng(name).normal(0, 40, shape)
            data = data.astype(np.float32) if real else np.clip(np.rint(data), -128, 127).astype(np.int8)
        operands.append(T(shape, data=data, **how))
    y = T(out, np.float32) if real else T(out, scale=scales[2], zero=zeros[2])
    made = O("BATCH_MATMUL", operands, (y,), ("BatchMatMulOptions", {"AdjX": turn[0], "AdjY": turn[1]}), version=3)
    return case(name, made, [t for t in operands if t.data is None], (y,))


SHAPES = (
    ((3, 5), (5, 4), (0, 0)),
    ((2, 3, 5), (2, 5, 7), (0, 0)),
    ((2, 3, 5), (5, 7), (0, 0)),
    ((3, 5), (2, 5, 7), (0, 0)),
    ((2, 1, 3, 5), (1, 4, 5, 6), (0, 0)),
    ((2, 3, 2, 4, 5), (2, 3, 2, 5, 3), (0, 0)),
    ((2, 5, 3), (2, 5, 7), (1, 0)),
    ((2, 3, 5), (2, 7, 5), (0, 1)),
    ((2, 5, 3), (2, 7, 5), (1, 1)),
    ((3, 5), (7, 5), (0, 1)),
)

CASES = (
    *(matmul(f"{list(a)} by {list(b)}", a, b, turn, real=r) for a, b, turn in SHAPES for r in (False, True)),
    *(matmul(f"constant {c}", constant=c, turn=t, a=a, b=b, real=r) for c in "ab" for r in (False, True)
      for t, a, b in (((0, 0), (2, 3, 5), (2, 5, 4)), ((0, 1), (2, 3, 5), (2, 4, 5)), ((1, 0), (2, 5, 3), (2, 5, 4)))),
    *(matmul(f"factor {n}", scales=(x, w, y)) for n, x, w, y in FACTORS),
    *(matmul(f"zero points {z}", zeros=z) for z in ((-128, 127, 0), (127, -128, -128), (0, 0, 127))),
)  # fmt: skip
