"""Scalars, empty tensors, many axes, negative axes, odd windows: as onnxruntime has it, or refused in one message."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
import pytest

from tests.frontends import backend_suite
from tests.frontends.build import FLOAT, INT8, expected, model, node, noise

SHAPES = ((), (1,), (5,), (0,), (2, 0, 3), (1, 1, 1, 1), (2, 3, 4, 5), (1, 2, 1, 3, 2), (2, 1, 1, 2, 1, 1, 2, 1))
BIASES = (None, (), (1,), (4,), (1, 4), (2, 1), (2, 4))
"""Shapes of Gemm's C."""


def _one(
    op: str, inputs: str, shape: tuple[int, ...], opset: int = 18, constants: Mapping[str, Any] = {}, **attributes
):
    return model(node(op, inputs, **attributes), inputs={"x": (FLOAT, shape)}, constants=constants, opset=opset)


def _axes(*axes: int) -> dict[str, np.ndarray]:
    return {"a": np.array(axes, np.int64)}


def _elementwise(shape: tuple[int, ...]) -> Iterator[onnx.ModelProto]:
    yield _one("Sigmoid", "x", shape)
    yield _one("Clip", "x lo", shape, constants={"lo": np.array([-0.3], np.float32)})
    for other in SHAPES:
        try:
            np.broadcast_shapes(shape, other)
        except ValueError:
            continue
        yield model(node("Sub", "x z"), inputs={"x": (FLOAT, shape), "z": (FLOAT, other)})
        yield _one("Mul", "c x", shape, constants={"c": noise(*other)})


def _along_axes(shape: tuple[int, ...]) -> Iterator[onnx.ModelProto]:
    rank = len(shape)
    for axis in dict.fromkeys((-rank - 1, -rank, -1, 0, rank - 1, rank)):
        yield _one("Softmax", "x", shape, axis=axis)
        yield _one("Softmax", "x", shape, opset=11, axis=axis)
        yield _one("Flatten", "x", shape, axis=axis)
        yield _one("Concat", "x x", shape, axis=axis)
        yield _one("Squeeze", "x a", shape, constants=_axes(axis))
        yield _one("Unsqueeze", "x a", shape, constants=_axes(axis))
        for keepdims in (0, 1):
            yield _one("ReduceMean", "x a", shape, constants=_axes(axis), keepdims=keepdims)
        if -rank <= axis < rank and 0 not in shape:
            empty = np.zeros(tuple(0 if i == axis % rank else d for i, d in enumerate(shape)), np.float32)
            yield _one("Concat", "e x e", shape, constants={"e": empty}, axis=axis)
    for keepdims, stay in itertools.product((0, 1), (0, 1)):
        yield _one("ReduceMean", "x a", shape, constants=_axes(), keepdims=keepdims, noop_with_empty_axes=stay)


def _moving(shape: tuple[int, ...]) -> Iterator[onnx.ModelProto]:
    rank = len(shape)
    yield _one("Squeeze", "x", shape)
    yield _one("Transpose", "x", shape)
    yield _one("Unsqueeze", "x a", shape, constants=_axes(-1, 0))
    for extents in ([-1], [], [1], [-1, 1], [0, -1], [2, -1], [0, 0, 0]):
        for zero in (0, 1):
            yield _one("Reshape", "x a", shape, constants=_axes(*extents), allowzero=zero)
    for before, after in ((0, 0), (1, 0), (3, 70)):
        amounts = [before, *[0] * (rank - 1), *[0] * (rank - 1), after] if rank else []
        yield _one("Pad", "x a v", shape, constants=_axes(*amounts) | {"v": -np.inf})


def _quantised(shape: tuple[int, ...]) -> Iterator[onnx.ModelProto]:
    constants = {"s": 0.1, "z": np.int8(-3), "t": 0.03}
    for op in ("Relu", "Tanh", "Transpose"):
        nodes = (
            node("DequantizeLinear", "x s z", "d"),
            node(op, "d", "e"),
            node("QuantizeLinear", "e t z"),
        )
        yield model(*nodes, inputs={"x": (INT8, shape)}, outputs={"y": INT8}, constants=constants)
    if shape:
        per_axis = {"s": np.linspace(0.01, 0.2, shape[-1], dtype=np.float32), "z": np.zeros(shape[-1], np.int8)}
        yield model(
            node("QuantizeLinear", "x s z", axis=-1),
            inputs={"x": (FLOAT, shape)},
            outputs={"y": INT8},
            constants=per_axis,
        )


def _products() -> Iterator[onnx.ModelProto]:
    for a, b in (
        *(((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4))),
        *(((1, 1), (1, 1)), ((1, 2, 1, 2, 3), (4, 1, 5, 3, 2)), ((2, 1, 3, 1, 2, 3), (1, 4, 1, 5, 3, 2))),
        *(((0, 3), (3, 2)), ((2, 0), (0, 3)), ((), (3,)), ((2, 3), (4, 3))),
    ):
        yield model(node("MatMul", "x z"), inputs={"x": (FLOAT, a), "z": (FLOAT, b)})
        yield _one("MatMul", "x c", a, constants={"c": noise(*b)})
        yield _one("MatMul", "c x", b, constants={"c": noise(*a)})
    for bias, alpha, across in itertools.product(BIASES, (1.0, 0.5, 0.0), (0, 1)):
        attributes = {"alpha": alpha, "beta": 0.25, "transA": across, "transB": across}
        a, b = ((3, 2), (4, 3)) if across else ((2, 3), (3, 4))
        names = "x w" if bias is None else "x w c"
        ports = {"x": (FLOAT, a), "w": (FLOAT, b)} | ({} if bias is None else {"c": (FLOAT, bias)})
        yield model(node("Gemm", names, **attributes), inputs=ports)
        constants = {"w": noise(*b)} | ({} if bias is None else {"c": noise(*bias)})
        yield _one("Gemm", names, a, constants=constants, **attributes)


def _windows() -> Iterator[onnx.ModelProto]:
    layouts = itertools.product(
        (1, 5), ([1, 1], [2, 3], [9, 9]), ([0] * 4, [1, 0, 0, 1], [0, 0, 40, 40]), (0, 1), ("MaxPool", "AveragePool")
    )
    for height, strides, pads, ceil, op in layouts:
        attributes = dict(kernel_shape=[2, 2], strides=strides, pads=pads, ceil_mode=ceil)
        yield _one(op, "x", (1, 2, height, 7), opset=22, **attributes)
    for mode, stride, groups in itertools.product(("SAME_UPPER", "SAME_LOWER", "VALID"), (1, 2, 5), (1, 2, 4)):
        x, w = (2, 4, 6, 7), (8, 4 // groups, 2, 2)
        ports = {"x": (FLOAT, x), "w": (FLOAT, w), "b": (FLOAT, (8,))}
        attributes = dict(auto_pad=mode, strides=[stride, stride], group=groups)
        yield model(node("Conv", "x w b", **attributes), inputs=ports)
        ports.pop("w")
        yield model(node("Conv", "x w b", **attributes), inputs=ports, constants={"w": noise(*w)})
    yield model(node("Conv", "x x"), inputs={"x": (FLOAT, (3, 3, 3, 3))})
    yield _one("Conv", "c x", (3, 3, 3, 3), constants={"c": noise(1, 3, 5, 5)})
    for op in ("GlobalAveragePool", "GlobalMaxPool"):
        for shape in ((1, 2, 5), (2, 3, 1, 1), (1, 2, 0, 3), (1, 2, 3, 4, 5), (2, 3)):
            yield _one(op, "x", shape)


def _trial(proto: onnx.ModelProto) -> backend_suite.Trial:
    """The model with noise, and what onnxruntime computes from it: nothing, if it refuses the model."""
    feeds = {}
    for index, port in enumerate(proto.graph.input):
        values = np.asarray(noise(*(d.dim_value for d in port.type.tensor_type.shape.dim), seed=index))
        if port.type.tensor_type.elem_type == INT8:
            values = np.clip(np.rint(values * 50), -128, 127).astype(np.int8)
        feeds[port.name] = np.asarray(values)
    try:
        outputs = expected(proto, feeds)
    except Exception:  # onnxruntime states no set of errors
        outputs = {}
    shapes = ", ".join(f"{list(feed.shape)}" for feed in feeds.values())
    told = [f"{a.name}={onnx.helper.get_attribute_value(a)}" for a in proto.graph.node[0].attribute]
    return backend_suite.Trial(f"{proto.graph.node[0].op_type} {shapes} {' '.join(told)}", "", proto, feeds, outputs)


FAMILIES = {
    **{
        f"{family.__name__.strip('_')} {list(shape)}": (family, (shape,))
        for family in (_elementwise, _along_axes, _moving, _quantised)
        for shape in SHAPES
    },
    "products": (_products, ()),
    "windows": (_windows, ()),
}

MAY_REFUSE = (
    "the shape is not fixed",  # an extent of 0
    "has 0 elements",
    "has an empty matrix",
    "nested",
    "works on 5 axes",
    "kernel height 2 (dilation included) is larger than the padded input's 1",
    "pads [0, 0, 40, 40] reach the kernel's size",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_right_or_refused(family: str) -> None:
    make, arguments = FAMILIES[family]
    outcomes = list(backend_suite.run([_trial(proto) for proto in make(*arguments)]))
    wrong = [f"{o.trial.test}: {o.why}" for o in outcomes if o.kind == "wrong"]
    assert not wrong, "\n".join(wrong)
    # A model that onnxruntime runs is refused for a known limit only.
    refused = [f"{o.trial.test}: {o.why}" for o in outcomes if o.kind == "refused" and o.trial.outputs]
    surprises = [text for text in refused if not any(limit in text for limit in MAY_REFUSE)]
    assert not surprises, "\n".join(surprises)
