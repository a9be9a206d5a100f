"""Cast at run time against onnxruntime, from each type to each, and on through a third."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import passes, reference
from barecast.options import Options
from onnx import TensorProto

from tests.frontends.build import FLOAT, INT8, INT64, UINT8, agrees, expected, model, narrowed, node, read

INT32, BOOL = TensorProto.INT32, TensorProto.BOOL
TYPES = {"float": FLOAT, "int8": INT8, "uint8": UINT8, "int32": INT32, "int64": INT64, "bool": BOOL}
GIVEN = {
    "float": np.float32([0, -0.0, 0.99, 1, 2.5, 100.7, 127]),  # in range of all: what lies beyond has no meaning in ONNX
    "int8": np.int8([0, 1, -1, 7, 127, -128, -77]),
    "uint8": np.uint8([0, 1, 2, 127, 128, 200, 255]),
    "bool": np.array([0, 1, 1, 0, 1, 0, 1], bool),
}


@pytest.mark.parametrize("before", GIVEN)
@pytest.mark.parametrize("between", TYPES)
@pytest.mark.parametrize("after", TYPES)
def test_chain(before, between, after, tmp_path):
    proto = model(
        node("Cast", "x", "t", to=TYPES[between]), node("Cast", "t", "y", to=TYPES[after]),
        inputs={"x": (TYPES[before], (7,))}, outputs={"y": TYPES[after]},
    )  # fmt: skip
    x = GIVEN[before]
    if between == "float":  # what does not fit has no meaning in ONNX from here on
        x = x[(x >= 0) & (x <= 127)][[0, 1, 2, 0, 1, 2, 0]]
    feeds, graph = {"x": x}, read(proto, tmp_path)
    want = expected(proto, feeds)["y"]
    for one in (graph, passes.run(graph, Options())):
        have = reference.run(one, feeds)["y"]
        assert have.dtype == narrowed(want.dtype)
        np.testing.assert_array_equal(have, want)


def test_floats_beyond_uint8_saturate(tmp_path):
    proto = model(node("Cast", "x", to=UINT8), inputs={"x": (6,)}, outputs={"y": UINT8})
    x = np.float32([-1.5, -np.inf, 255.9, 256, 1e20, np.nan])
    np.testing.assert_array_equal(reference.run(read(proto, tmp_path), {"x": x})["y"], [0, 0, 255, 255, 255, 0])


def test_a_camera_s_bytes_are_scaled(tmp_path):
    proto = model(
        node("Cast", "x", "f", to=FLOAT), node("Div", "f s", "d"), node("Sub", "d m", "y"),
        inputs={"x": (UINT8, (1, 3, 4, 5))}, constants={"s": 255.0, "m": np.float32([[[0.4]], [[0.5]], [[0.6]]])},
    )  # fmt: skip
    agrees(proto, tmp_path)
