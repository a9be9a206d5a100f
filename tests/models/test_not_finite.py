"""NaN and infinite weights are refused by name; infinities that mean something (bounds, paddings, masks) work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from barecast import pipeline, targets
from barecast.errors import ModelError
from barecast.samples import random_samples
from barecast.verification import verify

from tests.frontends.build import model, node, noise, save
from tests.tflite.build import O, T, const
from tests.tflite.build import model as tflite_model

NAN, INF = np.float32(np.nan), np.float32(np.inf)


def spoilt(value: float, *shape: int) -> np.ndarray:
    """Noise with one value that is not finite, at the second place of the last axis."""
    array = noise(*shape)
    array[..., 1][(0,) * (len(shape) - 1)] = value
    return array


def one(op: str, inputs: str, constants: Mapping[str, Any], shape=(1, 2, 6, 6), **attributes: Any) -> onnx.ModelProto:
    return model(node(op, inputs, name="n1", **attributes), inputs={"x": shape}, constants=constants)


CONV = {"w": noise(3, 2, 3, 3), "b": noise(3)}
NORM = {name: np.ones(2, np.float32) for name in "sbmv"}
MATRIX = {"w": noise(4, 3), "b": noise(3)}
ROW = (1, 4)

REFUSED = {
    "NaN in a kernel": one("Conv", "x w b", {**CONV, "w": spoilt(NAN, 3, 2, 3, 3)}),
    "infinity in a kernel": one("Conv", "x w b", {**CONV, "w": spoilt(INF, 3, 2, 3, 3)}),
    "NaN in a bias": one("Conv", "x b w", {"b": CONV["w"], "w": spoilt(NAN, 3)}),
    "infinity in a bias": one("Conv", "x b w", {"b": CONV["w"], "w": spoilt(-INF, 3)}),
    "Gemm": one("Gemm", "x w b", {**MATRIX, "w": spoilt(NAN, 4, 3)}, ROW),
    "MatMul": one("MatMul", "x w", {"w": spoilt(INF, 4, 3)}, ROW),
    "a scale of BatchNormalization": one("BatchNormalization", "x w b m v", {**NORM, "w": spoilt(NAN, 2)}),
    "a variance of BatchNormalization": one("BatchNormalization", "x s b m w", {**NORM, "w": spoilt(INF, 2)}),
    "NaN in an addition": one("Add", "x w", {"w": spoilt(NAN, 4)}, ROW),
    "NaN in a concatenation": one("Concat", "x w", {"w": spoilt(NAN, 1, 4)}, ROW, axis=0),
    "NaN as a bound": one("Clip", "x w", {"w": NAN}, ROW),
    "NaN as padding": one("Pad", "x p w", {"p": np.array([0, 1, 0, 1]), "w": NAN}, ROW),
    "NaN that was reshaped": model(
        node("Reshape", "v s", "w"),
        node("MatMul", "x w", name="n1"),
        inputs={"x": ROW},
        constants={"v": spoilt(NAN, 12), "s": np.array([4, 3])},
    ),
    "NaN in a Constant": model(
        node("Constant", "", "w", value_floats=[1.0, NAN, 1.0, 1.0]), node("Add", "x w", name="n1"), inputs={"x": ROW}
    ),
}


def compiled(path: Path) -> pipeline.Compiled:
    return pipeline.compile_model(path, targets.load("host"))


@pytest.mark.parametrize("proto", [pytest.param(p, id=n) for n, p in REFUSED.items()])
def test_refused_by_tensor_and_node(proto, tmp_path):
    with pytest.raises(ModelError) as caught:
        compiled(save(proto, tmp_path))
    error = caught.value
    assert error.node == "n1" and 'constant "w"' in error.reason and "not finite" in error.reason and error.remedy


def test_an_attribute_must_be_finite(tmp_path):
    for name in ("alpha", "beta"):
        with pytest.raises(ModelError, match=f"attribute {name} is (nan|inf)"):
            compiled(save(one("Gemm", "x w b", MATRIX, ROW, **{name: NAN if name == "alpha" else INF}), tmp_path))


def test_all_layers_that_diverged_are_told_at_once(tmp_path):
    proto = model(
        node("MatMul", "x w", "a", name="first"),
        node("Relu", "a", "r"),
        node("MatMul", "r v", name="second"),
        inputs={"x": ROW},
        constants={"w": spoilt(NAN, 4, 4), "v": spoilt(NAN, 4, 4)},
    )
    with pytest.raises(ModelError) as caught:
        compiled(save(proto, tmp_path))
    assert [p.node for p in caught.value.problems] == ["first", "second"]


def test_weights_that_overflow_on_the_way_are_refused(tmp_path):
    with pytest.raises(ModelError, match="its weights constant holds 12 values that are not finite"):
        compiled(
            save(one("Gemm", "x w b", {**MATRIX, "w": np.full((4, 3), 3e38, np.float32)}, ROW, alpha=2.0), tmp_path)
        )


def test_a_factor_that_would_overflow_is_not_folded(tmp_path):
    """3e38 * x * 1e3 is finite for small x: the product stays an operator of its own."""
    proto = model(
        node("MatMul", "x w", "a"),
        node("Mul", "a f"),
        inputs={"x": ROW},
        constants={"w": np.full((4, 3), 1e37, np.float32), "f": np.full(3, 1e3, np.float32)},
    )
    made = compiled(save(proto, tmp_path))
    samples = random_samples(made.graph, 1)
    small = type(samples)({"x": samples.arrays["x"] * np.float32(1e-6)}, samples.single)
    assert np.isfinite(pipeline.run(made, small.arrays)["y"]).all()
    assert verify(made, small).passed


GOOD = {
    "padding before a maximum": model(
        node("Pad", "x p f", "a"),
        node("MaxPool", "a", kernel_shape=[3, 3], strides=[2, 2]),
        inputs={"x": (1, 2, 6, 6)},
        constants={"p": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "f": -INF},
    ),
    "padding that stays": model(
        node("Pad", "x p f"), inputs={"x": ROW}, constants={"p": np.array([0, 1, 0, 1]), "f": INF}
    ),
    "bounds": model(
        node("Clip", "x l h", "a"), node("Clip", "a z h"), inputs={"x": ROW}, constants={"l": -INF, "h": INF, "z": 0.0}
    ),
    "mask": model(
        node("MatMul", "x w", "a"),
        node("Add", "a m", "b"),
        node("Softmax", "b"),
        inputs={"x": ROW},
        constants={"w": noise(4, 4), "m": np.array([0, -INF, 0, -INF], np.float32)},
    ),
    "quantised padding before a maximum": model(
        node("QuantizeLinear", "x s z", "q"),
        node("DequantizeLinear", "q s z", "d"),
        node("Pad", "d p f", "a"),
        node("MaxPool", "a", "m", kernel_shape=[3, 3], strides=[2, 2]),
        node("QuantizeLinear", "m s z", "n"),
        node("DequantizeLinear", "n s z"),
        inputs={"x": (1, 2, 6, 6)},
        constants={
            "p": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "f": -INF, "s": np.float32(0.05), "z": np.int8(3),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("proto", [pytest.param(p, id=n) for n, p in GOOD.items()])
def test_infinities_that_mean_something_work(proto, tmp_path):
    made = compiled(save(proto, tmp_path))
    assert verify(made, random_samples(made.graph, 3)).passed


def test_tflite(tmp_path):
    path = tmp_path / "m.tflite"
    x, y = T((1, 4), np.float32), T((1, 3), np.float32)

    def dense(weights: T, bias: T, before: tuple[O, ...] = ()) -> bytes:
        return tflite_model([*before, O("FULLY_CONNECTED", (x, weights, bias), (y,))], (x,), (y,))

    good, bias = const(noise(3, 4), np.float32), const(noise(3), np.float32)
    bad = T((3, 4), np.float32, data=spoilt(NAN, 3, 4), name="weights")
    halves = T((3, 4), np.float16, data=spoilt(INF, 3, 4).astype(np.float16), name="halves")
    wide = T((3, 4), np.float32, name="widened")
    for data, name in (
        (dense(bad, bias), "weights"),
        (dense(good, T((3,), np.float32, data=spoilt(-INF, 3), name="bias")), "bias"),
        (dense(wide, bias, (O("DEQUANTIZE", (halves,), (wide,)),)), "widened"),
    ):
        path.write_bytes(data)
        with pytest.raises(ModelError, match=f'constant "{name}" holds 1 value that is not finite') as caught:
            compiled(path)
        assert caught.value.operator == "FULLY_CONNECTED" and caught.value.node and caught.value.remedy
    flag = T((1, 4), np.bool_)
    path.write_bytes(tflite_model([O("LESS", (x, const(np.array([INF]), np.float32)), (flag,))], (x,), (flag,)))
    made = compiled(path)
    assert verify(made, random_samples(made.graph, 2)).passed
    mask = const(np.array([0, -INF, 0, -INF]), np.float32)
    z, s, softmax = T((1, 4), np.float32), T((1, 4), np.float32), ("SoftmaxOptions", {"Beta": 1.0})
    path.write_bytes(tflite_model([O("ADD", (x, mask), (z,)), O("SOFTMAX", (z,), (s,), softmax)], (x,), (s,)))
    made = compiled(path)
    assert verify(made, random_samples(made.graph, 2)).passed
