"""SVDF and LSTM rescale by products of scales in float64: sums that float32 products would round to another integer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import numerics, reference
from barecast.numerics import fixed_point
from barecast.numerics.fixed_point import TfliteRequant

from tests.tflite.build import O, T, model
from tests.tflite.sequences import TANH
from tests.tflite.test_sequences import by_tflm, read
from tests.tflite.variables import Stream

COUNT = 64


def factors(scales: tuple[float, float, float], wide: bool = False) -> tuple[TfliteRequant, TfliteRequant]:
    """(by float64, by float32) for a * b / y."""
    a, b, y = (np.float32(s) for s in scales)
    wider, narrower = float(a) * float(b) / float(y), float(numerics.product_factor(a, b, y))
    if wide:
        return fixed_point.wide_requant(wider), fixed_point.wide_requant(narrower)
    return fixed_point.requant(wider, fixed_point.TFLITE), fixed_point.requant(narrower, fixed_point.TFLITE)


def apart(sums: np.ndarray, scales: tuple[float, float, float], wide: bool = False) -> np.ndarray:
    """The places of sums for which the two factors give different integers, COUNT at most."""
    wider, narrower = (factor.apply(sums[:, None])[:, 0] for factor in factors(scales, wide))
    places = np.flatnonzero(wider != narrower)
    assert len(places) > 8
    return places[:: -(-len(places) // COUNT)]


def near_halves(scales: tuple[float, float, float], most: int) -> np.ndarray:
    """Sums around those that become an integer and a half of -most to most."""
    a, b, y = (float(np.float32(s)) for s in scales)
    middle = np.rint((np.arange(-most, most) + 0.5) * y / (a * b)).astype(np.int64)
    return (middle[:, None] + np.arange(-60, 61)).ravel()


def svdf(scales: tuple[float, ...], weights: np.ndarray, time: int, bias: np.ndarray) -> Stream:
    """One filter an output and one step. scales: of input, weights, state, time weights, output."""
    units = len(bias)
    x, y = T((1, 2), scale=scales[0], zero=-128), T((1, units), scale=scales[4])
    state = T((1, units), np.int16, scale=scales[2], variable=True)
    f = T((units, 2), scale=scales[1], data=weights.astype(np.int8))
    t = T((units, 1), np.int16, scale=scales[3], data=np.full((units, 1), time, np.int16))
    b = T((units,), np.int32, scale=np.float32(scales[2]) * np.float32(scales[3]), data=bias.astype(np.int32))
    options = {"Rank": 1, "FusedActivationFunction": 0}
    made = O("SVDF", (x, f, t, b, state), (y,), ("SVDFOptions", options), version=3)
    return Stream("svdf", model([made], [x], [y]), {"x0": np.array([[[127, 1]]], np.int8)})


def svdf_features() -> Stream:
    """The sums are 255 * w0 + 129 * w1; the bias takes away what float64 makes of them, so that 8 bits show the rest."""
    scales = (0.0371, 0.0193, 0.00131)
    weights = np.stack(np.meshgrid(np.arange(-127, 128), np.arange(-127, 128)), -1).reshape(-1, 2)
    sums = weights @ np.array([255, 129])
    weights = weights[apart(sums, scales)]
    exact = factors(scales)[0].apply((weights @ np.array([255, 129]))[:, None])[:, 0]
    return svdf((*scales, 1.0, scales[2]), weights, 1, -exact)


def svdf_outputs() -> Stream:
    """The features are 0: the sums are the biases."""
    scales = (0.00131, 0.00057, 0.43)
    sums = near_halves(scales, 126)
    sums = sums[apart(sums, scales)]
    return svdf((0.1, 0.1, *scales), np.zeros((len(sums), 2)), 0, sums)


def lstm(wide: bool) -> Stream:
    """The input is 0, so the cell gate's sums are its biases. The other gates are halves."""
    scales = (0.000163, 0.00392, 2.0**-12) if wide else (1.71e-6, 6.73e-6, 2.0**-12)
    sums = np.arange(-1_500_000, 1_500_000, 9973) if wide else near_halves(scales, 60)
    sums = sums[apart(sums, scales, wide)]
    units, dtype = len(sums), np.int16 if wide else np.int8
    x, y = T((1, 1, 1), dtype, scale=scales[0]), T((1, 1, units), dtype, scale=2.0**-15)
    weights = [T((units, n), scale=scales[1], data=np.zeros((units, n), np.int8)) for n in (1, units) for _ in range(4)]
    held = np.int64 if wide else np.int32
    biases = [T((units,), held, scale=1.0, data=(sums * (gate == 2)).astype(held)) for gate in range(4)]
    states = [T((1, units), t, scale=2.0**-15, variable=True) for t in (dtype, np.int16)]
    operands = (x, *weights, *(None,) * 3, *biases, None, None, *states, *(None,) * 4)
    table = ("UnidirectionalSequenceLSTMOptions", {"FusedActivationFunction": TANH, "TimeMajor": True})
    made = O("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, (y,), table)
    return Stream("lstm", model([made], [x], [y]), {"x0": np.zeros((1, 1, 1, 1), dtype)})


MAKERS = {
    "SVDF, features": svdf_features,
    "SVDF, outputs": svdf_outputs,
    "LSTM s8": lambda: lstm(False),
    "LSTM s16": lambda: lstm(True),
}


@pytest.mark.parametrize("name", MAKERS)
def test_the_reference_gives_tflms_bytes(name: str, tmp_path: Path) -> None:
    stream = MAKERS[name]()
    graph = read(stream.model, tmp_path)
    (values,) = reference.sequence(graph, [{"x0": stream.inputs["x0"][0]}])
    (got,) = reference.outputs(graph, values).values()
    np.testing.assert_array_equal(got, by_tflm(stream)[0])
