"""Every layer by barecast's kernels and by CMSIS-NN's functions, for docs/benchmarks.md."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from barecast import cmsis_nn, pipeline, profiling, report, targets, toolchain
from barecast.cmsis_nn import library
from barecast.errors import BarecastError
from barecast.options import Options

HEADING = "## Layer by layer against CMSIS-NN"

TARGETS = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m55")


@dataclass(frozen=True)
class Layer:
    """One step both ways. number: its place in the schedule, from 1; share: of the cycles of all steps, with ours."""

    number: int
    title: str
    kernel: str
    instructions: float
    cycles: float
    their_instructions: float
    their_cycles: float
    share: float

    @property
    def is_ahead(self) -> bool:
        return self.instructions < self.their_instructions and self.cycles < self.their_cycles


@dataclass(frozen=True)
class Comparison:
    """One model on one target: the layers that CMSIS-NN can do, and the costs of the whole model both ways."""

    model: str
    target: str
    layers: tuple[Layer, ...]
    ours: profiling.Profile
    theirs: profiling.Profile


def compare(model: Path, target_name: str) -> Comparison:
    """Profiles the model with both kinds of kernels, on the same random sample."""
    target = targets.load(target_name)
    ours, theirs = (
        profiling.profile(pipeline.compile_model(model, target, Options(kernels=kind)))
        for kind in ("native", "cmsis-nn")
    )
    layers = tuple(
        Layer(
            number,
            one.title,
            one.kernel.removeprefix("bc_"),
            one.instructions,
            one.cycles,
            other.instructions,
            other.cycles,
            one.cycles / ours.cycles,
        )
        for number, (one, other) in enumerate(zip(ours.steps, theirs.steps, strict=True), 1)
        if other.kernel.endswith(cmsis_nn.SUFFIX)
    )
    return Comparison(model.name, target_name, layers, ours, theirs)


def section(models: Path, jobs: int) -> list[str]:
    """The section of docs/benchmarks.md, measured now on the int8 .tflite files; CMSIS_NN_ROOT must be set. Empty if
    nothing could be measured."""
    found = sorted(models.glob("*_int8.tflite"))
    try:
        version, compiler = library.version(library.root()), _compiler()
        with ProcessPoolExecutor(jobs) as pool:
            pairs = [(model, target) for model in found for target in TARGETS]
            measured = list(pool.map(compare, *zip(*pairs, strict=True))) if pairs else []
    except BarecastError as error:
        report.print_line(f"layer by layer against CMSIS-NN: {error}")
        return []
    return lines(measured, version, compiler)


def _compiler() -> str:
    program = toolchain.command(f"{targets.load(TARGETS[0]).prefix}gcc", targets.load(TARGETS[0]).package)
    return (
        "GCC "
        + subprocess.run([program, "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    )


def lines(measured: Sequence[Comparison], version: str, compiler: str) -> list[str]:
    """The section's text."""
    if not measured:
        return []
    text = [
        HEADING,
        "",
        f"The same models with `--kernels cmsis-nn`, CMSIS-NN being {version};",
        f"both by {compiler} at `--optimize speed`. Factors are CMSIS-NN's figure by barecast's. The layers are those that",
        "CMSIS-NN can do; the other steps run barecast's kernels both times. Measured again where CMSIS_NN_ROOT is set.",
        "",
        "| model | core | instructions | CMSIS-NN | factor | cycles | CMSIS-NN | factor | arena | CMSIS-NN | not ahead |",
        "|---|---|" + "---:|" * 8 + "---|",
    ]
    text += [_total(one) for one in measured]
    text += ["", "Layers in which barecast is not ahead, in instructions or in estimated cycles:", ""]
    text += _behind(measured)
    for one in measured:
        text += ["", f"### {one.model} on {one.target}, layer by layer", ""]
        text += ["| step | layer | kernel | instructions | CMSIS-NN | factor | cycles | CMSIS-NN | factor |"]
        text += ["|---:|---|---|" + "---:|" * 6, *(_row(layer) for layer in one.layers)]
    return text


def _pair(ours: float, theirs: float) -> str:
    return f"{report.number(round(ours))} | {report.number(round(theirs))} | {report.ratio(theirs, ours)}"


def _total(one: Comparison) -> str:
    behind = [str(layer.number) for layer in one.layers if not layer.is_ahead]
    arenas = f"{report.number(one.ours.arena_bytes)} | {report.number(one.theirs.arena_bytes)}"
    return (
        f"| {one.model} | {one.target} | {_pair(one.ours.instructions, one.theirs.instructions)} | "
        f"{_pair(one.ours.cycles, one.theirs.cycles)} | {arenas} | {', '.join(behind) or 'none'} |"
    )


def _row(layer: Layer) -> str:
    mark = "" if layer.is_ahead else " (not ahead)"
    return (
        f"| {layer.number} | {layer.title}{mark} | {layer.kernel} | "
        f"{_pair(layer.instructions, layer.their_instructions)} | {_pair(layer.cycles, layer.their_cycles)} |"
    )


def _behind(measured: Sequence[Comparison]) -> list[str]:
    text = [
        f"* {one.model} on {one.target}, step {layer.number}, {layer.title}: {_verdict(layer)}, "
        f"{_percent(layer.share)} of the model's cycles"
        for one in measured
        for layer in one.layers
        if not layer.is_ahead
    ]
    return text or ["None."]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.0005 else "less than 0.1 %"


def _verdict(layer: Layer) -> str:
    instructions = report.ratio(layer.their_instructions, layer.instructions)
    return f"CMSIS-NN takes {instructions} of the instructions, {report.ratio(layer.their_cycles, layer.cycles)} of the cycles"


def kept(document: Path | None) -> list[str]:
    """The section as an older document has it."""
    text = document.read_text(encoding="utf-8") if document is not None and document.exists() else ""
    found = re.search(rf"^{re.escape(HEADING)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0].rstrip("\n").splitlines() if found else []
