import numpy as np
import pytest
from barecast import check, reference, text
from barecast.graph import DType, call_of
from barecast.ops import get
from barecast.passes.fold_qdq import fold_qdq
from barecast.passes.quantize_affine import quantize_affine

from tests.passes.expect import becomes, random_inputs, stays

BATCH_NORM = """graph "g"
input "x" %x: s8[1,4,5,3]{0.05117@7}
const %c: f32[3] = [0.75, -1.2931, 0.0]
const %d: f32[3] = [0.1, 2.0, -0.7]
%f: f32[1,4,5,3] = dequantize(%x)
%m: f32[1,4,5,3] = binary(%f, %c) kind=mul
%a: f32[1,4,5,3] = binary(%m, %d) kind=add activation=clamp(0.0,inf)
%y: u8[1,4,5,3]{0.04@9} = quantize(%a)
output "y" %y
"""


def test_a_batch_norm_on_bytes_is_a_depthwise_convolution():
    becomes(
        quantize_affine,
        BATCH_NORM,
        """graph "g"
        input "x" %x: s8[1,4,5,3]{0.05117@7}
        const %w: s16[1,1,3]{2: 4.5776367e-05@0 7.892456e-05@0 2.0384626e-07@0} = random(1)
        const %b: s32[3]{0: 2.3423768e-06@0 4.03857e-06@0 1.0430813e-08@0} = random(1)
        %y: u8[1,4,5,3]{0.04@9} = dwconv2d(%x, %w, %b) activation=clamp(0.0,inf)
        output "y" %y
        """,
    )


@pytest.mark.parametrize("shape", ["2,3", "6,3", "1,7,3"])
def test_any_rank_has_a_view_as_an_image(shape):
    before = text.loads(BATCH_NORM.replace("1,4,5,3", shape))
    after = quantize_affine(before)
    check.graph(after)
    assert [node.op for node in after.nodes] == ["reshape", "dwconv2d", "reshape"]
    inputs = random_inputs(before, 1)
    assert np.array_equal(reference.run(after, inputs)["y"], reference.run(before, inputs)["y"])


def test_constants_on_either_side_and_all_three_operators_compose():
    before = text.loads(
        """graph "g"
        input "x" %x: s8[1,8,8,4]{0.10373@-3}
        const %c: f32[4] = [0.5, 1.7, -0.2, 30.0]
        const %d: f32[1] = [2.5]
        const %e: f32[1,1,1,4] = [0.1, -0.1, 3.0, 100.0]
        %f: f32[1,8,8,4] = dequantize(%x)
        %m: f32[1,8,8,4] = binary(%c, %f) kind=mul
        %s: f32[1,8,8,4] = binary(%d, %m) kind=sub
        %t: f32[1,8,8,4] = binary(%s, %e) kind=sub
        %u: f32[1,8,8,4] = binary(%t, %d) kind=mul
        %y: s8[1,8,8,4]{0.37193@1} = quantize(%u)
        output "y" %y
        """
    )
    after = quantize_affine(before)
    assert [node.op for node in after.nodes] == ["dwconv2d"]
    for seed in range(5):
        inputs = random_inputs(before, seed)
        assert np.array_equal(reference.run(after, inputs)["y"], reference.run(before, inputs)["y"])


def test_an_offset_far_beyond_the_factor_fits_too():
    """A channel that training switched off: the offset alone is millions of its steps."""
    source = BATCH_NORM.replace("[0.75, -1.2931, 0.0]", "[1e-07, -1.2931, 0.0]")
    before, inputs = text.loads(source), random_inputs(text.loads(source), 2)
    after = quantize_affine(before)
    (node,) = after.nodes
    assert get("dwconv2d").lower(call_of(after, node))  # which refuses accumulators beyond 32 bits
    assert after.type(node.inputs[1]).dtype is DType.S16
    assert np.array_equal(reference.run(after, inputs)["y"], reference.run(before, inputs)["y"])


def test_one_operator_with_a_scalar_is_left_to_fold_qdq():
    source = """graph "g"
    input "x" %x: s8[1,4,4,2]{0.5@3}
    const %c: f32[1] = [1.5]
    %f: f32[1,4,4,2] = dequantize(%x)
    %m: f32[1,4,4,2] = binary(%f, %c) kind=mul
    %y: s8[1,4,4,2]{0.5@-1} = quantize(%m)
    output "y" %y
    """
    stays(quantize_affine, source)
    assert [node.op for node in fold_qdq(text.loads(source)).nodes] == ["binary"]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("%m: f32[1,4,5,3] = binary(%f, %c) kind=mul", "%m: f32[1,4,5,3] = binary(%f, %f) kind=mul"),  # no constant
        ("kind=mul", "kind=mul activation=clamp(0.0,6.0)"),  # a clamp in between
        ('output "y" %y', 'output "y" %y\noutput "m" %m'),  # floats that the model gives out
        (
            "const %c: f32[3] = [0.75, -1.2931, 0.0]",
            "const %c: f32[5,1] = [1.0, 2.0, 3.0, 4.0, 5.0]",
        ),  # along another axis
    ],
)
def test_anything_else_stays(was, now):
    source = BATCH_NORM.replace(was, now)
    assert source != BATCH_NORM
    stays(quantize_affine, source)
