"""Numbers for people: tables on a terminal (rich) or in a pipe (plain text), and the JSON beside them."""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from barecast.errors import UsageError, printable
from barecast.stack import StackBound

STANDARD_OUTPUT = "-"


@dataclass(frozen=True)
class Table:
    """title, column heads (a head that ends in ">" aligns to the right) and rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Piece:
    """Part of a line. kind: what it stands for, which a terminal may show by its colour; "" for plain text."""

    text: str
    kind: str = ""


Line = tuple[Piece, ...]


def plain_line(line: Line) -> str:
    """The line's text, without blanks at its end."""
    return "".join(piece.text for piece in line).rstrip()


def print_lines(lines: Sequence[Line], styles: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Prints lines, on a terminal in colours. styles: rich's styles by kind."""
    stream = stream or sys.stdout
    if not stream.isatty():
        _write(stream, "".join(plain_line(line) + "\n" for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    for line in lines:
        console.print(Text.assemble(*((piece.text, styles.get(piece.kind, "")) for piece in line)), soft_wrap=True)


def print_table(table: Table, stream: TextIO | None = None) -> None:
    """Prints a table with rules and colours on a terminal, as aligned plain text anywhere else."""
    stream = stream or sys.stdout
    if stream.isatty():
        _print_rich(table, stream)
    else:
        _write(stream, plain_table(table))


def print_line(text: str = "", stream: TextIO | None = None) -> None:
    """One line of text."""
    _write(stream or sys.stdout, text + "\n")


def _write(stream: TextIO, text: str) -> None:
    """A reader that has seen enough (`| head`) is no error, and must not change the exit status."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def plain_table(table: Table) -> str:
    """The table as aligned text, one row a line, with no trailing blanks."""
    heads = tuple(c.rstrip(">") for c in table.columns)
    right = tuple(c.endswith(">") for c in table.columns)
    widths = [max(len(row[i]) for row in (heads, *table.rows)) for i in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        cells = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True))
        return "  ".join(cells).rstrip() + "\n"

    ruler = "  ".join("-" * w for w in widths) + "\n"
    title = table.title + "\n" if table.title else ""
    return title + line(heads) + ruler + "".join(line(row) for row in table.rows)


def _print_rich(table: Table, stream: TextIO) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(title=Text(table.title), title_justify="left", box=box.SIMPLE_HEAD)
    for column in table.columns:
        shown.add_column(Text(column.rstrip(">")), justify="right" if column.endswith(">") else "left")
    for row in table.rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console(file=stream, highlight=False).print(shown)


def write_json(value: Mapping[str, Any], where: str) -> None:
    """Writes JSON (two blanks of indentation, keys in the order given) to a file, or to standard output for "-"."""
    text = json.dumps(value, indent=2, allow_nan=False) + "\n"
    if where == STANDARD_OUTPUT:
        _write(sys.stdout, text)
        return
    write_text(text, where)


def write_text(text: str, where: str) -> None:
    """Writes a file as a whole or not at all: what was there stays if anything goes wrong. UsageError if it does.

    What is no plain file (a pipe, a device) is written to as it is.
    """
    path = Path(where)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_text(text, encoding="utf-8")
            return
        _replace(path.resolve(), text)
    except OSError as error:
        raise UsageError(
            f"cannot write {printable(where, 400)}: {error.strerror}", remedy="name a file that can be written"
        ) from None


def _replace(path: Path, text: str) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    handle, name = tempfile.mkstemp(prefix=".barecast-", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        # mkstemp's file is private: the new one has the old one's rights, or what the user's mask leaves of the usual.
        os.chmod(name, path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_mask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _mask() -> int:
    """The process's mask for new files: it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def arena(size: int, bound: int, optimal: bool) -> str:
    """The arena's bytes, and whether a smaller one is possible."""
    if optimal:
        return f"{number(size)} B, optimal for this order of steps"
    return f"{number(size)} B, {gap(size, bound)} above the lower bound of {number(bound)} B"


def gap(size: int, bound: int) -> str:
    """By how much an arena is above its lower bound."""
    more = 100 * (size - bound) / bound if bound else 100.0
    return f"{more:.1f} %" if more >= 0.05 else "less than 0.1 %"


def number(value: int | float | None) -> str:
    """1234567 -> "1 234 567"; None -> "-"."""
    if value is None:
        return "-"
    return f"{value:,}".replace(",", " ")


def ratio(value: float | None, per: float | None, digits: int = 2) -> str:
    """value / per with some digits, or "-" where it has no meaning."""
    return "-" if value is None or not per else f"{value / per:.{digits}f}"


def stack(used: int, limit: StackBound) -> str:
    """ "148 B, never more than 160 B", or why there is no such limit."""
    if limit.bytes is None:
        return f"{number(used)} B, how much it can be is not known: {printable('; '.join(limit.unknown), 400)}"
    return f"{number(used)} B, never more than {number(limit.bytes)} B"


def shape(dims: Sequence[int]) -> str:
    """(1, 32, 32, 3) -> "[1,32,32,3]"."""
    return f"[{','.join(map(str, dims))}]"
