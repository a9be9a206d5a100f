from barecast.passes.narrow_views import narrow_views
from tests.passes.expect import becomes, stays


def test_views_move_to_the_bytes():
    becomes(
        narrow_views,
        """graph "g"
        input "x" %x: s8[1,2,3]{0.5@4}
        %f: f32[1,2,3] = dequantize(%x)
        %v: f32[1,6] = reshape(%f) shape=(1,6)
        %s: f32[1,6] = softmax(%v) axis=1
        %w: f32[2,3] = reshape(%s) shape=(2,3)
        %y: u8[2,3]{0.01@0} = quantize(%w)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: s8[1,2,3]{0.5@4}
        %v: s8[1,6]{0.5@4} = reshape(%x) shape=(1,6)
        %f: f32[1,6] = dequantize(%v)
        %s: f32[1,6] = softmax(%f) axis=1
        %q: u8[1,6]{0.01@0} = quantize(%s)
        %y: u8[2,3]{0.01@0} = reshape(%q) shape=(2,3)
        output "y" %y
        """,
    )


def test_a_quantisation_per_axis_moves_only_where_its_axis_does():
    becomes(
        narrow_views,
        """graph "g"
        input "x" %x: s8[3,4]{0: 1.0@0 2.0@0 3.0@0}
        %f: f32[3,4] = dequantize(%x)
        %v: f32[3,2,2] = reshape(%f) shape=(3,2,2)
        output "v" %v
        """,
        """graph "g"
        input "x" %x: s8[3,4]{0: 1.0@0 2.0@0 3.0@0}
        %v: s8[3,2,2]{0: 1.0@0 2.0@0 3.0@0} = reshape(%x) shape=(3,2,2)
        %f: f32[3,2,2] = dequantize(%v)
        output "v" %f
        """,
    )
    stays(
        narrow_views,
        """graph "g"
        input "x" %x: s8[3,4]{0: 1.0@0 2.0@0 3.0@0}
        %f: f32[3,4] = dequantize(%x)
        %v: f32[2,6] = reshape(%f) shape=(2,6)
        output "v" %v
        """,
    )


def test_another_reader_keeps_its_floats():
    becomes(
        narrow_views,
        """graph "g"
        input "x" %x: s8[4]{0.5@4}
        %f: f32[4] = dequantize(%x)
        %v: f32[2,2] = reshape(%f) shape=(2,2)
        output "f" %f
        output "v" %v
        """,
        """graph "g"
        input "x" %x: s8[4]{0.5@4}
        %f: f32[4] = dequantize(%x)
        %v: s8[2,2]{0.5@4} = reshape(%x) shape=(2,2)
        %g: f32[2,2] = dequantize(%v)
        output "f" %f
        output "v" %g
        """,
    )
