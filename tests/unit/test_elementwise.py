"""Shape rules, lowerings and titles of the elementwise operators and data movers, and what their arithmetic rests on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from barecast import kernels, numerics, ops
from barecast.errors import ModelError, UnsupportedError
from barecast.graph import DType, Quant, TensorType, call_of
from barecast.ops.binary import Binary, BinaryParams, rule_of
from barecast.ops.broadcast import LOOPS, loops
from barecast.ops.clamp import Clamp
from barecast.ops.concat import Concat
from barecast.ops.pad import Pad
from barecast.ops.requantize import Requantize
from barecast.ops.reshape import Reshape
from barecast.ops.softmax import Softmax, exponentials, inverse_scale
from barecast.ops.transpose import Transpose, TransposeParams
from barecast.ops.unary import Unary
from barecast.schedule import Buffer, Const
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.build import Constant, case, f32, quant, s8, u8

S8 = (DType.S8, quant(0.05))


def lowered(op, attrs, operands, output=(DType.F32, None)):
    one = case("one", op, attrs, operands, output)
    return ops.get(op).lower(call_of(one.graph, one.graph.nodes[0]))


def titled(op, attrs, operands, output=(DType.F32, None)):
    one = case("one", op, attrs, operands, output)
    return ops.get(op).title(call_of(one.graph, one.graph.nodes[0]))


@pytest.mark.parametrize(
    "op, attrs, shapes",
    [
        ("binary", Binary("add"), [(2, 3), (4,)]),
        ("binary", Binary("power"), [(2,), (2,)]),
        ("unary", Unary("sine"), [(2,)]),
        ("softmax", Softmax(2), [(2, 3)]),
        ("concat", Concat(2), [(2, 3), (2, 3)]),
        ("concat", Concat(0), [(2, 3), (2, 4)]),
        ("concat", Concat(0), [(2, 3), (2,)]),
        ("pad", Pad((1,), (1,)), [(2, 3)]),
        ("pad", Pad((1, -1), (0, 0)), [(2, 3)]),
        ("transpose", Transpose((0, 0)), [(2, 3)]),
        ("transpose", Transpose((0,)), [(2, 3)]),
        ("reshape", Reshape((5,)), [(2, 3)]),
        ("reshape", Reshape((-2, -3)), [(2, 3)]),
    ],
)
def test_contradictions_are_model_errors_with_a_remedy(op, attrs, shapes):
    with pytest.raises(ModelError) as caught:
        ops.get(op).infer(attrs, tuple(f32(*s) for s in shapes))
    assert caught.value.remedy


@pytest.mark.parametrize(
    "op, attrs, shapes, result",
    [
        ("binary", Binary("add"), [(2, 1, 3), (4, 1)], (2, 4, 3)),
        ("binary", Binary("add"), [(), ()], ()),
        ("concat", Concat(1), [(2, 3), (2, 0), (2, 4)], (2, 7)),
        ("pad", Pad((1, 0), (2, 3)), [(2, 3)], (5, 6)),
        ("transpose", Transpose((2, 0, 1)), [(2, 3, 4)], (4, 2, 3)),
        ("reshape", Reshape((3, 2)), [(2, 3)], (3, 2)),
        ("softmax", Softmax(0), [(2, 3)], (2, 3)),
        ("copy", ops.get("copy").attrs(), [(2, 3)], (2, 3)),
    ],
)
def test_shapes(op, attrs, shapes, result):
    assert ops.get(op).infer(attrs, tuple(f32(*s) for s in shapes)) == (result,)


def test_reshape_is_a_view_that_keeps_the_order():
    assert ops.get("reshape").is_view
    one = case("one", "reshape", Reshape((3, 2)), [f32(2, 3)])
    data = np.arange(6, dtype=np.float32).reshape(2, 3)
    (result,) = ops.get("reshape").execute(call_of(one.graph, one.graph.nodes[0]), (data,))
    assert result.tolist() == [[0, 1], [2, 3], [4, 5]]


shapes = st.lists(st.integers(1, 3), max_size=6).map(tuple)


@given(shapes, st.data())
def test_loops_visit_what_numpy_broadcasts(shape, data):
    def operand():
        ones = data.draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
        kept = tuple(1 if one else extent for one, extent in zip(ones, shape, strict=True))
        return kept[data.draw(st.integers(0, len(kept))) :]

    a, b = operand(), operand()
    out = np.broadcast_shapes(a, b)
    try:
        nest = loops(out, a, b)
    except UnsupportedError:
        assert len(out) > LOOPS
        return
    index = np.indices(nest.extent).reshape(LOOPS, -1)
    for operand_shape, strides in ((a, nest.a_stride), (b, nest.b_stride)):
        flat = np.broadcast_to(np.arange(math.prod(operand_shape)).reshape(operand_shape), out).reshape(-1)
        assert np.array_equal(np.array(strides) @ index, flat)
    assert nest.a_stride[-1] in (0, 1) and nest.b_stride[-1] in (0, 1)


def test_broadcasting_that_needs_too_many_loops_is_refused():
    a, b = (2, 1) * 3, (1, 2) * 3
    with pytest.raises(UnsupportedError, match="nested loops"):
        loops((2,) * 6, a, b)


@pytest.mark.parametrize(
    "a, b, extents",
    [((2, 3, 4), (2, 3, 4), [24]), ((2, 3, 4), (4,), [6, 4]), ((2, 3, 4), (), [24]), ((2, 3, 4), (2, 1, 4), [2, 3, 4])],
)
def test_as_few_loops_as_possible(a, b, extents):
    nest = loops(np.broadcast_shapes(a, b), a, b)
    assert list(nest.extent) == [1] * (LOOPS - len(extents)) + extents


scales = st.floats(1e-6, 1e3).map(lambda s: float(np.float32(s)))
zeros = st.integers(-128, 127)


@given(scales, scales, scales, st.sampled_from(["add", "sub"]), zeros, zeros, zeros)
def test_every_partial_sum_of_add_and_sub_fits_32_bits(sa, sb, sy, kind, za, zb, zy):
    a, b = s8(3, scale=sa, zero=za), s8(3, scale=sb, zero=zb)
    try:
        params = lowered("binary", Binary(kind), [a, b], (DType.S8, quant(sy, zy))).params
    except ModelError:
        assert max(sa, sb) / sy >= 2**29
        return
    if params.wide:
        assert max(abs(params.a_mult), abs(params.b_mult)) < 2**31
        return
    bytes_ = np.array([-128, 127], np.int64)
    first = bytes_[:, None] * params.a_mult
    second = bytes_[None, :] * params.b_mult
    for partial in (first, second, first + params.bias, second + params.bias, first + second, first + second + params.bias):
        assert -(2**31) <= partial.min() and partial.max() < 2**31
    assert -(2**31) <= params.bias < 2**31


def test_an_operand_of_absurd_scale_is_a_model_error():
    one, tiny = Quant((1.0,), (0,)), Quant((2.0**-31,), (0,))
    with pytest.raises(ModelError, match="times the output's"):
        rule_of("add", one, one, tiny)


def test_the_first_operand_is_the_whole_buffer():
    constant = Constant(np.ones((2, 3), np.float32))
    swapped = lowered("binary", Binary("sub"), [constant, f32(2, 3)])
    assert isinstance(swapped.args[0], Buffer) and isinstance(swapped.args[1], Const)
    assert swapped.params.kind == 3
    broadcast = lowered("binary", Binary("mul"), [f32(3), f32(2, 3)])
    assert broadcast.args[0].name == "x1"


def test_only_an_operand_that_is_not_broadcast_may_be_overwritten():
    (kernel,) = [k for k in kernels.for_op("binary") if k.symbol == "bc_binary_f32_c"]
    for shapes, whole in ((((2, 3), (3,)), (24, 0)), (((2, 1), (1, 3)), (0, 0)), (((2, 3), (2, 3)), (24, 24))):
        params = lowered("binary", Binary("add"), [f32(*shape) for shape in shapes]).params
        assert tuple(overlap.bytes for overlap in kernel.overlaps(params)) == whole


def test_types_without_a_kernel_are_refused_with_the_reason():
    by_axis = TensorType(DType.S8, (2,), Quant((0.1, 0.2), (0, 0), 0))
    with pytest.raises(UnsupportedError, match="quantised per axis"):
        lowered("binary", Binary("add"), [by_axis, s8(2)], S8)
    with pytest.raises(UnsupportedError, match="without quantisation"):
        lowered("requantize", Requantize(), [TensorType(DType.S8, (2,))], S8)


def test_tables_are_used_only_where_the_bits_change():
    assert lowered("unary", Unary("clamp", Clamp(0)), [s8(4)], S8).op is None
    assert lowered("unary", Unary("clamp", Clamp(0)), [s8(4, scale=0.1)], S8).op == "table"
    assert lowered("unary", Unary("tanh"), [s8(4)], S8).op == "table"
    assert lowered("requantize", Requantize(), [u8(4, zero=130)], (DType.S8, quant(0.05, 2))).op is None
    assert lowered("requantize", Requantize(), [u8(4, zero=130)], (DType.S8, quant(0.05, 3))).op == "table"
    assert lowered("requantize", Requantize(), [s8(4, zero=2)], (DType.S8, quant(0.05, 2))).op == "table"


def test_transposes_that_move_nothing_are_copies():
    assert lowered("transpose", Transpose((1, 0, 2)), [f32(1, 5, 3)]).op == "copy"
    moved = lowered("transpose", Transpose((0, 3, 1, 2)), [f32(1, 4, 5, 3)])
    assert moved.op is None
    assert moved.params == TransposeParams(1, 1, 1, 1, 3, 20, 0, 0, 0, 0, 1, 3)


def test_concat_places_each_input_that_has_elements():
    parts = lowered("concat", Concat(1), [f32(2, 3, 5), f32(2, 0, 5), f32(2, 4, 5)])
    assert [p.op for p in parts] == ["place", "place"]
    assert [(p.params.rows, p.params.bytes, p.params.y_stride, p.params.y_offset) for p in parts] == [
        (2, 60, 140, 0),
        (2, 80, 140, 60),
    ]


@given(st.floats(1e-7, 50), st.integers(1, 5000))
def test_terms_of_a_softmax_sum_to_less_than_32_bits(scale, extent):
    table = exponentials(scale, extent).astype(object)
    assert table[0] * extent < 2**32 and table[0] >= 2**19
    assert all(later <= earlier for earlier, later in zip(table, table[1:], strict=False))


@given(st.floats(1e-12, 1e6))
def test_inverse_scale(scale):
    multiplier, bits = inverse_scale(scale)
    exact = 1 / float(np.float32(scale))
    assert 0 <= multiplier < 2**31 and 0 <= bits <= 30
    if exact < 2**31:
        assert abs(multiplier / 2**bits - exact) <= max(exact * numerics.SCALE_TOLERANCE, 2.0**-31)


def test_titles():
    assert titled("binary", Binary("add", Clamp(0)), [f32(3), f32(3)]) == "Add + Relu"
    assert titled("unary", Unary("clamp", Clamp(0, 6)), [f32(3)]) == "Relu6"
    assert titled("unary", Unary("clamp", Clamp(-1, 1)), [f32(3)]) == "Clamp"
    assert titled("unary", Unary("sigmoid"), [f32(3)]) == "Sigmoid"
    assert titled("softmax", Softmax(1), [f32(3, 12)]) == "Softmax over 12"
    assert titled("requantize", Requantize(), [u8(3)], S8) == "Requantize u8 to s8"


def test_params_of_binary_know_the_size():
    params = lowered("binary", Binary("add"), [f32(2, 1, 3), f32(4, 1)]).params
    assert isinstance(params, BinaryParams) and params.size == 24
