"""Report -> what the page draws: rectangles over steps and bytes, with everything computed and in words.

Steps run from left to right, a column each, with a column before the first for what the caller fills in and one
behind the last for what the caller reads. Addresses rise from the bottom.
"""

from __future__ import annotations

from dataclasses import dataclass

from barecast.errors import printable
from barecast.report import number
from barecast.reporting.facts import BETWEEN, INPUT, OUTPUT, SCRATCH, Block, Region, Report, Shared

WIDTH = 1060
"""Pixels that the columns share, if that is not too little for each."""

COLUMN_LEAST, COLUMN_MOST = 4.0, 84.0
HEIGHT = 400
LEFT, TOP, RIGHT = 78.0, 26.0, 26.0
OPERATORS_HEIGHT, WORK_HEIGHT = 66.0, 44.0
GLYPH = 6.1
"""Width of a character in labels, about."""

LINE = 13.0
LEAST = 1.5
"""Height of a block of a few bytes."""

NAME_MOST = 200


@dataclass(frozen=True)
class Label:
    """Text in a block. upright: along the steps; else it reads from the bottom to the top."""

    x: float
    y: float
    text: str
    upright: bool


@dataclass(frozen=True)
class Rectangle:
    """kind: how it is filled. title: everything about it, for a pointer that rests on it."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Column:
    """What lies below the plot for a step. work: height of its bar of multiply-accumulates."""

    x: float
    middle: float
    title: str
    number: str
    operator: str
    work: float
    is_peak: bool


@dataclass(frozen=True)
class Together:
    """Steps that run together by rows: a line under their numbers."""

    x: float
    width: float
    title: str


@dataclass(frozen=True)
class Drawing:
    """One region. heading: its name in words. column: width of each; bound_y: height of the lower bound, None where that is
    the region's end; is_wide: whether it is wider than a page."""

    region: str
    heading: str
    description: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    column: float
    blocks: tuple[Rectangle, ...]
    shared: tuple[Rectangle, ...]
    addresses: tuple[Tick, ...]
    columns: tuple[Column, ...]
    together: tuple[Together, ...]
    numbers_y: float
    operators_y: float
    work_top: float
    work_bottom: float
    has_operators: bool
    has_work: bool
    is_wide: bool
    peak: Column | None
    bound_y: float | None
    bound_text: str


def drawings(report: Report) -> tuple[Drawing, ...]:
    """One for each region."""
    return tuple(_drawing(report, region) for region in report.regions)


@dataclass(frozen=True)
class _Scale:
    column: float
    bytes: int

    def x(self, step: float) -> float:
        """The left side of a step's column."""
        return round(LEFT + (step + 1) * self.column, 2)

    def y(self, address: float) -> float:
        return round(TOP + HEIGHT * (1 - address / max(1, self.bytes)), 2)


def _drawing(report: Report, region: Region) -> Drawing:
    count = len(report.steps)
    scale = _Scale(max(COLUMN_LEAST, min(COLUMN_MOST, WIDTH / (count + 2))), region.bytes)
    columns = _columns(report, region, scale)
    bottom, right = TOP + HEIGHT, scale.x(count + 1)
    has_operators, has_work = scale.column >= 12, report.macs > 0
    operators_y = bottom + 22
    work_top = operators_y + (OPERATORS_HEIGHT if has_operators else 4)
    work_bottom = work_top + (WORK_HEIGHT if has_work else 0)
    has_bound = len(report.regions) == 1 and not report.arena_optimal
    return Drawing(
        region=region.name,
        heading=f"The arena in {region.name}" if report.board else "The arena",
        description=_description(report, region),
        width=round(right + RIGHT, 2),
        height=work_bottom + 10,
        left=LEFT,
        right=right,
        top=TOP,
        bottom=bottom,
        column=round(scale.column, 2),
        blocks=_rectangles(region, scale),
        shared=tuple(_overlay(shared, scale) for shared in region.shared),
        addresses=_addresses(scale),
        columns=columns,
        together=_together(report, scale),
        numbers_y=bottom + 14,
        operators_y=operators_y,
        work_top=work_top,
        work_bottom=work_bottom,
        has_operators=has_operators,
        has_work=has_work,
        is_wide=scale.column == COLUMN_LEAST,
        peak=next((column for column in columns if column.is_peak), None),
        bound_y=scale.y(report.arena_lower_bound_bytes) if has_bound else None,
        bound_text=f"lower bound {number(report.arena_lower_bound_bytes)}",
    )


def _description(report: Report, region: Region) -> str:
    most = f"; step {region.peak + 1} has most, {number(region.live[region.peak])} bytes" if region.live else ""
    return (
        f"{number(len(region.blocks))} buffers in {number(region.bytes)} bytes over {number(len(report.steps))} steps{most}. "
        "The table below has the numbers."
    )


def _rectangles(region: Region, scale: _Scale) -> tuple[Rectangle, ...]:
    """The blocks, neighbours in time in two shades."""
    covered: dict[str, int] = {}
    for shared in region.shared:
        covered[shared.under] = min(shared.first, covered.get(shared.under, shared.first))
    found, shade = [], 0
    for block in region.blocks:
        kind = block.role
        if block.role == BETWEEN:
            kind, shade = f"{block.role}{shade}", 1 - shade
        x, y, width, height = _box(scale, block.offset, block.bytes, block.first, block.last)
        # What lies over it would hide the label: that goes into the steps before.
        free = scale.x(min(block.last + 1, covered.get(block.name, block.last + 1))) - x
        found.append(Rectangle(x, y, width, height, kind, _block_title(block), _labels(block, x, y, free, height)))
    return tuple(found)


def _box(scale: _Scale, offset: int, size: int, first: int, last: int) -> tuple[float, float, float, float]:
    """x, y, width and height; what has few bytes stays visible."""
    x, low, high = scale.x(first), scale.y(offset), scale.y(offset + size)
    height = max(LEAST, round(low - high, 2))
    return x, round(low - height, 2), round(scale.x(last + 1) - x, 2), height


def _labels(block: Block, x: float, y: float, width: float, height: float) -> tuple[Label, ...]:
    """As much as there is room for: what it is, its type, its bytes; lying, or standing in narrow blocks."""
    upright = width >= 40 or width >= height
    room, lines = (width, height) if upright else (height, width)
    role = {INPUT: "input", OUTPUT: "output", SCRATCH: "scratch"}.get(block.role, "")
    told = block.rows or block.types
    shape, dtype = (told, "") if block.rows else told.rpartition(" ")[::2]
    size = f"{number(block.bytes)} B"
    choices = (
        (role, told, size),
        (f"{role} {told}".strip(), size),
        (role, shape, dtype, size),
        (f"{role} {told} {size}".strip(),),
        (role, size),
        (size,),
    )
    for choice in choices:
        texts = [text for text in choice if text]
        if len(texts) * LINE <= lines - 1 and max(len(text) for text in texts) * GLYPH <= room - 6:
            break
    else:
        return ()
    middle_x, middle_y = x + width / 2, y + height / 2
    placed = []
    for place, text in enumerate(texts):
        off = (place - (len(texts) - 1) / 2) * LINE
        spot = (middle_x, middle_y + off) if upright else (middle_x + off, middle_y)
        placed.append(Label(round(spot[0], 2), round(spot[1], 2), text, upright))
    return tuple(placed)


def _block_title(block: Block) -> str:
    parts = [f"{printable(block.name, NAME_MOST)}"]
    if block.role in (INPUT, OUTPUT):
        parts[0] = f"{block.role} of the model: {parts[0]}"
    parts += [f"{block.types}, {block.rows} at a time" if block.rows else block.types] if block.types else []
    parts.append(f"{number(block.bytes)} bytes, from {number(block.offset)} to {number(block.end - 1)}")
    if block.role == SCRATCH:
        return "\n".join([*parts, f"during step {block.first + 1}"])
    begins = "there before the run" if block.first < 0 else f"written by step {_listed(block.written_by)}"
    ends = f"read by step {_listed(block.read_by)}" if block.read_by else "read by no step"
    return "\n".join([*parts, begins, ends])


def _listed(steps: tuple[int, ...]) -> str:
    """Numbers as people count; the first, the second, ... and the last of many."""
    shown = [str(step + 1) for step in steps]
    return ", ".join(shown if len(shown) <= 6 else [*shown[:4], "...", shown[-1]])


def _overlay(shared: Shared, scale: _Scale) -> Rectangle:
    box = _box(scale, shared.offset, shared.bytes, shared.first, shared.last)
    title = (
        f"step {shared.first + 1} writes {printable(shared.over, NAME_MOST)}\n"
        f"over {number(shared.bytes)} bytes of {printable(shared.under, NAME_MOST)}, which it has read by then"
    )
    return Rectangle(*box, "shared", title)


def _addresses(scale: _Scale) -> tuple[Tick, ...]:
    """Round numbers, four to eight of them, and the end."""
    step = 1
    while scale.bytes / step > 8:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    found = [Tick(scale.y(at), number(at)) for at in range(0, scale.bytes, step) if at < scale.bytes - step * 0.35]
    return (*found, Tick(scale.y(scale.bytes), number(scale.bytes)))


def _together(report: Report, scale: _Scale) -> tuple[Together, ...]:
    groups = dict.fromkeys(step.together for step in report.steps if step.together is not None)
    return tuple(
        Together(
            scale.x(first) + 1,
            round(scale.x(last + 1) - scale.x(first) - 2, 2),
            f"steps {first + 1} to {last + 1} run together, a row at a time",
        )
        for first, last in groups
    )


def _columns(report: Report, region: Region, scale: _Scale) -> tuple[Column, ...]:
    most = max((step.macs for step in report.steps), default=0)
    digits = len(str(len(report.steps)))
    every = next(n for k in range(7) for n in (10**k, 2 * 10**k, 5 * 10**k) if n * scale.column >= digits * GLYPH + 6)
    found = []
    for index, step in enumerate(report.steps):
        title = (
            f"step {index + 1}: {printable(step.title)}\n{step.kernel}\n"
            f"{', '.join(step.inputs) or 'constants'} -> {', '.join(step.outputs)}\n"
            f"{number(step.macs)} MACs, {number(region.live[index])} bytes live"
        )
        # The fullest step has its number in any case, and no other one next to it.
        shown = index == region.peak or ((index + 1) % every == 0 and abs(index - region.peak) >= every)
        work = round((WORK_HEIGHT - 4) * step.macs / most, 2) if most else 0.0
        x = scale.x(index)
        middle = round(x + scale.column / 2, 2)
        found.append(
            Column(x, middle, title, str(index + 1) if shown else "", step.op, work, index == region.peak)
        )
    return tuple(found)
