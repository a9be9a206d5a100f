"""`./sconsw demo`: what it says is measured, and it fails when the board is wrong."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from barecast import runners

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(REPO / "models" / "digits"))
    import demo

    yield demo
    sys.modules.pop("demo")


def test_demo_on_the_emulated_board(tmp_path: Path) -> None:
    command = [sys.executable, REPO / "models/digits/demo.py", "--out", tmp_path]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "mps2-an386" in done.stdout
    assert done.stdout.count("all 599 equal") == 2
    assert "589 of 599 (98.3%)" in done.stdout
    assert (tmp_path / "digits_int8-cortex-m4/digits/digits.c").exists()
    printed = figures(done.stdout)
    shown = figures((REPO / "README.md").read_text())
    assert shown.keys() == printed.keys()
    # Another release of the compiler moves these a little; more than that, and the README needs a new transcript.
    assert {key: pytest.approx(value, rel=0.1) for key, value in shown.items()} == printed


def figures(text: str) -> dict[str, int]:
    """The numbers of the demo's table in a text: what a network costs."""
    lines = {key: re.search(rf"^{key} +(.*)$", text, re.MULTILINE)[1] for key in ("flash", "RAM", "instructions")}
    numbers = {key: [int(word.replace(" ", "")) for word in re.findall(r"\d[\d ]*(?= )", line)] for key, line in lines.items()}
    return {f"{key} {index}": value for key, values in numbers.items() for index, value in enumerate(values)}


@pytest.mark.parametrize("kind", ["int8", "float"])
def test_one_wrong_answer_fails(
    kind: str, demo: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = runners.run

    def spoilt(*arguments: object, **options: object) -> runners.Result:
        result = run(*arguments, **options)
        (model,) = result.models
        logits = np.array(model.outputs["logits"])
        logits[17, 0, 3] += 0.5
        return dataclasses.replace(result, models=(dataclasses.replace(model, outputs={"logits": logits}),))

    assert demo.run_demo(kind, "host", tmp_path / "good")
    monkeypatch.setattr(runners, "run", spoilt)
    assert not demo.run_demo(kind, "host", tmp_path / "bad")
    assert "1 of 599 differ" in capsys.readouterr().out


def test_unknown_target_is_one_message(tmp_path: Path) -> None:
    command = [sys.executable, REPO / "models/digits/demo.py", "--target", "z80", "--out", tmp_path]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True)
    assert done.returncode == 1
    assert "z80" in done.stderr and "Traceback" not in done.stderr
