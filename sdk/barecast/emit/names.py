"""The names of generated functions."""

from __future__ import annotations

from barecast.emit.constants import step_digits
from barecast.schedule import Schedule


def function_name(schedule: Schedule, index: int) -> str:
    """The C function of a step."""
    return f"{schedule.name}_step_{index + 1:0{step_digits(schedule)}}_{schedule.steps[index].op}"
