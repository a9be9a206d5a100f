"""Compilers and their warnings: what generated code is compiled with, target by target."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from barecast import emit
from barecast.emit import SourceTree
from barecast.targets import Target

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wcast-align", "-Werror")
COMPILERS = ("gcc", "g++", "clang-14", "clang++-14", "clang-19", "clang++-19")
"""gcc and g++ are those of the target, by its prefix; clang is one for all."""

HEADERS = {
    "arm-none-eabi-": "/usr/lib/arm-none-eabi/include",
    "aarch64-linux-gnu-": "/usr/aarch64-linux-gnu/include",
    "arm-linux-gnueabihf-": "/usr/arm-linux-gnueabihf/include",
}
"""A target's prefix -> where Debian keeps its C library's headers, which clang does not look for."""


@dataclass(frozen=True)
class Warnings:
    """What one compiler said. first: its first line of a warning or error, or ""."""

    count: int
    first: str


def command(compiler: str, target: Target) -> list[str] | None:
    """The compiler's command line for the target, up to the files; None if it is not installed."""
    cross = target.profile != "host"
    clang = compiler.startswith("clang")
    program = shutil.which(compiler if clang else f"{target.prefix}{compiler}")
    if program is None:
        return None
    flags = [flag for flag in target.flags if flag.startswith(("-m", "-f"))]
    if clang:
        flags = [flag for flag in flags if flag not in ("-mfpu=auto", "-fno-pie") and not flag.startswith("-fno-tree-")]
        if cross:  # no C++ library: nothing generated needs one
            flags += [f"--target={target.prefix.rstrip('-')}", "-isystem", HEADERS[target.prefix], "-nostdinc++"]
    standard = ("-x", "c++", "-std=c++17") if "++" in compiler else ("-std=c99",)
    return [program, *standard, *flags, "-O2", *WARNINGS]


def write(trees: Sequence[SourceTree], folder: Path) -> list[Path]:
    """The models' files, and those to compile: one that includes all single-file models."""
    lines = []
    for tree in trees:
        name = emit.manifest(tree)["name"]
        tree.write(folder / name)
        lines.append(f'#include "{name}/{name}.c"\n')
    unit = folder / "all.c"
    unit.write_text("".join(lines))
    return [unit]


def compiled(line: Sequence[str], units: Sequence[Path], folder: Path) -> Warnings:
    """Compiles to object code, so that warnings of the optimiser count, too."""
    lines: list[str] = []
    for unit in units:
        whole = [*line, "-c", str(unit), "-o", str(folder / "all.o")]
        done = subprocess.run(whole, capture_output=True, text=True, errors="replace", check=False)
        found = [text for text in done.stderr.splitlines() if re.search(r": (fatal )?(error|warning):", text)]
        assert not done.returncode or found, f"{' '.join(whole)}\n{done.stderr[:3000]}"
        lines += found
    return Warnings(len(lines), lines[0] if lines else "")
