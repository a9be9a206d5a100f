"""Parts of tensors at indices that may be computed at run time: GATHER, GATHER_ND, EMBEDDING_LOOKUP and updates."""

from __future__ import annotations

import numpy as np

from barecast.errors import ModelError
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.dequantize import Dequantize
from barecast.ops.gather import Gather
from barecast.ops.gather_nd import GatherNd
from barecast.ops.update_slice import UpdateSlice

NUMBERS = (DType.F32, DType.S8)


def gather(scope: Scope) -> str:
    """A negative axis counts from x's end, a negative number of shared axes from that of the indices."""
    options = scope.options("GatherOptions")
    axis, shared = (0, 0) if options is None else (options.Axis(), options.BatchDims())
    x, indices = _moved(scope, 0), scope.tensor(1, DType.S32)
    shape, places = scope.type(x).shape, scope.type(indices).shape
    axis, shared = axis + (len(shape) if axis < 0 else 0), shared + (len(places) if shared < 0 else 0)
    if 0 <= axis < len(shape):
        _check_places(scope, indices, shape[axis])
    return scope.finish("gather", Gather(axis, shared), (x, indices))


def gather_nd(scope: Scope) -> str:
    x, indices = _moved(scope, 0), scope.tensor(1, DType.S32)
    places = scope.type(indices).shape
    for place, extent in enumerate(scope.type(x).shape[: places[-1] if places else 0]):
        _check_places(scope, indices, extent, place)
    return scope.finish("gather_nd", GatherNd(), (x, indices))


def embedding_lookup(scope: Scope) -> str:
    """Rows of a table; those of an int8 table may come out dequantised."""
    indices, wanted = scope.tensor(0, DType.S32), scope.output_type()
    _want(len(scope.type(indices).shape) == 1, f"looks up {list(scope.type(indices).shape)} numbers")
    table = scope.tensor(1, *NUMBERS)
    type = scope.type(table)
    _want(len(type.shape) >= 2, f"a table of {list(type.shape)}")
    _check_places(scope, indices, type.shape[0])
    if type.dtype is wanted.dtype:
        return scope.finish("gather", Gather(0), (_moved(scope, 1), indices))
    _want(wanted.dtype is DType.F32, f"gives {scope.output().type_name} from int8")
    _want(type.quant.per_tensor and type.quant.zero_point == (0,), "a table with a zero point, or a scale per axis")
    rows = scope.add("gather", Gather(0), (table, indices), type.dtype, type.quant)
    return scope.finish("dequantize", Dequantize(), (rows,))


def dynamic_update_slice(scope: Scope) -> str:
    """TFLM moves a start from which the update would not fit to where it does."""
    operands = (DType.F32, DType.S8, DType.S16, DType.S32)
    x, update, start = _moved(scope, 0, *operands), _moved(scope, 1, *operands), scope.tensor(2, DType.S32, DType.S64)
    _want(scope.type(x).dtype is scope.type(update).dtype, "an update of another type than the operand")
    return scope.finish("update_slice", UpdateSlice(), (x, update, start))


def _moved(scope: Scope, place: int, *allowed: DType) -> str:
    """An input of which only bytes are moved: it has the output's quantisation."""
    return scope.requoted(scope.tensor(place, *(allowed or NUMBERS)), scope.output_type().quant)


def _check_places(scope: Scope, indices: str, extent: int, place: int | None = None) -> None:
    """Constant indices must lie on the axis. place: which of each tuple's."""
    data = scope.data(indices)
    if data is None or not data.size:
        return
    data = data if place is None else data[..., place]
    low, high = int(np.min(data)), int(np.max(data))
    _want(0 <= low and high < extent, f"indices {low} to {high} of an axis of {extent}")


def _want(condition: bool, reason: str) -> None:
    if not condition:
        raise ModelError(reason, remedy="export the model again")


IMPORTERS = {
    "GATHER": gather,
    "GATHER_ND": gather_nd,
    "EMBEDDING_LOOKUP": embedding_lookup,
    "DYNAMIC_UPDATE_SLICE": dynamic_update_slice,
}
