"""Operators that move numbers and compute none."""

from __future__ import annotations

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.attributes import activation
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.concat import Concat
from barecast.ops.copy import Copy
from barecast.ops.pad import Pad
from barecast.ops.transpose import Transpose

_COPY = Copy()
MOVABLE = (DType.F32, DType.S8, DType.U8)


def view(scope: Scope) -> str:
    """RESHAPE, SQUEEZE and EXPAND_DIMS: the output's shape is in the file."""
    x = scope.tensor(0, *MOVABLE)
    wanted = scope.output_type()
    shaped = scope.viewed(x, wanted)
    return shaped if shaped != x else scope.add("copy", _COPY, (x,), wanted.dtype, wanted.quant)


def concatenation(scope: Scope) -> str:
    options = scope.options("ConcatenationOptions", required=True)
    if not activation(options).is_identity:
        raise UnsupportedError("has a fused activation", remedy="make it an operator of its own")
    inputs = [scope.tensor(i, *MOVABLE) for i in range(len(scope.operator.inputs))]
    if not inputs:
        raise ModelError("has no inputs", remedy="export the model again")
    rank = len(scope.type(inputs[0]).shape)
    if not -rank <= options.Axis() < rank:
        raise ModelError(f"axis {options.Axis()} of a tensor of {rank}", remedy="export the model again")
    return scope.move("concat", Concat(options.Axis() % rank), inputs)


def pad(scope: Scope) -> str:
    """PAD fills with the output's zero point, PADV2 with a constant of the output's type."""
    x = scope.tensor(0, *MOVABLE)
    rank = len(scope.type(x).shape)
    amounts = scope.constant(1, "the paddings")
    if amounts.dtype.kind != "i" or amounts.shape != (rank, 2):
        raise ModelError(f"paddings of shape {list(amounts.shape)} for {rank} axes", remedy="export the model again")
    value, quant = 0.0, scope.output_type().quant
    if scope.foreign(2) is not None:
        fill = scope.constant(2, "the padding value")
        if fill.size != 1:
            raise ModelError(f"{fill.size} padding values", remedy="export the model again")
        value = float(fill.reshape(-1)[0])
        if quant is not None:
            value = (value - quant.zero_point[0]) * quant.scale[0]
    before, after = (tuple(int(v) for v in amounts[:, i]) for i in (0, 1))
    return scope.move("pad", Pad(before, after, value), (x,))


def transpose(scope: Scope) -> str:
    x = scope.tensor(0, *MOVABLE)
    return scope.move("transpose", Transpose(scope.integers(1, "the order of axes")), (x,))


IMPORTERS = {
    "RESHAPE": view,
    "SQUEEZE": view,
    "EXPAND_DIMS": view,
    "CONCATENATION": concatenation,
    "PAD": pad,
    "PADV2": pad,
    "TRANSPOSE": transpose,
}
