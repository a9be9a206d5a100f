"""Estimated cycles of CMSIS-NN's kernels against the time that they take on hardware, for docs/benchmarks.md.

The published times are those of other programs around the same kernels; docs/targets.md says what that means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from barecast import pipeline, profiling, report, targets
from barecast.errors import BarecastError
from barecast.options import Options

HEADING = "## Cycle model against silicon"

TVM = "TVM with CMSIS-NN, STM32L4R5"
TFLM = "TensorFlow Lite Micro with CMSIS-NN, RA8D1"


@dataclass(frozen=True)
class Published:
    """A result of MLPerf Tiny (v1.0 to v1.3): the time of one inference times the clock, by the model's nominal MACs."""

    model: str
    target: str
    system: str
    cycles_per_mac: float


PUBLISHED = (
    Published("ic_int8.tflite", "cortex-m4", TVM, 3.74),
    Published("kws_int8.tflite", "cortex-m4", TVM, 4.51),
    Published("vww_int8.tflite", "cortex-m4", TVM, 4.83),
    Published("ad_int8.tflite", "cortex-m4", TVM, 3.91),
    Published("ic_int8.tflite", "cortex-m85", TFLM, 0.326),
    Published("kws_int8.tflite", "cortex-m85", TFLM, 0.626),
    Published("vww_int8.tflite", "cortex-m85", TFLM, 0.858),
    Published("ad_int8.tflite", "cortex-m85", TFLM, 0.964),
)


@dataclass(frozen=True)
class Estimated:
    """What barecast says of the same model with CMSIS-NN's kernels: of one multiply-accumulate each."""

    published: Published
    instructions: float
    cycles: float

    @property
    def error(self) -> float:
        """The estimate's, as a share of the published figure."""
        return self.cycles / self.published.cycles_per_mac - 1


def estimate(one: Published, models: Path) -> Estimated | None:
    """Profiles the model with CMSIS-NN's kernels; None where the model or llvm-mca is not there."""
    path = models / one.model
    if not path.exists():
        return None
    compiled = pipeline.compile_model(path, targets.load(one.target), Options(kernels="cmsis-nn"))
    costs = profiling.profile(compiled)
    if costs.cycles is None or costs.instructions is None:
        return None
    return Estimated(one, costs.instructions / costs.macs, costs.cycles / costs.macs)


def section(models: Path) -> list[str]:
    """The section of docs/benchmarks.md, measured now; CMSIS_NN_ROOT must be set. Empty if nothing could be measured."""
    try:
        found = [one for published in PUBLISHED if (one := estimate(published, models)) is not None]
    except BarecastError as error:
        report.print_line(f"cycle model against silicon: {error}")
        return []
    return lines(found)


def lines(found: Sequence[Estimated]) -> list[str]:
    if not found:
        return []
    head = "| model | core | on silicon | cycles per MAC | instructions per MAC | estimated cycles per MAC | error |"
    table = [head, "|---|---|---|" + "---:|" * 4]
    for one in found:
        known = one.published
        table.append(
            f"| {known.model} | {known.target} | {known.system} | {known.cycles_per_mac:.3f} | "
            f"{one.instructions:.3f} | {one.cycles:.3f} | {100 * one.error:+.0f} % |"
        )
    return [
        HEADING,
        "",
        "`--kernels cmsis-nn` against results of MLPerf Tiny (v1.0 to v1.3) for the same kernels on hardware: time of one",
        "inference times clock, by MACs. [targets.md](targets.md#how-far-off) says where the differences come from. Measured",
        "again where CMSIS_NN_ROOT is set.",
        "",
        *table,
    ]


def kept(document: Path | None) -> list[str]:
    """The section as an older document has it."""
    text = document.read_text(encoding="utf-8") if document is not None and document.exists() else ""
    found = re.search(rf"^{re.escape(HEADING)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0].rstrip("\n").splitlines() if found else []
