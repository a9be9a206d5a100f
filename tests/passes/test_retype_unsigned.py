from barecast.passes.retype_unsigned import retype_unsigned

from tests.passes.expect import becomes, stays


def test_inside_signed_and_ports_as_they_were():
    becomes(
        retype_unsigned,
        """graph "g"
        input "x" %x: u8[1,4]{0.5@130}
        const %w: u8[3,4]{0.25@128} = random(1)
        const %b: s32[3] = [1, 2, 3]
        %h: u8[1,3]{8.0@7} = dense(%x, %w, %b)
        %s: u8[1,3]{0.00390625@0} = softmax(%h) axis=1
        output "y" %s
        """,
        """graph "g"
        input "x" %x: u8[1,4]{0.5@130}
        %c: s8[1,4]{0.5@2} = requantize(%x)
        const %w: s8[3,4]{0.25@0} = random(1)
        const %b: s32[3] = [1, 2, 3]
        %h: s8[1,3]{8.0@-121} = dense(%c, %w, %b)
        %s: s8[1,3]{0.00390625@-128} = softmax(%h) axis=1
        %y: u8[1,3]{0.00390625@0} = requantize(%s)
        output "y" %y
        """,
    )


def test_operators_that_take_u8_at_the_ports_do_so():
    stays(
        retype_unsigned,
        """graph "g"
        input "x" %x: u8[4]{0.5@130}
        %f: f32[4] = dequantize(%x)
        %g: f32[4] = unary(%f) kind=tanh
        %y: u8[4]{0.25@3} = quantize(%g)
        output "y" %y
        """,
    )


def test_an_output_that_is_read_inside_too():
    becomes(
        retype_unsigned,
        """graph "g"
        input "x" %x: f32[4]
        %q: u8[4]{0.25@3} = quantize(%x)
        %y: u8[4]{0.5@3} = unary(%q) kind=tanh
        output "q" %q
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[4]
        %q: s8[4]{0.25@-125} = quantize(%x)
        %r: u8[4]{0.25@3} = requantize(%q)
        %t: s8[4]{0.5@-125} = unary(%q) kind=tanh
        %y: u8[4]{0.5@3} = requantize(%t)
        output "q" %r
        output "y" %y
        """,
    )


def test_bytes_without_a_meaning_get_a_plain_one():
    becomes(
        retype_unsigned,
        """graph "g"
        input "x" %x: u8[1,4,4,1]
        %p: u8[1,5,4,1] = pad(%x) before=(0,1,0,0) after=(0,0,0,0) value=200.0
        %y: u8[1,4,3,1] = pool2d(%p) kind=max kernel=(2,2)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: u8[1,4,4,1]{1.0@0}
        %c: s8[1,4,4,1]{1.0@-128} = requantize(%x)
        %p: s8[1,5,4,1]{1.0@-128} = pad(%c) before=(0,1,0,0) after=(0,0,0,0) value=200.0
        %m: s8[1,4,3,1]{1.0@-128} = pool2d(%p) kind=max kernel=(2,2)
        %y: u8[1,4,3,1]{1.0@0} = requantize(%m)
        output "y" %y
        """,
    )


def test_an_input_handed_through_stays():
    stays(retype_unsigned, 'graph "g"\ninput "x" %x: u8[4]{0.5@130}\noutput "y" %x\n')
