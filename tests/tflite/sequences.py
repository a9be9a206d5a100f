"""Models of one SVDF or UNIDIRECTIONAL_SEQUENCE_LSTM, and streams for them."""

from __future__ import annotations

import numpy as np

from tests.tflite.build import O, T, model, rng
from tests.tflite.cases.convolution import ACTIVATIONS
from tests.tflite.variables import Stream

RUNS = 6
TANH = 4
SHORT = {np.float32: "f32", np.int8: "s8", np.int16: "s16"}


def stream(name: str, operator: O, x: T) -> Stream:
    generator, size = rng(name), (RUNS, *x.shape)
    if np.dtype(x.dtype).kind == "f":
        data = generator.normal(0, 2, size).astype(np.float32)
    else:
        ends = np.iinfo(x.dtype)
        data = generator.integers(ends.min, ends.max, size, endpoint=True).astype(x.dtype)
    return Stream(name, model([operator], [x], list(operator.outputs)), {"x0": data})


def svdf(
    name: str, batch=1, inputs=10, filters=8, rank=2, memory=6, state: type | None = np.int16, zeros=(3, 0, -5),
    scales=(0.05, 0.01, 0.0005, 0.0001, 0.3), activation="none",
) -> Stream:  # fmt: skip
    """state: None is float32. zeros: of input, state and output; scales: also of the two kinds of weights."""
    name = f"SVDF {'f32' if state is None else np.dtype(state)} {name}"
    generator, units = rng(name), filters // rank
    sizes = {"x": (batch, inputs), "f": (filters, inputs), "t": (filters, memory), "b": (units,)}
    held, out = (batch, filters * memory), (batch, units)
    if state is None:
        x, y, kept = T(sizes["x"], np.float32), T(out, np.float32), T(held, np.float32, variable=True)
        f, t, b = (T(sizes[k], np.float32, data=generator.normal(0, 0.5, sizes[k]).astype(np.float32)) for k in "ftb")
    else:
        most = np.iinfo(state).max
        x, y = T(sizes["x"], scale=scales[0], zero=zeros[0]), T(out, scale=scales[4], zero=zeros[2])
        kept = T(held, state, scale=scales[2], zero=zeros[1], variable=True)
        f = T(sizes["f"], scale=scales[1], data=generator.integers(-127, 127, sizes["f"], endpoint=True).astype(np.int8))
        t = T(sizes["t"], state, scale=scales[3], data=generator.integers(-most, most, sizes["t"]).astype(state))
        data = generator.integers(-20000, 20000, units).astype(np.int32)
        b = T(sizes["b"], np.int32, scale=np.float32(scales[2]) * np.float32(scales[3]), data=data)
    options = {"Rank": rank, "FusedActivationFunction": ACTIVATIONS[activation]}
    return stream(name, O("SVDF", (x, f, t, b, kept), (y,), ("SVDFOptions", options), version=3), x)


def lstm(
    name: str, batch=1, steps=4, inputs=5, units=6, dtype: type = np.int8, time_major=True, clip=0.0, cell=2.0**-11,
    zeros=(3, -5), scales=None, limits=(-127, 127), biases: int | None = None,
) -> Stream:  # fmt: skip
    """dtype: of the activations. zeros: of input and h, in int8. scales: of input, weights and h. limits: of the
    weights. biases: the size of the largest.
    """
    real, wide = dtype is np.float32, dtype is np.int16
    name = f"LSTM {SHORT[dtype]} {name}{'' if time_major else ' batch first'}"
    generator = rng(name)
    first = (steps, batch) if time_major else (batch, steps)
    scales = scales or ((0.0002, 0.01, 2.0**-15) if wide else (0.05, 0.01, 0.0079))
    zeros = (0, 0) if wide else zeros
    biases = biases or (5_000_000 if wide else 20_000)

    def weights(width: int) -> T:
        if real:
            return T((units, width), np.float32, data=generator.normal(0, 0.5, (units, width)).astype(np.float32))
        data = generator.integers(*limits, (units, width), endpoint=True).astype(np.int8)
        return T((units, width), scale=scales[1] * float(np.exp(generator.uniform(-1, 1))), data=data)

    def bias(scale: float) -> T:
        if real:
            return T((units,), np.float32, data=generator.normal(0, 1, units).astype(np.float32))
        held = np.int64 if wide else np.int32
        return T((units,), held, scale=scale, data=generator.integers(-biases, biases, units).astype(held))

    ahead, back = [weights(inputs) for _ in range(4)], [weights(units) for _ in range(4)]
    added = [bias(scales[0] * (w.scale or 1)) for w in ahead]
    if real:
        x, y = T((*first, inputs), np.float32), T((*first, units), np.float32)
        kept = [T((batch, units), np.float32, variable=True) for _ in range(2)]
    else:
        x = T((*first, inputs), dtype, scale=scales[0], zero=zeros[0])
        y, hidden = T((*first, units), dtype, scale=scales[2], zero=zeros[1]), T(
            (batch, units), dtype, scale=scales[2], zero=zeros[1], variable=True
        )
        kept = [hidden, T((batch, units), np.int16, scale=cell, variable=True)]
    operands = (x, *ahead, *back, *(None,) * 3, *added, None, None, *kept, *(None,) * 4)
    options = {"FusedActivationFunction": TANH, "CellClip": clip, "TimeMajor": time_major}
    table = ("UnidirectionalSequenceLSTMOptions", options)
    return stream(name, O("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, (y,), table), x)


BYTES = {"state": np.int8, "zeros": (3, 7, -5), "scales": (0.05, 0.01, 0.05, 0.02, 0.4)}
GEOMETRY = (
    ("usual", {}),
    ("batch 3", {"batch": 3, "inputs": 5, "filters": 6, "rank": 3, "memory": 4}),
    ("rank 1", {"batch": 2, "inputs": 7, "filters": 5, "rank": 1, "memory": 9}),
    ("one step", {"memory": 1}),
)

WIDE = (
    ("1 of everything", {"steps": 1, "inputs": 1, "units": 1}),
    ("sums beyond 32 bits", {"inputs": 530, "units": 3, "limits": (127, 127), "scales": (1e-5, 1e-4, 2.0**-15)}),
    ("lowest weights", {"limits": (-128, -128), "scales": (1e-5, 1e-3, 2.0**-15)}),
    ("biases beyond 32 bits", {"biases": 2**40, "scales": (1e-7, 2e-5, 2.0**-15)}),
    ("quotients that wrap around", {"biases": 2**40, "scales": (1e-3, 1e-3, 2.0**-15)}),
    ("factors near the limit", {"scales": (0.03, 0.3, 2.0**-15)}),
    ("smallest factors", {"scales": (1e-9, 1e-4, 2.0**-15), "biases": 2**45, "steps": 1}),
    ("saturating h", {"scales": (0.0002, 0.01, 2.0**-17)}),
    ("coarse h", {"scales": (0.0002, 0.01, 0.001)}),
    ("coarse cell", {"cell": 1.0}),
    ("clipped to little", {"clip": 0.01}),
    ("clip beyond the cell", {"clip": 100.0}),
)
"""Of int16: (name, how it differs from the usual)."""

STREAMS = (
    *(svdf(name, **how, state=None) for name, how in GEOMETRY),
    *(svdf(name, **how) for name, how in GEOMETRY),
    *(svdf(name, **{**BYTES, **how}) for name, how in GEOMETRY),
    *(svdf(a, state=None, activation=a) for a in ("relu", "relu6")),
    *(svdf(a, activation=a) for a in ("relu", "relu6")),
    svdf("lowest zero points", zeros=(-128, 0, -128)),
    svdf("sums that wrap around", memory=40, scales=(0.05, 0.01, 0.0001, 0.0001, 0.3)),
    *(lstm("sequence", dtype=d) for d in SHORT),
    *(lstm("batch", batch=3, time_major=t, dtype=d) for d in SHORT for t in (False, True)),
    *(lstm("one step", steps=1, inputs=3, units=9, dtype=d) for d in SHORT),
    *(lstm("clipped", clip=0.75, dtype=d) for d in SHORT),
    *(lstm(f"cell of 2**{k}", cell=2.0**k, dtype=d) for d in (np.int8, np.int16) for k in (-15, -12, -9)),
    lstm("lowest zero points", zeros=(-128, -128)),
    lstm("highest zero points", zeros=(127, 127)),
)
EXTREMES = tuple(lstm(name, dtype=np.int16, **how) for name, how in WIDE)
"""Held against the reference only, which tests/cases/lstm.py has the kernels meet at the same extremes."""
