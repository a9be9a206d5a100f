"""Where the model's states lie: one behind the other, as a C compiler lays out the struct that holds them."""

from __future__ import annotations

from barecast.planner.lifetimes import MIN_ALIGN
from barecast.schedule import STATE, Placement, Schedule


def state_placements(schedule: Schedule) -> tuple[dict[str, Placement], int, int]:
    """(places of the buffers in the states' memory, its bytes, its alignment); nothing, 0 and 1 without states."""
    end, align = 0, 1
    last = len(schedule.steps)
    placements: dict[str, Placement] = {}
    for slot in schedule.slots:
        own = max(MIN_ALIGN, slot.type.dtype.bytes)
        start = -(-end // own) * own
        for name in (slot.buffer, slot.after):
            placements[name] = Placement(STATE, start, slot.type.bytes, -1, last)
        end, align = start + slot.type.bytes, max(align, own)
    return placements, -(-end // align) * align, align
