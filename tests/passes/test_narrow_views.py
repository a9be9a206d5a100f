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


def test_a_maximum_and_a_relu_without_a_quantize_of_their_own_read_bytes():
    becomes(
        narrow_views,
        """graph "g"
        input "x" %x: s8[1,4,4,2]{0.5@4}
        %f: f32[1,4,4,2] = dequantize(%x)
        %r: f32[1,4,4,2] = unary(%f) kind=clamp activation=clamp(0.0,inf)
        %m: f32[1,2,2,2] = pool2d(%r) kind=max kernel=(2,2) strides=(2,2)
        %a: f32[1,1,1,2] = reduce(%m) kind=mean axes=(1,2)
        %y: s8[1,1,1,2]{0.25@0} = quantize(%a)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: s8[1,4,4,2]{0.5@4}
        %r: s8[1,4,4,2]{0.5@4} = unary(%x) kind=clamp activation=clamp(0.0,inf)
        %m: s8[1,2,2,2]{0.5@4} = pool2d(%r) kind=max kernel=(2,2) strides=(2,2)
        %f: f32[1,2,2,2] = dequantize(%m)
        %a: f32[1,1,1,2] = reduce(%f) kind=mean axes=(1,2)
        %y: s8[1,1,1,2]{0.25@0} = quantize(%a)
        output "y" %y
        """,
    )


def test_a_clamp_whose_bound_is_no_whole_step_stays():
    stays(
        narrow_views,
        """graph "g"
        input "x" %x: s8[8]{0.7@4}
        %f: f32[8] = dequantize(%x)
        %r: f32[8] = unary(%f) kind=clamp activation=clamp(0.0,6.0)
        output "r" %r
        """,
    )


def test_quantisation_comes_before_a_maximum_and_before_a_concatenation():
    """As quantisers write that put QuantizeLinear at the inputs of layers only."""
    becomes(
        narrow_views,
        """graph "g"
        input "a" %a: f32[1,4,4,2]
        input "b" %b: f32[1,4,4,1]
        %c: f32[1,4,4,3] = concat(%a, %b) axis=3
        %m: f32[1,2,2,3] = pool2d(%c) kind=max kernel=(2,2) strides=(2,2) activation=clamp(0.0,6.0)
        %y: s8[1,2,2,3]{0.7@-9} = quantize(%m)
        output "y" %y
        """,
        """graph "g"
        input "a" %a: f32[1,4,4,2]
        input "b" %b: f32[1,4,4,1]
        %p: s8[1,4,4,2]{0.7@-9} = quantize(%a)
        %q: s8[1,4,4,1]{0.7@-9} = quantize(%b)
        %c: s8[1,4,4,3]{0.7@-9} = concat(%p, %q) axis=3
        %y: s8[1,2,2,3]{0.7@-9} = pool2d(%c) kind=max kernel=(2,2) strides=(2,2) activation=clamp(0.0,6.0)
        output "y" %y
        """,
    )


def test_floats_that_somebody_else_reads_stay():
    stays(
        narrow_views,
        """graph "g"
        input "a" %a: f32[1,4,4,2]
        %m: f32[1,2,2,2] = pool2d(%a) kind=max kernel=(2,2) strides=(2,2)
        %y: s8[1,2,2,2]{0.7@-9} = quantize(%m)
        output "y" %y
        output "m" %m
        """,
    )
