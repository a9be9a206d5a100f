"""compare: a < b and the other comparisons, with numpy broadcasting; the output is boolean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, Quant, TensorType
from barecast.numerics import fixed_point
from barecast.ops.accumulate import TIES
from barecast.ops.base import Op, argument
from barecast.ops.broadcast import broadcast_shape, loops
from barecast.ops.table import call_table, per_tensor
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Compare:
    """kind: one of KINDS."""

    kind: str


@dataclass(frozen=True)
class CompareParams:
    """As in compare.h: five nested loops, the last the innermost, with strides in elements."""

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
    a_mult: int
    a_shift: int
    b_mult: int
    b_shift: int
    ties: int

    @property
    def size(self) -> int:
        """Elements of the output."""
        return self.extent0 * self.extent1 * self.extent2 * self.extent3 * self.extent4


FUNCTIONS = {
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
}
KINDS = tuple(FUNCTIONS)
"""In the order of BC_COMPARE_..."""

MIRRORED = {"less": "greater", "less_equal": "greater_equal", "greater": "less", "greater_equal": "less_equal"}
"""The kind that gives the same when the operands change places, if it is another."""

STEP_BITS = 8
"""Fraction bits of the real numbers that TFLite compares instead of bytes."""


def infer(attrs: Compare, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    if attrs.kind not in FUNCTIONS:
        raise ModelError(f"comparison {attrs.kind} is not known", remedy=f"one of {', '.join(KINDS)} is meant")
    a, b = inputs
    return (broadcast_shape(a.shape, b.shape),)


def _factor(quant: Quant) -> tuple[int, int]:
    """(multiplier, shift) of a scale."""
    scale = float(np.float32(quant.scale[0]))
    if not 0 < scale < 1:
        raise ModelError(
            f"compares numbers of the scale {scale:g}; TensorFlow Lite takes scales below 1",
            remedy="compare in float32",
        )
    multiplier, exponent = fixed_point.quantize_multiplier(scale)
    return multiplier, 31 - exponent


def _is_scaled(call: Call) -> bool:
    """Whether bytes are compared as real numbers, by TFLite's rule; without a rule they need one quantisation."""
    a, b = call.inputs[0].type, call.inputs[1].type
    if a.dtype is not DType.S8:
        return False
    if not call.rule.is_tflite and a.quant != b.quant:
        raise UnsupportedError("compares numbers of two quantisations", remedy="compare in float32")
    return call.rule.is_tflite


def _quants(call: Call) -> tuple[Quant, Quant]:
    return per_tensor(call.inputs[0].type, "the first input"), per_tensor(call.inputs[1].type, "the second input")


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    if _is_scaled(call):
        arrays = tuple(
            fixed_point.multiply(
                (x.astype(np.int64) - q.zero_point[0]) << STEP_BITS, *_factor(q), TIES[call.rule]
            )
            for x, q in zip(arrays, _quants(call), strict=True)
        )  # fmt: skip
    return (FUNCTIONS[call.attrs.kind](*arrays),)


def lower(call: Call) -> Lowered:
    """Call order: a, b, y. The first operand is a buffer, and the one that is not broadcast if there is one."""
    (a, b), (y,) = call.inputs, call.outputs
    if _is_scaled(call) and any(t.is_constant and t.type.size == 1 for t in (a, b)):
        return _table(call)
    swapped = b.type.size > a.type.size if a.is_constant == b.is_constant else a.is_constant
    kind = MIRRORED.get(call.attrs.kind, call.attrs.kind) if swapped else call.attrs.kind
    rule = (0,) * 7
    if _is_scaled(call):
        first, second = reversed(_quants(call)) if swapped else _quants(call)
        rule = (*first.zero_point, *second.zero_point, *_factor(first), *_factor(second), TIES[call.rule])
    a, b = (b, a) if swapped else (a, b)
    nest = loops(y.type.shape, a.type.shape, b.type.shape)
    params = CompareParams(KINDS.index(kind), *nest.extent, *nest.a_stride, *nest.b_stride, *rule)
    operands = tuple(argument(t) for t in (a, b))
    return Lowered(params, (*operands, Buffer(y.name, written=True)))


def _table(call: Call) -> Lowered:
    """With a constant of one element it is a function of one byte: x, table, y of the kernel family `table`."""
    every = np.arange(256, dtype=np.uint8).view(np.int8)
    (entries,) = execute(call, tuple(t.data.reshape(1) if t.is_constant else every for t in call.inputs))
    return call_table(entries, next(t for t in call.inputs if not t.is_constant), call.outputs[0])


def title(call: Call) -> str:
    return call.attrs.kind.replace("_", " ").capitalize()


OP = Op("compare", Compare, infer, execute, lower, CompareParams, title)
