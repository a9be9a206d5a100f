"""Which steps share one copy of their kernel: docs/kernels.md has the rule and what it is made from.

A copy is specialised for all that its steps have in common. At `speed` steps share where a copy of their own would gain
less than it costs; at `size` all steps do that can call the same function.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from barecast.graph import DType
from barecast.schedule import Buffer, Kernel, Schedule, Step

__all__ = ["Shared", "fields_of", "groups", "signature"]

BYTES_FOR_ONE_PERCENT = 2048
"""At `speed` a copy of a kernel may take so many bytes of flash for every hundredth of the model's work that it saves."""

CALL_BYTES = 24
"""What a step takes that calls a shared function, about."""

GROWTH = 2.0
"""How many copies a function is as large as that reads the extents at run time, about, with a compiler that unrolls."""

OUTPUT_WORK = 8
"""Work for each output element besides the multiply-accumulates: rescaling, storing, its part of the loops."""

COUNTS = frozenset(
    """batch bytes channels count extent extent0 extent1 extent2 extent3 extent4 extent5 in_c in_h in_w inner m n out_c out_h
    out_w outer rows run size units""".split()  # noqa: SIM905
)
"""Fields of params structs that only say how often something is done."""

SCALES = frozenset(
    """a_mult a_rest a_scale a_zero b_mult b_rest b_scale b_zero beta bias mult value value_f x_scale x_zero y_mult y_offset
    y_scale y_zero""".split()  # noqa: SIM905
)
"""Fields of params structs that only enter as numbers."""

HIGH_WORD = 33
"""Shifts from here on take the high word of a product only (bc_requantize of bc_math.h)."""


@dataclass(frozen=True)
class Shared:
    """A function that several steps call. steps: their indices, ascending.

    varying: the fields in which they differ, as the steps' structs hold them; source: field -> the one of `varying`
    that has its value, for every field that is not the same in all steps.
    """

    steps: tuple[int, ...]
    varying: tuple[str, ...]
    source: Mapping[str, str]


def groups(schedule: Schedule, optimize: str) -> tuple[Shared, ...]:
    """The functions that more than one step call, by their first steps. optimize: as Options.optimize."""
    steps = schedule.steps
    work = max(sum(_work(schedule, step) for step in steps), 1)
    found: list[Shared] = []
    for alike in _by(range(len(steps)), lambda i: (steps[i].kernel.symbol, _arguments(schedule, steps[i]))):
        if optimize == "size":
            found += [_shared(schedule, some) for some in _by(alike, lambda i: steps[i].kernel.apart(steps[i].params))]
            continue
        for similar in _by(alike, lambda i: _form(steps[i].params, _by_rows(schedule, i))):
            equal = _by(similar, lambda i: tuple(map(_exact, fields_of(steps[i].params).values())))
            alone = {some[0]: some for some in equal if _pays(schedule, some, work)}
            rest = [i for some in equal if some[0] not in alone for i in some]
            found += [_shared(schedule, some) for some in (*alone.values(), tuple(sorted(rest)))]
    # At `size` compilers unroll nothing, so that it takes little to know fewer numbers.
    growth = 1.0 if optimize == "size" else GROWTH
    return tuple(sorted((group for group in found if _saves(steps, group, growth)), key=lambda group: group.steps))


def _by(indices: Iterable[int], key: Any) -> list[tuple[int, ...]]:
    """The indices in groups of equal keys."""
    found: dict[Hashable, list[int]] = {}
    for index in indices:
        found.setdefault(key(index), []).append(index)
    return [tuple(some) for some in found.values()]


def fields_of(params: Any) -> dict[str, int | float]:
    """The values of a params struct by name, in order."""
    return {field.name: getattr(params, field.name) for field in dataclasses.fields(params)}


def signature(schedule: Schedule, step: Step) -> tuple[tuple[str, bool], ...]:
    """For each argument of a step its element's C type and whether it is written."""
    return tuple(
        (schedule.buffers[arg.name].dtype.c, arg.written)
        if isinstance(arg, Buffer)
        else (DType.of(arg.data.dtype).c, False)
        for arg in step.args
    )


def _exact(value: int | float) -> Hashable:
    """Tells 1 from 1.0 and 0.0 from -0.0."""
    return value.hex() if isinstance(value, float) else int(value)


def _arguments(schedule: Schedule, step: Step) -> Hashable:
    return signature(schedule, step), step.kernel.takes_scratch


def _by_rows(schedule: Schedule, index: int) -> frozenset[str]:
    """The fields that are not constant in a step, as it runs by rows."""
    if index not in schedule.stream_of:
        return frozenset()
    return frozenset(field for field, _ in schedule.steps[index].params.by_rows.varies)


def _form(params: Any, by_rows: frozenset[str]) -> Hashable:
    """What of a step decides on the shape of its code: everything but how often it does what, with which numbers."""
    return tuple("by rows" if name in by_rows else _trait(name, value) for name, value in fields_of(params).items())


def _trait(name: str, value: int | float) -> Hashable:
    if name in COUNTS:
        return min(value, 2)
    if name == "shift":
        return value >= HIGH_WORD
    return None if name in SCALES else value


def _work(schedule: Schedule, step: Step) -> float:
    return step.macs + OUTPUT_WORK * _outputs(schedule, step)


def _outputs(schedule: Schedule, step: Step) -> int:
    return sum(schedule.buffers[name].size for name in step.outputs)


def _pays(schedule: Schedule, equal: tuple[int, ...], work: float) -> bool:
    """Whether a copy for these steps, which differ in nothing but their operands, gains as much as it costs.

    work: of all steps, at least 1.
    """
    kernel: Kernel = schedule.steps[equal[0]].kernel
    gain = kernel.copy_gain * sum(_outputs(schedule, schedule.steps[i]) for i in equal)
    percent = 100 * gain / work
    return percent * BYTES_FOR_ONE_PERCENT >= kernel.copy_bytes


def _saves(steps: tuple[Step, ...], group: Shared, growth: float) -> bool:
    """Whether one function and the calls of it are smaller than a copy of the kernel in every step."""
    if not group.steps:
        return False
    copy, count = steps[group.steps[0]].kernel.copy_bytes, len(group.steps)
    return count * copy > (growth if group.varying else 1.0) * copy + count * CALL_BYTES


def _shared(schedule: Schedule, indices: tuple[int, ...]) -> Shared:
    if not indices:
        return Shared((), (), {})
    steps, by_rows = schedule.steps, frozenset().union(*(_by_rows(schedule, i) for i in indices))
    columns = [fields_of(steps[i].params) for i in indices]
    source: dict[str, str] = {}
    held: dict[tuple[Hashable, ...], str] = {}
    for name in columns[0]:
        values = tuple(_exact(column[name]) for column in columns)
        if name in by_rows:
            held[(name,)] = source[name] = name
        elif len(set(values)) > 1:
            source[name] = held.setdefault(values, name)
    return Shared(indices, tuple(held.values()), source)
