"""The demo's network: the committed files are what the training script says they are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"
RANDOM = np.random.default_rng(3)


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DIGITS))
    yield
    for name in ("layers", "train_digits"):
        sys.modules.pop(name, None)


def load(name: str, key: str) -> np.ndarray:
    with np.load(DIGITS / name) as archive:
        assert archive.files == [key]
        return archive[key]


@pytest.mark.parametrize("name", ["digits_float", "digits_int8"])
def test_model_recognises_digits_it_was_not_trained_on(name: str) -> None:
    session = onnxruntime.InferenceSession(DIGITS / f"{name}.onnx", providers=["CPUExecutionProvider"])
    labels = load("digits_labels.npz", "label")
    found = [session.run(None, {"image": image})[0].argmax() for image in load("digits_test.npz", "image")]
    assert np.mean(np.array(found) == labels) >= 0.97


def test_int8_model_holds_its_weights_in_int8() -> None:
    model = onnx.load(DIGITS / "digits_int8.onnx")
    weights = [tensor for tensor in model.graph.initializer if len(tensor.dims) in (2, 4)]
    assert len(weights) == 6
    assert {tensor.data_type for tensor in weights} == {onnx.TensorProto.INT8}


@pytest.mark.usefixtures("training")
def test_test_images_are_the_held_out_third() -> None:
    import train_digits

    train_images, _, test_images, test_labels = train_digits.load_data()
    assert len(train_images) == 1198 and len(test_images) == 599
    np.testing.assert_array_equal(load("digits_test.npz", "image"), train_digits.channels_first(test_images))
    np.testing.assert_array_equal(load("digits_labels.npz", "label"), test_labels)


@pytest.mark.usefixtures("training")
def test_exported_model_computes_what_was_trained() -> None:
    import train_digits

    network = train_digits.build_network(np.random.default_rng(5))
    images = RANDOM.random((32, 8, 8, 1), np.float32)
    for _ in range(3):  # moves the running means and variances away from where they start
        train_digits.run(network, images, training=True)
    session = onnxruntime.InferenceSession(
        train_digits.export_onnx(network).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    exported = np.concatenate([session.run(None, {"image": x})[0] for x in train_digits.channels_first(images)])
    np.testing.assert_allclose(exported, train_digits.run(network, images), rtol=1e-4, atol=1e-5)


LAYERS = {
    "conv 3x3": lambda layers: (layers.Conv(RANDOM, 2, 3, 3), (2, 4, 4, 2)),
    "conv 1x1": lambda layers: (layers.Conv(RANDOM, 3, 2, 1), (2, 2, 3, 3)),
    "depthwise": lambda layers: (layers.DepthwiseConv(RANDOM, 3, 1), (2, 4, 4, 3)),
    "depthwise, stride 2": lambda layers: (layers.DepthwiseConv(RANDOM, 2, 2), (2, 4, 6, 2)),
    "batch normalisation": lambda layers: (layers.BatchNorm(3), (2, 3, 3, 3)),
    "relu": lambda layers: (layers.Relu(), (2, 3, 3, 3)),
    "global average": lambda layers: (layers.GlobalAverage(), (2, 3, 4, 3)),
    "dense": lambda layers: (layers.Dense(RANDOM, 5, 3), (4, 5)),
}


@pytest.mark.usefixtures("training")
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_equal_difference_quotients(name: str) -> None:
    import layers

    layer, shape = LAYERS[name](layers)
    layer.own(*(RANDOM.normal(size=weight.shape) for weight in layer.weights))
    x = RANDOM.normal(size=shape)
    pull = RANDOM.normal(size=layer.forward(x, True).shape)
    by_x = layer.backward(pull)

    def numeric(array: np.ndarray) -> np.ndarray:
        result = np.empty_like(array)
        for index in np.ndindex(array.shape):
            kept, sums = array[index], []
            for value in (kept + 1e-6, kept - 1e-6):
                array[index] = value
                sums.append((layer.forward(x, True) * pull).sum())
            array[index] = kept
            result[index] = (sums[0] - sums[1]) / 2e-6
        return result

    np.testing.assert_allclose(by_x, numeric(x), rtol=1e-5, atol=1e-6)
    for weight, gradient in zip(layer.weights, layer.gradients, strict=True):
        np.testing.assert_allclose(gradient, numeric(weight), rtol=1e-5, atol=1e-6)
