"""Operators on two numbers at a time, with numpy broadcasting: arithmetic, comparisons, logic, and Where."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce

import numpy as np

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.graph import DType
from barecast.ops.binary import Binary
from barecast.ops.compare import Compare
from barecast.ops.select import Select
from barecast.ops.unary import Unary


def linear(kind: str, scope: Scope, node: ForeignNode) -> str:
    """Add, Sub and Mul, float32."""
    return scope.add("binary", Binary(kind, fused=node.fused), (scope.real(0), scope.real(1)))


def plain(kind: str, scope: Scope, node: ForeignNode) -> str:
    return scope.add("binary", Binary(kind), (scope.real(0), scope.real(1)))


def several(kind: str, scope: Scope, node: ForeignNode) -> str:
    """Max, Min, Sum and Mean of any number of tensors, from left to right."""
    inputs = [scope.real(index) for index in range(len(node.inputs))]
    total = reduce(lambda a, b: scope.add("binary", Binary(kind), (a, b)), inputs)
    if node.op != "Mean" or len(inputs) == 1:
        return total
    count = scope.hold(f"{node.outputs[0]}/count", np.float32(len(inputs)))
    return scope.add("binary", Binary("div"), (total, count))


def mod(scope: Scope, node: ForeignNode) -> str:
    """Floats only: with fmod, as ONNX wants it for them."""
    if not node.flag("fmod"):
        raise damaged("is a Mod of floats without fmod")
    return scope.add("binary", Binary("mod"), (scope.real(0), scope.real(1)))


def power(scope: Scope, node: ForeignNode) -> str:
    """A constant exponent that has a function of its own is that function."""
    x, exponent = scope.real(0), scope.settled(1)
    if exponent is None:
        return scope.add("binary", Binary("pow"), (x, scope.real(1)))
    if not exponent.size:
        raise UnsupportedError("has an empty exponent", remedy="use other extents")
    value = float(exponent.flat[0])
    if value in _POWERS and exponent.ndim <= len(scope.type(x).shape) and exponent.size == 1:
        kind = _POWERS[value]
        return x if kind is None else scope.add("unary", Unary(kind), (x,))
    held = scope.hold(f"{node.outputs[0]}/exponent", exponent.astype(np.float32))
    return scope.add("binary", Binary("pow"), (x, held))


_POWERS = {1.0: None, 2.0: "square", 0.5: "sqrt", -1.0: "reciprocal", -0.5: "rsqrt"}


def prelu(scope: Scope, node: ForeignNode) -> str:
    """The slopes may be broadcast, the input not. One constant slope is a LeakyRelu."""
    x, slopes = scope.real(0), scope.real(1)
    shape = scope.type(x).shape
    try:
        fits = np.broadcast_shapes(shape, scope.type(slopes).shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise damaged(f"slopes {list(scope.type(slopes).shape)} do not broadcast to {list(shape)}")
    value = scope.settled(1)
    if value is not None and value.size == 1:
        return scope.add("unary", Unary("leaky_relu", alpha=float(value.reshape(()))), (x,))
    return scope.add("binary", Binary("prelu"), (x, slopes))


def compare(kind: str, scope: Scope, node: ForeignNode) -> str:
    return scope.add("compare", Compare(kind), (scope.real(0), scope.real(1)), dtype=DType.BOOL)


def logic(kind: str, scope: Scope, node: ForeignNode) -> str:
    return scope.add("binary", Binary(kind), (scope.boolean(0), scope.boolean(1)))


def logical_not(scope: Scope, node: ForeignNode) -> str:
    true = scope.hold(f"{node.outputs[0]}/true", np.array(True))
    return scope.add("binary", Binary("xor"), (scope.boolean(0), true))


def where(scope: Scope, node: ForeignNode) -> str:
    return scope.add("select", Select(), (scope.boolean(0), scope.real(1), scope.real(2)), dtype=DType.F32)


IMPORTERS: dict[str, Callable[[Scope, ForeignNode], str]] = {
    "Add": partial(linear, "add"),
    "And": partial(logic, "and"),
    "Div": partial(plain, "div"),
    "Equal": partial(compare, "equal"),
    "Greater": partial(compare, "greater"),
    "GreaterOrEqual": partial(compare, "greater_equal"),
    "Less": partial(compare, "less"),
    "LessOrEqual": partial(compare, "less_equal"),
    "Max": partial(several, "max"),
    "Mean": partial(several, "add"),
    "Min": partial(several, "min"),
    "Mod": mod,
    "Mul": partial(linear, "mul"),
    "Not": logical_not,
    "Or": partial(logic, "or"),
    "PRelu": prelu,
    "Pow": power,
    "Sub": partial(linear, "sub"),
    "Sum": partial(several, "add"),
    "Where": where,
    "Xor": partial(logic, "xor"),
}
