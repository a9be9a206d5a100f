"""Small networks of several steps, built by hand: what the tests of selection, emission and the golden files share."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Graph, GraphBuilder, Port, TensorType
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp
from barecast.ops.concat import Concat
from barecast.ops.conv2d import Conv2d
from barecast.ops.dense import Dense
from barecast.ops.dequantize import Dequantize
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.quantize import Quantize
from barecast.ops.reshape import Reshape
from barecast.ops.unary import Unary

from tests.cases.build import f32, quant, rng, s8


def integer_chain() -> Graph:
    """f32 image -> s8 -> Conv 3x3 + Relu -> view -> dense -> f32 scores; names that C could not bear."""
    b, random = GraphBuilder("chain"), rng("integer chain")
    x = b.tensor("x", f32(1, 6, 5, 2))
    q = b.tensor("q", s8(1, 6, 5, 2, scale=0.02, zero=-3))
    c = b.tensor("c", s8(1, 3, 3, 4, scale=0.04, zero=-128))
    v = b.tensor("v", s8(1, 36, scale=0.04, zero=-128))
    d = b.tensor("d", s8(1, 3, scale=0.3, zero=5))
    y = b.tensor("y", f32(1, 3))
    scales = [0.011, 0.013, 0.007, 0.009]
    w = b.constant("w", random.integers(-127, 128, (4, 3, 3, 2)).astype(np.int8), quant(scales, 0, 0))
    wb = b.constant("wb", random.integers(-900, 900, 4).astype(np.int32), quant([0.02 * s for s in scales], 0, 0))
    u = b.constant("u", random.integers(-127, 128, (3, 36)).astype(np.int8), quant(0.02))
    ub = b.constant("ub", random.integers(-900, 900, 3).astype(np.int32), quant(0.0008))
    b.inputs.append(Port('image */ "\\', x))
    b.outputs.append(Port("scores??/\n#error", y))
    b.add("quantize", Quantize(), [x], [q], ["quantise */ it"])
    b.add("conv2d", Conv2d((2, 2), pads=(1, 1, 1, 1), activation=Clamp(0)), [q, w, wb], [c], ["conv", "relu"])
    b.add("reshape", Reshape((1, 36)), [c], [v], ["flatten"])
    b.add("dense", Dense(), [v, u, ub], [d], ["fc"])
    b.add("dequantize", Dequantize(), [d], [y], [f"node {k}" for k in range(7)])
    return b.build()


def float_branches() -> Graph:
    """Every way in which a port can lie: two inputs and an unused one, outputs that are an input, a view, a constant,
    each other; a concat (several steps for one node), and a constant that two nodes share by value."""
    b, random = GraphBuilder("branches"), rng("float branches")
    x, z, unused = (b.tensor(n, f32(1, 2, 3, 4)) for n in ("x", "z", "unused"))
    k1, k2 = (b.constant("k", np.linspace(-1, 1, 4, dtype=np.float32)) for _ in range(2))
    s, t = b.tensor("s", f32(1, 2, 3, 4)), b.tensor("t", f32(1, 2, 3, 4))
    j = b.tensor("j", f32(1, 2, 3, 8))
    flat = b.tensor("flat", f32(1, 48))
    k = b.constant("fixed", random.normal(0, 1, (5,)).astype(np.float32))
    for name, tensor in (("x", x), ("z", z), ("unused", unused)):
        b.inputs.append(Port(name, tensor))
    for name, tensor in (("joined", j), ("again", j), ("flat", flat), ("input", x), ("fixed", k), ("sum", s)):
        b.outputs.append(Port(name, tensor))
    b.add("binary", Binary("add"), [x, k1], [s], ["add"])
    b.add("binary", Binary("mul", Clamp(0)), [z, k2], [t], ["mul"])
    b.add("concat", Concat(3), [s, t], [j], ["concat"])
    b.add("reshape", Reshape((1, 48)), [j], [flat], ["flatten"])
    return b.build()


def unsigned_table() -> Graph:
    """u8 ports and a table: sigmoid on bytes."""
    b = GraphBuilder("table")
    x = b.tensor("x", TensorType(DType.U8, (3, 50), quant(0.05, 100)))
    y = b.tensor("y", TensorType(DType.U8, (3, 50), quant(1 / 256)))
    b.inputs.append(Port("x", x))
    b.outputs.append(Port("y", y))
    b.add("unary", Unary("sigmoid"), [x], [y], ["sigmoid"])
    return b.build()


def depthwise_blocks() -> Graph:
    """A 3x3 convolution and blocks of a depthwise and a 1x1 convolution, as MobileNets have them: the second block equals
    the first one, the third has a stride, the last one other extents. What steps can share."""
    b, random = GraphBuilder("blocks"), rng("depthwise blocks")
    last = b.tensor("x", s8(1, 9, 10, 3))
    b.inputs.append(Port("image", last))
    same, halving = (1, 1, 1, 1), (1, 0, 1, 1)
    layers = [
        ("conv2d", Conv2d((1, 1), pads=same, activation=Clamp(0)), (8, 3, 3, 3), (9, 10)),
        *[("dwconv2d", Dwconv2d(pads=same), (3, 3, 8), (9, 10)), ("conv2d", Conv2d(), (8, 1, 1, 8), (9, 10))] * 2,
        ("dwconv2d", Dwconv2d((2, 2), pads=halving), (3, 3, 8), (5, 5)),
        ("conv2d", Conv2d(), (12, 1, 1, 8), (5, 5)),
        ("dwconv2d", Dwconv2d(pads=same), (3, 3, 12), (5, 5)),
        ("conv2d", Conv2d(), (16, 1, 1, 12), (5, 5)),
    ]
    for number, (op, attrs, taps, size) in enumerate(layers, 1):
        channels_last = op == "dwconv2d"
        channels = taps[-1] if channels_last else taps[0]
        scales = [float(np.float32(scale)) for scale in random.uniform(0.004, 0.0075, channels)]
        w = random.integers(-127, 128, taps).astype(np.int8)
        bias = random.integers(-900, 900, channels).astype(np.int32)
        y = b.tensor(f"y{number}", s8(1, *size, channels))
        constants = (
            b.constant(f"w{number}", w, quant(scales, 0, 2 if channels_last else 0)),
            b.constant(f"b{number}", bias, quant([0.05 * scale for scale in scales], 0, 0)),
        )
        b.add(op, attrs, [last, *constants], [y], [f"layer {number}"])
        last = y
    b.outputs.append(Port("features", last))
    return b.build()


NETWORKS = {"chain": integer_chain, "branches": float_branches, "table": unsigned_table, "blocks": depthwise_blocks}


def random_inputs(graph: Graph) -> dict[str, np.ndarray]:
    """Port name -> data."""
    random, found = rng(graph.name), {}
    for port in graph.inputs:
        type = graph.type(port.tensor)
        if type.dtype.is_float:
            found[port.name] = random.normal(0, 1, type.shape).astype(type.dtype.numpy)
        else:
            found[port.name] = random.integers(*type.dtype.limits, type.shape, endpoint=True).astype(type.dtype.numpy)
    return found
