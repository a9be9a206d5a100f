"""python -m tests.hostile [--keep FOLDER] [--only TEXT] [--docs]: bad files, names and options, and what comes of each.

Each case goes through the command line in a child process with little memory. It is refused: exit status 2, one clear
line, nothing left, under 5 s of the processor and 1 GB. Or it gives C, which is compiled with warnings as errors, run
and compared. --keep writes the files to a folder; --docs writes the table into docs/hostile.md. Exit status 1 if
anything is wrong.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import limits
from tests.hostile import found, names, onnx_files, tflite_files
from tests.hostile.attempt import Result, attempt
from tests.hostile.cases import GENERATED, REFUSED, Case

DOCS = Path(__file__).parents[2] / "docs" / "hostile.md"
MARKS = ("<!-- table of python -m tests.hostile -->\n", "<!-- end of the table -->\n")


@dataclass(frozen=True)
class Tried:
    case: Case
    result: Result
    seconds: float
    bytes: int


def all_cases() -> list[Case]:
    return [*onnx_files.cases(), *names.cases(), *tflite_files.cases(), *found.cases()]


def run(cases: Iterable[Case], compile_one_in: int = 1) -> Iterator[Tried]:
    """Each case's result. compile_one_in: of the C that is generated, that share is compiled and run."""
    cases = list(cases)
    jobs = [(case, index % compile_one_in == 0) for index, case in enumerate(cases)]
    for case, outcome in zip(cases, limits.run(attempt, jobs), strict=True):
        result = outcome.value or Result("failed", "", outcome.failure)
        if not result.wrong and (wrong := limits.excess(outcome, timed=not result.ran)):
            result = Result(result.how, result.said, wrong)
        yield Tried(case, result, outcome.seconds, outcome.bytes)


def by_command(cases: Iterable[Case], folder: Path) -> Iterator[tuple[Case, int, str]]:
    """(case, exit status, standard error) of `python -m barecast`, a process for each."""
    for case in cases:
        path = folder / case.file
        path.write_bytes(case.data or b"")
        line = [sys.executable, "-m", "barecast", "generate", str(path), "-o", str(folder / "out")]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120)
        yield case, done.returncode, done.stderr


def table(tried: Iterable[Tried]) -> str:
    """A line for each category, in Markdown."""
    groups: dict[str, list[Tried]] = {}
    for one in tried:
        groups.setdefault(one.case.category, []).append(one)
    rows = [("category", "cases", "refused", "C", "compiled and run", "slowest", "largest")]
    rows.append(("---", *["---:"] * 6))
    everything = [one for group in groups.values() for one in group]
    for title, group in [*groups.items(), ("**all**", everything)]:
        how = [one.result.how for one in group]
        slowest = max((one.seconds for one in group if not one.result.ran), default=0.0)
        counts = len(group), how.count(REFUSED), how.count(GENERATED), sum(one.result.ran for one in group)
        largest = max(one.bytes for one in group)
        rows.append((title, *map(str, counts), f"{slowest:.2f} s", f"{largest / 1e6:.0f} MB"))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def write_docs(text: str) -> None:
    page = DOCS.read_text(encoding="utf-8")
    start, end = (page.index(mark) for mark in MARKS)
    DOCS.write_text(page[: start + len(MARKS[0])] + "\n" + text + "\n" + page[end:], encoding="utf-8")


def _keep(cases: Iterable[Case], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index, case in enumerate(cases):
        if case.data is not None:
            title = re.sub(r"[^A-Za-z0-9]+", "_", f"{case.category} {case.name}")[:60].strip("_")
            (folder / f"{index:04}_{title}{Path(case.file).suffix[:8] or '.onnx'}").write_bytes(case.data)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__.split("\n\n")[0])
    parser.add_argument("--keep", type=Path, help="a folder for the files")
    parser.add_argument("--only", default="", help="cases with this text in their category or name")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/hostile.md")
    parser.add_argument("--say", action="store_true", help="print every message")
    given = parser.parse_args()
    cases = [case for case in all_cases() if given.only in f"{case.category}: {case.name}"]
    if given.keep is not None:
        _keep(cases, given.keep)
    tried, wrong = [], 0
    for one in run(cases):
        tried.append(one)
        if one.result.wrong:
            wrong += 1
            print(f"{one.case.category}: {one.case.name}: {one.result.wrong}", flush=True)
        elif given.say:
            print(f"{one.case.category}: {one.case.name}: {one.result.said.strip()}", flush=True)
    told = table(tried)
    print(told)
    if given.docs:
        write_docs(told)
    print(f"{len(tried)} cases, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
