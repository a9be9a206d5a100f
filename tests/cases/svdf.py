"""Cases of svdf: float, and integers with states of 8 and 16 bits, halves away from zero and sums that wrap around."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.svdf import Svdf

from tests.cases.build import Case, Constant, case, f32, quant, rng, s8
from tests.cases.mac import bias, float_bias, float_weights

SIZES = (
    ("1 of everything", 1, 1, 1, 1, 1),
    ("usual", 1, 10, 8, 2, 6),
    ("batch 3", 3, 5, 6, 3, 4),
    ("odd", 2, 7, 5, 1, 9),
)
"""(name, batch, inputs, filters, rank, memory)."""


def float_case(name: str, batch: int, inputs: int, filters: int, rank: int, memory: int, biased=True, clamp=Clamp()):
    weights = (float_weights(name, (filters, inputs)), float_weights(f"{name} time", (filters, memory)))
    b = float_bias(name, filters // rank) if biased else None
    operands = (f32(batch, inputs), *weights, b, f32(batch, filters * memory))
    return case(f"f32 {name}", "svdf", Svdf(rank, clamp), operands)


def integer_case(
    name: str, batch: int, inputs: int, filters: int, rank: int, memory: int, state=DType.S16, zeros=(3, 0, -5),
    scales=(0.05, 0.01, 0.002, 0.01, 0.3), rule=Rule.TFLITE,
) -> Case:  # fmt: skip
    """zeros: of input, state and output. scales: of input, feature weights, state, time weights and output."""
    generator, info = rng(name), np.iinfo(state.numpy)
    features = generator.integers(-127, 127, (filters, inputs), endpoint=True).astype(np.int8)
    time = generator.integers(info.min + 1, info.max, (filters, memory), endpoint=True).astype(state.numpy)
    operands = (
        s8(batch, inputs, scale=scales[0], zero=zeros[0]),
        Constant(features, quant(scales[1])),
        Constant(time, quant(scales[3])),
        bias(name, filters // rank),
        TensorType(state, (batch, filters * memory), quant(scales[2], zeros[1])),
    )
    outputs = ((DType.S8, quant(scales[4], zeros[2])), (state, quant(scales[2], zeros[1])))
    return case(f"{state.value} {name}", "svdf", Svdf(rank), operands, outputs, rule=rule)


BYTES = {"state": DType.S8, "scales": (0.05, 0.01, 0.05, 0.02, 0.4), "zeros": (3, 7, -5)}
FINE = (0.05, 0.01, 0.0005, 0.0001, 0.3)

CASES = (
    *(float_case(*size) for size in SIZES),
    float_case("no bias", 2, 3, 4, 2, 5, biased=False),
    float_case("relu", 2, 3, 4, 2, 5, clamp=Clamp(0)),
    *(integer_case(*size, scales=FINE) for size in SIZES),
    *(integer_case(*size, **BYTES) for size in SIZES),
    integer_case("sums that wrap around", 1, 4, 4, 2, 40),
    integer_case("one rounding", 2, 9, 6, 2, 5, scales=FINE, rule=Rule.TFLITE_SINGLE),
    integer_case("one rounding, bytes", 2, 9, 6, 2, 5, **BYTES, rule=Rule.TFLITE_SINGLE),
    integer_case("features that wrap around", 2, 9, 6, 2, 5, **{**BYTES, "zeros": (-128, -100, 127)}),
)
