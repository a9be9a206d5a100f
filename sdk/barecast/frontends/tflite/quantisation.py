"""QUANTIZE and DEQUANTIZE. A dequantised constant (float16 or int8 weights) is a float constant."""

from __future__ import annotations

import numpy as np

from barecast import numerics
from barecast.errors import ModelError, UnsupportedError, printable
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.dequantize import Dequantize
from barecast.ops.quantize import Quantize
from barecast.ops.requantize import Requantize

INTEGERS = (DType.S8, DType.U8, DType.S16)
UNKNOWN = (
    [DType.S16, DType.U8],
    [DType.U8, DType.S16],
    [DType.U8, DType.S32],
    [DType.S32, DType.U8],
    [DType.S32, DType.S32],
    [DType.F32, DType.S32],
)
"""What QUANTIZE does not do, from and to."""


def quantize(scope: Scope) -> str:
    x = scope.tensor(0, DType.F32, *INTEGERS, DType.S32)
    scope.check_type(scope.output(), (*INTEGERS, DType.S32))
    types = [t.dtype for t in (scope.type(x), scope.output())]
    if types in UNKNOWN:
        before, after = (t.numpy.name for t in types)
        raise UnsupportedError(f"turns {before} into {after}, which TFLM cannot", remedy="go by way of int8 or int16")
    for foreign in (scope.foreign(0), scope.output()):
        if foreign.dtype is DType.S32 and foreign.quant is None:
            raise ModelError(f'"{printable(foreign.name)}" has no scale', remedy="quantise the model completely")
    if scope.type(x).dtype is DType.F32:
        return scope.finish("quantize", Quantize(), (x,))
    return scope.finish("requantize", Requantize(), (x,))


def dequantize(scope: Scope) -> str | np.ndarray:
    if scope.output_type().dtype is not DType.F32:
        raise ModelError("its output is no float32", remedy="export the model again")
    foreign = scope.foreign(0)
    value = None if foreign is None or foreign.is_sparse else scope.array(foreign.index)
    if value is not None and foreign.dtype is DType.F16:
        return value.astype(np.float32)
    x = scope.tensor(0, *INTEGERS)
    if value is not None:
        quant, rank = scope.type(x).quant, value.ndim
        return numerics.dequantize(value, quant.scale_array(rank), quant.zero_array(rank))
    return scope.finish("dequantize", Dequantize(), (x,))


IMPORTERS = {"QUANTIZE": quantize, "DEQUANTIZE": dequantize}
