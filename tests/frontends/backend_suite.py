"""The operator tests that the onnx package carries, through barecast: import, reference, generated C.

    PYTHONPATH=sdk python -m tests.frontends.backend_suite [PART OF A NAME]

prints the counts, in all and by operator, or with a part of a test's name what became of each such test.

A test's parameters (weights, axes, bounds) are often inputs of its model, where real models have
constants. Each test is tried as it is, and with every input but the first made a constant.
"""

from __future__ import annotations

import dataclasses
import functools
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from barecast import frontends, passes, reference
from barecast.errors import BarecastError, InternalError, UnsupportedError
from barecast.graph import Graph
from barecast.options import Options
from onnx import numpy_helper

from tests.emit import hosted
from tests.frontends.build import narrowed

RELATIVE, ABSOLUTE = 1e-5, 1e-7
"""Floats: |got - expected| <= ABSOLUTE + RELATIVE * the largest |expected| of the tensor; the suite's own is 1e-3."""

WRITTEN_SHORT = frozenset({"test_averagepool_2d_ceil_last_window_starts_on_pad"})
"""Tests that state what they expect with four digits: these are held to the suite's own tolerance."""

DISPUTED = frozenset({"test_resize_downsample_scales_linear_align_corners"})
"""Tests whose expectation onnxruntime, which is the oracle here, does not share: there length_resized is not whole."""

MODELS_A_LIBRARY = 64
"""Compiled in one piece, since most of a compiler's time goes into the headers they share."""


@dataclass(frozen=True, eq=False)
class Trial:
    """One test in one form."""

    test: str
    form: str
    proto: onnx.ModelProto
    inputs: Mapping[str, np.ndarray]
    outputs: Mapping[str, np.ndarray]

    @property
    def operators(self) -> tuple[str, ...]:
        return tuple(sorted({node.op_type for node in self.proto.graph.node}))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a trial. kind: "correct", "refused" or "wrong"; why: the reason of the last two."""

    trial: Trial
    kind: str
    why: str = ""


@functools.cache
def trials() -> tuple[Trial, ...]:
    """Every test whose inputs and outputs are all tensors of numbers, in both forms."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        from onnx.backend.test.loader import load_model_tests

        cases = load_model_tests(kind="node")
    found = []
    for case in sorted((case for case in cases if case.name not in DISPUTED), key=lambda case: case.name):
        for arrays, wanted in case.data_sets:
            names = [port.name for port in case.model.graph.input]
            results = [port.name for port in case.model.graph.output]
            values = (*arrays, *wanted)
            if not all(isinstance(v, (np.ndarray, np.generic)) and v.dtype.kind in "biuf" for v in values):
                continue
            inputs = {name: np.asarray(array) for name, array in zip(names, arrays, strict=True)}
            outputs = {name: np.asarray(array) for name, array in zip(results, wanted, strict=True)}
            found.append(Trial(case.name, "as it is", case.model, inputs, outputs))
            if len(inputs) > 1:
                found.append(_with_constants(found[-1]))
            break
    return tuple(found)


def _with_constants(trial: Trial) -> Trial:
    first = next(iter(trial.inputs))
    proto = onnx.ModelProto()
    proto.CopyFrom(trial.proto)
    kept = [port for port in proto.graph.input if port.name == first]
    del proto.graph.input[:]
    proto.graph.input.extend(kept)
    proto.graph.initializer.extend(
        numpy_helper.from_array(array, name) for name, array in trial.inputs.items() if name != first
    )
    inputs = {first: trial.inputs[first]}
    return dataclasses.replace(trial, form="constants", proto=proto, inputs=inputs)


def run(chosen: Sequence[Trial]) -> Iterator[Outcome]:
    """What becomes of each trial, in no order: refused ones first, then those whose C was compiled."""
    with tempfile.TemporaryDirectory(prefix="barecast-") as name:
        folder, ready = Path(name), []
        for index, trial in enumerate(chosen):
            try:
                ready.append((trial, _made(trial, folder, f"m{index:04d}")))
            except _Wrong as wrong:
                yield Outcome(trial, "wrong", str(wrong))
            except InternalError as error:
                yield Outcome(trial, "wrong", f"InternalError: {error}")
            except BarecastError as error:
                yield Outcome(trial, "refused", _reason(error))
            except Exception as error:  # whatever else a stage raises is what this suite looks for
                yield Outcome(trial, "wrong", f"{type(error).__name__}: {error}")
        for start in range(0, len(ready), MODELS_A_LIBRARY):
            yield from _outcomes(ready[start : start + MODELS_A_LIBRARY], folder)


class _Wrong(Exception):
    pass


def _made(trial: Trial, folder: Path, name: str) -> hosted.Stages:
    """The trial's C; both graphs, before and after the passes, have computed what is expected then."""
    path = folder / f"{name}.onnx"
    path.write_bytes(trial.proto.SerializeToString())
    imported = frontends.read(path)
    _compare("the imported graph", trial, _executed(imported, trial))
    graph = passes.run(imported, Options())
    _compare("the graph after the passes", trial, _executed(graph, trial))
    return hosted.stages(graph, Options(name=name))


def _executed(graph: Graph, trial: Trial) -> Mapping[str, np.ndarray]:
    read = {port.name for port in graph.inputs}
    return reference.run(graph, {name: array for name, array in trial.inputs.items() if name in read})


def _outcomes(ready: Sequence[tuple[Trial, hosted.Stages]], folder: Path) -> Iterator[Outcome]:
    library = _built([made for _, made in ready], folder)
    for trial, made in ready:
        try:
            _compare("the generated C", trial, hosted.run(library, made, trial.inputs))
        except (_Wrong, AssertionError) as wrong:
            yield Outcome(trial, "wrong", str(wrong))
        else:
            yield Outcome(trial, "correct")


def _built(models: Sequence[hosted.Stages], folder: Path) -> Path:
    """All models in one shared library."""
    first = models[0].schedule.name
    sources = []
    for made in models:
        made.tree.write(folder / made.schedule.name)
        sources += [f"{made.schedule.name}/{path}" for path in made.tree.files if path.endswith(".c")]
    everything = folder / f"{first}_and_more.c"
    everything.write_text("".join(f'#include "{source}"\n' for source in sources))
    library = folder / f"{first}_and_more.so"
    command = [*hosted.C99, *hosted.WARNINGS, "-O1", "-ffp-contract=off", "-shared", "-fPIC"]
    done = subprocess.run([*command, everything, "-o", library], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:6000]
    return library


def _compare(what: str, trial: Trial, got: Mapping[str, np.ndarray]) -> None:
    for name, want in trial.outputs.items():
        have = got[name]
        if have.dtype != narrowed(want.dtype) or have.shape != want.shape:
            raise _Wrong(f"{what}: {have.dtype} {list(have.shape)}, not {want.dtype} {list(want.shape)}")
        if want.dtype.kind == "f":
            largest = float(np.abs(want[np.isfinite(want)]).max(initial=0))
            relative = 1e-3 if trial.test in WRITTEN_SHORT else RELATIVE
            wrong = ~np.isclose(have, want, rtol=0, atol=ABSOLUTE + relative * largest, equal_nan=True)
        else:
            wrong = have != want
        if wrong.any():
            raise _Wrong(f"{what}: {int(wrong.sum())} of {wrong.size} differ: {have[wrong][:3]}, not {want[wrong][:3]}")


def _reason(error: BarecastError) -> str:
    problems = error.problems if isinstance(error, UnsupportedError) and error.problems else (error,)
    return " | ".join(dict.fromkeys(f"{p.operator}: {p.reason}" for p in problems))


def tests(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Test -> "correct" if it is in any form, "wrong" if it is in any, else "refused"."""
    found: dict[str, str] = {}
    rank = ("refused", "correct", "wrong")
    for outcome in outcomes:
        before = found.get(outcome.trial.test, "refused")
        found[outcome.trial.test] = max(before, outcome.kind, key=rank.index)
    return found


def by_operator(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, int]]:
    """Operator -> (correct, all) tests of this operator and no other."""
    kinds = tests(outcomes)
    of = {o.trial.test: o.trial.operators for o in outcomes}
    everything = Counter(operators[0] for operators in of.values() if len(operators) == 1)
    right = Counter(of[test][0] for test, kind in kinds.items() if kind == "correct" and len(of[test]) == 1)
    return {operator: (right[operator], count) for operator, count in sorted(everything.items())}


def main() -> None:
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    outcomes = list(run([trial for trial in trials() if part in trial.test]))
    if part:
        for outcome in sorted(outcomes, key=lambda o: (o.trial.test, o.trial.form)):
            print(f"{outcome.kind:8} {outcome.trial.test} ({outcome.trial.form}) {outcome.why}")
    else:
        for operator, (right, count) in by_operator(outcomes).items():
            if right:
                print(f"{operator:20} {right:3} of {count}")
    counts = Counter(tests(outcomes).values())
    print(", ".join(f"{counts[kind]} {kind}" for kind in ("correct", "refused", "wrong")))


if __name__ == "__main__":
    main()
