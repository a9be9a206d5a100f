"""ONNX models whose bytes, graph or numbers are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper

from tests.frontends import bad_models
from tests.frontends.build import FLOAT, INT8, INT64, model, node, noise
from tests.hostile.cases import EITHER, GENERATED, REFUSED, Case

BUNDLED = Path(__file__).parents[2] / "models" / "digits"
HUGE = (10**9, 2**31, 10**12, 2**32, 10**18, 2**62, 2**63 - 1)
I64 = np.int64


def sound() -> onnx.ModelProto:
    """The model that most others are made from."""
    return model(
        node("Conv", "x w b", "c", name="conv", pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Relu", "c", "r", name="relu"),
        node("Reshape", "r s", "f", name="flat"),
        node("Gemm", "f g", "y", name="dense"),
        inputs={"x": (1, 2, 6, 6)},
        constants={"w": noise(3, 2, 3, 3), "b": noise(3), "s": np.array([1, -1], I64), "g": noise(27, 4)},
    )


def cases() -> Iterator[Case]:
    yield Case("sound models", "onnx", sound().SerializeToString(), GENERATED)
    yield from _bytes()
    for name, (proto, _) in {**bad_models.DAMAGED, **bad_models.UNSUPPORTED}.items():
        data = proto if isinstance(proto, bytes) else proto.SerializeToString()
        yield Case("rules of the format", name, data)
    yield from _graphs()
    yield from _extents()
    yield from _parameters()
    yield from _attributes()
    yield from _scales()
    yield from _nested()
    yield from _functions()
    yield from _external()
    yield from _places()


def _bytes() -> Iterator[Case]:
    rng = np.random.default_rng(5)
    whole = {"float": sound().SerializeToString(), "int8": (BUNDLED / "digits_int8.onnx").read_bytes()}
    for title, data in whole.items():
        for cut in sorted({*range(1, 9), *(int(len(data) * k / 24) for k in range(1, 24)), len(data) - 1}):
            yield Case("cut off", f"{title} at {cut}", data[:cut], EITHER)
        for bit in rng.integers(0, 8 * len(data), 40):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            yield Case("bit flips", f"{title} bit {bit}", bytes(flipped), EITHER)
    for index in range(6):
        yield Case("random bytes", f"{index}", rng.bytes(10 ** (index + 1)))
    for size in (1, 4, 1000):
        yield Case("random bytes", f"{size} bytes of 255", b"\xff" * size)
        yield Case("random bytes", f"{size} zeros", bytes(size))
    yield Case("random bytes", "a length of 2**63", b"\x3a" + b"\xff" * 8 + b"\x7f")
    yield Case("random bytes", "a thousand groups", b"\x0b" * 1000)
    yield Case("random bytes", "text", b"import torch\n" * 20)
    yield Case("random bytes", "a script", b"#!/bin/sh\necho\n")
    yield Case("random bytes", "a zip file", b"PK\x03\x04" + bytes(100))
    yield Case("random bytes", "TFLite", b"\x1c\0\0\0TFL3" + bytes(100))


def _graphs() -> Iterator[Case]:
    def case(name: str, made: onnx.ModelProto, wanted: str = REFUSED) -> Case:
        return Case("graphs", name, made.SerializeToString(), wanted)

    def changed(name: str, change: Callable[[onnx.GraphProto], object], wanted: str = REFUSED) -> Case:
        made = sound()
        change(made.graph)
        return case(name, made, wanted)

    ring = [node("Add", f"x a{i}", f"a{(i + 1) % 1000}", name=f"n{i}") for i in range(1000)]
    yield case("cycle of a thousand", model(*ring, node("Relu", "a0")))
    yield case("needs itself", model(node("Add", "x y")))
    nodes = list(sound().graph.node)

    def put(graph: onnx.GraphProto, order: list[onnx.NodeProto]) -> None:
        del graph.node[:]
        graph.node.extend(order)

    yield changed("nodes in reverse", lambda g: put(g, nodes[::-1]), EITHER)
    yield changed("nodes twice", lambda g: put(g, nodes * 2))
    yield changed("no nodes", lambda g: put(g, []))
    for one in nodes:
        yield changed(f"without {one.name}", lambda g, one=one: g.node.remove(one))
    for tensor in sound().graph.initializer:
        yield changed(f"without {tensor.name}", lambda g, t=tensor: g.initializer.remove(t))
    yield changed("two inputs", lambda g: g.input.append(g.input[0]))
    yield changed("input that is an initializer", lambda g: setattr(g.input[0], "name", "w"))
    yield changed("input that a node makes", lambda g: setattr(g.input[0], "name", "r"))
    yield changed("output that is an input", lambda g: setattr(g.output[0], "name", "x"), EITHER)
    yield changed("output that is a constant", lambda g: setattr(g.output[0], "name", "w"))
    yield changed("output of the first node", lambda g: setattr(g.output[0], "name", "c"), EITHER)
    yield changed("no name of the input", lambda g: setattr(g.input[0], "name", ""))
    yield changed("equal names of all nodes", lambda g: [setattr(n, "name", "same") for n in g.node], GENERATED)
    yield changed("one initializer twice", lambda g: g.initializer.append(g.initializer[0]))
    yield changed("outputs of a node alike", lambda g: g.node[0].output.append("c"))
    yield changed("node without inputs", lambda g: g.node[1].ClearField("input"))
    yield changed("node without outputs", lambda g: g.node[1].ClearField("output"))
    yield changed("node without a type", lambda g: g.node[1].ClearField("op_type"))
    yield changed("a thousand inputs of Relu", lambda g: g.node[1].input.extend(["c"] * 999))
    many = {f"x{i}": (1, 2) for i in range(300)}
    yield case("three hundred inputs", model(node("Concat", " ".join(many), axis=0), inputs=many), EITHER)
    yield case("one input three hundred times", model(node("Concat", " ".join("x" * 300), axis=0)), EITHER)
    lonely = {f"c{i}": noise(2) for i in range(2000)}
    yield case("two thousand unused constants", model(node("Relu", "x"), constants=lonely), GENERATED)
    chain = [node("Add", "t0 t0", "t1")] + [node("Add", f"t{i} t{i}", f"t{i + 1}") for i in range(1, 300)]
    chain = [node("Identity", "x", "t0"), *chain, node("Relu", "t300")]
    yield case("doubled three hundred times", model(*chain), EITHER)
    for domain in ("com.microsoft", "ai.onnx.ml", "ai.onnx.training", "org.evil", " ", "ai.onnx"):
        made = sound()
        made.graph.node[1].domain = domain
        yield case(f"domain {domain!r}", made, GENERATED if domain == "ai.onnx" else REFUSED)
    for version in (0, -1, 2, 10, 99, 2**62):
        made = sound()
        made.opset_import[0].version = version
        yield case(f"opset {version}", made)
    for version in (-1, 0, 99, 2**62):
        made = sound()
        made.ir_version = version
        yield case(f"IR {version}", made, EITHER if version < 1 else REFUSED)
    for elem in (0, 4, 5, 8, 9, 10, 11, 14, 16, 17, 22, 99, -1):
        made = sound()
        made.graph.input[0].type.tensor_type.elem_type = elem
        yield case(f"input of element type {elem}", made)
        made = sound()
        made.graph.initializer[0].data_type = elem
        yield case(f"weights of element type {elem}", made)


def _extents() -> Iterator[Case]:
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
        yield case(f"Reshape to {value}", reshaped("Reshape", [value, 4]), EITHER if value in (0, -1) else REFUSED)
        yield case(f"Expand to {value}", reshaped("Expand", [value, 4]))
        yield case(f"Tile {value} times", reshaped("Tile", [value, 1]), EITHER if value == 1 else REFUSED)
        yield case(f"Resize to {value}", model(
            node("Resize", "x - - s", mode="nearest"),
            inputs={"x": (1, 1, 4, 4)}, constants={"s": np.array([1, 1, value, 4], I64)}
        ))  # fmt: skip
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
    for raw in (0, 1, 3, 10**6):
        made = sound()
        made.graph.initializer[0].raw_data = bytes(raw)
        yield case(f"weights of {raw} bytes", made)
    made = sound()
    made.graph.initializer[0].ClearField("raw_data")
    yield case("weights that are not there", made)


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
        "1e30": 1e30,
    }
    sound = {"x": 0.05, "w": 0.02, "y": 0.1}
    for place in sound:
        for title, value in bad.items():
            wanted = EITHER if np.isfinite(value) and value > 0 else REFUSED
            yield Case("scales", f"{place}: {title}", quantised(**{**sound, place: value}).SerializeToString(), wanted)
    for value in (-129, 128, 300, -(2**31), 2**31 - 1):
        made = quantised(**sound)
        made.graph.initializer.extend([TensorProto(name="far", data_type=INT8, int32_data=[value])])
        for one_ in made.graph.node:
            if one_.op_type == "QuantizeLinear":
                one_.input[2] = "far"
        yield Case("scales", f"zero point {value}", made.SerializeToString())
    made = quantised(**sound)
    made.graph.initializer.extend([TensorProto(name="far", data_type=TensorProto.FLOAT, float_data=[0.0])])
    made.graph.node[0].input[2] = "far"
    yield Case("scales", "zero point of type float", made.SerializeToString())
    for count in (0, 2, 3, 5):
        made = quantised(**sound)
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


def _field(number: int, content: bytes) -> bytes:
    """A field of a protobuf message that holds bytes."""
    length, size = len(content), b""
    while True:
        size += bytes([length & 127 | (128 if length > 127 else 0)])
        length >>= 7
        if not length:
            return bytes([number << 3 | 2]) + size + content


def _nested() -> Iterator[Case]:
    """Graphs in graphs. The bytes are put together from inside out: the protobuf package builds nothing as deep."""
    head = model(node("Relu", "x")).SerializeToString()
    for depth in (1, 10, 30, 33, 100, 1000, 20_000):
        inner = _field(1, node("Relu", "x", "r").SerializeToString()) + _field(2, b"g")
        for _ in range(depth):
            attribute = _field(1, b"then_branch") + _field(6, inner) + b"\xa0\x01\x05"
            inner = _field(1, _field(1, b"x") + _field(2, b"q") + _field(4, b"If") + _field(5, attribute)) + _field(
                2, b"g"
            )
        wanted = EITHER if depth < 33 else REFUSED
        yield Case("nested", f"graphs {depth} deep", head + _field(7, inner), wanted)
    for depth in (10, 40, 1000):
        kind = helper.make_tensor_type_proto(FLOAT, [1]).SerializeToString()
        for _ in range(depth):
            kind = _field(4, _field(1, kind))  # a sequence of that
        port = _field(1, b"z") + _field(2, kind)
        yield Case("nested", f"sequences {depth} deep", head + _field(7, _field(11, port)))


def _functions() -> Iterator[Case]:
    def function(name: str, *nodes: onnx.NodeProto) -> onnx.FunctionProto:
        return helper.make_function(
            "local", name, ["x"], ["y"], list(nodes), [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
        )

    def call(name: str, source: str = "x", result: str = "y") -> onnx.NodeProto:
        return node(name, source, result, domain="local")

    def using(*functions: onnx.FunctionProto, first: str = "f0") -> bytes:
        made = model(call(first), functions=list(functions))
        made.opset_import.append(helper.make_opsetid("local", 1))
        return made.SerializeToString()

    relu = node("Relu", "x")
    yield Case("functions", "one", using(function("f0", relu)), GENERATED)
    yield Case("functions", "calls itself", using(function("f0", call("f0"))))
    yield Case("functions", "two that call each other", using(function("f0", call("f1")), function("f1", call("f0"))))
    yield Case("functions", "is not there", using(function("f1", relu)))
    yield Case("functions", "twice", using(function("f0", relu), function("f0", relu)), EITHER)
    yield Case("functions", "empty", using(function("f0")))
    yield Case("functions", "of another number of inputs", using(helper.make_function(
        "local", "f0", ["x", "z"], ["y"], [node("Add", "x z")], [helper.make_opsetid("", 17)])))  # fmt: skip
    yield Case("functions", "of another opset", using(helper.make_function(
        "local", "f0", ["x"], ["y"], [relu], [helper.make_opsetid("", 99)])), EITHER)  # fmt: skip
    for depth in (20, 60, 70, 1000, 5000):
        chain = [function(f"f{i}", call(f"f{i + 1}")) for i in range(depth)]
        yield Case("functions", f"{depth} that call the next", using(*chain, function(f"f{depth}", relu)), EITHER)
    for depth in (22, 60):
        twice = [function(f"f{i}", call(f"f{i + 1}", "x", "m"), call(f"f{i + 1}", "m")) for i in range(depth)]
        yield Case("functions", f"{depth} that call the next twice", using(*twice, function(f"f{depth}", relu)))
    body = helper.make_graph([call("f0", "x", "r")], "b", [], [helper.make_tensor_value_info("r", FLOAT, None)])
    yield Case(
        "functions",
        "calls itself in a branch",
        using(function("f0", node("If", "x", then_branch=body, else_branch=body))),
    )


def _external() -> Iterator[Case]:
    def case(name: str, entries: dict[str, str], *, wanted: str = REFUSED, **more: object) -> Case:
        made = sound()
        tensor = made.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=value)
        return Case("external data", name, made.SerializeToString(), wanted, **more)

    weights = (("w.bin", noise(3, 2, 3, 3).tobytes()),)
    yield case("as it should be", {"location": "w.bin"}, wanted=GENERATED, beside=weights)
    for location in (
        "", ".", "..", "/etc/hostname", "../w.bin", "sub/../../w.bin", "C:\\w.bin", "\\\\server\\w.bin", "w.bin/", "no.bin",
        "a\0b", "file:///etc/hostname", "~/w.bin", "/dev/zero", "/proc/self/mem", "w" * 5000, "model.onnx\n",
    ):  # fmt: skip
        yield case(f"at {location[:30]!r}", {"location": location}, beside=weights)
    yield case("nowhere", {})
    yield case("behind a link out of the folder", {"location": "l.bin"}, links=(("l.bin", "/etc/hostname"),))
    yield case("behind a linked folder", {"location": "l/hostname"}, links=(("l", "/etc"),))
    yield case("behind a link to itself", {"location": "l.bin"}, links=(("l.bin", "l.bin"),))
    for offset in (
        "-1",
        "1",
        "4096",
        "9223372036854775807",
        "99999999999999999999",
        "1e3",
        "0x10",
        " ",
        "\uff11",
        "9" * 5000,
    ):
        yield case(f"from {offset[:30]!r}", {"location": "w.bin", "offset": offset}, beside=weights)
        if offset != " ":
            yield case(f"of {offset[:30]!r} bytes", {"location": "w.bin", "length": offset}, beside=weights)


def _places() -> Iterator[Case]:
    """Paths that are no model's file."""
    data = sound().SerializeToString()
    yield Case("paths", "empty file", b"")
    yield Case("paths", "no file", None)
    for kind in ("folder", "fifo", "locked", "loop", "device"):
        yield Case("paths", kind, data, kind=kind)
    for file in ("model", "model.pt", ".onnx", "model.onnx.gz", "model.py", "model.ONNX ", "model.t\u200bflite"):
        yield Case("paths", f"called {file!r}", data, file=file)
    yield Case("paths", "called in capitals", data, GENERATED, file="MODEL.ONNX")
    yield Case("paths", "the output is the model", data, options=("-o", "{place}/model.onnx"))
    yield Case("paths", "the output lies in the model", data, options=("-o", "{place}/model.onnx/out"))
    yield Case("paths", "the output is a link to nowhere", data, options=("-o", "{place}/l"), links=(("l", "nowhere"),))
    yield Case("paths", "the output is a link to itself", data, options=("-o", "{place}/l"), links=(("l", "l"),))
    yield Case("paths", "no output", data, options=("-o", ""))
