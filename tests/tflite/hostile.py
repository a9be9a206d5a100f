"""Damaged .tflite files, made from good ones: each must give one clear error."""

from __future__ import annotations

import struct
from collections.abc import Iterator

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
    data = bytearray(good)
    generator = rng("noise")
    for at in generator.integers(8, len(data), 40):
        data[at] = generator.integers(0, 256)
    yield "noise", bytes(data[:8]) + generator.bytes(len(good) - 8)
