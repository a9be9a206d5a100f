"""Trains the demo's network on handwritten digits and writes it as ONNX, in float and in int8.

    python models/digits/train_digits.py [--out FOLDER] [--epochs N]

Data: the 1 797 images of 8x8 pixels that scikit-learn ships. Two thirds train, one third (599 images, a fixed
draw) is only ever used to test. The training is numpy alone (layers.py) and takes half a minute on one core.

Writes into FOLDER (default: beside this file):
    digits_float.onnx    float32, input `image` [1, 1, 8, 8] (pixels 0 to 1), output `logits` [1, 10]
    digits_int8.onnx     the same, quantised by onnxruntime: QuantizeLinear/DequantizeLinear, a scale per channel
    digits_test.npz      `image`: the test images, float32 [599, 1, 1, 8, 8]
    digits_labels.npz    `label`: their digits, uint8 [599]

The seeds are fixed, so the result is the same on every run with the same numpy on the same kind of processor; on
another one sums round differently, and the weights with them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from barecast.samples import Samples, write_samples
from layers import Adam, BatchNorm, Conv, Dense, DepthwiseConv, GlobalAverage, Layer, Relu, cross_entropy
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from scipy.ndimage import affine_transform
from sklearn.datasets import load_digits

SEED = 1
BATCH = 32
OPSET = 17


def load_data() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(training images, labels, test images, labels); images float32 [N, 8, 8, 1] from 0 to 1, labels uint8."""
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[..., None]
    labels = digits.target.astype(np.uint8)
    order = np.random.default_rng(SEED).permutation(len(images))
    train, test = order[599:], order[:599]
    return images[train], labels[train], images[test], labels[test]


def build_network(random: np.random.Generator) -> list[Layer]:
    """A small MobileNet: a 3x3 convolution, two depthwise-separable blocks, the mean, a dense layer."""

    def block(inputs: int, outputs: int, stride: int) -> list[Layer]:
        spatial = [DepthwiseConv(random, inputs, stride), BatchNorm(inputs), Relu()]
        return [*spatial, Conv(random, inputs, outputs, 1), BatchNorm(outputs), Relu()]

    first = [Conv(random, 1, 16, 3), BatchNorm(16), Relu()]
    return [*first, *block(16, 32, 2), *block(32, 64, 1), GlobalAverage(), Dense(random, 64, 10)]


def run(network: list[Layer], x: np.ndarray, training: bool = False) -> np.ndarray:
    """The logits [N, 10] of images [N, 8, 8, 1]."""
    for layer in network:
        x = layer.forward(x, training)
    return x


def distort(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Every image turned, sheared, scaled and moved a little: other hands, the same digits."""
    result = np.empty_like(images)
    for index, image in enumerate(images):
        angle, shear = random.normal(0, 0.06, 2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = turn @ np.array([[1, shear], [0, 1]]) @ np.diag(random.normal(1, 0.04, 2))
        offset = np.full(2, 3.5) - matrix @ (np.full(2, 3.5) + random.normal(0, 0.2, 2))
        result[index, ..., 0] = affine_transform(image[..., 0], matrix, offset, order=1)
    return result


def batches(count: int, random: np.random.Generator) -> Iterator[np.ndarray]:
    """The indices 0 .. count-1 in random order, BATCH at a time; a short rest is left out."""
    order = random.permutation(count)
    for start in range(0, count - BATCH + 1, BATCH):
        yield order[start : start + BATCH]


def train(images: np.ndarray, labels: np.ndarray, epochs: int) -> list[Layer]:
    """The trained network; the learning rate falls from 0.004 to 0 along a cosine."""
    random = np.random.default_rng(SEED)
    network = build_network(random)
    adam = Adam(network, decay=0.01)
    for epoch in range(epochs):
        rate = 0.002 * (1 + np.cos(np.pi * epoch / epochs))
        losses = []
        for chosen in batches(len(images), random):
            loss, gradient = cross_entropy(run(network, distort(images[chosen], random), True), labels[chosen])
            for layer in reversed(network):
                gradient = layer.backward(gradient)
            adam.step(np.float32(rate))
            losses.append(loss)
        print(f"epoch {epoch + 1:3} of {epochs}: loss {np.mean(losses):.4f}", flush=True)
    return network


def export_onnx(network: list[Layer]) -> onnx.ModelProto:
    """The network as exporters write it: channels first, batch 1, normalisation folded into the convolutions."""
    nodes, constants = [], []
    value = "image"

    def constant(name: str, array: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name))
        return name

    for index, layer in enumerate(network):
        name = f"layer_{index:02}"
        match layer:
            case Conv() | DepthwiseConv():
                factor, offset = network[index + 1].affine()
                weight = layer.weights[0] if isinstance(layer, Conv) else layer.weights[0][:, None]
                stride = getattr(layer, "stride", 1)
                inputs = [value, constant(f"{name}_weight", weight * factor[:, None, None, None])]
                inputs.append(constant(f"{name}_bias", offset))
                kernel = weight.shape[2]
                attributes = {"kernel_shape": [kernel] * 2, "pads": [kernel // 2] * 4, "strides": [stride] * 2}
                group = len(weight) if isinstance(layer, DepthwiseConv) else 1
                nodes.append(helper.make_node("Conv", inputs, [name], name, group=group, **attributes))
            case BatchNorm():
                continue
            case Relu():
                nodes.append(helper.make_node("Relu", [value], [name], name))
            case GlobalAverage():
                nodes.append(helper.make_node("GlobalAveragePool", [value], [f"{name}_mean"], name))
                nodes.append(helper.make_node("Flatten", [f"{name}_mean"], [name], f"{name}_flatten", axis=1))
            case Dense():
                name = "logits"
                inputs = [value, constant("dense_weight", layer.weights[0]), constant("dense_bias", layer.weights[1])]
                nodes.append(helper.make_node("Gemm", inputs, [name], "dense", transB=1))
        value = name
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 10])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="train_digits")
    model.ir_version = 8  # the version that belongs to opset 17, so that older tools read the file too
    onnx.checker.check_model(model, full_check=True)
    return model


class Calibration(CalibrationDataReader):
    """Feeds the training images to onnxruntime's quantiser, one at a time."""

    def __init__(self, images: np.ndarray) -> None:
        self.samples = iter(channels_first(images))

    def get_next(self) -> dict[str, np.ndarray] | None:
        sample = next(self.samples, None)
        return None if sample is None else {"image": sample}


def quantise(model: onnx.ModelProto, images: np.ndarray) -> onnx.ModelProto:
    """The model in int8: activations per tensor, weights per output channel, ranges from `images`."""
    with tempfile.TemporaryDirectory() as folder:
        given, source, result = (Path(folder, f"{name}.onnx") for name in ("given", "prepared", "quantised"))
        onnx.save(model, given)
        quant_pre_process(given, source, skip_symbolic_shape=True)
        quantize_static(
            source,
            result,
            Calibration(images),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
        )
        quantised = onnx.load(result)
    used = [opset for opset in quantised.opset_import if opset.domain == ""]
    del quantised.opset_import[:]  # onnxruntime lists every operator set that it knows
    quantised.opset_import.extend(used)
    onnx.checker.check_model(quantised, full_check=True)
    return quantised


def channels_first(images: np.ndarray) -> np.ndarray:
    """[N, 8, 8, 1] -> N samples in the model's shape: [N, 1, 1, 8, 8]."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)[:, None])


def accuracy(model: onnx.ModelProto, images: np.ndarray, labels: np.ndarray) -> float:
    """The share of `images` for which onnxruntime finds the right digit."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    logits = [session.run(None, {"image": sample})[0] for sample in channels_first(images)]
    return float(np.mean(np.argmax(np.concatenate(logits), 1) == labels))


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the digits network and writes it as ONNX.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--epochs", type=int, default=150)
    arguments = parser.parse_args()
    train_images, train_labels, test_images, test_labels = load_data()
    network = train(train_images, train_labels, arguments.epochs)
    float_model = export_onnx(network)
    int8_model = quantise(float_model, train_images)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, model in (("digits_float", float_model), ("digits_int8", int8_model)):
        onnx.save(model, arguments.out / f"{name}.onnx")
        size = (arguments.out / f"{name}.onnx").stat().st_size
        right = accuracy(model, test_images, test_labels)
        print(f"{name}.onnx: {size} bytes, {right:.2%} of {len(test_labels)} test images right")
    write_samples(arguments.out / "digits_test.npz", Samples({"image": channels_first(test_images)}))
    write_samples(arguments.out / "digits_labels.npz", Samples({"label": test_labels}))


if __name__ == "__main__":
    main()
