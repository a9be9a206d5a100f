"""The metadata: exact pins for everything, no package left out, licences in place."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*(?:\+[a-z0-9.]+)?)")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = [line for line in (REPO / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    matches = [PIN.fullmatch(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if not match]
    return {normal(match[1]): match[2] for match in matches if match}


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    names = {normal(re.split(r"[^A-Za-z0-9._-]", requirement)[0]) for requirement in wanted}
    assert names <= pins().keys(), names - pins().keys()


def test_licence_of_the_runtime_asks_nothing_of_firmware() -> None:
    assert "Apache License" in (REPO / "LICENSE").read_text()
    runtime = (REPO / "runtime_c" / "LICENSE").read_text()
    assert "0BSD" in runtime
    assert "above copyright notice" not in runtime


def test_every_file_that_ends_in_firmware_says_its_licence() -> None:
    folders = ("runtime_c", "templates", "boards")
    suffixes = {".h", ".c", ".S", ".ld", ".j2"}
    files = [path for folder in folders for path in (REPO / folder).rglob("*") if path.suffix in suffixes]
    assert files
    silent = [str(path.relative_to(REPO)) for path in files if "SPDX-License-Identifier: 0BSD" not in path.read_text()]
    assert not silent
