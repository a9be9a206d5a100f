"""Random branchy networks: their plans pass the check, and their C computes what the reference says."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import check, reference

from tests.emit import hosted
from tests.emit.networks import random_inputs
from tests.planner.networks import network


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_plans_of_random_networks_pass_the_check(first):
    for seed in range(first, first + 20):
        graph = network(seed)
        check.graph(graph)
        made = hosted.stages(graph)
        assert made.plan.arena_bytes >= made.plan.lower_bound


@pytest.mark.parametrize("seed", (5, 16, 23, 94))
def test_the_c_of_random_networks(seed, tmp_path):
    graph = network(seed)
    made = hosted.stages(graph)
    inputs = random_inputs(graph)
    found = hosted.run(hosted.build(made.tree, tmp_path), made, inputs, runs=2)
    for name, wanted in reference.run(graph, inputs).items():
        if wanted.dtype == np.int8:
            assert np.array_equal(found[name], wanted)
        else:
            np.testing.assert_allclose(found[name], wanted, rtol=1e-4, atol=1e-4)


def test_the_networks_have_what_they_should():
    """Seeds are of use only while they lead everywhere: operators, branches, ports, copies that are not needed."""
    drawn = [network(seed) for seed in range(60)]
    operators = {node.op for graph in drawn for node in graph.nodes}
    assert operators >= {
        "conv2d", "dwconv2d", "pool2d", "binary", "unary", "concat", "slice", "pad", "reduce", "reshape", "dense",
        "quantize", "dequantize", "softmax"
    }  # fmt: skip
    assert sum(any(len(readers) > 2 for readers in graph.consumers.values()) for graph in drawn) > 20
    assert any(len(graph.inputs) > 1 for graph in drawn) and any(len(graph.outputs) > 2 for graph in drawn)
    schedules = [hosted.stages(graph).schedule for graph in drawn[:20]]
    assert any(view.offset for schedule in schedules for view in schedule.views.values())


def test_equal_seeds_give_equal_networks():
    one, other = network(3), network(3)
    assert [(n.op, n.inputs, n.attrs) for n in one.nodes] == [(n.op, n.inputs, n.attrs) for n in other.nodes]
    assert all(np.array_equal(one.tensors[name].data, other.tensors[name].data) for name in one.tensors)
