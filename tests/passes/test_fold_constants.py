import numpy as np
from barecast.passes.fold_constants import fold_constants
from barecast.passes.fold_remaining_constants import fold_remaining_constants

from tests.passes.expect import becomes

WEIGHTS = """graph "g"
input "x" %x: f32[1,5,5,2]
const %w: s8[3,2,3,3]{0: 0.5@0 0.25@1 1.0@0} = random(1)
const %one: f32[3] = [1, 2, 3]
%f: f32[3,2,3,3] = dequantize(%w)
%t: f32[3,3,3,2] = transpose(%f) perm=(0,2,3,1)
%b: f32[3] = binary(%one, %one) kind=mul
%y: f32[1,3,3,3] = conv2d(%x, %t, %b)
output "y" %y
"""


def test_constants_are_computed_and_dequantised_weights_keep_their_integers():
    result = becomes(
        fold_constants,
        WEIGHTS,
        """graph "g"
        input "x" %x: f32[1,5,5,2]
        const %w: s8[3,3,3,2]{0: 0.5@0 0.25@1 1.0@0} = random(1)
        const %b: f32[3] = [1, 4, 9]
        %t: f32[3,3,3,2] = dequantize(%w)
        %y: f32[1,3,3,3] = conv2d(%x, %t, %b)
        output "y" %y
        """,
    )
    bias = result.nodes[-1].inputs[2]
    assert np.array_equal(result.tensors[bias].data, [1, 4, 9])


def test_the_axis_of_a_quantisation_survives_a_view_or_stops_it():
    becomes(
        fold_constants,
        """graph "g"
        const %w: s8[6,1,2]{0: 1.0@0 2.0@0 3.0@0 4.0@0 5.0@0 6.0@0} = random(1)
        %f: f32[6,1,2] = dequantize(%w)
        %good: f32[6,2] = reshape(%f) shape=(6,2)
        %bad: f32[3,4] = reshape(%f) shape=(3,4)
        output "good" %good
        output "bad" %bad
        """,
        """graph "g"
        const %w: s8[6,1,2]{0: 1.0@0 2.0@0 3.0@0 4.0@0 5.0@0 6.0@0} = random(1)
        %f: f32[6,1,2] = dequantize(%w)
        const %v: s8[6,2]{0: 1.0@0 2.0@0 3.0@0 4.0@0 5.0@0 6.0@0} = random(1)
        %good: f32[6,2] = dequantize(%v)
        %bad: f32[3,4] = reshape(%f) shape=(3,4)
        output "good" %good
        output "bad" %bad
        """,
    )


def test_the_last_round_folds_everything():
    becomes(
        fold_remaining_constants,
        WEIGHTS,
        """graph "g"
        input "x" %x: f32[1,5,5,2]
        const %t: f32[3,3,3,2] = random(1)
        const %b: f32[3] = [1, 4, 9]
        %y: f32[1,3,3,3] = conv2d(%x, %t, %b)
        output "y" %y
        """,
    )
