"""The elementwise operators against onnxruntime: QDQ models of one operator, and float ones.

Integers differ by at most 1, and in fewer than 1 of 10 000 elements, from onnxruntime as
it comes, which fuses Add, Mul and Softmax here. Where scales are simple fractions exact
halves occur; those are equal, fused and (with the graph optimiser off) as written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
import pytest
from barecast import ops
from barecast.graph import Call, DType, Node, Quant, Tensor, TensorType
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp
from barecast.ops.concat import Concat
from barecast.ops.dequantize import Dequantize
from barecast.ops.pad import Pad
from barecast.ops.quantize import Quantize
from barecast.ops.requantize import Requantize
from barecast.ops.softmax import Softmax
from barecast.ops.unary import Unary
from onnx import TensorProto, helper, numpy_helper

from tests.cases.build import f32, rng, s8, u8

PROTO = {DType.F32: TensorProto.FLOAT, DType.S8: TensorProto.INT8, DType.U8: TensorProto.UINT8}
RATE = 1e-4
BINARY = {"add": "Add", "sub": "Sub", "mul": "Mul"}
FUSED = {"add": "s8", "sub": "", "mul": "s8"}
"""What onnxruntime makes of them for s8."""


@dataclass(frozen=True)
class Foreign:
    """The ONNX operator: its type, attributes, and constant inputs after the tensors."""

    type: str | None
    attributes: dict[str, Any]
    constants: tuple[np.ndarray, ...] = ()


def onnxruntime_result(
    foreign: Foreign, inputs: list[TensorType], output: TensorType, arrays: list[np.ndarray], optimised: bool = True
) -> np.ndarray:
    """Quantised inputs are dequantised, the operator (None: nothing) works in float32, the output is quantised."""
    nodes, constants, names = [], [], []

    def quantisation(prefix: str, type: TensorType) -> list[str]:
        scale = np.array(type.quant.scale, np.float32)
        zero = np.array(type.quant.zero_point, type.dtype.numpy)
        if type.quant.per_tensor:
            scale, zero = scale.reshape(()), zero.reshape(())
        names = [f"{prefix}_scale", f"{prefix}_zero"]
        constants.extend(map(numpy_helper.from_array, (scale, zero), names))
        return names

    def axis(type: TensorType) -> dict[str, int]:
        return {} if type.quant.per_tensor else {"axis": type.quant.axis}

    for index, type in enumerate(inputs):
        name = f"x{index}"
        if type.quant is not None:
            operands = [name, *quantisation(name, type)]
            name = f"{name}_real"
            nodes.append(helper.make_node("DequantizeLinear", operands, [name], **axis(type)))
        names.append(name)
    for index, array in enumerate(foreign.constants):
        constants.append(numpy_helper.from_array(array, f"c{index}"))
        names.append(f"c{index}")
    real = names[0]
    if foreign.type is not None:
        real = "y" if output.quant is None else "y_real"
        nodes.append(helper.make_node(foreign.type, names, [real], **foreign.attributes))
    result = real
    if output.quant is not None:
        result = "y"
        nodes.append(helper.make_node("QuantizeLinear", [real, *quantisation("y", output)], ["y"], **axis(output)))
    ports = [helper.make_tensor_value_info(f"x{i}", PROTO[t.dtype], t.shape) for i, t in enumerate(inputs)]
    graph = helper.make_graph(
        nodes, "one", ports, [helper.make_tensor_value_info(result, PROTO[output.dtype], output.shape)], constants
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {f"x{i}": a for i, a in enumerate(arrays)})[0]


def our_result(
    op: str, attrs: Any, inputs: list[TensorType], output: TensorType, arrays: list[np.ndarray]
) -> np.ndarray:
    names = tuple(f"x{i}" for i in range(len(inputs)))
    call = Call(Node(op, attrs, names, ("y",)), tuple(map(Tensor, names, inputs)), (Tensor("y", output),))
    return ops.get(op).execute(call, tuple(arrays))[0]


def random_type(generator: np.random.Generator, *shape: int, make=s8, scale: float | None = None) -> TensorType:
    low, high = make(1).dtype.limits
    scale = math.exp(generator.uniform(-5, 1)) if scale is None else scale
    return make(*shape, scale=scale, zero=int(generator.integers(low, high + 1)))


def random_data(generator: np.random.Generator, type: TensorType, spread: float = 40.0) -> np.ndarray:
    if type.quant is None:
        return generator.normal(0, 3, type.shape).astype(np.float32)
    data = generator.normal(type.quant.zero_point[0], spread, type.shape)
    return np.clip(np.rint(data), *type.dtype.limits).astype(type.dtype.numpy)


def check_integers(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """(theirs, ours) pairs: no element differs by more than 1, and fewer than RATE of all of them do."""
    off = [np.abs(a.astype(np.int32) - b.astype(np.int32)) for a, b in pairs]
    assert max(int(o.max()) for o in off) <= 1
    assert sum(int((o != 0).sum()) for o in off) < RATE * sum(o.size for o in off)
    assert len({int(v) for a, _ in pairs for v in np.unique(a)}) > 50, "the data does not use the range of the output"


def both(op: str, attrs: Any, foreign: Foreign, inputs: list[TensorType], output: TensorType, arrays, optimised=True):
    return (
        onnxruntime_result(foreign, inputs, output, arrays, optimised),
        our_result(op, attrs, inputs, output, arrays),
    )


@pytest.mark.parametrize("kind", BINARY)
def test_binary(kind):
    generator, pairs = rng(f"binary {kind}"), []
    for _ in range(20):
        a, b = random_type(generator, 20, 50), random_type(generator, 10, 20, 50)
        sa, sb = a.quant.scale[0], b.quant.scale[0]
        typical = 60 * sa * sb if kind == "mul" else max(sa, sb)
        y = random_type(generator, 10, 20, 50, scale=typical * generator.uniform(0.5, 4))
        arrays = [random_data(generator, a), random_data(generator, b)]
        pairs.append(both("binary", Binary(kind, fused=FUSED[kind]), Foreign(BINARY[kind], {}), [a, b], y, arrays))
    check_integers(pairs)


@pytest.mark.parametrize("kind", BINARY)
@pytest.mark.parametrize(
    "scales",
    [(0.5, 0.5, 1.0), (0.5, 0.25, 1.0), (1 / 64, 1 / 64, 1 / 32), (1.0, 0.5, 3.0), (0.1, 0.3, 0.2), (1 / 256, 1.0, 1.0)],
)
@pytest.mark.parametrize("zeros", [(0, 0, 0), (3, -4, 5), (-128, 127, -128)])
@pytest.mark.parametrize("optimised", [True, False])
def test_halves_of_every_pair_of_bytes(kind, scales, zeros, optimised):
    a, b, y = (s8(65536, scale=s, zero=z) for s, z in zip(scales, zeros, strict=True))
    every = np.arange(-128, 128).astype(np.int8)
    arrays = [np.repeat(every, 256), np.tile(every, 256)]
    attrs = Binary(kind, fused=FUSED[kind] if optimised else "")
    theirs, ours = both("binary", attrs, Foreign(BINARY[kind], {}), [a, b], y, arrays, optimised)
    assert np.array_equal(theirs, ours)


@pytest.mark.parametrize("shapes", [((16, 1, 256), (16, 256, 1)), ((256, 256), (256, 1)), ((256, 1), (256, 256))])
def test_halves_where_one_number_is_added_to_a_row(shapes):
    a, b = (s8(*s, scale=v, zero=z) for s, v, z in zip(shapes, (0.02, 0.05), (3, -7), strict=True))
    y = s8(*np.broadcast_shapes(*shapes), scale=0.04, zero=1)
    arrays = [rng(f"row {i}").integers(-128, 128, s).astype(np.int8) for i, s in enumerate(shapes)]
    theirs, ours = both("binary", Binary("add", fused="s8"), Foreign("Add", {}), [a, b], y, arrays)
    assert np.array_equal(theirs, ours)


@pytest.mark.parametrize("kind, foreign", [("sigmoid", "Sigmoid"), ("tanh", "Tanh")])
def test_functions(kind, foreign):
    generator, pairs = rng(kind), []
    for index in range(200):
        make = u8 if index % 2 else s8
        x = random_type(generator, 256, make=make)
        y = random_type(generator, 256, make=make, scale=generator.uniform(0.004, 0.012))
        every = np.arange(256).astype(np.uint8).view(x.dtype.numpy)
        pairs.append(both("unary", Unary(kind), Foreign(foreign, {}), [x], y, [every]))
    check_integers(pairs)


@pytest.mark.parametrize("same", [True, False], ids=["same scale", "other scale"])
@pytest.mark.parametrize(
    "clamp, foreign",
    [
        (Clamp(0), Foreign("Relu", {})),
        (Clamp(0, 6), Foreign("Clip", {}, (np.float32(0), np.float32(6)))),
        (Clamp(-1.3, 0.7), Foreign("Clip", {}, (np.float32(-1.3), np.float32(0.7)))),
    ],
    ids=["relu", "relu6", "clip"],
)
def test_clamps(clamp, foreign, same):
    generator, pairs = rng("clamps"), []
    for _ in range(60):
        x = random_type(generator, 256, scale=generator.uniform(0.01, 0.1))
        y = x if same else random_type(generator, 256, scale=generator.uniform(0.01, 0.1))
        pairs.append(both("unary", Unary("clamp", clamp), foreign, [x], y, [np.arange(-128, 128).astype(np.int8)]))
    check_integers(pairs)


@pytest.mark.parametrize("x_make", [s8, u8])
@pytest.mark.parametrize("y_make", [s8, u8])
def test_requantize(x_make, y_make):
    generator, pairs = rng("requantize"), []
    for _ in range(60):
        x = random_type(generator, 256, make=x_make, scale=generator.uniform(0.01, 0.1))
        y = random_type(generator, 256, make=y_make, scale=generator.uniform(0.01, 0.1))
        every = np.arange(256).astype(np.uint8).view(x.dtype.numpy)
        pairs.append(both("requantize", Requantize(), Foreign(None, {}), [x], y, [every]))
    check_integers(pairs)


@pytest.mark.parametrize("extent", [2, 3, 10, 12, 100, 1000])
def test_softmax(extent):
    generator, pairs = rng(f"softmax {extent}"), []
    for _ in range(10):
        x = random_type(generator, 20000 // extent, extent, scale=math.exp(generator.uniform(-4, 0)))
        y = s8(20000 // extent, extent, scale=1 / 256, zero=-128)
        arrays = [random_data(generator, x, spread=3 / x.quant.scale[0])]
        pairs.append(both("softmax", Softmax(1, fused="s8"), Foreign("Softmax", {"axis": 1}), [x], y, arrays))
    check_integers(pairs)


@pytest.mark.parametrize("make", [s8, u8])
@pytest.mark.parametrize("scale", [1 / 255, 0.01])
def test_softmax_of_other_scales(make, scale):
    """onnxruntime's kernel divides by floor(1 / scale) steps."""
    generator, pairs = rng(f"softmax {scale}"), []
    for _ in range(10):
        x = random_type(generator, 2000, 10, make=make, scale=math.exp(generator.uniform(-4, 0)))
        y = make(2000, 10, scale=scale, zero=x.dtype.limits[0])
        arrays = [random_data(generator, x, spread=3 / x.quant.scale[0])]
        fused = Softmax(1, fused="u8" if make is u8 else "s8")
        pairs.append(both("softmax", fused, Foreign("Softmax", {"axis": 1}), [x], y, arrays))
    check_integers(pairs)


def test_softmax_over_an_inner_axis():
    generator = rng("softmax inner")
    x = random_type(generator, 5, 7, 11, scale=0.05)
    y = s8(5, 7, 11, scale=1 / 256, zero=-128)
    arrays = [random_data(generator, x)]
    check_integers([both("softmax", Softmax(1, fused="s8"), Foreign("Softmax", {"axis": 1}), [x], y, arrays)])


def test_concat_of_requantised_inputs():
    generator, pairs = rng("concat"), []
    for _ in range(20):
        xs = [random_type(generator, 3, n, 40, scale=generator.uniform(0.01, 0.1)) for n in (2, 5, 1)]
        y = random_type(generator, 3, 8, 40, scale=generator.uniform(0.03, 0.1))
        arrays = [random_data(generator, x) for x in xs]
        theirs = onnxruntime_result(Foreign("Concat", {"axis": 1}), xs, y, arrays)
        same = [y.with_shape(x.shape) for x in xs]
        moved = [our_result("requantize", Requantize(), [x], t, [a]) for x, t, a in zip(xs, same, arrays, strict=True)]
        pairs.append((theirs, our_result("concat", Concat(1), same, y, moved)))
    check_integers(pairs)


@pytest.mark.parametrize("value", [0.0, 1.37, -1e6])
def test_pad(value):
    generator, pairs = rng("pad"), []
    for _ in range(10):
        x = random_type(generator, 4, 10, 30)
        attrs = Pad((1, 0, 2), (0, 3, 1), value)
        y = x.with_shape(ops.get("pad").infer(attrs, (x,))[0])
        pads = np.array([*attrs.before, *attrs.after], np.int64)
        foreign = Foreign("Pad", {}, (pads, np.float32(value)))
        pairs.append(both("pad", attrs, foreign, [x], y, [random_data(generator, x)]))
    check_integers(pairs)


@pytest.mark.parametrize("make", [s8, u8])
@pytest.mark.parametrize("axis", [None, 1])
def test_quantize_and_dequantize_are_equal(make, axis):
    generator = rng("quantize")
    low, high = make(1).dtype.limits
    for _ in range(20):
        extent = 1 if axis is None else 6
        scales = tuple(float(np.float32(s)) for s in np.exp(generator.uniform(-5, 2, extent)))
        zeros = tuple(int(z) for z in generator.integers(low, high + 1, extent))
        type = TensorType(make(1).dtype, (50, 6, 10), Quant(scales, zeros, axis))
        x = generator.normal(0, 30, 3000).astype(np.float32)
        x[:10] = (np.inf, -np.inf, 1e30, -1e30, 0, -0.0, 1e-40, 3e9, -3e9, 1e-3)
        x = x.reshape(type.shape)
        theirs, ours = both("quantize", Quantize(), Foreign(None, {}), [f32(50, 6, 10)], type, [x])
        assert np.array_equal(theirs, ours)
        theirs, back = both("dequantize", Dequantize(), Foreign(None, {}), [type], f32(50, 6, 10), [ours])
        assert np.array_equal(theirs, back)


@pytest.mark.parametrize(
    "op, attrs, foreign, tolerance",
    [
        ("unary", Unary("sigmoid"), Foreign("Sigmoid", {}), 1e-5),
        ("unary", Unary("tanh"), Foreign("Tanh", {}), 1e-5),
        ("unary", Unary("clamp", Clamp(0, 6)), Foreign("Clip", {}, (np.float32(0), np.float32(6))), 0),
        ("softmax", Softmax(0), Foreign("Softmax", {"axis": 0}), 2e-6),
        ("softmax", Softmax(2), Foreign("Softmax", {"axis": 2}), 2e-6),
    ],
    ids=["sigmoid", "tanh", "clip", "softmax outer", "softmax inner"],
)
def test_floats(op, attrs, foreign, tolerance):
    x = f32(30, 20, 40)
    theirs, ours = both(op, attrs, foreign, [x], x, [random_data(rng("floats"), x)])
    # onnxruntime's sigmoid is a rational function whose error is relative to 1, not to the result.
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=1e-7 if attrs == Unary("sigmoid") else 0)


@pytest.mark.parametrize("kind", BINARY)
def test_float_binary_is_equal(kind):
    a, b, y = f32(20, 1, 30), f32(7, 30), f32(20, 7, 30)
    arrays = [random_data(rng("a"), a), random_data(rng("b"), b)]
    theirs, ours = both("binary", Binary(kind), Foreign(BINARY[kind], {}), [a, b], y, arrays)
    assert np.array_equal(theirs, ours)
