"""What `generate` and `inspect` say of the steps that could run by rows."""

from __future__ import annotations

from barecast import report
from barecast.streaming import Choice

SHOWN = 8
"""Choices that were considered are shown up to this number, those with the least memory."""


def show(considered: tuple[Choice, ...]) -> None:
    """A table, the choice that was taken first; nothing if none were considered."""
    if not considered:
        return
    rows = [(*_row(choice), "taken" if choice is considered[0] else "") for choice in considered[:SHOWN]]
    columns = ("steps by rows", "RAM, B>", "no less than, B>", "extra MAC>", "MAC by rows>", "moved, B>", "")
    report.print_line()
    report.print_table(report.Table("", columns, tuple(rows)))
    if len(considered) > SHOWN:
        report.print_line(f"and {report.number(len(considered) - SHOWN)} more that take no less")


def _row(choice: Choice) -> tuple[str, ...]:
    spans = ", ".join(f"{first + 1} to {last + 1}" for first, last in choice.spans) or "none"
    numbers = (choice.arena_bytes, choice.lower_bound, 0, choice.macs, choice.moved_bytes)
    return spans, *(report.number(value) for value in numbers)
