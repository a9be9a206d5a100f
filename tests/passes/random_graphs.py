"""Random small graphs in the shape that frontends give them: channels-first operators between transposes.

All numbers are small integers times powers of two, so that float arithmetic is exact in any
order, and quantised arithmetic can be held against its float emulation bit by bit.
"""

from __future__ import annotations

import numpy as np
from barecast import ops
from barecast.graph import DType, Graph, GraphBuilder, Port, Quant, TensorType
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp
from barecast.ops.concat import Concat
from barecast.ops.conv2d import Conv2d
from barecast.ops.dequantize import Dequantize
from barecast.ops.matmul import Matmul
from barecast.ops.pad import Pad
from barecast.ops.pool2d import Pool2d
from barecast.ops.quantize import Quantize
from barecast.ops.reduce import Reduce
from barecast.ops.reshape import Reshape
from barecast.ops.transpose import Transpose
from barecast.ops.unary import Unary

TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


class RandomGraph:
    """One graph a seed. quantized: dequantize before and quantize after every operator, as QDQ models have it."""

    def __init__(self, seed: int, quantized: bool = False, dtype: DType = DType.S8):
        self.rng = np.random.default_rng(seed)
        self.quantized, self.dtype = quantized, dtype
        self.builder = GraphBuilder(f"random{seed}")
        self.images: list[str] = []

    def build(self, layers: int) -> Graph:
        shape = (1, 4, 6, 5)
        if self.pick(3) == 0 and not self.quantized:
            shape = (2, 4, 6, 5)
        x = self.builder.tensor("x", TensorType(DType.F32, shape))
        self.builder.inputs.append(Port("x", x))
        self.images.append(self.rounded(x, 0.25))
        for _ in range(layers):
            kinds = [self.conv, self.conv, self.depthwise, self.relu, self.add, self.add, self.affine, self.concat,
                     self.pad, self.pool, self.turned, self.gate]  # fmt: skip
            self.images.append(kinds[self.pick(len(kinds))]())
        self.output("image", self.images[-1])
        if self.pick(2):
            self.output("early", self.images[self.pick(len(self.images))])
        self.output("scores", self.head(self.images[-1]))
        return self.builder.build()

    # Pieces

    def pick(self, n: int) -> int:
        return int(self.rng.integers(n))

    def output(self, name: str, tensor: str) -> None:
        self.builder.outputs.append(Port(name, tensor))

    def type(self, name: str) -> TensorType:
        return self.builder.tensors[name].type

    def node(self, op: str, attrs, *inputs: str | None) -> str:
        types = tuple(None if n is None else self.type(n) for n in inputs)
        (shape,) = ops.get(op).infer(attrs, types)
        first = types[0]
        y = self.builder.tensor(op, TensorType(first.dtype, shape))
        self.builder.add(op, attrs, inputs, (y,), (y,))
        return y

    def rounded(self, x: str, scale: float | None = None) -> str:
        """x, through quantize and dequantize in a quantised graph."""
        if not self.quantized:
            return x
        scale = scale or 2.0 ** -self.pick(3)
        zero = self.pick(17) - 8 + (128 if self.dtype is DType.U8 else 0)
        shape = self.type(x).shape
        q = self.builder.tensor("q", TensorType(self.dtype, shape, Quant((scale,), (zero,))))
        self.builder.add("quantize", Quantize(), (x,), (q,), (q,))
        y = self.builder.tensor("dq", TensorType(DType.F32, shape))
        self.builder.add("dequantize", Dequantize(), (q,), (y,), (y,))
        return y

    def constant(self, shape: tuple[int, ...], low: int = -2, high: int = 3) -> str:
        return self.builder.constant("c", self.rng.integers(low, high, shape).astype(np.float32))

    def weights(self, shape: tuple[int, ...], axis: int | None = 0) -> str:
        if not self.quantized:
            return self.constant(shape)
        count = 1 if axis is None else shape[axis]
        scale = tuple(float(2.0 ** -self.pick(3)) for _ in range(count))
        data = self.rng.integers(-3, 4, shape).astype(np.int8)
        q = self.builder.constant("w", data, Quant(scale, (0,) * count, axis))
        y = self.builder.tensor("wf", TensorType(DType.F32, shape))
        self.builder.add("dequantize", Dequantize(), (q,), (y,), (y,))
        return y

    def image(self) -> str:
        return self.images[-1 - self.pick(min(3, len(self.images)))]

    def turn(self, x: str, perm: tuple[int, ...]) -> str:
        return self.node("transpose", Transpose(perm), x)

    # Operators on [N, C, H, W]

    def conv(self) -> str:
        x = self.turn(self.image(), TO_LAST)
        k, o = 1 + 2 * self.pick(2), 3 + self.pick(4)
        w = self.turn(self.weights((o, self.type(x).shape[3], k, k)), (0, 2, 3, 1))
        bias = self.constant((o,)) if self.pick(2) else None
        stride = 1 + self.pick(2)
        y = self.node("conv2d", Conv2d((stride, stride), pads=(k // 2,) * 4), x, w, bias)
        return self.rounded(self.activated(self.turn(y, TO_FIRST)))

    def depthwise(self) -> str:
        x = self.turn(self.image(), TO_LAST)
        c = self.type(x).shape[3]
        w = self.turn(self.weights((c, 1, 3, 3)), (0, 2, 3, 1))
        y = self.node("conv2d", Conv2d(pads=(1, 1, 1, 1), groups=c), x, w, self.constant((c,)))
        return self.rounded(self.activated(self.turn(y, TO_FIRST)))

    def activated(self, x: str) -> str:
        bounds = (Clamp(), Clamp(0.0), Clamp(0.0, 6.0), Clamp(-2.0, 3.0))[self.pick(4)]
        return x if bounds.is_identity else self.node("unary", Unary("clamp", bounds), x)

    def relu(self) -> str:
        return self.rounded(self.node("unary", Unary("clamp", Clamp(0.0)), self.image()))

    def add(self) -> str:
        a = self.image()
        same = [n for n in self.images if self.type(n).shape == self.type(a).shape]
        b = same[self.pick(len(same))]
        return self.rounded(self.activated(self.node("binary", Binary(("add", "sub")[self.pick(2)]), a, b)))

    def affine(self) -> str:
        """Batch normalisation's multiplication and addition (quantised: a multiplication by one number)."""
        x = self.image()
        shape = (1, self.type(x).shape[1], 1, 1)[self.pick(2) :]
        if self.quantized:
            return self.rounded(self.node("binary", Binary("mul"), x, self.builder.constant("half", np.float32(0.5))))
        y = self.node("binary", Binary("mul"), x, self.constant(shape, 1, 3))
        return self.node("binary", Binary("add"), y, self.constant(shape))

    def concat(self) -> str:
        a = self.image()
        fits = [n for n in self.images if self.type(n).shape[2:] == self.type(a).shape[2:]]
        fits = [n for n in fits if self.type(n).shape[1] + self.type(a).shape[1] <= 12] or [a]
        return self.rounded(self.node("concat", Concat(1), a, fits[self.pick(len(fits))]))

    def pad(self) -> str:
        attrs = Pad((0, 0, 1, 0), (0, 0, self.pick(2), 1), (0.0, 0.0, 1.0)[self.pick(3)])
        return self.rounded(self.node("pad", attrs, self.image()))

    def pool(self) -> str:
        x = self.image()
        if min(self.type(x).shape[2:]) < 3:
            return self.relu()
        kind = ("max", "avg")[self.pick(2)]
        attrs = Pool2d(kind, (2, 2), (1 + self.pick(2),) * 2, pads=(self.pick(2),) * 4, include_pad=kind == "avg")
        return self.rounded(self.turn(self.node("pool2d", attrs, self.turn(x, TO_LAST)), TO_FIRST))

    def turned(self) -> str:
        """A transpose that the model's author wrote."""
        perm = ((0, 1, 3, 2), (0, 2, 1, 3), (0, 3, 2, 1))[self.pick(3)]
        y = self.turn(self.image(), perm)
        return y if self.pick(2) else self.rounded(y)

    def gate(self) -> str:
        """Squeeze and excite: the image times what its means say."""
        x = self.image()
        if self.quantized or np.prod(self.type(x).shape[2:]) & (np.prod(self.type(x).shape[2:]) - 1):
            return self.relu()
        mean = self.node("reduce", Reduce("mean", (2, 3), keepdims=bool(self.pick(2))), x)
        mean = self.node("reshape", Reshape((*self.type(x).shape[:2], 1, 1)), mean)
        return self.activated(self.node("binary", Binary("mul"), mean, x))

    def head(self, x: str) -> str:
        n, *rest = self.type(x).shape
        flat = self.rounded(self.node("reshape", Reshape((n, int(np.prod(rest)))), x))
        y = self.node("matmul", Matmul(), flat, self.weights((int(np.prod(rest)), 3), None))
        return self.rounded(self.activated(self.node("binary", Binary("add"), y, self.constant((3,)))))


def input_for(graph: Graph, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {p.name: rng.integers(-4, 5, graph.type(p.tensor).shape).astype(np.float32) / 4 for p in graph.inputs}
