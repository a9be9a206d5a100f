"""`./sconsw bench` prints what `barecast profile` measured; the other measurements in bench/ run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from barecast import kernels
from barecast.cycles import mca

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


def test_copies_of_kernels_are_measured_beside_what_the_registry_says() -> None:
    lines = run("bench/kernel_copies.py", "cortex-m4", MODEL).splitlines()
    assert lines[0] == "cortex-m4" and lines[1].split()[-2:] == ["copy_bytes", "copy_gain"]
    (row,) = (line.split() for line in lines if line.startswith("bc_dwconv2d_s8_k3x3_dsp"))
    (kernel,) = (k for k in kernels.for_op("dwconv2d") if k.symbol == row[0])
    assert row[1] == "2" and 400 < int(row[2].replace(" ", "")) < 2000
    assert row[-2:] == [str(kernel.copy_bytes), f"{kernel.copy_gain:g}"]


def test_compiler_flags_have_a_column_each() -> None:
    lines = run("bench/compiler_flags.py", MODEL, "cortex-m4").splitlines()
    assert lines[0] == "| | -O2 | -O3 | -O3 -funroll-loops | -Os |"
    cells = [cell.split(" M, ") for cell in lines[2].strip("| ").split(" | ")[1:]]
    instructions, code = ([float(cell[i].replace(" ", "")) for cell in cells] for i in range(2))
    assert instructions[1] < instructions[3] and code[3] < code[1]


def test_single_layers_have_a_row_for_each_type_beside_the_other_engines(tmp_path: Path) -> None:
    path = tmp_path / "layers.md"
    run("-m", "bench.layers", "--targets", "cortex-a53,cortex-a76", "--only", "1x1", "-o", path)
    rows = [line.strip("| ").split(" | ") for line in path.read_text().splitlines() if line.startswith("| 1x1")]
    counted, estimated = rows[::2], rows[1::2]
    assert [len(row) for row in counted] == [7, 6, 6] and [len(row) for row in estimated] == [5, 4, 3]
    assert all(row[1] == "4.82 M" and 0.01 < float(row[2]) < 1 for row in counted)
    assert [row[-3:] for row in counted] == [
        ["0.307", "0.326", "0.334"],
        ["0.284", "0.265", "0.379"],
        ["0.118", "0.083", "0.168"],
    ]
    if mca.missing() is None:
        assert all(0.01 < float(cell) < 1 for row in estimated for cell in row[1:-1])
