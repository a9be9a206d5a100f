"""Damaged .tflite files, made from good ones: each must give one clear error."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np
import tflite

from tests.tflite.build import O, T, const, model, rng

CONV = ("Conv2DOptions", {"Padding": 0, "StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1})


def conv(**change) -> bytes:
    """A convolution with something wrong in it; no change gives a good one."""
    x = T(
        change.get("x", (1, 5, 5, 2)),
        change.get("x_type", np.int8),
        scale=change.get("x_scale", 0.1),
        zero=change.get("x_zero", 0),
    )
    shape = change.get("w", (3, 3, 3, 2))
    w = T(
        shape,
        scale=change.get("w_scale", [0.1, 0.2, 0.3]),
        zero=change.get("w_zero", 0),
        axis=change.get("w_axis", 0),
        data=np.ones(change.get("w_data", shape), np.int8),
    )
    b = T(change.get("b", (3,)), np.int32, data=np.ones(change.get("b_data", change.get("b", (3,))), np.int32))
    y = T(change.get("y", (1, 5, 5, 3)), change.get("y_type", np.int8), scale=change.get("y_scale", 0.1))
    options = (CONV[0], {**CONV[1], **change.get("options", {})})
    return model([O("CONV_2D", (x, w, b), (y,), options)], (x,), (y,))


def relu(x: T, y: T, *, inputs=None, outputs=None) -> bytes:
    return model([O("RELU", (x,), (y,))], inputs or (x,), outputs or (y,))


def patched(data: bytes, at: int, code: str, value: int) -> bytes:
    return data[:at] + struct.pack(code, value) + data[at + struct.calcsize(code) :]


def places(data: bytes) -> dict[str, int]:
    """Where some vectors of the file lie: name -> position of the count."""
    root = tflite.Model.GetRootAs(data, 0)
    graph = root.Subgraphs(0)

    def vector(table, slot: int) -> int:
        at = table._tab.Pos + table._tab.Offset(4 + 2 * slot)
        return at + struct.unpack_from("<I", data, at)[0]

    return {
        "codes": vector(root, 1),
        "graphs": vector(root, 2),
        "buffers": vector(root, 4),
        "tensors": vector(graph, 0),
        "inputs": vector(graph, 1),
        "outputs": vector(graph, 2),
        "operators": vector(graph, 3),
        "shape": vector(graph.Tensors(0), 0),
        "name": vector(graph.Tensors(0), 3),
        "scale": vector(graph.Tensors(0).Quantization(), 2),
        "operator inputs": vector(graph.Operators(0), 1),
        "operator outputs": vector(graph.Operators(0), 2),
    }


def files() -> Iterator[tuple[str, bytes]]:
    """(name, bytes); every one is wrong."""
    good = conv()
    yield "empty", b""
    yield "four bytes", good[:4]
    yield "another identifier", good[:4] + b"TFL2" + good[8:]
    yield "zeros", b"\0\0\0\0TFL3" + b"\0" * 64
    yield "ones", b"\xff\xff\xff\xffTFL3" + b"\xff" * 64
    for share in (10, 30, 50, 70, 90, 99):
        yield f"cut to {share} %", good[: len(good) * share // 100]
    yield "root behind the end", patched(good, 0, "<I", len(good))
    yield "root in the header", patched(good, 0, "<I", 2)
    for name, at in places(good).items():
        yield f"{name}: a huge count", patched(good, at, "<I", 0x7FFFFFFF)
        yield f"{name}: the largest count", patched(good, at, "<I", 0xFFFFFFFF)
    for name in ("inputs", "outputs", "operator inputs", "operator outputs"):
        for index in (-2, 99, 2**31 - 1):
            yield f"{name}: index {index}", patched(good, places(good)[name] + 4, "<i", index)
    yield "output that nothing computes", patched(good, places(good)["operator outputs"] + 4, "<i", 1)
    yield "negative extent", patched(good, places(good)["shape"] + 4, "<i", -1)
    yield "huge extent", patched(good, places(good)["shape"] + 8, "<i", 2**31 - 1)
    empty = patched(good, places(good)["shape"] + 4, "<i", 0)
    for place in (8, 12, 16):
        empty = patched(empty, places(good)["shape"] + place, "<i", 2**31 - 1)
    yield "no elements of a huge shape", empty
    for slot in range(3):
        table = struct.unpack_from("<I", good, 0)[0]
        yield f"vtable moved {slot}", patched(good, table, "<i", (2**31 - 1, -(2**31), 0)[slot])
    yield "constant too short", conv(w_data=(3, 3, 3, 1))
    yield "bias too long", conv(b_data=(4,))
    yield "bias of other channels", conv(b=(4,))
    yield "output of another size", conv(y=(1, 5, 5, 4))
    yield "depth that does not divide", conv(w=(3, 3, 3, 5))
    yield "scale 0", conv(x_scale=0.0)
    yield "scale negative", conv(y_scale=-0.5)
    yield "scale infinite", conv(x_scale=float("inf"))
    yield "scale NaN", conv(x_scale=float("nan"))
    yield "zero point 200", conv(x_zero=200)
    yield "weights with a zero point", conv(w_zero=5)
    yield "two scales for three channels", conv(w_scale=[0.1, 0.2])
    yield "scales along another axis", conv(w_axis=1)
    yield "no scale", conv(y_scale=None)
    yield "stride 0", conv(options={"StrideH": 0})
    yield "stride negative", conv(options={"StrideW": -3})
    yield "dilation 0", conv(options={"DilationHFactor": 0})
    yield "padding unknown", conv(options={"Padding": 7})
    yield "activation unknown", conv(options={"FusedActivationFunction": 9})
    yield "valid padding of a large kernel", conv(w=(3, 9, 9, 2), options={"Padding": 1})
    yield "three axes", conv(x=(5, 5, 2))
    yield "int16 input", conv(x_type=np.int16)
    x, y = T((2, 3), scale=0.1), T((2, 3), scale=0.1)
    yield "no inputs", model([O("RELU", (x,), (y,))], (), (y,))
    yield "input twice", relu(x, y, inputs=(x, x))
    yield "operator without inputs", model([O("RELU", (), (y,))], (x,), (y,))
    yield "operator without outputs", model([O("RELU", (x,), ()), O("RELU", (x,), (y,))], (x,), (y,))
    yield "computed twice", model([O("RELU", (x,), (y,)), O("RELU", (x,), (y,))], (x,), (y,))
    z = T((2, 3), scale=0.1)
    yield "cycle", model([O("ADD", (x, z), (y,)), O("RELU", (y,), (z,))], (x,), (z,))
    yield (
        "axis out of range",
        model([O("CONCATENATION", (x, x), (T((4, 3), scale=0.1),), ("ConcatenationOptions", {"Axis": 7}))], (x,), (y,)),
    )
    w = T((4, 3), scale=0.1)
    yield "axis", model([O("CONCATENATION", (x, x), (w,), ("ConcatenationOptions", {"Axis": -5}))], (x,), (w,))
    yield "transpose of a missing axis", model([O("TRANSPOSE", (x, const([0, 5])), (y,))], (x,), (y,))
    yield "negative padding", model([O("PAD", (x, const([[-1, 0], [0, 0]])), (y,))], (x,), (y,))
    yield "paddings for other axes", model([O("PAD", (x, const([[0, 0]])), (y,))], (x,), (y,))
    yield "axes at run time", model([O("TRANSPOSE", (x, T((2,), np.int32)), (y,))], (x,), (y,))
    tiny = T((2, 3), scale=1e-30)
    yield "scales far apart", model([O("MUL", (x, x), (tiny,))], (x,), (tiny,))
    yield from arithmetic()
    data = bytearray(good)
    generator = rng("noise")
    for at in generator.integers(8, len(data), 40):
        data[at] = generator.integers(0, 256)
    yield "noise", bytes(data[:8]) + generator.bytes(len(good) - 8)


def single(op: str, inputs: Sequence[T], y: T, options=None) -> bytes:
    """One operator; what is no constant is an input."""
    given = tuple(dict.fromkeys(t for t in inputs if t.data is None))
    return model([O(op, inputs, (y,), options)], given, (y,))


def arithmetic() -> Iterator[tuple[str, bytes]]:
    """Operators on one or two tensors with types, scales, axes or shapes that TFLM refuses, or gets wrong."""

    def real(*shape: int) -> T:
        return T(shape or (2, 3), np.float32)

    def whole(*shape: int) -> T:
        return T(shape or (2, 3), np.int32)

    def byte(*shape: int, scale: float = 0.1) -> T:
        return T(shape or (2, 3), scale=scale)

    def truth() -> T:
        return T((2, 3), np.bool_)

    relu = ("AddOptions", {"FusedActivationFunction": 1})
    yield "int32 sum with an activation", single("ADD", (whole(), whole()), whole(), relu)
    yield "operands of two types", single("MUL", (byte(), real()), byte())
    yield "shapes that do not broadcast", single("MAXIMUM", (real(), real(2, 4)), real())
    yield "slopes larger than the input", single("PRELU", (real(), real(4, 2, 3)), real(4, 2, 3))
    yield "comparison of a scale above 1", single("LESS", (byte(scale=1.5), byte()), truth())
    yield "comparison that gives int8", single("LESS", (byte(), byte()), byte())
    yield "comparison of bools by size", single("LESS", (truth(), truth()), truth())
    yield "condition that is no bool", single("SELECT_V2", (byte(), byte(), byte()), byte())
    yield "quotient of int64", single("DIV", (T((2,), np.int64), T((2,), np.int64)), T((2,), np.int64))
    yield "square of int8", single("SQUARE", (byte(),), byte())
    yield "cast to int64", single("CAST", (real(),), T((2, 3), np.int64))
    yield "maximum that is rescaled", single("REDUCE_MAX", (byte(), const([1])), byte(2, 1, scale=0.2), KEEP)
    yield "sum over an axis that is not there", single("SUM", (byte(), const([2])), byte(2, 1), KEEP)
    yield "maximum along an axis that is not there", single("ARG_MAX", (byte(), const(5)), whole(2))
    yield "running sum along no axis", single("CUMSUM", (byte(), const(-3)), byte())
    yield "sum of different scales", single("ADD_N", (byte(), byte(scale=0.3)), byte())
    yield "sum of one", single("ADD_N", (byte(),), byte())
    yield "logarithm with another scale", single("LOG_SOFTMAX", (byte(),), byte())
    yield "length with another scale", single("L2_NORMALIZATION", (byte(),), byte())
    yield "softmax with beta 0", single("SOFTMAX", (real(),), real(), ("SoftmaxOptions", {"Beta": 0.0}))
    yield "fill of a negative extent", single("FILL", (const([2, -3]), real()), real())
    yield "broadcast to another shape", single("BROADCAST_TO", (real(), const([4, 3])), real(4, 3))
    yield "broadcast to a shape at run time", single("BROADCAST_TO", (real(), whole(2)), real())
    yield "shapes that do not go together", single("BROADCAST_ARGS", (const([2, 3]), const([4, 3])), whole(2))


KEEP = ("ReducerOptions", {"KeepDims": 1})
