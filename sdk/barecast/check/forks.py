"""Forks: whatever the order of their steps, and if they run at the same time, they compute the same."""

from __future__ import annotations

from collections.abc import Callable

from barecast.errors import printable
from barecast.schedule import Schedule


def check(value: Schedule, fail: Callable[[str], None]) -> None:
    """fail(reason) if forks meet or a step of one touches what another one of it writes."""
    behind = 0
    for fork in value.forks:
        if not behind <= fork.first < fork.last < len(value.steps):
            fail(f"a fork of steps {fork.first} to {fork.last}")
        behind = fork.last + 1
        for index in fork.steps:
            step = value.steps[index]
            if index in value.stream_of or step.guards:
                fail(f"step {index} ({step.kernel.symbol}) of a fork runs by rows, or on a condition")
            if held := [name for name in (*step.inputs, *step.outputs) if value.root(name)[0] in value.slot_of]:
                fail(f"step {index} ({step.kernel.symbol}) of a fork uses {printable(held[0])}, which is a state")
            for other in fork.steps:
                if other != index:
                    _check_apart(value, index, other, fail)


def _check_apart(value: Schedule, index: int, other: int, fail: Callable[[str], None]) -> None:
    for written in value.steps[other].outputs:
        root, start = value.root(written)
        end = start + value.buffers[written].bytes
        for name in (*value.steps[index].inputs, *value.steps[index].outputs):
            at_root, at = value.root(name)
            if at_root == root and at < end and start < at + value.buffers[name].bytes:
                fail(f"step {index} uses {printable(name)} while step {other} of the same fork may write it")
