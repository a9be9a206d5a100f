"""One case through the command line, in this process, and everything that may be wrong with what came of it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from barecast import cli, pipeline, reference, targets
from barecast.graph import Graph
from barecast.host import CompiledModel
from barecast.options import Options
from barecast.samples import random_samples, stack
from barecast.verification.compare import compare
from barecast.verification.tolerance import own_rules

from tests.fuzz import agreement
from tests.hostile.cases import GENERATED, REFUSED, Case
from tests.hostile.source import words
from tests.hostile.texts import MARK

LINE_MAX = 1200
"""Characters of a line that a terminal gets."""

WARNINGS = ["-Wall", "-Wextra", "-Werror", "-std=c99", "-trigraphs"]
NOBODY = 65534
ARENA_MAX = 1 << 24
"""Bytes of a model that is run: the reference needs much more for the same."""


@dataclass(frozen=True)
class Result:
    """how: refused or generated. said: the command's message. wrong: what must not be, "" if all is well. ran: the C
    was compiled and run, against: what else than barecast's reference it was compared with."""

    how: str
    said: str
    wrong: str
    ran: bool = False
    against: str = ""


def attempt(job: tuple[Case, bool]) -> Result:
    """The case, and whether C that is generated is to be compiled and run."""
    case, run = job
    folder = tempfile.mkdtemp(prefix="hostile-")
    try:
        place = Path(folder)
        path = _laid_out(case, place)
        before = _listed(place)
        arguments = ["generate", str(path), *(o.replace("{place}", folder) for o in case.options)]
        with _without_rights(case.kind == "locked"):
            status, out, said = _called(arguments)
        if status == 2:
            return Result(REFUSED, said, "; ".join(_refusal(case, out, said, before, _listed(place))))
        if status != 0:
            return Result("failed", said, f"exit status {status}")
        if case.wanted == REFUSED:
            return Result(GENERATED, out, "was to be refused")
        return _examined(case, path, place, before, out, run)
    finally:
        _removed(folder)


def _removed(folder: str) -> None:
    try:
        shutil.rmtree(folder)
    except RecursionError:  # it calls itself for each level
        subprocess.run(["rm", "-rf", "--", folder], check=True)


def _laid_out(case: Case, place: Path) -> Path:
    path = place / case.file
    for name, data in case.beside:
        (place / name).write_bytes(data)
    for name, target in case.links:
        (place / name).symlink_to(target)
    if case.kind == "folder":
        path.mkdir()
    elif case.kind == "fifo":
        os.mkfifo(path)
    elif case.kind == "loop":
        path.symlink_to(path)
    elif case.kind == "device":
        path.symlink_to("/dev/zero")
    elif case.data is not None:
        path.write_bytes(case.data)
    if case.kind == "locked":
        path.chmod(0)
        place.chmod(0o755)
    return path


@contextlib.contextmanager
def _without_rights(wanted: bool) -> Iterator[None]:
    """As somebody whom file permissions bind, where the tests run as root."""
    if not wanted or os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _listed(place: Path) -> set[str]:
    """Paths below the folder, however deep: pathlib calls itself for each level."""
    found, pending = set(), [place]
    while pending:
        for entry in os.scandir(pending.pop()):
            found.add(os.path.relpath(entry.path, place))
            if entry.is_dir(follow_symlinks=False):
                pending.append(Path(entry.path))
    return found


def _called(arguments: list[str]) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of the command line."""
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error), warnings.catch_warnings():
        warnings.simplefilter("default")
        try:
            cli.main(arguments)
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
    return status, out.getvalue(), error.getvalue()


def _refusal(case: Case, out: str, said: str, before: set[str], after: set[str]) -> Iterator[str]:
    """What is wrong with a refusal."""
    lines = said.splitlines()
    if case.wanted == GENERATED:
        yield f"was to be generated: {said[:300]!r}"
    if after != before:
        yield f"left {sorted(after - before)[:3]} behind"
    if out:
        yield f"printed {out[:80]!r}"
    if "Traceback" in said or "internal error" in said or "Warning" in said:
        yield f"no clear message: {said[-300:]!r}"
    elif not lines or not lines[0].startswith("barecast: "):
        yield f"does not begin as a message: {said[:200]!r}"
    elif len(lines) > 1 and (" is refused for " not in lines[0] or not all(one.startswith("  ") for one in lines[1:])):
        yield f"more than one line: {said[:200]!r}"
    elif not all("; " in one for one in (lines[1:] or lines)):
        yield f"no remedy: {said[:300]!r}"
    if any(len(one) > LINE_MAX for one in lines):
        yield f"a line of {max(map(len, lines))} characters"
    if not said.isascii() or not said.replace("\n", "").isprintable():
        yield f"not printable: {said[:200]!r}"


def _examined(case: Case, path: Path, place: Path, before: set[str], out: str, run: bool) -> Result:
    made = sorted(p for p in _listed(place) - before)
    top = {Path(p).parts[0] for p in made}
    wrong = []
    if len(top) != 1:
        wrong.append(f"made {sorted(top)[:3]}")
    if not out.isascii() or not out.replace("\n", "").isprintable():
        wrong.append(f"printed {out[:200]!r}")
    files = {p: (place / p).read_text(encoding="utf-8") for p in made if (place / p).is_file()}
    for name, text in files.items():
        if not Path(name).name.isascii() or MARK in Path(name).name and MARK not in case.file:
            wrong.append(f"a file {name!r}")
        if name.endswith((".c", ".h")):
            if not text.isascii():
                wrong.append(f"{name} is not ASCII")
            if any(MARK in word for word in words(text)) and MARK not in case.file:
                wrong.append(f"{name} has the mark in its code")
        elif name.endswith(".json"):
            json.loads(text)
    manifest = next(json.loads(text) for name, text in files.items() if Path(name).name == "manifest.json")
    if wrong or not run or manifest["arena_bytes"] > ARENA_MAX:
        return Result(GENERATED, out, "; ".join(wrong))
    root = next(Path(p).parent for p in files if Path(p).name == "manifest.json")
    shown, against = _running(path, {str(Path(p).relative_to(root)): text for p, text in files.items()}, case)
    return Result(GENERATED, out, shown, True, against)


def _running(path: Path, files: dict[str, str], case: Case) -> tuple[str, str]:
    """What is wrong with the C, compiled and run; and whether onnxruntime had an opinion."""
    host = targets.load("host")
    target = replace(host, flags=(*host.flags, *WARNINGS))
    name = case.options[case.options.index("--name") + 1] if "--name" in case.options else None
    compiled = pipeline.compile_model(path, target, Options(name=name))
    have = {p: t if isinstance(t, str) else t.decode() for p, t in compiled.tree.files.items()}
    if have != files:
        return "the second generation differs", ""
    samples = random_samples(compiled.graph, 2)
    rows = [samples.one(i) for i in range(samples.count)]
    with np.errstate(all="ignore"):
        want = _reference(compiled.graph, rows)
    with CompiledModel(compiled) as program:
        got = stack([program.run(row) for row in rows])
    rules = own_rules(compiled.graph)
    if not compare(want, got, {p.name: rules[p.tensor] for p in compiled.graph.outputs}).passed:
        return "the C differs from the reference", ""
    return _against_onnxruntime(path, rows, want)


def _reference(graph: Graph, rows: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """One after the other: states go on from row to row."""
    return stack([reference.outputs(graph, values) for values in reference.sequence(graph, rows)])


def _against_onnxruntime(path: Path, rows: list[dict[str, np.ndarray]], want: dict[str, np.ndarray]) -> tuple[str, str]:
    if path.suffix.lower() != ".onnx":
        return "", ""
    import onnx

    try:
        session = agreement.session(onnx.load(path), optimise=False)
        theirs = stack([agreement.run(session, row) for row in rows])
    except Exception:  # it refuses more than barecast does, with exceptions of its own
        return "", ""
    for name, array in want.items():
        other = theirs[name]
        if array.shape != other.shape:
            return f"{name[:40]!r} is {array.shape}, onnxruntime's {other.shape}", "onnxruntime"
        room = 1e-4 * (1 + np.abs(other[np.isfinite(other)]).max(initial=0)) if array.dtype.kind == "f" else 0
        if not np.allclose(array.astype(float), other.astype(float), rtol=1e-4, atol=room, equal_nan=True):
            return f"{name[:40]!r} differs from onnxruntime's", "onnxruntime"
    return "", "onnxruntime"
