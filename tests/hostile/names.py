"""Texts where models and commands have names: what is a comment's end in C, a tag in HTML, or no text at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import onnx
from onnx import helper

from tests.frontends import bad_models
from tests.frontends.build import model, node
from tests.hostile.cases import EITHER, GENERATED, REFUSED, Case
from tests.hostile.onnx_files import sound
from tests.hostile.texts import KEYWORDS, TEXTS
from tests.tflite import hostile as tflite_hostile
from tests.tflite.build import O, T
from tests.tflite.build import model as tflite_model
from tests.tflite.variables import Var, add

PLACEHOLDER = "PLACEHOLDER"


def cases() -> Iterator[Case]:
    yield Case("sound models", "tflite", tflite_hostile.conv(), GENERATED, "model.tflite")
    for title, text in TEXTS.items():
        yield Case("every name, ONNX", title, everywhere(text).SerializeToString(), GENERATED)
        yield Case("every name, TFLite", title, everywhere_tflite(text), GENERATED, "model.tflite")
        for place, make in REFUSING.items():
            yield Case("names that are refused", f"{place}: {title}", make(text).SerializeToString())
        yield Case("names that are refused", f"custom operator: {title}", custom(text), file="model.tflite")
        if "\0" not in text:
            yield from _options(title, text)
    for word in KEYWORDS:
        yield Case("every name, ONNX", f"keyword {word}", everywhere(word).SerializeToString(), GENERATED)
        yield Case(
            "options",
            f"--name {word}",
            sound().SerializeToString(),
            EITHER,
            options=("-o", "{place}/out", "--name", word),
        )
    for place, data in placeholders().items():
        for title, raw in (("not UTF-8", b"\xff\xfe\x80\xc0\xaf"), ("surrogates", b"\xed\xa0\x80\xed\xbf\xbf")):
            broken = data.replace(PLACEHOLDER.encode(), (raw * 3)[: len(PLACEHOLDER)])
            yield Case("text that is none", f"{place}: {title}", broken, EITHER)
    for title, raw in (("not UTF-8", b"\xff\xfe\x80\xc0\xaf*/"), ("surrogates", b"\xed\xa0\x80\xed\xbf\xbf")):
        held = everywhere_tflite(PLACEHOLDER).replace(PLACEHOLDER.encode(), (raw * 3)[: len(PLACEHOLDER)])
        yield Case("text that is none", f"TFLite: {title}", held, EITHER, "model.tflite")
    yield from _files()


def everywhere(text: str) -> onnx.ModelProto:
    """A model that works, with the text in each of its names: five nodes, two inputs, two outputs."""
    x, z, c, r, y = (f"{text}{i}" for i in range(5))
    made = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Add", [x, z], [c], name=text),
                helper.make_node("Relu", [c], [r], name=text + "/relu"),
                helper.make_node("MatMul", [r, text + "w"], [y], doc_string=text),
                helper.make_node("Softmax", [y], [text + "out"], name=text[::-1], axis=-1),
            ],
            text,
            [helper.make_tensor_value_info(x, 1, [1, 4]), helper.make_tensor_value_info(z, 1, [f"{text}N", 4])],
            [helper.make_tensor_value_info(name, 1, None) for name in (text + "out", r)],
            [onnx.numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(4, 3) / 8, text + "w")],
            doc_string=text,
        ),
        producer_name=text,
        producer_version=text,
        domain=text,
        doc_string=text,
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=10,
    )
    made.graph.input[1].type.tensor_type.shape.dim[0].ClearField("dim_param")
    made.graph.input[1].type.tensor_type.shape.dim[0].dim_value = 1
    made.graph.input[1].type.tensor_type.shape.dim[0].denotation = text
    made.graph.input[0].doc_string = text
    helper.set_model_props(made, {text: text, "b": text})
    return made


def everywhere_tflite(text: str) -> bytes:
    """A model that works, with the text as the name of every tensor and of a variable."""
    text = text or "-"
    variable = Var(text, text)
    x, held = T((2,), np.float32, name=f"{text}0"), T((2,), np.float32, name=f"{text}1")
    y, z = T((2,), np.float32, name=f"{text}2"), T((2,), np.float32, name=text)
    operators = [variable.handle(), variable.read(held), add(x, held, y), variable.assign(y), O("RELU", (y,), (z,))]
    return tflite_model(operators, (x,), (z,))


def custom(text: str) -> bytes:
    x, y = T((2, 3), np.float32), T((2, 3), np.float32)
    return tflite_model([O(text, (x,), (y,))], (x,), (y,))


def _in_relu(**fields: str) -> onnx.ModelProto:
    made = model(node("Relu", "x", name="n"))
    for key, value in fields.items():
        setattr(made.graph.node[0], key, value)
    return made


def _attribute(text: str) -> onnx.ModelProto:
    made = _in_relu()
    made.graph.node[0].attribute.append(helper.make_attribute(text or "-", 1))
    return made


def _function(text: str) -> onnx.ModelProto:
    body = [helper.make_node("NoSuchOperator", ["x"], ["y"], name=text)]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)]
    made = model(
        helper.make_node(text, ["x"], ["y"], domain="local"),
        functions=[helper.make_function("local", text, ["x"], ["y"], body, opsets, doc_string=text)],
    )
    made.opset_import.append(opsets[1])
    return made


def _open_axis(text: str) -> onnx.ModelProto:
    return model(node("Relu", f"{PLACEHOLDER}"), inputs={PLACEHOLDER: (text or "N", text or "N", 3)})


def _nowhere(text: str) -> onnx.ModelProto:
    made = _in_relu()
    made.graph.node[0].input[0] = text + "?"
    return made


REFUSING: dict[str, Callable[[str], onnx.ModelProto]] = {
    "operator": lambda text: _in_relu(op_type=text, name=text),
    "domain": lambda text: _in_relu(domain=text, name=text),
    "attribute": _attribute,
    "string of an attribute": lambda text: _auto_pad(text),
    "function": _function,
    "open extent": _open_axis,
    "tensor from nowhere": _nowhere,
}
"""What the text is the name of -> a model that is refused, and the message tells the text."""


def _auto_pad(text: str) -> onnx.ModelProto:
    made = bad_models.conv(auto_pad=text)
    made.graph.node[0].name = text
    return made


def placeholders() -> dict[str, bytes]:
    """Models with PLACEHOLDER in one kind of string each, to be overwritten with what a string cannot hold."""
    made = {place: make(PLACEHOLDER).SerializeToString() for place, make in REFUSING.items()}
    changes: dict[str, Callable[[onnx.ModelProto], object]] = {
        "producer": lambda m: setattr(m, "producer_name", PLACEHOLDER),
        "model's document": lambda m: setattr(m, "doc_string", PLACEHOLDER),
        "model's domain": lambda m: setattr(m, "domain", PLACEHOLDER),
        "graph": lambda m: setattr(m.graph, "name", PLACEHOLDER),
        "graph's document": lambda m: setattr(m.graph, "doc_string", PLACEHOLDER),
        "node": lambda m: setattr(m.graph.node[0], "name", PLACEHOLDER),
        "node's document": lambda m: setattr(m.graph.node[0], "doc_string", PLACEHOLDER),
        "input": lambda m: _renamed(m, "x"),
        "output": lambda m: _renamed(m, "y"),
        "inner tensor": lambda m: _renamed(m, "c"),
        "initializer": lambda m: setattr(m.graph.initializer[0], "name", PLACEHOLDER),
        "metadata": lambda m: m.metadata_props.add(key=PLACEHOLDER, value=PLACEHOLDER),
        "opset": lambda m: m.opset_import.add(domain=PLACEHOLDER, version=1),
        "value": lambda m: m.graph.value_info.add(name=PLACEHOLDER),
        "external data": lambda m: _external(m.graph.initializer[0]),
        "quantisation annotation": lambda m: m.graph.quantization_annotation.add(tensor_name=PLACEHOLDER),
    }  # fmt: skip
    for place, change in changes.items():
        proto = sound()
        change(proto)
        made[place] = proto.SerializeToString()
    return made


def _renamed(made: onnx.ModelProto, name: str) -> None:
    for port in (*made.graph.input, *made.graph.output):
        port.name = PLACEHOLDER if port.name == name else port.name
    for one in made.graph.node:
        for names in (one.input, one.output):
            names[:] = [PLACEHOLDER if n == name else n for n in names]


def _external(tensor: onnx.TensorProto) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=PLACEHOLDER)


def _options(title: str, text: str) -> Iterator[Case]:
    data, out = sound().SerializeToString(), ("-o", "{place}/out")
    yield Case("options", f"--name {title}", data, options=(*out, f"--name={text}"))
    yield Case("options", f"--target {title}", data, options=(*out, f"--target={text}"))
    yield Case("options", f"--board {title}", data, options=(*out, f"--board={text}"))
    yield Case("options", f"--shape {title}", data, options=(*out, f"--shape={text}=1,2,6,6"))
    if len(text) < 250:
        folder = text.replace("/", "|")
        yield Case("options", f"-o {title}", data, GENERATED, options=("-o", f"{{place}}/ {folder}"))
        if not text.endswith("\\"):
            yield Case("options", f"file {title}", data, GENERATED, file=f"{folder}.onnx")


def _files() -> Iterator[Case]:
    data, out = sound().SerializeToString(), ("-o", "{place}/out")
    odd = "x=\u0661,2,6,6"
    for value in ("", "1", "x=", "=1", "x=1,,2", "x=-1,2,6,6", "x=0,2,6,6", "x=1e9", "x=" + "9" * 5000,
                  "x=" + "1," * 5000 + "1", odd, "x=1.0,2,6,6", "x=1,2,6,7", "x=" + str(10**18)):  # fmt: skip
        yield Case("options", f"--shape {value[:20]}", data, options=(*out, f"--shape={value}"))
    for value in ("", "0", "-1", "1e3", "9" * 30, "1G", "\u0663", "10", "nan"):
        yield Case("options", f"--ram {value}", data, options=(*out, f"--ram={value}"))
    for option in ("optimize", "weights", "kernels", "io-layout", "io", "rounding", "feed", "planner"):
        yield Case("options", f"--{option} x", data, options=(*out, f"--{option}", "*/\n\x1b[2J"))
    yield Case("options", "-o of 5 000 characters", data, REFUSED, options=("-o", "{place}/" + "o" * 5000))
    yield Case("options", "-o a thousand deep", data, EITHER, options=("-o", "{place}" + "/o" * 1000))
