"""Averages over whole images in two steps: sums to which each row is added as it comes, and what becomes of the sums.

Only int8, and only where the sum alone decides the result: where it is a half, onnxruntime lets the float32 sum of the
single elements decide. That is looked at for every sum that there can be.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from barecast import kernels, numerics
from barecast.graph import DType, TensorType
from barecast.numerics import fixed_point
from barecast.ops.pool2d import Pool2dParams
from barecast.ops.reduce import ReduceParams
from barecast.ops.rescale import SLOPES, RescaleParams
from barecast.ops.row_sums import RowSumsParams
from barecast.schedule import Buffer, Const, Kernel, Schedule, Step

S8 = (DType.S8, DType.S8)
HALVES_UP = 0
MOST_SUMS = 2**22
"""Of images with more than this many different sums nobody looks at all of them."""


def split(schedule: Schedule) -> Schedule | None:
    """The schedule with such averages in two steps; None if there are none."""
    steps: list[Step] = []
    buffers = dict(schedule.buffers)
    for step in schedule.steps:
        rescale = None if step.guards else _rescale(schedule, step)
        if rescale is None:
            steps.append(step)
            continue
        (x,), (y,) = step.inputs, step.outputs
        _, _, width, channels = schedule.buffers[x].shape
        sums = f"sums of {y}"
        while sums in buffers:
            sums += "'"
        buffers[sums] = TensorType(DType.S32, (1, 1, 1, channels))
        steps += [
            _step(step, "sums", RowSumsParams(width, channels, 1), _kernel("row_sums", DType.S8, DType.S32), x, sums),
            _step(step, "of the sums", rescale, _kernel("rescale", DType.S32, DType.S8), sums, y),
        ]
    if len(steps) == len(schedule.steps):
        return None
    return replace(schedule, steps=tuple(steps), buffers=buffers)


def _kernel(family: str, x: DType, y: DType) -> Kernel:
    return next(k for k in kernels.for_op(family) if k.dtypes == (x, y) and not k.needs)


def _step(step: Step, title: str, params: RowSumsParams | RescaleParams, kernel: Kernel, x: str, y: str) -> Step:
    args = (Buffer(x), Buffer(y, written=True))
    return Step(kernel.op, f"{step.title}, {title}", kernel, params, args, 0, 0, step.source, (), args)


def _rescale(schedule: Schedule, step: Step) -> RescaleParams | None:
    """The params that make the step's results from the sums of its images' channels; None if none do."""
    if step.op not in ("reduce", "pool2d") or step.kernel.dtypes != S8 or len(step.inputs) != 1:
        return None
    shape, p = schedule.buffers[step.inputs[0]].shape, step.params
    if len(shape) != 4 or shape[0] != 1 or schedule.buffers[step.outputs[0]].size != shape[3]:
        return None
    count = shape[1] * shape[2]
    if isinstance(p, ReduceParams) and (p.outer, p.n, p.inner) == (1, count, shape[3]):
        averages = True
    else:
        averages = isinstance(p, Pool2dParams) and not p.is_max and (p.k_h, p.k_w) == shape[1:3]
    if not averages or 255 * count > MOST_SUMS:
        return None
    sums = np.arange(-128 * count, 127 * count + 1)
    wanted = _results(step, sums, count)
    if wanted is None:
        return None
    params = _params(step, shape[3], count)
    return params if np.array_equal(_rescaled(params, sums), wanted) else None


def _multiplier(step: Step) -> int:
    """The one multiplier of the step; 0 if it has none."""
    found = [arg.data for arg in step.given if isinstance(arg, Const) and arg.role == "multiplier"]
    return int(found[0].reshape(-1)[0]) if found else 0


def _results(step: Step, sums: np.ndarray, count: int) -> np.ndarray | None:
    """The step's result for each sum of its input's stored numbers; None if for one of them the sum does not tell."""
    p = step.params
    if isinstance(p, Pool2dParams) and p.ties >= fixed_point.TFLITE:
        return np.clip(np.sign(sums) * ((np.abs(sums) + count // 2) // count), p.y_min, p.y_max)
    centred, multiplier = sums - p.x_zero * count, _multiplier(step)
    steps = _requantized(centred, multiplier, p.shift, p.ties if p.ties >= fixed_point.TFLITE else HALVES_UP)
    if p.ties == 1:
        halves = numerics.is_half(centred * multiplier, p.shift)
        if halves.any() and not getattr(p, "by_sum", 0):
            return None
        if halves.any():
            by_float = np.rint(np.clip(centred.astype(np.float32) * np.float32(p.x_scale), -512, 512)).astype(np.int64)
            steps = np.where(halves, by_float, steps)
    return np.clip(steps + p.y_zero, p.y_min, p.y_max)


def _params(step: Step, channels: int, count: int) -> RescaleParams:
    p = step.params
    if isinstance(p, Pool2dParams) and p.ties >= fixed_point.TFLITE:
        # Halves go away from zero: up, and of negative sums down, for which their factor is the least bit too large.
        shift = 30 + int(math.log2(count))
        above, below = -(-(2**shift) // count), 2**shift // count + 1
        return RescaleParams(channels, 0, 0, p.y_min, p.y_max, above, shift, below, shift, SLOPES, HALVES_UP)
    rounding, mult = HALVES_UP if p.ties == 1 else p.ties, _multiplier(step)
    x_zero = p.x_zero * count
    return RescaleParams(
        channels, x_zero, p.y_zero, p.y_min, p.y_max, mult, p.shift, mult, p.shift, SLOPES, rounding
    )


def _rescaled(p: RescaleParams, sums: np.ndarray) -> np.ndarray:
    """The twin of bc_rescale_s32_s8_c, by HALVES_UP too."""
    centred = sums - p.x_zero
    above = _requantized(centred, p.mult, p.shift, p.ties)
    below = _requantized(centred, p.below_mult, p.below_shift, p.ties)
    return np.clip(np.where(centred < 0, below, above) + p.y_zero, p.y_min, p.y_max)


def _requantized(sums: np.ndarray, multiplier: int, shift: int, ties: int) -> np.ndarray:
    if ties == HALVES_UP:
        return (sums.astype(np.int64) * multiplier + (1 << (shift - 1))) >> shift
    return fixed_point.multiply(sums, np.int64(multiplier), np.int64(shift), ties).astype(np.int64)
