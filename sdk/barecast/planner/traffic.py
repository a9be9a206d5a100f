"""How many bytes a run moves to and from each buffer and constant: what decides who gets the fast memory.

An estimate from the steps alone, the same for every core: docs/memory.md has the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from barecast.schedule import Buffer, Const, Schedule, Step, scratch_key

KEPT = 4
"""Multiply-accumulates for which a kernel keeps what it has loaded: the tiles of most are four outputs wide."""


@dataclass(frozen=True)
class Traffic:
    """Bytes read and written in one run. buffers: by the keys of the memory plan. constants: by the array's id."""

    buffers: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[int, int] = field(default_factory=dict)


def traffic(schedule: Schedule) -> Traffic:
    """Of all buffers outside of the states, scratch memory, and constants."""
    buffers: dict[str, int] = {}
    constants: dict[int, int] = {}

    def moved(name: str, count: int) -> None:
        root = schedule.root(name)[0]
        buffers[root] = buffers.get(root, 0) + count

    for border in (*schedule.inputs, *schedule.outputs):
        moved(border.buffer, border.type.bytes)
    for index, step in enumerate(schedule.steps):
        for name in step.outputs:
            moved(name, schedule.buffers[name].bytes)
        loads = {}
        for arg in step.args:
            if isinstance(arg, Buffer) and not arg.written:
                loads[arg.name] = max(schedule.buffers[arg.name].bytes, _loads(step, schedule.buffers[arg.name].dtype.bytes))
            elif isinstance(arg, Const):
                count = max(arg.data.nbytes, _loads(step, arg.data.itemsize) if arg.role == "weights" else 0)
                constants[id(arg.data)] = constants.get(id(arg.data), 0) + count
        if step.scratch:
            # What is read again and again is read from the scratch memory, to which it was brought once.
            buffers[scratch_key(index)] = max([2 * step.scratch, *loads.values()])
            loads = {name: schedule.buffers[name].bytes for name in loads}
        for name, count in loads.items():
            moved(name, count)
    return Traffic(buffers, constants)


def _loads(step: Step, element: int) -> int:
    """Bytes that the step's multiply-accumulates load of one operand, whose elements have so many."""
    return step.macs * element // KEPT
