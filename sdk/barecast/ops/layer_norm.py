"""layer_norm: (x - mean) / sqrt(variance + epsilon) * scale + bias over neighbouring axes, float32.

Layer, instance, group and RMS normalisation are all of this form; they differ in the axes and in how the parameters lie
(Ba et al., Layer Normalization, 2016; Zhang and Sennrich, Root Mean Square Layer Normalization, 2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, TensorType
from barecast.ops import accumulate
from barecast.ops.base import Op
from barecast.ops.clamp import Clamp
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class LayerNorm:
    """axes: sorted, non-negative, neighbours. epsilon: finite, not negative. centred: False leaves the mean where it
    is, and the variance is the mean square."""

    axes: tuple[int, ...]
    epsilon: float
    centred: bool = True
    activation: Clamp = Clamp()


@dataclass(frozen=True)
class LayerNormParams:
    """bc_layer_norm_params (runtime_c/kernels/layer_norm/layer_norm.h), field by field."""

    outer: int
    extent: int
    inner: int
    period: int
    by_element: int
    centred: int
    epsilon: float
    y_min_f: float
    y_max_f: float


def infer(attrs: LayerNorm, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    """Inputs: x, scale and bias, which broadcast to x; either may be None."""
    x, *parameters = inputs
    axes = attrs.axes
    if not axes or axes != tuple(range(axes[0], axes[0] + len(axes))) or not 0 <= axes[0] <= axes[-1] < len(x.shape):
        raise ModelError(
            f"axes {list(axes)} are no neighbours of a tensor of {len(x.shape)}", remedy="correct axes in the model"
        )
    if not (math.isfinite(attrs.epsilon) and attrs.epsilon >= 0):
        raise ModelError(f"epsilon is {attrs.epsilon:g}", remedy="give it a number that is not negative")
    for parameter in parameters:
        if parameter is not None and np.broadcast_shapes(parameter.shape, x.shape) != x.shape:
            raise ModelError(
                f"parameters of shape {list(parameter.shape)} do not broadcast to {list(x.shape)}",
                remedy="correct their shape in the model",
            )
    return (x.shape,)


def rows(axes: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, int, int]:
    """x seen as [outer, extent, inner], normalised over extent."""
    return (
        math.prod(shape[: axes[0]]),
        math.prod(shape[axes[0] : axes[-1] + 1]),
        math.prod(shape[axes[-1] + 1 :]),
    )


def parameter_shape(
    axes: tuple[int, ...], shape: tuple[int, ...], *parameters: tuple[int, ...] | None
) -> tuple[int, ...] | None:
    """The part of x's shape, other extents 1, that has all numbers of the parameters as the kernels read them:
    [period][extent or 1][1] or [1][1][inner] (layer_norm.h). None if they lie in another way."""
    wide = np.broadcast_shapes(*((1,) * (len(shape) - len(p)) + p for p in parameters if p is not None), (1,) * len(shape))
    varies = [a for a, size in enumerate(wide) if size > 1]
    if rows(axes, shape)[2] > 1:
        behind = all(a > axes[-1] for a in varies)
        return tuple(size if varies and a > axes[-1] else 1 for a, size in enumerate(shape)) if behind else None
    first = min((a for a in varies if a < axes[0]), default=axes[0])
    inside = any(a in axes for a in varies)
    return tuple(size if first <= a < axes[0] or (inside and a in axes) else 1 for a, size in enumerate(shape))


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    """In float64, rounded once."""
    x, scale, bias = (*arrays, None, None)[:3]
    attrs = call.attrs
    with np.errstate(all="ignore"):
        y = x.astype(np.float64)
        if attrs.centred:
            y = y - y.mean(axis=attrs.axes, keepdims=True)
        epsilon = np.float64(np.float32(attrs.epsilon))
        y = y / np.sqrt((y * y).mean(axis=attrs.axes, keepdims=True) + epsilon)
        y = y if scale is None else y * scale
        return (accumulate.finish_f32(y if bias is None else y + bias, attrs.activation),)


def lower(call: Call) -> Lowered:
    """Call order: x, scale, bias, y; parameters that the model has not are a single 1 or 0."""
    x, y = call.inputs[0], call.outputs[0]
    scale, bias = (None if t is None else t.data for t in (*call.inputs[1:], None, None)[:2])
    attrs, shape = call.attrs, x.type.shape
    outer, extent, inner = rows(attrs.axes, shape)
    lies = parameter_shape(attrs.axes, shape, *(None if p is None else p.shape for p in (scale, bias)))
    if lies is None:
        raise UnsupportedError(
            "its parameters vary along axes that do not follow each other",
            remedy="multiply and add behind the normalisation",
        )
    given = [
        np.broadcast_to(np.float32(absent) if p is None else p, lies).reshape(-1)
        for p, absent in ((scale, 1), (bias, 0))
    ]
    by_element = any(lies[a] > 1 for a in attrs.axes) or (inner > 1 and len(given[0]) > 1)
    period = len(given[0]) // (extent if by_element and inner == 1 else inner if by_element else 1)
    params = LayerNormParams(
        outer if x.type.size else 0,
        extent,
        inner,
        period,
        int(by_element),
        int(attrs.centred),
        float(np.float32(attrs.epsilon)),
        *accumulate.float_bounds(attrs.activation),
    )
    constants = (Const("weights", np.ascontiguousarray(given[0])), Const("bias", np.ascontiguousarray(given[1])))
    return Lowered(params, (Buffer(x.name), *constants, Buffer(y.name, written=True)))


def title(call: Call) -> str:
    extent = rows(call.attrs.axes, call.inputs[0].type.shape)[1]
    kind = "LayerNorm" if call.attrs.centred else "RMSNorm"
    return f"{kind} over {extent}{accumulate.clamp_words(call.attrs.activation)}"


OP = Op("layer_norm", LayerNorm, infer, execute, lower, LayerNormParams, title)
