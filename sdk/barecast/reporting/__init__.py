"""What a model's memory plan and steps look like: the logic of `barecast report`.

facts.py gathers, drawing.py lays the arena out as rectangles over steps, page.py makes the HTML page of it, and
console.py the text.
"""

from __future__ import annotations

from barecast.reporting.console import console_lines
from barecast.reporting.facts import Report, report
from barecast.reporting.page import page

__all__ = ["Report", "console_lines", "page", "report"]
