"""barecast as a step of other builds: a CMake package and a SCons tool, in the folders beside this file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from barecast import resources

_HERE = Path(__file__).resolve().parent


def cmake_dir() -> Path:
    """The folder of barecast-config.cmake, for barecast_DIR or CMAKE_PREFIX_PATH."""
    return _HERE / "cmake"


def scons_toolpath() -> str:
    """The folder of the SCons tool barecast_model, for Environment's toolpath."""
    return str(_HERE / "scons")


@cache
def fingerprint() -> str:
    """A hash of everything in barecast that makes a difference to what it generates."""
    digest = hashlib.sha256()
    for path in resources.tool_files():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def depfile(made: Path, needed: Iterable[Path]) -> str:
    """A rule of make that says what a file was made from, for build tools to read; all paths absolute."""
    lines = (_escaped(path) for path in needed)
    return f"{_escaped(made)}: \\\n" + " \\\n".join(f"  {line}" for line in lines) + "\n"


def _escaped(path: Path) -> str:
    text = str(path.absolute()).replace("$", "$$")
    for character in " #":
        text = text.replace(character, f"\\{character}")
    return text
