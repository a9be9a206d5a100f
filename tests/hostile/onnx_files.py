"""ONNX models whose bytes, graph, functions or places are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from tests.frontends import bad_models
from tests.frontends.build import FLOAT, model, node, noise
from tests.hostile import onnx_numbers
from tests.hostile.cases import EITHER, GENERATED, REFUSED, Case

BUNDLED = Path(__file__).parents[2] / "models" / "digits"
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
    yield from onnx_numbers.cases(sound)
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
    head = model(node("Relu", "q")).SerializeToString()
    for depth in (1, 10, 30, 33, 100, 1000, 20_000):
        inner = _field(1, node("Relu", "x", "r").SerializeToString()) + _field(2, b"g")
        for _ in range(depth):
            attribute = _field(1, b"then_branch") + _field(6, inner) + b"\xa0\x01\x05"
            inner = _field(1, _field(1, b"x") + _field(2, b"q") + _field(4, b"If") + _field(5, attribute)) + _field(
                2, b"g"
            )
        yield Case("nested", f"graphs {depth} deep", head + _field(7, inner))
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
