"""Operators that move numbers and compute none."""

from __future__ import annotations

from functools import partial

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.attributes import activation
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.concat import Concat
from barecast.ops.copy import Copy
from barecast.ops.pad import Pad
from barecast.ops.transpose import Transpose

_COPY = Copy()
MOVABLE = (DType.F32, DType.S8, DType.U8, DType.S16)
WITH_S32 = (*MOVABLE, DType.S32)
ANY = (*WITH_S32, DType.S64, DType.BOOL)


def view(allowed: tuple[DType, ...], scope: Scope) -> str:
    """RESHAPE, SQUEEZE and EXPAND_DIMS: the output's shape is in the file."""
    x = scope.tensor(0, *allowed)
    wanted = scope.output_type()
    shaped = scope.viewed(x, wanted)
    return shaped if shaped != x else scope.add("copy", _COPY, (x,), wanted.dtype, wanted.quant)


def concatenation(scope: Scope) -> str:
    options = scope.options("ConcatenationOptions", required=True)
    if not activation(options).is_identity:
        raise UnsupportedError("has a fused activation", remedy="make it an operator of its own")
    inputs = [scope.tensor(i, *ANY) for i in range(len(scope.operator.inputs))]
    if not inputs:
        raise ModelError("has no inputs", remedy="export the model again")
    rank = len(scope.type(inputs[0]).shape)
    if not -rank <= options.Axis() < rank:
        raise ModelError(f"axis {options.Axis()} of a tensor of {rank}", remedy="export the model again")
    return scope.move("concat", Concat(options.Axis() % rank), inputs)


def pad(scope: Scope) -> str:
    """PAD fills with the output's zero point (int16 and int32: a stored 0), PADV2 with a constant of the output's type."""
    x = scope.tensor(0, *WITH_S32)
    dtype = scope.type(x).dtype
    rank = len(scope.type(x).shape)
    amounts = scope.constant(1, "the paddings")
    if amounts.dtype.kind != "i" or amounts.shape != (rank, 2):
        raise ModelError(f"paddings of shape {list(amounts.shape)} for {rank} axes", remedy="export the model again")
    wanted = scope.output_type()
    quant = None if dtype is DType.S32 else wanted.quant  # float32 does not hold what 32 bits do
    value = 0.0 if quant is None or dtype is not DType.S16 else -quant.zero_point[0] * quant.scale[0]
    if scope.foreign(2) is not None:
        fill = scope.constant(2, "the padding value")
        if fill.size != 1:
            raise ModelError(f"{fill.size} padding values", remedy="export the model again")
        value = float(fill.reshape(-1)[0])
        if quant is not None:
            value = (value - quant.zero_point[0]) * quant.scale[0]
    before, after = (tuple(int(v) for v in amounts[:, i]) for i in (0, 1))
    return scope.viewed(scope.add("pad", Pad(before, after, value), (scope.requoted(x, quant),), dtype, quant), wanted)


def transpose(scope: Scope) -> str:
    x = scope.tensor(0, *MOVABLE)
    return scope.move("transpose", Transpose(scope.integers(1, "the order of axes")), (x,))


def depth_to_space(scope: Scope) -> str:
    """Blocks of channels become blocks of pixels: [N, H, W, b, b, C] read as [N, H, b, W, b, C]."""
    x, block = _image_and_block(scope, "DepthToSpaceOptions")
    batch, height, width, channels = scope.type(x).shape
    if channels % (block * block):
        raise ModelError(f"{channels} channels in blocks of {block}", remedy="export the model again")
    split = scope.shaped(x, (batch, height, width, block, block, channels // (block * block)))
    return _turned(scope, split, (0, 1, 3, 2, 4, 5))


def space_to_depth(scope: Scope) -> str:
    x, block = _image_and_block(scope, "SpaceToDepthOptions")
    batch, height, width, channels = scope.type(x).shape
    if height % block or width % block:
        raise ModelError(f"{height} x {width} pixels in blocks of {block}", remedy="export the model again")
    split = scope.shaped(x, (batch, height // block, block, width // block, block, channels))
    return _turned(scope, split, (0, 1, 3, 2, 4, 5))


def _image_and_block(scope: Scope, table: str) -> tuple[str, int]:
    x, block = scope.tensor(0, *MOVABLE), scope.options(table, required=True).BlockSize()
    if len(scope.type(x).shape) != 4 or block < 1:
        raise ModelError(f"blocks of {block} in {list(scope.type(x).shape)}", remedy="export the model again")
    return x, block


def _turned(scope: Scope, split: str, perm: tuple[int, ...]) -> str:
    """The transposed view under the shape of the output."""
    type = scope.type(split)
    return scope.viewed(scope.add("transpose", Transpose(perm), (split,), type.dtype, type.quant), scope.output_type())


def pack(scope: Scope) -> str:
    """Each input gets an axis of extent 1, along which they are joined."""
    options = scope.options("PackOptions", required=True)
    inputs = [scope.tensor(i, *WITH_S32, DType.S64) for i in range(len(scope.operator.inputs))]
    if not inputs or len({scope.type(n).shape for n in inputs}) > 1:
        raise ModelError("its inputs have different shapes, or there are none", remedy="export the model again")
    shape = scope.type(inputs[0]).shape
    axis = options.Axis() + (len(shape) + 1 if options.Axis() < 0 else 0)
    if not 0 <= axis <= len(shape):
        raise ModelError(f"axis {options.Axis()} for {list(shape)}", remedy="export the model again")
    wide = (*shape[:axis], 1, *shape[axis:])
    return scope.move("concat", Concat(axis), [scope.shaped(n, wide) for n in inputs])


def densify(scope: Scope) -> np.ndarray:
    """A sparse constant as a dense one: it has been unfolded already when it was read."""
    value, wanted = scope.constant(0, "the sparse tensor"), scope.output_type()
    if value.dtype != wanted.dtype.numpy or value.shape != wanted.shape:
        raise ModelError(f"its output is no {value.dtype} {list(value.shape)}", remedy="export the model again")
    return value


IMPORTERS = {
    "DENSIFY": densify,
    "RESHAPE": partial(view, ANY),
    "SQUEEZE": partial(view, ANY),
    "EXPAND_DIMS": partial(view, MOVABLE),
    "CONCATENATION": concatenation,
    "PAD": pad,
    "PADV2": pad,
    "TRANSPOSE": transpose,
    "DEPTH_TO_SPACE": depth_to_space,
    "SPACE_TO_DEPTH": space_to_depth,
    "PACK": pack,
}
