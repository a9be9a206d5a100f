"""Params structs as C initialisers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from barecast.emit import literals
from barecast.ops.base import FLOATS_ONLY, INTEGERS_ONLY
from barecast.schedule import Step

IDLE_TOGETHER = 4
"""So many fields without a meaning share a comment."""


def fields(step: Step, instead: Mapping[str, str] | None = None) -> list[str]:
    """One initialiser for each field of the params, with the field's name before it.

    instead: field -> the expression of its value, where that is not a number. Neighbours that mean nothing for the
    kernel's types come together, and say so.
    """
    instead = instead or {}
    idle, types = _idle_fields(step)
    items: list[str] = []
    run: list[str] = []
    for field in dataclasses.fields(step.params):
        if field.name in idle and field.name not in instead:
            run.append(field.name)
            continue
        items += _together(run, types)
        run = []
        items.append(f"/* {field.name} */ {instead.get(field.name) or value_text(step.params, field.name)}")
    return items + _together(run, types)


def is_real(params: Any, name: str) -> bool:
    """Whether the field is a float in C."""
    (declared,) = (field.type for field in dataclasses.fields(params) if field.name == name)
    return isinstance(getattr(params, name), float) or declared in (float, "float")


def value_text(params: Any, name: str) -> str:
    value = getattr(params, name)
    return literals.real(value) if is_real(params, name) else literals.integer(int(value))


def _idle_fields(step: Step) -> tuple[set[str], str]:
    """The fields that kernels of the step's types never look at, and the types that they are for."""
    if all(dtype.is_float for dtype in step.kernel.dtypes):
        names, types = INTEGERS_ONLY, "integers"
    elif not any(dtype.is_float for dtype in step.kernel.dtypes):
        names, types = FLOATS_ONLY, "floats"
    else:
        names, types = frozenset(), ""
    declared = dataclasses.fields(step.params)
    return {f.name for f in declared if f.name in names and not getattr(step.params, f.name)}, types


def _together(names: list[str], types: str) -> list[str]:
    """Initialisers with 0 for fields in a row, some to each comment so that a line holds it."""
    parts = (names[i : i + IDLE_TOGETHER] for i in range(0, len(names), IDLE_TOGETHER))
    return [f"/* for {types} only: {', '.join(part)} */ {', '.join('0' * len(part))}" for part in parts]
