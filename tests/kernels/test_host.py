"""Each plain C kernel, built for the host, computes what the operator's `execute` says, integers to the bit; and any other
bytes as inputs do no harm."""

from __future__ import annotations

import pytest

from tests.cases.build import all_cases
from tests.kernels.program import GUARD, again, compare, execute, runs
from tests.strict import hostile_bytes

WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")
PORTABLE = frozenset({"thumb"})
"""Kernels for cores without SIMD have their assembly's twin in C, which runs anywhere."""
BUILDS = {
    "inlined, sanitized": (
        *("gcc", "-std=c99", "-O1", "-ffp-contract=off", *WARNINGS),
        *("-fsanitize=undefined,address,float-cast-overflow", "-fno-sanitize-recover=all"),
    ),
    "shared": ("gcc", "-std=c99", "-O2", "-ffp-contract=off", *WARNINGS, "-DBC_SHARED", f"-DGUARD={GUARD}"),
}


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("op", all_cases())
def test_kernels_equal_the_reference(op, build, tmp_path, monkeypatch):
    monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0")
    all_runs = runs(op, all_cases()[op], PORTABLE)
    results = execute(all_runs, tmp_path, BUILDS[build])
    wrong = [text for run, got in zip(all_runs, results, strict=True) if (text := compare(run, got))]
    assert not wrong, "\n".join(wrong[:20])
    if "sanitized" in build:  # any bytes at all do no harm
        sizes = [run.graph.type(port.tensor).bytes for run in all_runs for port in run.graph.inputs]
        for name in hostile_bytes.NAMES:
            again(tmp_path, given=b"".join(hostile_bytes.fill(name, size) for size in sizes))
