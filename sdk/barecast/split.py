"""Schedule -> Schedule for several threads: steps with enough work become parts that run at the same time.

A part is a step like any other: the same kernel, with the params of a range of rows of the output, on views of the buffers.
Which rows a part has is fixed here, so results do not depend on how fast threads are. docs/threads.md tells the rules.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from barecast import select
from barecast.graph import TensorType
from barecast.options import Options
from barecast.rows import bands
from barecast.schedule import Arg, Buffer, Fork, Schedule, Step, View
from barecast.streaming.layers import Layer, layer_of, row_bytes
from barecast.targets import Target

LEAST_WORK = 32_768
"""Of a part: about 5 microseconds on a core that does 8 multiply-accumulates in a cycle at 1 GHz, several times what it
takes to hand a part to a thread that waits for it."""

OUTPUT_WORK = 8
"""Work for each output element besides the multiply-accumulates, in such."""

FLOAT_ROWS = 4
"""Parts of float steps begin at multiples of so many rows: Winograd's tiles are 2 or 4 rows high, and a tile that
began elsewhere would round otherwise."""


def run(schedule: Schedule, target: Target, options: Options) -> Schedule:
    """The schedule itself for one thread; else with forks of up to Options.threads parts."""
    if options.threads == 1:
        return schedule
    steps: list[Step] = []
    forks: list[Fork] = []
    views = _Views(schedule)
    for index, step in enumerate(schedule.steps):
        parts = _parts(schedule, index, views, target, options)
        if parts is not None:
            forks.append(Fork(len(steps), len(steps) + len(parts) - 1))
        steps += parts or (step,)
    return replace(
        schedule,
        steps=tuple(steps),
        buffers={**schedule.buffers, **views.types},
        views={**schedule.views, **views.views},
        forks=tuple(forks),
    )


def work(schedule: Schedule, step: Step) -> int:
    """About what a step takes, in multiply-accumulates."""
    return step.macs + OUTPUT_WORK * sum(schedule.buffers[name].size for name in step.outputs)


def ranges(rows: int, count: int, multiple: int) -> tuple[tuple[int, int], ...]:
    """Up to `count` ranges (first, end) of `rows` rows that begin at multiples of `multiple`, as equal as they can be."""
    blocks = -(-rows // multiple)
    count = min(count, blocks)
    edges = [min(rows, blocks * part // count * multiple) for part in range(count + 1)]
    return tuple(zip(edges, edges[1:], strict=False))


def _parts(
    schedule: Schedule, index: int, views: _Views, target: Target, options: Options
) -> tuple[Step, ...] | None:
    """The parts of a step; None if it stays one."""
    step = schedule.steps[index]
    layer = layer_of(schedule, index)
    count = min(options.threads, work(schedule, step) // LEAST_WORK)
    if layer is None or layer.adds or count < 2 or any(isinstance(arg, Buffer) and arg.over for arg in step.args):
        return None
    is_float = schedule.buffers[layer.output].dtype.is_float
    found = ranges(layer.rows, count, FLOAT_ROWS if is_float else 1)
    if len(found) < 2:
        return None
    rule = step.params.by_rows
    params = tuple(rule.banded(step.params, bands(layer.reach, *rows), layer.rows) for rows in found)
    parts = select.for_parts(step, params, target, options)
    return parts and tuple(_part(layer, views, part, rows) for part, rows in zip(parts, found, strict=True))


def _part(layer: Layer, views: _Views, step: Step, rows: tuple[int, int]) -> Step:
    first, end = rows
    read = layer.reach.first(first), layer.reach.end(end - 1)

    def moved(args: tuple[Arg, ...]) -> tuple[Arg, ...]:
        return tuple(_moved(views, arg, rows if arg.written else read) if isinstance(arg, Buffer) else arg for arg in args)

    macs = step.macs * end // layer.rows - step.macs * first // layer.rows
    title = f"{step.title}, rows {first} to {end - 1}"
    return replace(step, title=title, macs=macs, args=moved(step.args), given=moved(step.given))


def _moved(views: _Views, arg: Buffer, rows: tuple[int, int]) -> Buffer:
    return replace(arg, name=views.of_rows(arg.name, *rows))


class _Views:
    """Views of rows of a schedule's buffers."""

    def __init__(self, schedule: Schedule):
        self._schedule = schedule
        self._names: dict[tuple[Any, ...], str] = {}
        self.types: dict[str, TensorType] = {}
        self.views: dict[str, View] = {}

    def of_rows(self, name: str, first: int, end: int) -> str:
        """The rows from `first` to `end`, exclusive; the buffer itself if these are all."""
        type = self._schedule.buffers[name]
        if end - first == type.shape[1]:
            return name
        key = (name, first, end)
        if key not in self._names:
            made = f"{name} rows {first} to {end - 1}"
            while made in self._schedule.buffers or made in self.views:
                made += "'"
            self._names[key] = made
            self.types[made] = replace(type, shape=(1, end - first, *type.shape[2:]))
            self.views[made] = View(name, first * row_bytes(self._schedule, name))
        return self._names[key]
