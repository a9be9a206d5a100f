"""Measures a model's plain C under several optimisation flags, for the table of docs/targets.md.

    python bench/compiler_flags.py MODEL [TARGET...]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from barecast import pipeline, profiling, report, targets
from barecast.options import Options

FLAGS = (("-O2",), ("-O3",), ("-O3", "-funroll-loops"), ("-Os",))
"""-Os is what `--optimize size` compiles with, and goes with the code that it generates."""

TARGETS = ("cortex-m4", "cortex-m0", "cortex-a53")


def cell(model: Path, target_name: str, flags: tuple[str, ...]) -> str:
    """Executed instructions of one inference, in millions, and bytes of code."""
    optimize = "size" if flags == ("-Os",) else "speed"
    target = replace(targets.load(target_name), optimize={optimize: flags})
    costs = profiling.profile(pipeline.compile_model(model, target, Options(kernels="c", optimize=optimize)))
    return f"{costs.instructions / 1e6:.2f} M, {report.number(costs.flash.code_bytes)}"


def main() -> None:
    model, names = Path(sys.argv[1]), sys.argv[2:] or TARGETS
    print(f"| | {' | '.join(' '.join(flags) for flags in FLAGS)} |\n|---|{'---|' * len(FLAGS)}")
    for name in names:
        print(f"| {name} | {' | '.join(cell(model, name, flags) for flags in FLAGS)} |")


if __name__ == "__main__":
    main()
