from barecast.passes.merge_duplicates import merge_duplicates

from tests.passes.expect import becomes, stays


def test_equal_constants_and_chains_of_equal_nodes_merge():
    becomes(
        merge_duplicates,
        """graph "g"
        input "x" %x: f32[3]
        const %a: f32[3] = [1, 2, 3]
        const %b: f32[3] = [1, 2, 3]
        %q1: s8[3]{0.5@0} = quantize(%x)
        %q2: s8[3]{0.5@0} = quantize(%x)
        %d1: f32[3] = dequantize(%q1)
        %d2: f32[3] = dequantize(%q2)
        %u: f32[3] = binary(%d1, %a) kind=add
        %v: f32[3] = binary(%d2, %b) kind=mul
        output "u" %u
        output "v" %v
        """,
        """graph "g"
        input "x" %x: f32[3]
        const %a: f32[3] = [1, 2, 3]
        %q1: s8[3]{0.5@0} = quantize(%x)
        %d1: f32[3] = dequantize(%q1)
        %u: f32[3] = binary(%d1, %a) kind=add
        %v: f32[3] = binary(%d1, %a) kind=mul
        output "u" %u
        output "v" %v
        """,
    )


def test_two_outputs_may_become_one_tensor():
    result = becomes(
        merge_duplicates,
        """graph "g"
        input "x" %x: f32[3]
        %u: f32[3] = unary(%x) kind=tanh
        %v: f32[3] = unary(%x) kind=tanh
        output "u" %u
        output "v" %v
        """,
        """graph "g"
        input "x" %x: f32[3]
        %u: f32[3] = unary(%x) kind=tanh
        output "u" %u
        output "v" %u
        """,
    )
    assert [p.name for p in result.outputs] == ["u", "v"]


def test_what_differs_in_type_attribute_or_value_stays():
    stays(
        merge_duplicates,
        """graph "g"
        input "x" %x: f32[2]
        const %a: f32[2] = [1, 2]
        const %b: f32[1,2] = [1, 2]
        const %c: s32[2]{1.0@0} = [1, 2]
        const %d: s32[2]{1.0@1} = [1, 2]
        %q1: s8[2]{0.5@0} = quantize(%x)
        %q2: s8[2]{0.5@1} = quantize(%x)
        %t1: f32[2] = unary(%x) kind=tanh
        %t2: f32[2] = unary(%x) kind=sigmoid
        %u: f32[2] = binary(%x, %a) kind=add activation=clamp(0.0,inf)
        %v: f32[1,2] = binary(%x, %b) kind=add activation=clamp(0.0,inf)
        %c1: f32[2] = dequantize(%c)
        %d1: f32[2] = dequantize(%d)
        output "1" %q1
        output "2" %q2
        output "3" %t1
        output "4" %t2
        output "5" %u
        output "6" %v
        output "7" %c1
        output "8" %d1
        """,
    )


def test_operators_that_may_yet_be_clamped_stay_apart():
    stays(
        merge_duplicates,
        """graph "g"
        input "x" %x: f32[2]
        %a: f32[2] = binary(%x, %x) kind=add
        %b: f32[2] = binary(%x, %x) kind=add
        %r: f32[2] = unary(%b) kind=clamp activation=clamp(0.0,inf)
        output "a" %a
        output "r" %r
        """,
    )
