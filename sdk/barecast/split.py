"""Schedule -> Schedule for several threads: steps with enough work become parts that run at the same time.

A part is a step like any other: the same kernel, with the params of a range of rows of the output, on views of the buffers;
of a dense layer a range of channels, with their constants; of a softmax a range of its rows, of a matrix product one of its
matrices or of the rows of one. Which a part has is fixed here, so results do not depend on how
fast threads are. docs/threads.md tells the rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from barecast import select
from barecast.graph import TensorType
from barecast.options import Options
from barecast.rows import bands
from barecast.schedule import Arg, Buffer, Const, Fork, Schedule, Step, View
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

CHANNELS = 16
"""Parts of dense layers begin at multiples of so many channels: no kernel has wider tiles."""

MATRIX_ROWS = 16
"""Parts of a matrix product begin at multiples of so many rows: no kernel has higher tiles."""

ALIGN = 16
"""Bytes: parts of softmax and matrix products begin at multiples of so many."""


@dataclass(frozen=True)
class _Piece:
    """A part of a step that is a loop over pieces of memory. spans: of each buffer of the call, in order, the first
    element and how many."""

    params: Any
    spans: tuple[tuple[int, int], ...]


def _row_pieces(p: Any, count: int, bytes: int) -> tuple[_Piece, ...]:
    """Of a softmax: ranges of its outer rows."""
    size = p.extent * p.inner
    found = ranges(p.outer, count, _aligned(size * bytes))
    return tuple(
        _Piece(replace(p, outer=end - first), ((first * size, (end - first) * size),) * 2) for first, end in found
    )


def _matrix_pieces(p: Any, count: int, bytes: int) -> tuple[_Piece, ...]:
    """Of a matrix product: ranges of the outermost axis of matrices, or of the rows of a single one."""
    batches = (p.batch_0, p.batch_1, p.batch_2)
    axis = next((axis for axis, extent in enumerate(batches) if extent > 1), None)
    if axis is None:
        found = ranges(p.m, count, math.lcm(MATRIX_ROWS, _aligned(p.k * bytes), _aligned(p.n * bytes)))
        name, steps = "m", (p.k, 0, p.n)
    else:
        steps = (
            getattr(p, f"a_step_{axis}"), getattr(p, f"b_step_{axis}"), math.prod(batches[axis + 1 :]) * p.m * p.n,
        )  # fmt: skip
        found = ranges(batches[axis], count, math.lcm(*(_aligned(step * bytes) for step in steps if step)))
        name = f"batch_{axis}"
    return tuple(
        _Piece(replace(p, **{name: end - first}), tuple((first * step, (end - first) * step) for step in steps))
        for first, end in found
    )


def _aligned(bytes: int) -> int:
    """Of things of so many bytes, side by side, how many lie between one at a multiple of ALIGN and the next."""
    return ALIGN // math.gcd(ALIGN, bytes)


PIECES: Mapping[str, Callable[[Any, int, int], tuple[_Piece, ...]]] = {
    "softmax": _row_pieces,
    "log_softmax": _row_pieces,
    "matmul": _matrix_pieces,
}
"""Operators that are loops over pieces of memory: params, number of parts and bytes of an element -> the parts."""


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
    count = min(options.threads, work(schedule, step) // LEAST_WORK)
    if step.op == "dense":
        return _channel_parts(schedule, step, count, views, target, options)
    if step.op in PIECES:
        return _piece_parts(schedule, step, count, views, target, options)
    layer = layer_of(schedule, index)
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


def _channel_parts(
    schedule: Schedule, step: Step, count: int, views: _Views, target: Target, options: Options
) -> tuple[Step, ...] | None:
    """The parts of a dense layer on one row, each with its channels' constants; None if it stays one."""
    params, (output,) = step.params, step.outputs
    constants = [arg for arg in step.given if isinstance(arg, Const)]
    held = any(schedule.root(name)[0] in schedule.slot_of for name in (*step.inputs, output))
    found = ranges(params.out_c, count, CHANNELS) if count > 1 else ()
    if len(found) < 2 or params.rows != 1 or step.guards or held or not constants or constants[0].role != "weights":
        return None
    parts = []
    for first, end in found:
        given = tuple(_channels(views, arg, params.out_c, first, end) for arg in step.given)
        part = replace(step, title=f"{step.title}, channels {first} to {end - 1}", macs=params.in_c * (end - first))
        part = select.with_constants(part, replace(params, out_c=end - first), given, views.pool, target, options)
        if part is None:
            return None
        parts.append(part)
    return tuple(parts)


def _piece_parts(
    schedule: Schedule, step: Step, count: int, views: _Views, target: Target, options: Options
) -> tuple[Step, ...] | None:
    """The parts of a step of PIECES; None if it stays one."""
    names = (*step.inputs, *step.outputs)
    held = any(schedule.root(name)[0] in schedule.slot_of for name in names)
    bytes = min(schedule.buffers[name].dtype.bytes for name in names)
    pieces = PIECES[step.op](step.params, count, bytes) if count > 1 and not held and not step.guards else ()
    buffers = [arg for arg in step.given if isinstance(arg, Buffer)]
    if len(pieces) < 2 or len(buffers) != len(pieces[0].spans) or any(arg.over for arg in buffers):
        return None
    parts = select.for_parts(step, tuple(piece.params for piece in pieces), target, options)
    if parts is None:
        return None
    found, size = [], schedule.buffers[step.outputs[0]].size
    for index, (part, piece) in enumerate(zip(parts, pieces, strict=True), 1):
        first, count = piece.spans[-1]
        macs = step.macs * (first + count) // size - step.macs * first // size
        args, given = (_spans(views, some, piece.spans) for some in (part.args, part.given))
        title = f"{step.title}, part {index} of {len(pieces)}"
        found.append(replace(part, title=title, macs=macs, args=args, given=given))
    return tuple(found)


def _spans(views: _Views, args: tuple[Arg, ...], spans: tuple[tuple[int, int], ...]) -> tuple[Arg, ...]:
    """Arguments with the pieces of their buffers."""
    left = iter(spans)
    return tuple(
        replace(arg, name=views.of_elements(arg.name, *next(left))) if isinstance(arg, Buffer) else arg for arg in args
    )


def _channels(views: _Views, arg: Arg, channels: int, first: int, end: int) -> Arg:
    """A dense layer's argument for some channels of its output. Constants of one row are the same for all."""
    if isinstance(arg, Const):
        return replace(arg, data=arg.data[first:end]) if len(arg.data) == channels else arg
    return replace(arg, name=views.of_channels(arg.name, first, end)) if arg.written else arg


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
    """Views of parts of a schedule's buffers, and the constants of parts."""

    def __init__(self, schedule: Schedule):
        self._schedule = schedule
        self.pool = select.Pool.of(schedule)
        self.types: dict[str, TensorType] = {}
        self.views: dict[str, View] = {}

    def of_channels(self, name: str, first: int, end: int) -> str:
        """The elements from `first` to `end`, exclusive, of a buffer that is one row of them."""
        type = self._schedule.buffers[name]
        shape = (*type.shape[:-1], end - first)
        return self._made(f"{name} channels {first} to {end - 1}", name, shape, first * type.dtype.bytes)

    def of_elements(self, name: str, first: int, count: int) -> str:
        """`count` elements from the one at `first`; the buffer itself if these are all, or none."""
        type = self._schedule.buffers[name]
        if count in (0, type.size):
            return name
        return self._made(f"{name} elements {first} to {first + count - 1}", name, (count,), first * type.dtype.bytes)

    def of_rows(self, name: str, first: int, end: int) -> str:
        """The rows from `first` to `end`, exclusive; the buffer itself if these are all."""
        type = self._schedule.buffers[name]
        if end - first == type.shape[1]:
            return name
        shape = (1, end - first, *type.shape[2:])
        return self._made(f"{name} rows {first} to {end - 1}", name, shape, first * row_bytes(self._schedule, name))

    def _made(self, made: str, name: str, shape: tuple[int, ...], offset: int) -> str:
        """The view of `name` that is called so, or nearly."""
        while made in self._schedule.buffers or self.views.get(made, View(name, offset)) != View(name, offset):
            made += "'"
        self.types[made] = replace(self._schedule.buffers[name], shape=shape)
        self.views[made] = View(name, offset)
        return made
