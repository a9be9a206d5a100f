"""Runs every check and writes the table of docs/exports.md: python -m tests.exports"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from barecast import exports

from tests.exports.checks import CHECKS, DOCUMENT

ADDED = {name: ", ".join(f"`{file}`" for file in files) for name, files in {
    "arduino": ("library.properties", "examples/Inference/Inference.ino"),
    "cmake": ("CMakeLists.txt", "toolchain-TARGET.cmake"),
    "cmsis-pack": ("barecast.NAME.pdsc",),
    "esp-idf": ("CMakeLists.txt", "idf_component.yml"),
    "make": ("Makefile", "NAME.mk"),
    "meson": ("meson.build", "cross-TARGET.ini"),
    "pkg-config": ("Makefile", "NAME.mk", "barecast-NAME.pc.in", "NAME_api.h"),
    "platformio": ("library.json",),
    "scons": ("SConscript", "SConstruct"),
    "wheel": ("pyproject.toml", "setup.py", "cffi_build.py", "python/barecast_NAME/"),
    "zephyr": ("zephyr/module.yml", "zephyr/Kconfig", "zephyr/CMakeLists.txt"),
}.items()}  # fmt: skip


def main() -> None:
    rows = []
    for name in exports.names():
        with tempfile.TemporaryDirectory() as folder:
            check = CHECKS[name](Path(folder))
        rows.append(f"| `{name}` | {ADDED[name]} | {check.tools} | {check.result} |\n")
        print(rows[-1], end="")
    text = DOCUMENT.read_text()
    pattern = r"(\|---\|---\|---\|---\|\n)(.*?)(\n<!-- end of the table -->)"
    assert re.search(pattern, text, re.DOTALL)
    DOCUMENT.write_text(re.sub(pattern, lambda found: found[1] + "".join(rows) + found[3], text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
