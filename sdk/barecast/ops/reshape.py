"""reshape: the same bytes under another shape (and, at a frontend's wish, another quantisation). A view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op


@dataclass(frozen=True)
class Reshape:
    """shape: static, with the input's number of elements."""

    shape: tuple[int, ...]


def infer(attrs: Reshape, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    if any(d < 0 for d in attrs.shape) or math.prod(attrs.shape) != inputs[0].size:
        raise ModelError(
            f"shape {list(attrs.shape)} does not hold the {inputs[0].size} elements of {list(inputs[0].shape)}",
            remedy="check the model's reshape target, or fix dynamic dimensions with --shape",
        )
    return (attrs.shape,)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    return (arrays[0].reshape(call.attrs.shape),)


OP = Op("reshape", Reshape, infer, execute, title=lambda call: "Reshape")
