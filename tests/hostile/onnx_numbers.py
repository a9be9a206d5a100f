"""ONNX models whose numbers and attributes are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper

from tests.frontends import bad_models
from tests.frontends.build import FLOAT, INT8, INT64, model, node, noise
from tests.hostile.cases import EITHER, GENERATED, REFUSED, Case

HUGE = (10**9, 2**31, 10**12, 2**32, 10**18, 2**62, 2**63 - 1)
I64 = np.int64


def cases(sound: Callable[[], onnx.ModelProto]) -> Iterator[Case]:
    """sound: makes the model that is changed."""
    yield from _extents(sound)
    yield from _parameters()
    yield from _attributes()
    yield from _scales()


def _extents(sound: Callable[[], onnx.ModelProto]) -> Iterator[Case]:
    """Extents, and counts of what is there."""

    def case(name: str, made: onnx.ModelProto, wanted: str = REFUSED) -> Case:
        return Case("extents", name, made.SerializeToString(), wanted)

    def extent(index: int, value: int) -> onnx.ModelProto:
        made = sound()
        made.graph.input[0].type.tensor_type.shape.dim[index].dim_value = value
        return made

    def weights(*dims: int) -> onnx.ModelProto:
        made = sound()
        made.graph.initializer[0].dims[:] = dims
        return made

    def reshaped(
        op: str, values: list[int], *, shape: tuple[int, ...] = (1, 4), **attributes: object
    ) -> onnx.ModelProto:
        return model(node(op, "x s", **attributes), inputs={"x": shape}, constants={"s": np.array(values, I64)})

    for value in (*HUGE, 0, -1, -(2**63), 2**31 - 1):
        for index in (0, 2):
            yield case(f"input extent {index} is {value}", extent(index, value))
        yield case(f"weights {value} wide", weights(value, 2, 3, 3))
        yield case(f"Reshape to {value}", reshaped("Reshape", [value, 4]), GENERATED if value in (0, -1) else REFUSED)
        yield case(f"Expand to {value}", reshaped("Expand", [value, 4]))
        yield case(f"Tile {value} times", reshaped("Tile", [value, 1]), EITHER if value == 1 else REFUSED)
        resize = node("Resize", "x - - s", mode="nearest")
        sizes = {"s": np.array([1, 1, value, 4], I64)}
        yield case(f"Resize to {value}", model(resize, inputs={"x": (1, 1, 4, 4)}, constants=sizes))
        yield case(f"ConstantOfShape {value}", model(
            node("ConstantOfShape", "s", "c"), node("Add", "x c"), constants={"s": np.array([value], I64)}
        ))  # fmt: skip
        yield case(
            f"Pad by {value}",
            reshaped("Pad", [0, value, 0, 0]),
            EITHER if abs(value) < 2 or value == 2**31 - 1 else REFUSED,
        )
        yield case(f"Range to {value}", model(
            node("Range", "a s b", "c"), node("Cast", "c", "d", to=FLOAT), node("Add", "x d"),
            constants={"a": np.array(0, I64), "s": np.array(value, I64), "b": np.array(1, I64)},
        ))  # fmt: skip
    yield case("a product of 2**64", weights(2**32, 2**32, 1, 1))
    yield case("a product that overflows to 54", weights(2**32, 2**32, 2, 27))
    yield case("a product of sixty extents", weights(*[2] * 60))
    yield case("a thousand extents of 1", weights(*[1] * 1000))
    yield case("input of a product of 2**64", model(node("Relu", "x"), inputs={"x": (2**32, 2**32)}))
    yield case("input of 2**31 - 1", model(node("Relu", "x"), inputs={"x": (2**31 - 1,)}), EITHER)
    yield case("input of a hundred axes", model(node("Relu", "x"), inputs={"x": (1,) * 100}), EITHER)
    yield case("input of a hundred axes of 2", model(node("Relu", "x"), inputs={"x": (2,) * 100}))
    yield case("input without axes", model(node("Relu", "x"), inputs={"x": ()}), EITHER)
    yield case("sum of products", model(node("MatMul", "x x"), inputs={"x": (46340, 46340)}), EITHER)
    far = {"x": (1, 46340), "z": (46340, 1)}
    yield case("broadcast to 2**31", model(node("Add", "x z"), inputs=far), EITHER)
    yield case("Tile of Tile", model(
        node("Tile", "x t", "a"), node("Tile", "a t", "b"), node("Tile", "b t"), constants={"t": np.array([1000, 1000], I64)}
    ))  # fmt: skip
    bombs = [node("ConstantOfShape", "s", f"c{i}") for i in range(40)]
    sums = [node("Add", f"{'x' if i == 0 else f'a{i}'} c{i}", f"a{i + 1}") for i in range(40)]
    yield case(
        "forty large constants", model(*bombs, *sums, node("Relu", "a40"), constants={"s": np.array([2**22, 4], I64)})
    )
    tiles = [node("Tile", f"{'x' if i == 0 else f'a{i}'} t{i % 2}", f"a{i + 1}") for i in range(2)]
    wide = {"t0": np.array([1, 2**21], I64), "t1": np.array([2**7, 1], I64)}
    yield case("listed places", model(*tiles, node("ReduceMax", "a2", keepdims=0), constants=wide), EITHER)
    yield case("sequences in sequences", _mapped(4))
    for raw in (0, 1, 3, 10**6):
        made = sound()
        made.graph.initializer[0].raw_data = bytes(raw)
        yield case(f"weights of {raw} bytes", made)
    made = sound()
    made.graph.initializer[0].ClearField("raw_data")
    yield case("weights that are not there", made)


def _mapped(depth: int) -> onnx.ModelProto:
    """A list of five hundred slices, the list again for each of them, and so on."""

    def body(level: int) -> onnx.GraphProto:
        inner = f"i{level}"
        if level == depth:
            nodes = [node("Relu", inner, f"o{level}")]
        else:
            within = node("SequenceMap", "list", f"s{level}", body=body(level + 1))
            nodes = [within, node("ConcatFromSequence", f"s{level}", f"o{level}", axis=0)]
        ports = [[helper.make_tensor_value_info(name, FLOAT, None)] for name in (inner, f"o{level}")]
        return helper.make_graph(nodes, "body", *ports)

    return model(
        node("SplitToSequence", "x", "list", axis=0, keepdims=1),
        node("SequenceMap", "list", "mapped", body=body(1)),
        node("ConcatFromSequence", "mapped", axis=0),
        inputs={"x": (500, 2)},
    )


def _parameters() -> Iterator[Case]:
    """Strides, pads, axes, indices."""

    def case(name: str, made: onnx.ModelProto, wanted: str = REFUSED) -> Case:
        return Case("parameters", name, made.SerializeToString(), wanted)

    image, weight = {"x": (1, 2, 6, 6)}, {"w": noise(3, 2, 3, 3), "u": noise(2, 3, 3, 3)}

    def conv(op: str = "Conv", **attributes: object) -> onnx.ModelProto:
        inputs = {"Conv": "x w", "ConvTranspose": "x u"}.get(op, "x")
        if "Pool" in op:
            attributes = {"kernel_shape": [2, 2], **attributes}
        return model(node(op, inputs, **attributes), inputs=image, constants=weight)

    for op in ("Conv", "ConvTranspose", "MaxPool", "AveragePool"):
        for name in ("strides", "dilations", "pads", "kernel_shape"):
            count = 4 if name == "pads" else 2
            for value in (-(2**63), -3, -1, *((0,) if name != "pads" else ()), 10**9, 10**18, 2**63 - 1):
                if op == "AveragePool" and name == "dilations" and value == 10**9:
                    continue
                yield case(
                    f"{op} with {name} {value}", conv(op, **{name: [value] * count}), EITHER if value > 0 else REFUSED
                )
            yield case(f"{op} with too many {name}", conv(op, **{name: [1] * (count + 1)}))
        for group in (0, -1, 3, 10**18) if op.startswith("Conv") else ():
            yield case(f"{op} in {group} groups", conv(op, group=group))
        for text in ("", "SAME", "VALID\0", "same_upper", "NOTSET "):
            yield case(f"{op} padded {text!r}", conv(op, auto_pad=text))
    yield case("ConvTranspose with output_padding 10**9", conv("ConvTranspose", output_padding=[10**9] * 2))
    yield case("ConvTranspose with output_shape 10**9", conv("ConvTranspose", output_shape=[10**9] * 2))
    for value in (2, -3, 10**9, 2**63 - 1, -(2**63)):
        for op in ("Softmax", "LogSoftmax", "Flatten", "Concat", "ArgMax", "Split", "Hardmax"):
            if (op, value) == ("Flatten", 2):
                continue
            inputs, outputs = ("x x", "y") if op == "Concat" else ("x", "y z" if op == "Split" else "y")
            results = {"y": INT64 if op == "ArgMax" else FLOAT}
            yield case(f"{op} along axis {value}", model(node(op, inputs, outputs, axis=value), outputs=results))
        yield case(f"Unsqueeze at {value}", one("Unsqueeze", [value]), EITHER if value in (2, -3) else REFUSED)
        yield case(f"Squeeze at {value}", one("Squeeze", [value]))
        yield case(f"ReduceSum over {value}", one("ReduceSum", [value]))
        yield case(f"Transpose by {value}", model(node("Transpose", "x", perm=[0, value])))
    for value in (4, -5, 10**9, 2**31, 2**63 - 1, -(2**63)):
        yield case(f"Gather at {value}", one("Gather", [value], axis=1))
        yield case(
            f"GatherElements at {value}",
            model(node("GatherElements", "x s", axis=1), constants={"s": np.array([[value]], I64)}),
        )
        yield case(f"GatherND at {value}", model(node("GatherND", "x s"), constants={"s": np.array([[0, value]], I64)}))
        yield case(f"OneHot of {value}", model(node("OneHot", "s d v", "o"), node("Add", "x o"), constants={
            "s": np.array([0], I64), "d": np.array(value, I64), "v": noise(2)}), EITHER if value == 4 else REFUSED)  # fmt: skip
        yield case(
            f"TopK of {value}", model(node("TopK", "x s", "y i"), constants={"s": np.array([value], I64)}), EITHER
        )
        yield case(
            f"DepthToSpace by {value}", model(node("DepthToSpace", "x", blocksize=value), inputs={"x": (1, 3, 2, 2)})
        )
        yield case(f"CumSum along {value}", model(node("CumSum", "x s"), constants={"s": np.array(value, I64)}))
        yield case(f"Trilu {value}", model(node("Trilu", "x s"), constants={"s": np.array(value, I64)}), EITHER)
        for at in range(4):
            given = [[0], [2], [1], [1]]
            given[at] = [value]
            yield case(f"Slice with {value} at {at}", one("Slice", *given), EITHER)
        yield case(
            f"Split into {value}",
            model(
                node("Split", "x s", "y z", axis=1),
                constants={"s": np.array([value, 4 - value if abs(value) < 2**62 else 1], I64)},
            ),
        )
    yield case("Slice with a step of 0", one("Slice", [0], [2], [1], [0]))
    yield case(
        "Resize by 0",
        model(node("Resize", "x - s", mode="nearest"), inputs=image, constants={"s": np.float32([1, 1, 0, 1])}),
    )
    for value in (np.nan, np.inf, -np.inf, -1, 1e30, 1e-30):
        scales = {"s": np.float32([1, 1, value, 1])}
        yield case(f"Resize by {value}", model(node("Resize", "x - s", mode="linear"), inputs=image, constants=scales))
        yield case(f"Add of {value}", model(node("Add", "x c"), constants={"c": np.float32([value] * 4)}), EITHER)
        yield case(f"Clip at {value}", model(node("Clip", "x c"), constants={"c": np.float32(value)}), EITHER)
        yield case(f"LeakyRelu of {value}", model(node("LeakyRelu", "x", alpha=value)), EITHER)
        yield case(f"BatchNormalization of {value}", model(
            node("BatchNormalization", "x c c c c"), constants={"c": np.float32([value] * 4)}), EITHER)  # fmt: skip
        yield case(
            f"weights of {value}",
            model(node("MatMul", "x c"), constants={"c": np.full((4, 2), value, np.float32)}),
            EITHER,
        )


def one(op: str, *constants: list[int], **attributes: object) -> onnx.ModelProto:
    held = {f"k{i}": np.array(value, I64) for i, value in enumerate(constants)}
    return model(node(op, " ".join(["x", *held]), **attributes), constants=held)


def _attributes() -> Iterator[Case]:
    """Attributes of every kind where another one belongs, strings that are no text."""
    kinds = {
        "int": 3, "float": 1.5, "string": "SAME", "ints": [1, 2], "floats": [1.5, 2.5], "strings": ["a", "b"],
        "tensor": helper.make_tensor("t", FLOAT, [1], [1.0]), "graph": helper.make_graph([], "g", [], []),
        "bytes": b"\xff\xfe\x00", "long": "A" * 5000,
    }  # fmt: skip
    wanted = {"auto_pad": ("string", "bytes", "long"), "strides": ("ints",), "group": ("int",)}
    for name in wanted:
        for kind, value in kinds.items():
            if kind == "ints" and name == "strides":
                continue
            made = bad_models.conv(**{name: value})
            yield Case("attributes", f"{name} is {kind}", made.SerializeToString())
    for fields in (
        {"type": AttributeProto.INT}, {"type": 99}, {"type": AttributeProto.UNDEFINED, "i": 3}, {},
        {"type": AttributeProto.INT, "i": 1, "ints": [1, 2], "s": b"x", "f": 2.0},
        {"type": AttributeProto.INTS, "i": 1}, {"type": AttributeProto.STRING, "s": b"\xff"},
        {"type": AttributeProto.TENSOR}, {"type": AttributeProto.GRAPH}, {"type": AttributeProto.TYPE_PROTO},
    ):  # fmt: skip
        made = bad_models.conv()
        extra = {k: v for k, v in fields.items() if k != "type"}
        attribute = AttributeProto(name="group", **extra)
        number = fields.get("type")
        data = attribute.SerializeToString()
        if number is not None:  # 160, 1: field 20 as a number; some of these have no name
            data += b"\xa0\x01" + bytes([number])
        made.graph.node[0].attribute.append(AttributeProto.FromString(data))
        yield Case("attributes", f"group given as {fields}", made.SerializeToString(), EITHER)
    for op, name in (("Pad", "mode"), ("Resize", "mode"), ("Gelu", "approximate"), ("DepthToSpace", "mode")):
        for value in (b"\xff\xfe", b"", b"constant\0", b"reflect" * 1000):
            inputs = {"Pad": "x k", "Resize": "x - s"}.get(op, "x")
            attributes = {name: value, **({"blocksize": 1} if op == "DepthToSpace" else {})}
            made = model(
                node(op, inputs, **attributes), inputs={"x": (1, 1, 2, 2)}, opset=20,
                constants={"k": np.zeros(8, I64), "s": np.ones(4, np.float32)},
            )  # fmt: skip
            yield Case("attributes", f"{op} with {name} {value[:12]!r}", made.SerializeToString())


def _scales() -> Iterator[Case]:
    bad = {
        "NaN": np.nan,
        "inf": np.inf,
        "-inf": -np.inf,
        "0": 0,
        "-0.5": -0.5,
        "1e-45": 1e-45,
        "1e-39": 1e-39,
        "3e38": 3e38,
    }
    sane = {"x": 0.05, "w": 0.02, "y": 0.1}
    for place in sane:
        for title, value in bad.items():
            wanted = EITHER if np.isfinite(value) and value > 0 else REFUSED
            yield Case("scales", f"{place}: {title}", quantised(**{**sane, place: value}).SerializeToString(), wanted)
    for value in (-129, 128, 300, -(2**31), 2**31 - 1):
        made = quantised(**sane)
        made.graph.initializer.extend([TensorProto(name="far", data_type=INT8, int32_data=[value])])
        for one_ in made.graph.node:
            if one_.op_type == "QuantizeLinear":
                one_.input[2] = "far"
        yield Case("scales", f"zero point {value}", made.SerializeToString())
    made = quantised(**sane)
    made.graph.initializer.extend([TensorProto(name="far", data_type=TensorProto.FLOAT, float_data=[0.0])])
    made.graph.node[0].input[2] = "far"
    yield Case("scales", "zero point of type float", made.SerializeToString())
    for count in (0, 2, 3, 5):
        made = quantised(**sane)
        for tensor in made.graph.initializer:
            if tensor.name == "w_scale":
                tensor.CopyFrom(onnx.numpy_helper.from_array(np.full(count, 0.1, np.float32), "w_scale"))
        yield Case("scales", f"{count} scales for 4 channels", made.SerializeToString())


def quantised(x: float, w: float, y: float) -> onnx.ModelProto:
    """A MatMul in QDQ form."""
    return model(
        node("QuantizeLinear", "x x_scale zero", "xq"),
        node("DequantizeLinear", "xq x_scale zero", "xd"),
        node("DequantizeLinear", "w w_scale zero", "wd"),
        node("MatMul", "xd wd", "m"),
        node("QuantizeLinear", "m y_scale zero", "yq"),
        node("DequantizeLinear", "yq y_scale zero", "y"),
        constants={
            "x_scale": np.float32(x), "w_scale": np.float32(w), "y_scale": np.float32(y), "zero": np.int8(0),
            "w": np.arange(-8, 8, dtype=np.int8).reshape(4, 4),
        },
    )  # fmt: skip
