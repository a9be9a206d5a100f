"""The figures of a report in words, the same on the page and in the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from barecast.report import gap, number
from barecast.reporting.facts import Report


@dataclass(frozen=True)
class Total:
    """One figure: "arena", "8 392 B", and what is to be said of it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Fit:
    """What a model may have of one of a board's memories, and what it takes; percent is of what there is."""

    label: str
    value: str
    percent: float
    good: bool


def totals(report: Report) -> tuple[Total, ...]:
    found = [Total("arena", f"{number(report.arena_bytes)} B", arena_words(report))]
    if report.state_bytes:
        found.append(Total("state", f"{number(report.state_bytes)} B", "kept from run to run"))
    copied = f"; {number(report.hot_bytes)} B of them copied to RAM" if report.hot_bytes else ""
    # What was planned for the board fits it: what its flash does not take lies in a memory outside.
    outside = report.flash_bytes is not None and report.constants_bytes > report.flash_bytes
    where = f"more than the flash of {report.board} takes: outside" if outside else "in flash"
    found.append(Total("constants", f"{number(report.constants_bytes)} B", f"weights and tables, {where}{copied}"))
    if report.code_bytes is not None:
        found.append(Total("code", f"{number(report.code_bytes)} B", "machine code, in flash"))
    found.append(Total("MACs", number(report.macs), "multiply-accumulates in one run"))
    found.append(Total("steps", number(len(report.steps)), _peak(report)))
    return tuple(found)


def arena_words(report: Report) -> str:
    """Whether a smaller arena is possible."""
    bound = report.arena_lower_bound_bytes
    if report.arena_optimal:
        return "optimal: no placement takes less"
    if len(report.regions) > 1:
        return " + ".join(f"{number(region.bytes)} B of {region.name}" for region in report.regions)
    return f"{gap(report.arena_bytes, bound)} above the lower bound of {number(bound)} B, which need not be in reach"


def _peak(report: Report) -> str:
    if not report.steps:
        return ""
    return f"step {report.peak + 1} has most bytes live: {number(report.steps[report.peak].live_bytes)} B"


def fits(report: Report) -> tuple[Fit, ...]:
    """The board's memories; () without a board."""
    if report.board is None:
        return ()
    regions = [
        _fit(f"{region.name} of {report.board}, arena", region.bytes, region.capacity)
        for region in report.regions
        if region.capacity is not None
    ]
    code = "constants and code" if report.code_bytes is not None else "constants, without code"
    flash = report.constants_bytes + (report.code_bytes or 0)
    if report.constants_bytes > report.flash_bytes:
        return tuple(regions)
    return (*regions, _fit(f"flash of {report.board}, {code}", flash, report.flash_bytes))


def _fit(label: str, needed: int, there: int) -> Fit:
    percent = round(100 * needed / max(1, there), 1)
    return Fit(label, f"{number(needed)} of {number(there)} B ({percent:g} %)", percent, needed <= there)
