"""Averages over whole images by rows: sums and what becomes of them, to the byte; those that need single elements."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import check, reference, select, targets
from barecast.errors import InternalError
from barecast.graph import DType, Graph, GraphBuilder, Port, Rule, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.pool2d import Pool2d
from barecast.ops.reduce import Reduce
from barecast.options import Options
from barecast.streaming import averages, choose
from barecast.streaming.build import Builder

from tests.cases.build import quant, rng
from tests.emit import hosted
from tests.streaming.chains import stages, streamed


def network(kind: str, height: int, width: int, scale: float, rule: Rule = Rule.ONNX) -> Graph:
    """A maximum over 2x2, and the average of what it gives, of `scale` times the image's scale."""
    b = GraphBuilder("average", rule)
    x = b.tensor("x", TensorType(DType.S8, (1, height + 1, width + 1, 8), quant(0.05, -7)))
    m = b.tensor("m", TensorType(DType.S8, (1, height, width, 8), quant(0.05, -7)))
    y_quant = quant(0.05, -7) if kind == "pool2d" and rule is not Rule.ONNX else quant(0.05 * scale, 11)
    y = b.tensor("y", TensorType(DType.S8, (1, 1, 1, 8), y_quant))
    b.inputs.append(Port("x", x))
    b.outputs.append(Port("y", y))
    b.add("pool2d", Pool2d("max", (2, 2)), [x], [m], ["max"])
    attrs = Reduce("mean", (1, 2)) if kind == "reduce" else Pool2d("avg", (height, width), activation=Clamp(-3, 4))
    b.add(kind, attrs, [m], [y], ["average"])
    return b.build()


CASES = [
    network("reduce", 7, 5, 0.31),
    network("reduce", 6, 4, 0.77, Rule.TFLITE),
    network("reduce", 8, 8, 1.0, Rule.TFLITE_SINGLE),
    network("pool2d", 5, 3, 0.437),
    network("pool2d", 8, 8, 1.0, Rule.TFLITE),
    network("pool2d", 6, 2, 1.0, Rule.TFLITE),
    network("pool2d", 25, 5, 1.0, Rule.TFLITE),
]


@pytest.mark.parametrize("graph", CASES, ids=lambda g: f"{g.nodes[1].op}-{g.rule.name}-{g.type('m').shape[1]}")
def test_sums_give_the_same_as_the_image(graph, tmp_path):
    apart = averages.split(select.run(graph, hosted.HOST, Options()))
    assert [step.op for step in apart.steps] == ["pool2d", "row_sums", "rescale"]
    made = stages(streamed(Builder(apart, hosted.HOST, Options()), (0, 1)))
    library = hosted.build(made.tree, tmp_path)
    shape, generator = graph.type("x").shape, rng("averages")
    images = [np.full(shape, value, np.int8) for value in (-128, -1, 0, 1, 127)]
    images += [generator.integers(low, low + 9, shape).astype(np.int8) for low in (-128, -20, -12, -8, -4, 0, 60, 118)]
    for image in images:
        (wanted,) = reference.run(graph, {"x": image}).values()
        assert np.array_equal(hosted.run(library, made, {"x": image})["y"], wanted)


def test_a_sum_that_does_not_tell():
    """A quarter of all averages over 2 x 2 of one scale are halves, which onnxruntime's float32 sum decides."""
    graph = network("reduce", 2, 2, 1.0)
    assert averages.split(select.run(graph, hosted.HOST, Options())) is None
    assert averages.split(select.run(network("reduce", 2, 2, 0.77), hosted.HOST, Options())) is not None


def test_sums_are_of_a_stream():
    apart = averages.split(select.run(CASES[0], hosted.HOST, Options()))
    with pytest.raises(InternalError, match="adds rows, and is of no stream"):
        check.schedule(apart)


def test_the_least_memory_has_no_large_image():
    core, options = targets.load("cortex-m4"), Options(optimize="ram", feed="rows")
    found = choose(select.run(CASES[-1], core, options), core, options)
    assert "row_sums" in [step.op for step in found.schedule.steps]
    assert found.plan.arena_bytes < 300 < CASES[-1].type("m").bytes
