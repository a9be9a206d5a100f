"""Float biases of quantised layers, as integers hold them.

Exporters of quantisation-aware training leave biases in float32. A layer of integers adds
its bias in steps of scale_x * scale_w: fold_qdq rounds it to that, and so does onnxruntime's
optimiser. With the optimiser off onnxruntime adds the float; `rounded` gives it a model in
which that float is such a multiple already.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import numpy_helper

FOLLOWING = frozenset({"Clip", "Concat", "Flatten", "MaxPool", "Relu", "Reshape", "Squeeze", "Transpose"})
"""What may stand between a layer of integers and its QuantizeLinear."""

Constants = Mapping[str, onnx.TensorProto]
Makers = Mapping[str, onnx.NodeProto]


def rounded(model: onnx.ModelProto) -> onnx.ModelProto | None:
    """The model with each float bias of a Conv or Gemm between DequantizeLinear and QuantizeLinear rounded.

    None if there is none.
    """
    makers = {name: node for node in model.graph.node for name in node.output}
    constants = {c.name: c for c in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            constants.update((node.output[0], a.t) for a in node.attribute if a.name == "value")
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    found: dict[int, np.ndarray] = {}
    for index, node in enumerate(model.graph.node):
        if node.op_type in ("Conv", "Gemm") and len(node.input) == 3 and _is_quantised(node, readers):
            bias = _rounded_bias(node, makers, constants)
            if bias is not None:
                found[index] = bias
    if not found:
        return None
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    for index, bias in found.items():
        node = changed.graph.node[index]
        node.input[2] = f"{node.input[2]}/rounded/{index}"
        changed.graph.initializer.append(numpy_helper.from_array(bias, node.input[2]))
    return changed


def _rounded_bias(node: onnx.NodeProto, makers: Makers, constants: Constants) -> np.ndarray | None:
    bias = constants.get(node.input[2])
    if bias is None or bias.data_type != onnx.TensorProto.FLOAT:
        return None
    if any(a.name in ("alpha", "beta") and a.f != 1 for a in node.attribute):
        return None
    x, weights = (makers.get(name) for name in node.input[:2])
    x_scale, w_scale = _scale(x, constants), _scale(weights, constants)
    if x_scale is None or w_scale is None or x_scale.size != 1 or not _is_fixed(weights.input[0], makers, constants):
        return None
    step = (x_scale.reshape(()).astype(np.float64) * w_scale.astype(np.float64)).reshape(-1)
    real = numpy_helper.to_array(bias)
    if step.size != 1 and real.shape[-1:] != step.shape or not (step > 0).all():
        return None
    return (np.rint(real / step) * step).astype(np.float32).reshape(real.shape)


def _is_quantised(node: onnx.NodeProto, readers: Mapping[str, list[onnx.NodeProto]]) -> bool:
    """Whether all that is computed from the node's output ends in QuantizeLinear, with no arithmetic on the way."""
    while node.op_type != "QuantizeLinear":
        after = readers.get(node.output[0], [])
        if not after or not all(n.op_type in FOLLOWING or n.op_type == "QuantizeLinear" for n in after):
            return False
        node = next((n for n in after if n.op_type != "QuantizeLinear"), after[0])
    return True


def _scale(node: onnx.NodeProto | None, constants: Constants) -> np.ndarray | None:
    """The scales of a DequantizeLinear."""
    known = node is not None and node.op_type == "DequantizeLinear" and node.input[1] in constants
    return numpy_helper.to_array(constants[node.input[1]]) if known else None


def _is_fixed(name: str, makers: Makers, constants: Constants) -> bool:
    """A constant, or the QuantizeLinear of one."""
    maker = makers.get(name)
    if maker is not None and maker.op_type == "QuantizeLinear":
        name = maker.input[0]
    return name in constants
