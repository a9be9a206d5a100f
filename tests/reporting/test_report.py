"""What `barecast report` shows: facts of the plan, the drawing and the page made of them, and the text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from barecast import boards, pipeline, planner, targets
from barecast.emit import SourceTree
from barecast.options import Options
from barecast.pipeline import Compiled
from barecast.report import plain_line
from barecast.reporting import Report, console_lines, page, report
from barecast.reporting.console import LINES_MOST
from barecast.reporting.facts import Block, Shared
from barecast.schedule import Guard, Overlap, Schedule

from tests.planner.build import schedule, step

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits" / "digits_int8.onnx"


def made(value: Schedule, name: str = "net.onnx") -> Report:
    """The report of a schedule made by hand."""
    tree = SourceTree({"manifest.json": '{"constants_bytes": 1000}'})
    plan = planner.run(value)
    graphs = {"imported": None, "graph": None}
    compiled = Compiled(
        model=Path(name), target=targets.load("host"), options=Options(), selected=value, schedule=value, plan=plan, tree=tree,
        **graphs,
    )  # fmt: skip
    return report(compiled)


def chain(count: int) -> Report:
    sizes = {f"t{i}": 8 * (1 + i % 5) for i in range(count + 1)}
    steps = [step(f"t{i}", f"t{i + 1}", scratch=8 if i == 1 else 0) for i in range(count)]
    return made(schedule(sizes, steps, "t0", f"t{count}"))


def over() -> Report:
    """b is written over a, which it need not have read to its end."""
    steps = [step("x", "a"), step("a", "b", overlap=(Overlap(16),)), step("b", "y", scratch=8)]
    return made(schedule({"x": 8, "a": 40, "b": 40, "y": 8}, steps, "x", "y"))


@pytest.fixture(scope="module")
def digits() -> Report:
    return report(pipeline.compile_model(DIGITS, targets.load("cortex-m4")))


class Tags(HTMLParser):
    """Every start tag with its attributes; the page's text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def drawn(text: str) -> list[ElementTree.Element]:
    """The page's drawings, which are well-formed XML."""
    return [ElementTree.fromstring(found) for found in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]


def rectangles(svg: ElementTree.Element) -> list[tuple[str, dict[str, float], str]]:
    """(kind, its box, its title) of everything that a pointer can ask about, step columns apart."""
    found = []
    for group in svg.iter("g"):
        title, shape = group.find("title"), group.find("rect")
        if group.get("class") != "column":
            box = {key: float(shape.get(key)) for key in ("x", "y", "width", "height")}
            found.append((shape.get("class"), box, title.text))
    return found


def test_blocks_say_who_writes_and_who_reads():
    found = over()
    blocks = {block.name: block for block in found.regions[0].blocks}
    assert blocks["a"].role == "between" and blocks["x"].role == "input" and blocks["y"].role == "output"
    assert (blocks["a"].written_by, blocks["a"].read_by, blocks["a"].first, blocks["a"].last) == ((0,), (1,), 0, 1)
    assert (blocks["x"].written_by, blocks["x"].first) == ((), -1)
    assert blocks["y"].last == 3
    scratch = blocks["scratch memory"]
    assert (scratch.role, scratch.bytes, scratch.first, scratch.last) == ("scratch", 8, 2, 2)


def test_live_bytes_count_shared_bytes_once():
    """b's end lies 16 bytes behind a's start: 40 + 40 - 16 bytes are live while it is written."""
    found = over()
    assert found.regions[0].live == (8 + 40, 40 + 40 - 16, 40 + 8 + 8)
    assert found.regions[0].peak == found.peak == 1 and found.steps[1].live_bytes == 64
    (shared,) = found.regions[0].shared
    assert (shared.over, shared.under, shared.bytes, shared.first, shared.last) == ("b", "a", 16, 1, 1)
    a, b = (next(block for block in found.regions[0].blocks if block.name == name) for name in "ab")
    assert shared.offset == a.offset and b.end == a.offset + 16


def test_the_digits_network(digits):
    assert digits.arena_bytes >= max(digits.regions[0].live) == digits.steps[digits.peak].live_bytes
    assert digits.arena_optimal == (digits.arena_bytes == digits.arena_lower_bound_bytes)
    assert digits.macs == sum(one.macs for one in digits.steps) > 50_000
    assert digits.steps[0].inputs[0].startswith("[") and digits.code_bytes is None
    assert {block.role for block in digits.regions[0].blocks} >= {"input", "output", "between", "scratch"}


def test_a_plan_that_misses_its_bound_does_not_claim_to_be_optimal(digits):
    worse = replace(digits, arena_bytes=digits.arena_lower_bound_bytes + 100, arena_optimal=False)
    assert "optimal" not in page(worse) and "above the lower bound" in page(worse)
    best = replace(digits, arena_bytes=digits.arena_lower_bound_bytes, arena_optimal=True)
    assert "optimal: no placement takes less" in page(best) and "above the lower bound" not in page(best)
    assert 'class="bound"' in page(replace(worse, regions=(replace(worse.regions[0], bytes=worse.arena_bytes),)))


def test_the_drawing_has_every_block_at_its_place(digits):
    (svg,) = drawn(page(digits))
    found = [entry for entry in rectangles(svg) if entry[0] != "shared"]
    assert len(found) == len(digits.regions[0].blocks)
    frame = next(one for one in svg.iter("rect") if one.get("class") == "plot")
    x0, y0, width, height = (float(frame.get(key)) for key in ("x", "y", "width", "height"))
    columns = len(digits.steps) + 2
    for block, (kind, box, title) in zip(digits.regions[0].blocks, found, strict=True):
        assert kind.rstrip("01") == block.role
        assert box["x"] == pytest.approx(x0 + (block.first + 1) * width / columns, abs=0.1)
        assert box["width"] == pytest.approx((block.last + 1 - block.first) * width / columns, abs=0.1)
        bottom = y0 + height * (1 - block.offset / digits.arena_bytes)
        assert box["y"] + box["height"] == pytest.approx(bottom, abs=0.1)
        assert box["height"] == pytest.approx(max(1.5, height * block.bytes / digits.arena_bytes), abs=0.1)
        assert block.name in title and f"{block.bytes:,}".replace(",", " ") in title


def test_what_lies_over_an_input_is_hatched():
    (svg,) = drawn(page(over()))
    ((_, box, title),) = [entry for entry in rectangles(svg) if entry[0] == "shared"]
    assert title.startswith("step 2 writes b\nover 16 bytes of a")
    under, upper = (next(box for _, box, title in rectangles(svg) if title.startswith(name)) for name in ("a\n", "b\n"))
    assert box["x"] == upper["x"] and box["x"] + box["width"] == pytest.approx(under["x"] + under["width"])
    assert box["y"] == pytest.approx(upper["y"])


def test_the_table_has_every_step_and_marks_the_peak(digits):
    tags = Tags(page(digits))
    rows = [attrs for tag, attrs in tags.tags if tag == "tr"]
    assert len(rows) == 1 + len(digits.steps)
    assert [row.get("class") for row in rows].index("peak") == 1 + digits.peak
    for one in digits.steps:
        assert one.kernel in tags.text and one.title in tags.text


def test_the_page_stands_alone(digits):
    text = page(digits)
    tags = Tags(text)
    assert {tag for tag, _ in tags.tags}.isdisjoint({"script", "link", "img", "iframe", "object"})
    values = [value for _, attrs in tags.tags for value in attrs.values() if value]
    assert not [value for value in values if "//" in value or value.startswith("javascript:")]
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    assert "prefers-color-scheme: dark" in text
    svg = next(attrs for tag, attrs in tags.tags if tag == "svg")
    named = {attrs.get("id") for _, attrs in tags.tags}
    assert svg["role"] == "img" and set(svg["aria-labelledby"].split()) <= named


def test_names_of_the_model_are_no_markup():
    evil = '<script>alert("&")</script>\u202e\x07\''
    steps = [replace(step("x", evil), title=evil, source=(evil,)), step(evil, "y")]
    text = page(made(schedule({"x": 8, evil: 8, "y": 8}, steps, "x", "y"), f"{evil.replace('/', '')}.onnx"))
    assert "<script" not in text and "\u202e" not in text
    assert "&lt;script&gt;alert(&#34;&amp;&#34;)&lt;/script&gt;\\u202e\\x07&#39;" in text
    (svg,) = drawn(text)
    assert any(title.startswith('<script>alert("&")</script>') for _, _, title in rectangles(svg))


def test_equal_reports_give_equal_pages(digits):
    again = report(pipeline.compile_model(DIGITS, targets.load("cortex-m4")))
    assert page(again) == page(digits)


def test_a_thousand_steps_are_wide_and_keep_their_tooltips():
    found = chain(1000)
    (svg,) = drawn(page(found))
    assert float(svg.get("width")) > 3000
    assert len(rectangles(svg)) >= 1001
    numbers = [one.text for one in svg.iter("text") if (one.text or "").isdecimal() and "peak" not in one.get("class")]
    assert 5 < len(numbers) < 200
    assert page(found).count("<tr") == 1001


@pytest.mark.parametrize("width", [40, 57, 80, 120, 200])
def test_lines_of_text_fit(digits, width):
    lines = [plain_line(line) for line in console_lines(digits, width)]
    assert max(map(len, lines)) <= width
    rows = [line for line in lines if re.match(r" *\d+  ", line)]
    assert len(rows) == len(digits.steps)
    assert sum(" *  " in row for row in rows) == 1 and " *  " in rows[digits.peak]


def test_a_line_maps_the_arena():
    lines = [plain_line(line) for line in console_lines(over(), 60)]
    bars = [line.rpartition("  ")[2] for line in lines if re.match(r" *\d  ", line)]
    assert set(bars[0]) >= {"I", "a"} and "%" not in bars[0]
    assert "%" in bars[1] and set(bars[1]) >= {"a", "b"}
    assert set(bars[2]) >= {"b", "O", "#"}


def test_a_thousand_steps_are_grouped_in_text():
    found = chain(1000)
    lines = [plain_line(line) for line in console_lines(found, 100)]
    rows = [line for line in lines if re.match(r" *\d+-\d+  ", line)]
    assert len(rows) <= LINES_MOST and rows[0].split()[0] == "1-9" and rows[-1].split()[0].endswith("-1000")
    assert sum(" *  " in row for row in rows) == 1
    assert any("stands for several steps" in line for line in lines)


def test_a_board_shows_its_memories():
    board = boards.load("mps3-an547")
    compiled = pipeline.compile_model(DIGITS, targets.load("cortex-m55"), board=board)
    found = report(compiled, board)
    text, lines = page(found), [plain_line(line) for line in console_lines(found, 80)]
    assert "The arena in dtcm, step by step" in text and "dtcm:" in lines
    assert "dtcm of mps3-an547, arena: " in text and "flash of mps3-an547, constants, without code: " in text
    assert "does not fit" not in text
    assert "does not fit" in page(replace(found, code_bytes=board.flash_bytes))


def test_an_arena_in_two_memories(tmp_path):
    """A board whose fast memory takes half of what the model needs."""
    path = tmp_path / "small.toml"
    path.write_text(BOARD)
    board = boards.load(str(path))
    compiled = pipeline.compile_model(DIGITS, targets.load("cortex-m4"), board=board)
    found = report(compiled, board)
    assert [region.name for region in found.regions] == ["fast", "slow"]
    assert sum(region.bytes for region in found.regions) == found.arena_bytes
    for index, one in enumerate(found.steps):
        assert one.live_bytes == sum(region.live[index] for region in found.regions)
    assert found.steps[found.peak].live_bytes == max(one.live_bytes for one in found.steps)
    text = page(found)
    for region, svg in zip(found.regions, drawn(text), strict=True):
        assert len([entry for entry in rectangles(svg) if entry[0] != "shared"]) == len(region.blocks)
        assert f"The arena in {region.name}, step by step" in text
    assert [line for line in map(plain_line, console_lines(found, 80)) if line in ("fast:", "slow:")] == ["fast:", "slow:"]


BOARD = """
description = "a board with two memories"
target = "cortex-m4"
stack_bytes = 1024

[memory.flash]
kind = "flash"
origin = 0
length = 0x100000

[memory.fast]
kind = "ram"
origin = 0x20000000
length = 0x320

[memory.slow]
kind = "ram"
origin = 0x30000000
length = 0x10000
cycles = 3

[[place]]
code = "flash"
constants = "flash"
data = "slow"
arena = "slow"
arenas = ["fast", "slow"]
"""


def test_steps_by_rows():
    compiled = pipeline.compile_model(DIGITS, targets.load("cortex-m4"), Options(optimize="ram"))
    (stream, *_) = compiled.schedule.streams
    found = report(compiled)
    inside = [one for one in found.steps if one.together == (stream.first, stream.last)]
    assert len(inside) == len(stream.steps) and found.steps[-1].together is None
    name, held = next(iter(stream.held.items()))
    block = next(block for block in found.regions[0].blocks if block.name == name)
    assert block.rows.startswith(f"{held.rows} row") and block.rows.endswith(f" of {held.height}")
    text, (svg,) = page(found), drawn(page(found))
    told = f"steps {stream.first + 1} to {stream.last + 1} run together, a row at a time"
    assert [group.find("title").text for group in svg.iter("g") if group.find("rect").get("class") == "together"] == [told]
    assert text.count("by rows, with steps") == len(inside) and f"{block.rows} at a time" in text
    marked = [line for line in map(plain_line, console_lines(found, 80)) if re.match(r" *\d+r  ", line)]
    assert len(marked) == len(inside)


def test_steps_on_a_condition():
    sizes, steps = {"c": 1, "x": 8, "y": 8}, [step("x", "y")]
    found = made(schedule(sizes, [replace(steps[0], guards=(Guard("c", False),))], "c x", "y"))
    assert found.steps[0].only_if == ("c is false",)
    assert 'only if c is false</span>' in page(found)
    condition = next(block for block in found.regions[0].blocks if block.name == "c")
    assert condition.read_by == (0,)


def test_a_region_of_nothing():
    """A model without steps or bytes."""
    found = made(schedule({"x": 8}, [], "x", ""))
    assert "<svg" in page(found) and console_lines(found, 80)


def test_json_names_every_block(digits):
    found = digits.as_json()
    (arena,) = found["regions"]
    assert set(arena["blocks"][0]) == set(Block.__dataclass_fields__)
    assert set(arena) == {"name", "bytes", "capacity", "blocks", "shared", "live", "peak"}
    assert all(set(shared) == set(Shared.__dataclass_fields__) for shared in arena["shared"])
    assert arena["live"] == tuple(one["live_bytes"] for one in found["steps"])
