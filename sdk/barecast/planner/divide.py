"""Which of several memories each buffer lies in, and where: by traffic, within capacities."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from barecast.planner import ALGORITHMS, place
from barecast.planner.lifetimes import Algorithm, Interval
from barecast.planner.local_search import local_search, top
from barecast.planner.lower_bound import lower_bound
from barecast.planner.placed import Placed

__all__ = ["Division", "Memory", "bound_of_several", "divide"]

TRIES = 60
"""Orders that are tried at random where no rule finds a division that fits."""

WORK = 20_000
"""Placements of these tries in all, and of the moves that improve a division."""

QUICK = tuple(algorithm for algorithm in ALGORITHMS if algorithm is not local_search)
"""Those of which each takes one look at a buffer."""

MOVES = 40
"""Buffers at most that are tried in a faster memory, once a division is found."""


@dataclass(frozen=True)
class Memory:
    """bytes: what may be taken. cycles: of an access, relative to the others."""

    name: str
    bytes: int
    cycles: float


@dataclass(frozen=True)
class Division:
    """offsets: key -> (memory's name, offset). cost: sum of traffic times the cycles of an access."""

    offsets: Mapping[str, tuple[str, int]]
    cost: float


def divide(intervals: tuple[Interval, ...], moved: Mapping[str, int], memories: Sequence[Memory]) -> Division | None:
    """The division of the least cost that is found; None if none is. moved: bytes of traffic by key."""
    memories = sorted(memories, key=lambda memory: memory.cycles)
    alone = _alone(intervals, moved, memories)
    if alone is not None and all(place == memories[0].name for place, _ in alone.offsets.values()):
        return alone
    orders = list(_orders(intervals, moved))
    found = [division for order in orders if (division := _filled(order, moved, memories, QUICK))]
    found += [alone] if alone is not None else []
    if not found and bound_of_several(intervals) <= sum(memory.bytes for memory in memories):
        relieved = _relieved(intervals, moved, memories)
        more = ((order, QUICK) for order in _shuffled(intervals))
        tries = (_filled(order, moved, memories, way) for order, way in (*more, *((order, ALGORITHMS) for order in orders)))
        found = [relieved] if relieved else list(islice((division for division in tries if division is not None), 1))
    if not found:
        return None
    return _improved(intervals, moved, memories, min(found, key=lambda division: division.cost))


def bound_of_several(intervals: tuple[Interval, ...]) -> int:
    """What no division into several memories takes less than: gaps that alignment makes in one need not be in any."""
    return lower_bound(tuple(replace(interval, align=1) for interval in intervals))


def _alone(intervals: tuple[Interval, ...], moved: Mapping[str, int], memories: Sequence[Memory]) -> Division | None:
    """All in the fastest memory that holds all."""
    offsets = place(intervals).offsets
    height = top(intervals, offsets)
    for memory in memories:
        if height <= memory.bytes:
            return _division({key: (memory.name, offset) for key, offset in offsets.items()}, moved, memories)
    return None


def _division(
    offsets: Mapping[str, tuple[str, int]], moved: Mapping[str, int], memories: Sequence[Memory]
) -> Division:
    cycles = {memory.name: memory.cycles for memory in memories}
    return Division(offsets, sum(moved.get(key, 0) * cycles[name] for key, (name, _) in offsets.items()))


def _orders(intervals: tuple[Interval, ...], moved: Mapping[str, int]) -> Iterator[list[Interval]]:
    """Who chooses first: who moves most for each byte and step, for each byte; who is largest; who comes first."""
    keys: tuple[Callable[[Interval], object], ...] = (
        lambda i: (-moved.get(i.key, 0) / max(1, i.bytes * (i.last - i.first + 1)), -i.bytes, i.first),
        lambda i: (-moved.get(i.key, 0) / max(1, i.bytes), -i.bytes, i.first),
        lambda i: (-i.bytes, i.first),
        lambda i: (i.first, -i.bytes),
    )
    for key in keys:
        yield sorted(intervals, key=key)


def _shuffled(intervals: tuple[Interval, ...]) -> Iterator[list[Interval]]:
    """The order by size, with some buffers moved to the front: the same ones every time."""
    chance = random.Random(0)
    order = sorted(intervals, key=lambda i: (-i.bytes, i.first))
    for _ in range(min(TRIES, WORK // max(1, len(order)))):
        weight = {i.key: k * chance.uniform(0.3, 1) for k, i in enumerate(order)}
        yield sorted(order, key=lambda i: weight[i.key])


def _filled(
    order: Sequence[Interval], moved: Mapping[str, int], memories: Sequence[Memory], ways: Sequence[Algorithm]
) -> Division | None:
    """Each in turn into the fastest memory with room for it. What is left for the last memory is placed as a whole."""
    placed = {memory.name: Placed(order) for memory in memories[:-1]}
    offsets: dict[str, tuple[str, int]] = {}
    rest = []
    for interval in order:
        for memory in memories[:-1]:
            offset = placed[memory.name].lowest(interval)
            if offset + interval.bytes <= memory.bytes:
                offsets[interval.key] = memory.name, placed[memory.name].put(interval, offset)
                break
        else:
            rest.append(interval)
    rest_offsets = _fitting(_together(rest), memories[-1].bytes, ways)
    if rest_offsets is None:
        return None
    offsets |= {key: (memories[-1].name, offset) for key, offset in rest_offsets.items()}
    return _division(offsets, moved, memories)


def _relieved(
    intervals: tuple[Interval, ...], moved: Mapping[str, int], memories: Sequence[Memory]
) -> Division | None:
    """All in the largest memory first; as long as it is too full, one of those at its fullest step moves to another that
    takes it, the largest first."""
    home = {interval.key: max(memories, key=lambda memory: memory.bytes).name for interval in intervals}
    limits = {memory.name: memory.bytes for memory in memories}
    full = home[intervals[0].key] if intervals else memories[0].name
    laid: dict[str, Mapping[str, int]] = {name: {} for name in limits}
    for _ in range(min(len(intervals), WORK // max(1, len(intervals)))):
        there = _together([i for i in intervals if home[i.key] == full])
        found = _fitting(there, limits[full], QUICK)
        if found is not None:
            laid[full] = found
            return _division({key: (home[key], laid[home[key]][key]) for key in home}, moved, memories)
        step = max({i.first for i in there}, key=lambda s: (sum(i.bytes for i in there if i.first <= s <= i.last), -s))
        crowd = sorted((i for i in there if i.first <= step <= i.last and i.bytes), key=lambda i: (-i.bytes, i.first))
        for interval, name in ((i, name) for i in crowd for name in limits if name != full):
            others = _together([i for i in intervals if home[i.key] == name or i.key == interval.key])
            if (offsets := _fitting(others, limits[name], QUICK)) is not None:
                home[interval.key], laid[name] = name, offsets
                break
        else:
            return None
    return None


def _fitting(
    intervals: tuple[Interval, ...], limit: int, ways: Sequence[Algorithm]
) -> Mapping[str, int] | None:
    """Offsets below the limit, by the first algorithm that finds any."""
    if lower_bound(intervals) <= limit:
        for algorithm in ways:
            offsets = algorithm(intervals)
            if top(intervals, offsets) <= limit:
                return offsets
    return None


def _together(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Those of one memory, with the leave to share bytes that holds between them."""
    keys = {interval.key for interval in intervals}
    return tuple(replace(i, over=tuple(over for over in i.over if over.key in keys)) for i in intervals)


def _improved(
    intervals: tuple[Interval, ...], moved: Mapping[str, int], memories: Sequence[Memory], division: Division
) -> Division:
    """Fast memories packed anew, with more in them: buffers of slower ones, those first that gain most."""
    home = {key: name for key, (name, _) in division.offsets.items()}
    offsets = dict(division.offsets)
    tries = min(MOVES, WORK // max(1, len(intervals)))
    for rank, memory in enumerate(memories[:-1]):
        slower = {other.name for other in memories[rank + 1 :]}
        waiting = sorted((i for i in intervals if home[i.key] in slower), key=lambda i: (-moved.get(i.key, 0), i.first))
        for interval in [i for i in waiting if 0 < i.bytes <= memory.bytes][:tries]:
            there = _together([i for i in intervals if home[i.key] == memory.name or i is interval])
            found = _fitting(there, memory.bytes, QUICK)
            if found is not None:
                home[interval.key] = memory.name
                offsets |= {key: (memory.name, offset) for key, offset in found.items()}
    # Each memory may hold what it has in less; where that is not found, all lies as it lay.
    for memory in memories:
        there = _together([i for i in intervals if home[i.key] == memory.name])
        found = place(there).offsets
        if top(there, found) < max((offsets[i.key][1] + i.bytes for i in there), default=0):
            offsets |= {key: (memory.name, offset) for key, offset in found.items()}
    better = _division(offsets, moved, memories)
    return better if better.cost <= division.cost else division
