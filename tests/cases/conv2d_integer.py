"""Cases of conv2d_integer: the geometry of conv2d, zero points of run time and of each channel."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType
from barecast.ops.conv2d_integer import Conv2dInteger

from tests.cases.build import Constant, case, rng, s8
from tests.cases.conv2d import GEOMETRY

OUT = (DType.S32, None)


def _cases():
    for name, shape, kernel, like in GEOMETRY:
        attrs = Conv2dInteger(like.strides, like.dilations, like.pads, like.groups)
        filters = (*kernel, shape[3] // like.groups)
        yield case(name, "conv2d_integer", attrs, [s8(*shape), s8(*filters), s8(1), s8(1)], OUT)
        random = rng(name)
        fixed = Constant(random.integers(-128, 128, filters).astype(np.int8))
        columns = Constant(random.integers(-128, 128, kernel[0]).astype(np.int8))
        yield case(f"{name}, constant", "conv2d_integer", attrs, [s8(*shape), fixed, s8(1), columns], OUT)


CASES = tuple(_cases())
