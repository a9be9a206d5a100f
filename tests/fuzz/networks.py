"""Random small networks as exporters write them: channels first, float32, every habit that occurs in practice."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSETS = (11, 12, 13, 14, 15, 17, 18, 19, 21)


def network(seed: int) -> onnx.ModelProto:
    """A float model. Equal seeds give equal models."""
    draft = Draft(seed)
    rng = draft.rng
    kind = rng.choice(["image", "image", "image", "image", "sequence", "vector"])
    if kind == "vector":
        heads = [_perceptron(draft)]
    elif kind == "sequence":
        heads = _sequence(draft)
    else:
        heads = _image(draft)
    return draft.model(heads)


class Draft:
    """An ONNX graph that grows. Tensors are names; their shapes are kept beside them."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.opset = int(self.rng.choice(OPSETS))
        self.inputs: list[onnx.ValueInfoProto] = []
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.seed = seed
        self._fresh = 0

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def pick(self, *values):
        return values[int(self.rng.integers(len(values)))]

    def name(self, stem: str) -> str:
        self._fresh += 1
        return f"{stem}_{self._fresh}"

    def input(self, shape: tuple[int, ...]) -> str:
        name = self.name("input")
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        self.shapes[name] = shape
        return name

    def constant(self, array: np.ndarray) -> str:
        name = self.name("const")
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        self.shapes[name] = np.shape(array)
        return name

    def add(self, op: str, inputs: Sequence[str], shape: tuple[int, ...], **attributes) -> str:
        output = self.name(op.lower())
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=self.name(op), **attributes))
        self.shapes[output] = tuple(int(d) for d in shape)
        return output

    def model(self, heads: Sequence[str]) -> onnx.ModelProto:
        outputs = [helper.make_tensor_value_info(h, TensorProto.FLOAT, self.shapes[h]) for h in dict.fromkeys(heads)]
        graph = helper.make_graph(self.nodes, f"random{self.seed}", self.inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = min(model.ir_version, 10)
        onnx.checker.check_model(model, full_check=True)
        return model

    # layers, each from a tensor to a tensor

    def weights(self, shape: tuple[int, ...], fan_in: int) -> str:
        spread = self.rng.lognormal(0, 0.4, (shape[0], *(1,) * (len(shape) - 1)))  # channels differ, as after training
        return self.constant((self.rng.normal(0, 1.4 / math.sqrt(fan_in), shape) * spread).astype(np.float32))

    def conv(
        self, x: str, channels: int, kernel: int, stride: int = 1, groups: int = 1, norm: bool | None = None
    ) -> str:
        shape = self.shapes[x]
        spatial = len(shape) - 2
        dilation = self.pick(1, 1, 1, 2) if kernel > 1 and stride == 1 and min(shape[2:]) > 2 * kernel else 1
        reach = (kernel - 1) * dilation + 1
        attributes: dict = {"kernel_shape": [kernel] * spatial, "group": groups}
        if self.chance(0.8) or stride > 1:
            attributes["strides"] = [stride] * spatial
        if self.chance(0.8) or dilation > 1:
            attributes["dilations"] = [dilation] * spatial
        begin = end = reach // 2
        style = self.pick("pads", "pads", "pads", "auto", "lopsided", "node", "none")
        if style == "none" and min(shape[2:]) < reach + 2:
            style = "pads"
        if style == "node" and reach > 1:
            x, (begin, end) = self.pad(x, begin, end), (0, 0)
        elif style == "auto" and dilation == 1:
            attributes["auto_pad"] = self.pick("SAME_UPPER", "SAME_LOWER")
        elif style == "none":
            begin = end = 0
        elif style == "lopsided" and reach > 1:
            begin, end = max(0, begin - 1), end + (begin > 0)
        if "auto_pad" not in attributes:
            attributes["pads"] = [begin] * spatial + [end] * spatial
            extents = [(d + begin + end - reach) // stride + 1 for d in self.shapes[x][2:]]
        else:
            extents = [-(-d // stride) for d in shape[2:]]
        norm = self.chance(0.4) if norm is None else norm
        depth = shape[1] // groups
        inputs = [x, self.weights((channels, depth, *[kernel] * spatial), depth * kernel**spatial)]
        if self.chance(0.9 if not norm else 0.1):
            inputs.append(self.constant(self.rng.normal(0, 0.3, channels).astype(np.float32)))
        y = self.add("Conv", inputs, (shape[0], channels, *extents), **attributes)
        return self.batch_norm(y) if norm else y

    def batch_norm(self, x: str) -> str:
        channels, rng = self.shapes[x][1], self.rng
        values = (rng.uniform(0.5, 1.5, channels), rng.normal(0, 0.3, channels), rng.normal(0, 0.3, channels))
        constants = [self.constant(v.astype(np.float32)) for v in (*values, rng.uniform(0.5, 2, channels))]
        return self.add("BatchNormalization", [x, *constants], self.shapes[x], epsilon=1e-5)

    def pad(self, x: str, begin: int, end: int) -> str:
        spatial = len(self.shapes[x]) - 2
        pads = self.constant(np.array([0, 0, *[begin] * spatial, 0, 0, *[end] * spatial], np.int64))
        inputs = [x, pads, self.constant(np.float32(0))] if self.chance(0.5) else [x, pads]
        shape = self.shapes[x][:2] + tuple(d + begin + end for d in self.shapes[x][2:])
        return self.add("Pad", inputs, shape, mode="constant")

    def activation(self, x: str, *kinds: str) -> str:
        kind = self.pick(*(kinds or ("Relu", "Relu", "Relu", "Relu6", "none", "Sigmoid", "Tanh", "Swish", "Clip")))
        if kind == "none":
            return x
        if kind == "Swish":
            return self.add("Mul", [x, self.add("Sigmoid", [x], self.shapes[x])], self.shapes[x])
        if kind in ("Relu6", "Clip"):
            low, high = (0, 6) if kind == "Relu6" else (-1, 1)
            bounds = [self.constant(np.float32(v)) for v in (low, high)]
            return self.add("Clip", [x, *bounds], self.shapes[x])
        return self.add(kind, [x], self.shapes[x])

    def pool(self, x: str, kind: str | None = None) -> str:
        shape = self.shapes[x]
        spatial = len(shape) - 2
        kind = kind or self.pick("MaxPool", "MaxPool", "AveragePool")
        kernel, stride, pad = self.pick((2, 2, 0), (2, 2, 0), (3, 2, 1), (3, 1, 1))
        attributes: dict = {"kernel_shape": [kernel] * spatial, "strides": [stride] * spatial}
        if pad or self.chance(0.5):
            attributes["pads"] = [pad] * 2 * spatial
        up = pad == 0 and self.chance(0.2)
        if up:
            attributes["ceil_mode"] = 1
        elif kind == "AveragePool" and self.chance(0.4):
            attributes["count_include_pad"] = 1
        room = [d + 2 * pad - kernel for d in shape[2:]]
        extents = [(-(-r // stride) if up else r // stride) + 1 for r in room]
        return self.add(kind, [x], (*shape[:2], *extents), **attributes)

    def mean(self, x: str, keep: bool) -> str:
        """The mean over the spatial axes, in one of the spellings of the exporters."""
        shape = self.shapes[x]
        axes = list(range(2, len(shape)))
        flat, kept = shape[:2], shape[:2] + (1,) * len(axes)
        if self.chance(0.5):
            y = self.add("GlobalAveragePool", [x], kept)
            return y if keep else self.flatten(y)
        if self.chance(0.3):
            axes = [a - len(shape) for a in axes]
        attributes: dict = {} if keep and self.chance(0.5) else {"keepdims": int(keep)}
        inputs = [x]
        if self.opset >= 18:
            inputs.append(self.constant(np.array(axes, np.int64)))
        else:
            attributes["axes"] = axes
        return self.add("ReduceMean", inputs, kept if keep else flat, **attributes)

    def flatten(self, x: str) -> str:
        shape = self.shapes[x]
        flat = (shape[0], math.prod(shape[1:]))
        how = self.pick("Flatten", "Reshape", "ReshapeZero", "Squeeze")
        if how == "Squeeze" and math.prod(shape[2:]) == 1 and len(shape) > 2:
            axes = list(range(2, len(shape)))
            if self.opset >= 13:
                return self.add("Squeeze", [x, self.constant(np.array(axes, np.int64))], flat)
            return self.add("Squeeze", [x], flat, axes=axes)
        if how == "Flatten":
            return self.add("Flatten", [x], flat, **({"axis": 1} if self.chance(0.5) else {}))
        target = [0, -1] if how == "ReshapeZero" else [shape[0], -1]
        return self.add("Reshape", [x, self.constant(np.array(target, np.int64))], flat)

    def dense(self, x: str, width: int) -> str:
        rows, depth = self.shapes[x]
        weights = self.rng.normal(0, 1.4 / math.sqrt(depth), (depth, width)).astype(np.float32)
        bias = self.rng.normal(0, 0.3, width).astype(np.float32)
        how = self.pick("Gemm", "GemmT", "GemmT", "MatMul", "MatMulAdd")
        if how == "MatMul":
            return self.add("MatMul", [x, self.constant(weights)], (rows, width))
        if how == "MatMulAdd":
            y = self.add("MatMul", [x, self.constant(weights)], (rows, width))
            return self.add("Add", [y, self.constant(bias)][:: self.pick(1, -1)], (rows, width))
        turned = how == "GemmT"
        inputs = [x, self.constant(weights.T.copy() if turned else weights), self.constant(bias)]
        inputs = inputs[: self.pick(3, 3, 3, 2)]
        attributes = {"transB": int(turned)} if turned or self.chance(0.5) else {}
        if self.chance(0.3):
            attributes |= {"alpha": 1.0, "beta": 1.0}
        return self.add("Gemm", inputs, (rows, width), **attributes)


# blocks of images, from a tensor to a tensor


def _plain(d: Draft, x: str) -> str:
    return d.activation(d.conv(x, d.pick(4, 8, 12, 16), d.pick(1, 3, 3, 5), d.pick(1, 1, 2)))


def _separable(d: Draft, x: str) -> str:
    channels = d.shapes[x][1]
    x = d.conv(x, channels * d.pick(1, 1, 1, 2), 3, d.pick(1, 1, 2), groups=channels)
    x = d.activation(x, "Relu", "Relu6", "none")
    return d.activation(d.conv(x, d.pick(8, 12, 16), 1), "Relu", "Relu6")


def _residual(d: Draft, x: str) -> str:
    channels = d.shapes[x][1]
    y = d.activation(_same(d, x, channels), "Relu")
    y = _same(d, y, channels, act="none")
    if d.chance(0.3):
        x = _same(d, x, channels, kernel=1, act="none")
    pair = [x, y][:: d.pick(1, -1)]
    return d.activation(d.add("Add", pair, d.shapes[x]), "Relu", "Relu", "none", "Relu6")


def _same(d: Draft, x: str, channels: int, kernel: int = 3, act: str | None = None) -> str:
    """A layer that keeps the extents, whatever its padding style drew."""
    y = d.conv(x, channels, kernel)
    if d.shapes[y][2:] != d.shapes[x][2:]:
        y = d.conv(x, channels, 1)
    return d.activation(y, *(() if act is None else (act,)))


def _inverted(d: Draft, x: str) -> str:
    channels = d.shapes[x][1]
    y = d.activation(d.conv(x, 2 * channels, 1), "Relu6", "Relu", "Swish")
    y = d.activation(_depthwise_same(d, y), "Relu6", "Relu")
    if d.chance(0.5):
        y = _gate(d, y)
    y = d.conv(y, channels, 1)
    return d.add("Add", [x, y], d.shapes[x]) if d.shapes[x] == d.shapes[y] else y


def _depthwise_same(d: Draft, x: str) -> str:
    channels = d.shapes[x][1]
    y = d.conv(x, channels, 3, groups=channels)
    return y if d.shapes[y] == d.shapes[x] else d.conv(x, channels, 1, groups=channels)


def _branches(d: Draft, x: str) -> str:
    parts = [_same(d, x, d.pick(4, 6, 8), d.pick(1, 3)) for _ in range(d.pick(2, 3))]
    if d.chance(0.4):
        parts.append(x)
    if d.chance(0.3):
        shape = d.shapes[x]
        sides = len(shape) - 2
        parts.append(d.add("MaxPool", [x], shape, kernel_shape=[3] * sides, strides=[1] * sides, pads=[1] * 2 * sides))
    shape = list(d.shapes[x])
    shape[1] = sum(d.shapes[p][1] for p in parts)
    return d.add("Concat", parts, tuple(shape), axis=d.pick(1, 1, 1 - len(shape)))


def _gate(d: Draft, x: str) -> str:
    """Squeeze and excite."""
    shape = d.shapes[x]
    channels = shape[1]
    if d.chance(0.6):
        y = d.mean(x, keep=True)
        y = d.activation(d.conv(y, max(2, channels // 4), 1, norm=False), "Relu")
        y = d.conv(y, channels, 1, norm=False)
        y = d.activation(y, "Sigmoid")
    else:
        y = d.activation(d.dense(d.mean(x, keep=False), max(2, channels // 4)), "Relu")
        y = d.activation(d.dense(y, channels), "Sigmoid")
        wide = (shape[0], channels, *(1,) * (len(shape) - 2))
        y = d.add("Reshape", [y, d.constant(np.array(wide, np.int64))], wide)
    return d.add("Mul", [x, y][:: d.pick(1, -1)], shape)


def _shuffle(d: Draft, x: str) -> str:
    """ShuffleNet's exchange of channel groups."""
    n, c, h, w = d.shapes[x]
    if c % 2:
        return x
    apart = (n, 2, c // 2, h, w)
    y = d.add("Reshape", [x, d.constant(np.array(apart, np.int64))], apart)
    y = d.add("Transpose", [y], (n, c // 2, 2, h, w), perm=[0, 2, 1, 3, 4])
    return d.add("Reshape", [y, d.constant(np.array([n, c, h, w], np.int64))], (n, c, h, w))


def _scaled(d: Draft, x: str) -> str:
    """Arithmetic with constants: a preprocessing, or a layer scale."""
    shape = d.shapes[x]
    constant = d.pick(
        np.float32(d.rng.uniform(0.3, 3)),
        d.rng.normal(0, 1, (shape[1], *(1,) * (len(shape) - 2))).astype(np.float32),
    )
    return d.add(d.pick("Mul", "Add", "Sub"), [x, d.constant(constant)], shape)


Block = Callable[[Draft, str], str]
IMAGE_BLOCKS: tuple[Block, ...] = (
    _plain, _plain, _separable, _separable, _residual, _residual, _inverted, _inverted, _branches, _gate, _shuffle, _scaled
)  # fmt: skip
SEQUENCE_BLOCKS: tuple[Block, ...] = (_plain, _plain, _separable, _residual, _branches, _gate, _scaled)


def _shrink(d: Draft, x: str) -> str:
    return d.pool(x) if min(d.shapes[x][2:]) >= 4 else x


def _body(d: Draft, x: str, blocks: tuple[Block, ...], count: int) -> tuple[str, list[str]]:
    """Several blocks in a row; the tensor at the end, and those after each block."""
    stages = []
    for _ in range(count):
        block = d.pick(*blocks)
        if min(d.shapes[x][2:]) >= 3 or block not in (_plain, _separable):
            x = block(d, x)
        if d.chance(0.3):
            x = _shrink(d, x)
        stages.append(x)
    return x, stages


def _image(d: Draft) -> list[str]:
    side = d.pick(8, 12, 16, 17, 24)
    x = d.input((1, d.pick(1, 3, 3, 4), side, d.pick(side, side, side + 3)))
    if d.chance(0.15):
        x = _scaled(d, x)
    x = _plain(d, x)
    if d.chance(0.2):
        other = d.input(d.shapes[x])
        if d.chance(0.5):
            x = d.add("Add", [x, other], d.shapes[x])
        else:
            shape = list(d.shapes[x])
            shape[1] *= 2
            x = d.add("Concat", [x, other], tuple(shape), axis=1)
    x, stages = _body(d, x, IMAGE_BLOCKS, d.pick(2, 3, 4, 5))
    heads = [_head(d, x)]
    if d.chance(0.2):
        heads.append(_head(d, d.pick(*stages)))
    if d.chance(0.15):
        heads.append(d.conv(d.pick(*stages), 4, 1, norm=False))
    return heads


def _sequence(d: Draft) -> list[str]:
    x = d.input((1, d.pick(1, 3, 8), d.pick(32, 49, 64)))
    if d.chance(0.2):
        n, c, length = d.shapes[x]
        x = d.add("Transpose", [d.input((n, length, c))], (n, c, length), perm=[0, 2, 1])
        d.inputs.pop(0)
    x, _ = _body(d, d.activation(d.conv(x, 8, 3)), SEQUENCE_BLOCKS, d.pick(1, 2, 3))
    return [_head(d, x)]


def _perceptron(d: Draft) -> str:
    x = d.input((d.pick(1, 1, 4), d.pick(16, 40, 64)))
    for _ in range(d.pick(1, 2, 4)):
        x = d.activation(d.dense(x, d.pick(8, 16, 32)), "Relu", "Relu", "Tanh", "Sigmoid", "none")
    return d.dense(x, d.pick(1, 4, 10))


def _head(d: Draft, x: str) -> str:
    how = d.pick("mean", "mean", "flat", "conv", "map")
    if how == "map":
        return d.activation(d.conv(x, d.pick(1, 4), 1), "none", "Sigmoid")
    if how == "conv":
        x = d.flatten(d.conv(d.mean(x, keep=True), 6, 1, norm=False))
    else:
        if how == "flat":
            while math.prod(d.shapes[x][1:]) > 600 and min(d.shapes[x][2:]) >= 4:
                x = d.pool(x)
            x = d.flatten(x)
        else:
            x = d.mean(x, keep=False)
        if d.chance(0.3):
            x = d.activation(d.dense(x, 16), "Relu", "Tanh")
        x = d.dense(x, d.pick(2, 6, 10))
    if d.chance(0.4):
        axis = d.pick({}, {"axis": 1}, {"axis": -1}) if d.opset >= 13 else {"axis": 1}
        return d.add("Softmax", [x], d.shapes[x], **axis)
    return x
