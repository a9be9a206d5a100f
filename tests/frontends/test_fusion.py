"""Which operators are marked as fused: held against the graph that onnxruntime's optimiser really makes."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from barecast.frontends.onnx import foreign, fusion
from onnx import TensorProto, helper, numpy_helper

ELEMENTS = {np.dtype(np.uint8): TensorProto.UINT8, np.dtype(np.int8): TensorProto.INT8}
SCALE = np.float32(0.05)


class Draft:
    """Nodes of a model on [1, 4, 6, 6], quantised to one element type."""

    def __init__(self, dtype: type):
        self.dtype, self.nodes, self.constants, self.inputs, self.outputs = np.dtype(dtype), [], [], [], []
        self.constant("s", SCALE)
        self.constant("z", np.array(np.iinfo(dtype).min, dtype))

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, op: str, *inputs: str, **attributes) -> str:
        name = f"{op}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def q(self, x: str, zero: str = "z") -> str:
        return self.add("QuantizeLinear", x, "s", zero)

    def dq(self, x: str, zero: str = "z") -> str:
        return self.add("DequantizeLinear", x, "s", zero)

    def real_input(self) -> str:
        """A float input, quantised and dequantised."""
        name = f"x{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4, 6, 6]))
        return self.dq(self.q(name))

    def bytes_input(self) -> str:
        name = f"x{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, ELEMENTS[self.dtype], [1, 4, 6, 6]))
        return self.dq(name)

    def pool(self, x: str) -> str:
        return self.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])

    def real_output(self, x: str) -> None:
        """A quantised tensor leaves as floats."""
        self.outputs.append((self.dq(x), TensorProto.FLOAT))

    def bytes_output(self, x: str) -> None:
        self.outputs.append((x, ELEMENTS[self.dtype]))

    def save(self, path) -> None:
        outputs = [helper.make_tensor_value_info(n, e, None) for n, e in self.outputs]
        graph = helper.make_graph(self.nodes, "draft", self.inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(onnx.shape_inference.infer_shapes(model), path)


def _real(d: Draft) -> None:
    d.real_output(d.q(d.pool(d.real_input())))


def _bytes(d: Draft) -> None:
    d.bytes_output(d.q(d.pool(d.bytes_input())))


def _real_to_bytes(d: Draft) -> None:
    d.bytes_output(d.q(d.pool(d.real_input())))


def _chain_between_bytes(d: Draft) -> None:
    x = d.dq(d.q(d.pool(d.bytes_input())))
    d.bytes_output(d.q(d.add("Softmax", x, axis=1)))


def _softmax(d: Draft) -> None:
    d.real_output(d.q(d.add("Softmax", d.real_input(), axis=1)))


def _global(d: Draft) -> None:
    d.real_output(d.q(d.add("GlobalAveragePool", d.real_input())))


def _shared(d: Draft) -> None:
    """A residual sum of a tensor and what is computed from it."""
    x = d.q(d.add("Mul", d.real_input(), d.real_input()))
    y = d.q(d.add("Mul", d.dq(x), d.real_input()))
    d.real_output(d.q(d.add("Add", d.dq(x), d.dq(y))))


def _shared_dequantize(d: Draft) -> None:
    x = d.real_input()
    y = d.q(d.add("Mul", x, d.real_input()))
    d.real_output(d.q(d.add("Add", x, d.dq(y))))


def _constant(d: Draft) -> None:
    data = d.constant("c", np.ones((4, 1, 1), d.dtype))
    d.real_output(d.q(d.add("Add", d.real_input(), d.dq(data))))


def _moved(d: Draft) -> None:
    x = d.add("Reshape", d.q(d.pool(d.real_input())), d.constant("r", np.array([1, 36], np.int64)))
    d.real_output(d.q(d.add("Softmax", d.dq(x), axis=1)))


def _relu(d: Draft) -> None:
    d.real_output(d.q(d.add("Relu", d.pool(d.real_input()))))


def _relu_that_counts(d: Draft) -> None:
    zero = d.constant("m", np.array(7, d.dtype))
    d.real_output(d.q(d.add("Relu", d.pool(d.real_input())), zero))
    d.nodes[-1].input[2] = zero


def _clip(d: Draft) -> None:
    bounds = [d.constant("low", np.float32(-1)), d.constant("high", np.float32(20))]
    d.real_output(d.q(d.add("Clip", d.pool(d.real_input()), *bounds)))


def _two_readers(d: Draft) -> None:
    x = d.pool(d.real_input())
    d.real_output(d.q(x))
    d.bytes_output(d.q(x, d.constant("m", np.array(7, d.dtype))))


def _mixed(d: Draft) -> None:
    """A float on one side."""
    d.inputs.append(helper.make_tensor_value_info("f", TensorProto.FLOAT, [1, 4, 6, 6]))
    d.real_output(d.q(d.add("Add", d.real_input(), "f")))


DRAFTS = [
    _real, _bytes, _real_to_bytes, _chain_between_bytes, _softmax, _global, _shared, _shared_dequantize, _constant,
    _moved, _relu, _relu_that_counts, _clip, _two_readers, _mixed,
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
@pytest.mark.parametrize("draft", DRAFTS)
def test_marks_are_what_onnxruntime_fuses(tmp_path, draft, dtype):
    d = Draft(dtype)
    draft(d)
    path, optimised = tmp_path / "model.onnx", tmp_path / "optimised.onnx"
    d.save(path)
    marks = [n.fused for n in fusion.mark(foreign.load(path)).nodes if n.op in fusion.FUSED]
    settings = onnxruntime.SessionOptions()
    settings.optimized_model_filepath = str(optimised)
    settings.log_severity_level = 4
    onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    graph = onnx.load(optimised).graph
    types = {t.name: t.data_type for t in graph.initializer}
    # The zero point of a fused operator's first input: Softmax and pools, Add and Mul have it third.
    fused = [n for n in graph.node if n.op_type.startswith("QLinear")]
    names = {TensorProto.UINT8: "u8", TensorProto.INT8: "s8"}
    theirs = sorted(names[types[n.input[2]]] for n in fused)
    assert sorted(m for m in marks if m) == theirs, [n.op_type for n in graph.node]
