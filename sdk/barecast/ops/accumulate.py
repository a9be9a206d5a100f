"""What the multiply-accumulate operators share: exact sums, folding of zero points, the way out of the accumulator."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from barecast import numerics
from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, Quant, Rule, Tensor, TensorType
from barecast.numerics import fixed_point
from barecast.ops.clamp import Clamp
from barecast.schedule import Arg, Buffer, Const

INT32_MAX = 2**31 - 1


def is_integer(type: TensorType) -> bool:
    """Whether the operator runs in integers: its input is no float."""
    return not type.dtype.is_float


def zero_point(type: TensorType) -> int:
    """The zero point of a per-tensor type; 0 for plain numbers."""
    return 0 if type.quant is None else type.quant.zero_point[0]


def centred(array: np.ndarray, type: TensorType) -> np.ndarray:
    """The array less its zero point, in float64: integers of 8 bits, and sums of their products, are exact there."""
    array = np.asarray(array, np.float64)
    return array if type.quant is None else array - type.quant.zero_array(array.ndim)


def scale_of(type: TensorType, what: str) -> np.ndarray:
    """The scales as float32; ModelError if the type has none."""
    if type.quant is None:
        raise ModelError(f"{what} is an integer tensor without scale", remedy="quantise the model completely")
    return np.array(type.quant.scale, np.float32)


Requant = numerics.Requant | fixed_point.TfliteRequant

TIES = {Rule.TFLITE: fixed_point.TFLITE, Rule.TFLITE_SINGLE: fixed_point.TFLITE_SINGLE}
"""`ties` of the params structs under TFLite's rules."""


def product_requant(call: Call) -> Requant:
    """Accumulator of the call's first two inputs' product to its output: scale_a * scale_b / scale_y.

    Per channel if the second input is.
    """
    (a, b), y, rule = (t.type for t in call.inputs[:2]), call.outputs[0].type, call.rule
    scales = scale_of(a, "input"), scale_of(b, "weights"), scale_of(y, "output")
    if not rule.is_tflite:
        return requant_of(numerics.product_factor(*scales))
    scale_a, scale_b, scale_y = (s.astype(np.float64) for s in scales)
    return tflite_requant(scale_a * scale_b / scale_y, rule, has_wide_rule(call))


def has_wide_rule(call: Call) -> bool:
    """Whether the accumulators of a multiply-accumulate operator have 64 bits: those of int16 with a bias of int64."""
    bias = (*call.inputs, None)[2]
    return call.inputs[0].type.dtype is DType.S16 and (bias is None or bias.type.dtype is DType.S64)


def tflite_requant(factor: np.ndarray, rule: Rule, wide: bool = False) -> fixed_point.TfliteRequant:
    """fixed_point.requant (or wide_requant) under a TFLite rule, with too large a factor told as a ModelError."""
    try:
        return fixed_point.wide_requant(factor) if wide else fixed_point.requant(factor, TIES[rule])
    except ValueError as error:
        raise ModelError(f"quantisation scales: {error}", remedy="quantise the model with sane scales") from None


def requant_of(factor: np.ndarray) -> numerics.Requant:
    """numerics.requant, with a factor that 32 bits cannot hold told as a ModelError."""
    try:
        return numerics.requant(factor)
    except ValueError as error:
        raise ModelError(f"quantisation scales: {error}", remedy="quantise the model with sane scales") from None


def mean_requant(scale_x: np.ndarray, scale_y: np.ndarray, count: np.ndarray) -> numerics.Requant:
    """Sums of `count` elements to their mean: scale_x / (scale_y * count), one multiplier for each count."""
    rule = requant_of(numerics.mean_factor(scale_x, scale_y, count))
    return replace(rule, ties=int(numerics.mean_halves(scale_x, scale_y, count)))


def finish_f32(acc: np.ndarray, activation: Clamp) -> np.ndarray:
    """Float accumulators, clamped, as float32. NaN stays NaN."""
    with np.errstate(over="ignore", invalid="ignore"):
        y = np.asarray(acc).astype(np.float32)
    return y if activation.is_identity else np.clip(y, np.float32(activation.low), np.float32(activation.high))


def finish_s8(acc: np.ndarray, rule: Requant, call: Call) -> np.ndarray:
    """Integer accumulators (channels last) requantised to the type of the call's output."""
    y = call.outputs[0].type
    low, high = call.attrs.activation.quantized(y, call.rule)
    return numerics.saturate(rule.apply(acc.astype(np.int64)), zero_point(y), low, high, y.dtype.numpy)


def output_fields(call: Call, rule: Requant | None) -> dict[str, int | float]:
    """The params fields that every operator's way out has: y_zero y_min y_max shift ties y_min_f y_max_f.

    Those that do not concern the output's type are 0.
    """
    y, activation = call.outputs[0].type, call.attrs.activation
    low, high = activation.quantized(y, call.rule) if rule else (0, 0)
    low_f, high_f = float_bounds(activation) if y.dtype.is_float else (0.0, 0.0)
    return {
        "y_zero": zero_point(y) if rule else 0,
        "y_min": low,
        "y_max": high,
        "shift": rule.shift if rule else 0,
        "ties": int(rule.ties) if rule else 0,
        "y_min_f": low_f,
        "y_max_f": high_f,
    }


def float_bounds(activation: Clamp) -> tuple[float, float]:
    """The clamp for bc_clamp_f32, which takes -FLT_MAX and FLT_MAX for "no bound" (infinities then pass)."""
    most = float(np.finfo(np.float32).max)
    low, high = (float(np.float32(np.clip(v, -most, most))) for v in (activation.low, activation.high))
    return low, high


def constant(tensor: Tensor | None, what: str) -> np.ndarray:
    """The data of a constant operand; ModelError if it is computed at run time."""
    if tensor is None or tensor.data is None:
        raise ModelError(f"{what} are computed at run time", remedy="make them constant in the model")
    return tensor.data


def fold_weights(
    x: TensorType, weights: Tensor, bias: Tensor | None, channel_axis: int
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Integer weights and bias with both zero points folded in, and whether the weights needed 16 bits.

    The kernel then computes sum(w * x) + bias with the raw x; padding counts as the
    input's zero point. The weights' own zero point is subtracted here, which widens
    them to int16 unless it is zero (or the result fits int8 anyway). Any order of
    summation stays within int32, or this raises ModelError.
    """
    raw = constant(weights, "weights").astype(np.int32)
    if weights.type.quant is not None:
        raw = raw - weights.type.quant.zero_array(raw.ndim)
    others = tuple(a for a in range(raw.ndim) if a != channel_axis)
    wide = raw.size > 0 and (int(raw.min()) < -128 or int(raw.max()) > 127)
    folded = -zero_point(x) * raw.sum(axis=others, dtype=np.int64)
    if bias is not None:
        folded = folded + constant(bias, "biases").astype(np.int64)
    largest = int((np.abs(raw).sum(axis=others, dtype=np.int64) * 128 + np.abs(folded)).max(initial=0))
    if largest > INT32_MAX:
        raise ModelError(
            f"an accumulator may reach {largest}, which 32 bits do not hold",
            remedy="quantise the model with a larger scale for the weights of that channel",
        )
    return raw.astype(np.int16 if wide else np.int8), folded.astype(np.int32), wide


@dataclass(frozen=True, eq=False)
class Folded:
    """Constants of a multiply-accumulate kernel, as its header states them.

    w_wide: the weights are int16. acc_wide: sums of products may leave int32.
    """

    weights: np.ndarray
    bias: np.ndarray
    w_wide: bool
    acc_wide: bool = False


def fold(call: Call, channel_axis: int) -> Folded:
    """The constants for the call's integer input, weights and bias; ModelError where accumulators may overflow."""
    x, weights, bias = (*call.inputs, None)[:3]
    if x.type.dtype is DType.S16:
        return _fold_16(x.type, weights, bias, channel_axis, has_wide_rule(call))
    return Folded(*fold_weights(x.type, weights, bias, channel_axis))


def _fold_16(x: TensorType, weights: Tensor, bias: Tensor | None, channel_axis: int, wide_rule: bool) -> Folded:
    """As fold_weights for int16 inputs; the bias is int64 where the rule has 64-bit accumulators, else int32."""
    raw = constant(weights, "weights").astype(np.int64)
    if weights.type.quant is not None:
        raw = raw - weights.type.quant.zero_array(raw.ndim)
    if raw.size and np.abs(raw).max() > 255:
        raise UnsupportedError("weights of more than 8 bits", remedy="quantise the weights to int8")
    others = tuple(a for a in range(raw.ndim) if a != channel_axis)
    wide = raw.size > 0 and (int(raw.min()) < -128 or int(raw.max()) > 127)
    given = np.zeros(raw.shape[channel_axis], np.int64) if bias is None else constant(bias, "biases").astype(np.int64)
    limit = fixed_point.WIDE_MAX if wide_rule else INT32_MAX + 1
    products = np.abs(raw).sum(axis=others) << 15
    moved = -zero_point(x) * raw.sum(axis=others)
    largest = max(
        (int(p) + abs(int(b)) + abs(int(m)) for p, b, m in zip(products, given, moved, strict=True)), default=0
    )
    if largest >= limit:
        raise ModelError(
            f"an accumulator may reach {largest}, which {48 if wide_rule else 32} bits do not hold",
            remedy="quantise the model with a larger scale for the weights of that channel"
            + ("" if wide_rule else ", or with 64-bit biases"),
        )
    dtype = np.int64 if wide_rule else np.int32
    acc_wide = int(products.max(initial=0)) > INT32_MAX
    return Folded(raw.astype(np.int16 if wide else np.int8), (given + moved).astype(dtype), wide, acc_wide)


def integer_arguments(rule: Requant, folded: Folded) -> list[Arg]:
    """The constant arguments of an integer kernel, in call order: weights, bias, multipliers."""
    return [Const("weights", folded.weights), Const("bias", folded.bias), Const("multiplier", rule.table)]


def product_fields(call: Call, rule: Requant | None, folded: Folded | None) -> dict[str, int | float]:
    """The params fields about an operator's weights, w_wide acc_wide per_channel, with those of `output_fields`.

    rule, folded: None for floats.
    """
    return {
        "w_wide": int(folded is not None and folded.w_wide),
        "acc_wide": int(folded is not None and folded.acc_wide),
        "per_channel": int(rule is not None and len(rule.multiplier) > 1),
        **output_fields(call, rule),
    }


def float_bias(bias: Tensor | None, channels: int) -> np.ndarray:
    """The bias in float32; zeros where there is none."""
    return np.zeros(channels, np.float32) if bias is None else constant(bias, "biases").astype(np.float32)


def float_weights(weights: Tensor) -> Arg:
    """Float weights as an argument: a constant, or the buffer in which they are computed."""
    return Buffer(weights.name) if weights.data is None else Const("weights", weights.data)


def float_bias_argument(bias: Tensor | None, channels: int) -> Arg:
    """A float bias as an argument: zeros where there is none, or the buffer in which it is computed."""
    if bias is not None and bias.data is None:
        return Buffer(bias.name)
    return Const("bias", float_bias(bias, channels))


def check_bias(bias: TensorType | None, channels: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ModelError(
            f"bias has shape {list(bias.shape)}, not [{channels}]", remedy="give one bias per output channel"
        )


def check_quant_axis(quant: Quant | None, axis: int) -> None:
    """Per-channel weights must be so along the output channels."""
    if quant is not None and quant.axis not in (None, axis) and len(quant.scale) > 1:
        raise ModelError(
            f"weights are quantised along axis {quant.axis}, not along the output channels",
            remedy="quantise the weights per tensor or per output channel",
        )


def clamp_words(activation: Clamp) -> str:
    """ " + Relu" and the like, for titles."""
    if activation.is_identity:
        return ""
    if activation.low == 0:
        return " + Relu" if activation.high == float("inf") else f" + Relu{activation.high:g}"
    return " + clamp"
