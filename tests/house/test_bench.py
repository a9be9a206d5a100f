"""`./sconsw bench` prints what `barecast profile` measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
MODEL = REPO / "models/digits/digits_int8.onnx"


def run(*command: str | Path) -> str:
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True, cwd=REPO).stdout


def test_table_has_a_row_for_every_profile(tmp_path: Path) -> None:
    files = []
    for target in ("cortex-m4", "host"):
        files.append(tmp_path / f"{target}.json")
        run("-m", "barecast", "profile", MODEL, "--target", target, "--json", files[-1])
    measured = json.loads(files[0].read_text())
    lines = run("bench/print_table.py", *files).splitlines()
    assert lines[0].startswith("digits_int8.onnx, 57 728 MACs")
    board, host = lines[-2:]
    assert board.startswith("cortex-m4")
    assert f"{round(measured['instructions']):,}".replace(",", " ") in board
    assert f"{measured['arena_bytes']:,}".replace(",", " ") in board
    assert host.split()[:3] == ["host", "-", "-"]
