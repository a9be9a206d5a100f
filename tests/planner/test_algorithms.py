"""Every placement algorithm on random lifetimes: nothing overlaps in time and space, and nothing beats the bound."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from barecast import planner
from barecast.planner.lifetimes import Over
from barecast.planner.local_search import top
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planner.intervals import interval, intervals

algorithms = pytest.mark.parametrize("algorithm", planner.ALGORITHMS, ids=lambda a: a.__name__)


def check(buffers, offsets):
    assert set(offsets) == {b.key for b in buffers}
    assert top(buffers, offsets) >= planner.lower_bound(buffers)
    for k, a in enumerate(buffers):
        assert offsets[a.key] >= 0 and offsets[a.key] % a.align == 0
        for b in buffers[:k]:
            together = a.first <= b.last and b.first <= a.last
            apart = offsets[a.key] + a.bytes <= offsets[b.key] or offsets[b.key] + b.bytes <= offsets[a.key]
            assert not together or apart or 0 in (a.bytes, b.bytes) or may_meet(a, b, offsets) or may_meet(b, a, offsets)


def may_meet(written, read, offsets):
    entries = [over for over in written.over if over.key == read.key]
    start, end = offsets[written.key], offsets[written.key] + written.bytes
    return bool(entries) and all(
        end <= offsets[read.key] + over.behind and (start - offsets[read.key] - over.phase) % over.multiple == 0
        for over in entries
    )


@algorithms
@settings(max_examples=50)
@given(intervals)
def test_random_lifetimes(algorithm, buffers):
    check(buffers, algorithm(buffers))


@algorithms
def test_the_result_is_the_same_every_time(algorithm):
    chance = random.Random(3)
    buffers = tuple(interval(k, k, chance.randint(0, 6), chance.randint(1, 900), 4) for k in range(60))
    assert list(algorithm(buffers).items()) == list(algorithm(buffers).items())


@settings(max_examples=20)
@given(intervals)
def test_the_best_of_all_is_taken(buffers):
    found = planner.place(buffers)
    check(buffers, found.offsets)
    heights = {a.__name__: top(buffers, a(buffers)) for a in planner.ALGORITHMS}
    assert top(buffers, found.offsets) == heights[found.algorithm] == min(heights.values())


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 50)), min_size=1, max_size=40))
def test_chains_with_scratch_reach_the_bound(layers):
    """A layer reads one buffer and writes the next, with scratch of its own: any sizes, no waste."""
    buffers = [interval(f"x{k}", k - 1, 1, 8 * size, 8) for k, (size, _) in enumerate(layers)]
    buffers += [interval(f"s{k}", k, 0, 8 * scratch, 8) for k, (_, scratch) in enumerate(layers) if scratch]
    offsets = planner.place(tuple(buffers)).offsets
    check(buffers, offsets)
    assert top(tuple(buffers), offsets) == planner.lower_bound(tuple(buffers))


@given(st.lists(st.integers(1, 500), min_size=2, max_size=30))
def test_a_chain_in_place_takes_its_largest_buffer(sizes):
    """Each layer may write over what it reads, wherever they meet: there is never more than the larger of two."""
    buffers = [interval("x0", -1, 1, 8 * sizes[0], 8)]
    for k, size in enumerate(sizes[1:]):
        buffers.append(replace(interval(f"x{k + 1}", k, 1, 8 * size, 8), over=(Over(f"bx{k}", 8 * (size + sizes[k])),)))
    offsets = planner.place(tuple(buffers)).offsets
    check(buffers, offsets)
    assert top(tuple(buffers), offsets) == planner.lower_bound(tuple(buffers)) == 8 * max(sizes)


def test_an_output_that_must_keep_a_row_ahead():
    """y needs 96 bytes and may run 80 bytes over x: x starts 16 bytes behind it."""
    x, y = interval("x", -1, 1, 96, 4), replace(interval("y", 0, 1, 96, 4), over=(Over("bx", 80),))
    offsets = planner.place((x, y)).offsets
    assert (offsets["bx"], offsets["by"]) == (16, 0)
    whole_pixels = replace(y, over=(Over("bx", 80, 24),))
    offsets = planner.place((x, whole_pixels)).offsets
    assert (offsets["bx"], offsets["by"]) == (24, 0)


def test_lower_bound_counts_only_what_lives_together():
    assert planner.lower_bound(()) == 0
    assert planner.lower_bound((interval(0, -1, 0, 10, 4), interval(1, 0, 0, 7, 4))) == 10
    assert planner.lower_bound((interval(0, -1, 1, 10, 4), interval(1, 0, 0, 7, 4))) == 18  # 8 + 10: whole words below the top
    assert planner.lower_bound((interval(0, -1, 1, 10, 1), interval(1, 0, 0, 7, 1))) == 17
    over = replace(interval(1, 0, 0, 7, 4), over=(Over("b0", 3),))
    assert planner.lower_bound((interval(0, -1, 1, 10, 4), over)) == 14


def test_thousands_of_buffers():
    chance = random.Random(1)
    buffers = tuple(interval(k, k, chance.randint(0, 5), chance.randint(1, 5000), 4) for k in range(3000))
    offsets = planner.place(buffers).offsets
    assert top(buffers, offsets) <= 1.05 * planner.lower_bound(buffers)
