"""MISRA C:2012 by cppcheck's addon: python -m tests.strict.misra

Checks generated models and writes each rule's count into the table of docs/misra.md. The reasons there are written by
hand; a rule that is broken without one is an error, and so is a reason for a rule that is kept.
"""

from __future__ import annotations

import collections
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from barecast import pipeline, targets
from barecast.options import Options
from barecast.targets import Target

from tests.strict.sources import DIGITS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "misra.md"
CORES = ("host", "cortex-m4", "cortex-m55", "cortex-a53")
MODELS = tuple((name, core) for name in ("digits_int8", "digits_float") for core in CORES)
SEEN = ("-D__GNUC__=12", "-D__STDC_VERSION__=199901L")
"""What the compiler is: cppcheck looks at what remains, not at all combinations of what a header asks for."""
CORE = re.compile(r"^#define (__ARM_\w+|__thumb\w*|__aarch64__) (.*)$", re.MULTILINE)
"""What a compiler says of the core; cppcheck has no compiler's types, so the rest would mislead it."""

ROW = re.compile(r"^\| (\d+\.\d+) \| (\S+) \| (.+) \|$", re.MULTILINE)


def findings(models: Sequence[tuple[str, str]], folder: Path) -> dict[str, list[str]]:
    """Rule -> places (file:line) in the folders of models (of models/digits, with a target), each place once."""
    found: dict[str, set[str]] = collections.defaultdict(set)
    for name, target in models:
        core = targets.load(target)
        tree = pipeline.compile_model(DIGITS / f"{name}.onnx", core, Options(name=name)).tree
        place = tree.write(folder / f"{name}_{target}")
        line = ["cppcheck", "-q", "--std=c99", "--addon=misra", "--enable=style", "--platform=unix32", *SEEN, *_core(core)]
        line += ["--template={id} {file}:{line}", f"-I{place}", str(place / f"{name}.c"), str(place / f"{name}_weights.c")]
        done = subprocess.run(line, capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, done.stderr
        for rule, at in re.findall(r"^misra-c2012-(\S+) (\S+)$", done.stderr, re.MULTILINE):
            found[rule].add(str(Path(at).relative_to(place)))
    return {rule: sorted(places) for rule, places in sorted(found.items(), key=lambda entry: _number(entry[0]))}


def _core(target: Target) -> list[str]:
    """The core's macros as options, so that cppcheck takes the kernels' branches that a firmware takes."""
    line = [f"{target.prefix}gcc", *target.flags, "-dM", "-E", "-x", "c", "/dev/null"]
    macros = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    return [f"-D{name}={value}" for name, value in CORE.findall(macros)]


def _number(rule: str) -> tuple[int, ...]:
    return tuple(int(part) for part in rule.split("."))


def reasons() -> dict[str, str]:
    """Rule -> why it is not kept, as the document has it."""
    return {rule: why for rule, _, why in ROW.findall(DOCUMENT.read_text())}


def unexplained(found: Mapping[str, Sequence[str]]) -> list[str]:
    """A line for each rule that is broken without a reason."""
    known = reasons()
    return [f"rule {rule}: {', '.join(places[:5])}" for rule, places in found.items() if rule not in known]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        found = findings(MODELS, Path(folder))
    wrong = unexplained(found) + [f"rule {rule}: a reason, and no case" for rule in reasons() if rule not in found]
    print(*(f"{rule}: {len(places)}, {places[0]}" for rule, places in found.items()), sep="\n")
    print(*wrong, sep="\n")
    text = DOCUMENT.read_text()
    DOCUMENT.write_text(ROW.sub(lambda row: f"| {row[1]} | {len(found.get(row[1], ()))} | {row[3]} |", text))
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
