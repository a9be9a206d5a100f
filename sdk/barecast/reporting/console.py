"""Report -> lines for a terminal or a pipe: the arena as one line a step, addresses from left to right.

The kind of a piece is the role of a block, "over", "free", "peak", "quiet" or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barecast.errors import printable
from barecast.report import Line, Piece, number
from barecast.reporting.facts import INPUT, OUTPUT, SCRATCH, Block, Region, Report
from barecast.reporting.words import fits, totals

MAP_LEAST, MAP_MOST = 12, 72
"""Characters of a map."""

TITLE, KERNEL = 30, 26
LINES_MOST = 120
"""Steps with a line of their own; where there are more, a line stands for several."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BY_ROWS = "r"
FREE, OVER = ".", "%"
MARKS = {INPUT: "I", OUTPUT: "O", SCRATCH: "#"}


def console_lines(report: Report, width: int) -> list[Line]:
    """The whole report in lines of at most `width` characters, if that is no less than 40."""
    width = max(width, 40)
    board = f", board {report.board}" if report.board else ""
    lines = _wrapped(f"{printable(report.model)} on {report.target}{board}", width)
    for region in report.regions:
        lines.append(())
        lines += _wrapped(f"{region.name}:", width) if report.board else []
        lines += _map(report, region, width)
    lines.append(())
    label = max(len(total.label) for total in totals(report)) + 2
    for total in totals(report):
        said = f"{total.value} ({total.note})" if total.note else total.value
        lines += _wrapped(total.label.ljust(label) + said, width, label)
    for fit in fits(report):
        lines += _wrapped(f"{fit.label}: {fit.value}{'' if fit.good else ', does not fit'}", width, label)
    return lines


def _wrapped(text: str, width: int, indent: int = 0) -> list[Line]:
    """Words in lines of at most `width` characters, the second and all further lines indented."""
    lines, line = [], ""
    for word in text.split(" "):
        if line.strip() and len(line) + 1 + len(word) > width:
            lines.append((Piece(line),))
            line = " " * indent + word
        else:
            line = f"{line} {word}" if line or word == "" else word
    return [*lines, (Piece(line),)]


@dataclass(frozen=True)
class _Column:
    head: str
    cells: tuple[str, ...]
    right: bool

    @property
    def width(self) -> int:
        return max(map(len, (self.head, *self.cells)))


def _map(report: Report, region: Region, width: int) -> list[Line]:
    """A line for each step, or each group of steps that its fullest step stands for."""
    shown = _shown(report, region)
    columns = _columns(report, region, shown, width)
    taken = sum(column.width + 2 for column in columns)
    cells = max(MAP_LEAST, min(MAP_MOST, width - taken))
    end = number(region.bytes)
    heads = [Piece(_cell(column, column.head) + "  ", "quiet") for column in columns]
    lines: list[Line] = [(*heads, Piece("0" + end.rjust(cells - 1), "quiet"))]
    letters = _letters(region.blocks)
    for row, (index, _) in enumerate(shown):
        kind = "peak" if index == region.peak else ""
        line = [Piece(_cell(column, column.cells[row]) + "  ", kind) for column in columns]
        lines.append((*line, *_bar(region, index, cells, letters)))
    lines += _wrapped("* the fullest step", width) if region.live else []
    if len(shown) == len(report.steps) and any(step.together for step in report.steps):
        lines += _wrapped(f"{BY_ROWS} neighbours that run together, a row at a time", width)
    if len(shown) < len(report.steps):
        lines += _wrapped("a line stands for several steps and shows the fullest of them", width)
    key = "I input and O output of the model, a-z between, # scratch memory, % output over an input, . free"
    return lines + _wrapped(key, width)


def _shown(report: Report, region: Region) -> list[tuple[int, str]]:
    """(step, how it is called) for each line."""
    count = len(report.steps)
    size = -(-count // LINES_MOST)
    if size <= 1:
        return [(index, f"{index + 1}{BY_ROWS if step.together else ''}") for index, step in enumerate(report.steps)]
    groups = [range(first, min(first + size, count)) for first in range(0, count, size)]
    return [(max(group, key=lambda i: region.live[i]), f"{group[0] + 1}-{group[-1] + 1}") for group in groups]


def _columns(report: Report, region: Region, shown: Sequence[tuple[int, str]], width: int) -> list[_Column]:
    """What stands before the map: what leaves room for one of MAP_LEAST characters, the most telling first."""
    steps = [report.steps[index] for index, _ in shown]
    live = tuple(f"{number(region.live[i])} {'*' if i == region.peak else ' '}" for i, _ in shown)
    wanted = (
        (0, _Column("step", tuple(name for _, name in shown), True)),
        (4, _Column("live B  ", live, True)),
        (1, _Column("op", tuple(step.op for step in steps), False)),
        (3, _Column("MACs", tuple(number(step.macs) for step in steps), True)),
        (1, _Column("what", tuple(printable(step.title, TITLE) for step in steps), False)),
        (2, _Column("kernel", tuple(printable(step.kernel, KERNEL) for step in steps), False)),
    )
    found: list[tuple[int, _Column]] = []
    for place, column in wanted:
        replaced = [] if column.head != "what" else [entry for entry in found if entry[1].head == "op"]
        kept = [entry for entry in found if entry not in replaced] + [(place, column)]
        room = MAP_LEAST if column.head in ("step", "live B  ") else min(MAP_MOST // 2, width // 3)
        if sum(one.width + 2 for _, one in kept) + room <= width or column.head in ("step", "live B  "):
            found = kept
    return [column for _, column in sorted(found, key=lambda entry: entry[0])]


def _cell(column: _Column, text: str) -> str:
    return text.rjust(column.width) if column.right else text.ljust(column.width)


def _letters(blocks: Sequence[Block]) -> list[str]:
    """A mark for each block; those between the steps take turns with the alphabet."""
    found, count = [], 0
    for block in blocks:
        found.append(MARKS.get(block.role) or LETTERS[count % len(LETTERS)])
        count += block.role not in MARKS
    return found


def _bar(region: Region, index: int, cells: int, letters: Sequence[str]) -> list[Piece]:
    """The region in one step. A block has one character at least; what lies over another one has OVER."""
    marks, kinds, each = [FREE] * cells, ["free"] * cells, region.bytes / cells
    pairs = zip(region.blocks, letters, strict=True)
    alive = [(block, letter) for block, letter in pairs if block.first <= index <= block.last]

    def put(offset: int, size: int, mark: str, kind: str) -> None:
        low = min(cells - 1, round(offset / each))
        for place in range(low, min(cells, max(low + 1, round((offset + size) / each)))):
            marks[place], kinds[place] = mark, kind

    for block, letter in sorted(alive, key=lambda entry: -entry[0].bytes):
        put(block.offset, block.bytes, letter, block.role)
    for shared in region.shared:
        if shared.first <= index <= shared.last:
            put(shared.offset, shared.bytes, OVER, "over")
    pieces: list[Piece] = []
    for mark, kind in zip(marks, kinds, strict=True):
        if pieces and pieces[-1].kind == kind:
            pieces[-1] = Piece(pieces[-1].text + mark, kind)
        else:
            pieces.append(Piece(mark, kind))
    return pieces
