"""Small ONNX models for the tests, and the comparison of their import with an outside oracle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from barecast import check, frontends, reference
from barecast.graph import Graph
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

FLOAT, INT8, UINT8, INT64 = TensorProto.FLOAT, TensorProto.INT8, TensorProto.UINT8, TensorProto.INT64


def node(op: str, inputs: str, outputs: str = "y", **attributes: Any) -> onnx.NodeProto:
    """A node; inputs and outputs are names with blanks between, "-" for an absent one."""
    split = [["" if n == "-" else n for n in names.split()] for names in (inputs, outputs)]
    return helper.make_node(op, *split, **attributes)


def model(
    *nodes: onnx.NodeProto,
    inputs: Mapping[str, tuple] = {"x": (1, 4)},
    outputs: Mapping[str, int] = {"y": FLOAT},
    constants: Mapping[str, Any] = {},
    opset: int = 17,
    **more: Any,
) -> onnx.ModelProto:
    """A model. inputs: name -> extents (float), or (element type, extents). Constants of Python floats are float32."""
    ports = []
    for name, shape in inputs.items():
        elem, dims = shape if len(shape) == 2 and isinstance(shape[1], (tuple, list)) else (FLOAT, shape)
        ports.append(helper.make_tensor_value_info(name, elem, dims))
    held = [numpy_helper.from_array(_array(value), name) for name, value in constants.items()]
    results = [helper.make_tensor_value_info(name, elem, None) for name, elem in outputs.items()]
    graph = helper.make_graph(list(nodes), "g", ports, results, held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10, **more)


def _array(value: Any) -> np.ndarray:
    array = np.asarray(value)
    if isinstance(value, np.ndarray) or array.dtype.kind not in "f":
        return array
    return array.astype(np.float32)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    """float32 noise of standard deviation 1."""
    return np.random.default_rng((seed, *shape)).standard_normal(shape).astype(np.float32)


def save(proto: onnx.ModelProto | bytes, folder: Path, name: str = "m.onnx") -> Path:
    path = folder / name
    path.write_bytes(proto if isinstance(proto, bytes) else proto.SerializeToString())
    return path


def read(proto: onnx.ModelProto | bytes, folder: Path, **shapes: tuple[int, ...]) -> Graph:
    graph = frontends.read(save(proto, folder), shapes)
    check.graph(graph)
    return graph


def ops_of(graph: Graph) -> list[str]:
    return [n.op for n in graph.nodes]


def expected(proto: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What onnxruntime computes, node by node as the file spells it."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(feeds)), strict=True))


def expected_by_onnx(proto: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the onnx package's reference computes, for operators that onnxruntime does not have (yet)."""
    names = [output.name for output in proto.graph.output]
    return dict(zip(names, ReferenceEvaluator(proto).run(None, dict(feeds)), strict=True))


def narrowed(dtype: np.dtype) -> np.dtype:
    """The element type of what is this one in ONNX: int64 that is computed at run time is int32."""
    return np.dtype(np.int32) if dtype == np.int64 else dtype


def agrees(
    proto: onnx.ModelProto, folder: Path, *, oracle: Any = expected, tolerance: float = 1e-5, **shapes: tuple[int, ...]
) -> Graph:
    """Imports the model, runs it on noise and asserts that it equals the oracle; returns the graph."""
    graph = read(proto, folder, **shapes)
    feeds = {}
    for i, port in enumerate(graph.inputs):
        made = graph.type(port.tensor)
        values = noise(*made.shape, seed=i)
        if not made.dtype.is_float:
            values = np.clip(np.rint(values * 50) + (128 if made.dtype.value == "u8" else 0), *made.dtype.limits)
        feeds[port.name] = values.astype(made.dtype.numpy)
    have, want = reference.run(graph, feeds), oracle(proto, feeds)
    assert list(have) == [output.name for output in proto.graph.output]
    for name, array in want.items():
        assert have[name].dtype == narrowed(array.dtype) and have[name].shape == array.shape, name
        if array.dtype.kind == "f":
            np.testing.assert_allclose(have[name], array, rtol=tolerance, atol=tolerance, err_msg=name)
        else:
            np.testing.assert_array_equal(have[name], array, err_msg=name)
    return graph
