"""bench/write_benchmarks.py: measures, compares targets, writes the document."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
INT8 = ROOT / "models" / "digits" / "digits_int8.onnx"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    sys.path.insert(0, str(ROOT / "bench"))
    spec = importlib.util.spec_from_file_location("write_benchmarks", ROOT / "bench" / "write_benchmarks.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]
    sys.path.remove(str(ROOT / "bench"))


@pytest.fixture(scope="module")
def cells(bench):
    return [bench.measure(INT8, None, target) for target in ("host", "cortex-m4")]


def test_cells_pass_and_agree(bench, cells):
    assert [cell.status for cell in cells] == ["pass", "pass"]
    assert cells[0].outputs == cells[1].outputs is not None
    assert bench.same_everywhere(cells) == {"digits_int8.onnx": True}
    assert bench.verify_table(cells).rows == (("digits_int8.onnx", "pass", "pass"),)


def test_one_target_with_other_bytes_is_seen(bench, cells):
    other = bench.Cell("digits_int8.onnx", "cortex-a7", "pass", "0" * 64, cells[0].costs)
    assert bench.same_everywhere([*cells, other]) == {"digits_int8.onnx": False}
    inexact = bench.Cell("digits_int8.onnx", "cortex-a7", "FAIL", None, cells[0].costs)
    assert bench.same_everywhere([*cells, inexact]) == {"digits_int8.onnx": False}


def test_large_models_are_not_run_on_microcontrollers(bench, monkeypatch):
    monkeypatch.setattr(bench, "MACS_MAX_M", 1000)
    assert bench.measure(INT8, None, "cortex-m4").status == "-"


def test_document_has_a_row_for_each_target_and_its_command(bench, cells):
    text = bench.document(cells, "./sconsw bench models=MODELS")
    assert "    ./sconsw bench models=MODELS" in text and "## digits_int8" in text
    rows = [line for line in text.splitlines() if line.startswith("| cortex-m4 |")]
    assert len(rows) == 1 and rows[0].endswith("| pass |") and rows[0].count("|") == 11
    assert f"{round(cells[1].costs.instructions):,}".replace(",", " ") in rows[0]


def test_rows_that_were_not_measured_stay(bench, cells, tmp_path):
    path = tmp_path / "benchmarks.md"
    path.write_text(bench.document(cells, "c"))
    older = bench.older_rows(path)
    assert list(older) == ["digits_int8.onnx"] and set(older["digits_int8.onnx"]) == {"", "host", "cortex-m4"}
    older["digits_int8.onnx"]["cortex-m4"] = "| cortex-m4 | old |"
    older["another.onnx"] = {"": "7 multiply-accumulates.", "host": "| host | old |"}
    text = bench.document(cells[:1], "c", older=older)
    assert "| cortex-m4 | old |" in text and "## another.onnx\n\n7 multiply-accumulates." in text
    assert text.count("| host | old |") == 1 and text.count("| host |") == 2


def test_the_comparison_with_silicon_states_its_error_and_stays(bench, cells, tmp_path):
    silicon = bench.silicon
    known = silicon.Published("ic_int8.tflite", "cortex-m85", "a board", 0.5)
    lines = silicon.lines([silicon.Estimated(known, 0.4, 0.45)])
    assert lines[-1] == "| ic_int8.tflite | cortex-m85 | a board | 0.500 | 0.400 | 0.450 | -10 % |"
    path = tmp_path / "benchmarks.md"
    path.write_text(bench.document(cells, "c", lines))
    assert silicon.kept(path) == lines and bench.older_rows(path).keys() == {"digits_int8.onnx"}
    path.write_text(bench.document(cells, "c"))
    assert silicon.kept(path) == silicon.kept(tmp_path / "absent.md") == [] == silicon.lines([])


def test_no_comparison_without_the_models(bench, tmp_path):
    assert bench.silicon.section(tmp_path) == []
