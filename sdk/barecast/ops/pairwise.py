"""pairwise: functions of two elements that are no weighted sum or product. A kernel family of the operator `binary`.

Float, plain integers and booleans; int8 and int16 where a format has a rule for it (tflite_pairwise), or where the stored
numbers are all that counts (min, max).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast.errors import UnsupportedError
from barecast.graph import Call, DType
from barecast.ops import tflite_pairwise
from barecast.ops.accumulate import float_bounds
from barecast.ops.base import argument
from barecast.ops.broadcast import loops
from barecast.ops.by_rows import NEST, ByRows
from barecast.ops.table import call_table, describe
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class PairwiseParams:
    """As in pairwise.h: five nested loops, the last the innermost, with strides in elements."""

    by_rows: ClassVar[ByRows] = NEST

    kind: int
    swapped: int
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
    y_min: int
    y_max: int
    y_min_f: float
    y_max_f: float
    a_zero: int
    b_zero: int
    y_zero: int
    a_mult: int
    a_shift: int
    b_mult: int
    b_shift: int
    y_mult: int
    y_shift: int
    ties: int

    @property
    def size(self) -> int:
        """Elements of the output."""
        return self.extent0 * self.extent1 * self.extent2 * self.extent3 * self.extent4


PARAMS = PairwiseParams
KINDS = (
    "add", "sub", "mul", "max", "min", "div", "floor_div", "floor_mod", "squared_difference", "prelu",
    "and", "or", "xor", "pow", "mod",
)  # fmt: skip
"""In the order of BC_PAIRWISE_...; prelu: a where it is 0 or more, else a * b; mod: a remainder with the sign
of a."""

RULED = (DType.S8, DType.S16)
"""Quantised types: a format's rule says what is computed."""

_ARITHMETIC = frozenset({"add", "sub", "mul", "max", "min", "div", "squared_difference"})
DEFINED = {
    DType.F32: (_ARITHMETIC | {"floor_div", "floor_mod", "mod", "pow", "prelu"}) - {"add", "sub", "mul"},
    DType.S32: _ARITHMETIC,
    DType.S64: frozenset({"max", "min"}),
    DType.BOOL: frozenset({"and", "or", "xor"}),
}
"""Kinds by type for plain numbers; the sums and products of floats are the family `binary`."""


def _divide(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Integers: towards zero; 0 where b is 0, and INT32_MIN / -1 wraps."""
    if a.dtype.kind == "f":
        return a / b
    wide_a, wide_b = a.astype(np.int64), np.where(b == 0, 1, b).astype(np.int64)
    quotient = np.abs(wide_a) // np.abs(wide_b) * np.sign(wide_a) * np.sign(wide_b)
    return np.where(b == 0, 0, quotient).astype(a.dtype)


def _floor_div(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The float64 quotient's floor: exact, since 53 bits tell a quotient of float32 numbers from an integer."""
    return np.floor(a.astype(np.float64) / b.astype(np.float64)).astype(np.float32)


def _floor_mod(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The exact remainder, with the sign of b."""
    rest = np.fmod(a, b)
    return np.where((rest != 0) & ((b < 0) != (rest < 0)), rest + b, rest)


FUNCTIONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "max": lambda a, b: np.where(a > b, a, b),
    "min": lambda a, b: np.where(a < b, a, b),
    "div": _divide,
    "floor_div": _floor_div,
    "floor_mod": _floor_mod,
    "squared_difference": lambda a, b: (a - b) * (a - b),
    "prelu": lambda a, b: np.where(a >= 0, a, a * b),
    "and": np.logical_and,
    "or": np.logical_or,
    "xor": np.logical_xor,
    "pow": lambda a, b: np.power(a.astype(np.float64), b.astype(np.float64)).astype(np.float32),
    "mod": np.fmod,
}
"""Kind -> function of two arrays of one dtype, in that dtype; integers wrap. A comparison with NaN is false."""


def is_raw(call: Call) -> bool:
    """min and max of bytes: one quantisation for all three tensors, so that the stored numbers are compared."""
    return call.attrs.kind in ("max", "min") and len({t.type.quant for t in (*call.inputs, *call.outputs)}) == 1


def execute(call: Call, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    type, kind = call.outputs[0].type, call.attrs.kind
    if type.dtype in RULED:
        if is_raw(call):
            return np.clip(FUNCTIONS[kind](a, b), *_bounds(call)).astype(type.dtype.numpy)
        _check_rule(call)
        steps = tflite_pairwise.execute(call, a, b) + type.quant.zero_point[0]
        return np.clip(steps, *_bounds(call)).astype(type.dtype.numpy)
    _check_kind(call)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        y = FUNCTIONS[kind](a, b).astype(type.dtype.numpy)
    if call.attrs.activation.is_identity:
        return y
    if type.dtype.is_float:
        return np.clip(y, np.float32(call.attrs.activation.low), np.float32(call.attrs.activation.high))
    return np.clip(y, *_bounds(call)).astype(y.dtype)


def _check_kind(call: Call) -> None:
    type, kind = call.outputs[0].type, call.attrs.kind
    if kind not in DEFINED.get(type.dtype, ()):
        raise UnsupportedError(f"{kind} of {describe(type)} is not supported", remedy="compute it in float32")


def _check_rule(call: Call) -> None:
    kind = call.attrs.kind
    wide = call.outputs[0].type.dtype is DType.S16
    if not (call.rule.is_tflite and kind in tflite_pairwise.KINDS) or (wide and kind == "div"):
        raise UnsupportedError(f"there is no rule for {kind} of quantised numbers", remedy="compute it in float32")


def _bounds(call: Call) -> tuple[int, int]:
    """The activation in stored numbers; plain integers take its bounds as they are."""
    type, activation = call.outputs[0].type, call.attrs.activation
    if type.quant is not None:
        return activation.quantized(type, call.rule)
    low, high = (-(2**31), 2**31 - 1) if type.dtype in (DType.S32, DType.S64) else (0, 0)
    return _integer(activation.low, low), _integer(activation.high, high)


def _integer(bound: float, unbounded: int) -> int:
    return int(bound) if np.isfinite(bound) else unbounded


def lower(call: Call) -> Lowered:
    """Call order: a, b, y. The first operand is a buffer, and the one that is not broadcast if there is one."""
    (a, b), (y,) = call.inputs, call.outputs
    if y.type.dtype is DType.S8 and not is_raw(call) and any(t.is_constant and t.type.size == 1 for t in (a, b)):
        return _table(call)
    swapped = b.type.size > a.type.size if a.is_constant == b.is_constant else a.is_constant
    fields = dict.fromkeys(_RULE_FIELDS, 0)
    if y.type.dtype in RULED and not is_raw(call):
        _check_rule(call)
        fields.update(tflite_pairwise.fields(call))
    elif y.type.dtype not in RULED:
        _check_kind(call)
        if y.type.dtype is DType.S64 and not call.attrs.activation.is_identity:
            raise UnsupportedError("an activation of int64 is not supported", remedy="clamp in float32")
    if swapped:
        a, b = b, a
    nest = loops(y.type.shape, a.type.shape, b.type.shape)
    low, high = _bounds(call)
    low_f, high_f = float_bounds(call.attrs.activation) if y.type.dtype.is_float else (0.0, 0.0)
    params = PairwiseParams(
        KINDS.index(call.attrs.kind), int(swapped), *nest.extent, *nest.a_stride, *nest.b_stride,
        low, high, low_f, high_f, **fields,
    )  # fmt: skip
    return Lowered(params, (argument(a), argument(b), Buffer(y.name, written=True)), op="pairwise")


def _table(call: Call) -> Lowered:
    """With a constant of one element it is a function of one byte: x, table, y of the kernel family `table`."""
    every = np.arange(256, dtype=np.uint8).view(np.int8)
    entries = execute(call, *(t.data.reshape(1) if t.is_constant else every for t in call.inputs))
    return call_table(entries, next(t for t in call.inputs if not t.is_constant), call.outputs[0])


_RULE_FIELDS = (
    "a_zero", "b_zero", "y_zero", "a_mult", "a_shift", "b_mult", "b_shift", "y_mult", "y_shift", "ties",
)  # fmt: skip
