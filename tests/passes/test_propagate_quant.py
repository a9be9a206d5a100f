from barecast.passes.propagate_quant import propagate_quant

from tests.passes.expect import becomes, stays


def test_backwards_to_the_port_and_forwards_to_the_output():
    becomes(
        propagate_quant,
        """graph "g"
        input "x" %x: s8[1,2,3]
        %t: s8[1,3,2] = transpose(%x) perm=(0,2,1)
        %r: s8[6]{0.5@3} = reshape(%t) shape=(6)
        %y: f32[6] = dequantize(%r)
        %z: s8[2,3] = reshape(%r) shape=(2,3)
        output "y" %y
        output "z" %z
        """,
        """graph "g"
        input "x" %x: s8[1,2,3]{0.5@3}
        %t: s8[1,3,2]{0.5@3} = transpose(%x) perm=(0,2,1)
        %r: s8[6]{0.5@3} = reshape(%t) shape=(6)
        %y: f32[6] = dequantize(%r)
        %z: s8[2,3]{0.5@3} = reshape(%r) shape=(2,3)
        output "y" %y
        output "z" %z
        """,
    )


def test_across_a_concat_and_a_maximum():
    becomes(
        propagate_quant,
        """graph "g"
        input "a" %a: u8[1,2,2,1]
        input "b" %b: u8[1,2,2,1]{0.25@7}
        %c: u8[1,2,2,2] = concat(%a, %b) axis=3
        %m: u8[1,1,1,2] = pool2d(%c) kind=max kernel=(2,2)
        output "m" %m
        """,
        """graph "g"
        input "a" %a: u8[1,2,2,1]{0.25@7}
        input "b" %b: u8[1,2,2,1]{0.25@7}
        %c: u8[1,2,2,2]{0.25@7} = concat(%a, %b) axis=3
        %m: u8[1,1,1,2]{0.25@7} = pool2d(%c) kind=max kernel=(2,2)
        output "m" %m
        """,
    )


def test_axes_follow_a_transpose_both_ways():
    becomes(
        propagate_quant,
        """graph "g"
        input "x" %x: s8[2,3]{1: 1.0@0 2.0@0 3.0@0}
        %t: s8[3,2] = transpose(%x) perm=(1,0)
        input "u" %u: s8[1,3,2]
        %v: s8[2,1,3]{2: 1.0@0 2.0@0 3.0@0} = transpose(%u) perm=(2,0,1)
        output "t" %t
        output "v" %v
        """,
        """graph "g"
        input "x" %x: s8[2,3]{1: 1.0@0 2.0@0 3.0@0}
        %t: s8[3,2]{0: 1.0@0 2.0@0 3.0@0} = transpose(%x) perm=(1,0)
        input "u" %u: s8[1,3,2]{1: 1.0@0 2.0@0 3.0@0}
        %v: s8[2,1,3]{2: 1.0@0 2.0@0 3.0@0} = transpose(%u) perm=(2,0,1)
        output "t" %t
        output "v" %v
        """,
    )


def test_a_raw_padding_byte_becomes_a_real_value():
    becomes(
        propagate_quant,
        """graph "g"
        input "x" %x: s8[2]
        %p: s8[4] = pad(%x) before=(1) after=(1) value=-7.0
        %q: s8[4]{0.5@1} = reshape(%p) shape=(4)
        %y: f32[4] = dequantize(%q)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: s8[2]{0.5@1}
        %p: s8[4]{0.5@1} = pad(%x) before=(1) after=(1) value=-4.0
        %q: s8[4]{0.5@1} = reshape(%p) shape=(4)
        %y: f32[4] = dequantize(%q)
        output "y" %y
        """,
    )


def test_a_view_may_change_the_quantisation():
    stays(
        propagate_quant,
        """graph "g"
        input "x" %x: s8[2]{0.5@1}
        %v: s8[2]{2.0@0} = reshape(%x) shape=(2)
        %y: f32[2] = dequantize(%v)
        output "y" %y
        """,
    )
