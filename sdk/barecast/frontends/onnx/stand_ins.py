"""The types of tensors whose node cannot be imported, so that what reads them can be examined all the same."""

from __future__ import annotations

from collections.abc import Mapping

import onnx
from onnx import shape_inference

from barecast.frontends.onnx.arrays import ELEMENTS_MAX
from barecast.frontends.onnx.foreign import ForeignModel
from barecast.frontends.onnx.ports import DTYPES
from barecast.graph import TensorType


def types(model: ForeignModel, inputs: Mapping[str, TensorType]) -> dict[str, TensorType]:
    """Tensor -> its type, as ONNX's own shape inference tells it, for those that a graph can have as an input.

    inputs: the types of the model's inputs. Tensors whose type is not known are left out; that may be all of them.
    """
    proto = onnx.ModelProto()
    proto.CopyFrom(model.proto)
    for value in proto.graph.input:
        if value.name in inputs:
            value.type.tensor_type.shape.ClearField("dim")
            for extent in inputs[value.name].shape:
                value.type.tensor_type.shape.dim.add(dim_value=extent)
    # It computes constants on the way to a shape, and of Range every number, however many.
    computes = all(node.op_type != "Range" for node in proto.graph.node)
    try:
        told = shape_inference.infer_shapes(proto, data_prop=computes).graph
    except Exception:  # foreign code on a model that may be damaged; no type known is a valid answer
        return {}
    found = {}
    for value in (*told.value_info, *told.output):
        type_ = value.type.tensor_type
        shape = tuple(int(d.dim_value) for d in type_.shape.dim)
        if type_.elem_type not in DTYPES or not type_.HasField("shape") or any(d < 1 for d in shape):
            continue
        made = TensorType(DTYPES[type_.elem_type], shape)
        if made.size <= ELEMENTS_MAX and value.name:
            found[value.name] = made
    return found
