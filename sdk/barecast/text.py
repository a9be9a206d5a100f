"""The printable form of a Graph, which `loads` reads back.

    graph "tiny" onnx
    input "image" %image: f32[1,4,4,3]
    const %w: f32[2,3,3,3] = random(1)
    const %b: f32[2] = [0.5, -1.0]
    %y: f32[1,4,4,2] = conv2d(%image, %w, %b) pads=(1,1,1,1) activation=clamp(0.0,inf) from "conv1", "relu1"
    output "scores" %y

A type is `dtype[shape]`, then its quantisation if it has one: `{scale@zero}` per tensor,
`{axis: scale@zero scale@zero ...}` per channel. `_` is an absent input; attributes at
their default are left out. Values of a constant are a list, `splat(v)`, or a digest of
its bytes; `loads` finds a digest's values in the mapping it is given. For graphs written
by hand there is `random(seed)`: floats in [-1, 1), bytes over their range, larger integers in +-1000.

A state is what the model keeps from run to run. It names the tensor that holds it when a run starts, with its value
after a reset, and then the tensor whose value is kept when the run ends:

    graph "running sum" onnx
    input "x" %x: f32[1,4]
    state "sum" %before: f32[1,4] = splat(0.0)
    %after: f32[1,4] = binary(%x, %before) kind=add
    output "y" %after
    next "sum" %after

Strings (the author's names) and odd tensor names are JSON strings in ASCII, so that
nothing in a model can forge a line.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np

from barecast import ops
from barecast.errors import UsageError
from barecast.graph import DType, Graph, GraphBuilder, Node, Port, Quant, Rule, State, Tensor, TensorType
from barecast.ops.clamp import Clamp

INLINE = 16
"""Constants of up to this many elements are written out."""


def dumps(graph: Graph, inline: int | None = INLINE) -> str:
    """The graph as text. `inline`: the largest constant written out; None writes all (enough for `loads` alone)."""
    lines = [f"graph {_string(graph.name)} {graph.rule.value}"]
    for port in graph.inputs:
        lines.append(f"{_port('input', port)}: {type_text(graph.type(port.tensor))}")
    for state in graph.states:
        type = graph.type(state.before)
        head = f"state {_string(state.name)} {_ref(state.before)}: {type_text(type)}"
        lines.append(f"{head} = {_values(state.initial, inline)}")
    for tensor in graph.tensors.values():
        if tensor.is_constant:
            lines.append(f"const {_ref(tensor.name)}: {type_text(tensor.type)} = {_values(tensor.data, inline)}")
    lines.extend(node_text(graph, node) for node in graph.nodes)
    lines.extend(_port("output", port) for port in graph.outputs)
    lines.extend(f"next {_string(state.name)} {_ref(state.after)}" for state in graph.states)
    return "\n".join(lines) + "\n"


def _port(kind: str, port: Port) -> str:
    turned = f" turned({','.join(map(str, port.turned))})" if port.turned else ""
    exposed = " exposed" if port.exposed else ""
    return f"{kind} {_string(port.name)}{turned}{exposed} {_ref(port.tensor)}"


def node_text(graph: Graph, node: Node) -> str:
    """One node's line."""
    outputs = ", ".join(f"{_ref(name)}: {type_text(graph.type(name))}" for name in node.outputs)
    inputs = ", ".join("_" if name is None else _ref(name) for name in node.inputs)
    words = [f"{outputs} = {node.op}({inputs})"]
    for field in dataclasses.fields(node.attrs):
        value = getattr(node.attrs, field.name)
        if value != field.default:
            words.append(f"{field.name}={_attribute(value)}")
    if node.source:
        words.append("from " + ", ".join(_string(s) for s in node.source))
    return " ".join(words)


def type_text(type: TensorType) -> str:
    """`s8[1,4]{0.1@-3}`."""
    text = f"{type.dtype.value}[{','.join(map(str, type.shape))}]"
    if type.quant is None:
        return text
    pairs = " ".join(f"{_scale(s)}@{z}" for s, z in zip(type.quant.scale, type.quant.zero_point, strict=True))
    axis = "" if type.quant.axis is None else f"{type.quant.axis}: "
    return f"{text}{{{axis}{pairs}}}"


def digest(array: np.ndarray) -> str:
    """The name of a constant's bytes."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def constants(graph: Graph) -> dict[str, np.ndarray]:
    """Digest -> values of every constant and initial state: what `loads` needs to read a text with digests back."""
    arrays = [t.data for t in graph.tensors.values() if t.data is not None] + [s.initial for s in graph.states]
    return {digest(array): array for array in arrays}


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)


def _ref(name: str) -> str:
    return "%" + (name if re.fullmatch(r"[A-Za-z0-9_.]+", name) else _string(name))


def _scale(value: float) -> str:
    return repr(float(value)) if float(np.float32(value)) != value else str(np.float32(value))


def _attribute(value: Any) -> str:
    if isinstance(value, Clamp):
        return f"clamp({value.low!r},{value.high!r})"
    if isinstance(value, tuple):
        return f"({','.join(_attribute(v) for v in value)})"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def _values(data: np.ndarray, inline: int | None) -> str:
    if inline is None or data.size <= inline:
        return f"[{', '.join(_element(v) for v in data.ravel())}]"
    bits = np.ascontiguousarray(data).ravel().view(f"u{data.dtype.itemsize}")
    if (bits == bits[0]).all():
        return f"splat({_element(data.ravel()[0])})"
    return f"digest({digest(data)})"


def _element(value: np.generic) -> str:
    return str(value.item()).lower() if value.dtype == np.bool_ else str(value)


_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<number>[-+]?(?:inf|nan|\d+(?:\.\d*)?(?:e[-+]?\d+)?)(?![A-Za-z0-9_]))
    |(?P<word>%?[A-Za-z0-9_.]+)
    |(?P<mark>[%\[\](){}:,=@]))""",
    re.VERBOSE,
)


class _Line:
    """The tokens of one line, read from left to right."""

    def __init__(self, text: str, number: int):
        self.number, self.tokens, at = number, [], 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self.error(f"cannot read {text[at : at + 20]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    def error(self, what: str) -> UsageError:
        return UsageError(f"graph text, line {self.number}: {what}")

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        if self.at >= len(self.tokens):
            raise self.error("ends too early")
        self.at += 1
        return self.tokens[self.at - 1][1]

    def accept(self, text: str) -> bool:
        if self.peek() == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.error(f"{text!r} expected, found {self.peek()!r}")

    def string(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        if kind != "string":
            raise self.error(f"a string expected, found {text!r}")
        self.at += 1
        return json.loads(text)

    def ref(self) -> str:
        if self.accept("%"):
            return self.string()
        text = self.take()
        if not text.startswith("%"):
            raise self.error(f"a tensor expected, found {text!r}")
        return text[1:]

    def number_(self, kind: type) -> Any:
        text = self.take()
        try:
            return kind(text)
        except ValueError:
            raise self.error(f"a number expected, found {text!r}") from None

    def until(self, end: str, item: typing.Callable[[], Any]) -> list[Any]:
        """Items up to the closing mark, with commas between them or not."""
        found = []
        while not self.accept(end):
            found.append(item())
            self.accept(",")
        return found


def loads(text: str, constants: Mapping[str, np.ndarray] | None = None) -> Graph:
    """The Graph that a text describes. `constants`: values of its digests. UsageError names the line that is wrong."""
    builder, nodes = GraphBuilder(""), []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        line = _Line(raw, number)
        if line.accept("graph"):
            builder.name, builder.rule = line.string(), Rule(line.take() if line.peek() else "onnx")
        elif line.accept("input"):
            name, turned, exposed = line.string(), _turned(line), line.accept("exposed")
            builder.inputs.append(Port(name, _declared(line, builder), turned, exposed))
        elif line.accept("output"):
            name, turned, exposed = line.string(), _turned(line), line.accept("exposed")
            builder.outputs.append(Port(name, line.ref(), turned, exposed))
        elif line.accept("state"):
            name, before = line.string(), _declared(line, builder)
            line.expect("=")
            initial = _data(line, builder.tensors[before].type, constants or {})
            builder.states.append(State(name, before, before, initial))
        elif line.accept("next"):
            _next(line, builder)
        elif line.accept("const"):
            name = _declared(line, builder)
            line.expect("=")
            type = builder.tensors[name].type
            builder.tensors[name] = Tensor(name, type, _data(line, type, constants or {}))
        else:
            nodes.append(_node(line, builder))
        if line.peek():
            raise line.error(f"nothing expected after this, found {line.peek()!r}")
    ends = [port.tensor for port in builder.outputs] + [state.after for state in builder.states]
    for name in ends + [n for node in nodes for n in node.inputs if n is not None]:
        if name not in builder.tensors:
            raise UsageError(f"graph text: nothing defines {_ref(name)}")
    builder.nodes.extend(nodes)
    return builder.build()


def _turned(line: _Line) -> tuple[int, ...]:
    if not line.accept("turned"):
        return ()
    line.expect("(")
    return tuple(line.until(")", lambda: line.number_(int)))


def _next(line: _Line, builder: GraphBuilder) -> None:
    name, after = line.string(), line.ref()
    for index, state in enumerate(builder.states):
        if state.name == name:
            builder.states[index] = dataclasses.replace(state, after=after)
            return
    raise line.error(f"no state is called {_string(name)}")


def _declared(line: _Line, builder: GraphBuilder) -> str:
    name = line.ref()
    if name in builder.tensors:
        raise line.error(f"{_ref(name)} is defined twice")
    line.expect(":")
    builder.tensors[name] = Tensor(name, _type(line))
    return name


def _type(line: _Line) -> TensorType:
    try:
        dtype = DType(line.take())
    except ValueError as error:
        raise line.error(str(error)) from None
    line.expect("[")
    shape = tuple(line.until("]", lambda: line.number_(int)))
    return TensorType(dtype, shape, _quant(line) if line.accept("{") else None)


def _quant(line: _Line) -> Quant:
    axis, first = None, line.take()
    if line.accept(":"):
        axis, first = int(first), line.take()
    scales, zeros = [], []
    while True:
        scales.append(float(np.float32(float(first))))
        line.expect("@")
        zeros.append(line.number_(int))
        if line.accept("}"):
            return Quant(tuple(scales), tuple(zeros), axis)
        first = line.take()


def _data(line: _Line, type: TensorType, known: Mapping[str, np.ndarray]) -> np.ndarray:
    dtype = type.dtype.numpy

    def element() -> Any:
        if type.dtype is DType.BOOL:
            return line.take() == "true"
        return line.number_(float if type.dtype.is_float else int)

    if line.accept("["):
        values = line.until("]", element)
        if len(values) != type.size:
            raise line.error(f"{type.size} values expected, found {len(values)}")
        return np.array(values, dtype).reshape(type.shape)
    word = line.take()
    line.expect("(")
    if word == "splat":
        data = np.full(type.shape, element(), dtype)
    elif word == "random":
        data = random_values(type, line.number_(int))
    elif word == "digest":
        key = line.take()
        if key not in known:
            raise line.error(f"the values of digest {key} are not given")
        data = np.asarray(known[key]).astype(dtype, copy=False).reshape(type.shape)
    else:
        raise line.error(f"values expected, found {word!r}")
    line.expect(")")
    return data


def random_values(type: TensorType, seed: int) -> np.ndarray:
    """The values that `random(seed)` stands for."""
    generator = np.random.default_rng(seed)
    if type.dtype.is_float:
        return generator.uniform(-1, 1, type.shape).astype(type.dtype.numpy)
    low, high = (0, 1) if type.dtype is DType.BOOL else type.dtype.limits
    return generator.integers(max(low, -1000), min(high, 1000) + 1, type.shape).astype(type.dtype.numpy)


def _node(line: _Line, builder: GraphBuilder) -> Node:
    outputs = [_declared(line, builder)]
    while line.accept(","):
        outputs.append(_declared(line, builder))
    line.expect("=")
    op = line.take()
    if op not in ops.all_ops():
        raise line.error(f"operator {op!r} is not known")
    line.expect("(")
    inputs = line.until(")", lambda: None if line.accept("_") else line.ref())
    attrs = ops.get(op).attrs
    hints, values = typing.get_type_hints(attrs), {}
    while line.peek() and not line.accept("from"):
        name = line.take()
        if name not in hints:
            raise line.error(f"{op} has no attribute {name!r}")
        line.expect("=")
        values[name] = _parsed(line, hints[name])
    source = []
    while line.peek():
        source.append(line.string())
        line.accept(",")
    try:
        return Node(op, attrs(**values), tuple(inputs), tuple(outputs), tuple(source))
    except TypeError as error:
        raise line.error(str(error)) from None


def _parsed(line: _Line, hint: Any) -> Any:
    if line.accept("("):
        return tuple(line.until(")", lambda: _parsed(line, typing.get_args(hint)[0])))
    if hint is Clamp:
        line.expect("clamp")
        line.expect("(")
        low, high = line.until(")", lambda: line.number_(float))
        return Clamp(low, high)
    if hint is bool:
        return {"true": True, "false": False}[line.take()]
    if hint in (int, float):
        value = line.number_(hint)
        return math.nan if value != value else value
    return line.take()
