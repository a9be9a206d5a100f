from barecast.passes.equalise_ranks import equalise_ranks

from tests.passes.expect import becomes, stays


def test_a_mean_keeps_its_axes():
    becomes(
        equalise_ranks,
        """graph "g"
        input "x" %x: f32[2,4,4,8]
        %y: f32[2,8] = reduce(%x) kind=mean axes=(1,2) keepdims=false activation=clamp(0.0,3.0)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,4,4,8]
        %m: f32[2,1,1,8] = reduce(%x) kind=mean axes=(1,2) activation=clamp(0.0,3.0)
        %y: f32[2,8] = reshape(%m) shape=(2,8)
        output "y" %y
        """,
    )


def test_a_computed_operand_gets_leading_axes_and_a_constant_needs_none():
    becomes(
        equalise_ranks,
        """graph "g"
        input "x" %x: f32[1,2,3,4]
        input "s" %s: f32[3,4]
        const %c: f32[4] = [1, 2, 3, 4]
        %a: f32[1,2,3,4] = binary(%s, %x) kind=sub
        %y: f32[1,2,3,4] = binary(%a, %c) kind=mul
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[1,2,3,4]
        input "s" %s: f32[3,4]
        const %c: f32[4] = [1, 2, 3, 4]
        %v: f32[1,1,3,4] = reshape(%s) shape=(1,1,3,4)
        %a: f32[1,2,3,4] = binary(%v, %x) kind=sub
        %y: f32[1,2,3,4] = binary(%a, %c) kind=mul
        output "y" %y
        """,
    )


def test_equal_ranks_stay():
    stays(
        equalise_ranks,
        """graph "g"
        input "x" %x: f32[2,3]
        input "s" %s: f32[1,3]
        %a: f32[2,3] = binary(%s, %x) kind=sub
        %m: f32[2,1] = reduce(%a) kind=mean axes=(1)
        output "m" %m
        """,
    )
