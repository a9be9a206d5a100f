"""Lines of generated C: wrapping and the spelling of numbers for people."""

from __future__ import annotations

from collections.abc import Iterable

COLUMNS = 100


def thousands(value: int) -> str:
    """72000 as "72 000"."""
    return f"{value:,}".replace(",", " ")


def wrap(items: Iterable[str], indent: int, first: str = "", last: str = "") -> str:
    """Items joined by ", " in lines of at most COLUMNS characters, and no item broken.

    first: what the first line begins with, last: what follows the last item. Every further
    line is indented by `indent` spaces.
    """
    items = list(items)
    lines, line = [], first
    for index, item in enumerate(items):
        piece = item + (last if index == len(items) - 1 else ",")
        glue = " " if index and line.strip() else ""
        if index and len(line) + len(glue) + len(piece) > COLUMNS:
            lines.append(line)
            line, glue = " " * indent, ""
        line += glue + piece
    return "\n".join([*lines, line])


def comment_lines(items: Iterable[str], first: str, then: str) -> list[str]:
    """The items, joined by ", " and wrapped, as lines of a block comment that begin with `first`, then with `then`."""
    items = list(items)
    lines, line = [], first
    for index, item in enumerate(items):
        piece = item + ("," if index < len(items) - 1 else "")
        glue = " " if line not in (first, then) else ""
        if glue and len(line) + len(piece) + 1 > COLUMNS:
            lines.append(line)
            line, glue = then, ""
        line += glue + piece
    return [*lines, line]
