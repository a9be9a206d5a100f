"""python -m tests.fuzz.single [--count N] [OPERATOR ...]: quantised models of one operator against onnxruntime.

A line for each operator, element type, kind of scales and kind of ports: elements, and how
many differ from the default session, and from one with the graph optimiser off.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from barecast import reference
from onnx import TensorProto, helper, numpy_helper

from tests.fuzz import agreement

HAND = (0.1, 0.05, 0.02, 0.01, 0.2, 1 / 64, 1 / 128, 1 / 255, 1 / 256, 0.25, 0.5, 1.0, 1 / 127, 0.125)
"""Scales that people write."""

SCALES = ("random", "powers", "hand")
OPSETS = (11, 13, 17, 19, 21)
ELEMENTS = {np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8}


class Draft:
    """A model of one operator between DequantizeLinear and QuantizeLinear; bytes are its ports, or floats."""

    def __init__(self, seed: int, dtype: type, scales: str, real_ports: bool):
        self.rng = np.random.default_rng((seed, SCALES.index(scales), dtype is np.int8))
        self.dtype, self.scales, self.real_ports = dtype, scales, real_ports
        self.opset = OPSETS[seed % len(OPSETS)]
        self.info = np.iinfo(dtype)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.data: dict[str, np.ndarray] = {}
        self.x_scale, self.x_zero, self.step = np.float32(1), 0, np.float32(1)

    def pick(self, *values):
        return values[int(self.rng.integers(len(values)))]

    def constant(self, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), f"c{len(self.constants)}"))
        return self.constants[-1].name

    def add(self, op: str, *inputs: str, **attributes) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def scale(self) -> np.float32:
        if self.scales == "hand":
            return np.float32(self.pick(*HAND))
        return np.float32(2.0 ** -int(self.rng.integers(2, 9)) if self.scales == "powers" else self.rng.uniform(0.003, 0.1))

    def scale_near(self, value: float) -> np.float32:
        """A scale of the chosen kind for which results fill the range."""
        if self.scales == "random":
            return np.float32(value * self.rng.uniform(0.5, 2))
        if self.scales == "powers":
            return np.float32(2.0 ** round(np.log2(value)))
        decade = 10.0 ** np.floor(np.log10(value))
        return np.float32(decade * self.pick(1, 2, 5))

    def zero(self) -> int:
        middle = (int(self.info.min) + int(self.info.max) + 1) // 2
        return self.pick(int(self.info.min), middle, int(self.rng.integers(self.info.min, self.info.max + 1)))

    def input(self, *shape: int, spread: int = 0) -> str:
        """A dequantised input; its bytes are uniform, or `spread` around the middle."""
        self.x_scale, self.x_zero = self.scale(), self.zero()
        quantisation = [self.constant(self.x_scale), self.constant(self.dtype(self.x_zero))]
        middle = (int(self.info.min) + int(self.info.max)) // 2
        data = self.rng.normal(middle, spread, shape) if spread else self.rng.integers(self.info.min, self.info.max + 1, shape)
        held = np.clip(data, self.info.min, self.info.max).astype(self.dtype)
        name = f"x{len(self.inputs)}"
        element = TensorProto.FLOAT if self.real_ports else ELEMENTS[self.dtype]
        self.inputs.append(helper.make_tensor_value_info(name, element, shape))
        real = (held.astype(np.int32) - self.x_zero).astype(np.float32) * self.x_scale
        self.data[name] = real if self.real_ports else held
        quantised = self.add("QuantizeLinear", name, *quantisation) if self.real_ports else name
        return self.add("DequantizeLinear", quantised, *quantisation)

    def weights(self, axis: int, *shape: int) -> tuple[str, np.ndarray]:
        """Dequantised weights, per tensor or along `axis`, and their scales."""
        per_channel = self.opset >= 13 and self.pick(True, False)
        count = shape[axis] if per_channel else 1
        scales = np.array([self.scale() for _ in range(count)], np.float32)
        held = self.constant(self.rng.integers(-127, 128, shape).astype(np.int8))
        given = (scales, np.zeros(count, np.int8)) if per_channel else (scales[0], np.int8(0))
        attributes = {"axis": axis} if per_channel else {}
        return self.add("DequantizeLinear", held, *map(self.constant, given), **attributes), scales

    def bias(self, scales: np.ndarray, count: int) -> str:
        held = self.constant(self.rng.integers(-3000, 3000, count).astype(np.int32))
        step = self.x_scale * scales
        given = (step[0], np.int32(0)) if len(step) == 1 else (step, np.zeros(len(step), np.int32))
        attributes = {"axis": 0} if len(step) > 1 else {}
        return self.add("DequantizeLinear", held, *map(self.constant, given), **attributes)

    def model(self, real: str, scale: np.float32, zero: int) -> onnx.ModelProto:
        self.step = np.float32(scale)
        given = [self.constant(self.step), self.constant(self.dtype(zero))]
        out, element = self.add("QuantizeLinear", real, *given), ELEMENTS[self.dtype]
        if self.real_ports:
            out, element = self.add("DequantizeLinear", out, *given), TensorProto.FLOAT
        ports = [helper.make_tensor_value_info(out, element, None)]
        graph = helper.make_graph(self.nodes, "single", self.inputs, ports, self.constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        return onnx.shape_inference.infer_shapes(made)

    def kept_or_new(self, real: str) -> onnx.ModelProto:
        """Pools and maxima often keep their quantisation."""
        return self.model(real, *self.pick((self.x_scale, self.x_zero), (self.scale(), self.zero())))


def _conv(d: Draft, depthwise: bool = False) -> onnx.ModelProto:
    channels, kernel = d.pick(4, 8, 12), d.pick(1, 3)
    outputs, depth = (channels, 1) if depthwise else (d.pick(4, 8, 16), channels)
    x = d.input(1, channels, 12, 12)
    w, scales = d.weights(0, outputs, depth, kernel, kernel)
    inputs = [x, w, *([d.bias(scales, outputs)] if d.pick(True, False) else [])]
    typical = float(d.x_scale * scales.mean()) * 70 * 70 * np.sqrt(depth) * kernel / 60
    y = d.add("Conv", *inputs, kernel_shape=[kernel] * 2, pads=[kernel // 2] * 4, group=channels // depth)
    return d.model(y, d.scale_near(typical), d.zero())


def _gemm(d: Draft) -> onnx.ModelProto:
    x = d.input(8, 32)
    w, scales = d.weights(0, 24, 32)
    y = d.add("Gemm", x, w, d.bias(scales, 24), transB=1)
    return d.model(y, d.scale_near(float(d.x_scale * scales.mean()) * 500), d.zero())


def _matmul(d: Draft) -> onnx.ModelProto:
    x = d.input(8, 32)
    w, scales = d.weights(1, 32, 24)
    return d.model(d.add("MatMul", x, w), d.scale_near(float(d.x_scale * scales.mean()) * 500), d.zero())


def _binary(op: str) -> Callable[[Draft], onnx.ModelProto]:
    def make(d: Draft) -> onnx.ModelProto:
        a, scale = d.input(1, 8, 16, 16), d.x_scale
        b = d.input(*d.pick((1, 8, 16, 16), (1, 8, 16, 16), (1, 8, 1, 1), (16,)))
        y = d.add(op, *d.pick((a, b), (b, a)))
        return d.model(y, d.scale_near(float(scale * d.x_scale) * 80) if op == "Mul" else d.scale(), d.zero())

    return make


def _pool(d: Draft) -> onnx.ModelProto:
    kernel, side = d.pick(2, 3, 4), d.pick(4, 12, 12)
    attributes = {"pads": [1] * 4, "count_include_pad": d.pick(0, 1)} if kernel < 4 and d.pick(True, False) else {}
    x = d.input(1, d.pick(8, 16), side, side)
    return d.kept_or_new(d.add("AveragePool", x, kernel_shape=[kernel] * 2, strides=[d.pick(1, 2, 3)] * 2, **attributes))


def _mean(op: str) -> Callable[[Draft], onnx.ModelProto]:
    def make(d: Draft) -> onnx.ModelProto:
        side = d.pick(4, 5, 6, 7, 8)
        x = d.input(1, 64, side, side)
        if op == "GlobalAveragePool":
            return d.kept_or_new(d.add(op, x))
        if d.opset >= 18:
            return d.kept_or_new(d.add(op, x, d.constant(np.array([2, 3]))))
        return d.kept_or_new(d.add(op, x, axes=[2, 3]))

    return make


def _softmax(d: Draft) -> onnx.ModelProto:
    y = d.add("Softmax", d.input(64, d.pick(2, 10, 50), spread=d.pick(3, 20, 60, 250)), axis=1)
    return d.model(y, np.float32(d.pick(1 / 255, 1 / 256)), int(d.info.min))


def _unary(op: str) -> Callable[[Draft], onnx.ModelProto]:
    return lambda d: d.kept_or_new(d.add(op, d.input(1, 512)))


def _conv_transpose(d: Draft) -> onnx.ModelProto:
    channels, outputs, group = d.pick(4, 8), d.pick(4, 8), d.pick(1, 2)
    d.opset = d.opset if group == 1 else 11  # scales along an axis of the weights say nothing of groups
    x = d.input(1, channels, 6, 7)
    w, scales = d.weights(1, channels, outputs // group, 3, 3)
    inputs = [x, w, *([d.bias(scales, outputs)] if d.pick(True, False) else [])]
    y = d.add("ConvTranspose", *inputs, strides=[d.pick(1, 2)] * 2, pads=[d.pick(0, 1)] * 4, group=group)
    typical = float(d.x_scale * scales.mean()) * 70 * 70 * np.sqrt(channels / group) / 40
    return d.model(y, d.scale_near(typical), d.zero())


def _moved(op: str, *constants: list[int], **attributes) -> Callable[[Draft], onnx.ModelProto]:
    """An operator that chooses elements of one tensor."""

    def make(d: Draft) -> onnx.ModelProto:
        given = [d.constant(np.array(c, np.int64)) for c in constants]
        d.opset = max(d.opset, 18)
        return d.kept_or_new(d.add(op, d.input(1, 8, 6, 10), *given, **attributes))

    return make


def _resize(d: Draft) -> onnx.ModelProto:
    d.opset = 19
    scales = d.constant(np.array([1, 1, 2, 2], np.float32))
    return d.kept_or_new(d.add("Resize", d.input(1, 8, 6, 10), "", scales, mode="nearest"))


def _max_pool(d: Draft) -> onnx.ModelProto:
    return d.kept_or_new(d.add("MaxPool", d.input(1, 8, 12, 12), kernel_shape=[2, 2], strides=[2, 2]))


def _concat(d: Draft) -> onnx.ModelProto:
    return d.kept_or_new(d.add("Concat", d.input(1, 4, 8, 8), d.input(1, 4, 8, 8), axis=1))


FUNCTIONS = """Abs Ceil Elu Erf Exp Floor HardSigmoid LeakyRelu Neg Round Selu Sign Softplus Softsign
ThresholdedRelu""".split()  # noqa: SIM905

OPERATORS: dict[str, Callable[[Draft], onnx.ModelProto]] = {
    "Conv": _conv,
    "depthwise Conv": lambda d: _conv(d, depthwise=True),
    "Gemm": _gemm,
    "MatMul": _matmul,
    **{op: _binary(op) for op in ("Add", "Sub", "Mul")},
    "AveragePool": _pool,
    **{op: _mean(op) for op in ("GlobalAveragePool", "ReduceMean")},
    "Softmax": _softmax,
    **{op: _unary(op) for op in ("Sigmoid", "Tanh", "Relu")},
    **{op: _unary(op) for op in FUNCTIONS},
    **{op: _binary(op) for op in ("Max", "Min")},
    "ConvTranspose": _conv_transpose,
    "Slice": _moved("Slice", [0, 8], [5, 1], [2, 3], [2, -2]),
    "Gather": _moved("Gather", [3, 0, -1], axis=1),
    "Tile": _moved("Tile", [1, 2, 1, 3]),
    "DepthToSpace": _moved("DepthToSpace", blocksize=2),
    "ReduceMax": _moved("ReduceMax", [1]),
    "Resize": _resize,
    "MaxPool": _max_pool,
    "Concat": _concat,
}


@dataclass
class Count:
    """Elements of some models; how many differ with onnxruntime's optimiser on and off, and by how many steps (on)."""

    elements: int = 0
    default: int = 0
    written: int = 0
    largest: int = 0


def measure(operator: str, dtype: type, scales: str, real_ports: bool, count: int, folder: Path) -> Count:
    """`count` models with equal seeds in every run."""
    total = Count()
    for seed in range(count):
        draft = Draft(seed, dtype, scales, real_ports)
        model = OPERATORS[operator](draft)
        name = model.graph.output[0].name
        step = draft.step if real_ports else np.float32(1)
        ours = reference.run(agreement.graph_of(model, folder / "single.onnx"), draft.data)[name]
        gaps = []
        for optimise in (True, False):
            theirs = agreement.run(agreement.session(model, optimise), draft.data)[name]
            gaps.append(np.abs(np.rint((ours.astype(np.float64) - theirs) / step)).astype(int))
        total.elements += ours.size
        total.default += int(np.count_nonzero(gaps[0]))
        total.written += int(np.count_nonzero(gaps[1]))
        total.largest = max(total.largest, int(gaps[0].max()))
    return total


def table(operators: list[str], count: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place:
        for operator in operators:
            for scales in SCALES:
                for real_ports in (True, False):
                    for dtype in ELEMENTS:
                        found = measure(operator, dtype, scales, real_ports, count, Path(place))
                        ports = "float ports" if real_ports else "byte ports"
                        yield (
                            f"{operator:18} {np.dtype(dtype).name:5} {scales:7} {ports:11} {found.elements:8} elements: "
                            f"{found.default} differ ({found.default / found.elements:.1e}) by at most {found.largest}; "
                            f"optimiser off {found.written}"
                        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.single", description=__doc__.split("\n\n")[0])
    parser.add_argument("operators", nargs="*", metavar="OPERATOR", help=f"of {', '.join(OPERATORS)}")
    parser.add_argument("--count", type=int, default=60, help="how many models for each line")
    given = parser.parse_args()
    for line in table(given.operators or list(OPERATORS), given.count):
        print(line, flush=True)


if __name__ == "__main__":
    main()
