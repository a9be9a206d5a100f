from barecast.passes.split_dequantize import split_dequantize

from tests.passes.expect import becomes


def test_every_reader_and_the_output_have_their_own():
    becomes(
        split_dequantize,
        """graph "g"
        input "x" %x: s8[4]{0.5@0}
        %f: f32[4] = dequantize(%x)
        %a: f32[4] = unary(%f) kind=tanh
        %b: f32[4] = binary(%f, %f) kind=mul
        output "f" %f
        output "a" %a
        output "b" %b
        """,
        """graph "g"
        input "x" %x: s8[4]{0.5@0}
        %f: f32[4] = dequantize(%x)
        %g: f32[4] = dequantize(%x)
        %h: f32[4] = dequantize(%x)
        %a: f32[4] = unary(%g) kind=tanh
        %b: f32[4] = binary(%h, %h) kind=mul
        output "f" %f
        output "a" %a
        output "b" %b
        """,
    )
