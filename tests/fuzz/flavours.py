"""Quantises float models with onnxruntime's own tool, in every way that it offers for 8 bits."""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime import quantization
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, shape_inference

SWITCHES = {
    "ActivationSymmetric": 0.3,
    "WeightSymmetric": 0.3,
    "DedicatedQDQPair": 0.25,
    "QDQKeepRemovableActivations": 0.25,
    "AddQDQPairToWeight": 0.1,
    "ForceQuantizeNoInputCheck": 0.2,
    "QDQDisableWeightAdjustForInt32Bias": 0.2,
    "MatMulConstBOnly": 0.2,
    "ActivationRestrictedAsymmetric": 0.1,
}
"""Boolean options of the tool, and how often each is stated at all."""


@dataclass(frozen=True)
class Flavour:
    """One way to quantise."""

    activation: QuantType
    weights: QuantType
    per_channel: bool
    reduce_range: bool
    prepared: bool
    method: CalibrationMethod
    extra: tuple[tuple[str, Any], ...]
    only: tuple[str, ...] = ()
    sparse: bool = False

    def __str__(self) -> str:
        words = [f"a={self.activation.name} w={self.weights.name}", self.method.name.lower()]
        words += [w for w in ("per_channel", "reduce_range", "prepared") if getattr(self, w)]
        words += [f"{k}={v}" for k, v in self.extra] + ["sparse"] * self.sparse
        return " ".join(words + ([f"only {'/'.join(self.only)}"] if self.only else []))


def flavour(seed: int, opset: int) -> Flavour:
    """A way to quantise a model of this opset. Equal seeds give equal ways."""
    rng = np.random.default_rng((seed, 1))
    unsigned = rng.random() < 0.5
    extra = [(name, bool(rng.random() < 0.5)) for name, share in SWITCHES.items() if rng.random() < share]
    extra = [(k, v and (unsigned or k != "ActivationRestrictedAsymmetric")) for k, v in extra]
    if rng.random() < 0.15:
        extra.append(("QuantizeBias", False))
    if rng.random() < 0.1:
        extra.append(("MinimumRealRange", 0.0001))
    if rng.random() < 0.15:
        extra.append(("OpTypesToExcludeOutputQuantization", ["Softmax"]))
    return Flavour(
        activation=QuantType.QUInt8 if unsigned else QuantType.QInt8,
        weights=QuantType.QUInt8 if unsigned and rng.random() < 0.3 else QuantType.QInt8,
        per_channel=opset >= 13 and rng.random() < 0.5,
        reduce_range=bool(rng.random() < 0.15),
        prepared=bool(rng.random() < 0.5),
        method=CalibrationMethod.Percentile if rng.random() < 0.1 else CalibrationMethod.MinMax,
        extra=tuple(extra),
        only=("Conv", "Gemm", "MatMul", "Add") if rng.random() < 0.07 else (),
        sparse=bool(rng.random() < 0.12),
    )


def quantise(model: onnx.ModelProto, way: Flavour, folder: Path, seed: int) -> onnx.ModelProto:
    """The model with QuantizeLinear and DequantizeLinear in it, calibrated with random data."""
    source, target = folder / "float.onnx", folder / "quantised.onnx"
    onnx.save(model, source)
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if way.prepared:
                shape_inference.quant_pre_process(source, folder / "prepared.onnx", skip_symbolic_shape=True)
                source = folder / "prepared.onnx"
            quantization.quantize_static(
                source,
                target,
                _Random(model, seed),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(way.only),
                per_channel=way.per_channel,
                reduce_range=way.reduce_range,
                activation_type=way.activation,
                weight_type=way.weights,
                calibrate_method=way.method,
                extra_options=dict(way.extra),
            )
    finally:
        logger.setLevel(level)
    made = onnx.load(target)
    return _sparse(made) if way.sparse else made


def _sparse(model: onnx.ModelProto) -> onnx.ModelProto:
    """QuantizeLinear and DequantizeLinear only in front of Conv, Gemm and MatMul, as after quantisation-aware training."""
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    constants = {c.name for c in model.graph.initializer}
    outputs = {o.name for o in model.graph.output}
    for node in model.graph.node:
        if node.op_type != "QuantizeLinear" or node.input[0] in constants:
            continue
        for after in readers[node.output[0]]:
            behind = readers.get(after.output[0], [])
            wanted = any(n.op_type in ("Conv", "Gemm", "MatMul") for n in behind)
            if after.op_type == "DequantizeLinear" and not wanted and after.output[0] not in outputs:
                for reader in behind:
                    for index, name in enumerate(reader.input):
                        if name == after.output[0]:
                            reader.input[index] = node.input[0]
    read = {name for node in model.graph.node for name in node.input} | outputs
    while dead := [n for n in model.graph.node if not any(o in read for o in n.output)]:
        for node in dead:
            model.graph.node.remove(node)
        read = {name for node in model.graph.node for name in node.input} | outputs
    return model


def samples(model: onnx.ModelProto, seed: int, count: int) -> list[dict[str, np.ndarray]]:
    """Float inputs as the calibration saw them."""
    rng = np.random.default_rng((seed, 2))
    shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in model.graph.input}
    return [{n: rng.normal(0, 1, s).astype(np.float32) for n, s in shapes.items()} for _ in range(count)]


class _Random(quantization.CalibrationDataReader):
    def __init__(self, model: onnx.ModelProto, seed: int):
        self._rows = iter(samples(model, seed + 1_000_000, 4))

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._rows, None)
