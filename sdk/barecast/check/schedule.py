"""Invariants of a Schedule, looked at after every selection."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from dataclasses import replace

import numpy as np

from barecast.check import forks
from barecast.errors import InternalError, printable
from barecast.graph import DType
from barecast.rows import Stream
from barecast.schedule import Buffer, Const, Guards, Schedule, Step

ROLES = frozenset({"weights", "bias", "multiplier", "shift", "channels", "table", "operand"})


def schedule(value: Schedule) -> None:
    """InternalError if a step reads what was not written, overwrites what it must not, or does not fit its kernel."""
    _check_views(value)
    written = _Written(_check_inputs(value) | _check_slots(value))
    for index, step in enumerate(value.steps):
        where = f"step {index} ({step.kernel.symbol})"
        _check_flow(value, step, where, written)
        _check_call(value, step, where)
    _check_outputs(value, written)
    _check_streams(value)
    forks.check(value, _fail)


def _fail(reason: str) -> None:
    raise InternalError(f"schedule: {reason}")


class _Written:
    """Under which conditions each buffer is written: a step may read what was written whenever it runs itself."""

    def __init__(self, given: set[str]) -> None:
        self._under: dict[str, set[Guards]] = {name: {()} for name in given}

    def __contains__(self, name: str) -> bool:
        return name in self._under

    def write(self, name: str, under: Guards) -> None:
        found = self._under.setdefault(name, set())
        found.add(under)
        # What both sides of a condition have written is there whenever the condition was looked at.
        while under and (*under[:-1], replace(under[-1], value=not under[-1].value)) in found:
            under = under[:-1]
            found.add(under)

    def is_there(self, name: str, under: Guards) -> bool:
        return any(under[: len(known)] == known for known in self._under.get(name, ()))


def _check_streams(value: Schedule) -> None:
    """Streams are neighbouring steps, one behind the other; nobody else knows what they hold; their calls fit."""
    behind = 0
    for index, step in enumerate(value.steps):
        if index not in value.stream_of and getattr(getattr(step.params, "by_rows", None), "adds", False):
            _fail(f"step {index} ({step.kernel.symbol}) adds rows, and is of no stream")
    for stream in value.streams:
        least = stream.last + 1 if stream.fed is not None else stream.last
        if not behind <= stream.first < least <= len(value.steps) or stream.last >= len(value.steps):
            _fail(f"a stream of steps {stream.first} to {stream.last}")
        behind = stream.last + 1
        if stream.fed is not None and (stream.first or [border.buffer for border in value.inputs] != [stream.fed]):
            _fail(f"{printable(stream.fed)} is not the one input, or does not come first")
        for index, step in enumerate(value.steps):
            if index in stream.steps:
                _check_calls(value, stream, index)
            elif known := sorted(stream.held.keys() & {value.root(name)[0] for name in (*step.inputs, *step.outputs)}):
                _fail(f"step {index} uses {printable(known[0])}, of which a stream holds some rows")
        ends = {value.root(border.buffer)[0] for border in value.outputs} | value.slot_of.keys() | value.views.keys()
        if lost := sorted(stream.held.keys() & ends):
            _fail(f"{printable(lost[0])} is held by rows, and outlasts its stream")


def _check_calls(value: Schedule, stream: Stream, index: int) -> None:
    step, calls = value.steps[index], stream.bands.get(index, ())
    where = f"step {index} ({step.kernel.symbol}) by rows"
    if index not in stream.reach or not calls or step.guards:
        _fail(f"{where} has no calls, or runs on a condition")
    for params in calls:
        if not step.kernel.when(params) or step.kernel.objection(params):
            _fail(f"{where}: the kernel does not take the params of a row")
        if step.kernel.scratch(params) > step.scratch:
            _fail(f"{where}: {step.scratch} B of scratch, a row wants {step.kernel.scratch(params)}")


def _check_views(value: Schedule) -> None:
    for name, view in value.views.items():
        if name not in value.buffers or view.of not in value.buffers:
            _fail(f"view {printable(name)} of {printable(view.of)}: one of them has no type")
        seen, at = {name}, view.of
        while at in value.views:
            if at in seen:
                _fail(f"view {printable(name)} is a view of itself")
            seen.add(at)
            at = value.views[at].of
        root, offset = value.root(name)
        if offset < 0 or offset + value.buffers[name].bytes > value.buffers[root].bytes:
            _fail(f"view {printable(name)} sticks out of {printable(root)}")
        if offset % value.buffers[name].dtype.bytes:
            _fail(f"view {printable(name)} starts in the middle of an element")


def _check_inputs(value: Schedule) -> set[str]:
    """The names of the roots that hold data before the first step."""
    for border in (*value.inputs, *value.outputs):
        if border.buffer not in value.buffers or value.buffers[border.buffer] != border.type:
            _fail(f'port "{printable(border.name)}" and its buffer differ in type')
    for ports in (value.inputs, value.outputs):
        if repeated := [name for name, n in Counter(b.name for b in ports).items() if n > 1]:
            _fail(f'two ports are named "{printable(repeated[0])}"')
    buffers = [border.buffer for border in value.inputs]
    if len(set(buffers)) != len(buffers) or any(name in value.views for name in buffers):
        _fail("two inputs share a buffer")
    return set(buffers)


def _check_slots(value: Schedule) -> set[str]:
    """The names of the roots that hold the states before the first step."""
    for slot in value.slots:
        where = f'state "{printable(slot.name)}"'
        for name in (slot.buffer, slot.after):
            if name not in value.buffers or name in value.views:
                _fail(f"{where}: {printable(name)} is a view or has no type")
            held = value.buffers[name]
            if (held.dtype, held.bytes) != (slot.type.dtype, slot.type.bytes):
                _fail(f"{where} and {printable(name)} differ in type")
        if slot.type.bytes == 0:
            _fail(f"{where} is empty")
        if slot.initial.dtype != slot.type.dtype.numpy or slot.initial.size != slot.type.size:
            _fail(f"{where} starts with another type")
    names = [slot.name for slot in value.slots]
    inputs = [border.buffer for border in value.inputs]
    held = [name for slot in value.slots for name in dict.fromkeys((slot.buffer, slot.after))]
    if len(set(names)) != len(names) or len({*held, *inputs}) != len(held) + len(inputs):
        _fail("two states have one name, or a buffer belongs to two of them or to an input")
    return {slot.buffer for slot in value.slots}


def _check_outputs(value: Schedule, written: _Written) -> None:
    roots = [value.root(border.buffer)[0] for border in value.outputs]
    ports = {border.buffer for border in value.inputs} | value.slot_of.keys()
    if len(set(roots)) != len(roots) or ports & set(roots):
        _fail("an output shares its memory with another port or with a state")
    ends = [*roots, *(slot.after for slot in value.slots)]
    if lost := [root for root in ends if not written.is_there(root, ())]:
        _fail(f"{printable(lost[0])}, which must outlast the run, is never written")


def _check_flow(value: Schedule, step: Step, where: str, written: _Written) -> None:
    for name in (*step.inputs, *step.outputs):
        if name not in value.buffers:
            _fail(f"{where} uses {printable(name)}, which has no type")
    reads = {value.root(name)[0] for name in step.inputs}
    writes = [value.root(name)[0] for name in step.outputs]
    _check_guards(value, step, where, written)
    if early := sorted(name for name in reads if not written.is_there(name, step.guards)):
        _fail(f"{where} reads {printable(early[0])} before it is written")
    if not writes or len(set(writes)) != len(writes):
        _fail(f"{where} writes nothing, or writes one buffer twice")
    if both := sorted(read for read in step.inputs for write in step.outputs if _meet(value, read, write)):
        _fail(f"{where} reads and writes {printable(value.root(both[0])[0])}")
    given = {border.buffer for border in value.inputs} | {slot.buffer for slot in value.slots}
    if ports := sorted(given & set(writes)):
        _fail(f"{where} writes {printable(ports[0])}, which is there before the run")
    for name in writes:
        written.write(name, step.guards)


def _meet(value: Schedule, one: str, other: str) -> bool:
    """Whether two buffers or views share bytes."""
    (a_root, a), (b_root, b) = value.root(one), value.root(other)
    return a_root == b_root and a < b + value.buffers[other].bytes and b < a + value.buffers[one].bytes


def _check_guards(value: Schedule, step: Step, where: str, written: _Written) -> None:
    for level, guard in enumerate(step.guards):
        type = value.buffers.get(guard.condition)
        if type is None or type.dtype is not DType.BOOL or type.size != 1:
            _fail(f"{where} runs on the condition {printable(guard.condition)}, which is not one bool")
        if not written.is_there(value.root(guard.condition)[0], step.guards[:level]):
            _fail(f"{where} looks at the condition {printable(guard.condition)} before it is written")


def _check_call(value: Schedule, step: Step, where: str) -> None:
    kernel = step.kernel
    if kernel.op != step.op:
        _fail(f"{where} runs {step.op} by a kernel for {kernel.op}")
    if not kernel.symbol.startswith("bc_") or not kernel.symbol.isidentifier():
        _fail(f"{where}: the kernel's symbol is not bc_ and a file name")
    _check_params(step, where)
    if not kernel.when(step.params) or kernel.objection(step.params):
        _fail(f"{where}: the kernel does not take these params")
    if step.scratch < 0 or step.scratch != kernel.scratch(step.params):
        _fail(f"{where}: {step.scratch} B of scratch, the kernel wants {kernel.scratch(step.params)}")
    if step.macs < 0:
        _fail(f"{where}: a negative number of MACs")
    written = [isinstance(arg, Buffer) and arg.written for arg in step.args]
    if written != sorted(written):
        _fail(f"{where}: outputs come after all inputs")
    for arg in step.args:
        if isinstance(arg, Const):
            _check_constant(arg, where)
    dtypes = tuple(_dtype(value, step, of_output) for of_output in (False, True))
    if dtypes != kernel.dtypes:
        wanted, given = ([d.value if d else None for d in pair] for pair in (kernel.dtypes, dtypes))
        _fail(f"{where}: the kernel is for {wanted}, the step for {given}")


def _check_params(step: Step, where: str) -> None:
    if not dataclasses.is_dataclass(step.params):
        _fail(f"{where}: params are not a dataclass")
    for field in dataclasses.fields(step.params):
        held = getattr(step.params, field.name)
        if isinstance(held, float):
            if math.isnan(held):
                _fail(f"{where}: {field.name} is not a number")
        elif not isinstance(held, int) or not -(2**31) <= held < 2**31:
            _fail(f"{where}: {field.name} = {held!r} is no 32-bit integer")


def _check_constant(const: Const, where: str) -> None:
    if const.role not in ROLES:
        _fail(f"{where}: {const.role} is no role of a constant")
    if const.data.size == 0 or not const.data.flags.c_contiguous or const.data.flags.writeable:
        _fail(f"{where}: the {const.role} are empty, not in C order or writeable")
    try:
        DType.of(const.data.dtype)
    except KeyError:
        _fail(f"{where}: the {const.role} have the type {const.data.dtype}, which C has not")


def _dtype(value: Schedule, step: Step, of_output: bool) -> DType | None:
    """The type of the first output, or of the first argument that is read."""
    for arg in step.args:
        if (isinstance(arg, Buffer) and arg.written) != of_output:
            continue
        held = value.buffers.get(arg.name) if isinstance(arg, Buffer) else None
        return held.dtype if held else DType.of(np.asarray(arg.data).dtype) if isinstance(arg, Const) else None
    return None
