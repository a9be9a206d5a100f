"""Several memories: who lies in which, within what each has; what does not fit is refused with the numbers."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from barecast import check, planner
from barecast.boards import Board, Place, Region
from barecast.errors import InternalError, UsageError
from barecast.planner import on_board
from barecast.planner.divide import Memory, divide
from barecast.planner.local_search import top
from barecast.planner.traffic import traffic
from barecast.schedule import Const, PlannedRegion, scratch_key
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planner.build import schedule, step
from tests.planner.intervals import intervals, layered
from tests.planner.test_algorithms import check as check_offsets
from tests.planner.test_plan import NO_OVERLAPS, OVERLAPS, schedules


def board(*memories: tuple[str, int, float], flash: int = 1 << 20, hot: tuple[str, ...] = ()) -> Board:
    """Memories by name, bytes and cycles. Constants lie in flash, with 4 cycles."""
    regions = [Region("flash", "flash", 0, flash, 4), Region("stack", "ram", 1 << 28, 4096)]
    regions += [Region(name, "ram", (k + 2) << 28, size, cycles) for k, (name, size, cycles) in enumerate(memories)]
    names = tuple(name for name, _, _ in memories)
    return Board(
        "made", "", "cortex-m4", "", 2048, tuple(regions), (Place("flash", "flash", "stack", names[0], names, hot),)
    )


def held(buffers, division, name):
    """(the intervals in a memory, with the leave that holds there; their offsets)."""
    keys = {key for key, (memory, _) in division.offsets.items() if memory == name}
    there = tuple(replace(b, over=tuple(o for o in b.over if o.key in keys)) for b in buffers if b.key in keys)
    return there, {key: division.offsets[key][1] for key in keys}


def check_division(buffers, division, memories):
    assert division.offsets.keys() == {b.key for b in buffers}
    for memory in memories:
        there, offsets = held(buffers, division, memory.name)
        check_offsets(there, offsets)
        assert top(there, offsets) <= memory.bytes


@settings(max_examples=25)
@given(intervals, st.lists(st.tuples(st.integers(0, 2500), st.sampled_from([1, 2, 8])), min_size=1, max_size=4), st.data())
def test_divisions_of_random_lifetimes(buffers, sizes, data):
    memories = [Memory(f"m{k}", size, cycles) for k, (size, cycles) in enumerate(sizes)]
    moved = {b.key: data.draw(st.integers(0, 5000)) for b in buffers}
    division = divide(buffers, moved, memories)
    alone = top(buffers, planner.place(buffers).offsets)
    if division is None:
        assert alone > max(memory.bytes for memory in memories)
        return
    check_division(buffers, division, memories)
    cycles = {memory.name: memory.cycles for memory in memories}
    assert division.cost == sum(moved[key] * cycles[name] for key, (name, _) in division.offsets.items())
    fastest = min(memories, key=lambda memory: memory.cycles)
    if alone <= fastest.bytes:
        assert division.cost == fastest.cycles * sum(moved.values())


def test_larger_networks_are_divided_as_well():
    buffers = layered(7, 70, False)
    moved = {b.key: random.Random(b.key).randint(1, 40) * b.bytes for b in buffers}
    whole = top(buffers, planner.place(buffers).offsets)
    memories = [Memory("fast", whole // 3, 1), Memory("middle", whole // 3, 2), Memory("slow", whole, 6)]
    division = divide(buffers, moved, memories)
    check_division(buffers, division, memories)
    assert division.offsets == divide(buffers, moved, memories).offsets
    # All in the slowest would cost 6, and the largest buffers fit no other.
    assert division.cost < 4.5 * sum(moved.values())


@settings(max_examples=25)
@given(schedules(st.one_of(NO_OVERLAPS, OVERLAPS)), st.lists(st.integers(0, 500), min_size=1, max_size=3))
def test_plans_of_random_schedules_pass_the_check_on_random_boards(value, sizes):
    made = board(*((f"m{k}", size, k + 1) for k, size in enumerate(sizes)))
    try:
        plan = on_board.run(value, made)
    except UsageError as error:
        assert planner.run(value).arena_bytes > max(sizes) and "bytes of memory at once" in error.reason
        return
    check.plan(value, plan)
    assert plan.board == "made" and plan.arena_bytes == sum(region.bytes for region in plan.regions)
    assert [region.cycles for region in plan.regions] == sorted(region.cycles for region in plan.regions)


NET = schedule(
    {"x": 400, "y": 400, "z": 400, "out": 100},
    [step("x", "y"), replace(step("y", "z", scratch=200), macs=4000), step("y z", "out")],
    "x",
    "out",
)


def test_traffic_is_what_steps_read_and_write():
    moved = traffic(NET)
    # y is written, read once where scratch memory stands between, and once more.
    assert moved.buffers == {"x": 800, "y": 1200, scratch_key(1): 1000, "z": 800, "out": 200}
    assert traffic(replace(NET, steps=(replace(NET.steps[0], macs=4000), *NET.steps[1:]))).buffers["x"] == 1400


def test_what_moves_most_gets_the_fast_memory():
    for busy in ("x", "z"):
        index = {"x": 0, "z": 2}[busy]
        steps = tuple(replace(s, macs=100_000 if k == index else 0) for k, s in enumerate(NET.steps))
        reads = tuple(a for a in steps[2].args if a.name == "z" or a.written)
        value = replace(NET, steps=(*steps[:2], replace(steps[2], args=reads)))
        plan = on_board.run(value, board(("fast", 400, 1), ("slow", 2000, 4)))
        check.plan(value, plan)
        assert plan.placements[busy].region == "fast"
        assert [region.name for region in plan.regions] == ["fast", "slow"]


def test_one_memory_that_takes_all_is_the_only_one():
    plan = on_board.run(NET, board(("slow", 9000, 4), ("fast", 9000, 1)))
    assert [(r.name, r.capacity) for r in plan.regions] == [("fast", 9000)]
    assert plan.arena_bytes == planner.run(NET).arena_bytes


def test_a_place_further_down_is_taken_where_the_first_is_too_small():
    made = board(("small", 100, 1), ("large", 4000, 1))
    first, second = (replace(made.places[0], arenas=(name,)) for name in ("small", "large"))
    plan = on_board.run(NET, replace(made, places=(first, second)))
    assert [region.name for region in plan.regions] == ["large"]


def test_a_refusal_tells_what_is_needed_by_whom_and_what_would_help():
    with pytest.raises(UsageError) as caught:
        on_board.run(NET, board(("fast", 400, 1), ("slow", 500, 4)))
    told = caught.value
    assert told.reason == (
        'step 2 of 3 (copy) needs 1000 bytes of memory at once ("y" 400, "z" 400, scratch of step 2 200), '
        "board made has 400 bytes in fast and 500 bytes in slow for them"
    )
    assert "take board netduinoplus2 or nucleo-f446re or arduino-nano-33-ble;" in told.remedy
    assert "smaller input extents" in told.remedy
    with pytest.raises(UsageError, match="400 bytes lie in none of them"):
        on_board.run(NET, board(("a", 399, 1), ("b", 399, 1), ("c", 399, 1)))


def with_constants(*sizes: int):
    consts = [Const("weights", np.zeros(size, np.int8)) for size in sizes]
    rows = zip(NET.steps, consts, (9000, 0, 400), strict=True)
    steps = [replace(s, args=(s.args[0], c, *s.args[1:]), macs=macs) for s, c, macs in rows]
    return replace(NET, steps=tuple(steps)), [id(c.data) for c in consts]


def test_constants_that_are_read_most_lie_in_what_is_left():
    value, keys = with_constants(300, 300, 80)
    made = board(("fast", 1500, 1), hot=("fast",))
    plan = on_board.run(value, made)
    check.plan(value, plan)
    left = 1500 - plan.arena_bytes
    assert plan.hot == {keys[0]: "fast", keys[2]: "fast"} and 380 <= left < 680
    assert traffic(value).constants == {keys[0]: 2250, keys[1]: 300, keys[2]: 100}
    assert on_board.run(value, board(("fast", 1500, 1))).hot == {}
    assert on_board.run(value, board(("fast", 1500, 4), hot=("fast",))).hot == {}, "flash is as fast"


def test_too_many_constants_are_refused():
    value, _ = with_constants(300, 300, 80)
    with pytest.raises(UsageError, match="the constants take 680 bytes, flash of board made has 600 for them"):
        on_board.run(value, board(("fast", 9000, 1), flash=600))


def test_the_check_knows_capacities():
    value, keys = with_constants(300, 300, 80)
    plan = on_board.run(value, board(("fast", 1300, 1), ("slow", 900, 4), hot=("fast",)))
    check.plan(value, plan)
    first, rest = plan.planned[0], plan.planned[1:]
    for wrong, message in (
        (replace(plan, planned=(replace(first, capacity=first.bytes - 1), *rest)), "which has"),
        (replace(plan, planned=(replace(first, bytes=first.bytes + 4), *rest)), "do not make up"),
        (replace(plan, planned=(replace(first, name="state"), *rest)), "two regions"),
        (replace(plan, planned=(PlannedRegion("other", first.bytes), *rest)), "outside of the fast"),
        (replace(plan, board=None), "one arena"),
        (replace(plan, hot={keys[0]: "fast", keys[1]: "fast", keys[2]: "fast", 1: "fast"}), "none of the model's"),
        (replace(plan, hot={keys[0]: "fast"}, planned=(replace(first, capacity=first.bytes + 8), *rest)), "with const"),
    ):
        with pytest.raises(InternalError, match=message):
            check.plan(value, wrong)
