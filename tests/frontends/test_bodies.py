"""Graphs inside of nodes, and sequences: what is decided by shapes is decided during the import."""

from __future__ import annotations

import numpy as np
import pytest
from barecast.errors import ModelError, UnsupportedError
from onnx import helper

from tests.frontends.build import FLOAT, agrees, model, node, ops_of, read


def graph(*nodes, outputs="y", inputs=(), constants=()):
    """A graph for the inside of a node; outputs are names with blanks between."""
    results = [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs.split()]
    return helper.make_graph(list(nodes), "inside", list(inputs), results, list(constants))


def squeeze_if():
    """How PyTorch's older exporter spells squeeze(0) of an extent that it does not know."""
    yes = graph(node("Constant", "", "a", value_ints=[0]), node("Squeeze", "x a", "r"), outputs="r")
    no = graph(node("Identity", "x", "r"), outputs="r")
    nodes = (
        node("Shape", "x", "s"),
        node("Constant", "", "zero", value_int=0),
        node("Gather", "s zero", "d"),
        node("Constant", "", "one", value_int=1),
        node("Equal", "d one", "c"),
        node("If", "c", "t", then_branch=yes, else_branch=no),
        node("Relu", "t"),
    )
    return model(*nodes, inputs={"x": ("batch", 4)})


@pytest.mark.parametrize("extent", [1, 3])
def test_a_condition_on_shapes_chooses_a_branch(extent, tmp_path):
    graph = agrees(squeeze_if(), tmp_path, x=(extent, 4))
    assert "unary" in ops_of(graph) and graph.type(graph.outputs[0].tensor).shape == ((4,) if extent == 1 else (3, 4))


def test_two_branches_may_use_the_same_names(tmp_path):
    weight = helper.make_tensor("w", FLOAT, (4,), [1.0, 2.0, 3.0, 4.0])
    other = helper.make_tensor("w", FLOAT, (4,), [5.0, 6.0, 7.0, 8.0])
    first = graph(node("Mul", "x w", "r"), outputs="r", constants=[weight])
    second = graph(node("Mul", "a w", "r"), outputs="r", constants=[other])
    nodes = (
        node("If", "c", "a", then_branch=first, else_branch=first),
        node("If", "c", "y", then_branch=second, else_branch=second),
    )
    proto = model(*nodes, constants={"c": np.array(True)})
    assert ops_of(agrees(proto, tmp_path)) == ["binary", "binary"]


def test_branches_in_branches_see_what_is_around_them(tmp_path):
    inner = graph(node("Add", "m x", "r"), outputs="r")
    outer = graph(node("Neg", "x", "m"), node("If", "c", "q", then_branch=inner, else_branch=inner), outputs="q")
    proto = model(node("If", "c", then_branch=outer, else_branch=outer), constants={"c": np.array(False)})
    assert ops_of(agrees(proto, tmp_path)) == ["unary", "binary"]


def test_what_only_a_branch_reads_is_not_dropped_and_comes_first(tmp_path):
    branch = graph(node("Add", "m x", "r"), outputs="r")
    nodes = (node("If", "c", then_branch=branch, else_branch=branch), node("Neg", "x", "m"))
    held = read(model(*nodes, constants={"c": np.array(True)}), tmp_path)
    assert ops_of(held) == ["unary", "binary"]


def test_what_is_wrong_in_a_branch_is_told_by_name(tmp_path):
    branch = graph(node("Hardmax", "x", "r", name="inside"), outputs="r")
    with pytest.raises(UnsupportedError, match='Hardmax "inside": is not supported'):
        read(model(node("If", "c", then_branch=branch, else_branch=branch), constants={"c": np.array(True)}), tmp_path)


def test_a_branch_with_too_few_outputs(tmp_path):
    branch = graph(node("Relu", "x", "r"), outputs="r")
    nodes = (node("If", "c", "y z", then_branch=branch, else_branch=branch),)
    with pytest.raises(ModelError, match="another number of outputs"):
        read(model(*nodes, constants={"c": np.array(True)}), tmp_path)


def test_sequences_leave_nothing_at_run_time(tmp_path):
    proto = model(
        node("Relu", "x", "r"),
        node("SequenceConstruct", "x r", "s"),
        node("SequenceInsert", "s x", "t"),
        node("SequenceLength", "t", "n"),
        node("Cast", "n", "f", to=FLOAT),
        node("ConcatFromSequence", "t", "j", axis=-1),
        node("SequenceAt", "s last", "e"),
        node("ReduceSum", "e", "k", keepdims=1),
        node("Mul", "j f", "p"),
        node("Add", "p k"),
        constants={"last": np.array(-1)},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["unary", "concat", "reduce", "binary", "binary"]


@pytest.mark.parametrize("keepdims", [0, 1])
def test_a_tensor_split_into_a_sequence_and_joined_again(keepdims, tmp_path):
    proto = model(
        node("SplitToSequence", "x", "s", axis=1, keepdims=keepdims),
        node("ConcatFromSequence", "s", axis=1, new_axis=1 - keepdims),
        inputs={"x": (2, 3, 4)},
    )
    agrees(proto, tmp_path)


def test_parts_of_one_length_with_a_shorter_one_at_the_end(tmp_path):
    proto = model(
        node("SplitToSequence", "x two", "s", axis=1),
        node("SequenceAt", "s at"),
        inputs={"x": (2, 5)},
        constants={"two": np.array(2), "at": np.array(2)},
    )
    graph = agrees(proto, tmp_path)
    assert graph.type(graph.outputs[0].tensor).shape == (2, 1)


def test_a_graph_for_each_element_of_a_sequence(tmp_path):
    value = helper.make_tensor_value_info("e", FLOAT, None)
    body = graph(node("Mul", "e f", "q"), outputs="q", inputs=[value])
    proto = model(
        node("Relu", "x", "r"),
        node("SequenceConstruct", "x r", "s"),
        node("SequenceMap", "s", "t", body=body),
        node("ConcatFromSequence", "t", axis=0),
        constants={"f": 2.0},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["unary", "binary", "binary", "concat"]


@pytest.mark.parametrize("place", [2, -3])
def test_a_place_beyond_a_sequence(place, tmp_path):
    nodes = node("SequenceConstruct", "x x", "s"), node("SequenceAt", "s at")
    with pytest.raises(ModelError, match="does not lie in a sequence of 2"):
        read(model(*nodes, constants={"at": np.array(place)}), tmp_path)


@pytest.mark.parametrize("opset", [11, 12])
def test_shape_arithmetic_is_done_as_the_models_opset_has_it(opset, tmp_path):
    """Before opset 13 axes are attributes; the newest definition knows none."""
    proto = model(
        node("Shape", "x", "s"),
        node("Gather", "s zero", "d"),
        node("Unsqueeze", "d", "u", axes=[0]),
        node("Concat", "u rest", "target", axis=0),
        node("Reshape", "x target"),
        inputs={"x": ("batch", 2, 3)},
        constants={"zero": np.array(0), "rest": np.array([-1])},
        opset=opset,
    )
    assert ops_of(agrees(proto, tmp_path, x=(2, 2, 3))) == ["reshape"]


def test_a_cast_to_the_type_of_something_that_is_computed(tmp_path):
    proto = model(
        node("CastLike", "half x", "h"),
        node("Mul", "x h", "m"),
        node("CastLike", "m x"),
        constants={"half": np.array(0.5, np.float64)},
        inputs={"x": (1, 4)},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["binary"]
