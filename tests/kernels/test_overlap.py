"""A kernel that says its output may overlap an input computes the same when it does.

Each case runs on the host with input and output in one block: with all of the stated
overlap, with half of it, and with a few bytes. Arrays keep the alignment of their elements.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
from dataclasses import fields

import numpy as np
import pytest
from barecast import kernels, resources
from barecast.graph import DType
from barecast.schedule import Buffer, Kernel

from tests.cases.build import all_cases, expected, inputs
from tests.kernels.program import KernelCall, Run, runs, stage_headers

PLAIN_C = frozenset[str]()
ALIGN = 16


def overlapping_kernels() -> dict[str, Kernel]:
    return {
        kernel.symbol: kernel
        for family in sorted(kernels.all_kernels())
        for kernel in kernels.for_op(family)
        if kernel.overlap is not None and not kernel.needs
    }


def _signature(kernel: Kernel) -> str:
    text = resources.runtime_headers()[kernel.header.rpartition("/")[2]]
    found = re.search(rf"static BC_KERNEL void {kernel.symbol}\(([^)]*)\)", text)
    assert found, f"{kernel.header} does not define {kernel.symbol}"
    return found.group(1)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The overlapping kernels as functions called test_<symbol>, with their arguments unknown to the compiler."""
    folder = stage_headers(tmp_path_factory.mktemp("overlap"))
    lines = []
    for symbol, kernel in overlapping_kernels().items():
        signature = _signature(kernel)
        names = re.findall(r"(\w+)\s*(?:,|$)", signature)
        lines.append(f'#include "barecast/{symbol.removeprefix("bc_")}.h"')
        lines.append(f"void test_{symbol}({signature})\n{{\n    {symbol}({', '.join(names)});\n}}")
    (folder / "library.c").write_text("\n".join(lines))
    flags = ("-std=c99", "-O2", "-ffp-contract=off", "-shared", "-fPIC", "-I", str(folder))
    subprocess.run(["gcc", *flags, str(folder / "library.c"), "-o", str(folder / "library.so")], check=True)
    return ctypes.CDLL(str(folder / "library.so"))


def _params(call: KernelCall) -> ctypes.Structure:
    names = [f.name for f in fields(call.params)]
    values = [getattr(call.params, name) for name in names]
    types = [ctypes.c_float if isinstance(v, float) else ctypes.c_int32 for v in values]
    struct = type("Params", (ctypes.Structure,), {"_fields_": list(zip(names, types, strict=True))})
    return struct(*values)


def _run_overlapping(library: ctypes.CDLL, run: Run, over: str, overlap: int) -> np.ndarray:
    """The output, with its end `overlap` bytes behind the start of the input `over`."""
    (call,) = run.calls
    given = inputs(run.case)
    (y,) = [a for a in call.args if isinstance(a, Buffer) and a.written]
    type = run.graph.type(y.name)
    x = given[over]
    # The input starts where the output's end less the overlap is; both start at multiples of their elements.
    x_start = type.bytes + ALIGN - type.bytes % ALIGN
    y_start = x_start + overlap - type.bytes
    block = np.zeros(x_start + max(x.nbytes, overlap) + ALIGN, np.uint8)
    base = block.ctypes.data
    assert base % ALIGN == 0, "numpy aligns its arrays to 16 bytes"
    block[x_start : x_start + x.nbytes] = x.reshape(-1).view(np.uint8)
    arguments, kept = [ctypes.byref(_params(call))], []
    for arg in call.args:
        if isinstance(arg, Buffer):
            if arg.written:
                address = base + y_start
            elif arg.name == over:
                address = base + x_start
            else:
                kept.append(given[arg.name].copy())
                address = kept[-1].ctypes.data
        else:
            kept.append(np.ascontiguousarray(arg.data))
            address = kept[-1].ctypes.data
        arguments.append(ctypes.c_void_p(address))
    scratch = np.zeros(int(call.kernel.scratch(call.params)) + ALIGN, np.uint8)
    if scratch.size > ALIGN:
        arguments.append(ctypes.c_void_p(scratch.ctypes.data))
    getattr(library, f"test_{call.kernel.symbol}")(*arguments)
    return block[y_start : y_start + type.bytes].view(type.dtype.numpy).reshape(type.shape)


def _overlaps(run: Run) -> dict[str, int]:
    """Buffer input -> the bytes that the output may run over it."""
    (call,) = run.calls
    given = [a for a in call.args if not (isinstance(a, Buffer) and a.written)]
    stated = call.kernel.overlaps(call.params)
    assert all(overlap.multiple == 1 for overlap in stated), "kernels of plain C go through x in order"
    pairs = zip(given, stated, strict=False)
    return {arg.name: overlap.bytes for arg, overlap in pairs if isinstance(arg, Buffer)}


def _amounts(run: Run, stated: int) -> list[int]:
    """Overlaps to try: multiples of 4 where an element has 4 bytes, from the stated one downwards."""
    (type,) = [run.graph.type(port.tensor) for port in run.graph.outputs]
    step = type.dtype.bytes
    most = stated // step * step
    return sorted({most, most // 2 // step * step, min(3 * step, most)} - {0})


@pytest.mark.parametrize("op", sorted(all_cases()))
def test_overlapping_output_is_the_same(op, library):
    known = overlapping_kernels()
    tried, wrong = 0, []
    for run in runs(op, all_cases()[op], PLAIN_C):
        if len(run.calls) != 1 or run.calls[0].kernel.symbol not in known:
            continue
        ((name, want),) = expected(run.case, inputs(run.case)).items()
        for over, stated in _overlaps(run).items():
            if want.dtype.kind == "f":  # the kernel's own sums, in its own order: tests of kernels compare these
                want = _run_overlapping(library, run, over, 0)
            for amount in _amounts(run, stated):
                got = _run_overlapping(library, run, over, amount)
                if not np.array_equal(got, want, equal_nan=want.dtype.kind == "f"):
                    wrong.append(f"{run.name}: {name} differs with an overlap of {amount} bytes over {over}")
                tried += 1
    assert not wrong, "\n".join(wrong[:20])
    if any(k.op == op for k in known.values()):
        assert tried > 0


def test_an_overlap_that_is_not_allowed_is_noticed(library):
    """The check itself: a softmax over interleaved rows, which states no overlap, goes wrong if it is given one."""
    (case,) = [c for c in all_cases()["softmax"] if c.name == "s8_axis1"]
    (run,) = runs("softmax", [case], PLAIN_C)
    (want,) = expected(case, inputs(case)).values()
    ((over, stated),) = _overlaps(run).items()
    assert stated == 0
    assert run.graph.type("y0").dtype is DType.S8
    assert not np.array_equal(_run_overlapping(library, run, over, want.size - 10), want)
