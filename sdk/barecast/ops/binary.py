"""binary: a function of two elements (a + b, a - b, a * b, max(a, b) ...) with numpy broadcasting.

Either operand may be a constant. Sums and products of floats and of quantised numbers have kernels of their own;
everything else is the kernel family `pairwise`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast import numerics
from barecast.errors import ModelError
from barecast.graph import Call, DType, Quant, Tensor, TensorType
from barecast.ops import binary_halves, pairwise, tflite_binary
from barecast.ops.accumulate import clamp_words, float_bounds, requant_of
from barecast.ops.base import Op, argument
from barecast.ops.broadcast import Loops, broadcast_shape, loops
from barecast.ops.by_rows import NEST, ByRows
from barecast.ops.clamp import Clamp
from barecast.ops.table import per_tensor
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Binary:
    """kind: one of KINDS. fused: as in ops/fused.py, of add and mul."""

    kind: str
    activation: Clamp = Clamp()
    fused: str = ""


@dataclass(frozen=True)
class BinaryParams:
    """As in binary.h: five nested loops, the last the innermost, with strides in elements."""

    by_rows: ClassVar[ByRows] = NEST

    kind: int
    extent0: int
    extent1: int
    extent2: int
    extent3: int
    extent4: int
    a_stride0: int
    a_stride1: int
    a_stride2: int
    a_stride3: int
    a_stride4: int
    b_stride0: int
    b_stride1: int
    b_stride2: int
    b_stride3: int
    b_stride4: int
    a_zero: int
    b_zero: int
    y_zero: int
    y_min: int
    y_max: int
    a_mult: int
    b_mult: int
    bias: int
    shift: int
    ties: int
    wide: int
    a_shift: int
    b_shift: int
    y_mult: int
    y_min_f: float
    y_max_f: float
    fused: int
    a_first: int
    y_back: int
    a_scale: float
    a_rest: float
    b_scale: float
    b_rest: float
    y_scale: float
    y_offset: float

    @property
    def size(self) -> int:
        """Elements of the output."""
        return self.extent0 * self.extent1 * self.extent2 * self.extent3 * self.extent4


@dataclass(frozen=True)
class Rule:
    """How integers get from operands to the output, in the units of bc_binary_params.

    mul: round((a - a_zero) * (b - b_zero) * a_mult / 2**shift), b_mult unused.
    add, sub: round(((a - a_zero) * a_mult + (b - b_zero) * b_mult) / 2**shift), in int32 or, `wide`, in int64.
    Halves go up, or `ties`: they go where float32 sends them (binary_halves.py).
    """

    a_mult: int
    b_mult: int
    shift: int
    ties: bool
    wide: bool = False


LINEAR = {"add": 0, "sub": 1, "mul": 2}
"""The kinds that are a weighted sum or a product, which passes may fold into layers, and their numbers in binary.h."""

KINDS = pairwise.KINDS
NEUTRAL = {"add": 0.0, "sub": 0.0, "mul": 1.0, "div": 1.0}
"""Kind -> the number that, as the second operand, leaves the first as it is."""

COMMUTATIVE = frozenset({"add", "mul"})
"""Kinds whose neutral element may be the first operand too."""

REVERSED_SUB = 3
"""b - a: a subtraction whose operands changed places."""

TITLES = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "max": "Max",
    "min": "Min",
    "div": "Div",
    "floor_div": "FloorDiv",
    "floor_mod": "FloorMod",
    "squared_difference": "SquaredDifference",
    "prelu": "PRelu",
    "and": "And",
    "or": "Or",
    "xor": "Xor",
    "pow": "Pow",
    "mod": "Mod",
}


def infer(attrs: Binary, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    if attrs.kind not in KINDS:
        raise ModelError(f"binary kind {attrs.kind} is not known", remedy=f"one of {', '.join(KINDS)} is meant")
    a, b = inputs
    return (broadcast_shape(a.shape, b.shape),)


def is_pairwise(call: Call) -> bool:
    """Whether the kernel family `pairwise` does it."""
    return call.attrs.kind not in LINEAR or call.outputs[0].type.dtype is DType.S32


def rule_of(kind: str, a: Quant, b: Quant, y: Quant) -> Rule:
    """The integer rule for per-tensor quantisations; ModelError where 31 bits do not hold the ratio of scales."""
    if kind == "mul":
        factor = numerics.product_factor(*(np.array(q.scale, np.float32) for q in (a, b, y)))
        product = requant_of(factor)
        return Rule(int(product.multiplier[0]), 0, product.shift, numerics.meets_halves(float(factor[0])))
    scale_a, scale_b, scale_y = (float(np.float32(q.scale[0])) for q in (a, b, y))
    factors = (scale_a / scale_y, (scale_b if kind == "add" else -scale_b) / scale_y)
    try:
        found = numerics.weighted_sum(factors, 255)
        return Rule(*found.multiplier, found.shift, found.ties)
    except ValueError:
        return _wide_rule(factors)


def _wide_rule(factors: tuple[float, float]) -> Rule:
    """Add and sub of an input whose steps are millions of output steps: 32-bit multipliers, a 64-bit sum."""
    for shift in range(30, 0, -1):
        multiplier = [round(f * 2**shift) for f in factors]
        if max(abs(m) for m in multiplier) < 2**31:
            return Rule(*multiplier, shift, ties=False, wide=True)
    raise ModelError(
        f"an input's scale is {max(abs(f) for f in factors):g} times the output's",
        remedy="quantise the model with sane scales: every input but the zero point saturates here",
    )


def _quants(call: Call) -> tuple[Quant, Quant, Quant]:
    (a, b), (y,) = call.inputs, call.outputs
    return (
        per_tensor(a.type, "the first input"),
        per_tensor(b.type, "the second input"),
        per_tensor(y.type, "the output"),
    )


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    a, b = arrays
    attrs, type = call.attrs, call.outputs[0].type
    if is_pairwise(call):
        return (pairwise.execute(call, a, b),)
    if type.quant is not None:
        return (_execute_integers(call, a, b),)
    with np.errstate(over="ignore", invalid="ignore"):
        y = pairwise.FUNCTIONS[attrs.kind](a, b).astype(type.dtype.numpy, copy=False)
    if attrs.activation.is_identity:
        return (y,)
    return (np.clip(y, attrs.activation.low, attrs.activation.high).astype(y.dtype),)


def _execute_integers(call: Call, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    qa, qb, qy = _quants(call)
    type = call.outputs[0].type
    low, high = call.attrs.activation.quantized(type, call.rule)
    if call.rule.is_tflite:
        steps = tflite_binary.execute(call, (qa, qb, qy), a, b)
        return numerics.saturate(steps, qy.zero_point[0], low, high, type.dtype.numpy)
    rule = rule_of(call.attrs.kind, qa, qb, qy)
    wide_a = a.astype(np.int64) - qa.zero_point[0]
    wide_b = b.astype(np.int64) - qb.zero_point[0]
    value = wide_a * wide_b * rule.a_mult if call.attrs.kind == "mul" else wide_a * rule.a_mult + wide_b * rule.b_mult
    steps = numerics.round_shift(value, rule.shift, 0)
    if rule.ties:
        window = numerics.tie_window if call.attrs.kind == "mul" else numerics.sum_window
        halves = numerics.is_half(value, rule.shift, window(rule.shift))
        steps = np.where(halves, binary_halves.execute(call, (qa, qb, qy), a, b), steps)
    return numerics.saturate(steps, qy.zero_point[0], low, high, type.dtype.numpy)


def lower(call: Call) -> Lowered:
    """Call order: a, b, y. The first operand is a buffer, and the one that is not broadcast if there is one."""
    if is_pairwise(call):
        return pairwise.lower(call)
    (a, b), (y,) = call.inputs, call.outputs
    nest = loops(y.type.shape, a.type.shape, b.type.shape)
    if swapped := _should_swap(a, b):
        nest = Loops(nest.extent, nest.b_stride, nest.a_stride)
    kind = LINEAR[call.attrs.kind]
    if swapped and call.attrs.kind == "sub":
        kind = REVERSED_SUB
    integers, halves = dict.fromkeys(_INTEGER_FIELDS, 0), binary_halves.NONE
    if y.type.quant is not None:
        integers = _integer_fields(call, swapped)
        if not call.rule.is_tflite and integers["ties"]:
            halves = binary_halves.fields(call, _quants(call), swapped)
    low, high = float_bounds(call.attrs.activation) if y.type.dtype.is_float else (0.0, 0.0)
    strides = (*nest.a_stride, *nest.b_stride)
    params = BinaryParams(kind, *nest.extent, *strides, **integers, y_min_f=low, y_max_f=high, **halves)
    first, second = (b, a) if swapped else (a, b)
    return Lowered(params, (argument(first), argument(second), Buffer(y.name, written=True)))


def _should_swap(a: Tensor, b: Tensor) -> bool:
    if a.is_constant != b.is_constant:
        return a.is_constant
    return a.type.size < b.type.size


_INTEGER_FIELDS = (
    "a_zero", "b_zero", "y_zero", "y_min", "y_max", "a_mult", "b_mult", "bias", "shift", "ties", "wide",
    "a_shift", "b_shift", "y_mult",
)  # fmt: skip


def _integer_fields(call: Call, swapped: bool) -> dict[str, int]:
    qa, qb, qy = _quants(call)
    low, high = call.attrs.activation.quantized(call.outputs[0].type, call.rule)
    (a_zero,), (b_zero,), (y_zero,) = qa.zero_point, qb.zero_point, qy.zero_point
    if call.rule.is_tflite:
        fields = dict(a_zero=a_zero, b_zero=b_zero, y_zero=y_zero, y_min=low, y_max=high, bias=0, wide=0)
        return _in_call_order({**fields, **tflite_binary.fields(call, (qa, qb, qy))}, swapped)
    rule = rule_of(call.attrs.kind, qa, qb, qy)
    a_mult, b_mult, bias = rule.a_mult, rule.b_mult, 0
    if swapped:
        a_zero, b_zero = b_zero, a_zero
    if call.attrs.kind != "mul":
        a_mult, b_mult = (b_mult, a_mult) if swapped else (a_mult, b_mult)
        if not rule.wide:
            half = (1 << (rule.shift - 1)) + (numerics.sum_window(rule.shift) if rule.ties else 0)
            bias = (y_zero << rule.shift) + half - a_zero * a_mult - b_zero * b_mult
    values = (
        a_zero,
        b_zero,
        y_zero,
        low,
        high,
        a_mult,
        b_mult,
        bias,
        rule.shift,
        int(rule.ties),
        int(rule.wide),
        0,
        0,
        0,
    )
    return dict(zip(_INTEGER_FIELDS, values, strict=True))


def _in_call_order(fields: dict[str, int], swapped: bool) -> dict[str, int]:
    """The fields with those of a and b exchanged, if the operands are."""
    other = {"a": "b", "b": "a"}
    return {(other.get(k[0], k[0]) + k[1:] if swapped and k[1] == "_" else k): v for k, v in fields.items()}


def title(call: Call) -> str:
    return TITLES[call.attrs.kind] + clamp_words(call.attrs.activation)


OP = Op("binary", Binary, infer, execute, lower, BinaryParams, title)
