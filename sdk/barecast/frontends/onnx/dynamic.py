"""Integers whose scale and zero point are known at run time only: DynamicQuantizeLinear, MatMulInteger and ConvInteger."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barecast.frontends.onnx import convolution, images
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.linear import as_matrices
from barecast.frontends.onnx.reduction import reduced
from barecast.frontends.onnx.scope import Scope
from barecast.graph import DType, Quant
from barecast.ops.binary import Binary
from barecast.ops.cast import Cast
from barecast.ops.clamp import Clamp
from barecast.ops.compare import Compare
from barecast.ops.conv2d_integer import Conv2dInteger
from barecast.ops.matmul_integer import MatmulInteger
from barecast.ops.requantize import Requantize
from barecast.ops.select import Select
from barecast.ops.unary import Unary

_LESS_128, _PLAIN = Quant((1.0,), (-128,)), Quant((1.0,), (0,))


def dynamic_quantize_linear(scope: Scope, node: ForeignNode) -> tuple[str, ...]:
    """x in 256 steps from its minimum to its maximum, 0 among them: uint8, the scale and the zero point.

    The arithmetic is onnxruntime's, in float32: scale = (high - low) / 255, or 1 where both are 0; zero point =
    round(-low / scale); y = round(x / scale) + zero point; halves go to even.
    """
    x = scope.real(0)
    axes = tuple(range(len(scope.type(x).shape)))
    low, high = (_extreme(scope, kind, x, axes) for kind in ("min", "max"))
    span = _binary(scope, "sub", high, low)
    empty = scope.add("compare", Compare("equal"), (span, _held(scope, 0.0)), dtype=DType.BOOL)
    steps = _binary(scope, "div", span, _held(scope, 255.0))
    scale = scope.add("select", Select(), (empty, _held(scope, 1.0), steps), dtype=DType.F32)
    below = _binary(scope, "sub", _held(scope, 0.0), _binary(scope, "div", low, scale))
    zero = scope.add("unary", Unary("round"), (below,))
    centre = _binary(scope, "sub", zero, _held(scope, 128.0))
    counted = scope.add("unary", Unary("round"), (_binary(scope, "div", x, scale),))
    return _as_bytes(scope, _binary(scope, "add", counted, centre)), scale, _as_bytes(scope, centre)


def _extreme(scope: Scope, kind: str, x: str, axes: tuple[int, ...]) -> str:
    """The extreme of x and 0, a scalar."""
    found = reduced(scope, kind, x, axes, False) if axes else x
    return _binary(scope, kind, found, _held(scope, 0.0))


def _as_bytes(scope: Scope, x: str) -> str:
    """The integers x + 128 as uint8."""
    inside = scope.add("unary", Unary("clamp", Clamp(-128.0, 127.0)), (x,))
    signed = scope.add("cast", Cast(), (inside,), dtype=DType.S8, quant=_LESS_128)
    return scope.add("requantize", Requantize(), (signed,), dtype=DType.U8, quant=_PLAIN)


def _binary(scope: Scope, kind: str, a: str, b: str) -> str:
    return scope.add("binary", Binary(kind), (a, b))


def _held(scope: Scope, value: float) -> str:
    return scope.hold(f"{scope.node.outputs[0]}/{value:g}", np.float32(value))


def matmul_integer(scope: Scope, node: ForeignNode) -> str:
    """numpy.matmul of 8-bit numbers less their zero points, in int32."""
    zeros = [_zero_point(scope, node, index) for index in (0, 1)]

    def product(a: str, b: str) -> str:
        return scope.add("matmul_integer", MatmulInteger(), (a, b, *zeros), dtype=DType.S32)

    return as_matrices(scope, scope.tensor(node.inputs[0]), scope.tensor(node.inputs[1]), product)


def conv_integer(scope: Scope, node: ForeignNode) -> str:
    """As Conv, of 8-bit numbers less their zero points, in int32."""
    x, weights = (scope.tensor(node.inputs[index]) for index in (0, 1))
    zeros = [_zero_point(scope, node, index) for index in (0, 1)]
    attrs, axes = convolution.window(scope, node, x, weights)
    integer = Conv2dInteger(attrs.strides, attrs.dilations, attrs.pads, attrs.groups)
    operands = (images.to_image(scope, x), images.to_image(scope, weights), *zeros)
    return images.from_image(scope, scope.add("conv2d_integer", integer, operands, dtype=DType.S32), axes)


def _zero_point(scope: Scope, node: ForeignNode, index: int) -> str:
    """That of input `index`; 0 where there is none."""
    if node.input(2 + index) is not None:
        return scope.tensor(node.inputs[2 + index])
    dtype = scope.type(scope.tensor(node.inputs[index])).dtype
    return scope.hold(f"{node.outputs[0]}/zero", np.zeros((), dtype.numpy))


IMPORTERS: dict[str, Callable[[Scope, ForeignNode], str | tuple[str, ...]]] = {
    "ConvInteger": conv_integer,
    "DynamicQuantizeLinear": dynamic_quantize_linear,
    "MatMulInteger": matmul_integer,
}
