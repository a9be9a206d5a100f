from __future__ import annotations

import numpy as np
import pytest
from barecast import check, passes, reference, text
from barecast.options import Options
from barecast.passes.expose_quantized import expose_quantized

from tests.passes.expect import stays, structure

MODEL = """graph "g"
input "x" %x: f32[1,3,4,5]
%t: f32[1,4,5,3] = transpose(%x) perm=(0,2,3,1)
%q: u8[1,4,5,3]{0.5@7} = quantize(%t)
%a: f32[1,4,5,3] = dequantize(%q)
%r: f32[1,4,5,3] = unary(%a) kind=tanh
%p: u8[1,4,5,3]{0.25@0} = quantize(%r)
%d: f32[1,4,5,3] = dequantize(%p)
%y: f32[60] = reshape(%d) shape=(60)
output "y" %y
"""


def test_ports_become_the_integers_behind_them():
    graph = text.loads(MODEL)
    result = expose_quantized(graph)
    check.graph(result)
    wanted = """graph "g"
    input "x" exposed %x: u8[1,3,4,5]{0.5@7}
    %t: u8[1,4,5,3]{0.5@7} = transpose(%x) perm=(0,2,3,1)
    %a: f32[1,4,5,3] = dequantize(%t)
    %r: f32[1,4,5,3] = unary(%a) kind=tanh
    %p: u8[1,4,5,3]{0.25@0} = quantize(%r)
    %y: u8[60]{0.25@0} = reshape(%p) shape=(60)
    output "y" exposed %y
    """
    assert structure(result) == structure(text.loads(wanted))
    x = np.random.default_rng(1).integers(0, 256, (1, 3, 4, 5)).astype(np.uint8)
    real = (x.astype(np.float32) - 7) * np.float32(0.5)
    before, after = reference.run(graph, {"x": real})["y"], reference.run(result, {"x": x})["y"]
    assert np.array_equal(before, after.astype(np.float32) * np.float32(0.25)) and after.any()


def test_nothing_is_left_of_the_conversions_in_the_end():
    result = passes.run(text.loads(MODEL), Options(io="quantized"))
    assert not {"quantize", "dequantize"} & {n.op for n in result.nodes}
    assert [p.exposed for p in (*result.inputs, *result.outputs)] == [True, True]
    assert {"quantize", "dequantize"} <= {n.op for n in passes.run(text.loads(MODEL), Options()).nodes}


@pytest.mark.parametrize(
    "also",
    [
        '%z: f32[1,3,4,5] = unary(%x) kind=tanh\noutput "z" %z',
        '%z: s8[1,3,4,5]{0.5@7} = quantize(%x)\noutput "z" %z',
        'output "z" %x',
    ],
    ids=["real numbers", "another quantisation", "an output"],
)
def test_an_input_that_is_used_otherwise_stays(also):
    graph = text.loads(
        'graph "g"\ninput "x" %x: f32[1,3,4,5]\n%q: u8[1,3,4,5]{0.5@7} = quantize(%x)\n' + also + '\noutput "q" %q\n'
    )
    result = expose_quantized(graph)
    assert result.type(result.inputs[0].tensor).dtype.is_float and not result.inputs[0].exposed


def test_two_outputs_of_one_tensor_have_a_port_each():
    graph = text.loads(
        """graph "g"
        input "x" %x: s8[4]{0.5@0}
        %y: f32[4] = dequantize(%x)
        %z: f32[4] = dequantize(%x)
        output "y" %y
        output "z" %z
        """
    )
    result = expose_quantized(graph)
    check.graph(result)
    assert [n.op for n in result.nodes] == ["copy", "copy"] and all(p.exposed for p in result.outputs)
    assert len({p.tensor for p in (*result.inputs, *result.outputs)}) == 3


def test_integers_at_the_border_stay():
    stays(
        expose_quantized,
        """graph "g"
        input "x" %x: s8[4]{0.5@0}
        %a: f32[4] = dequantize(%x)
        %y: f32[4] = unary(%a) kind=tanh
        output "y" %y
        """,
    )
