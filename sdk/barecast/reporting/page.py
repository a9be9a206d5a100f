"""Report -> one HTML file: no script, nothing from the network, light and dark as its reader has it."""

from __future__ import annotations

import re

import jinja2

from barecast import resources
from barecast.errors import printable
from barecast.report import number
from barecast.reporting.drawing import drawings
from barecast.reporting.facts import Report
from barecast.reporting.words import fits, totals

TEMPLATE = "report/page.html.j2"


def unbroken(text: str) -> str:
    """Numbers with their units in one piece: "1 234 B" has no blanks at which a line may end."""
    return re.sub(r"(?<=\d) (?=\d{3}\b|B\b|%)", "\u00a0", text)


def page(report: Report) -> str:
    """The text of the page. What comes from the model is escaped, by Jinja, and in visible ASCII."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: resources.text("templates", name)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    environment.filters |= {"number": lambda value: unbroken(number(value)), "printable": printable, "unbroken": unbroken}
    most = max((step.live_bytes for step in report.steps), default=0)
    return environment.get_template(TEMPLATE).render(
        report=report,
        model=printable(report.model),
        totals=totals(report),
        fits=fits(report),
        drawings=drawings(report),
        shares=[round(100 * step.live_bytes / max(1, most), 1) for step in report.steps],
    )
