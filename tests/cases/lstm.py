"""Cases of lstm: sequences and batches of either order, clips, functions, scales of the cell."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule, TensorType
from barecast.ops.lstm import Lstm

from tests.cases.build import Case, Constant, case, f32, quant, rng, s8, s16
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


def wide_case(
    name: str, steps: int, batch: int, inputs: int, units: int, scales=(0.0002, 0.01, 2.0**-15), cell=2.0**-11,
    limits=(-127, 127), biases=5_000_000, ends=False, rule=Rule.TFLITE, **attrs,
) -> Case:  # fmt: skip
    """16x8. scales: of input, weights and h. limits: of the weights. biases: the size of the largest. ends: inputs and
    h at the ends of int16 only.
    """
    generator, attrs, name = rng(name), Lstm(**attrs), f"s16 {name}"
    spread = np.exp(generator.uniform(-1, 1, (2, 4)))
    w, r = (
        Constant(generator.integers(*limits, (4, units, n), endpoint=True).astype(np.int8), quant(s, 0, 0))
        for n, s in zip((inputs, units), scales[1] * spread, strict=True)
    )
    bias = np.zeros((2, 4, units), np.int64)
    bias[0] = generator.integers(-biases, biases, (4, units), endpoint=True)
    x = s16(*((steps, batch) if attrs.time_major else (batch, steps)), inputs, scale=scales[0])
    hidden, state = (DType.S16, quant(scales[2])), (DType.S16, quant(cell))
    types = [TensorType(dtype, (batch, units), q) for dtype, q in (hidden, state)]
    lowest = {"x0": x.shape, "x4": types[0].shape}
    given = {key: np.full(shape, -32768, np.int16) for key, shape in lowest.items()} if ends else {}
    return case(name, "lstm", attrs, (x, w, r, Constant(bias), *types), (hidden, hidden, state), given, rule)


VARIANTS = (
    ("batch first", 4, 3, 5, 4, {"time_major": False}),
    ("clipped", 5, 2, 5, 4, {"cell_clip": 0.75}),
    ("sigmoid", 4, 2, 5, 4, {"cell_sigmoid": True}),
)

MAKERS = (float_case, integer_case, wide_case)
CELLS = ((integer_case, (-15, -13, -12, -9, -4)), (wide_case, (-15, -4)))

CASES = (
    *(make(*size) for make in MAKERS for size in SIZES),
    *(make(*size, **how) for make in MAKERS for *size, how in VARIANTS),
    *(make(f"cell of 2**{k}", 4, 2, 5, 4, cell=2.0**k) for make, powers in CELLS for k in powers),
    integer_case("clipped to nothing", 3, 2, 5, 4, cell_clip=1e-6),
    *(make("one rounding", 4, 2, 5, 4, rule=Rule.TFLITE_SINGLE) for make in MAKERS[1:]),
    integer_case("lowest zero points", 3, 2, 5, 4, zeros=(-128, -128)),
    integer_case("highest zero points", 3, 2, 5, 4, zeros=(127, 127)),
    wide_case("sums of 31 bits", 2, 1, 511, 3, limits=(-128, -128), scales=(1e-5, 1e-4, 2.0**-15), ends=True),
    wide_case("sums beyond 32 bits", 2, 1, 530, 3, limits=(-128, -128), scales=(1e-5, 1e-4, 2.0**-15), ends=True),
    wide_case("biases of 47 bits", 2, 2, 5, 4, biases=2**46, scales=(1e-9, 1e-4, 2.0**-15)),
    wide_case("quotients that wrap around", 2, 2, 5, 4, biases=2**40, scales=(1e-3, 1e-3, 2.0**-15)),
    wide_case("factors that vanish", 2, 2, 5, 4, biases=2**46, scales=(1e-9, 6e-5, 2.0**-15)),
    wide_case("saturating h", 4, 2, 5, 4, scales=(0.0002, 0.01, 2.0**-17)),
)
