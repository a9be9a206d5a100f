"""States that an operator moves on itself (SVDF, LSTM, updates of a part): in place where nothing else wants the old value."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from barecast import check, ops
from barecast.errors import InternalError
from barecast.graph import Graph, Node, Port, State, Tensor
from barecast.ops.slice import Slice
from barecast.schedule import STATE, Buffer

from tests.cases import lstm, svdf, update_slice
from tests.cases.build import Case, all_cases
from tests.state.graphs import by_reference, planned, run


def streaming(case: Case, keep_old: bool = False) -> Graph:
    """The case with what it updates as states. keep_old: the old values are outputs too."""
    (node,) = case.graph.nodes
    pairs = [(node.inputs[i], node.outputs[o]) for i, o in ops.get(node.op).updates]
    olds = [before for before, _ in pairs]
    states = []
    for index, (before, after) in enumerate(pairs):
        type = case.graph.type(before)
        zero = type.quant.zero_point[0] if type.quant else 0
        states.append(State(f"s{index}", before, after, np.full(type.shape, zero, type.dtype.numpy)))
    graph, y = case.graph, node.outputs[0]
    if y in [after for _, after in pairs]:  # an output is no state's memory: show it from end to beginning
        graph, y = reversed_output(graph), "shown"
    outputs = [Port("y", y)] + [Port(f"old{i}", b) for i, b in enumerate(olds) if keep_old]
    inputs = tuple(port for port in case.graph.inputs if port.tensor not in olds)
    return replace(graph, name=case.name, inputs=inputs, outputs=tuple(outputs), states=tuple(states))


def reversed_output(graph: Graph) -> Graph:
    type = graph.type(graph.nodes[0].outputs[0])
    turned = Slice(tuple(d - 1 for d in type.shape), type.shape, (-1,) * len(type.shape))
    node = Node("slice", turned, graph.nodes[0].outputs, ("shown",))
    return replace(graph, tensors={**graph.tensors, "shown": Tensor("shown", type)}, nodes=(*graph.nodes, node))


CASES = [
    case
    for module, names in (
        (svdf, ("f32 usual", "s16 usual", "s8 batch 3", "s16 one rounding")),
        (update_slice, ("f32 block", "s8 six axes wide", "s8 rows")),
        (lstm, ("f32 batch", "s8 batch", "s8 batch first", "s8 one step", "s8 clipped", "s16 batch", "s16 batch first")),
    )
    for case in module.CASES
    if case.name in names
]


def stream(graph: Graph, samples: int) -> dict[str, np.ndarray]:
    generator, found = np.random.default_rng(samples), {}
    for port in graph.inputs:
        type = graph.type(port.tensor)
        size = (samples, *type.shape)
        found[port.name] = (
            generator.normal(0, 2, size).astype(np.float32)
            if type.dtype.is_float
            else generator.integers(-128, 127, size, endpoint=True).astype(type.dtype.numpy)
        )
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_state_is_updated_in_place(case):
    _, schedule, plan = planned(streaming(case))
    assert "copy" not in [step.op for step in schedule.steps]
    for slot in schedule.slots:
        assert slot.after != slot.buffer and plan.placements[slot.after] == plan.placements[slot.buffer]
        assert plan.placements[slot.after].region == STATE


def test_an_old_value_that_is_wanted_later_is_not_overwritten():
    _, schedule, _ = planned(streaming(CASES[0], keep_old=True))
    assert [step.op for step in schedule.steps] == ["svdf", "copy", "copy"]


def test_another_buffer_over_the_old_value_is_found():
    """The check itself: only the output that may lie over an input may have its bytes."""
    _, schedule, plan = planned(streaming(CASES[0]))
    (step,) = schedule.steps
    args = tuple(replace(a, over=None) if isinstance(a, Buffer) else a for a in step.args)
    with pytest.raises(InternalError, match="overwritten"):
        check.plan(replace(schedule, steps=(replace(step, args=args),)), plan)


@pytest.mark.parametrize("target", ["host", "cortex-m4"])
def test_streams(target: str, tmp_path: Path):
    graphs = [streaming(case, keep) for case in CASES for keep in (False, True)]
    assert len(graphs) == 26
    streams = [stream(graph, 7) for graph in graphs]
    for graph, given, result in zip(graphs, streams, run(graphs, streams, tmp_path, target), strict=True):
        for name, want in by_reference(graph, given).items():
            got = result.outputs[name].reshape(want.shape)
            if want.dtype.kind == "f":
                np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5, err_msg=f"{graph.name} {name}")
            else:
                np.testing.assert_array_equal(got, want, err_msg=f"{graph.name} {name}")


@pytest.mark.parametrize("op", [op for op in ops.all_ops().values() if op.updates], ids=lambda op: op.name)
def test_an_updated_output_has_its_inputs_type(op):
    for case in all_cases()[op.name]:
        (node,) = case.graph.nodes
        for i, o in op.updates:
            assert case.graph.type(node.inputs[i]) == case.graph.type(node.outputs[o])
