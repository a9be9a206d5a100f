"""Random sets of intervals, without networks behind them: seeded ones for measurements, and for hypothesis."""

from __future__ import annotations

import random
from dataclasses import replace

from barecast.planner.lifetimes import Interval, Over
from hypothesis import strategies as st


def interval(key: int | str, first: int, length: int, size: int, align: int) -> Interval:
    return Interval(f"b{key}", size, first, first + length, align)


def layered(seed: int, count: int, sharing: bool) -> tuple[Interval, ...]:
    """As a branchy network's buffers: one a step, wanted for a few steps or (seldom) many, of sizes from a few bytes to
    thousands. sharing: most may run over one or two that end where they begin, by all or nearly all of it, some in
    distances of whole pixels."""
    chance = random.Random(f"layered {seed} {count} {sharing}")
    found: list[Interval] = []
    for k in range(count):
        size = 4 * round(2 ** chance.uniform(1, 10))
        length = chance.choice((1, 1, 1, 2, 3, chance.randint(1, min(40, 1 + count // 3))))
        found.append(interval(k, k, length, size, chance.choice((4, 4, 8))))
    return _shared(chance, found) if sharing else tuple(found)


def crowded(seed: int, count: int, sharing: bool) -> tuple[Interval, ...]:
    """The same with lives of any length, so that half of all live at once: no network is like that, and hard to place."""
    chance = random.Random(f"crowded {seed} {count} {sharing}")
    found = []
    for k in range(count):
        first, last = sorted(chance.sample(range(-1, count + 1), 2))
        found.append(interval(k, first, last - first, 4 * chance.randint(1, 60), chance.choice((4, 4, 8, 16))))
    return _shared(chance, found) if sharing else tuple(found)


def _shared(chance: random.Random, found: list[Interval]) -> tuple[Interval, ...]:
    return tuple(replace(one, over=_leave(chance, one, found)) for one in found)


def _leave(chance: random.Random, written: Interval, others: list[Interval]) -> tuple[Over, ...]:
    ending = [o for o in others if o.last == written.first and o.first < o.last and o.key != written.key]
    over = []
    for other in ending[:2]:
        if chance.random() < 0.7:
            behind = max(written.bytes, other.bytes) - 4 * chance.choice((0, 0, 1, 8, 40))
            multiple = chance.choice((1, 1, 4, 12, 64))
            if behind > 0:
                over.append(Over(other.key, behind, multiple))
    return tuple(over)


apart = st.lists(
    st.tuples(st.integers(-1, 20), st.integers(0, 8), st.integers(0, 400), st.sampled_from([1, 4, 8, 16])), max_size=25
).map(lambda rows: tuple(interval(k, *row) for k, row in enumerate(rows)))


@st.composite
def sharing(draw):
    """Intervals some of which may share bytes with one or two that end where they begin."""
    found = []
    for buffer in draw(apart):
        ending = [other for other in found if other.last == buffer.first and not other.first == other.last]
        over = []
        for other in ending[:2]:
            multiple = draw(st.sampled_from([1, 1, 4, 12, 100]))
            over += [Over(other.key, draw(st.integers(1, 900)), multiple, draw(st.integers(0, multiple - 1)))]
        found.append(replace(buffer, over=tuple(over)))
    return tuple(found)


intervals = st.one_of(apart, sharing())
