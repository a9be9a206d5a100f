"""What the memory must hold around each step, for builds that watch it (Options.probe).

The harness overwrites with garbage whatever is not wanted after a step, and compares what the step was not to write. The
spans come from the steps' own outputs and from the plan's lifetimes: if those are too short, data is lost, and the
outputs are wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from barecast.rows import Stream
from barecast.schedule import MemoryPlan, Placement, Schedule, Slot, counter_key, scratch_key

Span = tuple[int, int, int]
"""(index into MemoryPlan.region_names, offset, bytes)."""


def probes(schedule: Schedule, plan: MemoryPlan) -> dict[str, Any]:
    """For the manifest: `before`, the spans wanted before the first step, and for each step `writes`, the spans that it
    may write, and `keeps`, those that are wanted after it."""
    count = len(schedule.steps)
    return {
        "before": _wanted(schedule, plan, -1),
        "steps": [
            {"writes": _written(schedule, plan, index), "keeps": _wanted(schedule, plan, index)} for index in range(count)
        ],
    }


def _written(schedule: Schedule, plan: MemoryPlan, index: int) -> list[Span]:
    """Outputs and scratch memory, less what others hold that is wanted before and after the step: a plan that puts both
    into the same bytes is wrong."""
    stream = schedule.stream_of.get(index)
    together = stream.steps if stream is not None and not by_row(schedule) else (index,)
    names = [name for one in together for name in schedule.steps[one].outputs]
    regions = plan.region_names
    found = []
    for name in names:
        root, inside = schedule.root(name)
        place = plan.placements[root]
        size = min(schedule.buffers[name].bytes, place.bytes)
        found.append((regions.index(place.region), place.offset + inside, size))
    for one in together:
        if schedule.steps[one].scratch:
            found.append(_span(regions, plan.placements[scratch_key(one)]))
    if stream is not None and stream.fed is not None:  # rows arrive between steps, and are counted
        names.append(stream.fed)
        found.append(_span(regions, plan.placements[stream.fed]))
    # The place in the order moves on behind the probe of a stream's last row.
    counters = [counter_key(one) for one in schedule.streams if one.fed is not None and index <= one.last + 1]
    found += [_span(regions, plan.placements[key]) for key in counters]
    own = {*(schedule.root(name)[0] for name in names), *counters}
    others = _joined(
        _span(regions, place)
        for key, place in plan.placements.items()
        if place.first < index < place.last and key not in own and key not in schedule.slot_of
    )
    return _without(_joined(found), others)


def _wanted(schedule: Schedule, plan: MemoryPlan, after: int) -> list[Span]:
    """What lies there after a step (-1: before the first) that a later step, the caller or the next run wants."""
    states, stream = _lost_states(schedule, after), schedule.stream_of.get(after)
    # Of a stream's last step a next row may come, for which all that the stream reads and holds stays.
    stays = {key for key, place in plan.placements.items() if stream is not None and place.last == stream.last == after}
    stays &= {root for root in stays if root in schedule.buffers and not _passes(stream, root)}
    regions = plan.region_names
    return _joined(
        _span(regions, place)
        for key, place in plan.placements.items()
        if (place.first <= after < place.last and key not in states) or key in stays
    )


def by_row(schedule: Schedule) -> bool:
    """Whether steps that run by rows are looked at after each row; else after all of them: their function knows no states."""
    return not schedule.slots


def _span(regions: Sequence[str], place: Placement) -> Span:
    return regions.index(place.region), place.offset, place.bytes


def _passes(stream: Stream, root: str) -> bool:
    return root in stream.held and stream.held[root].passing


def _lost_states(schedule: Schedule, after: int) -> set[str]:
    """Both buffers of the states whose old value has been read for the last time, and the new one not begun."""
    found = set()
    for slot in schedule.slots:
        read, written = _turn(schedule, slot)
        if read <= after < written:
            found |= {slot.buffer, slot.after}
    return found


def _turn(schedule: Schedule, slot: Slot) -> tuple[int, int]:
    """(the last step that reads the old value, the first that writes the new one); (0, 0) if it may stay."""
    reads, writes, certain = [-1], [], slot.after != slot.buffer
    for index, step in enumerate(schedule.steps):
        names = (*step.inputs, *(guard.condition for guard in step.guards))
        if any(schedule.root(name)[0] == slot.buffer for name in names):
            reads.append(index)
        if any(schedule.root(name)[0] == slot.after for name in step.outputs):
            writes.append(index)
            certain = certain and not step.guards
    return (max(reads), min(writes)) if certain and writes else (0, 0)


def _without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The spans less the bytes of others; both joined."""
    found = list(spans)
    for region, low, size in taken:
        high, parts = low + size, []
        for span in found:
            start, end = span[1], span[1] + span[2]
            if span[0] != region or end <= low or high <= start:
                parts.append(span)
                continue
            parts += [(region, start, low - start)] if start < low else []
            parts += [(region, high, end - high)] if high < end else []
        found = parts
    return found


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same bytes in as few spans as there can be, in rising order."""
    found: list[Span] = []
    for region, offset, size in sorted(spans):
        if found and found[-1][0] == region and offset <= found[-1][1] + found[-1][2]:
            found[-1] = (region, found[-1][1], max(found[-1][2], offset + size - found[-1][1]))
        elif size:
            found.append((region, offset, size))
    return found
