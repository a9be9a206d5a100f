"""What the fuzzers found wrong, each made small: the files that barecast once did not bear."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx

from tests.frontends.build import model, node, noise
from tests.hostile.cases import EITHER, GENERATED, REFUSED, Case
from tests.tflite import hostile
from tests.tflite.build import O, T, const
from tests.tflite.build import model as tflite_model
from tests.tflite.variables import add

I64 = np.int64


def cases() -> Iterator[Case]:
    for name, wanted, made in _onnx():
        yield Case("found by fuzzing", name, made.SerializeToString(), wanted)
    for name, wanted, data in _tflite():
        yield Case("found by fuzzing", name, data, wanted, "model.tflite")


def _onnx() -> Iterator[tuple[str, str, onnx.ModelProto]]:
    """(name, what is to come of it, model)."""
    scales = {"s": np.float32(0.1), "z": np.int8(0), "k": np.float32(0.5)}
    affine = [
        node("QuantizeLinear", "x s z", "xq"),
        node("DequantizeLinear", "xq s z", "xd"),
        node("Mul", "xd k", "m"),
        node("Add", "m k", "a"),
        node("QuantizeLinear", "a s z", "aq"),
        node("DequantizeLinear", "aq s z", "y"),
    ]
    yield "arithmetic along an axis of 2**30", EITHER, model(*affine, inputs={"x": (1, 2**30)}, constants=scales)
    resize = node("Resize", "x - - n", mode="nearest")
    sizes = {"n": np.array([1, 1, 2**24, 2**6], I64)}
    yield "Resize that lists 2**24 places", REFUSED, model(resize, inputs={"x": (1, 1, 4, 4)}, constants=sizes)
    spread = [node("Resize", "c - - n", "r", mode="nearest"), node("ReduceMax", "r k", "m"), node("Add", "x m")]
    large = {"c": noise(1, 1, 4, 4), "n": np.array([1, 1, 2**15, 2**15], I64), "k": np.array([2, 3], I64)}
    yield "Resize of a constant to 2**30 elements", REFUSED, model(*spread, constants=large, opset=18)
    windows = node("Conv", "x w", group=12, pads=[1, 1, 1, 1])
    image = {"x": (12, 12, 1024, 1024)}
    yield "twelve million windows", EITHER, model(windows, inputs=image, constants={"w": noise(12, 1, 3, 3)})
    for op in ("MaxPool", "AveragePool"):
        for name, attributes in (
            ("wide windows", {"kernel_shape": [1, 2**15], "pads": [0, 2**14] * 2}),
            ("many windows", {"kernel_shape": [2, 2]}),
        ):
            pool = node(op, "x", **attributes)
            yield f"{op} with {name}", EITHER, model(pool, inputs={"x": (1, 1, 2**13, 2**15)})
    clip = model(node("Clip", "x k"), constants={"k": np.float32(np.inf)})
    yield "Clip from infinity on", REFUSED, clip
    listed = [node("Range", "a n b", "r"), node("Tile", "r n", "t"), node("Add", "x t")]
    ends = {"a": np.array(0, I64), "n": np.array(2**31, I64), "b": np.array(1, I64)}
    yield "Range whose numbers are listed", REFUSED, model(*listed, constants=ends)


def _tflite() -> Iterator[tuple[str, str, bytes]]:
    x, y = T((2, 3), np.bool_, scale=0.1), T((2, 3), np.bool_, scale=0.2)
    yield "truth values with a scale", GENERATED, hostile.single("LOGICAL_NOT", (x,), y)
    x, y = T((1, 3, 4, 5), scale=0.1), T((1, 3, 4, 5), scale=0.1)
    slopes = T((1, 17, 4, 5), scale=0.1, data=np.ones((1, 17, 4, 5), np.int8))
    yield "PRELU whose slopes do not broadcast", REFUSED, hostile.single("PRELU", (x, slopes), y)
    x = T((1,), np.float32)
    y = T((2**28,), np.float32)
    yield "ADD of a FILL of 2**28", REFUSED, _filled(x, y)


def _filled(x: T, y: T) -> bytes:
    made = T(y.shape, np.float32)
    fill = O("FILL", (const(list(y.shape)), const(1.0, np.float32)), (made,))
    return tflite_model([fill, add(x, made, y)], (x,), (y,))
