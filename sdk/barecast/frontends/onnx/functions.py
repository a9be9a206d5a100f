"""Functions of one number: each is one `unary`, or a short chain of them; and LogSoftmax."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.axes import one_axis
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.ops.binary import Binary
from barecast.ops.log_softmax import LogSoftmax
from barecast.ops.unary import Unary


def function(kind: str, scope: Scope, node: ForeignNode) -> str:
    return scope.add("unary", Unary(kind), (scope.real(0),))


def shaped(kind: str, alpha: float, beta: float, second: str, scope: Scope, node: ForeignNode) -> str:
    """With the attribute alpha and perhaps one called `second`; alpha and beta here are ONNX's defaults."""
    values = node.number("alpha", alpha), node.number(second, beta) if second else beta
    if kind == "celu" and not values[0] > 0:
        raise UnsupportedError(f"has alpha {values[0]:g}, only positive ones are supported", remedy="use Elu")
    return scope.add("unary", Unary(kind, alpha=values[0], beta=values[1]), (scope.real(0),))


def hard_swish(scope: Scope, node: ForeignNode) -> str:
    """x * min(max(x / 6 + 1/2, 0), 1)."""
    return scope.add("unary", Unary("hard_silu", alpha=float(np.float32(1 / 6)), beta=0.5), (scope.real(0),))


def gelu(scope: Scope, node: ForeignNode) -> str:
    mode = node.text("approximate", "none")
    if mode not in ("none", "tanh"):
        raise damaged(f'approximate "{mode}" is not known')
    return scope.add("unary", Unary("gelu_tanh" if mode == "tanh" else "gelu"), (scope.real(0),))


def swish(scope: Scope, node: ForeignNode) -> str:
    """x * sigmoid(alpha * x)."""
    x, alpha = scope.real(0), node.number("alpha", 1.0)
    if alpha == 1:
        return scope.add("unary", Unary("silu"), (x,))
    factor = scope.hold(f"{node.outputs[0]}/alpha", np.float32(alpha))
    scaled = scope.add("binary", Binary("mul"), (x, factor))
    return scope.add("binary", Binary("mul"), (x, scope.add("unary", Unary("sigmoid"), (scaled,))))


def log_softmax(scope: Scope, node: ForeignNode) -> str:
    """Along one axis; before opset 13 over that axis and all behind it as if they were one."""
    x = scope.real(0)
    shape = scope.type(x).shape
    if node.version >= 13:
        return scope.add("log_softmax", LogSoftmax(one_axis(node.integer("axis", -1), len(shape))), (x,))
    axis = one_axis(node.integer("axis", 1), len(shape), inclusive=True)
    flat = scope.reshape(x, (int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))))
    return scope.reshape(scope.add("log_softmax", LogSoftmax(1), (flat,)), shape)


_PLAIN = (
    "abs", "ceil", "cos", "erf", "exp", "floor", "log", "mish", "neg", "reciprocal", "round", "sigmoid", "sign", "sin",
    "softplus", "softsign", "sqrt", "tanh",
)  # fmt: skip
_SHAPED = {
    "Celu": ("celu", 1.0, 0.0, ""),
    "Elu": ("elu", 1.0, 0.0, ""),
    "HardSigmoid": ("hard_sigmoid", 0.2, 0.5, "beta"),
    "LeakyRelu": ("leaky_relu", 0.01, 0.0, ""),
    "Selu": ("selu", 1.67326319217681884765625, 1.05070102214813232421875, "gamma"),
    "ThresholdedRelu": ("thresholded_relu", 1.0, 0.0, ""),
}
"""Operator -> kind, ONNX's defaults of alpha and of the second attribute, and the name of that."""

IMPORTERS: dict[str, Callable[[Scope, ForeignNode], str]] = {
    **{kind.capitalize(): partial(function, kind) for kind in _PLAIN},
    **{op: partial(shaped, *given) for op, given in _SHAPED.items()},
    "Gelu": gelu,
    "HardSwish": hard_swish,
    "LogSoftmax": log_softmax,
    "Swish": swish,
}
