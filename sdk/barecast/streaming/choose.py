"""Which steps are to run by rows: the least memory, or the least work that fits a budget."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import inf

from barecast import planner
from barecast.errors import ModelError, UsageError
from barecast.options import Options
from barecast.schedule import MemoryPlan, Schedule
from barecast.streaming import averages
from barecast.streaming.build import Builder
from barecast.streaming.layers import MOST, Part
from barecast.targets import Target

PLANNED = 8
"""So many of the most promising choices are placed for good; of the others the lower bound is known."""

Spans = tuple[tuple[int, int], ...]
"""(first, last) step of each stream, in order."""


@dataclass(frozen=True)
class Choice:
    """Streams that were considered. arena_bytes: as placed; None for a choice of which only the lower bound was wanted.

    macs: of the steps that run by rows; moved_bytes: what is moved to keep their rows in order. Nothing is computed twice.
    """

    spans: Spans
    lower_bound: int
    arena_bytes: int | None
    macs: int
    moved_bytes: int


@dataclass(frozen=True, eq=False)
class Chosen:
    """considered: the choice that was taken first, then the others by memory."""

    schedule: Schedule
    plan: MemoryPlan
    considered: tuple[Choice, ...]


def choose(schedule: Schedule, target: Target, options: Options) -> Chosen:
    """The schedule with the streams that the options ask for, and its plan: those with the least arena for `optimize`
    "ram", else those with the fewest multiply-accumulates by rows within the budget, if there is one. ModelError if
    nothing fits that."""
    if options.ram is None and options.optimize != "ram":
        return _Search(schedule, target, options).within(planner.ARENA_MAX)
    if options.ram is not None:
        try:
            return _Search(schedule, target, options).within(options.ram)
        except ModelError:
            least = _least(schedule, target, options)
            if least.plan.arena_bytes > options.ram:
                raise _refused(options, least) from None
            return least
    return _least(schedule, target, options)


def _least(schedule: Schedule, target: Target, options: Options) -> Chosen:
    """The least memory, with averages over whole images in one step or in two."""
    found = [_Search(schedule, target, options).least()]
    if (apart := averages.split(schedule)) is not None:
        try:
            found.append(_Search(apart, target, options).least())
        except UsageError:  # the averages' images cannot come by rows
            pass
    return min(found, key=lambda chosen: chosen.plan.arena_bytes)


class _Search:
    def __init__(self, schedule: Schedule, target: Target, options: Options):
        self._schedule, self._options = schedule, options
        self._fed = _fed_input(schedule, options)
        self._builder = Builder(schedule, target, options)
        self._bounds: dict[Spans, int] = {}
        self._plans: dict[Spans, MemoryPlan] = {}
        self._part = cache(self._builder.layers.part)
        self._must = {index for index, layer in self._builder.layers.by_step.items() if layer.adds}
        self._profile = planner.profile(planner.lifetimes(schedule), len(schedule.steps))
        self._fullest_before = [0, *accumulate(self._profile, max)]
        self._fullest_from = [0, *accumulate(reversed(self._profile), max)][::-1]

    def least(self) -> Chosen:
        """The least memory that is found."""
        spans = self._best()
        for other in sorted(self._bounds, key=lambda one: (self._bounds[one], self._macs(one)))[:PLANNED]:
            if self._bounds[other] < self._planned(spans).arena_bytes:
                if self._planned(other).arena_bytes < self._planned(spans).arena_bytes:
                    spans = other
        return self._chosen(spans)

    def within(self, budget: int) -> Chosen:
        """The fewest multiply-accumulates by rows that fit."""
        tried = 0
        for one in self._fitting(budget):
            bound = self._bound(one)
            if bound is not None and bound <= budget and tried < PLANNED:
                tried += 1
                if self._planned(one).arena_bytes <= budget:
                    return self._chosen(one)
        least = self.least()
        if least.plan.arena_bytes <= budget:
            return least
        raise _refused(self._options, least)

    def _fitting(self, budget: int) -> Iterator[Spans]:
        """No stream and single ones that leave so little outside, by multiply-accumulates."""
        fed = self._fed is not None
        if not fed and self._outside(()) <= budget:
            yield ()
        spans = [(span,) for span in self._spans(with_input=fed, cover=self._must, below=budget + 1)]
        yield from sorted(spans, key=self._macs)

    def _chosen(self, spans: Spans) -> Chosen:
        schedule = self._built(spans)
        others = sorted((one for one in self._bounds if one != spans), key=lambda one: (self._bounds[one], one))
        return Chosen(schedule, self._planned(spans), tuple(self._told(one) for one in (spans, *others)))

    def _told(self, spans: Spans) -> Choice:
        plan = self._plans.get(spans)
        moved = sum(self._builder.stream(part).moved_bytes for part in self._parts(spans))
        return Choice(spans, self._bounds[spans], plan.arena_bytes if plan else None, self._macs(spans), moved)

    def _best(self) -> Spans:
        """The streams with the lowest bound: the best first one, then more of them where that leaves the fullest steps."""
        best: Spans | None = None
        if self._fed is None and not self._must:
            best = ()
            self._bound(best)
        below = inf if best is None else self._bounds[best]
        for span in self._spans(with_input=self._fed is not None, cover=self._must, below=below):
            if best is None or self._outside((span,)) < self._bounds[best]:
                best = self._better(best, (span,))
        if best is None:
            raise UsageError(
                'feed "rows": the steps that read the input cannot run by rows',
                remedy="leave the option out, or turn the image by io-layout channels-last; docs/memory.md says which can",
            )
        while True:
            found = best
            for span in self._spans(with_input=False, cover=(self._fullest(best),)):
                if any(first <= span[1] and span[0] <= last for first, last in best):
                    continue
                spans = tuple(sorted((*best, span)))
                if self._outside(spans) < self._bounds[found]:
                    found = self._better(found, spans)
            if found == best:
                return best
            best = found

    def _better(self, best: Spans | None, spans: Spans) -> Spans | None:
        bound = self._bound(spans)
        return best if bound is None or (best is not None and bound >= self._bounds[best]) else spans

    def _spans(self, with_input: bool, cover: Collection[int], below: float = inf) -> Iterator[tuple[int, int]]:
        """Steps that can be a stream, those first that leave the least outside of it. cover: steps among them; below: what
        they leave outside is below that many bytes."""
        end = len(self._schedule.steps)
        low, high = min(cover, default=end), max(cover, default=0)
        spans = (
            (first, last)
            for first in range(min(low, 0 if with_input else end) + 1)
            for last in range(max(first, high), min(first + MOST, end))
        )
        # What is outside is known at once, and a part is not: a deep schedule has half a million spans.
        fed = self._fed if with_input else None
        found = [span for span in spans if self._outside((span,)) < below and self._part(*span, fed) is not None]
        return iter(sorted(found, key=lambda span: (self._outside((span,)), span[1] - span[0], span)))

    def _outside(self, spans: Spans) -> int:
        """What no streams there can be below: the bytes at the other steps, which streams do not change."""
        found, after = 0, -1
        for first, last in sorted(spans):
            found, after = max(found, self._fullest_between(after + 1, first)), last
        return max(found, self._fullest_between(after + 1, len(self._profile)))

    def _fullest_between(self, first: int, end: int) -> int:
        """The most bytes at the steps from `first` to before `end`; 0 if there are none. At once where one of the two is
        an end of the schedule, which a single stream asks for."""
        if first == 0:
            return self._fullest_before[end]
        if end == len(self._profile):
            return self._fullest_from[first]
        return max(self._profile[first:end], default=0)

    def _fullest(self, spans: Spans) -> int:
        """The step at which the most bytes are wanted."""
        schedule = self._built(spans)
        profile = planner.profile(planner.lifetimes(schedule), len(schedule.steps))
        return profile.index(max(profile))

    def _bound(self, spans: Spans) -> int | None:
        if any(not any(first <= index <= last for first, last in spans) for index in self._must):
            return None
        if spans not in self._bounds:
            schedule = self._built(spans)
            if schedule is None:
                return None
            self._bounds[spans] = planner.lower_bound(planner.lifetimes(schedule))
        return self._bounds[spans]

    def _parts(self, spans: Spans) -> list[Part]:
        found = []
        for first, last in spans:
            fed = self._part(first, last, self._fed) if self._fed is not None else None
            found.append(fed or self._part(first, last, None))
        return found

    def _built(self, spans: Spans) -> Schedule | None:
        return self._builder.with_streams(self._parts(spans))

    def _planned(self, spans: Spans) -> MemoryPlan:
        if spans not in self._plans:
            self._plans[spans] = planner.run(self._built(spans))
        return self._plans[spans]

    def _macs(self, spans: Spans) -> int:
        return sum(step.macs for first, last in spans for step in self._schedule.steps[first : last + 1])


def _refused(options: Options, least: Chosen) -> ModelError:
    levels = planner.profile(planner.lifetimes(least.schedule), len(least.schedule.steps))
    index = levels.index(max(levels))
    step = least.schedule.steps[index]
    hints = []
    if options.feed == "whole" and _fed_input(least.schedule, None) is not None:
        hints.append("feed the input by rows")
    hints.append("use smaller input extents or fewer channels")
    return ModelError(
        f"{options.ram} bytes of RAM are asked for, and {least.plan.arena_bytes} are the least that was found: "
        f"the fullest step is {index + 1}",
        node=next(iter(step.source), None),
        operator=step.title,
        remedy=" or ".join(hints),
    )


def _fed_input(schedule: Schedule, options: Options | None) -> str | None:
    """The input that arrives by rows, if the options ask for that (or, with None, the one that could)."""
    if options is not None and options.feed == "whole":
        return None
    if len(schedule.inputs) != 1 or schedule.slots:
        if options is None:
            return None
        raise UsageError('feed "rows" is for models with one input and no states', remedy="leave the option out")
    return schedule.inputs[0].buffer
