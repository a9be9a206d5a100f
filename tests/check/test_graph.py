"""check.graph finds every kind of broken graph, and says which pass broke it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from barecast import check, text
from barecast.errors import InternalError
from barecast.graph import DType, Graph, Node, Port, Quant, Tensor, TensorType
from barecast.ops.unary import Unary

GOOD = """graph "good" onnx
input "x" %x: f32[1,4]
const %w: s8[3,4]{0: 0.5@0 0.25@0 1.0@0} = random(1)
const %b: s32[3] = [1, 2, 3]
%q: s8[1,4]{0.5@-3} = quantize(%x)
%d: s8[1,3]{0.25@5} = dense(%q, %w, %b)
%y: f32[1,3] = dequantize(%d)
output "y" %y
"""


def test_a_good_graph_passes():
    check.graph(text.loads(GOOD))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("%y: f32[1,3]", "%y: f32[3,1]", "inferred"),
        ("%d: s8[1,3]", "%d: s8[1,4]", "inferred"),
        ("s8[1,4]{0.5@-3}", "s8[1,4]", "no quantisation"),
        ("s8[1,3]{0.25@5}", "s8[1,3]", "without quantisation"),
        ("s8[1,3]{0.25@5}", "f32[1,3]", "f32 where 8-bit"),
        ("{0.5@-3}", "{0.5@-129}", "zero point is outside"),
        ("{0.5@-3}", "{0.0@-3}", "not a positive, finite"),
        ("{0.5@-3}", "{inf@-3}", "not a positive, finite"),
        ("{0: 0.5@0 0.25@0 1.0@0}", "{0: 0.5@0 0.25@0}", "2 scales along axis 0"),
        ("{0: 0.5@0 0.25@0 1.0@0}", "{2: 0.5@0 0.25@0 1.0@0}", "along axis 2"),
        ("{0: 0.5@0 0.25@0 1.0@0}", "{1: 0.5@0 0.25@0 1.0@0 1.0@0}", "quantised along axis 1"),
        ("{0: 0.5@0 0.25@0 1.0@0}", "{0.5@0 1.0@0}", "several scales and no axis"),
        ("const %b: s32[3]", "const %b: f32[3]", "a bias of f32"),
        ("const %b: s32[3]", "const %b: s32[3,1]", "do not fit"),
        ("%x: f32[1,4]", "%x: s32[1,4]", "s32 is quantised"),
        ("%y: f32[1,3] = dequantize(%d)", "%y: s8[1,3] = dequantize(%d)", "dequantised to s8"),
        ("%y: f32[1,3] = dequantize(%d)", "%y: f32[1,3] = reshape(%d) shape=(1,3)", "element types differ"),
        ("%y: f32[1,3] = dequantize(%d)", "%y: s8[3,1]{0.5@5} = transpose(%d) perm=(1,0)", "quantisations differ"),
        (
            "%y: f32[1,3] = dequantize(%d)",
            "%y: s8[1,3]{0.5@5} = pad(%d) before=(0,0) after=(0,0)",
            "quantisations differ",
        ),
        ("%y: f32[1,3] = dequantize(%d)", "%y: f32[1,3] = unary(%d) kind=clamp", "f32 where 8-bit"),
        ('output "y" %y', 'output "y" %y\noutput "y" %d', "same name"),
    ],
)
def test_broken_types_are_found(old: str, new: str, message: str):
    assert old in GOOD
    with pytest.raises(InternalError, match=message):
        check.graph(text.loads(GOOD.replace(old, new)))


def test_the_pass_is_named():
    with pytest.raises(InternalError, match="after tear_apart is broken"):
        check.graph(text.loads(GOOD.replace("%y: f32[1,3]", "%y: f32[3,1]")), "tear_apart")


def _broken(message: str, **changes) -> None:
    with pytest.raises(InternalError, match=message):
        check.graph(dataclasses.replace(text.loads(GOOD), **changes))


def test_order_and_single_assignment():
    graph = text.loads(GOOD)
    _broken("read before it is computed", nodes=graph.nodes[::-1])
    _broken("computed twice", nodes=(*graph.nodes, graph.nodes[-1]))
    _broken("read before it is computed", nodes=graph.nodes[1:])
    _broken("nothing computes output", nodes=graph.nodes[:2])
    _broken("constant or given twice", inputs=(*graph.inputs, Port("again", "x")))
    _broken("constant or given twice", inputs=(*graph.inputs, Port("w", "w")))


def test_tensors_must_exist():
    graph = text.loads(GOOD)
    _broken("w does not exist", tensors={n: t for n, t in graph.tensors.items() if n != "w"})
    _broken("y does not exist", tensors={n: t for n, t in graph.tensors.items() if n != "y"})
    _broken("zzz does not exist", outputs=(Port("y", "zzz"),))
    _broken("calls itself", tensors={**graph.tensors, "x": Tensor("other", graph.type("x"))})


def test_constants_must_hold_what_their_type_says():
    graph = text.loads(GOOD)
    for data in (np.zeros((4, 3), np.int8), np.zeros((3, 4), np.uint8)):
        _broken("constant w holds", tensors={**graph.tensors, "w": Tensor("w", graph.type("w"), data)})


def test_types_must_be_well_formed():
    graph = text.loads(GOOD)
    for type, message in (
        (TensorType(DType.F32, (1, -4)), "no size"),
        (TensorType(DType.F32, (1, 4), Quant((1.0,), (0,))), "f32 cannot be quantised"),
        (TensorType(DType.S8, (1, 4), Quant((1.0, 2.0), (0,), 0)), "2 scales, 1 zero points"),
        (TensorType(DType.S8, (1, 4), Quant((0.1,), (0,))), "not a positive, finite float32"),
    ):
        _broken(message, tensors={**graph.tensors, "x": Tensor("x", type)})


def test_operators_and_attributes_must_be_known():
    graph = text.loads(GOOD)
    last = graph.nodes[-1]
    _broken("operator is not known", nodes=(*graph.nodes[:-1], dataclasses.replace(last, op="frobnicate")))
    _broken(
        "attributes of class Unary", nodes=(*graph.nodes[:-1], Node(last.op, Unary("clamp"), last.inputs, last.outputs))
    )


def test_an_empty_graph_is_a_graph():
    check.graph(Graph("empty", (), (), {}, ()))
