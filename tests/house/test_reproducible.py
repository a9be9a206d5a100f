"""Equal model, options and version give equal bytes, whatever the process, its hash seed and its working folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODELS = [ROOT / "models" / "digits" / "digits_int8.onnx", ROOT / "models" / "digits" / "digits_float.onnx"]
MODELS += sorted((ROOT.parent / "shared" / "models").glob("ic_int8.*"))


def generated(model: Path, seed: str, working_folder: Path) -> dict[str, bytes]:
    """Every file that `barecast generate` writes, run in a process of its own."""
    working_folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "barecast", "generate", model, "-o", "out", "--target", "cortex-m4", "--name", "net"],
        cwd=working_folder,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "sdk")},
        check=True,
        capture_output=True,
    )
    out = working_folder / "out"
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_output_is_the_same_everywhere(model: Path, tmp_path: Path) -> None:
    first = generated(model, "0", tmp_path / "here")
    assert len(first) > 5
    assert generated(model, "4711", tmp_path / "somewhere else") == first


def test_output_tells_nothing_of_the_machine(tmp_path: Path) -> None:
    files = generated(MODELS[0], "0", tmp_path / "here")
    words = (str(ROOT), str(tmp_path), os.uname().nodename, str(Path.home()))
    found = [(name, word) for name, data in files.items() for word in words if len(word) > 3 and word.encode() in data]
    assert not found
