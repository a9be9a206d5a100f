"""Functions that several steps call: one copy of a kernel, specialised for what the steps have in common."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.emit import params
from barecast.emit.constants import step_digits
from barecast.emit.layout import COLUMNS, comment_lines, wrap
from barecast.emit.sharing import COUNTS, Shared, signature
from barecast.emit.views import SharedView
from barecast.schedule import Buffer, Schedule, Step

LARGEST_FACTOR = 16
"""No kernel's tiles are larger: that a count divides by more helps nothing."""


def function_name(schedule: Schedule, group: Shared) -> str:
    return f"{_stem(schedule, group)}_{schedule.steps[group.steps[0]].op}"


def struct_name(schedule: Schedule, group: Shared) -> str:
    return f"{_stem(schedule, group)}_params"


def _stem(schedule: Schedule, group: Shared) -> str:
    return f"{schedule.name}_shared_{group.steps[0] + 1:0{step_digits(schedule)}}"


def own_fields(step: Step, group: Shared, instead: Mapping[str, str] | None = None) -> list[str]:
    """A step's initialisers of the group's struct. instead: as of params.fields."""
    known = instead or {}
    return [f"/* {name} */ {known.get(name) or params.value_text(step.params, name)}" for name in group.varying]


def view(schedule: Schedule, group: Shared) -> SharedView:
    step = schedule.steps[group.steps[0]]
    parameters = _parameters(schedule, step)
    taken = [f"const {struct_name(schedule, group)} *step"] if group.varying else []
    head, call = f"static BC_STEP void {function_name(schedule, group)}(", f"    {step.kernel.symbol}("
    instead = {field: f"step->{source}" for field, source in group.source.items()}
    return SharedView(
        comment=tuple(_comment(step, group)),
        struct=struct_name(schedule, group),
        members=tuple(f"{'float' if params.is_real(step.params, name) else 'int32_t'} {name};" for name in group.varying),
        head=wrap([*taken, *(kind + name for name, kind in parameters.items())], len(head), head, ")"),
        params_type=f"bc_{step.op}_params",
        params=wrap(params.fields(step, instead), 8, " " * 8),
        assumptions=tuple(_assumptions(schedule, group)),
        call=wrap(["&p", *parameters], len(call), call, ");"),
    )


def _comment(step: Step, group: Shared) -> list[str]:
    numbers = [str(index + 1) for index in group.steps]
    listed = f"Steps {', '.join(numbers[:-1])} and {numbers[-1]}:"
    told = "what they have in common is constant here, the rest is *step" if group.varying else "the same but for operands"
    lines = comment_lines([f"{listed} {told}"], "", "")
    if len(lines[0]) > COLUMNS - 3:
        lines = [*comment_lines([*(f"{'' if i else 'Steps '}{n}" for i, n in enumerate(numbers))], "", "  "), f"  {told}"]
    return [*lines, f"  kernel {step.kernel.symbol.removeprefix('bc_')}"]


def _parameters(schedule: Schedule, step: Step) -> dict[str, str]:
    """The function's parameters for the step's arguments: name -> type, with what stands between type and name."""
    found: dict[str, str] = {}
    for arg, (element, written) in zip(step.args, signature(schedule, step), strict=True):
        stem = ("y" if arg.written else "x") if isinstance(arg, Buffer) else arg.role
        name, serial = stem, 1
        while name in found:
            serial += 1
            name = f"{stem}_{serial}"
        found[name] = f"{'' if written else 'const '}{element} *"
    if step.kernel.takes_scratch:
        found["scratch"] = "void *"
    return found


def _assumptions(schedule: Schedule, group: Shared) -> list[str]:
    """What is true of the varying numbers of all steps, where kernels ask: least counts, factors, ranges of shifts."""
    found = []
    for name in group.varying:
        values = [getattr(one, name) for index in group.steps for one in schedule.calls(index)]
        least, most, factor = min(values), max(values), LARGEST_FACTOR
        if name == "shift":
            found.append(f"p.{name} >= {least} && p.{name} <= {most}")
        elif name in COUNTS and least > 0:
            while any(value % factor for value in values):
                factor //= 2
            found.append(f"p.{name} >= {least}" + (f" && p.{name} % {factor} == 0" if factor > 1 else ""))
    return found
