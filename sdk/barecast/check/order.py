"""A schedule whose steps were put in another order, checked by what each of them finds in memory.

Both orders are played through on a memory that knows, for each byte of each buffer, which step wrote it last. A step must
find the same in both, and so must whoever comes after the run. Nothing is shared with what chose the order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from barecast.errors import InternalError, printable
from barecast.schedule import Schedule

GIVEN = -1
"""The writer of what is there before the run."""

Span = tuple[int, int, int]
"""(first byte, end, the step that wrote them last)"""


def order(selected: Schedule, ordered: Schedule) -> None:
    """InternalError unless `ordered` is `selected` with its steps in another order that computes the same."""
    number = {id(step): index for index, step in enumerate(selected.steps)}
    if sorted(number.get(id(step), -1) for step in ordered.steps) != list(range(len(number))):
        raise InternalError("order: steps are lost, added or changed")
    for field in ("name", "inputs", "outputs", "buffers", "views", "slots"):
        if getattr(selected, field) != getattr(ordered, field):
            raise InternalError(f"order: the schedule's {field} are changed")
    before, after = (dict(_finds(schedule, number)) for schedule in (selected, ordered))
    for (who, name), spans in before.items():
        if after[who, name] != spans:
            where = f"step {who} ({selected.steps[who].kernel.symbol})" if who < len(number) else "the caller"
            raise InternalError(f"order: {where} finds other data in {printable(name)} than in the model's order")


def _finds(schedule: Schedule, number: dict[int, int]) -> Iterator[tuple[tuple[int, str], list[Span]]]:
    """((step by its number, what it reads), whose data it finds there); the caller's number is that of all steps."""
    memory: dict[str | int, list[Span]] = {}

    def place(name: str) -> tuple[str | int, int, int]:
        root, start = schedule.root(name)
        return schedule.slot_of.get(root, root), start, start + schedule.buffers[name].bytes

    def found(name: str) -> list[Span]:
        where, start, end = place(name)
        return _cut(memory.get(where, [(0, end, GIVEN)]), start, end)

    for step in schedule.steps:
        who = number[id(step)]
        for name in (*step.inputs, *(guard.condition for guard in step.guards)):
            yield (who, name), found(name)
        for name in step.outputs:
            where, start, end = place(name)
            held = memory.setdefault(where, [(0, schedule.buffers[schedule.root(name)[0]].bytes, GIVEN)])
            _write(held, start, end, who)
    for name in (*(border.buffer for border in schedule.outputs), *(slot.after for slot in schedule.slots)):
        yield (len(number), name), found(name)


def _write(spans: list[Span], start: int, end: int, who: int) -> None:
    low, high = _meeting(spans, start, end)
    left = [(a, start, other) for a, _, other in spans[low : low + 1] if a < start]
    right = [(end, b, other) for _, b, other in spans[max(low, high - 1) : high] if end < b]
    spans[low:high] = [*left, (start, end, who), *right]


def _cut(spans: list[Span], start: int, end: int) -> list[Span]:
    """The parts of the spans from start to end."""
    low, high = _meeting(spans, start, end)
    return [(max(a, start), min(b, end), who) for a, b, who in spans[low:high]]


def _meeting(spans: list[Span], start: int, end: int) -> tuple[int, int]:
    """Those with bytes from start to end: the first one's place, and the place behind the last one."""
    return bisect_right(spans, start, key=lambda span: span[1]), bisect_left(spans, end, key=lambda span: span[0])
