"""Large models with random weights, for bench/generation.py and by hand.

    python bench/large_models.py FOLDER [NAME...]

Writes FOLDER/NAME.onnx for each of MODELS, or those that are named. Equal calls write equal files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NODES = 5000
"""Of each deep graph, to within ten."""

SIDE, CHANNELS = 8, 4
"""Images of the deep graphs: what is measured is the number of nodes."""


class Network:
    """Nodes and weights of a model, one after the other. quantised: QDQ, with int8 weights a scale a channel."""

    def __init__(self, quantised: bool = False):
        self.random = np.random.default_rng(50)
        self.quantised = quantised
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        if quantised:
            self.constant(np.float32(0.05), "scale")
            self.constant(np.int8(0), "zero")

    def constant(self, data: np.ndarray | np.generic, name: str = "") -> str:
        name = name or f"k{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(data), name))
        return name

    def add(self, op: str, *inputs: str, **attributes: object) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=f"{op}_{len(self.nodes)}", **attributes))
        return name

    def rounded(self, x: str) -> str:
        """x, by way of int8 in a quantised model."""
        if not self.quantised:
            return x
        return self.add("DequantizeLinear", self.add("QuantizeLinear", x, "scale", "zero"), "scale", "zero")

    def weight(self, *shape: int) -> str:
        """Random, of [out, in, ...]."""
        fan_in = int(np.prod(shape[1:]))
        if not self.quantised:
            return self.constant((self.random.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(np.float32))
        steps = self.constant(self.random.integers(-127, 128, shape).astype(np.int8))
        scale = self.constant(np.full(shape[0], 0.02 / np.sqrt(fan_in), np.float32))
        return self.add("DequantizeLinear", steps, scale, self.constant(np.zeros(shape[0], np.int8)), axis=0)

    def conv(self, x: str, ins: int, outs: int, side: int = 1, stride: int = 1, group: int = 1, then: str = "") -> str:
        """Padded to the input's extents by the stride; a Relu or Clip behind it by `then`."""
        weight = self.weight(outs, ins // group, side, side)
        y = self.add("Conv", x, weight, strides=[stride] * 2, pads=[side // 2] * 4, group=group)
        if then == "Clip":
            y = self.add("Clip", y, self.constant(np.float32(0)), self.constant(np.float32(6)))
        elif then:
            y = self.add(then, y)
        return self.rounded(y)

    def model(self, y: str, x: tuple[int, ...], shape: tuple[int, ...]) -> onnx.ModelProto:
        self.nodes.append(helper.make_node("Identity", [y], ["y"]))
        ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, extents) for name, extents in (("x", x), ("y", shape))]
        graph = helper.make_graph(self.nodes, "large", ports[:1], ports[1:], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def classifier(self, x: str, ins: int) -> str:
        flat = self.rounded(self.add("Flatten", self.rounded(self.add("GlobalAveragePool", x))))
        return self.rounded(self.add("Gemm", flat, self.weight(1000, ins), transB=1))

    def deep(self, y: str, channels: int = CHANNELS) -> onnx.ModelProto:
        return self.model(y, (1, CHANNELS, SIDE, SIDE), (1, channels, SIDE, SIDE))


def resnet50(quantised: bool) -> onnx.ModelProto:
    """He et al. 2015, 25.5 million parameters; the stride is in the 3x3."""
    net = Network(quantised)
    x = net.conv(net.rounded("x"), 3, 64, 7, 2, then="Relu")
    x = net.rounded(net.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4))
    ins = 64
    for stage, (middle, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for block in range(blocks):
            stride = 2 if block == 0 and stage else 1
            y = net.conv(x, ins, middle, then="Relu")
            y = net.conv(y, middle, middle, 3, stride, then="Relu")
            y = net.conv(y, middle, 4 * middle)
            if block == 0:
                x = net.conv(x, ins, 4 * middle, 1, stride)
            x = net.rounded(net.add("Relu", net.add("Add", y, x)))
            ins = 4 * middle
    return net.model(net.classifier(x, ins), (1, 3, 224, 224), (1, 1000))


def mobilenet_v2(quantised: bool) -> onnx.ModelProto:
    """Sandler et al. 2018, 3.5 million parameters."""
    net = Network(quantised)
    x, ins = net.conv(net.rounded("x"), 3, 32, 3, 2, then="Clip"), 32
    blocks = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
    for widen, outs, count, first in blocks:
        for number in range(count):
            stride, wide = first if number == 0 else 1, widen * ins
            y = net.conv(x, ins, wide, then="Clip") if widen > 1 else x
            y = net.conv(y, wide, wide, 3, stride, wide, then="Clip")
            y = net.conv(y, wide, outs)
            x = net.rounded(net.add("Add", x, y)) if stride == 1 and ins == outs else y
            ins = outs
    return net.model(net.classifier(net.conv(x, ins, 1280, then="Clip"), 1280), (1, 3, 224, 224), (1, 1000))


def chain() -> onnx.ModelProto:
    """One after the other."""
    net, x = Network(), "x"
    while len(net.nodes) < NODES - 2:
        x = net.conv(x, CHANNELS, CHANNELS, then="Relu" if len(net.nodes) % 4 else "Sigmoid")
    return net.deep(x)


def branches() -> onnx.ModelProto:
    """Blocks of three branches, a concatenation and a sum with the block's input."""
    net, x = Network(), "x"
    while len(net.nodes) < NODES - 9:
        arms = [net.conv(x, CHANNELS, CHANNELS, then="Relu") for _ in range(3)]
        x = net.add("Add", x, net.conv(net.add("Concat", *arms, axis=1), 3 * CHANNELS, CHANNELS))
    return net.deep(x)


def skips() -> onnx.ModelProto:
    """A half that makes images and a half that reads them, the last one first: NODES / 4 live at once."""
    net, x, made = Network(), "x", []
    while len(net.nodes) < NODES // 2:
        made.append(x := net.conv(x, CHANNELS, CHANNELS, then="Relu"))
    for image in reversed(made):
        x = net.conv(net.add("Add", x, image), CHANNELS, CHANNELS)
    return net.deep(x)


def fan() -> onnx.ModelProto:
    """One image that NODES / 2 others are made from, which one concatenation reads."""
    net = Network()
    arms = [net.conv("x", CHANNELS, CHANNELS, then="Relu") for _ in range(NODES // 2 - 1)]
    return net.deep(net.add("Concat", *arms, axis=1), CHANNELS * len(arms))


MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "resnet50_float": lambda: resnet50(False),
    "resnet50_int8": lambda: resnet50(True),
    "mobilenet_v2_float": lambda: mobilenet_v2(False),
    "mobilenet_v2_int8": lambda: mobilenet_v2(True),
    "chain": chain,
    "branches": branches,
    "skips": skips,
    "fan": fan,
}


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or MODELS:
        onnx.save(MODELS[name](), folder / f"{name}.onnx")


if __name__ == "__main__":
    main()
