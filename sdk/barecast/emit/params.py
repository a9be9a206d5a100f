"""Params structs as C initialisers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from typing import Any

from barecast.emit import literals
from barecast.ops.base import FLOATS_ONLY, HALVES_ONLY, INTEGERS_ONLY
from barecast.schedule import Step

TIES_FLOAT = 1
"""`ties` of the params structs where float32 decides about halves (runtime_c/include/barecast/bc_math.h)."""

IDLE_TOGETHER = 4
"""So many fields without a meaning share a comment."""


def fields(step: Step, instead: Mapping[str, str] | None = None) -> list[str]:
    """One initialiser for each field of the params, with the field's name before it.

    instead: field -> the expression of its value, where that is not a number. Neighbours that mean nothing for the
    kernel's types or ties come together, and say so.
    """
    instead = instead or {}
    idle = _idle_fields(step)
    items: list[str] = []
    names = (field.name for field in dataclasses.fields(step.params))
    for wanted_by, some in groupby(names, lambda name: None if name in instead else idle.get(name)):
        if wanted_by is not None:
            items += _together(list(some), wanted_by)
        else:
            items += [f"/* {name} */ {instead.get(name) or value_text(step.params, name)}" for name in some]
    return items


def is_real(params: Any, name: str) -> bool:
    """Whether the field is a float in C."""
    return isinstance(getattr(params, name), float) or _declared(type(params))[name] in (float, "float")


@cache
def _declared(params: type) -> Mapping[str, Any]:
    """Field -> its type as the class states it."""
    return {field.name: field.type for field in dataclasses.fields(params)}


def value_text(params: Any, name: str) -> str:
    value = getattr(params, name)
    return literals.real(value) if is_real(params, name) else literals.integer(int(value))


def _idle_fields(step: Step) -> dict[str, str]:
    """The fields that kernels of the step's types and ties never look at -> what they are for."""
    floats = [dtype.is_float for dtype in step.kernel.dtypes]
    if any(floats) and not all(floats):
        return {}
    found: dict[str, str] = {}
    if getattr(step.params, "ties", TIES_FLOAT) != TIES_FLOAT:
        found |= dict.fromkeys(HALVES_ONLY, f"ties {TIES_FLOAT}")
    found |= dict.fromkeys(INTEGERS_ONLY, "integers") if all(floats) else dict.fromkeys(FLOATS_ONLY, "floats")
    return {name: wanted_by for name, wanted_by in found.items() if not getattr(step.params, name, 1)}


def _together(names: list[str], wanted_by: str) -> list[str]:
    """Initialisers with 0 for fields in a row, some to each comment so that a line holds it."""
    parts = (names[i : i + IDLE_TOGETHER] for i in range(0, len(names), IDLE_TOGETHER))
    return [f"/* for {wanted_by} only: {', '.join(part)} */ {', '.join('0' * len(part))}" for part in parts]
