"""Which steps can run by rows, and which of their neighbours with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from barecast.ops.by_rows import NEST, repeats
from barecast.rows import Reach, band
from barecast.schedule import Const, Schedule, Step

MOST = 200
"""Steps of a stream: the order in which they run is a table of bytes."""

ALIGN = 4
"""Bytes: kernels load 8-bit elements by words, so the rows that a call begins with begin at a multiple of so many."""

MOST_ROWS = 2**15 - 1


@dataclass(frozen=True)
class Layer:
    """A step that can run by rows. inputs: its buffers that have rows; rows: of its output, or of its input if it adds
    them to one result."""

    step: int
    inputs: tuple[str, ...]
    output: str
    reach: Reach
    rows: int
    adds: bool = False


@dataclass(frozen=True)
class Part:
    """Layers that can run together. inner: the buffers that only they know, with their rows; result: what they give on.

    fed: the input of the model whose rows are taken from the caller, one of `inner`; None if there is none.
    """

    layers: tuple[Layer, ...]
    inner: Mapping[str, int]
    result: str
    fed: str | None = None


class Layers:
    """The layers of a schedule, by step, and the parts that they make."""

    def __init__(self, schedule: Schedule):
        self._schedule = schedule
        self._viewed = {view.of for view in schedule.views.values()}
        found = ((index, layer_of(schedule, index)) for index in range(len(schedule.steps)))
        self.by_step: Mapping[int, Layer] = {index: layer for index, layer in found if layer is not None}

    @cached_property
    def _users(self) -> Mapping[str, tuple[int, ...]]:
        """Root -> the steps that read it; the number of steps for the caller, who reads outputs and next states."""
        users: dict[str, list[int]] = {}
        for index, step in enumerate(self._schedule.steps):
            for name in (*step.inputs, *(guard.condition for guard in step.guards)):
                users.setdefault(self._schedule.root(name)[0], []).append(index)
        end = len(self._schedule.steps)
        for name in (*(b.buffer for b in self._schedule.outputs), *(slot.after for slot in self._schedule.slots)):
            users.setdefault(self._schedule.root(name)[0], []).append(end)
        return {root: tuple(steps) for root, steps in users.items()}

    def part(self, first: int, last: int, fed: str | None = None) -> Part | None:
        """The steps from `first` to `last` as a part; None if they cannot run together.

        fed: an input of the model that only they read, and that is to arrive by rows.
        """
        steps = range(first, last + 1)
        if not (1 if fed is not None else 2) <= len(steps) <= MOST or any(index not in self.by_step for index in steps):
            return None
        layers = tuple(self.by_step[index] for index in steps)
        inner, results = {}, []
        for layer in layers:
            users = self._users.get(layer.output, ())
            whole = layer.output in self._schedule.views or layer.output in self._viewed
            if layer.adds and any(user in steps for user in users):
                return None
            if layer.adds or whole or any(user not in steps for user in users):
                results.append(layer.output)
            elif users:
                inner[layer.output] = layer.rows
            else:
                return None
        if len(results) != 1:
            return None
        if fed is not None:
            if not self._can_be_fed(fed, layers, steps):
                return None
            inner[fed] = self._schedule.buffers[fed].shape[1]
        return Part(layers, inner, results[0], fed)

    def _can_be_fed(self, name: str, layers: tuple[Layer, ...], steps: range) -> bool:
        """Whether an input can arrive by rows: these layers are the first, read it by rows, and nothing else does."""
        if len(self._schedule.buffers[name].shape) < 3 or self._schedule.buffers[name].shape[1] == 1:
            return False
        alone = steps[0] == 0 and name not in self._viewed and all(user in steps for user in self._users.get(name, ()))
        return alone and any(name in layer.inputs for layer in layers)


def layer_of(schedule: Schedule, index: int) -> Layer | None:
    """The step as a layer; None if it cannot run by rows."""
    step = schedule.steps[index]
    rule = getattr(step.params, "by_rows", None)
    if rule is None or not rule.takes(step.params) or step.guards or len(step.outputs) != 1:
        return None
    names = (*step.inputs, *step.outputs)
    if any(schedule.root(name)[0] in schedule.slot_of or not has_rows(schedule, name) for name in names):
        return None
    if len(step.inputs) != len(set(step.inputs)) and rule is not NEST:
        return None
    if rule is NEST and not _have_rows(step) or rule is not NEST and len(step.inputs) != 1:
        return None
    heights = {schedule.buffers[name].shape[1] for name in step.inputs}
    if len(heights) != 1:
        return None
    (height,) = heights
    reach = rule.reach(step.params, height)
    rows = height if rule.adds else schedule.buffers[step.outputs[0]].shape[1]
    if any(band(reach, row).held < 1 for row in range(rows)):
        return None
    read_at = [row_bytes(schedule, name) * rows_apart for name in step.inputs for rows_apart in (reach.stride, reach.pad)]
    if any(start % ALIGN for start in (row_bytes(schedule, step.outputs[0]), *read_at)):
        return None
    return Layer(index, tuple(dict.fromkeys(step.inputs)), step.outputs[0], reach, rows, rule.adds)


def has_rows(schedule: Schedule, name: str) -> bool:
    """Whether a buffer is one image: [1, rows, ...]."""
    shape = schedule.buffers[name].shape
    return len(shape) >= 3 and shape[0] == 1 and 1 <= shape[1] <= MOST_ROWS


def _have_rows(step: Step) -> bool:
    """Whether of two operands each buffer has the rows of the result, and a constant is the same for all of them."""
    operands = [arg for arg in step.args if isinstance(arg, Const) or not arg.written]
    return len(operands) == 2 and all(
        repeats(step.params, which) is isinstance(arg, Const) for which, arg in zip("ab", operands, strict=True)
    )


def row_bytes(schedule: Schedule, name: str) -> int:
    """Bytes from one row of a buffer to the next."""
    type = schedule.buffers[name]
    return type.bytes // type.shape[1]
