"""Random networks that nobody picked, quantised by onnxruntime's tool in random ways (tests/fuzz).

Each layer gets onnxruntime's own inputs, so that a difference is one of that layer. A longer
run: python -m tests.fuzz --count 1000 --c (docs/numerics.md has its results).
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.fuzz import agreement, measure, networks

SEEDS = range(30)
ROOM = 3
"""Elements that may differ by 1 in one small network: one wrong entry of a 256-entry table can be hit a few times."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quantised_network_is_onnxruntimes(seed, tmp_path):
    case = measure.case(seed, tmp_path, samples=2)
    graph = agreement.graph_of(case.quantised, tmp_path / "network.onnx")
    assert not measure.floats_left(case, graph), f"complete patterns stay in floats ({case.flavour})"
    gaps = measure.layer_gaps(case, tmp_path, (True,))[True]
    assert max(g.largest for g in gaps) <= 1, [g for g in gaps if g.largest > 1]
    differing, elements = sum(g.differing for g in gaps), sum(g.elements for g in gaps)
    assert elements > 100 and differing <= max(ROOM, elements // 10_000), [g for g in gaps if g.differing]
    assert measure.generated_c(case.quantised, case.samples, tmp_path / "network.onnx").passed


@pytest.mark.parametrize("seed", range(100, 116))
def test_a_float_network_is_onnxruntimes(seed, tmp_path):
    case = measure.case(seed, tmp_path, samples=2)
    assert measure.real_network(case, tmp_path).passed
    if seed % 4 == 0:
        assert measure.generated_c(case.real, case.samples, tmp_path / "real.onnx").passed


def test_differences_over_many_layers_are_fewer_than_one_in_twenty_thousand(tmp_path):
    differing = elements = 0
    for seed in range(200, 225):
        case = measure.case(seed, tmp_path, samples=1)
        for gap in measure.layer_gaps(case, tmp_path, (True,))[True]:
            differing, elements = differing + gap.differing, elements + gap.elements
    assert elements > 300_000 and differing <= elements // 20_000


def test_the_networks_have_what_they_should():
    """Seeds are of use only while they lead everywhere: operators, opsets, ports."""
    drawn = [networks.network(seed) for seed in SEEDS]
    operators = {node.op_type for model in drawn for node in model.graph.node}
    assert operators >= measure.FOLDED | {"Sub"}
    assert len({model.opset_import[0].version for model in drawn}) >= 7
    assert any(len(model.graph.input) > 1 for model in drawn) and any(len(model.graph.output) > 1 for model in drawn)
    assert np.any([len(i.type.tensor_type.shape.dim) == 3 for model in drawn for i in model.graph.input])


def test_equal_seeds_give_equal_networks():
    assert networks.network(5).SerializeToString() == networks.network(5).SerializeToString()
