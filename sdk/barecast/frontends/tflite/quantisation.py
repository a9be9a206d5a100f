"""QUANTIZE and DEQUANTIZE. A dequantised constant (float16 or int8 weights) is a float constant."""

from __future__ import annotations

import numpy as np

from barecast import numerics
from barecast.errors import ModelError
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.dequantize import Dequantize
from barecast.ops.quantize import Quantize
from barecast.ops.requantize import Requantize

BYTES = (DType.S8, DType.U8)


def quantize(scope: Scope) -> str:
    x = scope.tensor(0, DType.F32, *BYTES)
    scope.check_type(scope.output(), BYTES)
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
    x = scope.tensor(0, *BYTES)
    if value is not None:
        quant, rank = scope.type(x).quant, value.ndim
        return numerics.dequantize(value, quant.scale_array(rank), quant.zero_array(rank))
    return scope.finish("dequantize", Dequantize(), (x,))


IMPORTERS = {"QUANTIZE": quantize, "DEQUANTIZE": dequantize}
