"""Constants in every spelling, and exporters' shape arithmetic, which must vanish during the import."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.frontends.build import FLOAT, agrees, model, node, noise, ops_of, read

I64 = np.int64


@pytest.mark.parametrize(
    "attributes",
    [
        {"value": numpy_helper.from_array(noise(4))},
        {"value": helper.make_tensor("t", TensorProto.FLOAT, (4,), [1.0, 2.0, 3.0, 4.0])},
        {"value_float": 2.5},
        {"value_floats": [1.0, 2.0, 3.0, 4.0]},
    ],
    ids=["raw", "typed", "float", "floats"],
)
def test_every_form_of_constant(attributes, tmp_path):
    proto = model(node("Constant", "", "c", **attributes), node("Add", "x c"))
    assert ops_of(agrees(proto, tmp_path)) == ["binary"]


@pytest.mark.parametrize("attributes", [{"value_ints": [4, 1]}, {"value_int": -1}], ids=str)
def test_integer_constants(attributes, tmp_path):
    nodes = [node("Constant", "", "c", **attributes)]
    if "value_int" in attributes:
        nodes.append(node("Unsqueeze", "c axes", "s"))
    shape = "s" if "value_int" in attributes else "c"
    proto = model(*nodes, node("Reshape", f"x {shape}"), constants={"axes": np.array([0], I64)})
    assert ops_of(agrees(proto, tmp_path)) == ["reshape"]


def test_flatten_as_exporters_spell_it(tmp_path):
    proto = model(
        node("Shape", "x", "shape"),
        node("Constant", "", "zero", value=helper.make_tensor("z", TensorProto.INT64, (), [0])),
        node("Gather", "shape zero", "batch", axis=0),
        node("Unsqueeze", "batch axes", "first"),
        node("Concat", "first rest", "target", axis=0),
        node("Reshape", "x target"),
        inputs={"x": (2, 3, 4)},
        constants={"axes": np.array([0], I64), "rest": np.array([-1], I64)},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["reshape"]


def test_arithmetic_slices_and_casts_on_shapes(tmp_path):
    proto = model(
        node("Shape", "x", "shape", start=1, end=3),
        node("Cast", "shape", "f", to=FLOAT),
        node("Div", "f two", "half"),
        node("Floor", "half", "low"),
        node("Cast", "low", "i", to=TensorProto.INT64),
        node("Mul", "i itwo", "back"),
        node("ReduceProd", "back", "count", keepdims=1),
        node("Size", "x", "size"),
        node("Unsqueeze", "size axes", "sizes"),
        node("Div", "sizes count", "rows"),
        node("Concat", "rows count", "target", axis=0),
        node("Reshape", "x target"),
        inputs={"x": (2, 4, 6)},
        constants={"two": np.float32(2), "itwo": np.array(2, I64), "axes": np.array([0], I64)},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["reshape"]


def test_shape_with_negative_ends(tmp_path):
    proto = model(
        node("Shape", "x", "tail", start=-2),
        node("Shape", "x", "head", end=-2),
        node("Concat", "tail head", "target", axis=0),
        node("Reshape", "x target"),
        inputs={"x": (2, 3, 4)},
    )
    agrees(proto, tmp_path)


def test_constants_that_are_made(tmp_path):
    fill = helper.make_tensor("v", TensorProto.FLOAT, (1,), [2.0])
    proto = model(
        node("ConstantOfShape", "four", "c", value=fill),
        node("Range", "start stop step", "r"),
        node("Cast", "r", "rf", to=FLOAT),
        node("Add", "c rf", "sum"),
        node("Tile", "one times", "tiled"),
        node("Expand", "one four", "wide"),
        node("Where", "mask tiled wide", "some"),
        node("Mul", "sum some", "factor"),
        node("Mul", "x factor"),
        constants={
            "four": np.array([4], I64),
            "start": np.array(0, I64),
            "stop": np.array(8, I64),
            "step": np.array(2, I64),
            "one": np.array([3], np.float32),
            "times": np.array([4], I64),
            "mask": np.array([True, False, True, False]),
        },
    )
    assert ops_of(agrees(proto, tmp_path)) == ["binary"]


def test_split_constants_have_several_outputs(tmp_path):
    proto = model(
        node("Split", "c", "a b", axis=0),
        node("Add", "x b", "s"),
        node("Mul", "s a"),
        constants={"c": noise(2, 4)},
        opset=11,
    )
    assert ops_of(agrees(proto, tmp_path)) == ["binary", "binary"]


def test_half_precision_weights_that_are_cast(tmp_path):
    proto = model(
        node("Cast", "h", "w", to=FLOAT), node("MatMul", "x w"), constants={"h": noise(4, 3).astype(np.float16)}
    )
    graph = agrees(proto, tmp_path)
    assert ops_of(graph) == ["matmul"]


def test_double_constants_that_are_cast(tmp_path):
    proto = model(node("Cast", "d", "w", to=FLOAT), node("Add", "x w"), constants={"d": noise(4).astype(np.float64)})
    assert ops_of(agrees(proto, tmp_path)) == ["binary"]


def test_arithmetic_on_weights(tmp_path):
    proto = model(
        node("Transpose", "w", "t"),
        node("Mul", "t half", "u"),
        node("MatMul", "x u"),
        constants={"w": noise(3, 4), "half": np.float32(0.5)},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["matmul"]


def test_dead_nodes_are_not_imported(tmp_path):
    proto = model(node("Relu", "x"), node("Erf", "x", "unused"), node("NoSuchOperator", "unused", "neither"))
    assert ops_of(read(proto, tmp_path)) == ["unary"]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.float16, np.float64, np.int16, np.uint16])
@pytest.mark.parametrize("raw", [True, False])
def test_every_type_of_initializer_is_read(dtype, raw, tmp_path):
    values = np.array([1, 2, 3, 100], dtype)
    elem = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    proto = model(node("Cast", "c", "f", to=FLOAT), node("Add", "x f"))
    proto.graph.initializer.append(
        numpy_helper.from_array(values, "c") if raw else helper.make_tensor("c", elem, (4,), values)
    )
    agrees(proto, tmp_path)


def test_shapes_chosen_by_comparisons_and_places(tmp_path):
    """Expand as PyTorch writes it: -1 keeps an extent (Equal, Where); the places of what is not 0 make a Slice's ends."""
    proto = model(
        node("Shape", "x", "all"), node("Shape", "x", "last", start=-1),
        node("ConstantOfShape", "three", "ones", value=helper.make_tensor("v", TensorProto.INT64, [1], [1])),
        node("Mul", "ones minus", "holes"), node("Equal", "wanted holes", "open"), node("Where", "open ones wanted", "target"),
        node("Unsqueeze", "x zero", "wide"), node("Expand", "wide target", "grown"),
        node("Gather", "all rows", "height", axis=0), node("Range", "from height step", "range"),
        node("NonZero", "range", "places"), node("Squeeze", "places zero", "flat"), node("Gather", "flat rows", "end"),
        node("Unsqueeze", "end zero", "ends"), node("Slice", "grown zero ends one", "part"),
        node("Concat", "kept minus_list last", "new", axis=0), node("Reshape", "part new", "y"),
        inputs={"x": (3, 4)},
        constants={
            "three": np.array([3]), "minus": np.array(-1), "wanted": np.array([2, -1, -1]), "zero": np.array([0]),
            "one": np.array([1]), "rows": np.array(0), "from": np.array(0), "step": np.array(1), "kept": np.array([0]),
            "minus_list": np.array([-1]),
        },
    )  # fmt: skip
    assert set(ops_of(agrees(proto, tmp_path))) <= {"reshape", "expand", "slice"}


def test_an_initializer_listed_as_an_input_is_a_constant(tmp_path):
    proto = model(node("Add", "x c"), inputs={"x": (1, 4), "c": (4,)}, constants={"c": noise(4)})
    graph = read(proto, tmp_path)
    assert [port.name for port in graph.inputs] == ["x"]
    assert isinstance(proto, onnx.ModelProto)
