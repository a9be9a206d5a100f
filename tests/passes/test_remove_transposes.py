import pytest
from barecast import text
from barecast.passes.remove_transposes import compose, inverse, remove_transposes

from tests.passes.expect import becomes, same_outputs, stays

LAST, FIRST = "perm=(0,2,3,1)", "perm=(0,3,1,2)"


def count(before: str) -> int:
    """Transposes that are left."""
    graph = text.loads(before)
    result = remove_transposes(graph)
    same_outputs(graph, result, 1e-5)
    return sum(node.op == "transpose" for node in result.nodes)


def test_permutations():
    assert compose((0, 3, 1, 2), (0, 2, 3, 1)) == (0, 1, 2, 3)
    assert compose((1, 2, 0), (0, 2, 1)) == (1, 0, 2)
    assert inverse((0, 3, 1, 2)) == (0, 2, 3, 1)


def test_opposite_transposes_cancel_around_elementwise_operators():
    becomes(
        remove_transposes,
        f"""graph "g"
        input "x" %x: f32[1,4,5,3]
        const %w: f32[3,1,1,3] = random(1)
        const %scale: f32[3,1,1] = [1, 2, 3]
        const %two: f32[] = [2]
        %a: f32[1,4,5,3] = conv2d(%x, %w, _)
        %b: f32[1,3,4,5] = transpose(%a) {FIRST}
        %c: f32[1,3,4,5] = unary(%b) kind=tanh
        %d: f32[1,3,4,5] = binary(%scale, %c) kind=mul
        %e: f32[1,3,4,5] = binary(%d, %two) kind=mul
        %f: f32[1,3,6,5] = pad(%e) before=(0,0,1,0) after=(0,0,1,0)
        %g: f32[1,3,6,5] = softmax(%f) axis=1
        %h: f32[1,6,5,3] = transpose(%g) {LAST}
        %y: f32[1,6,5,3] = conv2d(%h, %w, _)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[1,4,5,3]
        const %w: f32[3,1,1,3] = random(1)
        %a: f32[1,4,5,3] = conv2d(%x, %w, _)
        %c: f32[1,4,5,3] = unary(%a) kind=tanh
        const %scale: f32[1,1,1,3] = random(1)
        %d: f32[1,4,5,3] = binary(%scale, %c) kind=mul
        const %two: f32[] = [2]
        %e: f32[1,4,5,3] = binary(%d, %two) kind=mul
        %f: f32[1,6,5,3] = pad(%e) before=(0,1,0,0) after=(0,1,0,0)
        %g: f32[1,6,5,3] = softmax(%f) axis=3
        %y: f32[1,6,5,3] = conv2d(%g, %w, _)
        output "y" %y
        """,
        tolerance=1e-5,
    )


def test_a_residual_block_and_a_concat():
    becomes(
        remove_transposes,
        f"""graph "g"
        input "x" %x: f32[1,4,5,3]
        const %w: f32[3,1,1,3] = random(1)
        %a: f32[1,4,5,3] = conv2d(%x, %w, _)
        %at: f32[1,3,4,5] = transpose(%a) {FIRST}
        %r: f32[1,3,4,5] = unary(%at) kind=clamp activation=clamp(0.0,inf)
        %rt: f32[1,4,5,3] = transpose(%r) {LAST}
        %b: f32[1,4,5,3] = conv2d(%rt, %w, _)
        %bt: f32[1,3,4,5] = transpose(%b) {FIRST}
        %s: f32[1,3,4,5] = binary(%r, %bt) kind=add
        %c: f32[1,6,4,5] = concat(%s, %at) axis=1
        %m: f32[1,6,1,1] = reduce(%c) kind=mean axes=(2,3)
        %y: f32[1,6] = reshape(%m) shape=(1,6)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[1,4,5,3]
        const %w: f32[3,1,1,3] = random(1)
        %a: f32[1,4,5,3] = conv2d(%x, %w, _)
        %r: f32[1,4,5,3] = unary(%a) kind=clamp activation=clamp(0.0,inf)
        %b: f32[1,4,5,3] = conv2d(%r, %w, _)
        %s: f32[1,4,5,3] = binary(%r, %b) kind=add
        %c: f32[1,4,5,6] = concat(%s, %a) axis=3
        %m: f32[1,1,1,6] = reduce(%c) kind=mean axes=(1,2)
        %v: f32[1,6,1,1] = reshape(%m) shape=(1,6,1,1)
        %y: f32[1,6] = reshape(%v) shape=(1,6)
        output "y" %y
        """,
        tolerance=1e-5,
    )


def test_what_must_stay_settles_on_bytes():
    becomes(
        remove_transposes,
        f"""graph "g"
        input "x" %x: f32[1,3,4,5]
        const %w: f32[3,1,1,3] = random(1)
        %q: s8[1,3,4,5]{{0.5@3}} = quantize(%x)
        %f: f32[1,3,4,5] = dequantize(%q)
        %t: f32[1,4,5,3] = transpose(%f) {LAST}
        %y: f32[1,4,5,3] = conv2d(%t, %w, _)
        output "y" %y
        """,
        f"""graph "g"
        input "x" %x: f32[1,3,4,5]
        const %w: f32[3,1,1,3] = random(1)
        %q: s8[1,3,4,5]{{0.5@3}} = quantize(%x)
        %t: s8[1,4,5,3]{{0.5@3}} = transpose(%q) {LAST}
        %f: f32[1,4,5,3] = dequantize(%t)
        %y: f32[1,4,5,3] = conv2d(%f, %w, _)
        output "y" %y
        """,
    )


def test_a_quantisation_per_axis_turns_along():
    becomes(
        remove_transposes,
        """graph "g"
        input "x" %x: f32[2,3]
        %t: f32[3,2] = transpose(%x) perm=(1,0)
        %q: s8[3,2]{0: 0.5@0 0.25@1 1.0@2} = quantize(%t)
        %f: f32[3,2] = dequantize(%q)
        %y: f32[2,3] = transpose(%f) perm=(1,0)
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,3]
        %q: s8[2,3]{1: 0.5@0 0.25@1 1.0@2} = quantize(%x)
        %y: f32[2,3] = dequantize(%q)
        output "y" %y
        """,
    )


def test_transposes_in_a_row_and_of_extent_one():
    becomes(
        remove_transposes,
        """graph "g"
        input "x" %x: f32[1,4,5,3]
        %a: f32[3,4,5,1] = transpose(%x) perm=(3,1,2,0)
        %y: f32[5,4,3,1] = transpose(%a) perm=(2,1,0,3)
        input "v" %v: f32[1,1,1,6]
        %w: f32[1,6,1,1] = transpose(%v) perm=(0,3,1,2)
        output "y" %y
        output "w" %w
        """,
        """graph "g"
        input "x" %x: f32[1,4,5,3]
        input "v" %v: f32[1,1,1,6]
        %y: f32[5,4,3,1] = transpose(%x) perm=(2,1,3,0)
        %w: f32[1,6,1,1] = reshape(%v) shape=(1,6,1,1)
        output "y" %y
        output "w" %w
        """,
    )


def test_a_sequence_between_rank_3_and_rank_4():
    before = """graph "g"
    input "x" %x: f32[1,1,8,3]
    const %w: f32[3,1,1,3] = random(1)
    %a: f32[1,1,8,3] = conv2d(%x, %w, _)
    %b: f32[1,8,3] = reshape(%a) shape=(1,8,3)
    %c: f32[1,3,8] = transpose(%b) perm=(0,2,1)
    %d: f32[1,3,8] = unary(%c) kind=tanh
    %e: f32[1,8,3] = transpose(%d) perm=(0,2,1)
    %f: f32[1,1,8,3] = reshape(%e) shape=(1,1,8,3)
    %y: f32[1,1,8,3] = conv2d(%f, %w, _)
    output "y" %y
    """
    assert count(before) == 0


def test_a_region_of_bytes_moves_as_a_whole():
    """One step at a time every move costs as much as it saves."""
    before = f"""graph "g"
    input "x" %x: s8[1,4,5,3]{{0.5@3}}
    %m: s8[1,3,4,3]{{0.5@3}} = pool2d(%x) kind=max kernel=(2,2)
    %t: s8[1,3,3,4]{{0.5@3}} = transpose(%m) {FIRST}
    %a: s8[1,3,3,4]{{0.25@3}} = unary(%t) kind=tanh
    %b: s8[1,3,3,4]{{0.25@3}} = requantize(%t)
    %c: s8[1,6,3,4]{{0.25@3}} = concat(%a, %b) axis=1
    %u: s8[1,3,4,6]{{0.25@3}} = transpose(%c) {LAST}
    %y: s8[1,2,3,6]{{0.25@3}} = pool2d(%u) kind=max kernel=(2,2)
    output "y" %y
    """
    assert count(before) == 0


def test_a_flatten_for_a_dense_layer_takes_the_transpose():
    before = f"""graph "g"
    input "x" %x: f32[1,4,5,3]
    const %w: f32[3,1,1,3] = random(1)
    const %v: f32[2,60] = random(2)
    %a: f32[1,4,5,3] = conv2d(%x, %w, _)
    %t: f32[1,3,4,5] = transpose(%a) {FIRST}
    %r: f32[1,3,4,5] = unary(%t) kind=tanh
    %f: f32[1,60] = reshape(%r) shape=(1,60)
    %y: f32[1,2] = dense(%f, %v, _)
    output "y" %y
    """
    result = remove_transposes(text.loads(before))
    order = [node.op for node in result.nodes]
    assert order == ["conv2d", "unary", "transpose", "reshape", "dense"]


@pytest.mark.parametrize("axes", ["(1,)", "(2,3)", "(1,2,3)", "(3,)"])
def test_reductions_follow_and_never_scatter(axes: str):
    mean = [1 if str(axis) in axes else size for axis, size in enumerate((2, 3, 4, 5))]
    last = [mean[axis] for axis in (0, 2, 3, 1)]
    before = f"""graph "g"
    input "x" %x: f32[2,4,5,3]
    %t: f32[2,3,4,5] = transpose(%x) {FIRST}
    %m: f32[{",".join(map(str, mean))}] = reduce(%t) kind=mean axes={axes}
    %y: f32[{",".join(map(str, last))}] = transpose(%m) {LAST}
    output "y" %y
    """
    assert count(before) == 0


def test_a_scattered_reduction_is_not_made():
    stays(
        remove_transposes,
        """graph "g"
        input "x" %x: f32[2,4,5,3]
        %t: f32[2,4,3,5] = transpose(%x) perm=(0,1,3,2)
        %m: f32[2,1,1,5] = reduce(%t) kind=mean axes=(1,2)
        %y: f32[2,1,1,5] = unary(%m) kind=tanh
        output "y" %y
        """,
    )


def test_a_written_transpose_stays():
    stays(
        remove_transposes,
        """graph "g"
        input "x" %x: f32[2,3,4]
        %t: f32[2,4,3] = transpose(%x) perm=(0,2,1)
        %y: f32[2,4,4] = matmul(%t, %x)
        output "y" %y
        """,
    )


def test_no_more_transposes_than_before_for_a_mixed_block():
    """The input is channels-first, the block works channels-last: one transpose at the border."""
    before = f"""graph "g"
    input "x" %x: f32[1,3,4,5]
    const %w: f32[3,1,1,3] = random(1)
    %t: f32[1,4,5,3] = transpose(%x) {LAST}
    %a: f32[1,4,5,3] = conv2d(%t, %w, _)
    %u: f32[1,3,4,5] = transpose(%a) {FIRST}
    %s: f32[1,3,4,5] = binary(%x, %u) kind=add
    %v: f32[1,4,5,3] = transpose(%s) {LAST}
    %y: f32[1,4,5,3] = conv2d(%v, %w, _)
    output "y" %y
    """
    assert count(before) == 1
