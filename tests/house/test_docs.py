"""What the documents say about the repository is true of it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from barecast import emit, pipeline, targets
from barecast.options import Options

from tests.state.graphs import WINDOW, planned

REPO = Path(__file__).resolve().parents[2]
WHERE = ("*.md", "docs/**/*.md", "models/**/*.md", "examples/**/*.md")
DOCUMENTS = sorted(path for pattern in WHERE for path in REPO.glob(pattern))
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
C_BLOCK = re.compile(r"^```c\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPO)))
def test_links_lead_somewhere(document: Path) -> None:
    dead = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("name", ["README.md", "docs/firmware.md"])
def test_firmware_example_compiles(name: str, tmp_path: Path) -> None:
    blocks = C_BLOCK.findall((REPO / name).read_text())
    assert blocks
    compiled = pipeline.compile_model(
        REPO / "models/digits/digits_int8.onnx", targets.load("cortex-m4"), Options(name="digits")
    )
    compiled.tree.write(tmp_path / "digits")
    _, schedule, plan = planned(WINDOW, "wake", "cortex-m4")
    emit.run(schedule, plan, targets.load("cortex-m4"), Options()).write(tmp_path / "wake")
    for number, block in enumerate(blocks):
        source = tmp_path / f"example_{number}.c"
        source.write_text(block)
        flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-mcpu=cortex-m4", "-mthumb"]
        flags += [f"-I{tmp_path / folder}" for folder in ("digits", "wake")]
        done = subprocess.run(
            ["arm-none-eabi-gcc", *flags, "-c", source, "-o", source.with_suffix(".o")], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


def test_index_lists_every_document() -> None:
    index = (REPO / "docs/README.md").read_text()
    missing = [path.name for path in (REPO / "docs").glob("*.md") if path.name != "README.md" and path.name not in index]
    assert not missing


def test_readme_lists_every_target() -> None:
    text = (REPO / "README.md").read_text()
    assert not [name for name in targets.names() if f"`{name}`" not in text]
