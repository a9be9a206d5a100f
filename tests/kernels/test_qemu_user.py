"""The kernels for Arm's A profile, plain C among them, give the reference's integers under QEMU: all cases of an operator
in one program, which is compiled once."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from barecast import kernels

from tests.cases.build import all_cases
from tests.kernels.program import GUARD, Run, compare, execute, runs

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
    "armv8.2-a": ("aarch64-linux-gnu-gcc", ("-mcpu=cortex-a76",), "qemu-aarch64"),
}
VECTORS = {
    "armv8-a": frozenset({"a64", "neon"}),
    "armv8.2-a": frozenset({"a64", "neon", "dotprod"}),
}
"""Core -> its instruction sets, for those that have kernels of their own."""


def _needing(isa: frozenset[str], others: frozenset[str]) -> list[str]:
    """The operators with kernels for these instruction sets that the others do not have."""
    entries = kernels.all_kernels().items()
    return [op for op, found in entries if any(k.needs <= isa and not k.needs <= others for k in found)]


@pytest.mark.parametrize("core", ["armv7-a", "armv8-a"])
@pytest.mark.parametrize("op", all_cases())
def test_plain_kernels_equal_the_reference(op, core, tmp_path):
    _compare(runs(op, all_cases()[op], frozenset()), core, tmp_path)


@pytest.mark.parametrize("op", _needing(VECTORS["armv8.2-a"], VECTORS["armv8-a"]))
def test_dot_product_kernels_equal_the_reference(op, tmp_path):
    _compare(_by_needs(op, "armv8.2-a", VECTORS["armv8-a"]), "armv8.2-a", tmp_path)


def _by_needs(op: str, core: str, others: frozenset[str]) -> list[Run]:
    """Each case with every kernel of the core that a core with the other instruction sets could not have."""
    all_runs = runs(op, all_cases()[op], VECTORS[core])
    some = [run for run in all_runs if any(not call.kernel.needs <= others for call in run.calls)]
    assert some
    return some


def _compare(all_runs: Sequence[Run], core: str, tmp_path: Path) -> None:
    compiler, flags, emulator = CORES[core]
    if not shutil.which(compiler) or not shutil.which(emulator):
        pytest.skip(f"{compiler} or {emulator} is not installed")
    results = execute(all_runs, tmp_path, (compiler, *flags, *FLAGS), (emulator,))
    wrong = [text for run, got in zip(all_runs, results, strict=True) if (text := compare(run, got))]
    assert not wrong, "\n".join(wrong[:20])
