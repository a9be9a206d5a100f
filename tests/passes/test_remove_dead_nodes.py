from barecast.passes.remove_dead_nodes import remove_dead_nodes

from tests.passes.expect import becomes


def test_nodes_without_use_go_with_all_that_only_they_need():
    becomes(
        remove_dead_nodes,
        """graph "g"
        input "x" %x: f32[2]
        input "unused" %u: f32[2]
        const %c: f32[2] = [1, 2]
        %y: f32[2] = unary(%x) kind=clamp
        %a: f32[2] = binary(%x, %c) kind=add
        %b: f32[2] = binary(%a, %u) kind=add
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2]
        input "unused" %u: f32[2]
        %y: f32[2] = unary(%x) kind=clamp
        output "y" %y
        """,
    )
