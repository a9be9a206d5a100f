"""CMSIS-NN in place of barecast's kernels (`--kernels cmsis-nn`): entries as in barecast.kernels, on the user's library.

Each entry is a header runtime_c/kernels/OP/OP_DTYPE_cmsis.h that calls the library's public functions. What they cannot
do, or would do with other bytes, keeps barecast's kernels: `objections` has the reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from barecast.cmsis_nn import buffer_sizes, objections, packing
from barecast.graph import DType
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE
from barecast.schedule import Kernel, Schedule
from barecast.targets import Target

__all__ = ["Needs", "absence", "core", "entries", "is_entry", "needs"]

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
S8_S16 = (DType.S8, DType.S16)

SUFFIX = "_cmsis"

COPY_BYTES = 200
"""What a call of the library takes in flash, about; it is no faster for knowing its extents."""


def core(target: Target) -> str:
    """Which of the library's three kinds of code its headers choose for the target: "mve", "dsp" or "c"."""
    return next((isa for isa in ("mve", "dsp") if isa in target.isa), "c")


def is_entry(kernel: Kernel) -> bool:
    return kernel.symbol.endswith(SUFFIX)


@dataclass(frozen=True)
class Needs:
    """What a schedule wants of the library. steps: how many call it; single_rounding: whether it must be built with
    CMSIS_NN_USE_SINGLE_ROUNDING, None where that makes no difference."""

    steps: int
    single_rounding: bool | None


def needs(schedule: Schedule) -> Needs | None:
    """None if no step calls the library."""
    theirs = [step for step in schedule.steps if is_entry(step.kernel)]
    ties = {step.params.ties for step in theirs}
    single = True if TFLITE_SINGLE in ties else False if TFLITE in ties else None
    return Needs(len(theirs), single) if theirs else None


def entries(op: str, core: str) -> tuple[Kernel, ...]:
    """The operator's kernels that call CMSIS-NN, for one of the three kinds of code."""
    make = _ENTRIES.get(op)
    found = make(core) if make else ()
    return tuple(replace(kernel, copy_bytes=COPY_BYTES, copy_gain=0.0) for kernel in found)


def absence(op: str, dtypes: tuple[DType, DType]) -> str:
    """Why there is no entry for a call."""
    if any(dtype.is_float for dtype in dtypes):
        return "CMSIS-NN is called for integers only"
    return f"CMSIS-NN is not called for {op} of {dtypes[0].value} to {dtypes[1].value}"


def _symbol(op: str, types: str) -> str:
    return f"bc_{op}_{types}{SUFFIX}"


def _fits(dtypes: tuple[DType, DType], channel_axis: int = 0) -> Callable[[packing.Constants, Any], bool]:
    return partial(packing.fits, reach=-dtypes[0].limits[0], channel_axis=channel_axis)


def _conv2d(core: str) -> tuple[Kernel, ...]:
    shared = {"pack": packing.conv2d}
    return (
        Kernel(
            _symbol("conv2d", "s8"),
            "conv2d",
            S8,
            objection=partial(objections.convolve_s8, core=core),
            fits=_fits(S8),
            scratch=partial(buffer_sizes.convolve_s8, core=core),
            **shared,
        ),
        Kernel(
            _symbol("conv2d", "s16"),
            "conv2d",
            S16,
            objection=objections.convolve_s16,
            fits=_fits(S16),
            scratch=partial(buffer_sizes.convolve_s16, core=core),
            **shared,
        ),
    )


def _dwconv2d(core: str) -> tuple[Kernel, ...]:
    shared = {"pack": packing.dwconv2d}
    return (
        Kernel(
            _symbol("dwconv2d", "s8"),
            "dwconv2d",
            S8,
            objection=partial(objections.depthwise_s8, core=core),
            fits=_fits(S8, 2),
            scratch=partial(buffer_sizes.depthwise_s8, core=core),
            **shared,
        ),
        Kernel(
            _symbol("dwconv2d", "s16"),
            "dwconv2d",
            S16,
            objection=objections.depthwise_s16,
            fits=_fits(S16, 2),
            scratch=partial(buffer_sizes.depthwise_s16, core=core),
            **shared,
        ),
    )


def _dense(core: str) -> tuple[Kernel, ...]:
    shared = {"pack": packing.dense}
    return (
        Kernel(_symbol("dense", "s8"), "dense", S8, objection=objections.dense_s8, fits=_fits(S8), **shared),
        Kernel(_symbol("dense", "s16"), "dense", S16, objection=objections.dense_s16, fits=_fits(S16), **shared),
    )


def _pool2d(core: str) -> tuple[Kernel, ...]:
    shared = {"objection": objections.pool, "scratch": partial(buffer_sizes.average, core=core)}
    return (
        Kernel(_symbol("pool2d", "s8"), "pool2d", S8, pack=packing.none, **shared),
        Kernel(_symbol("pool2d", "s16"), "pool2d", S16, **shared),
    )


def _binary(core: str) -> tuple[Kernel, ...]:
    """In place: the functions read elements before they write them, one after the other."""
    return tuple(
        Kernel(
            _symbol("binary", dtypes[0].value),
            "binary",
            dtypes,
            objection=objections.binary,
            overlap=partial(_in_place, dtypes[0].bytes),
        )
        for dtypes in (S8, S16)
    )


def _in_place(element: int, params: Any) -> int:
    return params.size * element


def _softmax(core: str) -> tuple[Kernel, ...]:
    zeros: tuple[tuple[str, tuple[DType, DType], int | None], ...] = (
        ("s8", S8, -128),
        ("s8_s16", S8_S16, -32768),
        ("s16", S16, None),
    )
    return tuple(
        Kernel(
            _symbol("softmax", types),
            "softmax",
            dtypes,
            objection=partial(objections.softmax, zero=zero),
            **({"pack": packing.none} if zero is not None else {}),
        )
        for types, dtypes, zero in zeros
    )


_ENTRIES: dict[str, Callable[[str], tuple[Kernel, ...]]] = {
    "binary": _binary,
    "conv2d": _conv2d,
    "dense": _dense,
    "dwconv2d": _dwconv2d,
    "pool2d": _pool2d,
    "softmax": _softmax,
}
