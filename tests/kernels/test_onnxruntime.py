"""Integer results of the multiply-accumulate operators against onnxruntime's, on single operators between
QuantizeLinear and DequantizeLinear, for scales at random and scales that a hand would pick.

onnxruntime computes uint8 models in integers with a float32 factor. int8 models, pools and means it computes
(partly) in float32 between dequantising and quantising: where a result lies at a half, its own rounding
errors decide there, which no other arithmetic reproduces. docs/numerics.md has the measured shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from barecast.graph import DType, TensorType
from barecast.ops.conv2d import Conv2d
from barecast.ops.dense import Dense
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.matmul import Matmul
from barecast.ops.pool2d import Pool2d
from barecast.ops.reduce import LANES, Reduce

from tests.cases.build import Constant, case, expected, quant, rng

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
helper, numpy_helper = onnx.helper, onnx.numpy_helper

HAND_SCALES = [(0.1, 0.1), (0.05, 0.02), (0.02, 0.1), (1 / 64, 1 / 64), (1 / 128, 0.05), (0.25, 1 / 128)]


@dataclass(frozen=True, eq=False)
class Problem:
    """One operator in ONNX's layout. weights: int8 array with its scales along axis 0 (or one), or None."""

    op: str
    attrs: dict
    shape: tuple[int, ...]
    x_scale: float
    x_zero: int
    y_scale: float
    y_zero: int
    dtype: type
    weights: np.ndarray | None = None
    w_scale: np.ndarray | float | None = None
    bias: np.ndarray | None = None


def reference(problem: Problem, x: np.ndarray) -> np.ndarray:
    """What onnxruntime says of DequantizeLinear -> op -> QuantizeLinear."""
    initializers, nodes = [], []

    def constant(name: str, data) -> str:
        initializers.append(numpy_helper.from_array(np.asarray(data), name))
        return name

    def dequantize(source: str, scale, zero, axis: int | None = None) -> str:
        name = source + "_real"
        inputs = [source, constant(source + "_scale", np.float32(scale)), constant(source + "_zero", zero)]
        nodes.append(helper.make_node("DequantizeLinear", inputs, [name], **({} if axis is None else {"axis": axis})))
        return name

    operands = [dequantize("x", problem.x_scale, problem.dtype(problem.x_zero))]
    if problem.weights is not None:
        scales = np.asarray(problem.w_scale, np.float32)
        axis = 0 if scales.ndim else None
        constant("w", problem.weights)
        operands.append(dequantize("w", scales, np.zeros(scales.shape, np.int8), axis))
        if problem.bias is not None:
            constant("b", problem.bias)
            operands.append(
                dequantize("b", np.float32(problem.x_scale) * scales, np.zeros(scales.shape, np.int32), axis)
            )
    nodes.append(helper.make_node(problem.op, operands, ["real"], **problem.attrs))
    constant("y_scale", np.float32(problem.y_scale))
    constant("y_zero", problem.dtype(problem.y_zero))
    nodes.append(helper.make_node("QuantizeLinear", ["real", "y_scale", "y_zero"], ["y"]))
    element = helper.np_dtype_to_tensor_dtype(np.dtype(problem.dtype))
    graph = helper.make_graph(
        nodes,
        "problem",
        [helper.make_tensor_value_info("x", element, problem.shape)],
        [helper.make_tensor_value_info("y", element, None)],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def ours(problem: Problem, x: np.ndarray) -> np.ndarray:
    """What the operator's `execute` says, channels last and in int8, turned back."""
    image = len(problem.shape) == 4
    shift = 128 if problem.dtype is np.uint8 else 0
    x = (x.astype(np.int16) - shift).astype(np.int8)
    x = x.transpose(0, 2, 3, 1) if image else x
    type = TensorType(DType.S8, x.shape, quant(problem.x_scale, problem.x_zero - shift))
    y_type = (DType.S8, quant(problem.y_scale, problem.y_zero - shift))
    op, attrs, operands = _translated(problem)
    case_ = case("onnxruntime", op, attrs, (type, *operands), y_type)
    (y,) = expected(case_, {"x0": x}).values()
    y = (y.astype(np.int16) + shift).astype(problem.dtype)
    return y.transpose(0, 3, 1, 2) if y.ndim == 4 else y


def _translated(problem: Problem):
    attrs, w = problem.attrs, problem.weights
    fused = "u8" if problem.dtype is np.uint8 else "s8"
    axis = lambda a: a if np.ndim(problem.w_scale) else None  # noqa: E731
    bias = None if problem.bias is None else Constant(problem.bias)
    common = {"strides": tuple(attrs.get("strides", (1, 1))), "pads": tuple(attrs.get("pads", (0, 0, 0, 0)))}
    if problem.op == "Conv" and attrs.get("group", 1) > 1:
        weights = Constant(np.ascontiguousarray(w[:, 0].transpose(1, 2, 0)), quant(problem.w_scale, 0, axis(2)))
        return "dwconv2d", Dwconv2d(**common), (weights, bias)
    if problem.op == "Conv":
        weights = Constant(np.ascontiguousarray(w.transpose(0, 2, 3, 1)), quant(problem.w_scale, 0, axis(0)))
        return "conv2d", Conv2d(**common), (weights, bias)
    if problem.op == "Gemm":
        return "dense", Dense(), (Constant(w, quant(problem.w_scale, 0, axis(0))), bias)
    if problem.op == "MatMul":
        return "matmul", Matmul(), (Constant(w, quant(problem.w_scale, 0)),)
    if problem.op == "AveragePool":
        include = bool(attrs.get("count_include_pad", 0))
        pool = Pool2d("avg", tuple(attrs["kernel_shape"]), include_pad=include, fused=fused, **common)
        return "pool2d", pool, ()
    if problem.op == "GlobalAveragePool":
        return "reduce", Reduce("mean", (1, 2), fused=fused), ()
    assert problem.op == "ReduceMean" and list(attrs["axes"]) == [2, 3]
    return "reduce", Reduce("mean", (1, 2), lanes=LANES), ()


def differences(problems: list[Problem]) -> tuple[int, int, int]:
    """(elements, elements that differ, largest difference)."""
    elements = wrong = largest = 0
    for index, problem in enumerate(problems):
        info = np.iinfo(problem.dtype)
        x = rng(f"x {index}").integers(info.min, info.max, problem.shape, endpoint=True).astype(problem.dtype)
        gap = np.abs(ours(problem, x).astype(int) - reference(problem, x).astype(int))
        elements, wrong, largest = elements + gap.size, wrong + int((gap > 0).sum()), max(largest, int(gap.max()))
    return elements, wrong, largest


def weighted(
    dtype: type, scales: list[tuple[float, float]], per_channel: bool, ops=("Conv", "depthwise", "Gemm", "MatMul")
):
    """Problems with weights: the output scale makes results fill about half of the range."""
    found = []
    zero = 120 if dtype is np.uint8 else -9
    for index, (x_scale, w_scale) in enumerate(scales):
        for op in ops:
            generator = rng(f"{op} {index} {per_channel}")
            shape, w_shape, attrs = {
                "Conv": ((1, 6, 24, 24), (8, 6, 3, 3), {"pads": [1, 1, 1, 1]}),
                "depthwise": ((1, 16, 24, 24), (16, 1, 3, 3), {"pads": [1, 1, 1, 1], "group": 16}),
                "Gemm": ((64, 40), (30, 40), {"transB": 1}),
                "MatMul": ((64, 40), (40, 30), {}),
            }[op]
            w = generator.integers(-127, 127, w_shape, endpoint=True).astype(np.int8)
            spread = np.float32(w_scale)
            if per_channel and op != "MatMul":
                spread = (w_scale * np.exp(generator.uniform(-1.5, 1.5, w_shape[0]))).astype(np.float32)
            b = None if op == "MatMul" else generator.integers(-20000, 20000, w_shape[0]).astype(np.int32)
            y_scale = _picked(
                74 * 74 * np.sqrt(np.prod(w_shape[1:])) * x_scale * w_scale / 64,
                x_scale in (s for p in HAND_SCALES for s in p),
            )
            onnx_op = "Conv" if op == "depthwise" else op
            found.append(Problem(onnx_op, attrs, shape, x_scale, zero, y_scale, zero + 11, dtype, w, spread, b))
    return found


def _picked(value: float, by_hand: bool) -> float:
    """The scale itself, or a round one near it."""
    return float(f"{value:.0e}") if by_hand else value


def random_scales(seed: str, n: int) -> list[tuple[float, float]]:
    return [tuple(np.exp(rng(f"{seed} {i}").uniform(np.log(0.004), np.log(0.05), 2))) for i in range(n)]


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_products_at_random_scales(dtype, per_channel):
    elements, wrong, largest = differences(weighted(dtype, random_scales("products", 8), per_channel))
    assert elements > 100_000 and largest <= 1 and wrong < 1e-4 * elements, f"{wrong} of {elements}"


def test_products_at_hand_picked_scales():
    """Halves are common here; onnxruntime's float32 factor decides them, and ours is the same factor."""
    elements, wrong, largest = differences(weighted(np.uint8, HAND_SCALES, False))
    assert elements > 80_000 and largest <= 1 and wrong < 1e-4 * elements, f"{wrong} of {elements}"


def test_products_at_hand_picked_scales_that_onnxruntime_computes_in_float():
    """int8 activations run in float32 there, whose noise decides halves: 1 result in 2 000 at these scales."""
    elements, wrong, largest = differences(weighted(np.int8, HAND_SCALES, False))
    assert largest <= 1 and wrong < 2e-3 * elements, f"{wrong} of {elements}"


def averages(op: str, scales: list[tuple[float, float]], dtype: type, zero: int, **attrs) -> list[Problem]:
    return [Problem(op, attrs, (2, 16, 24, 24), x, zero, y, zero, dtype) for x, y in scales]


POOLS = (
    ("AveragePool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("AveragePool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
    ("AveragePool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1}),
    ("AveragePool", {"kernel_shape": [4, 6], "strides": [2, 2]}),
    ("AveragePool", {"kernel_shape": [4, 6], "strides": [2, 3]}),
    ("GlobalAveragePool", {}),
    ("ReduceMean", {"axes": [2, 3]}),
)


@pytest.mark.parametrize(("op", "attrs"), POOLS)
@pytest.mark.parametrize(("dtype", "zero"), [(np.uint8, 128), (np.uint8, 0), (np.int8, -128), (np.int8, 5)])
def test_averages_where_float_has_no_noise(op, attrs, dtype, zero):
    """Scales that are powers of two: every half is a half in float32 too."""
    scales = [(1 / 64, 1 / 64), (1 / 64, 1 / 32), (1 / 16, 1 / 32)]
    elements, wrong, _ = differences(averages(op, scales, dtype, zero, **attrs))
    assert elements and wrong == 0, f"{wrong} of {elements}"


@pytest.mark.parametrize(("op", "attrs"), POOLS)
def test_averages_at_random_scales(op, attrs):
    elements, wrong, largest = differences(averages(op, random_scales("averages", 12), np.uint8, 7, **attrs))
    assert elements and largest <= 1 and wrong < 1e-4 * elements, f"{wrong} of {elements}"


@pytest.mark.parametrize(("dtype", "zero"), [(np.int8, 5), (np.int8, -128), (np.uint8, 7)])
@pytest.mark.parametrize(("op", "attrs"), POOLS)
def test_averages_that_keep_their_scale(op, attrs, dtype, zero):
    """A quarter of all 2x2 windows give halves; onnxruntime's float sum decides them, and ours is the same sum."""
    scales = [(x, x) for x, _ in random_scales("averages", 12)]
    elements, wrong, _ = differences(averages(op, scales, dtype, zero, **attrs))
    assert elements and wrong == 0, f"{wrong} of {elements}"
