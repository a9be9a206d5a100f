"""Every kernel on its own instruction set: all cases of all operators, bit for bit, in one image a target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import emit, planner, runners, select, targets, toolchain
from barecast.options import Options
from barecast.schedule import Kernel
from barecast.targets import Target

from tests.cases import build
from tests.kernels import program

EVERY = {
    "cortex-m0": 1,
    "cortex-m4": 1,
    "cortex-a53": 1,
    "cortex-m3": 8,
    "cortex-m33": 8,
    "cortex-m55": 8,
    "cortex-a7": 8,
    "cortex-a76": 8,
}
"""Target -> one in how many cases its plain C kernels run on. Kernels of an instruction set run on every case."""


def _fitting(case: build.Case, target: Target, stride: int, index: int) -> list[Kernel]:
    """The kernels to run a case with: each that takes it, plain C (no needs) on a share of the cases only."""
    found = []
    for kernel in select.candidates(case.graph, target, Options()):
        if kernel.needs or index % stride == 0:
            found.append(kernel)
    return found


@pytest.mark.parametrize("name", EVERY)
def test_every_kernel_on(name: str, tmp_path: Path) -> None:
    target = targets.load(name)
    folders, inputs, expected, told = [], [], [], []
    cases = [(op, case) for op, cases in build.all_cases().items() for case in cases]
    for index, (op, case) in enumerate(cases):
        arrays = build.inputs(case)
        for kernel in _fitting(case, target, EVERY[name], index):
            options = Options(name=f"k{len(folders):04d}", single_file=True)
            schedule = select.run(case.graph, target, options, registry=lambda _, kernel=kernel: (kernel,))
            tree = emit.run(schedule, planner.run(schedule), target, options)
            folders.append(tree.write(tmp_path / options.name))
            inputs.append({key: array[np.newaxis] for key, array in arrays.items()})
            expected.append(build.expected(case, arrays))
            told.append(f"{op}/{case.name} by {kernel.symbol}")
    image = toolchain.build(folders, target, out=tmp_path / "build")
    result = runners.run(image, inputs, count=False)
    wrong = []
    for model, want, what in zip(result.models, expected, told, strict=True):
        if not model.guard_ok:
            wrong.append(f"{what}: wrote outside of its arena")
        if fault := program.difference({key: array[0] for key, array in model.outputs.items()}, want):
            wrong.append(f"{what}: {fault}")
    assert len(told) > 100
    assert not wrong, f"{len(wrong)} of {len(told)} differ on {name}:\n" + "\n".join(wrong[:20])
