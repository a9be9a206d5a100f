"""Any input bytes leave memory untouched outside of arena and state: between guard pages, and under sanitizers.

All of the operators' cases run under sanitizers on such bytes in tests/kernels/test_host.py. On boards the harness writes
guards around each arena, and tests/poison watches every byte that is not a step's own.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from barecast import pipeline, targets
from barecast.options import Options

from tests.strict import guarded, hostile_bytes, sources

HOST = targets.load("host")


def test_between_guard_pages(tmp_path: Path) -> None:
    swept = sources.sweep(HOST, most=2, share=24)
    trees = [*sources.whole(HOST, tmp_path, drawn=6, real=False), *swept.trees]
    assert len(trees) > 80 and swept.kernels > 60
    found = guarded.execute(trees, tmp_path / "program")
    assert not found.fault, found.fault
    assert found.runs == len(trees) * len(hostile_bytes.NAMES) * 2 * guarded.RUNS


def test_under_sanitizers(tmp_path: Path) -> None:
    trees = list(sources.whole(HOST, tmp_path, drawn=4, real=False))
    found = guarded.execute(trees, tmp_path / "program", guarded.SANITIZED)
    assert not found.fault, found.fault


OUTSIDE = {
    "written behind": ("a[ARENA] = 1", "digits: exit status -11"),
    "written before": ("a[-1] = 1", "written -1 bytes behind the start of "),
    "read behind": ("(void)*(volatile uint8_t *)(a + ARENA)", "digits: exit status -11"),
    "read before": ("(void)*(volatile uint8_t *)(a - 1)", "digits: exit status -11"),
}
"""What is done with memory outside of the arena, and what the program says before it ends."""


@pytest.mark.parametrize("case", OUTSIDE)
def test_what_is_outside_is_noticed(case: str, tmp_path: Path) -> None:
    """Alignment leaves no bytes behind this arena. At the end of its pages it has some before it, at their start none."""
    statement, said = OUTSIDE[case]
    options = Options(name="digits", single_file=True)
    compiled = pipeline.compile_model(sources.DIGITS / "digits_int8.onnx", HOST, options)
    assert compiled.plan.arena_bytes % compiled.plan.align == 0
    statement = statement.replace("ARENA", str(compiled.plan.arena_bytes))
    start = "void digits_run(void *arena)\n{\n    uint8_t *const a = (uint8_t *)arena;\n"
    text = compiled.tree.files["digits.c"]
    assert text.count(start) == 1
    broken = compiled.tree.with_files({"digits.c": text.replace(start, f"{start}    {statement};\n")})
    assert guarded.execute([broken], tmp_path).fault.startswith(said)
