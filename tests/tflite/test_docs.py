"""The table of operators in docs/tflite.md says what the frontend does."""

from __future__ import annotations

import re
from pathlib import Path

import tflite
from barecast.frontends.tflite import IMPORTERS

TABLE = Path(__file__).resolve().parents[2] / "docs" / "tflite.md"


def test_the_table_of_operators_is_true() -> None:
    rows = re.findall(r"^\| ([A-Z0-9_]+) \| (.+) \|$", TABLE.read_text(), flags=re.MULTILINE)
    assert len(rows) > 90 and [name for name, _ in rows] == sorted(name for name, _ in rows)
    assert all(hasattr(tflite.BuiltinOperator, name) for name, _ in rows)
    assert {name for name, status in rows if status != "no"} == set(IMPORTERS)
