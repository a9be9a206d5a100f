"""Models that are refused: DAMAGED are broken, UNSUPPORTED are not; name -> (model, what the error says)."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper

from tests.frontends.build import FLOAT, INT8, INT64, model, node, noise

I64 = np.int64
IMAGE = {"x": (1, 2, 6, 6)}
WEIGHT = {"w": noise(3, 2, 3, 3)}
HALF = {"s": np.float32(0.5), "z": np.int8(0)}


def conv(**attributes):
    return model(node("Conv", "x w", name="c1", **attributes), inputs=IMAGE, constants=WEIGHT)


def pool(op="MaxPool", **attributes):
    return model(node(op, "x", name="p1", **{"kernel_shape": [2, 2], **attributes}), inputs=IMAGE)


def one(op, inputs="x", *, shape=(1, 4), constants=None, opset=17, elem=FLOAT, result=FLOAT, **attributes):
    """One named node on one input."""
    return model(
        node(op, inputs, name="n1", **attributes),
        inputs={"x": (elem, shape)},
        outputs={"y": result},
        constants=constants or {},
        opset=opset,
    )


def with_initializer(**fields):
    """x + c, where c is a float tensor of 4 whose fields are overwritten."""
    proto = model(node("Add", "x c", name="n1"))
    tensor = proto.graph.initializer.add(name="c", data_type=FLOAT, dims=[4])
    tensor.raw_data = bytes(16)
    for name, value in fields.items():
        if isinstance(value, (list, tuple)):
            tensor.ClearField(name)
            getattr(tensor, name).extend(value)
        elif value is None:
            tensor.ClearField(name)
        else:
            setattr(tensor, name, value)
    return proto


def with_cast_initializer(elem):
    proto = model(node("Cast", "c", "d", to=FLOAT), node("Add", "x d"), opset=21)
    proto.graph.initializer.add(name="c", data_type=elem, dims=[4])
    return proto


def changed(proto, change):
    change(proto)
    return proto


def with_subgraph():
    branch = helper.make_graph([node("Relu", "x", "r")], "b", [], [helper.make_tensor_value_info("r", FLOAT, None)])
    return model(
        node("ReduceMax", "x", "m", keepdims=0),
        node("Greater", "m zero", "c"),
        node("If", "c", then_branch=branch, else_branch=branch),
        constants={"zero": 0.0},
    )


def with_sparse():
    values = helper.make_tensor("c", FLOAT, [1], [1.0])
    proto = model(node("Add", "x c"))
    proto.graph.sparse_initializer.append(
        helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [1], [0]), [4])
    )
    return proto


def quantised(op="QuantizeLinear", inputs="x s z", opset=21, constants=None, **more):
    return one(op, inputs, opset=opset, constants={**HALF, **(constants or {})}, result=more.pop("result", 0), **more)


def _axis(index, value):
    def change(proto):
        proto.graph.input[0].type.tensor_type.shape.dim[index].dim_value = value

    return change


def _stated_output(elem):
    def change(proto):
        proto.graph.output[0].type.tensor_type.elem_type = elem

    return change


def _not_a_tensor(kind):
    def change(proto):
        getattr(proto.graph.input[0].type, kind).elem_type.tensor_type.elem_type = FLOAT

    return change


def _attribute(**fields):
    def change(proto):
        proto.graph.node[0].attribute.append(AttributeProto(**fields))

    return change


DAMAGED = {
    # the file
    "empty": (b"", "file is empty"),
    "garbage": (b"this is no model at all, and long enough to look like one", "not ONNX"),
    "zeros": (bytes(1000), "not ONNX"),
    "cut off": (conv().SerializeToString()[:-20], "not ONNX"),
    "TFLite": (b"\x1c\0\0\0TFL3" + bytes(100), "not ONNX"),
    "no graph": (onnx.ModelProto(ir_version=8).SerializeToString(), "no ONNX graph"),
    "no opset": (changed(conv(), lambda p: p.ClearField("opset_import")), "no opset"),
    "two opsets": (changed(conv(), lambda p: p.opset_import.add(domain="ai.onnx", version=11)), "several opsets"),
    # the graph
    "no inputs": (changed(conv(), lambda p: p.graph.ClearField("input")), "comes from nowhere|no inputs"),
    "no outputs": (changed(conv(), lambda p: p.graph.ClearField("output")), "no outputs"),
    "cycle": (
        model(node("Add", "x b", "a", name="n1"), node("Relu", "a", "b"), node("Relu", "b")),
        '"n1": the graph has a cycle',
    ),
    "its own result": (model(node("Add", "x y", name="n1")), "cycle"),
    "tensor from nowhere": (model(node("Add", "x ghost", name="n1")), 'Add "n1": input "ghost" comes from nowhere'),
    "output from nowhere": (model(node("Relu", "x", "r")), 'output "y" comes from nowhere'),
    "produced twice": (
        model(node("Relu", "x", name="n1"), node("Tanh", "x", name="n2")),
        'Tanh "n2": tensor "y" is produced',
    ),
    "input overwritten": (model(node("Relu", "x", "x"), node("Relu", "x")), "produced twice"),
    "two inputs alike": (
        changed(conv(), lambda p: p.graph.input.append(p.graph.input[0])),
        'two inputs are called "x"',
    ),
    "two outputs alike": (changed(conv(), lambda p: p.graph.output.append(p.graph.output[0])), "two outputs"),
    "two initializers alike": (
        changed(conv(), lambda p: p.graph.initializer.append(p.graph.initializer[0])),
        "two init",
    ),
    "output of another type": (changed(one("Relu"), _stated_output(INT8)), 'output "y" is declared int8'),
    "name that is not UTF-8": (one("Relu").SerializeToString().replace(b"n1", b"\xff\xfe"), "not UTF-8"),
    # the constants
    "values missing": (with_initializer(raw_data=bytes(12)), 'Add "n1": tensor "c" holds 12 bytes.*need 16'),
    "values to spare": (with_initializer(raw_data=bytes(20)), "20 bytes"),
    "typed values missing": (with_initializer(raw_data=None, float_data=[1.0, 2.0]), "holds 2 values"),
    "values twice": (with_initializer(float_data=[1.0] * 4), "holds its values twice"),
    "values of another type": (with_initializer(raw_data=None, float_data=[1.0] * 4, int64_data=[1]), "another type"),
    "values out of range": (
        changed(
            one("DequantizeLinear", "q s z", constants=HALF),
            lambda p: p.graph.initializer.add(name="q", data_type=INT8, dims=[2]).int32_data.extend([1, 300]),
        ),
        "outside of int8",
    ),
    "negative extent": (with_initializer(dims=[-4]), "negative extent"),
    "huge initializer": (with_initializer(dims=[2**40, 2**40]), "elements, more than"),
    "two values in a Constant": (
        model(node("Constant", "", "c", value_int=1, value_float=1.0), node("Add", "x c")),
        "2 val",
    ),
    "no value in a Constant": (model(node("Constant", "", "c"), node("Add", "x c")), "0 values"),
    # the shape of a node
    "too few inputs": (one("Conv"), 'Conv "n1": has 1 inputs, it must have 2 to 3'),
    "too many inputs": (one("Relu", "x x"), "has 2 inputs, it must have 1"),
    "needed input absent": (one("Add", "x -"), "lacks its input B"),
    "absent among many": (one("Concat", "x - x", axis=0), "lacks its input inputs"),
    "needed attribute absent": (one("Concat"), "lacks the attribute axis"),
    "unknown attribute": (one("Relu", slope=1), "has an attribute slope, which"),
    "attribute of another opset": (one("ReduceMean", axes=[1], opset=18), "has an attribute axes"),
    "attribute of another kind": (one("Softmax", axis=1.5), "attribute axis is of kind float, it must be int"),
    "attribute twice": (
        changed(one("Softmax", axis=1), _attribute(name="axis", type=AttributeProto.INT, i=0)),
        "axis is given twice",
    ),
    "attribute of a function": (
        changed(one("Softmax"), _attribute(name="axis", type=AttributeProto.INT, ref_attr_name="a")),
        "refers to a function",
    ),
    "mixed types": (
        one("Add", "x c", constants={"c": noise(4).astype(np.float64)}),
        "input B is double while A is float",
    ),
    "type that the operator does not take": (one("Conv", "x x", elem=INT8), "int8, which this operator does not take"),
    # convolutions and pools
    "stride 0": (conv(strides=[0, 1]), r'Conv "c1": attribute strides is \[0, 1\]'),
    "dilation 0": (conv(dilations=[1, 0]), "attribute dilations"),
    "negative pad": (conv(pads=[0, 0, -1, 0]), "attribute pads"),
    "stride beyond 31 bits": (conv(strides=[2**40, 1]), "attribute strides"),
    "too few pads": (conv(pads=[1, 1]), "attribute pads has 2 values, it must have 4"),
    "group 0": (conv(group=0), "group 0"),
    "group that does not divide": (conv(group=2), "group 2 and weights"),
    "kernel_shape against weights": (conv(kernel_shape=[5, 5]), "contradicts the weights"),
    "auto_pad unknown": (conv(auto_pad="SAME"), 'auto_pad "SAME"'),
    "kernel over the input": (conv(dilations=[9, 9]), "larger than the padded input"),
    "weights of another rank": (one("Conv", "x w", shape=(1, 2, 6), constants=WEIGHT), "weights .* do not fit"),
    "bias of another length": (
        model(node("Conv", "x w b", name="c1"), inputs=IMAGE, constants={**WEIGHT, "b": noise(4)}),
        'Conv "c1": ',
    ),
    "pool kernel 0": (pool(kernel_shape=[0, 2]), "attribute kernel_shape"),
    "ceil_mode 2": (pool(ceil_mode=2), "ceil_mode is 2"),
    # other operators
    "shapes that do not broadcast": (one("Add", "x c", constants={"c": noise(3)}), 'Add "n1": '),
    "MatMul that does not fit": (one("MatMul", "x c", constants={"c": noise(3, 4)}), 'MatMul "n1": '),
    "Gemm of three axes": (one("Gemm", "x c", shape=(1, 2, 4), constants={"c": noise(4, 4)}), "two axes"),
    "Gemm whose C widens": (one("Gemm", "x c d", constants={"c": noise(4, 4), "d": noise(3, 4)}), "does not broadcast"),
    "Reshape to another size": (
        one("Reshape", "x c", constants={"c": np.array([3, -1], I64)}),
        r"cannot turn \[1, 4\]",
    ),
    "Reshape with two -1": (one("Reshape", "x c", constants={"c": np.array([-1, -1], I64)}), "not valid"),
    "Reshape with -2": (one("Reshape", "x c", constants={"c": np.array([-2, 2], I64)}), "not valid"),
    "Reshape that keeps what is not": (
        one("Reshape", "x c", constants={"c": np.array([1, 4, 0], I64)}),
        "keeps an axis",
    ),
    "Transpose that is none": (one("Transpose", perm=[0, 0]), "perm"),
    "Squeeze of a wide axis": (one("Squeeze", "x c", constants={"c": np.array([1], I64)}), "not of extent 1"),
    "Unsqueeze twice": (one("Unsqueeze", "x c", constants={"c": np.array([0, 0], I64)}), "name an axis twice"),
    "axis out of range": (one("Softmax", axis=2), "axis 2 does not exist"),
    "Concat that does not join": (one("Concat", "x c", axis=0, constants={"c": noise(1, 3)}), 'Concat "n1": '),
    "too few Pad amounts": (one("Pad", "x c", constants={"c": np.array([1, 2], I64)}), "has 2 pads for 2 axes"),
    "Pad axes twice": (
        one("Pad", "x c - a", opset=18, constants={"c": np.zeros(4, I64), "a": np.array([1, 1], I64)}),
        "an axis twice",
    ),
    "Clip bounds that are lists": (one("Clip", "x c", constants={"c": noise(2)}), "min has 2 values"),
    "Clip by NaN": (one("Clip", "x c", constants={"c": np.float32(np.nan)}), r"not finite \(nan\)"),
    "BatchNormalization parameters": (
        one("BatchNormalization", "x c c c c", constants={"c": noise(3)}),
        r"scale has shape \[3\], the input has 4",
    ),
    "negative variance": (
        one("BatchNormalization", "x c c c c", constants={"c": -np.ones(4, np.float32)}),
        "not finite",
    ),
    "constants that do not fit": (
        model(node("Add", "a b", "c", name="n1"), node("Add", "x c"), constants={"a": noise(2), "b": noise(3)}),
        'Add "n1": its constant inputs do not fit',
    ),
    "constants that cannot be computed": (
        model(
            node("Gather", "a b", "c", name="n1"),
            node("Add", "x c"),
            constants={"a": noise(4), "b": np.array([9], I64)},
        ),
        "cannot be computed",
    ),
    # quantisation
    "scale 0": (quantised(constants={"s": np.float32(0)}), "not between 0"),
    "scale NaN": (quantised(constants={"s": np.float32(np.nan)}), r"not finite \(nan\)"),
    "scales and zero points": (quantised(constants={"s": noise(4) ** 2 + 1}), "4 scales and 1 zero points"),
    "scales for another extent": (
        quantised(constants={"s": noise(3) ** 2 + 1, "z": np.zeros(3, np.int8)}),
        "3 scales for axis 1",
    ),
    "output_dtype against zero point": (quantised(output_dtype=TensorProto.UINT8), "contradicts the zero point"),
    "zero point of a bias": (
        one("DequantizeLinear", "q s t", constants={**HALF, "q": np.array([1], np.int32), "t": np.int32(1)}),
        "int32 input with a zero point",
    ),
}

UNSUPPORTED = {
    "old opset": (one("Relu", opset=10), "opset 10"),
    "future opset": (one("Relu", opset=1000), "newer than the installed onnx"),
    "future IR": (changed(one("Relu"), lambda p: setattr(p, "ir_version", 1000)), "newer"),
    "unknown operator": (one("Hardmax"), 'Hardmax "n1": is not supported'),
    "no such operator": (one("Relux"), 'Relux "n1": is not an operator of the model\'s opset'),
    "unnamed node": (model(node("Hardmax", "x")), 'Hardmax "y": is not supported'),
    "unknown domain": (
        changed(one("Relu"), lambda p: setattr(p.graph.node[0], "domain", "com.acme")),
        'domain "com.acme"',
    ),
    "control flow": (with_subgraph(), "control flow"),
    "sparse weights": (with_sparse(), "sparse"),
    "sequence": (changed(one("Relu"), _not_a_tensor("sequence_type")), "is a sequence"),
    "optional": (changed(one("Relu"), _not_a_tensor("optional_type")), "is a optional"),
    "half-precision input": (one("Relu", elem=TensorProto.FLOAT16), 'input "x" is float16'),
    "double input": (one("Relu", elem=TensorProto.DOUBLE), 'input "x" is double'),
    "integer input": (one("Relu", elem=INT64), 'input "x" is int64'),
    "float8 constant": (with_cast_initializer(TensorProto.FLOAT8E4M3FN), 'tensor "c" holds float8e4m3fn'),
    "int4 constant": (
        changed(
            quantised("DequantizeLinear", "q s"),
            lambda p: p.graph.initializer.add(name="q", data_type=TensorProto.INT4, dims=[2]).int32_data.append(1),
        ),
        "works on int4",
    ),
    "string constant": (with_cast_initializer(TensorProto.STRING), 'tensor "c" holds string'),
    "string in a Constant": (
        model(node("Constant", "", "c", value_string="1"), node("Cast", "c", "d", to=FLOAT), node("Add", "x d")),
        "has a value_string",
    ),
    "blocked quantisation": (quantised(block_size=2), "in blocks"),
    "quantised to int16": (quantised("QuantizeLinear", "x s", output_dtype=TensorProto.INT16), "quantises to int16"),
    "dequantised to half": (
        quantised("DequantizeLinear", "q s", opset=25, constants={"q": np.int8([1])}, output_dtype=TensorProto.FLOAT16),
        "gives float16",
    ),
    "scale at run time": (
        model(node("QuantizeLinear", "x t z"), inputs={"x": (1, 4), "t": ()}, outputs={"y": INT8}, constants=HALF),
        "y_scale is computed at run time",
    ),
    "arithmetic on integers": (one("Add", "x x", elem=INT8, result=INT8), "works on int8"),
    "3-D convolution": (
        model(node("Conv", "x w"), inputs={"x": (1, 2, 6, 6, 6)}, constants={"w": noise(3, 2, 3, 3, 3)}),
        "5 axes",
    ),
    "indices of MaxPool": (
        model(node("MaxPool", "x", "y i", kernel_shape=[2, 2]), inputs=IMAGE, outputs={"y": FLOAT, "i": INT64}),
        'its output "i" is used',
    ),
    "pads that reach the kernel": (pool(pads=[2, 2, 2, 2]), "reach the kernel"),
    "pads that make a huge image": (conv(pads=[2**23] * 4, strides=[2**23, 2**23]), "which is too large"),
    "pads beyond 32 bits": (conv(pads=[0, 0, 2**31 - 1, 2], strides=[2**31 - 1, 1]), "which is too large"),
    "SAME pads of far taps": (conv(dilations=[2**30, 1], auto_pad="SAME_UPPER"), "which is too large"),
    "pool of endless windows": (pool(kernel_shape=[2**23, 2], pads=[2**22, 0, 2**22, 0]), "too many taps"),
    "reflecting Pad": (one("Pad", "x c", mode="reflect", constants={"c": np.array([0, 9, 0, 1], I64)}), "pads 4 elements by 9"),
    "cropping Pad": (one("Pad", "x c", constants={"c": np.array([0, -3, 0, -1], I64)}), "crops"),
    "Reshape at run time": (
        model(node("Cast", "x", "i", to=INT64), node("Reshape", "x i")),
        "is computed at run time",
    ),
    "Clip bound at run time": (model(node("Clip", "x x")), "min is computed at run time"),
    "training": (
        one("BatchNormalization", "x c c c c", training_mode=1, constants={"c": np.ones(4, np.float32)}),
        "training",
    ),
    "Dropout in training": (
        one("Dropout", "x r t", constants={"r": np.float32(0.5), "t": np.array(True)}),
        "training mode",
    ),
    "output that is constant": (
        model(node("Identity", "c"), constants={"c": noise(3)}),
        "does not depend on any input",
    ),
    "huge result": (one("Pad", "x c", constants={"c": np.array([2**30, 2**30, 0, 0], I64)}), "elements; 1 to"),
    "huge constant": (
        model(node("ConstantOfShape", "c", "d"), node("Add", "x d"), constants={"c": np.array([2**20, 2**20], I64)}),
        "makes a constant of",
    ),
    "huge constant by broadcasting": (
        model(node("Add", "c d", "e"), node("Add", "x e"), constants={"c": noise(8192, 1), "d": noise(1, 8192)}),
        "makes a constant of",
    ),
    "operator on constants only": (model(node("NonZero", "x", name="n1")), "is not supported at run time"),
}
