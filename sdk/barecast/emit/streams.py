"""Steps that run by rows: what their functions have besides the kernel's call, and the function that runs them."""

from __future__ import annotations

from collections.abc import Iterable

from barecast.emit.arenas import Arenas
from barecast.emit.constants import step_digits
from barecast.emit.layout import comment_lines, thousands, wrap
from barecast.emit.names import function_name as step_function
from barecast.emit.ports import offset_of, pointer
from barecast.emit.views import FedView, RowCode, StreamView
from barecast.rows import FED, Reach, Stream
from barecast.schedule import MemoryPlan, Schedule, counter_key, scratch_key


def function_name(schedule: Schedule, stream: Stream) -> str:
    digits = step_digits(schedule)
    return f"{schedule.name}_rows_{stream.first + 1:0{digits}}_{stream.last + 1:0{digits}}"


def row_code(schedule: Schedule, plan: MemoryPlan, index: int) -> RowCode:
    """What a step of a stream has besides what any step has."""
    code = _Code(schedule, plan, schedule.stream_of[index], index)
    return code.all()


def place(plan: MemoryPlan, stream: Stream, name: str) -> str:
    """Where the rows of an inner buffer are, for people."""
    held = stream.held[name]
    rows = "a row" if held.rows == 1 else f"{held.rows} rows"
    placement = plan.placements[name]
    return f"{Arenas(plan).parameter(placement.region)}+{placement.offset} ({rows} of {held.height})"


def _held_bytes(plan: MemoryPlan, stream: Stream) -> int:
    """Bytes of the arena that hold rows between the steps; those that several buffers share count once."""
    total, end = 0, (0, 0)
    places = [plan.placements[name] for name in stream.held]
    for region, first, behind in sorted((at.region, at.offset, at.offset + at.bytes) for at in places):
        start = max(first, end[1]) if region == end[0] else first
        total += max(behind - start, 0)
        end = (region, max(behind, start))
    return total


def view(schedule: Schedule, plan: MemoryPlan, stream: Stream) -> StreamView:
    """The function that runs the steps of a stream, a row at a time."""
    held = _held_bytes(plan, stream)
    notes = [
        f"Steps {stream.first + 1} to {stream.last + 1} by rows: each computes a row as soon as another one wants it",
        f"{thousands(held)} B are held between them, {thousands(stream.moved_bytes)} B are moved",
    ]
    order = [str(len(stream.steps) if step == FED else step - stream.first) for step in stream.order]
    rows = "rows" if stream.fed is None else "s->rows"
    each = {
        step: ", ".join([*(name for name in row_code(schedule, plan, step).parameters if name != "rows"), rows])
        for step in stream.steps
    }
    return StreamView(
        function=function_name(schedule, stream),
        first=stream.first,
        fed=None if stream.fed is None else _fed(schedule, plan, stream),
        comment=tuple(comment_lines(notes, "", "  ")),
        count=len(order),
        order=wrap(order, 8, " " * 8),
        images=_images(stream),
        parameters=", ".join(arenas_of(schedule, plan, stream.steps).values()),
        calls=tuple((step - stream.first, step_function(schedule, step), each[step]) for step in stream.steps),
    )


def _fed(schedule: Schedule, plan: MemoryPlan, stream: Stream) -> FedView:
    held, place, number = stream.held[stream.fed], plan.placements[stream.fed], len(stream.steps)
    needed = needed_rows(schedule, stream, stream.fed)
    keep = wrap(
        [f"&s->rows[{number}]", needed.replace("rows[", "s->rows["), f"{held.row_bytes}u"],
        29,
        f"            bc_rows_keep(arena + {place.offset}, ",
        ");",
    )
    offset = plan.placements[counter_key(stream)].offset
    counters = f"arena + {offset}"
    at = f"(({function_name(schedule, stream)}_counters *)(void *)(a + {offset}))->next"
    return FedView(
        number, stream.needed, stream.counter_bytes, at, held.row_bytes, counters, keep.lstrip(), f"arena + {place.offset}"
    )


def needed_rows(schedule: Schedule, stream: Stream, name: str) -> str:
    """The expression of the first row of an inner buffer that a step still needs."""
    needed = ""
    for index in stream.steps:
        if name in schedule.steps[index].inputs:
            reach, row = stream.reach[index], f"rows[{index - stream.first}].computed"
            one = f"bc_rows_first({row}, {reach.stride}, {reach.pad})"
            needed = f"bc_rows_least({needed}, {one})" if needed else one
    return needed


def arenas_of(schedule: Schedule, plan: MemoryPlan, steps: Iterable[int]) -> dict[str, str]:
    """The arenas that some steps of a stream want: variable in NAME_run -> parameter with its type."""
    keys = [schedule.root(name)[0] for i in steps for name in (*schedule.steps[i].inputs, *schedule.steps[i].outputs)]
    keys += [scratch_key(i) for i in steps if schedule.steps[i].scratch]
    return Arenas(plan).used(plan.placements[key].region for key in keys)


def _images(stream: Stream) -> int:
    return len(stream.steps) + (stream.fed is not None)


class _Code:
    def __init__(self, schedule: Schedule, plan: MemoryPlan, stream: Stream, index: int):
        self._schedule, self._plan, self._stream, self._index = schedule, plan, stream, index
        self._step = schedule.steps[index]
        self._reach = stream.reach[index]
        self._rule = self._step.params.by_rows
        self._windows = any(part != "begins" for _, part in self._rule.varies)
        self._row = f"rows[{index - stream.first}].computed"

    def all(self) -> RowCode:
        step, stream = self._step, self._stream
        (output,) = step.outputs
        size = self._row_bytes(output)
        addresses = {name: self._input(name) for name in step.inputs}
        addresses[output] = "y"
        before = []
        if self._windows:
            before.append(f"const bc_band in = bc_rows_band({self._row}, {_numbers(self._reach)}, {self._reach.height});")
        before += self._make_room(output, size)
        c_type = self._schedule.buffers[output].dtype.c
        before.append(f"{c_type} *const y = {self._output(output, size)};")
        fields = {
            field: f"{self._row} == 0" if part == "begins" else f"in.{part}" for field, part in self._rule.varies
        }
        return RowCode(
            parameters={text.rpartition("*")[2]: text for text in (*self._arenas(), "bc_rows *rows")},
            fields=fields,
            addresses=addresses,
            before=tuple(before),
            after=(f"{self._row}++;",),
            assumptions=tuple(self._assumption(field) for field in fields),
            trace=f"{self._index}, 0, y, {size}u",
            is_last=self._index == stream.last,
        )

    def _arenas(self) -> tuple[str, ...]:
        return tuple(arenas_of(self._schedule, self._plan, (self._index,)).values())

    def _arena(self, name: str) -> str:
        return Arenas(self._plan).parameter(self._plan.placements[self._schedule.root(name)[0]].region)

    def _row_bytes(self, name: str) -> int:
        type = self._schedule.buffers[name]
        return type.bytes // type.shape[1]

    def _number(self, name: str) -> int:
        """Of an inner buffer among the images whose rows are counted."""
        if name == self._stream.fed:
            return len(self._stream.steps)
        return next(i for i in self._stream.steps if self._schedule.steps[i].outputs[0] == name) - self._stream.first

    def _input(self, name: str) -> str:
        """The address of the first row that is read."""
        held = self._stream.held.get(name)
        first = "in.first" if self._windows else self._row
        if held is not None:
            first = "0" if held.passing else f"{first} - rows[{self._number(name)}].first"
        return self._at(name, first, const=True)

    def _output(self, name: str, size: int) -> str:
        held = self._stream.held.get(name)
        row = "0" if self._rule.adds else self._row
        if held is not None:
            row = "0" if held.passing else f"{row} - rows[{self._number(name)}].first"
        return self._at(name, row, const=False)

    def _at(self, name: str, row: str, const: bool) -> str:
        offset, size = offset_of(self._schedule, self._plan, name), self._row_bytes(name)
        behind = "" if row == "0" else f" + ({row}) * {size}" if " " in row else f" + {row} * {size}"
        return pointer(self._arena(name), f"{offset}{behind}", self._schedule.buffers[name].dtype, const)

    def _make_room(self, name: str, size: int) -> list[str]:
        held = self._stream.held.get(name)
        if held is None or held.passing:
            return []
        needed = needed_rows(self._schedule, self._stream, name)
        offset = offset_of(self._schedule, self._plan, name)
        head = f"    bc_rows_keep({self._arena(name)} + {offset}, "
        return [wrap([f"&rows[{self._number(name)}]", needed, f"{size}u"], 17, head, ");").lstrip()]

    def _assumption(self, field: str) -> str:
        values = [getattr(params, field) for params in self._stream.bands[self._index]]
        return f"p.{field} >= {min(values)} && p.{field} <= {max(values)}"


def _numbers(reach: Reach) -> str:
    return f"{reach.span}, {reach.stride}, {reach.pad}"
