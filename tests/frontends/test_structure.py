"""What the import does with a model as a whole: order, names, functions, files of weights, dynamic dimensions."""

from __future__ import annotations

import itertools
import os

import numpy as np
import onnx
import pytest
from barecast import frontends, reference
from barecast.errors import ModelError, UsageError
from onnx import helper, numpy_helper

from tests.frontends.build import FLOAT, agrees, expected, model, node, noise, ops_of, read, save


def test_unsorted_nodes_are_sorted(tmp_path):
    nodes = [node("Sigmoid", "b", "y"), node("Tanh", "a", "b"), node("Relu", "x", "a")]
    graph = read(model(*nodes), tmp_path)
    assert [n.attrs.kind for n in graph.nodes] == ["clamp", "tanh", "sigmoid"]
    # onnxruntime refuses them as they are
    want = expected(model(*reversed(nodes)), {"x": noise(1, 4)})
    np.testing.assert_allclose(reference.run(graph, {"x": noise(1, 4)})["y"], want["y"], rtol=1e-6)


def test_sorted_nodes_keep_their_order(tmp_path):
    nodes = [node(op, "x", out) for op, out in (("Tanh", "d"), ("Relu", "c"), ("Sigmoid", "b"))]
    graph = read(model(*nodes, node("Add", "b c", "e"), node("Add", "d e")), tmp_path)
    assert [n.source for n in graph.nodes] == [("d",), ("c",), ("b",), ("e",), ("y",)]


def test_sources_and_ports_have_the_models_names(tmp_path):
    proto = model(
        node("Conv", "in/put w", "c", name="block/conv:0"),
        node("Relu", "c", "out:put"),
        inputs={"in/put": (1, 1, 4, 4)},
        outputs={"out:put": FLOAT},
        constants={"w": noise(2, 1, 3, 3)},
    )
    graph = agrees(proto, tmp_path)
    assert [p.name for p in (*graph.inputs, *graph.outputs)] == ["in/put", "out:put"]
    assert {n.source for n in graph.nodes} == {("block/conv:0",), ("out:put",)}
    assert graph.name == "m"


def test_any_string_is_a_name(tmp_path):
    names = ['"; rm -rf *', "../../x", "\n*/ int main", "é中\u202e", " "]
    nodes = [helper.make_node("Relu", [a], [b], name=a) for a, b in itertools.pairwise(names)]
    graph = agrees(model(*nodes, inputs={names[0]: (1, 4)}, outputs={names[-1]: FLOAT}), tmp_path)
    assert graph.inputs[0].name == names[0] and graph.outputs[0].name == names[-1]


def test_functions_are_inlined(tmp_path):
    function = helper.make_function(
        "own",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Add", ["a", "a"], ["c"]), helper.make_node("Relu", ["c"], ["b"])],
        [helper.make_opsetid("", 17)],
    )
    proto = model(node("Twice", "x", "t", domain="own"), node("Twice", "t", domain="own"), functions=[function])
    proto.opset_import.append(helper.make_opsetid("own", 1))
    assert ops_of(agrees(proto, tmp_path)) == ["binary", "unary", "binary", "unary"]


def test_functions_in_functions_hand_attributes_on(tmp_path):
    """Two levels: the outer one's attribute is the inner one's, one default is taken and one overruled."""

    def handed_on(made: onnx.NodeProto, attribute: str, name: str) -> onnx.NodeProto:
        made.attribute.add(name=attribute, ref_attr_name=name, type=onnx.AttributeProto.FLOAT)
        return made

    leaky = handed_on(helper.make_node("LeakyRelu", ["a"], ["b"]), "alpha", "slope")
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    inner = helper.make_function(
        "own", "Inner", ["a"], ["b"], [leaky], opsets, attribute_protos=[helper.make_attribute("slope", 0.25)]
    )
    call = handed_on(helper.make_node("Inner", ["c"], ["d"], domain="own"), "slope", "steep")
    plain = helper.make_node("Inner", ["d"], ["e"], domain="own")
    outer = helper.make_function("own", "Outer", ["c"], ["e"], [call, plain], opsets, ["steep"])
    proto = model(node("Outer", "x", "t", domain="own", steep=0.75), node("Relu", "t"), functions=[inner, outer])
    proto.opset_import.append(helper.make_opsetid("own", 1))
    graph = agrees(proto, tmp_path)
    assert ops_of(graph) == ["unary", "unary", "unary"]


@pytest.mark.parametrize("mutual", [True, False])
def test_functions_that_call_themselves(mutual, tmp_path):
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    calls = {"F": "G", "G": "F"} if mutual else {"F": "F"}
    functions = [
        helper.make_function("own", name, ["a"], ["b"], [helper.make_node(other, ["a"], ["b"], domain="own")], opsets)
        for name, other in calls.items()
    ]
    proto = model(node("F", "x", domain="own"), functions=functions)
    proto.opset_import.append(helper.make_opsetid("own", 1))
    with pytest.raises(ModelError, match="calls itself"):
        read(proto, tmp_path)


def test_functions_that_grow_without_measure(tmp_path):
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    functions = [
        helper.make_function(
            "own",
            f"F{i}",
            ["a"],
            ["b"],
            [
                helper.make_node(f"F{i + 1}", ["a"], ["m"], domain="own"),
                helper.make_node(f"F{i + 1}", ["m"], ["b"], domain="own"),
            ],
            opsets,
        )
        for i in range(40)
    ]
    functions.append(helper.make_function("own", "F40", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], opsets))
    proto = model(node("F0", "x", domain="own"), functions=functions)
    proto.opset_import.append(helper.make_opsetid("own", 1))
    with pytest.raises(ModelError, match="more than 1000000 nodes"):
        read(proto, tmp_path)


def _with_external_data(folder, location="weights.bin", **entries):
    values = noise(4)
    proto = model(node("Add", "x c"))
    tensor = numpy_helper.from_array(values, "c")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "8", "length": "16", **entries}.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    proto.graph.initializer.append(tensor)
    (folder / "weights.bin").write_bytes(b"\0" * 8 + values.tobytes())
    return proto, values


@pytest.mark.parametrize("location", ["weights.bin", "./weights.bin", "sub/deeper/weights.bin"])
def test_weights_in_a_file_beside_the_model_or_below(location, tmp_path):
    proto, values = _with_external_data(tmp_path, location)
    if "sub" in location:
        (tmp_path / "sub/deeper").mkdir(parents=True)
        (tmp_path / "weights.bin").rename(tmp_path / location)
    graph = read(proto, tmp_path)
    assert (graph.tensors["c"].data == values).all()


@pytest.mark.parametrize(
    ("location", "entries", "reason"),
    [
        ("../weights.bin", {}, "outside"),
        ("/etc/passwd", {}, "outside"),
        ("sub/../weights.bin", {}, "outside"),
        ("sub/../../weights.bin", {}, "outside"),
        ("sub//weights.bin", {}, "outside"),
        ("weights.bin/", {}, "outside"),
        ("sub\\weights.bin", {}, "outside"),
        ("C:weights.bin", {}, "outside"),
        ("..", {}, "outside"),
        (".", {}, "outside"),
        ("sub", {}, "cannot be read: Is a directory"),
        ("sub/missing.bin", {}, "cannot be read"),
        ("weights.bin/x", {}, "cannot be read"),
        ("sub/link.bin", {}, "cannot be read"),
        ("away/weights.bin", {}, "cannot be read"),
        ("sub/here/weights.bin", {}, "cannot be read"),
        ("", {}, "outside"),
        ("a\0b", {}, "outside"),
        ("link.bin", {}, "cannot be read"),
        ("missing.bin", {}, "cannot be read"),
        ("pipe", {}, "not a regular file"),
        ("hard.bin", {}, "hard links"),
        ("weights.bin", {"offset": str(2**70)}, "which has 24"),
        ("weights.bin", {"offset": "16"}, "which has 24"),
        ("weights.bin", {"offset": "-8"}, "which has 24"),
        ("weights.bin", {"offset": "x"}, "no number"),
        ("weights.bin", {"length": "12"}, "12 bytes"),
    ],
)
def test_files_of_weights_that_are_refused(location, entries, reason, tmp_path):
    (tmp_path / "link.bin").symlink_to(tmp_path / "weights.bin")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "twice").write_bytes(bytes(24))
    (tmp_path / "hard.bin").hardlink_to(tmp_path / "twice")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/link.bin").symlink_to("../weights.bin")
    (tmp_path / "sub/here").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "away").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/weights.bin").write_bytes(bytes(24))
    proto, _ = _with_external_data(tmp_path, location, **entries)
    with pytest.raises(ModelError, match=reason):
        read(proto, tmp_path)


def test_dynamic_dimensions_are_fixed_by_shapes(tmp_path):
    proto = model(
        node("Add", "x z"), inputs={"x": ("batch", 3, "size"), "z": ("batch", 1, "size")}, outputs={"y": FLOAT}
    )
    # one symbol stands for one number in every input
    graph = agrees(proto, tmp_path, x=(2, 3, 8))
    assert [graph.type(p.tensor).shape for p in graph.inputs] == [(2, 3, 8), (2, 1, 8)]


def test_an_input_of_unknown_rank(tmp_path):
    proto = model(node("Relu", "x"))
    proto.graph.input[0].type.tensor_type.ClearField("shape")
    agrees(proto, tmp_path, x=(2, 5))


@pytest.mark.parametrize("dims", [("N", 3, 8, 8), (None, 3, 8, 8), (0, 3, 8, 8), (-1, 3, 8, 8)])
def test_the_remedy_for_an_open_batch_can_be_pasted(dims, tmp_path):
    with pytest.raises(UsageError, match=r"give --shape x=1,3,8,8 "):
        read(model(node("Relu", "x"), inputs={"x": dims}), tmp_path)


def test_suffixes_are_the_modules():
    assert ".onnx" in frontends.suffixes()


def test_the_suffix_may_be_in_capitals(tmp_path):
    assert ops_of(frontends.read(save(model(node("Relu", "x")), tmp_path, "M.ONNX"))) == ["unary"]
