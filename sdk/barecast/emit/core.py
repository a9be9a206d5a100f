"""What a model's kernels want of the core, as a check at the top of NAME.c."""

from __future__ import annotations

from barecast.emit.views import CoreView
from barecast.schedule import Schedule
from barecast.targets import Target

_MACROS = {
    "dsp": "__ARM_FEATURE_DSP",
    "fpu": "__ARM_FP",
    "fma": "__ARM_FEATURE_FMA",
    "mve": "__ARM_FEATURE_MVE",
    "a32": "__arm__",
    "a64": "__aarch64__",
    "neon": "__ARM_NEON",
    "dotprod": "__ARM_FEATURE_DOTPROD",
    "i8mm": "__ARM_FEATURE_MATMUL_INT8",
}
"""Instruction set -> what the Arm C Language Extensions have a compiler define for it. Kernels for plain Thumb are not
here: where their assembly cannot stand they are C."""


def core_view(schedule: Schedule, target: Target) -> CoreView | None:
    """The check for the instruction sets of the chosen kernels; None if those are plain C, or Thumb alone."""
    wanted = frozenset().union(*(step.kernel.needs for step in schedule.steps))
    macros = [macro for isa, macro in _MACROS.items() if isa in wanted]
    if not macros:
        return None
    return CoreView(" || ".join(f"!defined({macro})" for macro in macros), " ".join(target.core_flags))
