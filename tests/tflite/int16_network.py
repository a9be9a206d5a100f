"""Networks in the 16x8 scheme, with random weights.

python -m tests.tflite.int16_network FILE writes the keyword spotter, of which docs/kernels.md has measurements.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tests.tflite.build import O, T, const, model, rng

SAME, RELU = 0, 1


class _Builder:
    """Collects operators; the scale of each output is chosen so that random weights use its range."""

    def __init__(self) -> None:
        self.operators: list[O] = []
        self.random = rng("16x8 network")

    def add(self, name: str, inputs: list[T], shape: tuple[int, ...], scale: float, options=None, dtype=np.int16) -> T:
        y = T(shape, dtype, scale=scale)
        self.operators.append(O(name, inputs, (y,), options, version=4))
        return y

    def weighted(self, name: str, x: T, w_shape: tuple[int, ...], out: tuple[int, ...], options, bias=np.int64) -> T:
        """A layer with int8 weights, one scale a channel (a dense layer: one in all)."""
        depthwise = name == "DEPTHWISE_CONV_2D"
        channels = w_shape[3 if depthwise else 0]
        taps = int(np.prod(w_shape)) // channels
        count = 1 if name == "FULLY_CONNECTED" else channels
        w_scales = np.float32(0.01) * np.exp(self.random.uniform(-0.5, 0.5, count)).astype(np.float32)
        w = T(w_shape, scale=w_scales, axis=3 if depthwise else 0, data=self._bytes(w_shape))
        data = self.random.integers(-1_000_000, 1_000_000, channels).astype(bias)
        b = T((channels,), bias, scale=w_scales * np.float32(x.scale), data=data)
        return self.add(name, [x, w, b], out, float(np.float32(x.scale) * 0.4 * np.sqrt(taps)), options)

    def _bytes(self, shape: tuple[int, ...]) -> np.ndarray:
        return self.random.integers(-127, 127, shape, endpoint=True).astype(np.int8)


def _windows(**more: int) -> dict[str, int]:
    return {"Padding": SAME, "StrideH": 1, "StrideW": 1, "FusedActivationFunction": RELU, **more}


def network(float_ports: bool = False) -> bytes:
    """Convolutions, a residual sum, pools, dense and softmax, small: an image [1, 12, 10, 3] to 7 probabilities.

    float_ports: QUANTIZE and DEQUANTIZE at the border.
    """
    made, scale = _Builder(), 2.0**-13
    image = x = T((1, 12, 10, 3), np.float32) if float_ports else T((1, 12, 10, 3), np.int16, scale=scale)
    if float_ports:
        x = made.add("QUANTIZE", [x], x.shape, scale, ("QuantizeOptions", {}))
    dilations = {"DilationHFactor": 1, "DilationWFactor": 1}
    x = made.weighted("CONV_2D", x, (8, 3, 3, 3), (1, 12, 10, 8), ("Conv2DOptions", {**_windows(), **dilations}))
    options = {**_windows(StrideH=2, StrideW=2, DepthMultiplier=1), **dilations}
    x = made.weighted("DEPTHWISE_CONV_2D", x, (1, 3, 3, 8), (1, 6, 5, 8), ("DepthwiseConv2DOptions", options))
    options = {**_windows(FusedActivationFunction=0), **dilations}
    y = made.weighted("CONV_2D", x, (8, 1, 1, 8), (1, 6, 5, 8), ("Conv2DOptions", options), np.int32)
    x = made.add("ADD", [x, y], (1, 6, 5, 8), 1.3 * max(x.scale, y.scale), ("AddOptions", {}))
    x = made.add("LEAKY_RELU", [x], x.shape, x.scale, ("LeakyReluOptions", {"Alpha": 0.1}))
    size = {"FilterHeight": 2, "FilterWidth": 2}
    x = made.add("MAX_POOL_2D", [x], (1, 3, 3, 8), x.scale, ("Pool2DOptions", _windows(StrideH=2, StrideW=2, **size)))
    gate = made.add("LOGISTIC", [x], x.shape, 2.0**-15)
    x = made.add("MUL", [x, gate], x.shape, x.scale, ("MulOptions", {}))
    x = made.add("MEAN", [x, const((1, 2))], (1, 8), 0.8 * x.scale, ("ReducerOptions", {"KeepDims": 0}))
    x = made.weighted("FULLY_CONNECTED", x, (7, 8), (1, 7), ("FullyConnectedOptions", {}))
    x = made.add("SOFTMAX", [x], (1, 7), 2.0**-15, ("SoftmaxOptions", {"Beta": 1.0}))
    if float_ports:
        y = T((1, 7), np.float32)
        made.operators.append(O("DEQUANTIZE", [x], (y,), ("DequantizeOptions", {}), version=2))
        x = y
    return model(made.operators, [image], [x])


def keyword_spotter() -> bytes:
    """The layers of MLPerf Tiny's keyword spotter: [1, 49, 10, 1] to 12 probabilities, 2.66 million products."""
    made, image = _Builder(), T((1, 49, 10, 1), np.int16, scale=2.0**-13)
    plain = {"DilationHFactor": 1, "DilationWFactor": 1}
    options = {**_windows(StrideH=2, StrideW=2), **plain}
    x = made.weighted("CONV_2D", image, (64, 10, 4, 1), (1, 25, 5, 64), ("Conv2DOptions", options))
    for _ in range(4):
        options = {**_windows(DepthMultiplier=1), **plain}
        x = made.weighted("DEPTHWISE_CONV_2D", x, (1, 3, 3, 64), (1, 25, 5, 64), ("DepthwiseConv2DOptions", options))
        options = {**_windows(), **plain}
        x = made.weighted("CONV_2D", x, (64, 1, 1, 64), (1, 25, 5, 64), ("Conv2DOptions", options))
    size = {"FilterHeight": 25, "FilterWidth": 5, "Padding": 1}
    options = _windows(StrideH=25, StrideW=5, FusedActivationFunction=0, **size)
    x = made.add("AVERAGE_POOL_2D", [x], (1, 1, 1, 64), x.scale, ("Pool2DOptions", options))
    x = made.add("RESHAPE", [x, const((1, 64))], (1, 64), x.scale, ("ReshapeOptions", {"NewShape": [1, 64]}))
    x = made.weighted("FULLY_CONNECTED", x, (12, 64), (1, 12), ("FullyConnectedOptions", {}))
    x = made.add("SOFTMAX", [x], (1, 12), 2.0**-15, ("SoftmaxOptions", {"Beta": 1.0}))
    return model(made.operators, [image], [x])


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(keyword_spotter())
