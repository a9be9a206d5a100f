"""The rows of a stream played through on the memory of a plan, with nothing shared with what made the stream.

Each row of each buffer has a name of its own. A row that a step reads must lie where the generated code looks for it:
at the front of the buffer's memory plus the rows that are held before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from barecast.errors import printable
from barecast.rows import FED, Held, Stream
from barecast.schedule import MemoryPlan, Overlap, Schedule, counter_key, scratch_key

Fail = Callable[[str], None]
Spot = tuple[str, int, int]
"""(region, first byte, bytes)."""


@dataclass
class _Kept:
    """Rows of a buffer that were written so far, and the first of those that are held."""

    written: int = 0
    first: int = 0


class RowPlayer:
    """memory: has write(label, spot) and read(label, spot, where); fail: raises the error."""

    def __init__(self, schedule: Schedule, plan: MemoryPlan, stream: Stream, memory, fail: Fail):
        self._schedule, self._plan, self._stream = schedule, plan, stream
        self._memory, self._fail = memory, fail
        steps = schedule.steps
        self._kept = {name: _Kept() for name in stream.held}
        self._done = dict.fromkeys(stream.steps, 0)
        self._readers = {name: [i for i in stream.steps if name in steps[i].inputs] for name in stream.held}
        self._names = {i: (tuple(dict.fromkeys(steps[i].inputs)), steps[i].outputs[0]) for i in stream.steps}

    def play(self) -> None:
        for happens in self._stream.order:
            if happens == FED:
                self._feed()
            elif happens in self._done:
                self._step(happens)
            else:
                self._fail(f"step {happens} is not of the stream of steps {self._stream.first} to {self._stream.last}")
        for index, rows in self._done.items():
            output = self._names[index][1]
            if output not in self._stream.held and rows != self._rows_of(index):
                self._fail(f"step {index} computes {rows} rows of {printable(output)}")

    def _feed(self) -> None:
        name = self._stream.fed
        placed = self._plan.placements[counter_key(self._stream)]
        if placed.bytes < self._stream.counter_bytes or placed.offset % 4:
            self._fail("the counters of rows have no memory of their size at a multiple of 4 B")
        self._memory.read(counter_key(self._stream), (placed.region, placed.offset, placed.bytes), "a row that arrives")
        if name is None or self._kept[name].written >= self._stream.held[name].height:
            self._fail("a row arrives that no input has")
        self._memory.write(self._label(name, self._kept[name].written), self._room(name))
        self._kept[name].written += 1

    def _step(self, index: int) -> None:
        step, row = self._schedule.steps[index], self._done[index]
        where = f"row {row} of step {index} ({step.kernel.symbol})"
        inputs, output = self._names[index]
        if row >= self._rows_of(index):
            self._fail(f"{where} is beyond {printable(output)}")
        wanted = {name: self._wanted(index, row, name) for name in inputs}
        adds = step.params.by_rows.adds
        if adds:
            target = self._whole(output)
            if row:
                self._memory.read(self._label(output, 0), target, where)
        else:
            target = self._room(output) if output in self._stream.held else self._row_of(output, row)
        for name, (_, start, _) in ((output, target), *((name, rows[0][1]) for name, rows in wanted.items())):
            if start % 4:
                self._fail(f"{where} finds {printable(name)} at no multiple of the 4 B that kernels may load at once")
        self._see(wanted, where)
        if step.scratch:
            placed = self._plan.placements[scratch_key(index)]
            if placed.bytes != step.scratch or placed.offset % 8:
                self._fail(f"{where} has no scratch memory of {step.scratch} B at a multiple of 8 B")
            scratch = (placed.region, placed.offset, placed.bytes)
            self._memory.write(scratch_key(index), scratch)
            self._see(wanted, where)
        self._memory.write(self._label(output, row), target)
        allowed = dict(self._schedule.overlaps(index))
        for name, rows in wanted.items():
            if not _may_lie_over(target, rows[0][1], allowed[name]):
                self._see({name: rows}, where)
        if step.scratch:
            self._memory.read(scratch_key(index), scratch, where)
        self._done[index] += 1
        if output in self._kept:
            self._kept[output].written += 1

    def _rows_of(self, index: int) -> int:
        """How often a step computes a row, or adds one to its result."""
        if self._schedule.steps[index].params.by_rows.adds:
            return self._stream.reach[index].height
        return self._schedule.buffers[self._names[index][1]].shape[1]

    def _whole(self, name: str) -> Spot:
        root, inside = self._schedule.root(name)
        placed = self._plan.placements[root]
        return placed.region, placed.offset + inside, self._schedule.buffers[name].bytes

    def _see(self, wanted: dict[str, list[tuple[str, Spot]]], where: str) -> None:
        for label, spot in (row for rows in wanted.values() for row in rows):
            self._memory.read(label, spot, where)

    def _label(self, name: str, row: int) -> str:
        """Rows that stay are their buffer's; those that move have a name of their own."""
        return f"row {row} of {name}" if name in self._stream.held else self._schedule.root(name)[0]

    def _wanted(self, index: int, row: int, name: str) -> list[tuple[str, Spot]]:
        """(label, place) of each row that the step reads."""
        reach = self._stream.reach[index]
        start = row * reach.stride - reach.pad
        taps = range(max(start, 0), min(start + (reach.taps - 1) * reach.dilation + 1, reach.height))
        if not taps:
            self._fail(f"row {row} of step {index} is computed from nothing")
        return [(self._label(name, tap), self._row_of(name, tap)) for tap in taps]

    def _row_of(self, name: str, row: int) -> Spot:
        root, inside = self._schedule.root(name)
        placed, held = self._plan.placements[root], self._stream.held.get(name)
        if held is None:
            type = self._schedule.buffers[name]
            size = type.bytes // type.shape[1]
            return placed.region, placed.offset + inside + row * size, size
        at = 0 if held.passing else row - self._kept[name].first
        if not 0 <= at < held.rows:
            self._fail(f"row {row} of {printable(name)} is not held where it is wanted")
        return placed.region, placed.offset + at * held.row_bytes, held.row_bytes

    def _room(self, name: str) -> Spot:
        """Where the next row of a held buffer goes, when those that nobody reads any more are dropped."""
        held, kept = self._stream.held[name], self._kept[name]
        needed = min((self._next(index) for index in self._readers[name]), default=0)
        first = max(kept.first, min(needed, kept.written))
        if not held.passing and first > kept.first:
            self._move(name, held, kept, first)
        kept.first = first
        return self._row_of(name, kept.written)

    def _next(self, index: int) -> int:
        reach = self._stream.reach[index]
        return max(0, self._done[index] * reach.stride - reach.pad)

    def _move(self, name: str, held: Held, kept: _Kept, first: int) -> None:
        region, front, size = self._row_of(name, kept.first)
        for row in range(first, kept.written):
            label = self._label(name, row)
            self._memory.read(label, self._row_of(name, row), f"the move of {printable(name)}")
            self._memory.write(label, (region, front + (row - first) * size, size))


def _may_lie_over(target: Spot, first: Spot, rule: Overlap) -> bool:
    """Whether a kernel may write its output row there over the rows that it reads, of which this is the first. The
    output may end behind them: rows that are wanted later and lie there are found to be overwritten when they are."""
    region, start, size = target
    apart = (start - first[1]) % rule.multiple
    return region == first[0] and start + size <= first[1] + rule.bytes and apart == 0 and rule.bytes > 0
