"""Networks of Keras with small random weights as tf2onnx writes them. Needs tensorflow and tf2onnx."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow  # noqa: E402
import tf2onnx  # noqa: E402
from keras import layers  # noqa: E402

OPSET = 17


def _unet() -> keras.Model:
    """Upsampled by nearest neighbours, by transposed convolution and bilinearly; joined along the channels."""
    image = keras.Input((16, 16, 1))
    first = layers.Conv2D(6, 3, padding="same", activation="relu")(image)
    second = layers.Conv2D(8, 3, padding="same", activation="elu")(layers.MaxPooling2D(2)(first))
    third = layers.Conv2D(12, 3, padding="same", activation="swish")(layers.AveragePooling2D(2)(second))
    x = layers.Conv2D(8, 3, padding="same")(layers.UpSampling2D(2, interpolation="bilinear")(third))
    x = layers.Concatenate()([layers.LeakyReLU(0.1)(x), second])
    x = layers.Concatenate()([layers.Conv2DTranspose(6, 3, 2, padding="same")(x), first])
    return keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))


def _keywords() -> keras.Model:
    """Convolutions in time: causal, dilated and separable; a mean over time."""
    sound = keras.Input((24, 10))
    x = layers.Conv1D(8, 3, padding="causal", activation="relu")(sound)
    x = layers.BatchNormalization()(x)
    x = layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="tanh")(x)
    x = layers.SeparableConv1D(12, 3, padding="same")(x)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return keras.Model(sound, layers.Dense(5, activation="softmax")(x))


def _residual() -> keras.Model:
    """Asymmetric zeros before a stride of 2, and a PReLU with a slope of each channel."""
    x = image = keras.Input((20, 20, 3))
    x = layers.BatchNormalization()(layers.Conv2D(8, 5, strides=2, padding="same", use_bias=False)(x))
    x = layers.PReLU(shared_axes=[1, 2], alpha_initializer="random_uniform")(x)
    y = layers.Conv2D(8, 3, strides=2)(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))
    y = layers.DepthwiseConv2D(3, padding="same")(layers.ReLU(6.0)(layers.BatchNormalization()(y)))
    x = layers.Add()([layers.MaxPooling2D(2)(x), y])
    return keras.Model(image, layers.Dense(4)(layers.Flatten()(x)))


def _two_inputs() -> keras.Model:
    image, values = keras.Input((12, 12, 2)), keras.Input((6,))
    x = layers.GlobalMaxPooling2D()(layers.Conv2D(8, 3, activation="relu")(image))
    y = keras.ops.gelu(layers.Dense(8)(values), approximate=True)  # tf2onnx has no operator for the exact one, Erfc
    both = layers.Concatenate()([layers.Multiply()([x, y]), values])
    return keras.Model([image, values], [layers.Dense(3, activation="softmax")(both), layers.Dense(1)(both)])


NETWORKS: Mapping[str, Callable[[], keras.Model]] = {
    "MobileNetV1": lambda: keras.applications.MobileNet((32, 32, 3), alpha=0.25, weights=None, classes=10),
    "MobileNetV2": lambda: keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, weights=None, classes=10),
    "MobileNetV3": lambda: keras.applications.MobileNetV3Small((32, 32, 3), alpha=0.75, weights=None, classes=10),
    "residual": _residual,
    "UNet": _unet,
    "keyword CNN": _keywords,
    "two inputs": _two_inputs,
}


def export(name: str, path: Path) -> dict[str, tuple[int, ...]]:
    """Writes the file, its batch open; returns what --shape fixes. Batch norms get statistics that are not 0 and 1."""
    keras.utils.set_random_seed(1)
    network, generator = NETWORKS[name](), np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            given = dict(zip((w.name for w in layer.weights), layer.get_weights(), strict=True))
            drawn = {
                key: generator.uniform(0.5, 1.5, array.shape) if key in ("gamma", "moving_variance")
                else generator.normal(0, 0.2, array.shape)
                for key, array in given.items()
            }
            layer.set_weights([drawn[w.name].astype(np.float32) for w in layer.weights])
    shapes = {f"input{i}": (1, *tensor.shape[1:]) for i, tensor in enumerate(network.inputs)}
    signature = [tensorflow.TensorSpec((None, *shape[1:]), tensorflow.float32, name=key) for key, shape in shapes.items()]

    @tensorflow.function(input_signature=signature)
    def run(*inputs: tensorflow.Tensor) -> tensorflow.Tensor:
        return network(list(inputs) if len(inputs) > 1 else inputs[0], training=False)

    tf2onnx.convert.from_function(run, input_signature=signature, opset=OPSET, output_path=str(path))
    return shapes
