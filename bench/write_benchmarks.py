"""Verifies and measures every model of a folder on every target, and writes docs/benchmarks.md.

    ./sconsw bench models=MODELS [inputs=FOLDER] [args='--targets T,T... --only M,M...']

MODELS has .onnx and .tflite files; FOLDER has FILE.inputs.npz for them, the samples (random ones where there are none).
With --targets or --only, the document's rows of all else stay as they are. With CMSIS_NN_ROOT set, its comparisons with
silicon (silicon.py) and with CMSIS-NN, layer by layer (library.py), are measured again. Prints a table model x target of
`barecast verify`, and whether quantised outputs are the same bytes on all targets. Status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import library
import numpy as np
import silicon
from barecast import frontends, kernels, pipeline, profiling, report, targets, verification
from barecast.errors import UsageError
from barecast.options import Options
from barecast.profiling import Profile
from barecast.samples import input_types, random_samples, read_samples
from barecast.version import __version__

MACS_MAX_M = 100_000_000
"""Models with more multiply-accumulates than that are no models for a microcontroller: not run on Cortex-M."""

WIDE, RAM, ROWS = ":wide", ":ram", ":rows"
MODES = {WIDE: {"weights": "wide"}, RAM: {"optimize": "ram"}, ROWS: {"optimize": "ram", "feed": "rows"}}
"""Behind a target's name -> the options that it stands for."""

BY_ROWS = ("cortex-m4", "cortex-m55")
"""Targets that are measured with RAM and ROWS too: one with the DSP extension, one with Helium."""


@dataclass(frozen=True)
class Cell:
    """One model on one target (or TARGET and one of MODES). outputs: hash of all output bytes if the model promises the
    same ones everywhere."""

    model: str
    target: str
    status: str
    outputs: str | None = None
    costs: Profile | None = None


def measure(model: Path, inputs: Path | None, target_name: str) -> Cell:
    """Verifies on all samples and profiles the first one; nothing where a mode's options would make no difference."""
    name, colon, mode = target_name.partition(":")
    target = targets.load(name)
    try:
        compiled = pipeline.compile_model(model, target, Options(**MODES.get(colon + mode, {})))
    except UsageError:  # the input cannot come in rows
        if colon + mode != ROWS:
            raise
        return Cell(model.name, target_name, "-")
    steps, streams = compiled.schedule.steps, compiled.schedule.streams
    differs = {WIDE: any(step.kernel.wide for step in steps), RAM: bool(streams)}
    if not differs.get(colon + mode, True):
        return Cell(model.name, target_name, "-")
    if target.profile == "m" and sum(step.macs for step in compiled.schedule.steps) > MACS_MAX_M:
        return Cell(model.name, target_name, "-")
    samples = read_samples(inputs, input_types(compiled.graph)) if inputs else random_samples(compiled.graph)
    try:
        verdict = verification.verify(compiled, samples)
    except UsageError as error:  # no board has the room
        return Cell(model.name, target_name, f"- ({error.reason})")
    costs = profiling.profile(compiled, samples.only(0))
    exact = verdict.own.max_abs_error == 0
    return Cell(
        model.name,
        target_name,
        "pass" if verdict.passed else "FAIL",
        _digest(verdict.outputs) if exact else None,
        costs,
    )


def _digest(outputs: Mapping[str, np.ndarray]) -> str:
    return hashlib.sha256(b"".join(outputs[name].tobytes() for name in sorted(outputs))).hexdigest()


def verify_table(cells: Sequence[Cell]) -> report.Table:
    """Rows are models, columns targets."""
    columns = tuple(dict.fromkeys(cell.target for cell in cells))
    models = dict.fromkeys(cell.model for cell in cells)
    found = {(cell.model, cell.target): cell.status.split(" ")[0] for cell in cells}
    return report.Table("", ("model", *columns), tuple((m, *(found[m, t] for t in columns)) for m in models))


def same_everywhere(cells: Sequence[Cell]) -> dict[str, bool]:
    """Quantised model -> whether its outputs are the same bytes on all targets that ran it."""
    found: dict[str, set[str | None]] = {}
    for cell in cells:
        if cell.costs is not None and Path(cell.model).stem.endswith("int8"):
            found.setdefault(cell.model, set()).add(cell.outputs)
    return {model: len(digests) == 1 and None not in digests for model, digests in found.items()}


def document(
    cells: Sequence[Cell], command: str, section: Sequence[str] = (), older: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """docs/benchmarks.md. section: lines of the comparison with silicon. older: rows of the document before, by model
    and target, which stay where nothing was measured."""
    lines = [
        "# Benchmarks",
        "",
        f"barecast {__version__}, one inference, the first sample. Instructions are those that QEMU executes: exact,",
        "the same on every run, and no cycles. Cycles are estimated ([targets.md](targets.md#cycles) says how) for memory",
        "that never waits. Bytes of arena, flash and stack are the model's own, without harness and start-up.",
        "[commands.md](commands.md) explains the columns under `profile`. `:wide` is with `--weights wide`, `:ram` with",
        "`--optimize ram`, `:rows` with `--feed rows` besides, where that makes a difference. Made by",
        "",
        f"    {command}",
    ]
    if section:
        lines += ["", *section]
    before = older or {}
    for model in sorted({*(cell.model for cell in cells), *before}):
        rows = dict(before.get(model, {}))
        measured = [cell for cell in cells if cell.model == model and cell.costs is not None]
        rows.update((cell.target, _row(cell)) for cell in measured)
        if measured:
            rows[""] = f"{report.number(measured[0].costs.macs)} multiply-accumulates."
        if rows:
            lines += ["", f"## {model}", "", rows.pop(""), "", *HEAD, *(rows[target] for target in sorted(rows))]
    return "\n".join(lines) + "\n"


def older_rows(path: Path) -> dict[str, dict[str, str]]:
    """The rows of a document by model and target; under the target "" the model's line above them."""
    found: dict[str, dict[str, str]] = {}
    for part in re.split(r"^## ", path.read_text(encoding="utf-8") if path.exists() else "", flags=re.MULTILINE)[1:]:
        model, *rest = part.splitlines()
        if about := next((line for line in rest if line.endswith("multiply-accumulates.")), None):
            rows = {line.split("|")[1].strip(): line for line in rest if line.startswith("| ") and line not in HEAD}
            found[model] = {"": about, **rows}
    return found


HEAD = (
    "| target | instructions | per MAC | cycles | arena | lower bound | flash | code | stack | verified |",
    "|---|" + "---:|" * 8 + "---|",
)


def _row(cell: Cell) -> str:
    c, n = cell.costs, report.number
    values = (
        n(None if c.instructions is None else round(c.instructions)),
        report.ratio(c.instructions, c.macs),
        n(None if c.cycles is None else round(c.cycles)),
        n(c.arena_bytes),
        n(c.arena_lower_bound_bytes),
        n(c.flash.total),
        n(c.flash.code_bytes),
        n(c.stack_bytes),
    )
    return f"| {cell.target} | {' | '.join(values)} | {cell.status} |"


def every_target() -> list[str]:
    """All targets, and once more with wide weights those that have kernels for them, and by rows those of BY_ROWS."""
    names = targets.names()
    wide = [name + WIDE for name in names if kernels.spend_flash(targets.load(name).isa)]
    return [*names, *wide, *(name + mode for name in BY_ROWS for mode in (RAM, ROWS))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, metavar="MODELS")
    parser.add_argument("--inputs", type=Path, metavar="FOLDER")
    parser.add_argument("--targets", default=",".join(every_target()), metavar="T,T...")
    parser.add_argument("--only", default="", metavar="M,M...", help="files of MODELS; all if left out")
    parser.add_argument("-o", dest="output", type=Path, metavar="FILE")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def main() -> int:
    given = _arguments()
    wanted = set(filter(None, given.only.split(",")))
    suffixes = frontends.suffixes()
    found = [path for path in sorted(given.models.iterdir()) if path.suffix in suffixes]
    models = [path for path in found if not wanted or path.name in wanted]
    if not models:
        print(f"{given.models} has no such models", file=sys.stderr)
        return 2
    jobs = [(model, _inputs(model, given.inputs), target) for model in models for target in given.targets.split(",")]
    with ProcessPoolExecutor(given.jobs) as pool:
        cells = list(pool.map(measure, *zip(*jobs, strict=True)))
    report.print_table(verify_table(cells))
    same = same_everywhere(cells)
    for model, yes in same.items():
        report.print_line(f"{model}: output bytes are {'the same' if yes else 'NOT the same'} on all targets")
    if given.output is not None:
        has_library = "CMSIS_NN_ROOT" in os.environ
        section = silicon.section(given.models) if has_library else []
        closing = library.section(given.models, given.jobs) if has_library else []
        partly = wanted or given.targets.split(",") != every_target()
        older = older_rows(given.output) if partly else {}
        text = document(cells, _command(given), section or silicon.kept(given.output), older)
        if last := closing or library.kept(given.output):
            text += "\n" + "".join(f"{line}\n" for line in last)
        given.output.write_text(text, encoding="utf-8")
    return int(not all(same.values()) or any(cell.status == "FAIL" for cell in cells))


def _inputs(model: Path, folder: Path | None) -> Path | None:
    path = folder / f"{model.name}.inputs.npz" if folder else None
    return path if path is not None and path.exists() else None


def _command(given: argparse.Namespace) -> str:
    """How the document was made, without the paths of this computer."""
    inputs = " inputs=INPUTS" if given.inputs else ""
    return f"./sconsw bench models=MODELS{inputs}"


if __name__ == "__main__":
    sys.exit(main())
