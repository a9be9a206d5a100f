"""Parts of a schedule made streams: kernels for bands of rows, the order of the rows, and what is held of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from barecast import select
from barecast.options import Options
from barecast.rows import Held, Stream, band
from barecast.schedule import Schedule, Step
from barecast.streaming.layers import Layer, Layers, Part, row_bytes
from barecast.streaming.walk import Walk, walks
from barecast.targets import Target


class Builder:
    """Streams of one schedule. It remembers what is asked for more than once: parts have most of their steps in common."""

    def __init__(self, schedule: Schedule, target: Target, options: Options):
        self.schedule = schedule
        self.layers = Layers(schedule)
        self._pool = select.Pool.of(schedule)
        self._target, self._options = target, options
        self.banded = cache(self._banded)
        self._streams: dict[tuple[int, int, str | None], Stream] = {}
        self._bands = cache(self._bands_of)

    def with_streams(self, parts: Iterable[Part]) -> Schedule | None:
        """The schedule with these parts as streams, which do not meet; None if a layer has no kernel for its rows."""
        streams = [self.stream(part) for part in sorted(parts, key=lambda part: part.layers[0].step)]
        steps = list(self.schedule.steps)
        for stream in streams:
            for index in stream.steps:
                found = self.banded(index)
                if found is None:
                    return None
                steps[index] = found
        return replace(self.schedule, steps=tuple(steps), streams=tuple(streams))

    def stream(self, part: Part) -> Stream:
        """The part by the order of rows that holds the fewest bytes."""
        key = (part.layers[0].step, part.layers[-1].step, part.fed)
        if key not in self._streams:
            self._streams[key] = self._stream_of(part)
        return self._streams[key]

    def _stream_of(self, part: Part) -> Stream:
        held = [(walk, self._held(part, walk)) for walk in walks(part)]
        walk, rows = min(held, key=lambda one: sum(h.bytes for h in one[1].values() if not h.passing))
        indices = [layer.step for layer in part.layers]
        return Stream(
            indices[0],
            indices[-1],
            walk.order,
            rows,
            {layer.step: layer.reach for layer in part.layers},
            {index: self._bands(index) for index in indices},
            sum(count * rows[name].row_bytes for name, count in walk.moved.items()),
            part.fed,
        )

    def _held(self, part: Part, walk: Walk) -> dict[str, Held]:
        return {
            name: Held(walk.rows[name], row_bytes(self.schedule, name), height, name in walk.passing)
            for name, height in part.inner.items()
        }

    def _bands_of(self, index: int) -> tuple[Any, ...]:
        return bands(self.schedule.steps[index], self.layers.by_step[index])

    def _banded(self, index: int) -> Step | None:
        """The step with the kernel that it takes for rows; None if there is none."""
        step, calls = self.schedule.steps[index], self._bands(index)
        return select.for_bands(step, calls, self._pool, self._target, self._options)


def bands(step: Step, layer: Layer) -> tuple[Any, ...]:
    """The params of the calls for each row of the layer's output, each once, in the order of their first rows."""
    rule = step.params.by_rows
    found = dict.fromkeys(band(layer.reach, row) for row in range(layer.rows))
    return tuple(dict.fromkeys(rule.banded(step.params, part, layer.rows) for part in found))
