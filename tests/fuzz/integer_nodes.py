"""Nodes of random graphs that compute with bytes themselves: QOperator form and dynamic quantisation, as onnxruntime's
quantiser writes them. Each ends in floats again, behind a DequantizeLinear or a Cast and a Mul."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tests.fuzz.growth import Growth

MICROSOFT = "com.microsoft"


def bytes_of(g: Growth, x: str) -> tuple[str, np.ndarray, np.ndarray] | None:
    """(name, scale, zero point) of the bytes behind a dequantised tensor."""
    stem = x.removesuffix("_r")
    if stem == x or f"{stem}_s" not in g.constants:
        return None
    return stem, g.constants[f"{stem}_s"], g.constants[f"{stem}_z"]


def _weights(g: Growth, *shape: int, depth: int, axis: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """int8 weights, their scale (one, or one along the axis) and zero points of 0."""
    real = g.rng.normal(0, 1 / math.sqrt(depth), shape)
    others = tuple(i for i in range(len(shape)) if i != axis)
    scale = np.maximum(np.abs(real).max(others if axis is not None else None), 0.01).astype(np.float32) / np.float32(127)
    along = scale if axis is None else np.expand_dims(scale, others)
    return np.rint(real / along).astype(np.int8), np.asarray(scale), np.zeros(np.shape(scale), np.int8)


def _result(g: Growth, x: str, likely: float) -> tuple[np.ndarray, np.ndarray]:
    """A scale and a zero point for results of about this size; some are clipped."""
    dtype = bytes_of(g, x)[2].dtype
    middle = 0 if dtype == np.int8 else 128
    return np.float32(likely * g.rng.uniform(0.5, 2) / 127), dtype.type(middle + g.rng.integers(-40, 41))


def _largest(g: Growth, x: str) -> float:
    return max(0.05, float(np.abs(g.values[x]).max()))


def _q(g: Growth, op: str, inputs: list, y: tuple[np.ndarray, np.ndarray], domain: str = "", **attributes) -> list[str]:
    return [g.as_floats(g.must(op, inputs, domain=domain, **attributes)[0], *y)]


def conv(g: Growth, x: str) -> list[str]:
    shape, given = g.values[x].shape, bytes_of(g, x)
    if given is None or len(shape) != 4 or min(shape[2:]) < 2:
        return []
    filters = int(g.rng.integers(1, 7))
    kernel = [int(k) for k in g.rng.integers(1, 3, 2)]
    axis = 0 if g.rng.random() < 0.5 else None
    w = _weights(g, filters, shape[1], *kernel, depth=shape[1] * math.prod(kernel), axis=axis)
    y = _result(g, x, _largest(g, x))
    inputs = [*given, *w, *y]
    if g.rng.random() < 0.6:
        inputs.append(np.rint(g.rng.normal(0, 0.3, filters) / (given[1] * w[1])).astype(np.int32))
    pads = [int(g.rng.integers(k)) for k in 2 * kernel]
    return _q(g, "QLinearConv", inputs, y, pads=pads, strides=[int(s) for s in g.rng.integers(1, 3, 2)])


def product(g: Growth, x: str) -> list[str]:
    """QLinearMatMul, QGemm, or MatMulInteger with a Cast and a Mul."""
    shape, given = g.values[x].shape, bytes_of(g, x)
    if given is None or len(shape) < 2:
        return []
    width = int(g.rng.integers(1, 9))
    w, scale, zero = _weights(g, shape[-1], width, depth=shape[-1], axis=1 if g.rng.random() < 0.3 else None)
    y = _result(g, x, _largest(g, x))
    if given[2].dtype == np.uint8 and g.rng.random() < 0.3:  # both unsigned
        w, zero = (w.astype(np.int16) + 128).astype(np.uint8), (zero.astype(np.int16) + 128).astype(np.uint8)
    how = g.rng.random()
    if how < 0.35:
        return _q(g, "QLinearMatMul", [*given, w, scale, zero, *y], y)
    if how < 0.6 and len(shape) == 2:
        bias = np.rint(g.rng.normal(0, 0.3, width) / (given[1] * scale)).astype(np.int32)
        return _q(g, "QGemm", [*given, w, scale, zero, bias, *y], y, MICROSOFT, alpha=1.0)
    found = g.must("MatMulInteger", [given[0], w, given[2], zero])
    return _scaled(g, found, given[1] * scale)


def dynamic(g: Growth, x: str) -> list[str]:
    """DynamicQuantizeLinear, and MatMulInteger or ConvInteger behind it."""
    shape = g.values[x].shape
    if bytes_of(g, x) is None or len(shape) < 2:
        return []
    quantised = g.must("DynamicQuantizeLinear", [x], 3)
    if len(shape) == 4 and g.rng.random() < 0.5:
        w, scale, zero = _weights(g, 3, shape[1], 2, 2, depth=4 * shape[1], axis=None)
        found = g.must("ConvInteger", [quantised[0], w, quantised[2], zero], pads=[0, 1, 1, 0])
    else:
        w, scale, zero = _weights(g, shape[-1], 4, depth=shape[-1], axis=None)
        found = g.must("MatMulInteger", [quantised[0], w, quantised[2], zero])
    return _scaled(g, found, g.must("Mul", [quantised[1], scale])[0])


def _scaled(g: Growth, sums: list[str], scale: str | np.ndarray) -> list[str]:
    return g.must("Mul", [g.must("Cast", sums, to=1)[0], scale])


def elementwise(g: Growth, x: str) -> list[str]:
    given = bytes_of(g, x)
    if given is None:
        return []
    if g.rng.random() < 0.35:
        y = np.float32(1 / 256), given[2].dtype.type(0 if given[2].dtype == np.uint8 else -128)
        return _q(g, "QLinearSigmoid", [*given, *y], y, MICROSOFT)
    if g.rng.random() < 0.3:
        y = _result(g, x, _largest(g, x))
        return _q(g, "QLinearLeakyRelu", [*given, *y], y, MICROSOFT, alpha=float(np.float32(g.rng.uniform(0, 0.5))))
    others = [n for n, v in g.values.items() if n[-1] == "r" and v.shape == g.values[x].shape]
    other = others[int(g.rng.integers(len(others)))]
    second = bytes_of(g, other)
    if second is None or second[2].dtype != given[2].dtype:
        return []
    op = "QLinearAdd" if g.rng.random() < 0.5 else "QLinearMul"
    sizes = _largest(g, x), _largest(g, other)
    y = _result(g, x, sum(sizes) if op == "QLinearAdd" else math.prod(sizes))
    return _q(g, op, [*given, *second, *y], y, MICROSOFT)


def pool(g: Growth, x: str) -> list[str]:
    given = bytes_of(g, x)
    if given is None or g.values[x].ndim != 4:
        return []
    y = _result(g, x, _largest(g, x))
    if g.rng.random() < 0.5:
        return _q(g, "QLinearGlobalAveragePool", [*given, *y], y, MICROSOFT)
    if min(g.values[x].shape[2:]) < 2:
        return []
    return _q(g, "QLinearAveragePool", [*given, *y], y, MICROSOFT, kernel_shape=[2, 2], strides=[1, 2])


def join(g: Growth, x: str) -> list[str]:
    given = bytes_of(g, x)
    if given is None:
        return []
    y = _result(g, x, _largest(g, x))
    return _q(g, "QLinearConcat", [*y, *given, *given], y, MICROSOFT, axis=int(g.rng.integers(g.values[x].ndim)))


KINDS = (conv, conv, product, product, dynamic, elementwise, elementwise, pool, join)
