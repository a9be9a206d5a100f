from __future__ import annotations

import numpy as np
import pytest
from barecast import check, passes, reference, text
from barecast.options import Options
from barecast.passes.apply_io_layout import apply_io_layout

from tests.passes.expect import stays, structure

MODEL = """graph "g"
input "x" %x: f32[1,3,4,5]
const %w: f32[2,1,1,3] = random(1)
%r: f32[1,3,4,5] = unary(%x) kind=tanh
%t: f32[1,4,5,3] = transpose(%r) perm=(0,2,3,1)
%c: f32[1,4,5,2] = conv2d(%t, %w, _)
%u: f32[1,2,4,5] = transpose(%c) perm=(0,3,1,2)
%y: f32[1,2,4,5] = unary(%u) kind=sigmoid
output "y" %y
"""


def test_images_enter_and_leave_channels_last():
    graph = text.loads(MODEL)
    result = apply_io_layout(graph)
    check.graph(result)
    wanted = """graph "g"
    input "x" turned(0,2,3,1) %x: f32[1,4,5,3]
    %back: f32[1,3,4,5] = transpose(%x) perm=(0,3,1,2)
    const %w: f32[2,1,1,3] = random(1)
    %r: f32[1,3,4,5] = unary(%back) kind=tanh
    %t: f32[1,4,5,3] = transpose(%r) perm=(0,2,3,1)
    %c: f32[1,4,5,2] = conv2d(%t, %w, _)
    %u: f32[1,2,4,5] = transpose(%c) perm=(0,3,1,2)
    %v: f32[1,2,4,5] = unary(%u) kind=sigmoid
    %y: f32[1,4,5,2] = transpose(%v) perm=(0,2,3,1)
    output "y" turned(0,2,3,1) %y
    """
    assert structure(result) == structure(text.loads(wanted))
    x = np.random.default_rng(1).uniform(-1, 1, (1, 3, 4, 5)).astype(np.float32)
    before = reference.run(graph, {"x": x})["y"]
    after = reference.run(result, {"x": x.transpose(0, 2, 3, 1).copy()})["y"]
    assert np.array_equal(before.transpose(0, 2, 3, 1), after)


def test_no_transpose_is_left_in_the_end():
    graph = passes.run(text.loads(MODEL), Options(io_layout="channels-last"))
    assert [n.op for n in graph.nodes] == ["unary", "conv2d", "unary"]
    graph = passes.run(text.loads(MODEL), Options())
    assert [n.op for n in graph.nodes].count("transpose") == 2


def test_sequences_turn_too_and_other_tensors_do_not():
    sequence = """graph "g"
    input "x" %x: f32[1,3,7]
    %t: f32[1,7,3] = transpose(%x) perm=(0,2,1)
    output "y" %t
    """
    assert apply_io_layout(text.loads(sequence)).type("x.1").shape == (1, 7, 3)
    stays(apply_io_layout, sequence.replace("[1,3,7]", "[3,7]").replace("[1,7,3]", "[7,3]").replace("(0,2,1)", "(1,0)"))


def test_an_input_that_is_also_read_as_it_is_stays():
    stays(
        apply_io_layout,
        """graph "g"
        input "x" %x: f32[1,3,4,5]
        %t: f32[1,4,5,3] = transpose(%x) perm=(0,2,3,1)
        %s: f32[1,4,5,3] = softmax(%t) axis=3
        %v: f32[60] = reshape(%x) shape=(60)
        output "s" %s
        output "v" %v
        """,
    )


@pytest.mark.parametrize(
    ("shape", "turned"), [((1, 1, 4, 5), (1, 4, 5, 1)), ((1, 3, 1, 1), (1, 1, 1, 3)), ((2, 1, 1, 7), (2, 1, 7, 1))]
)
def test_images_whose_turning_moves_no_byte_turn_like_all_others(shape, turned):
    def spelt(extents):
        return f"[{','.join(map(str, extents))}]"

    graph = text.loads(
        f"""graph "g"
        input "x" %x: f32{spelt(shape)}
        %t: f32{spelt(turned)} = transpose(%x) perm=(0,2,3,1)
        const %w: f32[{shape[1]},1,1,{shape[1]}] = random(1)
        %c: f32{spelt(turned)} = conv2d(%t, %w, _)
        %y: f32{spelt(shape)} = transpose(%c) perm=(0,3,1,2)
        output "y" %y
        """
    )
    result = passes.run(graph, Options(io_layout="channels-last"))
    for port in (*result.inputs, *result.outputs):
        assert result.type(port.tensor).shape == turned and port.turned == (0, 2, 3, 1)
    assert not {"transpose", "reshape"} & {n.op for n in result.nodes}
    result = passes.run(graph, Options())
    for port in (*result.inputs, *result.outputs):
        assert result.type(port.tensor).shape == shape and port.turned == ()


def test_a_port_that_later_passes_rename_counts_as_turned_only_if_it_was():
    graph = text.loads(
        """graph "g"
        input "x" %x: f32[1,3,3,3]
        %a: f32[1,3,3,3] = unary(%x) kind=tanh
        %y: f32[1,3,3,3] = copy(%a)
        output "y" %y
        """
    )
    result = passes.run(graph, Options(io_layout="channels-last"))
    assert result.outputs[0].tensor != "y" and result.outputs[0].turned == ()
