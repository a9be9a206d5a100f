"""Measures how long generation and the C compiler take for large models, and writes docs/generation.md.

    python bench/generation.py [-o docs/generation.md]

Exits with 1 if something is over its limit. The models are bench/large_models.py's, and lie in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
MB = 10**6
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPO / "sdk")}

# This process imports nothing large: what it holds would count for the programs that it starts.


@dataclass(frozen=True)
class Cost:
    """Of a program and its children. seconds: of the processor; bytes: the largest program's peak."""

    seconds: float
    bytes: int


@dataclass(frozen=True)
class Case:
    """seconds, bytes: the limit of generation, after the imports. compiles: the limit of the compiler in seconds, where
    it is asked."""

    model: str
    target: str
    seconds: float
    bytes: int
    compiles: float | None = None
    options: tuple[str, ...] = ()


LARGE, SMALL, DEEP = (30, 2000 * MB), (3, 1000 * MB), (60, 2000 * MB)
CASES = (
    Case("resnet50_int8", "cortex-a53", *LARGE, 60),
    Case("resnet50_int8", "cortex-m55", *LARGE, 60),
    Case("resnet50_float", "cortex-a53", *LARGE, 60),
    Case("mobilenet_v2_int8", "cortex-m4", *SMALL, 60),
    Case("mobilenet_v2_int8", "cortex-m4", *SMALL, 60, ("--constants", "c")),
    Case("mobilenet_v2_int8", "cortex-a53", *SMALL, 60),
    Case("mobilenet_v2_float", "cortex-a53", *SMALL, 60),
    *(Case(name, "cortex-m4", *DEEP) for name in ("chain", "branches", "skips", "fan")),
)

HEAD = """# How long generation takes

Written by `python bench/generation.py`, which builds the models with random weights (`bench/large_models.py`): ResNet-50,
MobileNetV2, and graphs of 5 000 nodes: a chain, blocks of three branches, a half that reads in reverse order what the
other half has made, and an image that 2 500 others are made from. Seconds are of one processor, memory is the peak.
Limits in brackets; generation is counted behind the imports, which are `barecast --help`.

Constants beyond 1 MiB go to [the assembler](generated-code.md#constants-in-assembler); one row shows what the
C compiler takes for them (`--constants c`). NAME.c is compiled as its target has it, at -O3.

| model | target | generation | its memory | compiler | its memory |
|---|---|---:|---:|---:|---:|
"""


def cost(*command: object) -> Cost:
    """Runs a program to its end. RuntimeError with what it said if it fails."""
    with tempfile.TemporaryFile("w+") as said:
        words = [str(word) for word in command]
        child = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT, env=ENVIRONMENT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(words)}: {said.read()}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def compiler(folder: Path, target: str) -> Cost:
    """All of a generated folder's files, one after the other."""
    lines = (
        "import json, barecast.targets",
        f"core = barecast.targets.load({target!r})",
        "print(json.dumps([core.prefix + 'gcc', *core.flags, *core.optimize['speed']]))",
    )
    told = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, check=True, env=ENVIRONMENT)
    command = json.loads(told.stdout)
    sources = sorted(path for path in folder.iterdir() if path.suffix in (".c", ".s"))
    costs = [cost(*command, "-c", path, "-o", path.with_suffix(".o")) for path in sources]
    return Cost(sum(one.seconds for one in costs), max(one.bytes for one in costs))


def row(case: Case, folder: Path, imports: Cost) -> tuple[str, list[str]]:
    """The table's line, and what is over its limit."""
    place = folder / "out"
    command = (sys.executable, "-m", "barecast", "generate", folder / f"{case.model}.onnx", "-o", place, "--name", "net")
    made = cost(*command, "--target", case.target, *case.options)
    made = Cost(made.seconds - imports.seconds, made.bytes)
    cells = [f"{made.seconds:.1f} s ({case.seconds:.0f} s)", f"{made.bytes // MB} MB ({case.bytes // MB} MB)"]
    over = [f"generation {cells[0]}"] * (made.seconds > case.seconds) + [f"memory {cells[1]}"] * (made.bytes > case.bytes)
    if case.compiles is None:
        cells += ["", ""]
    else:
        built = compiler(place, case.target)
        cells += [f"{built.seconds:.1f} s ({case.compiles:.0f} s)", f"{built.bytes // MB} MB"]
        over += [f"compiler {cells[2]}"] * (built.seconds > case.compiles)
    for path in sorted(place.glob("net*")):
        path.unlink()
    (place / "manifest.json").unlink()
    title = " ".join((case.model, *(f"`{word}`" for word in (" ".join(case.options),) if word)))
    return f"| {title} | {case.target} | {' | '.join(cells)} |\n", [f"{title} for {case.target}: {what}" for what in over]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=REPO / "docs/generation.md")
    output = parser.parse_args().output
    lines, over = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cost(sys.executable, REPO / "bench/large_models.py", folder, *sorted({case.model for case in CASES}))
        cost(sys.executable, "-m", "barecast", "--help")  # compiles Python, the first time
        imports = cost(sys.executable, "-m", "barecast", "--help")
        for case in CASES:
            line, missed = row(case, folder, imports)
            print(line, end="", flush=True)
            lines.append(line)
            over += missed
    tail = f"\n`barecast --help`: {imports.seconds:.2f} s, {imports.bytes // MB} MB.\n"
    output.write_text(HEAD + "".join(lines) + tail, encoding="utf-8")
    for what in over:
        print(f"over its limit: {what}", file=sys.stderr)
    sys.exit(bool(over))


if __name__ == "__main__":
    main()
