"""The plain C kernels built for Arm's A profile and run by QEMU give the reference's integers there too."""

from __future__ import annotations

import shutil

import pytest

from tests.cases.build import all_cases
from tests.kernels.program import GUARD, compare, execute, runs

FLAGS = (
    "-std=c99",
    "-O2",
    "-static",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wshadow",
    "-Werror",
    f"-DGUARD={GUARD}",
)
CORES = {
    "armv7-a": ("arm-linux-gnueabihf-gcc", ("-mcpu=cortex-a7", "-mfpu=neon-vfpv4"), "qemu-arm"),
    "armv8-a": ("aarch64-linux-gnu-gcc", ("-mcpu=cortex-a53",), "qemu-aarch64"),
}


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("op", all_cases())
def test_kernels_equal_the_reference(op, core, tmp_path):
    compiler, flags, emulator = CORES[core]
    if not shutil.which(compiler) or not shutil.which(emulator):
        pytest.skip(f"{compiler} or {emulator} is not installed")
    all_runs = runs(op, all_cases()[op], frozenset())
    results = execute(all_runs, tmp_path, (compiler, *flags, *FLAGS), (emulator,))
    wrong = [text for run, got in zip(all_runs, results, strict=True) if (text := compare(run, got))]
    assert not wrong, "\n".join(wrong[:20])
