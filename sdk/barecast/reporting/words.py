"""The figures of a report in words, the same on the page and in the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from barecast.report import number
from barecast.reporting.facts import Report


@dataclass(frozen=True)
class Total:
    """One figure: "arena", "8 392 B", and what is to be said of it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Fit:
    """What a board has of one memory and what the model takes of it; percent is of what there is."""

    label: str
    value: str
    percent: float
    good: bool


def totals(report: Report) -> tuple[Total, ...]:
    found = [Total("arena", f"{number(report.arena_bytes)} B", arena_words(report))]
    if report.state_bytes:
        found.append(Total("state", f"{number(report.state_bytes)} B", "kept from run to run"))
    found.append(Total("constants", f"{number(report.constants_bytes)} B", "weights and tables, in flash"))
    if report.code_bytes is not None:
        found.append(Total("code", f"{number(report.code_bytes)} B", "machine code, in flash"))
    found.append(Total("MACs", number(report.macs), "multiply-accumulates in one run"))
    found.append(Total("steps", number(len(report.steps)), _peak(report)))
    return tuple(found)


def arena_words(report: Report) -> str:
    """Whether a smaller arena is possible."""
    if report.optimal:
        return "optimal: no placement takes less"
    bound = report.arena_lower_bound_bytes
    more = 100 * (report.arena_bytes - bound) / bound if bound else 100.0
    shown = f"{more:.1f} %" if more >= 0.05 else "less than 0.1 %"
    return f"{shown} above the lower bound of {number(bound)} B, which need not be in reach"


def _peak(report: Report) -> str:
    if not report.steps:
        return ""
    arena = report.arena
    return f"step {arena.peak + 1} has most bytes live: {number(arena.live[arena.peak])} B"


def fits(report: Report) -> tuple[Fit, ...]:
    """The board's memories; () without a board."""
    if report.board is None:
        return ()
    ram = report.arena_bytes + report.state_bytes + report.stack_bytes
    flash = report.constants_bytes + (report.code_bytes or 0)
    what = ("arena, state and stack" if report.state_bytes else "arena and stack", "constants and code")
    if report.code_bytes is None:
        what = (what[0], "constants, without code")
    return (
        _fit(f"RAM of {report.board}: {what[0]}", ram, report.ram_bytes),
        _fit(f"flash of {report.board}: {what[1]}", flash, report.flash_bytes),
    )


def _fit(label: str, needed: int, there: int) -> Fit:
    percent = round(100 * needed / max(1, there), 1)
    return Fit(label, f"{number(needed)} of {number(there)} B ({percent:g} %)", percent, needed <= there)
