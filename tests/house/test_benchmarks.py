"""bench/write_benchmarks.py: measures, compares targets, writes the document."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from barecast import kernels

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


def test_wide_weights_have_rows_where_they_make_a_difference(bench, monkeypatch):
    assert {"cortex-m4:wide", "cortex-m33:wide"} <= set(bench.every_target())
    assert "cortex-m3:wide" not in bench.every_target()
    assert bench.measure(INT8, None, "cortex-m4:wide").costs is None
    entries = tuple(replace(kernel, pays=lambda params, target: True) for kernel in kernels.for_op("dense"))
    monkeypatch.setitem(kernels.all_kernels(), "dense", entries)
    cell = bench.measure(INT8, None, "cortex-m4:wide")
    assert cell.status == "pass" and "bc_dense_s8_wide_dsp" in [step.kernel for step in cell.costs.steps]
    assert "| cortex-m4:wide | " in bench.document([cell], "./sconsw bench")


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


@pytest.fixture(scope="module")
def comparison(bench, cells):
    """Three layers: ahead, behind in cycles only, behind in instructions only."""
    library, costs = bench.library, cells[1].costs
    rows = (
        library.Layer(1, "Conv 3x3", "conv2d_s8_dsp", 1000.0, 2000.0, 1500.0, 4000.0, 0.5),
        library.Layer(3, "Softmax over 10", "softmax_s8_c", 100.0, 200.0, 150.0, 190.0, 0.25),
        library.Layer(4, "fully connected", "dense_s8_dsp", 100.0, 200.0, 90.0, 300.0, 0.25),
    )
    return library.Comparison("net_int8.tflite", "cortex-m4", rows, costs, costs)


def test_layers_that_are_not_ahead_are_named(bench, comparison):
    lines = bench.library.lines([comparison], "V.1 of today", "GCC 1.2.3")
    assert any("V.1 of today" in line for line in lines) and any("GCC 1.2.3" in line for line in lines)
    (total,) = [line for line in lines if line.startswith("| net_int8.tflite | cortex-m4 |")]
    assert total.endswith(" | 3, 4 |")
    behind = [line for line in lines if line.startswith("* ")]
    assert len(behind) == 2 and "step 3, Softmax over 10" in behind[0] and "25.0 % of the model" in behind[0]
    assert "CMSIS-NN takes 1.50 of the instructions, 0.95 of the cycles" in behind[0]
    assert "CMSIS-NN takes 0.90 of the instructions, 1.50 of the cycles" in behind[1]
    rows = [line for line in lines if line[:5] in ("| 1 |", "| 3 |", "| 4 |")]
    assert rows[0] == "| 1 | Conv 3x3 | conv2d_s8_dsp | 1 000 | 1 500 | 1.50 | 2 000 | 4 000 | 2.00 |"
    assert ["(not ahead)" in row for row in rows] == [False, True, True]


def test_the_layers_stay_where_they_are_not_measured(bench, cells, comparison, tmp_path):
    lines = bench.library.lines([comparison], "V.1", "GCC 1")
    path = tmp_path / "benchmarks.md"
    path.write_text(bench.document(cells, "c") + "\n" + "\n".join(lines) + "\n")
    assert bench.library.kept(path) == lines and bench.older_rows(path).keys() == {"digits_int8.onnx"}
    path.write_text(bench.document(cells, "c"))
    assert bench.library.kept(path) == bench.library.lines([], "V.1", "GCC 1") == []


def test_no_layers_without_the_library(bench, tmp_path, monkeypatch):
    monkeypatch.delenv("CMSIS_NN_ROOT", raising=False)
    assert bench.library.section(tmp_path, 1) == []


def test_rows_for_less_memory(bench):
    assert {"cortex-m4:ram", "cortex-m55:rows"} <= set(bench.every_target())
    assert bench.measure(INT8, None, "cortex-m55:rows").status == "-"
    whole, less = (bench.measure(INT8, None, f"cortex-m4{mode}") for mode in ("", ":ram"))
    assert less.status == "pass" and less.outputs == whole.outputs and less.costs.arena_bytes < whole.costs.arena_bytes
