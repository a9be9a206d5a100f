"""Shape rules, refusals and lowering of the multiply-accumulate operators."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import ops
from barecast.errors import ModelError, UnsupportedError
from barecast.graph import DType, Quant, Tensor, TensorType, call_of
from barecast.ops import accumulate
from barecast.ops.clamp import Clamp
from barecast.ops.conv2d import Conv2d
from barecast.ops.dense import Dense
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.matmul import Matmul, batch_loops
from barecast.ops.pool2d import Pool2d
from barecast.ops.reduce import Reduce

from tests.cases.build import Constant, case, expected, f32, quant, s8
from tests.cases.mac import out, weights


@pytest.mark.parametrize(
    ("op", "attrs", "shapes", "want"),
    [
        ("conv2d", Conv2d(), [(1, 5, 6, 3), (8, 3, 3, 3)], (1, 3, 4, 8)),
        (
            "conv2d",
            Conv2d(strides=(2, 3), pads=(1, 0, 1, 2), dilations=(2, 1)),
            [(2, 9, 10, 4), (6, 3, 2, 4), (6,)],
            (2, 4, 4, 6),
        ),
        ("conv2d", Conv2d(groups=2), [(1, 3, 3, 4), (6, 1, 1, 2)], (1, 3, 3, 6)),
        ("dwconv2d", Dwconv2d(), [(1, 5, 5, 3), (3, 3, 6), (6,)], (1, 3, 3, 6)),
        ("dense", Dense(), [(2, 3, 4), (5, 4), (5,)], (2, 3, 5)),
        ("dense", Dense(), [(4,), (5, 4)], (5,)),
        ("matmul", Matmul(), [(2, 1, 3, 4), (5, 4, 6)], (2, 5, 3, 6)),
        ("pool2d", Pool2d("max", (3, 3), (2, 2), pads=(1, 1, 1, 1)), [(1, 7, 7, 5)], (1, 4, 4, 5)),
        ("reduce", Reduce("mean", (1, 2)), [(1, 4, 5, 6)], (1, 1, 1, 6)),
        ("reduce", Reduce("mean", (1, 2), keepdims=False), [(1, 4, 5, 6)], (1, 6)),
    ],
)
def test_shapes(op, attrs, shapes, want):
    assert ops.get(op).infer(attrs, tuple(f32(*s) for s in shapes)) == (want,)


X, W, DW = (1, 5, 5, 4), (8, 3, 3, 4), (3, 3, 4)


@pytest.mark.parametrize(
    ("op", "attrs", "shapes", "words"),
    [
        ("conv2d", Conv2d(strides=(0, 1)), [X, W], r"strides \[0, 1\] must be 1"),
        ("conv2d", Conv2d(dilations=(1, 0)), [X, W], r"dilations \[1, 0\] must be 1"),
        ("conv2d", Conv2d(pads=(0, -1, 0, 0)), [X, W], r"pads .* must be 0"),
        ("conv2d", Conv2d(), [(1, 2, 9, 4), W], "kernel height 3 .* larger than the padded input's 2"),
        ("conv2d", Conv2d(dilations=(1, 3)), [X, W], "kernel width 7"),
        ("conv2d", Conv2d(), [(1, 5, 4), W], "input has 3 axes"),
        ("conv2d", Conv2d(), [X, (8, 3, 4)], "weights have 3 axes"),
        ("conv2d", Conv2d(), [(1, 5, 5, 3), W], "weights read 4 channels in 1 group"),
        ("conv2d", Conv2d(groups=3), [X, W], "3 groups do not divide 4 input and 8 output"),
        ("conv2d", Conv2d(groups=0), [X, W], "0 groups"),
        ("conv2d", Conv2d(), [(1, 0, 5, 4), W], "input height is 0"),
        ("conv2d", Conv2d(), [X, (8, 0, 3, 4)], r"kernel \[0, 3\]"),
        ("conv2d", Conv2d(), [X, (0, 3, 3, 4)], "4 input and 0 output channels"),
        ("conv2d", Conv2d(), [X, W, (7,)], r"bias has shape \[7\], not \[8\]"),
        ("dwconv2d", Dwconv2d(), [X, (3, 3, 6)], "6 output channels are no multiple of 4"),
        ("dwconv2d", Dwconv2d(), [X, W], "weights have 4 axes, not 3"),
        ("dwconv2d", Dwconv2d(), [X, DW, (1, 4)], "bias has shape"),
        ("dense", Dense(), [(2, 3), (5, 4)], "weights read 4 values a row, but the input has 3"),
        ("dense", Dense(), [(2, 4), (5, 4, 1)], "weights 3"),
        ("dense", Dense(), [(2, 0), (5, 0)], r"\[5, 0\]"),
        ("matmul", Matmul(), [(2, 3), (2, 4)], "3 columns against 2 rows"),
        ("matmul", Matmul(), [(3,), (3, 4)], "two axes"),
        ("matmul", Matmul(), [(2, 2, 3), (3, 3, 4)], "do not broadcast"),
        ("matmul", Matmul(), [(2, 0), (0, 4)], "empty"),
        ("pool2d", Pool2d("median", (2, 2)), [X], "median"),
        ("pool2d", Pool2d("max", (2, 2), pads=(2, 0, 0, 0)), [X], "wholly on padding"),
        ("pool2d", Pool2d("avg", (9, 2)), [X], "larger than the padded input"),
        ("reduce", Reduce("mean", (2, 1)), [X], "sorted"),
        ("reduce", Reduce("mean", (4,)), [X], "sorted"),
        ("reduce", Reduce("product", (1,)), [X], "product"),
        ("reduce", Reduce("mean", (1,)), [(1, 0, 3)], "mean of nothing"),
    ],
)
def test_contradictions_are_refused(op, attrs, shapes, words):
    with pytest.raises(ModelError, match=words) as caught:
        ops.get(op).infer(attrs, tuple(f32(*s) for s in shapes))
    assert caught.value.remedy


def test_scattered_axes_are_not_supported():
    with pytest.raises(UnsupportedError, match="not neighbours"):
        ops.get("reduce").infer(Reduce("mean", (0, 2)), (f32(2, 3, 4),))


def lowered(case_):
    node = case_.graph.nodes[0]
    return ops.get(node.op).lower(call_of(case_.graph, node))


def test_folding_keeps_the_sum():
    """bias + sum(w * x) with folded constants equals the sum of the centred products."""
    w = weights("fold", (5, 3, 3, 4), 0, zero=(3, -128, 127, 0, -1))
    x = s8(1, 3, 3, 4, zero=-77)
    folded_w, folded_b, wide = accumulate.fold_weights(
        x, Tensor("w", TensorType(DType.S8, w.data.shape, w.quant), w.data), None, 0
    )
    data = np.arange(36).reshape(3, 3, 4) * 7 - 128
    got = (folded_w.astype(int) * data).sum(axis=(1, 2, 3)) + folded_b
    centred = w.data.astype(int) - np.array(w.quant.zero_point).reshape(5, 1, 1, 1)
    assert wide and folded_w.dtype == np.int16
    assert (got == (centred * (data + 77)).sum(axis=(1, 2, 3))).all()


def test_weights_stay_narrow_where_they_fit():
    data = np.array([[1, 5]], np.uint8)
    tensor = Tensor("w", TensorType(DType.U8, (1, 2), quant(0.1, 3)), data)
    folded, _, wide = accumulate.fold_weights(s8(1, 2), tensor, None, 0)
    assert folded.dtype == np.int8 and not wide and folded.tolist() == [[-2, 2]]


def dense_case(depth: int, bias: int, zero: int = 0):
    w = Constant(np.full((1, depth), 127, np.int8), quant(0.1))
    b = Constant(np.array([bias], np.int32))
    return case(f"bound {depth} {bias}", "dense", Dense(), (s8(1, depth, zero=zero), w, b), out(1000.0))


def test_accumulators_that_may_overflow_are_refused():
    room = 2**31 - 1 - 127 * 128 * 100
    lowered(dense_case(100, room))
    with pytest.raises(ModelError, match="accumulator may reach 2147483648"):
        lowered(dense_case(100, room + 1))
    with pytest.raises(ModelError, match="accumulator"):
        lowered(dense_case(132104, 0, zero=-128))


def test_multipliers_are_one_per_tensor_or_one_per_channel():
    one = case("one", "dense", Dense(), (s8(1, 4), weights("m", (3, 4), 0, per_channel=False), None), out())
    many = case("many", "dense", Dense(), (s8(1, 4), weights("m", (3, 4), 0), None), out())
    for case_, count in ((one, 1), (many, 3)):
        step = lowered(case_)
        multiplier = next(a.data for a in step.args if getattr(a, "role", "") == "multiplier")
        assert multiplier.shape == (count,) and step.params.per_channel == (count > 1)


def test_macs_count_padding():
    conv = case(
        "macs",
        "conv2d",
        Conv2d(pads=(1, 1, 1, 1)),
        (f32(2, 5, 4, 3), Constant(np.ones((8, 3, 3, 3), np.float32)), None),
    )
    assert lowered(conv).macs == 2 * 5 * 4 * 8 * 27


def test_float_clamp_bounds():
    assert accumulate.float_bounds(Clamp()) == (-np.finfo(np.float32).max, np.finfo(np.float32).max)
    assert accumulate.float_bounds(Clamp(0, 6)) == (0.0, 6.0)


def test_titles():
    conv = case(
        "t", "conv2d", Conv2d(activation=Clamp(0)), (f32(1, 3, 3, 2), Constant(np.ones((4, 3, 3, 2), np.float32)), None)
    )
    node = conv.graph.nodes[0]
    assert ops.get("conv2d").title(call_of(conv.graph, node)) == "Conv 3x3 + Relu"


@pytest.mark.parametrize(
    ("a", "b", "loops"),
    [
        ((), (), [(1, 0, 0)] * 3),
        ((6,), (6,), [(1, 0, 0), (1, 0, 0), (6, 1, 1)]),
        ((2, 3, 4), (2, 3, 4), [(1, 0, 0), (1, 0, 0), (24, 1, 1)]),
        ((2, 1), (1, 3), [(1, 0, 0), (2, 1, 0), (3, 0, 1)]),
        ((5, 2, 3), (2, 3), [(1, 0, 0), (5, 6, 0), (6, 1, 1)]),
        ((2, 1, 4), (2, 3, 4), [(2, 4, 12), (3, 0, 4), (4, 1, 1)]),
    ],
)
def test_batch_loops_merge_axes(a, b, loops):
    assert batch_loops(a, b) == loops


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_windows_beyond_all_use_are_refused(kind):
    """Padded to fit, one of 2**31 rows would otherwise be looked at row by row."""
    attrs = Pool2d(kind, (2**31 - 1, 1), pads=(2**30, 0, 2**30, 0))
    with pytest.raises(UnsupportedError, match="exceed 32767"):
        ops.get("pool2d").infer(attrs, (f32(1, 4, 4, 1),))


def test_too_many_batch_loops_are_refused():
    with pytest.raises(UnsupportedError, match="at most 3"):
        batch_loops((2, 1, 2, 1), (1, 2, 1, 2))


def test_unquantised_integers_are_refused():
    type = TensorType(DType.S8, (1, 4))
    w = Constant(np.ones((2, 4), np.int8))
    with pytest.raises(ModelError, match="without scale"):
        lowered(case("bare", "dense", Dense(), (type, w, None), out()))


def test_weights_quantised_along_the_wrong_axis_are_refused():
    w = TensorType(DType.S8, (2, 4), Quant((0.1,) * 4, (0,) * 4, 1))
    with pytest.raises(ModelError, match="axis 1"):
        ops.get("dense").infer(Dense(), (s8(1, 4), w))


def test_infinity_and_nan_pass_without_a_clamp():
    x = np.array([[np.inf, 1], [np.nan, 1]], np.float32)
    w = Constant(np.array([[1, 1]], np.float32))
    plain = case("special", "dense", Dense(), (f32(2, 2), w, None))
    assert str(expected(plain, {"x0": x})["y0"].tolist()) == "[[inf], [nan]]"


@pytest.mark.parametrize(
    ("window", "channels", "outputs", "op"),
    [((5, 5), 1, 8, "conv2d"), ((5, 5), 1, 7, None), ((4, 6), 1, 8, None), ((5, 5), 2, 8, None)],
)
def test_depthwise_convolutions_of_one_channel_with_many_outputs_are_convolutions(window, channels, outputs, op):
    operands = (s8(1, 9, 9, channels), weights("w", (*window, outputs), 2), None)
    found = lowered(case("dw", "dwconv2d", Dwconv2d(), operands, out()))
    assert found.op == op
    if op:
        assert found.args[1].data.shape == (outputs, *window, 1)
