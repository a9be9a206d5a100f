"""The functions of one real number that the operator `unary` knows, as float32 arithmetic in numpy.

KINDS is in the order of BC_UNARY_... in unary.h. What is evaluated in float64 is correctly rounded but for float64's
own error; the C keeps the bounds that docs/numerics.md states.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Function = Callable[[np.ndarray, np.float32, np.float32], np.ndarray]
"""(x, alpha, beta), all float32, -> float32 array of x's shape."""


def _wide(function: Callable[[np.ndarray], np.ndarray]) -> Function:
    """A function of float64 numbers, rounded to float32."""
    return lambda x, alpha, beta: function(x.astype(np.float64)).astype(np.float32)


def _wide_with(function: Callable[[np.ndarray, float, float], np.ndarray]) -> Function:
    """A function of float64 numbers and both constants, rounded to float32."""
    return lambda x, alpha, beta: function(x.astype(np.float64), float(alpha), float(beta)).astype(np.float32)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1.0) / (1.0 + small)


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _erf(x: np.ndarray) -> np.ndarray:
    return np.vectorize(math.erf, otypes=[np.float64])(x)


def _gelu_tanh(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


def _negative_part(x: np.ndarray) -> np.ndarray:
    """e**x - 1 below zero, 0 above."""
    return np.expm1(np.minimum(x, 0.0))


def _selu(x: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    return beta * np.where(x > 0, x, alpha * _negative_part(x))


def _hard_sigmoid(x: np.ndarray, alpha: np.float32, beta: np.float32) -> np.ndarray:
    return np.clip(x * alpha + beta, np.float32(0), np.float32(1))


FUNCTIONS: dict[str, Function] = {
    "clamp": lambda x, alpha, beta: x,
    "sigmoid": _wide(_sigmoid),
    "tanh": _wide(np.tanh),
    "leaky_relu": lambda x, alpha, beta: np.where(x > 0, x, x * alpha),
    "hard_swish": lambda x, alpha, beta: x * np.clip(x + np.float32(3), np.float32(0), np.float32(6)) / np.float32(6),
    "elu": _wide_with(lambda x, alpha, beta: np.where(x > 0, x, alpha * _negative_part(x))),
    "abs": lambda x, alpha, beta: np.abs(x),
    "neg": lambda x, alpha, beta: -x,
    "square": lambda x, alpha, beta: x * x,
    "sqrt": lambda x, alpha, beta: np.sqrt(x),
    "rsqrt": lambda x, alpha, beta: np.float32(1) / np.sqrt(x),
    "exp": _wide(np.exp),
    "log": _wide(np.log),
    "sin": _wide(np.sin),
    "cos": _wide(np.cos),
    "ceil": lambda x, alpha, beta: np.ceil(x),
    "floor": lambda x, alpha, beta: np.floor(x),
    "round": lambda x, alpha, beta: np.rint(x),
    "reciprocal": lambda x, alpha, beta: np.float32(1) / x,
    "sign": lambda x, alpha, beta: np.sign(x),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": lambda x, alpha, beta: x * _hard_sigmoid(x, alpha, beta),
    "silu": _wide(lambda x: x * _sigmoid(x)),
    "softplus": _wide(_softplus),
    "softsign": lambda x, alpha, beta: x / (np.float32(1) + np.abs(x)),
    "mish": _wide(lambda x: x * np.tanh(_softplus(x))),
    "erf": _wide(_erf),
    "gelu": _wide(lambda x: 0.5 * x * (1.0 + _erf(x * math.sqrt(0.5)))),
    "gelu_tanh": _wide(_gelu_tanh),
    "selu": _wide_with(_selu),
    "celu": _wide_with(lambda x, alpha, beta: np.maximum(x, 0.0) + alpha * _negative_part(x / alpha)),
    "thresholded_relu": lambda x, alpha, beta: np.where(x > alpha, x, np.float32(0)),
}
"""Kind -> function. alpha is the slope of leaky_relu and hard_sigmoid, the threshold of thresholded_relu, the factor of
elu, selu and celu; beta is the offset of hard_sigmoid and the outer factor of selu."""

KINDS = tuple(FUNCTIONS)
TITLES = {kind: "".join(word.capitalize() for word in kind.split("_")) for kind in KINDS} | {
    "clamp": "",
    "hard_silu": "HardSwish",
    "gelu_tanh": "Gelu (tanh)",
}
