"""Broken streams and plans of them are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from barecast import check, planner, targets
from barecast.errors import InternalError
from barecast.rows import Held
from barecast.schedule import Schedule, scratch_key

from tests.streaming.chains import builder, chain, spans, streamed

SEED = 3
"""A chain of which one stream has held and passing rows, and more than one reader of an image."""


def made() -> Schedule:
    found = builder(chain(SEED), targets.load("cortex-m4"))
    return streamed(found, spans(found)[0])


def refused(schedule: Schedule, words: str, **moved: int) -> None:
    """moved: buffer -> bytes that its place is moved by."""
    plan = planner.run(schedule)
    placements = {
        key: replace(place, offset=place.offset + moved.get(key, 0)) for key, place in plan.placements.items()
    }
    with pytest.raises(InternalError, match=words):
        check.plan(schedule, replace(plan, placements=placements, arena_bytes=plan.arena_bytes + 4096))


def changed(schedule: Schedule, **fields) -> Schedule:
    return replace(schedule, streams=(replace(schedule.streams[0], **fields),))


def test_the_chain_has_what_it_should():
    (stream,) = made().streams
    assert {held.passing for held in stream.held.values()} == {True, False}
    check.plan(made(), planner.run(made()))


def test_every_row_is_computed_before_it_is_wanted():
    schedule = made()
    order = schedule.streams[0].order
    refused(changed(schedule, order=order[:-1]), "computes .* rows of")
    refused(changed(schedule, order=(*order, order[-1])), "beyond")
    late = next(k for k in range(len(order) - 1) if order[k + 1] == order[k] + 1)
    turned = (*order[:late], order[late + 1], order[late], *order[late + 2 :])
    refused(changed(schedule, order=turned), "not held|never written|overwritten|computed from nothing")


def test_held_rows_are_enough():
    schedule = made()
    held = dict(schedule.streams[0].held)
    name = next(name for name, one in held.items() if one.rows > 1)
    less = Held(held[name].rows - 1, held[name].row_bytes, held[name].height, False)
    refused(changed(schedule, held={**held, name: less}), "not held where it is wanted")


def test_rows_that_pass_are_not_held():
    schedule = made()
    held = dict(schedule.streams[0].held)
    name = next(name for name, one in held.items() if one.rows > 1)
    refused(changed(schedule, held={**held, name: replace(held[name], passing=True)}), "overwritten|never written")


def test_places_of_rows():
    schedule = made()
    plan = planner.run(schedule)
    held = [name for name, one in schedule.streams[0].held.items() if not one.passing]
    onto = plan.placements[held[1]].offset - plan.placements[held[0]].offset
    refused(schedule, "overwritten", **{held[0]: onto})
    refused(schedule, "no multiple of the 4 B|not aligned", **{held[0]: 2})


def test_the_order_of_the_steps():
    schedule = made()
    other = replace(schedule.streams[0], last=schedule.streams[0].last - 1)
    with pytest.raises(InternalError, match="stream"):
        check.schedule(replace(schedule, streams=(other,)))


def test_scratch_memory():
    schedule = made()
    plan = planner.run(schedule)
    scratch = next(key for key in map(scratch_key, schedule.streams[0].steps) if key in plan.placements)
    refused(schedule, "at a multiple of 8", **{scratch: 4})
