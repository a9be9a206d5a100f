"""Compiles the sweep and the networks with every compiler: python -m tests.strict [--targets T,T...]

Writes the rows of these targets into the table of docs/strict-c.md. Exit status 1 if a compiler warns of anything.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from barecast import targets
from barecast.report import number

from tests.strict import compilers, sources

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "strict-c.md"
TARGETS = ("host", "cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "cortex-a53", "cortex-a7")


def row(name: str) -> tuple[str, int]:
    """A target's line of the table, and how many warnings there are."""
    target, warnings, cells = targets.load(name), 0, []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        swept = sources.sweep(target, most=2)
        trees = [*sources.whole(target, place, drawn=10, real=True), *swept.trees]
        units = compilers.write(trees, place / "c")
        for compiler in compilers.COMPILERS:
            line = compilers.command(compiler, target)
            if line is None:
                cells.append("-")
                continue
            found = compilers.compiled(line, units, place)
            warnings += found.count
            cells.append(number(found.count))
            if found.count:
                print(f"{name}, {compiler}: {found.first}", flush=True)
    return f"| {name} | {len(trees)} | {swept.kernels} | {' | '.join(cells)} |", warnings


def merged(text: str, line: str) -> str:
    """The document with the row in the place of the target's old one; a new one goes behind the last row."""
    rows = re.findall(r"^\| (?:host|cortex-\S+) \|.*$", text, re.MULTILINE)
    (same,) = [row for row in rows if row.split()[1] == line.split()[1]] or [None]
    return text.replace(same, line) if same else text.replace(rows[-1], f"{rows[-1]}\n{line}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.strict", description=__doc__.split("\n\n")[0])
    parser.add_argument("--targets", default=",".join(TARGETS), metavar="T,T")
    warnings = 0
    for name in parser.parse_args().targets.split(","):
        line, count = row(name)
        warnings += count
        print(line, flush=True)
        DOCUMENT.write_text(merged(DOCUMENT.read_text(), line))
    return int(warnings > 0)


if __name__ == "__main__":
    raise SystemExit(main())
