"""Generated code makes no compiler complain; __main__.py makes the whole table of docs/strict-c.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from barecast import targets

from tests.strict import compilers, sources

TRIED = {
    "host": ("gcc", "clang++-19"),
    "cortex-m0": ("clang-19",),
    "cortex-m7": ("clang-19",),
    "cortex-m55": ("clang++-19",),
    "cortex-a53": ("clang-19",),
}
"""Target -> some of its compilers, so that each kind of kernel meets one of each kind."""


@pytest.mark.parametrize("name", TRIED)
def test_nothing_is_warned_of(name: str, tmp_path: Path) -> None:
    target = targets.load(name)
    swept = sources.sweep(target, most=1, share=32)
    trees = [*sources.whole(target, tmp_path, drawn=0, real=False), *swept.trees]
    assert swept.kernels > 50
    units = compilers.write(trees, tmp_path / "c")
    for compiler in TRIED[name]:
        if line := compilers.command(compiler, target):
            found = compilers.compiled(line, units, tmp_path)
            assert found.count == 0, f"{compiler}: {found.first}"


@pytest.mark.parametrize("compiler", compilers.COMPILERS)
def test_warnings_are_counted(compiler: str, tmp_path: Path) -> None:
    unit = tmp_path / "all.c"
    unit.write_text("short f(int x);\nshort f(int x)\n{\n    { int x = 1; (void)x; }\n    return x;\n}\n")
    line = compilers.command(compiler, targets.load("host"))
    if line is None:
        pytest.skip(f"{compiler} is not installed")
    found = compilers.compiled(line, [unit], tmp_path)
    assert found.count == 2 and "shadow" in found.first
