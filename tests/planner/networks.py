"""Random small networks with branches, for whatever must hold however a graph is planned: `network(seed)`.

Each is a Graph as the passes leave it: give it to tests/emit/hosted.py's `stages`, or to select, planner and emit. Layers
read any earlier image, not only the last one, so that lives are of all lengths and the order of the nodes is seldom the
best one. Operators: conv2d, dwconv2d, pool2d, binary, unary, concat (over channels, and over rows, which takes no copy),
slices, pad, reduce, reshape, dense, softmax, quantize and dequantize. About three in four are int8 (bit-exact
everywhere), the others float32. Numbers stay in range, so that a wrong byte is seen at the end.

Random sets of intervals, without networks, are in tests/planner/intervals.py.
"""

from __future__ import annotations

import math

import numpy as np
from barecast import ops
from barecast.graph import DType, Graph, GraphBuilder, Port, TensorType
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp
from barecast.ops.concat import Concat
from barecast.ops.conv2d import Conv2d
from barecast.ops.dense import Dense
from barecast.ops.dequantize import Dequantize
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.pad import Pad
from barecast.ops.pool2d import Pool2d
from barecast.ops.quantize import Quantize
from barecast.ops.reduce import Reduce
from barecast.ops.reshape import Reshape
from barecast.ops.slice import Slice
from barecast.ops.softmax import Softmax
from barecast.ops.unary import Unary

from tests.cases.build import quant

SCALE = float(np.float32(0.05))
"""Of every image: what a concatenation or a maximum joins must have one quantisation."""

LARGEST = 1200
"""Elements of a tensor, about: the reference and the compiler are to be quick."""


def network(seed: int, layers: int | None = None) -> Graph:
    """Equal seeds give equal networks. layers: 4 to 14 unless told; more nodes come out, for joins and heads."""
    return Draft(seed).network(layers)


class Draft:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng((seed, 7))
        self.quantized = self.chance(0.75)
        self.zero = self.pick(-128, -3, 0, 11) if self.quantized else 0
        self.builder = GraphBuilder(f"branchy{seed}")
        self.images: list[str] = []
        self.read: set[str] = set()

    def network(self, layers: int | None) -> Graph:
        shape = (1, self.pick(3, 5, 6, 8), self.pick(4, 5, 7, 9), self.pick(3, 4, 8))
        for number in range(self.pick(1, 1, 2)):
            self.images.append(self.input(f"x{number}", shape))
        kinds = (
            self.conv, self.conv, self.conv, self.depthwise, self.depthwise, self.pool, self.add, self.add, self.add,
            self.multiply, self.function, self.join_channels, self.join_rows, self.pad, self.rows, self.crop
        )  # fmt: skip
        for _ in range(layers or self.pick(*range(4, 15))):
            self.images.append(self.pick(*kinds)(self.image()))
        loose = [name for name in self.images if name not in self.read]
        for name in loose[: self.pick(0, 0, 1, 2)]:
            self.output(name)
        self.output(self.head(loose))
        return self.builder.build()

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def pick(self, *values):
        return values[int(self.rng.integers(len(values)))]

    def shape(self, name: str) -> tuple[int, ...]:
        return self.builder.tensors[name].type.shape

    def image(self, *like: tuple[int, ...] | None) -> str:
        """Any image so far; half of the time one of the last two. like: an image of that shape, extents of None free."""
        fits = [n for n in self.images if not like or _agree(self.shape(n), like)]
        return self.pick(*fits[-2:]) if self.chance(0.5) else self.pick(*fits)

    def type(self, shape: tuple[int, ...]) -> TensorType:
        if self.quantized:
            return TensorType(DType.S8, shape, quant(SCALE, self.zero))
        return TensorType(DType.F32, shape)

    def input(self, name: str, shape: tuple[int, ...]) -> str:
        """An image of the model's own type, or one that begins with a quantize."""
        if self.quantized and self.chance(0.3):
            tensor = self.builder.tensor(name, TensorType(DType.F32, shape))
            self.builder.inputs.append(Port(name, tensor))
            return self.node("quantize", Quantize(), tensor)
        tensor = self.builder.tensor(name, self.type(shape))
        self.builder.inputs.append(Port(name, tensor))
        return tensor

    def output(self, tensor: str) -> None:
        if self.quantized and self.chance(0.3):
            real = self.builder.tensor("real", TensorType(DType.F32, self.shape(tensor)))
            self.builder.add("dequantize", Dequantize(), (tensor,), (real,), (real,))
            tensor = real
        self.builder.outputs.append(Port(f"y{len(self.builder.outputs)}", tensor))

    def node(self, op: str, attrs, *inputs: str) -> str:
        self.read.update(inputs)
        (shape,) = ops.get(op).infer(attrs, tuple(self.builder.tensors[name].type for name in inputs))
        y = self.builder.tensor(op, self.type(tuple(shape)))
        self.builder.add(op, attrs, inputs, (y,), (y,))
        return y

    def constants(self, shape: tuple[int, ...], axis: int) -> tuple[str, str]:
        """Weights and a bias for as many channels as `axis` of the weights has: outputs come out as large as inputs."""
        channels = shape[axis]
        spread = 0.9 / math.sqrt(math.prod(shape) / channels)
        if not self.quantized:
            w = self.rng.normal(0, spread, shape).astype(np.float32)
            return self.builder.constant("w", w), self.builder.constant("b", np.zeros(channels, np.float32) + spread)
        scales = np.float32(spread / 73) * self.rng.uniform(0.7, 1.4, channels).astype(np.float32)
        w = self.builder.constant("w", self.rng.integers(-127, 128, shape).astype(np.int8), quant(scales, 0, axis))
        bias = self.rng.integers(-500, 500, channels).astype(np.int32)
        return w, self.builder.constant("b", bias, quant(np.float32(SCALE) * scales, 0, 0))

    def clamp(self) -> Clamp:
        return self.pick(Clamp(), Clamp(), Clamp(0), Clamp(0, 6), Clamp(-4, 5))

    # From one image to a new one

    def conv(self, x: str) -> str:
        _, height, width, channels = self.shape(x)
        taps, stride = self.pick(1, 1, 3), self.pick(1, 1, 1, 2)
        most = max(1, LARGEST * stride * stride // (height * width))
        weights = self.constants((min(most, self.pick(3, 4, 6, 8, 16)), taps, taps, channels), 0)
        return self.node("conv2d", Conv2d((stride, stride), pads=(taps // 2,) * 4, activation=self.clamp()), x, *weights)

    def depthwise(self, x: str) -> str:
        stride = self.pick(1, 1, 2)
        weights = self.constants((3, 3, self.shape(x)[3]), 2)
        return self.node("dwconv2d", Dwconv2d((stride, stride), pads=(1, 1, 1, 1), activation=self.clamp()), x, *weights)

    def pool(self, x: str) -> str:
        kind, stride = self.pick("max", "avg"), self.pick(1, 2)
        if min(self.shape(x)[1:3]) < 2 or self.chance(0.4):
            return self.node("pool2d", Pool2d(kind, (3, 3), (stride, stride), pads=(1, 1, 1, 1)), x)
        return self.node("pool2d", Pool2d(kind, (2, 2), (stride, stride)), x)

    def add(self, x: str) -> str:
        return self.node("binary", Binary(self.pick("add", "add", "sub"), self.clamp()), x, self.image(*self.shape(x)))

    def multiply(self, x: str) -> str:
        """A gate: one number a channel, computed from any image with as many channels."""
        gate = self.node("reduce", Reduce("mean", (1, 2)), self.image(1, None, None, self.shape(x)[3]))
        return self.node("binary", Binary("mul"), x, gate)

    def function(self, x: str) -> str:
        return self.node("unary", Unary(*self.pick(("clamp", Clamp(0, 6)), ("tanh",), ("leaky_relu", Clamp(), 0.125))), x)

    def join_channels(self, x: str) -> str:
        batch, height, width, channels = self.shape(x)
        other = self.image(batch, height, width, None)
        if (channels + self.shape(other)[3]) * height * width > LARGEST:
            return self.pool(x)
        return self.node("concat", Concat(3), x, other)

    def join_rows(self, x: str) -> str:
        """Of results that nothing else is to lie in, so that they can be computed where they are wanted."""
        batch, height, width, channels = self.shape(x)
        if 2 * height * width * channels > LARGEST:
            return self.crop(x)
        other = self.image(batch, None, width, channels)
        parts = [self.function(x), self.depthwise_same(other)] if self.chance(0.7) else [x, other]
        return self.node("concat", Concat(1), *parts[:: self.pick(1, -1)])

    def depthwise_same(self, x: str) -> str:
        weights = self.constants((3, 3, self.shape(x)[3]), 2)
        return self.node("dwconv2d", Dwconv2d(pads=(1, 1, 1, 1)), x, *weights)

    def pad(self, x: str) -> str:
        if math.prod(self.shape(x)) * 2 > LARGEST:
            return self.crop(x)
        return self.node("pad", Pad((0, self.pick(0, 1), 1, 0), (0, 1, self.pick(0, 1), 0)), x)

    def rows(self, x: str) -> str:
        """Some whole rows: a view where they begin at a whole word."""
        height = self.shape(x)[1]
        begin = self.pick(*range(height))
        return self._slice(x, (0, begin, 0, 0), (1, self.pick(*range(1, height - begin + 1)), *self.shape(x)[2:]))

    def crop(self, x: str) -> str:
        _, height, width, channels = self.shape(x)
        return self._slice(x, (0, height // 3, width // 3, 0), (1, height - height // 3, width - width // 3, channels))

    def _slice(self, x: str, begin: tuple[int, ...], size: tuple[int, ...]) -> str:
        return self.node("slice", Slice(begin, size, (1, 1, 1, 1)), x)

    # From images to the end

    def head(self, images: list[str]) -> str:
        """Every image that nothing reads yet, flattened or averaged, joined, and a dense layer or two."""
        rows = []
        for name in images:
            if math.prod(self.shape(name)) > 600 or self.chance(0.2):
                name = self.node("reduce", Reduce("mean", (1, 2)), name)
            rows.append(self.node("reshape", Reshape((1, math.prod(self.shape(name)))), name))
        x = self.node("concat", Concat(1), *rows) if len(rows) > 1 else rows[0]
        for _ in range(self.pick(1, 1, 2)):
            weights = self.constants((self.pick(3, 8, 10), self.shape(x)[1]), 0)
            x = self.node("dense", Dense(self.clamp()), x, *weights)
        return self.node("softmax", Softmax(1), x) if not self.quantized and self.chance(0.3) else x


def _agree(shape: tuple[int, ...], like: tuple[int | None, ...]) -> bool:
    return all(wanted in (None, extent) for extent, wanted in zip(shape, like, strict=True))
