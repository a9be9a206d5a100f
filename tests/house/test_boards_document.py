"""docs/boards.md is what bench/write_boards.py writes. Flash is the compiler's business; RAM is measured again for one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tests.boards.tiny_model import usable

REPO = Path(__file__).resolve().parents[2]


def test_it_is_as_written() -> None:
    usable("cortex-m4")
    spec = importlib.util.spec_from_file_location("write_boards", REPO / "bench/write_boards.py")
    assert spec is not None and spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    text = (REPO / "docs/boards.md").read_text(encoding="utf-8")
    assert text.startswith(bench.HEAD)
    rows, rest = text.removeprefix(bench.HEAD).split(bench.COMMANDS)
    assert rest == "\n".join(map(bench.commands, bench.owned()))
    found = [line.strip("| ").split(" | ")[:3] for line in rows.splitlines()]
    assert found == [[board.name, board.target, bench.memories(board)] for board in bench.owned()]
    measured = bench.row(next(board for board in bench.owned() if board.name == "nucleo-h743zi")).split(" | ")
    (written,) = (line.split(" | ") for line in rows.splitlines() if "nucleo-h743zi" in line)
    assert (measured[4], measured[6].rstrip()) == (written[4], written[6].rstrip()), "RAM, and what of it is free"
