"""Graph text: what is printed can be read back, and no name can break out of its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from barecast import check, text
from barecast.errors import UsageError
from barecast.graph import DType, Graph, GraphBuilder, Port, Quant, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.reduce import Reduce
from barecast.ops.unary import Unary

SAMPLE = """graph "tiny" onnx
input "image" %image: f32[1,4,4,3]
state "last scores" %last: f32[1,3] = [1.0, 2.0, 3.0]
state "seed" %seed: s32[2] = [-1, 3]
const %w: f32[2,3,3,3] = splat(0.5)
const %b: f32[2] = [0.1, -1e-20]
const %k: s8[3,2]{1: 0.1@0 0.25@-3} = [1, 2, 3, -4, 5, 6]
const %one: f32[] = [inf]
%y: f32[1,4,4,2] = conv2d(%image, %w, %b) pads=(1,1,1,1) activation=clamp(0.0,inf) from "conv1", "relu1"
%z: f32[1,4,4,2] = binary(%y, %one) kind=mul
%m: f32[1,2] = reduce(%z) kind=mean axes=(1,2) keepdims=false
%q: s8[1,2]{0.1@-3} = quantize(%m)
%kf: f32[3,2] = dequantize(%k)
%d: f32[1,3] = dense(%m, %kf, _)
output "scores" %d
output "codes" %q
next "last scores" %d
next "seed" %seed
"""


def test_text_is_read_and_printed_alike():
    graph = text.loads(SAMPLE)
    check.graph(graph)
    assert text.dumps(graph, None).replace(f"[{', '.join(['0.5'] * 54)}]", "splat(0.5)") == SAMPLE
    assert text.dumps(graph) == SAMPLE


def test_values_survive_exactly():
    rng = np.random.default_rng(1)
    for dtype in DType:
        builder = GraphBuilder("values")
        raw = rng.integers(0, 256, 40 * dtype.bytes).astype(np.uint8).tobytes()
        data = np.frombuffer(raw, dtype.numpy) if dtype is not DType.BOOL else np.arange(40) % 3 == 0
        data = np.nan_to_num(data, nan=1.5) if dtype.is_float else data
        builder.outputs.append(Port("c", builder.constant("c", data)))
        again = text.loads(text.dumps(builder.build(), None)).tensors["c"].data
        assert again.dtype == data.dtype and np.array_equal(again, data)


def test_digests_need_their_values():
    builder = GraphBuilder("digest")
    builder.outputs.append(Port("c", builder.constant("c", np.arange(99, dtype=np.int16))))
    graph = builder.build()
    printed = text.dumps(graph)
    assert "digest(" in printed
    assert np.array_equal(text.loads(printed, text.constants(graph)).tensors["c"].data, np.arange(99))
    with pytest.raises(UsageError, match="line 2: the values of digest"):
        text.loads(printed)


@pytest.mark.parametrize("name", ['a"b', "two\nlines", 'x" = relu(', "日本", "", "%", "\\", "plain.1"])
def test_names_cannot_forge_text(name: str):
    builder = GraphBuilder(name)
    x = builder.tensor(name or "empty", TensorType(DType.F32, (2,)))
    y = builder.tensor("y", TensorType(DType.F32, (2,)))
    builder.inputs.append(Port(name, x))
    builder.outputs.append(Port(name, y))
    builder.add("unary", Unary("clamp", Clamp(0.1, 6.0)), (x,), (y,), (name, "other"))
    graph = builder.build()
    printed = text.dumps(graph)
    assert printed.isascii() and len(printed.splitlines()) == 4
    again = text.loads(printed)
    assert (again.name, again.inputs, again.outputs, again.nodes) == (
        graph.name,
        graph.inputs,
        graph.outputs,
        graph.nodes,
    )


def test_scales_keep_their_float32():
    scale = tuple(float(s) for s in np.random.default_rng(2).uniform(1e-9, 10, 50).astype(np.float32))
    builder = GraphBuilder("scales")
    x = builder.tensor("x", TensorType(DType.S8, (50, 2), Quant(scale, (0,) * 50, 0)))
    builder.inputs.append(Port("x", x))
    assert text.loads(text.dumps(builder.build())).type("x") == builder.tensors["x"].type


def test_attributes_of_every_kind():
    attrs = Reduce("mean", (1,), False, Clamp(-1.5, 2.0**-30))
    again = text.loads(
        'graph "a" onnx\ninput "x" %x: f32[2,3]\n'
        f"%y: f32[2] = reduce(%x) kind=mean axes=(1,) keepdims=false activation=clamp(-1.5,{2.0**-30!r})\n"
        'output "y" %y\n'
    )
    assert again.nodes[0].attrs == attrs
    assert dataclasses.replace(attrs) == again.nodes[0].attrs


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%y: f32[2] = frobnicate(%x)", "operator 'frobnicate'"),
        ("%y: f32[2] = unary(%x) colour=red", "no attribute 'colour'"),
        ("%y: f33[2] = unary(%x) kind=clamp", "line 3"),
        ("%y f32[2] = unary(%x) kind=clamp", "':' expected"),
        ("%x: f32[2] = unary(%x) kind=clamp", "%x is defined twice"),
        ("%y: f32[2] = unary(%nothing) kind=clamp", "nothing defines %nothing"),
        ("const %y: f32[2] = [1]", "2 values expected"),
        ("%y: f32[2] = unary(%x) kind=clamp ;", "cannot read"),
        ("%y: f32[2] = unary(%x)", "kind"),
        ("%y: f32[2] = unary(%x", "ends too early"),
        ('state "s" %x: f32[2] = splat(0)', "%x is defined twice"),
        ('state "s" %s: f32[2] = [1]', "2 values expected"),
        ('next "s" %x', 'no state is called "s"'),
        ('state "s" %s: f32[2] = splat(0)\nnext "s" %nothing', "nothing defines %nothing"),
    ],
)
def test_errors_name_the_line(line: str, message: str):
    with pytest.raises(UsageError, match=message):
        text.loads(f'graph "bad" onnx\ninput "x" %x: f32[2]\n{line}\n')


def test_random_values_are_the_same_every_time():
    a, b = (text.loads('graph "r"\nconst %c: s8[64] = random(7)\noutput "c" %c\n').tensors["c"].data for _ in range(2))
    assert np.array_equal(a, b) and len(set(a.tolist())) > 20


def test_a_graph_is_what_its_text_says():
    graph = text.loads(SAMPLE)
    assert isinstance(graph, Graph)
    assert graph.type("k").quant == Quant((float(np.float32(0.1)), 0.25), (0, -3), 1)
    assert graph.nodes[-1].inputs == ("m", "kf", None)
    assert graph.nodes[0].source == ("conv1", "relu1")


def test_the_examples_in_the_documents_are_graphs():
    documents = Path(__file__).resolve().parents[2] / "docs"
    for page in (text.__doc__, (documents / "passes.md").read_text(encoding="utf-8")):
        example = page[page.index('    graph "tiny"') :].split("\n\n")[0]
        graph = text.loads(example)
        check.graph(graph)
        assert [node.op for node in graph.nodes] == ["conv2d"]
    graph = text.loads(text.__doc__[text.__doc__.index('    graph "running sum"') :].split("\n\n")[0])
    check.graph(graph)
    assert [(state.name, state.before, state.after) for state in graph.states] == [("sum", "before", "after")]
