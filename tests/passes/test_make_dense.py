from barecast.passes.make_dense import make_dense

from tests.passes.expect import becomes, stays


def test_a_constant_right_side():
    becomes(
        make_dense,
        """graph "g"
        input "x" %x: f32[2,3,4]
        const %w: f32[4,5] = random(1)
        %y: f32[2,3,5] = matmul(%x, %w) activation=clamp(0.0,inf)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,3,4]
        const %w: f32[5,4] = random(1)
        %y: f32[2,3,5] = dense(%x, %w, _) activation=clamp(0.0,inf)
        output "y" %y
        """,
        tolerance=1e-5,
    )


def test_a_dequantised_right_side_turns_its_axis():
    becomes(
        make_dense,
        """graph "g"
        input "x" %x: f32[2,3]
        const %w: s8[3,2]{1: 0.5@0 0.25@3} = random(1)
        %f: f32[3,2] = dequantize(%w)
        %y: f32[2,2] = matmul(%x, %f)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,3]
        const %w: s8[2,3]{0: 0.5@0 0.25@3} = random(1)
        %f: f32[2,3] = dequantize(%w)
        %y: f32[2,2] = dense(%x, %f, _)
        output "y" %y
        """,
    )


def test_computed_and_batched_right_sides_stay():
    stays(
        make_dense,
        """graph "g"
        input "x" %x: f32[2,3,4]
        input "w" %w: f32[4,5]
        const %batched: f32[2,5,2] = random(1)
        %a: f32[2,3,5] = matmul(%x, %w)
        %y: f32[2,3,2] = matmul(%a, %batched)
        output "y" %y
        """,
    )
