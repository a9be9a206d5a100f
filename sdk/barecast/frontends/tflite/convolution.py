"""CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED and BATCH_MATMUL."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tflite

from barecast import numerics
from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.attributes import activation, pads
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType, Quant
from barecast.ops.conv2d import Conv2d
from barecast.ops.dense import Dense
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.matmul import Matmul
from barecast.ops.transpose import Transpose
from barecast.ops.transpose_conv2d import TransposeConv2d


def conv_2d(scope: Scope) -> str:
    options = scope.options("Conv2DOptions", required=True)
    x, weights = _input(scope), _weights(scope, 0)
    _, height, width, channels = _four(scope, x, "input")
    _, k_h, k_w, depth = _four(scope, weights, "weights")
    if depth < 1 or channels % depth:
        raise ModelError(f"weights read {depth} channels of {channels}", remedy="export the model again")
    strides = options.StrideH(), options.StrideW()
    dilations = options.DilationHFactor(), options.DilationWFactor()
    around = pads(options.Padding(), (height, width), (k_h, k_w), strides, dilations)
    attrs = Conv2d(strides, dilations, around, channels // depth, activation(options))
    return scope.finish("conv2d", attrs, (x, weights, _bias(scope, options)))


def depthwise_conv_2d(scope: Scope) -> str:
    """The depth multiplier is the quotient of channels, as TFLM takes it."""
    options = scope.options("DepthwiseConv2DOptions", required=True)
    x, weights = _input(scope), _weights(scope, 3)
    _, height, width, channels = _four(scope, x, "input")
    first, k_h, k_w, out_c = _four(scope, weights, "weights")
    if first != 1 or channels < 1 or out_c % channels:
        raise ModelError(
            f"weights [{first},{k_h},{k_w},{out_c}] do not fit {channels} channels", remedy="export the model again"
        )
    type = scope.type(weights)
    quant = type.quant if type.quant is None or type.quant.axis is None else Quant(
        type.quant.scale, type.quant.zero_point, 2
    )  # fmt: skip
    weights = scope.builder.constant(weights, scope.data(weights).reshape(k_h, k_w, out_c), quant)
    strides = options.StrideH(), options.StrideW()
    dilations = options.DilationHFactor(), options.DilationWFactor()
    around = pads(options.Padding(), (height, width), (k_h, k_w), strides, dilations)
    attrs = Dwconv2d(strides, dilations, around, activation(options))
    return scope.finish("dwconv2d", attrs, (x, weights, _bias(scope, None, (np.int64,))))


def transpose_conv(scope: Scope) -> str:
    """The inputs are the output's shape, weights, image and bias; SAME pads as a convolution of the output would."""
    options = scope.options("TransposeConvOptions", required=True)
    x, weights = _input(scope, 2), _weights(scope, 0, image=2)
    shape = scope.integers(0, "the output's shape")
    batch, *_, channels = _four(scope, x, "input")
    out_c, k_h, k_w, depth = _four(scope, weights, "weights")
    if len(shape) != 4 or (shape[0], shape[3]) != (batch, out_c) or depth != channels:
        raise ModelError(
            f"weights {[out_c, k_h, k_w, depth]} do not turn {list(scope.type(x).shape)} into {list(shape)}",
            remedy="export the model again",
        )
    strides = options.StrideH(), options.StrideW()
    top, left, _, _ = pads(options.Padding(), shape[1:3], (k_h, k_w), strides)
    attrs = TransposeConv2d(shape[1:3], strides, pads=(top, left), activation=activation(options))
    return scope.finish("transpose_conv2d", attrs, (x, weights, _bias(scope, None, (np.int64, np.int16), place=3, image=2)))


def fully_connected(scope: Scope) -> str:
    """The input is seen as rows of as many values as the weights read, whatever its shape is."""
    options = scope.options("FullyConnectedOptions")
    if options is not None and options.WeightsFormat() != 0:
        raise UnsupportedError("has shuffled weights", remedy="convert the model for TFLM")
    x, weights = _input(scope), _weights(scope, 0, zero_point=True)
    shape = scope.type(weights).shape
    size = scope.type(x).size
    if len(shape) != 2 or min(shape) < 1 or size % shape[1]:
        raise ModelError(f"weights {list(shape)} do not fit {size} inputs", remedy="export the model again")
    rows = scope.shaped(x, (size // shape[1], shape[1]))
    return scope.finish("dense", Dense(activation(options)), (rows, weights, _bias(scope, options)))


def _input(scope: Scope, place: int = 0) -> str:
    scope.check_symmetric()
    return scope.tensor(place, DType.F32, DType.S8, DType.S16)


def batch_matmul(scope: Scope) -> str:
    """Either operand may be transposed first."""
    options = scope.options("BatchMatMulOptions")
    scope.check_symmetric()
    turned = (False, False) if options is None else (options.AdjX(), options.AdjY())
    operands = []
    for place, turn in enumerate(turned):
        operand = scope.tensor(place, DType.F32, DType.S8, DType.S16)
        type = scope.type(operand)
        rank = len(type.shape)
        if type.quant is not None and not type.quant.per_tensor:
            raise UnsupportedError("has an operand quantised per axis", remedy="quantise it per tensor")
        if turn and rank >= 2:
            perm = (*range(rank - 2), rank - 1, rank - 2)
            operand = scope.add("transpose", Transpose(perm), (operand,), type.dtype, type.quant)
        operands.append(operand)
    return scope.finish("matmul", Matmul(), operands)


def _four(scope: Scope, tensor: str, what: str) -> tuple[int, ...]:
    shape = scope.type(tensor).shape
    if len(shape) != 4:
        raise ModelError(f"{what} has {len(shape)} axes, not 4", remedy="export the model again")
    return shape


def _weights(scope: Scope, axis: int, zero_point: bool = False, image: int = 0) -> str:
    """The weights as a constant, quantised along `axis` if at all. image: the input that they multiply."""
    scope.constant(1, "the weights")
    is_float = scope.foreign(image) is not None and scope.foreign(image).dtype is DType.F32
    if is_float and scope.foreign(1).dtype is DType.S8:
        return _hybrid_weights(scope)
    weights = scope.tensor(1, DType.F32 if is_float else DType.S8)
    quant = scope.type(weights).quant
    if quant is not None and quant.axis not in (None, axis):
        raise ModelError(f"weights are quantised along axis {quant.axis}", remedy="quantise along output channels")
    if quant is not None and any(quant.zero_point) and not zero_point:
        raise UnsupportedError(
            "has weights with a zero point, which TFLM ignores", remedy="quantise the weights symmetrically"
        )
    return weights


def _hybrid_weights(scope: Scope) -> str:
    """int8 weights beside float activations, as float weights: exact, where TFLite's kernels for it quantise their
    input anew at every run."""
    weights = scope.tensor(1, DType.S8)
    data, quant = scope.data(weights), scope.type(weights).quant
    real = numerics.dequantize(data, quant.scale_array(data.ndim), quant.zero_array(data.ndim))
    return scope.builder.constant(weights, real)


def _bias(
    scope: Scope, options: Any, wide: tuple[type, ...] = (np.int64, np.int32), place: int = 2, image: int = 0
) -> str | None:
    """The bias as a constant without quantisation: its scale is that of input and weights.

    wide: its types beside int16 activations. There it is int64, or int32 (as it is without a bias if the options say
    so), and its type is that of the accumulators.
    """
    dtype = scope.foreign(image).dtype
    allowed = {DType.F32: (np.float32,), DType.S16: wide}.get(dtype, (np.int32,))
    if scope.foreign(place) is None:
        if dtype is not DType.S16 or options is None or options.QuantizedBiasType() != tflite.TensorType.INT32:
            return None
        return scope.builder.constant("bias", np.zeros(scope.output_type().shape[-1], np.int32))
    value = scope.constant(place, "the bias")
    if value.dtype not in allowed:
        spelt = " or ".join(np.dtype(d).name for d in allowed)
        raise UnsupportedError(
            f"has a bias of {value.dtype}, only {spelt} is supported here", remedy="convert the model again"
        )
    value = value.astype(np.int64) if value.dtype == np.int16 else value
    return scope.builder.constant(f"t{scope.operator.inputs[place]}", value.reshape(math.prod(value.shape)))


IMPORTERS = {
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "TRANSPOSE_CONV": transpose_conv,
    "FULLY_CONNECTED": fully_connected,
    "BATCH_MATMUL": batch_matmul,
}
