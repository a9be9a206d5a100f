"""Constants as C arrays: each distinct one once, named after the first step that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barecast.emit import assembler, literals
from barecast.emit.arenas import section_macro, section_name
from barecast.emit.identifiers import comment_text
from barecast.emit.layout import comment_lines, thousands
from barecast.emit.views import ConstantView
from barecast.graph import DType
from barecast.options import Options
from barecast.schedule import Const, Schedule, Step

ASSEMBLED_ABOVE = 2**20
"""Bytes of constants from which on C takes a compiler longer than the rest of the model: megabytes a second."""


@dataclass(frozen=True, eq=False)
class NamedConstants:
    """arrays: C name -> constant, in the order of first use; names: id of an array -> its C name."""

    arrays: Mapping[str, Const]
    names: Mapping[int, str]
    users: Mapping[str, tuple[int, ...]]

    def name(self, const: Const) -> str:
        return self.names[id(const.data)]

    @property
    def bytes(self) -> int:
        return sum(const.data.nbytes for const in self.arrays.values())


def name_constants(schedule: Schedule) -> NamedConstants:
    """The steps' constants, then the states' initial values (but for those of one repeated byte).

    Selection has made equal constants one array object, so the object is the identity.
    """
    arrays: dict[str, Const] = {}
    names: dict[int, str] = {}
    users: dict[str, list[int]] = {}
    digits = step_digits(schedule)
    for index, step in enumerate(schedule.steps):
        for const in step.constants:
            if id(const.data) not in names:
                name = stem = f"{schedule.name}_w{index + 1:0{digits}}_{const.role}"
                serial = 1
                while name in arrays:
                    serial += 1
                    name = f"{stem}_{serial}"
                arrays[name] = const
                names[id(const.data)] = name
            users.setdefault(names[id(const.data)], []).append(index)
    for number, slot in enumerate(schedule.slots):
        if fill_byte(slot.initial) is None and id(slot.initial) not in names:
            name = f"{schedule.name}_state_{number}_initial"
            arrays[name] = Const("initial", slot.initial)
            names[id(slot.initial)] = name
            users[name] = []
    return NamedConstants(arrays, names, {name: tuple(dict.fromkeys(steps)) for name, steps in users.items()})


def step_digits(schedule: Schedule) -> int:
    """Steps are numbered from 1 with as many digits as the last one needs, two at least."""
    return max(2, len(str(len(schedule.steps))))


def language(named: NamedConstants, options: Options) -> str:
    """What the constants are written in, "c" or "asm"."""
    if options.constants != "auto":
        return options.constants
    return "asm" if named.bytes > ASSEMBLED_ABOVE and not options.single_file else "c"


def constant_views(
    schedule: Schedule, named: NamedConstants, hot: Mapping[int, str], language: str
) -> tuple[ConstantView, ...]:
    """hot: id of an array -> the memory that it is copied to at start-up. language: "c" or "asm"."""
    return tuple(_view(schedule, named, name, const, hot, language) for name, const in named.arrays.items())


def _view(
    schedule: Schedule, named: NamedConstants, name: str, const: Const, hot: Mapping[int, str], language: str
) -> ConstantView:
    steps = named.users[name]
    notes = _notes(schedule.steps[steps[0]], steps, const) if steps else _initial_notes(schedule, const)
    comment = "\n".join([*comment_lines(notes, "/* ", " * ")]) + " */"
    dtype = DType.of(const.data.dtype)
    region = hot.get(id(const.data))
    if language == "c":
        text, section = literals.array_text(const.data), f"{section_macro(region)} " if region else ""
    else:
        text, section = assembler.data_text(const.data), section_name(region) if region else f".rodata.{name}"
    align = max(4, const.data.itemsize)
    return ConstantView(name, dtype.c, const.data.size, const.data.nbytes, align, comment, text, section)


def _notes(step: Step, steps: tuple[int, ...], const: Const) -> list[str]:
    shape = ",".join(str(d) for d in const.data.shape)
    which = f"Step {steps[0] + 1}" if len(steps) == 1 else f"Steps {', '.join(str(s + 1) for s in steps)}"
    notes = [f"{which}: {_ROLES[const.role]} of the {comment_text(step.title)}", f"{thousands(const.data.nbytes)} B"]
    if const.role in ("weights", "channels"):
        notes.append(f"[{shape}] in the order in which {step.kernel.symbol} reads them")
    else:
        notes.append(f"[{shape}]")
    return notes


def _initial_notes(schedule: Schedule, const: Const) -> list[str]:
    numbers = [str(n) for n, slot in enumerate(schedule.slots) if slot.initial is const.data]
    shape = ",".join(str(d) for d in const.data.shape)
    which = f"State{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
    return [f"{which}: value after a reset", f"{thousands(const.data.nbytes)} B", f"[{shape}]"]


def fill_byte(initial: np.ndarray) -> int | None:
    """The byte that all of the array consists of; None if there are several."""
    raw = np.frombuffer(np.ascontiguousarray(initial).tobytes(), np.uint8)
    return int(raw[0]) if (raw == raw[0]).all() else None


_ROLES = {
    "weights": "weights",
    "bias": "bias",
    "multiplier": "multipliers",
    "shift": "exponents of the multipliers",
    "channels": "bias and multiplier of each output channel",
    "table": "table",
    "operand": "constant operand",
}


def needs_math_h(arrays: Mapping[str, Const]) -> bool:
    return any(literals.needs_math_h(np.asarray(const.data)) for const in arrays.values())
