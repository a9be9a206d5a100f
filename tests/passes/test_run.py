"""The passes together: checked each, dumped on demand, and true to the graph whatever it is."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from barecast import check, numerics, ops, passes, reference, text
from barecast.errors import InternalError
from barecast.graph import Call, DType, Graph, TensorType, call_of
from barecast.options import Options

from tests.passes.random_graphs import RandomGraph, input_for

SMALL = """graph "small" onnx
input "x" %x: f32[1,4]
const %w: f32[4,3] = random(1)
const %b: f32[3] = [1, 2, 3]
%m: f32[1,3] = matmul(%x, %w) from "MatMul"
%a: f32[1,3] = binary(%m, %b) kind=add from "Add"
%y: f32[1,3] = unary(%a) kind=clamp activation=clamp(0.0,inf) from "Relu"
output "y" %y
"""


def test_a_layer_in_three_nodes_becomes_one_that_remembers_them(tmp_path):
    graph = passes.run(text.loads(SMALL), Options(), tmp_path / "dump")
    (node,) = graph.nodes
    assert (node.op, node.source) == ("dense", ("MatMul", "Add", "Relu"))
    files = sorted((tmp_path / "dump").iterdir())
    assert files[0].name == "00_import.txt" and files[0].read_text() == text.dumps(text.loads(SMALL))
    assert files[-1].name.endswith("_remove_dead_nodes.txt") and files[-1].read_text() == text.dumps(graph)
    assert len(files) == 1 + len(passes.PASSES) - len(passes.ON_DEMAND)  # one for the import


def test_a_broken_pass_is_named(monkeypatch):
    def break_shapes(graph):
        return text.loads(text.dumps(graph, None).replace("%y: f32[1,3]", "%y: f32[3,1]"))

    monkeypatch.setattr(passes, "PASSES", (break_shapes,))
    with pytest.raises(InternalError, match="after break_shapes"):
        passes.run(text.loads(SMALL), Options())


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("kind", ["float", "s8", "u8"])
def test_every_pass_keeps_the_outputs_of_random_graphs(seed: int, kind: str):
    """All numbers are exact in float32: outputs must be equal, each integer operator within a step of its floats."""
    graph = RandomGraph(seed, kind != "float", DType.U8 if kind == "u8" else DType.S8).build(2 + seed % 9)
    inputs = input_for(graph, seed)
    wanted = reference.run(graph, inputs)
    for one_pass in passes.PASSES:
        if one_pass in passes.ON_DEMAND:
            continue
        graph = one_pass(graph)
        check.graph(graph, one_pass.__name__)
        found = reference.run(graph, inputs)
        if one_pass is passes.fold_qdq:
            assert_integers_follow_floats(graph, inputs)
            wanted = found
        for name, array in wanted.items():
            assert np.array_equal(array, found[name]), f"{one_pass.__name__} changed {name}"


EXACT = ("concat", "pad", "requantize", "reshape", "transpose", "unary")


def assert_integers_follow_floats(graph: Graph, inputs: dict[str, np.ndarray]) -> None:
    """Every operator on bytes gives what its float version, dequantised and quantised, gives; or the step beside it."""
    values = reference.trace(graph, inputs)
    for node in graph.nodes:
        type = graph.type(node.outputs[0])
        if type.quant is None or node.op == "quantize":
            continue
        call = call_of(graph, node)
        real = [
            None if t is None else replace(t, type=TensorType(DType.F32, t.type.shape), data=None) for t in call.inputs
        ]
        arrays = tuple(None if n is None else dequantized(graph.type(n), values[n]) for n in node.inputs)
        if node.op == "requantize":
            result = arrays[0]
        else:
            for index, array in enumerate(arrays[1:], 1):  # weights and biases must be constants
                real[index] = None if array is None else replace(real[index], data=array)
            floats = Call(
                node, tuple(real), tuple(replace(t, type=TensorType(DType.F32, t.type.shape)) for t in call.outputs)
            )
            (result,) = ops.get(node.op).execute(floats, arrays)
        rank = len(type.shape)
        again = numerics.quantize(result, type.quant.scale_array(rank), type.quant.zero_array(rank), type.dtype.numpy)
        steps = np.abs(again.astype(int) - values[node.outputs[0]].astype(int)).max(initial=0)
        assert steps <= (0 if node.op in EXACT else 1), f"{node.op} is {steps} steps off"


def dequantized(type: TensorType, array: np.ndarray) -> np.ndarray:
    rank = len(type.shape)
    return numerics.dequantize(array, type.quant.scale_array(rank), type.quant.zero_array(rank)).astype(np.float32)


@pytest.mark.parametrize("kind", ["float", "s8"])
def test_transposes_stay_at_the_border(kind: str, monkeypatch):
    monkeypatch.setattr(RandomGraph, "turned", RandomGraph.relu)
    for seed in range(30):
        graph = passes.run(RandomGraph(seed, kind != "float").build(9), Options())
        assert sum(node.op == "transpose" for node in graph.nodes) <= 3, f"seed {seed}"  # x, image and early
        if kind == "s8":
            inside = {n.op for n in graph.nodes if graph.type(n.outputs[0]).dtype is DType.F32}
            assert inside <= {"dequantize"}, f"seed {seed}"


SEQUENCE = """graph "sequence" onnx
input "x" %x: s8[1,1,9,3]{0.5@3}
const %w: s8[4,1,3,3]{0: 0.5@0 0.25@0 0.5@0 0.125@0} = random(1)
%f: f32[1,1,9,3] = dequantize(%x)
%wf: f32[4,1,3,3] = dequantize(%w)
%c: f32[1,1,9,4] = conv2d(%f, %wf, _) pads=(0,1,0,1)
%v: f32[1,9,4] = reshape(%c) shape=(1,9,4)
%t: f32[1,4,9] = transpose(%v) perm=(0,2,1)
%r: f32[1,4,9] = unary(%t) kind=clamp activation=clamp(0.0,inf)
%q: s8[1,4,9]{1.0@-128} = quantize(%r)
%d: f32[1,4,9] = dequantize(%q)
%s: f32[1,4,9] = binary(%d, %d) kind=mul
%y: s8[1,4,9]{16.0@-128} = quantize(%s)
output "y" %y
"""


def test_views_and_a_clamp_between_an_operator_and_its_quantize():
    graph = passes.run(text.loads(SEQUENCE), Options())
    assert [n.op for n in graph.nodes] == ["conv2d", "reshape", "binary", "transpose"]


def test_running_twice_changes_nothing():
    for seed in range(5):
        once = passes.run(RandomGraph(seed, True).build(8), Options())
        twice = passes.run(once, Options())
        assert [n.op for n in twice.nodes] == [n.op for n in once.nodes]


def test_five_thousand_nodes_take_seconds(monkeypatch):
    for op in ("pool", "pad", "gate"):
        monkeypatch.setattr(RandomGraph, op, RandomGraph.relu)
    graph = RandomGraph(5, True).build(1200)
    assert len(graph.nodes) > 4500
    start = time.process_time()
    passes.run(graph, Options())
    assert time.process_time() - start < 60
