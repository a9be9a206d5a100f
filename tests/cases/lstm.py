"""Cases of lstm: sequences and batches of either order, clips, functions, scales of the cell."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule, TensorType
from barecast.ops.lstm import Lstm

from tests.cases.build import Case, Constant, case, f32, quant, rng, s8
from tests.cases.mac import FLOAT

SIZES = (
    ("1 of everything", 1, 1, 1, 1),
    ("sequence", 6, 1, 5, 4),
    ("batch", 3, 2, 3, 7),
    ("one step", 1, 3, 9, 5),
)
"""(name, steps, batch, inputs, units)."""


def float_case(name: str, steps: int, batch: int, inputs: int, units: int, **attrs) -> Case:
    generator, attrs = rng(name), Lstm(**attrs)
    shapes = ((4, units, inputs), (4, units, units), (2, 4, units))
    constants = (Constant(generator.normal(0, 0.5, s).astype(np.float32)) for s in shapes)
    x = f32(*((steps, batch) if attrs.time_major else (batch, steps)), inputs)
    return case(f"f32 {name}", "lstm", attrs, (x, *constants, f32(batch, units), f32(batch, units)), FLOAT)


def integer_case(
    name: str, steps: int, batch: int, inputs: int, units: int, zeros=(3, -5), scales=(0.05, 0.01, 0.0079),
    cell=2.0**-11, rule=Rule.TFLITE, **attrs,
) -> Case:  # fmt: skip
    """zeros: of input and h. scales: of input, weights and h."""
    generator, attrs = rng(name), Lstm(**attrs)
    spread = np.exp(generator.uniform(-1, 1, (2, 4)))
    w, r = (
        Constant(generator.integers(-127, 127, (4, units, n), endpoint=True).astype(np.int8), quant(s, 0, 0))
        for n, s in zip((inputs, units), scales[1] * spread, strict=True)
    )
    bias = generator.integers(-20000, 20000, (2, 4, units)).astype(np.int32)
    bias[1] = 0
    x = s8(*((steps, batch) if attrs.time_major else (batch, steps)), inputs, scale=scales[0], zero=zeros[0])
    hidden, state = (DType.S8, quant(scales[2], zeros[1])), (DType.S16, quant(cell))
    types = (TensorType(dtype, (batch, units), q) for dtype, q in (hidden, state))
    outputs = (hidden, hidden, state)
    return case(f"s8 {name}", "lstm", attrs, (x, w, r, Constant(bias), *types), outputs, rule=rule)


VARIANTS = (
    ("batch first", 4, 3, 5, 4, {"time_major": False}),
    ("clipped", 5, 2, 5, 4, {"cell_clip": 0.75}),
    ("sigmoid", 4, 2, 5, 4, {"cell_sigmoid": True}),
)

CASES = (
    *(make(*size) for make in (float_case, integer_case) for size in SIZES),
    *(make(*size, **how) for make in (float_case, integer_case) for *size, how in VARIANTS),
    *(integer_case(f"cell of 2**{k}", 4, 2, 5, 4, cell=2.0**k) for k in (-15, -13, -12, -9, -4)),
    integer_case("clipped to nothing", 3, 2, 5, 4, cell_clip=1e-6),
    integer_case("lowest zero points", 3, 2, 5, 4, zeros=(-128, -128)),
    integer_case("highest zero points", 3, 2, 5, 4, zeros=(127, 127)),
    integer_case("one rounding", 4, 2, 5, 4, rule=Rule.TFLITE_SINGLE),
)
