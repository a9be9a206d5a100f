"""Steps as C functions: the comment, the params and the kernel's call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barecast.emit import params, shared, streams
from barecast.emit.arenas import Arenas
from barecast.emit.constants import NamedConstants, step_digits
from barecast.emit.identifiers import comment_text
from barecast.emit.layout import COLUMNS, comment_lines, thousands, wrap
from barecast.emit.names import function_name
from barecast.emit.ports import offset_of, pointer, shape_text
from barecast.emit.sharing import Shared
from barecast.emit.states import member
from barecast.emit.views import ForkView, RowCode, StepView, TraceView
from barecast.graph import TensorType
from barecast.schedule import Buffer, Guard, Guards, MemoryPlan, Schedule, Step, scratch_key

MOST_SOURCES = 4
"""A step that stands for more foreign nodes than this names the first ones and the number of the others."""


def step_views(
    schedule: Schedule, plan: MemoryPlan, constants: NamedConstants, groups: tuple[Shared, ...]
) -> tuple[StepView, ...]:
    """groups: the functions that steps share."""
    complete = complete_outputs(schedule)
    group_of = {index: group for group in groups for index in group.steps}
    return tuple(
        _view(schedule, plan, constants, index, complete[index], group_of.get(index))
        for index in range(len(schedule.steps))
    )


def complete_outputs(schedule: Schedule) -> tuple[tuple[bool, ...], ...]:
    """For each output of each step, whether no later step writes to it as well."""
    last = {name: index for index, step in enumerate(schedule.steps) for name in step.outputs}
    return tuple(tuple(last[name] == index for name in step.outputs) for index, step in enumerate(schedule.steps))


def _view(
    schedule: Schedule,
    plan: MemoryPlan,
    constants: NamedConstants,
    index: int,
    complete: tuple[bool, ...],
    group: Shared | None,
) -> StepView:
    step = schedule.steps[index]
    traces = tuple(
        TraceView(index, k, _traced(schedule, plan, name), schedule.buffers[name].bytes)
        for k, name in enumerate(step.outputs)
        if complete[k]
    )
    by_rows = streams.row_code(schedule, plan, index) if index in schedule.stream_of else None
    parameters = by_rows.parameters if by_rows else _parameters(schedule, plan, index)
    runs, runs_with = function_name(schedule, index), parameters
    if by_rows:
        stream = schedule.stream_of[index]
        runs, runs_with = streams.function_name(schedule, stream), streams.arenas_of(schedule, plan, stream.steps)
    return StepView(
        function=function_name(schedule, index),
        parameters=", ".join(parameters.values()),
        arguments=", ".join(parameters),
        runs=runs,
        runs_with=", ".join(runs_with),
        rows=by_rows,
        stream=streams.view(schedule, plan, schedule.stream_of[index]) if by_rows and by_rows.is_last else None,
        **_blocks(schedule, plan, index),
        comment=tuple(_comment(schedule, plan, index, group)),
        shared=shared.view(schedule, group) if group and group.steps[0] == index else None,
        shared_call=group is not None,
        params_type=shared.struct_name(schedule, group) if group else f"bc_{step.op}_params",
        params=_params(step, group, by_rows.fields if by_rows else None),
        call=_call(schedule, plan, constants, index, group, by_rows),
        traces=traces,
        index=index,
        fork=_fork(schedule, index),
        is_forked=index in schedule.fork_of,
    )


def _fork(schedule: Schedule, index: int) -> ForkView | None:
    fork = schedule.fork_of.get(index)
    if fork is None or fork.last != index:
        return None
    digits = step_digits(schedule)
    return ForkView(
        f"{schedule.name}_parts_{fork.first + 1:0{digits}}_{fork.last + 1:0{digits}}",
        f"Steps {fork.first + 1} to {fork.last + 1}, each a part for a thread.",
        tuple(f"{function_name(schedule, step)}(arena)" for step in fork.steps),
    )


def _params(step: Step, group: Shared | None, instead: Mapping[str, str] | None = None) -> str:
    """The initialiser of the step's struct; empty where it is one of equal steps, which need none.

    instead: expressions of the fields that are not constant.
    """
    items = shared.own_fields(step, group, instead) if group else params.fields(step, instead)
    return wrap(items, 8, " " * 8) if items else ""


def _blocks(schedule: Schedule, plan: MemoryPlan, index: int) -> dict[str, Any]:
    """The conditional blocks that begin before a step's call and end after it, and how deep in them it is."""
    before, here, after = (
        schedule.steps[i].guards if 0 <= i < len(schedule.steps) else () for i in (index - 1, index, index + 1)
    )
    begun, kept = _common(before, here), _common(here, after)
    opens = [
        f"{_INDENT * (level + 1)}if ({_condition(schedule, plan, here[level])}) {{" for level in range(begun, len(here))
    ]
    closes = [f"{_INDENT * (level + 1)}}}" for level in reversed(range(kept, len(here)))]
    return {"opens": tuple(opens), "closes": tuple(closes), "indent": _INDENT * (len(here) + 1)}


_INDENT = "    "


def _common(first: Guards, second: Guards) -> int:
    """How many of the outermost conditions are the same."""
    count = 0
    while count < min(len(first), len(second)) and first[count] == second[count]:
        count += 1
    return count


def _condition(schedule: Schedule, plan: MemoryPlan, guard: Guard) -> str:
    root, inside = schedule.root(guard.condition)
    number = schedule.slot_of.get(root)
    if number is None:
        place = f"{Arenas(plan).variable(plan.placements[root].region)}[{offset_of(schedule, plan, guard.condition)}]"
    else:
        place = f"state->{member(number)}[{inside}]"
    return f"{place} {'!=' if guard.value else '=='} 0"


def uses_state(schedule: Schedule) -> bool:
    """Whether any step reads or writes a state: a model may only carry one along."""
    named = ((*s.inputs, *s.outputs, *(guard.condition for guard in s.guards)) for s in schedule.steps)
    return any(schedule.root(name)[0] in schedule.slot_of for names in named for name in names)


def _parameters(schedule: Schedule, plan: MemoryPlan, index: int) -> dict[str, str]:
    """What the step's function takes, by the argument that NAME_run gives: arenas, the state, or both."""
    step = schedule.steps[index]
    held = {name: schedule.root(name)[0] in schedule.slot_of for name in (*step.inputs, *step.outputs)}
    keys = [schedule.root(name)[0] for name, kept in held.items() if not kept]
    keys += [scratch_key(index)] if step.scratch else []
    found = Arenas(plan).used(plan.placements[key].region for key in keys)
    if any(held.values()):
        const = "" if any(held[name] for name in step.outputs) else "const "
        found["state"] = f"{const}{schedule.name}_state *state"
    return found


def _traced(schedule: Schedule, plan: MemoryPlan, name: str) -> str:
    number = schedule.slot_of.get(schedule.root(name)[0])
    offset = schedule.root(name)[1] if number is not None else offset_of(schedule, plan, name)
    if number is None:
        return f"{Arenas(plan).variable(plan.placements[schedule.root(name)[0]].region)} + {offset}"
    return f"state->{member(number)}" if offset == 0 else f"(const uint8_t *)state->{member(number)} + {offset}"


def _address(schedule: Schedule, plan: MemoryPlan, arg: Buffer) -> str:
    """The argument in the step's function."""
    dtype, (root, inside) = schedule.buffers[arg.name].dtype, schedule.root(arg.name)
    number = schedule.slot_of.get(root)
    if number is None:
        base = Arenas(plan).parameter(plan.placements[root].region)
        return pointer(base, str(offset_of(schedule, plan, arg.name)), dtype, not arg.written)
    if inside == 0 and schedule.slots[number].type.dtype is dtype:
        return f"state->{member(number)}"
    base = f"({'uint8_t *' if arg.written else 'const uint8_t *'})state->{member(number)}"
    return pointer(base, str(inside), dtype, not arg.written)


def _call(
    schedule: Schedule,
    plan: MemoryPlan,
    constants: NamedConstants,
    index: int,
    group: Shared | None,
    by_rows: RowCode | None,
) -> str:
    step = schedule.steps[index]
    args = ["&p"] if group is None or group.varying else []
    for arg in step.args:
        if isinstance(arg, Buffer) and by_rows:
            args.append(by_rows.addresses[arg.name])
        elif isinstance(arg, Buffer):
            args.append(_address(schedule, plan, arg))
        else:
            args.append(constants.name(arg))
    if step.kernel.takes_scratch:
        args.append(_scratch(plan, index, " + ") if step.scratch else "(void *)0")
    head = f"    {shared.function_name(schedule, group) if group else step.kernel.symbol}("
    return wrap(args, len(head), head, ");")


def needs_math_h(schedule: Schedule) -> bool:
    """Whether a step's params hold an infinity, which C99 spells by a macro of <math.h>."""
    return any("INFINITY" in item or "NAN" in item for step in schedule.steps for item in params.fields(step))


def _comment(schedule: Schedule, plan: MemoryPlan, index: int, group: Shared | None) -> list[str]:
    step = schedule.steps[index]
    by_rows = ", by rows" if index in schedule.stream_of else ""
    title = f"Step {index + 1} of {len(schedule.steps)}{by_rows}: {comment_text(step.title)}"
    sources = _sources(step)
    together = ", ".join([title, *sources])
    lines = [together] if len(together) <= COLUMNS - 3 else [title, *comment_lines(sources, "  ", "    ")]
    lines += comment_lines(_work(schedule, step), "  ", "    ")
    lines += comment_lines(_memory(schedule, plan, index), "  ", "    ")
    if step.guards:
        told = (f"{_condition(schedule, plan, guard)}" for guard in step.guards)
        lines.append(f"  runs if {' and '.join(told)}{', a being the arena' if Arenas(plan).single else ''}")
    by = f" by way of {shared.function_name(schedule, group)}" if group else ""
    lines.append(f"  kernel {step.kernel.symbol.removeprefix('bc_')}{by}")
    return lines


def _sources(step: Step) -> list[str]:
    """The foreign nodes' names, in quotes: at most MOST_SOURCES of them, and none twice."""
    names = list(dict.fromkeys(f'"{comment_text(name)}"' for name in step.source))
    shown = names[:MOST_SOURCES]
    if shown:
        shown[0] = f"from {'node' if len(names) == 1 else 'nodes'} {shown[0]}"
    if (more := len(names) - MOST_SOURCES) > 0:
        shown[-1] += f" and {more} more"
    return shown


def _work(schedule: Schedule, step: Step) -> list[str]:
    def listed(names: tuple[str, ...]) -> str:
        return " + ".join(_type_text(schedule.buffers[name]) for name in names)

    weights = sum(const.data.nbytes for const in step.constants)
    items = [f"{listed(step.inputs) or 'constants'} -> {listed(step.outputs)}"]
    items += [f"{thousands(step.macs)} MAC"] if step.macs else []
    items += [f"{thousands(weights)} B constants"] if weights else []
    return items


def _type_text(type: TensorType) -> str:
    return f"{shape_text(type.shape)} {type.dtype.value}"


def _memory(schedule: Schedule, plan: MemoryPlan, index: int) -> list[str]:
    step = schedule.steps[index]
    items = [f"in {_place(schedule, plan, index, name, True)}" for name in step.inputs]
    items += [f"out {_place(schedule, plan, index, name, False)}" for name in step.outputs]
    if step.scratch:
        items.append(f"scratch {thousands(step.scratch)} B at {_scratch(plan, index, '+')}")
    return items


def _scratch(plan: MemoryPlan, index: int, plus: str) -> str:
    """Where a step's scratch memory is."""
    placement = plan.placements[scratch_key(index)]
    return f"{Arenas(plan).parameter(placement.region)}{plus}{placement.offset}"


def _place(schedule: Schedule, plan: MemoryPlan, index: int, name: str, is_input: bool) -> str:
    root, inside = schedule.root(name)
    number = schedule.slot_of.get(root)
    if (stream := schedule.stream_of.get(index)) is not None and root in stream.held:
        return streams.place(plan, stream, root)
    if number is None:
        arena = Arenas(plan).parameter(plan.placements[root].region)
        return f"{arena}+{offset_of(schedule, plan, name)}{_until(schedule, plan, index, name, is_input)}"
    kept = " (of the run before)" if root == schedule.slots[number].buffer else " (for the next run)"
    return f"{member(number)}{f'+{inside}' if inside else ''}{kept}"


def _until(schedule: Schedule, plan: MemoryPlan, index: int, name: str, is_input: bool) -> str:
    root, _ = schedule.root(name)
    last = plan.placements[root].last
    for number, border in enumerate(schedule.outputs):
        if schedule.root(border.buffer)[0] == root:
            return f" (output {number} of the model)"
    if last <= index:
        return " (last use)" if is_input else " (never read)"
    return f" (until step {last + 1})"
