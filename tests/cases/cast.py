"""Cases of cast: from each type to each other, with the limits of both."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.cast import TYPES, Cast

from tests.cases.build import case

FLOATS = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 0.99, -0.99, 1.5, -1.5, 126.9, 127.5, 128.0, -128.0, -128.9, -129.0, 255.0]
    + [32767.0, 32768.0, -32768.5, -32769.0, 2147483520.0, 2147483648.0, -2147483648.0, -3e9, 1e-40, 1e30],
    np.float32,
)


def _values(dtype: DType) -> np.ndarray:
    if dtype is DType.F32:
        return FLOATS
    if dtype is DType.BOOL:
        return np.array([False, True])
    low, high = dtype.limits
    near = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, 65536, low, high, low + 1, high - 1]
    return np.array([v for v in near if low <= v <= high], dtype.numpy)


def _cases():
    for before in TYPES:
        values = _values(before)
        for after in TYPES:
            types, given = [TensorType(before, (values.size,))], {"x0": values}
            yield case(f"{before.value}_to_{after.value}", "cast", Cast(), types, (after, None), given)


CASES = tuple(_cases())
