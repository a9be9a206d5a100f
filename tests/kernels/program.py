"""Every case of an operator as one C program: it reads all inputs from a file and writes all outputs to another.

Arrays, parameters and calls are written from the operators' own lowering and the kernel
registry, so the program runs exactly what generated code would call. It needs nothing but
stdio and malloc, and so runs wherever these do: on the host with sanitizers, under an emulator.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from barecast import kernels, ops, resources
from barecast.emit import literals
from barecast.graph import DType, Graph, call_of
from barecast.schedule import Buffer, Const, Kernel, Lowered

from tests.cases.build import Case, expected, inputs

GUARD = 64
"""Bytes around each output and scratch buffer that no kernel may touch, where no sanitizer watches them."""


@dataclass(frozen=True, eq=False)
class KernelCall:
    kernel: Kernel
    params: Any
    args: tuple[Buffer | Const, ...]


@dataclass(frozen=True, eq=False)
class Run:
    """One case done by one choice of kernels (several where the operator lowers to several calls)."""

    case: Case
    calls: tuple[KernelCall, ...]

    @property
    def name(self) -> str:
        return f"{self.case.name} [{', '.join(dict.fromkeys(c.kernel.symbol for c in self.calls))}]"

    @property
    def graph(self) -> Graph:
        return self.case.graph


def runs(op: str, cases: Sequence[Case], isa: frozenset[str]) -> tuple[Run, ...]:
    """Each case with every kernel that a core with these instruction sets may choose for it."""
    found = []
    for case in cases:
        node = case.graph.nodes[0]
        lowered = ops.get(op).lower(call_of(case.graph, node))
        parts = lowered if isinstance(lowered, tuple) else (lowered,)
        choices = [_candidates(op, part, case.graph, isa) for part in parts]
        for index in range(max(len(c) for c in choices)):
            found.append(Run(case, tuple(c[min(index, len(c) - 1)] for c in choices)))
    return tuple(found)


def _candidates(op: str, part: Lowered, graph: Graph, isa: frozenset[str]) -> list[KernelCall]:
    op = getattr(part, "op", None) or op
    args = tuple(_settled(a, graph) for a in part.args)
    read = [_dtype(a, graph) for a in args if isinstance(a, Const) or not a.written]
    written = [_dtype(a, graph) for a in args if isinstance(a, Buffer) and a.written]
    found = [
        KernelCall(kernel, part.params, kernel.packed(args, part.params))
        for kernel in kernels.for_op(op)
        if kernel.dtypes == (read[0], written[0]) and kernel.needs <= isa and kernel.when(part.params)
        if kernel.can_pack(args) and kernel.fits_args(args, part.params)
    ]
    assert found, f"{op}: no kernel for {read[0]} -> {written[0]}"
    return found


def _settled(arg: Buffer | Const, graph: Graph) -> Buffer | Const:
    if isinstance(arg, Buffer) and graph.tensors[arg.name].is_constant:
        return Const("operand", graph.tensors[arg.name].data)
    return arg


def _dtype(arg: Buffer | Const, graph: Graph) -> DType:
    return DType.of(arg.data.dtype) if isinstance(arg, Const) else graph.type(arg.name).dtype


def source(all_runs: Sequence[Run]) -> str:
    """The program's text."""
    headers = sorted({call.kernel.header.rpartition("/")[2] for run in all_runs for call in run.calls})
    parts = [
        "#include <float.h>",
        "#include <math.h>",
        "#include <stdio.h>",
        "#include <stdlib.h>",
        "#include <string.h>",
    ]
    parts += [f'#include "barecast/{name}"' for name in headers]
    parts.append(_SUPPORT)
    parts += [_function(index, run) for index, run in enumerate(all_runs)]
    calls = "\n".join(f"    run_{index}();" for index in range(len(all_runs)))
    parts.append(_MAIN.replace("CALLS", calls))
    return "\n".join(parts)


def _function(index: int, run: Run) -> str:
    graph = run.graph
    lines = [f"static __attribute__((noinline)) void run_{index}(void)", "{", f"    current = {index};"]
    names = {}
    for port in graph.inputs:
        names[port.tensor] = f"b{len(names)}"
        lines.append(f"    void *{names[port.tensor]} = take({graph.type(port.tensor).bytes});")
    for port in graph.outputs:
        names[port.tensor] = f"b{len(names)}"
        lines.append(f"    void *{names[port.tensor]} = give({graph.type(port.tensor).bytes});")
    for number, call in enumerate(run.calls):
        lines += _call(number, call, names)
    for port in graph.outputs:
        lines.append(f"    put({names[port.tensor]}, {graph.type(port.tensor).bytes});")
    lines += [f"    drop({names[port.tensor]});" for port in graph.inputs]
    return "\n".join([*lines, "}"])


def _call(number: int, call: KernelCall, names: dict[str, str]) -> list[str]:
    values = ", ".join(_value(getattr(call.params, f.name)) for f in fields(call.params))
    struct = f"bc_{call.kernel.op}_params"
    lines = ["    {", f"        static const {struct} p = {{{values}}};"]
    args = ["&p"]
    for position, arg in enumerate(call.args):
        if isinstance(arg, Buffer):
            args.append(names[arg.name])
            continue
        ctype = DType.of(arg.data.dtype).c
        data = np.ascontiguousarray(arg.data)
        lines.append(f"        static const {ctype} k{position}[] = {{\n{literals.array_text(data)}\n        }};")
        args.append(f"k{position}")
    scratch = int(call.kernel.scratch(call.params))
    if call.kernel.takes_scratch:
        lines.append(f"        void *scratch = give({scratch});")
        args.append("scratch")
    lines.append(f"        {call.kernel.symbol}({', '.join(args)});")
    if call.kernel.takes_scratch:
        lines.append(f"        check(scratch, {scratch});")
    return [*lines, "    }"]


def _value(value: int | float) -> str:
    return literals.real(value) if isinstance(value, float) else literals.integer(int(value))


_SUPPORT = """
#ifndef GUARD
#define GUARD 0
#endif
static FILE *in, *out;
static int current;

static void fail(const char *what)
{
    fprintf(stderr, "case %d: %s\\n", current, what);
    exit(1);
}

static void *give(size_t bytes)
{
    unsigned char *block = malloc(bytes + 2 * GUARD + !(bytes + GUARD));
    if (!block) {
        fail("no memory");
    }
    memset(block, 0xa5, bytes + 2 * GUARD);
    return block + GUARD;
}

static void *take(size_t bytes)
{
    void *data = give(bytes);
    if (bytes && fread(data, bytes, 1, in) != 1) {
        fail("the input file is too short");
    }
    return data;
}

static void drop(void *data)
{
    free((unsigned char *)data - GUARD);
}

static void check(void *data, size_t bytes)
{
    const unsigned char *block = (unsigned char *)data - GUARD;
    for (size_t i = 0; i != GUARD; ++i) {
        if (block[i] != 0xa5 || block[GUARD + bytes + i] != 0xa5) {
            fail("wrote beside a buffer");
        }
    }
    drop(data);
}

static void put(void *data, size_t bytes)
{
    if (bytes && fwrite(data, bytes, 1, out) != 1) {
        fail("cannot write");
    }
    check(data, bytes);
}
"""

_MAIN = """
int main(int argc, char **argv)
{
    if (argc != 3 || !(in = fopen(argv[1], "rb")) || !(out = fopen(argv[2], "wb"))) {
        fail("usage: program inputs outputs");
    }
CALLS
    return fclose(out) ? 1 : 0;
}
"""


def stage_headers(folder: Path) -> Path:
    """All headers of the runtime as folder/barecast/*.h; returns the folder for -I."""
    place = folder / "barecast"
    place.mkdir(parents=True, exist_ok=True)
    for name, text in resources.runtime_headers().items():
        (place / name).write_text(text)
    return folder


def execute(
    all_runs: Sequence[Run], folder: Path, compiler: Sequence[str], launcher: Sequence[str] = ()
) -> tuple[dict[str, np.ndarray], ...]:
    """Builds and runs the program; tensor name -> data for the outputs of each run.

    compiler: command with its flags. launcher: an emulator's command, if one is needed.
    """
    stage_headers(folder)
    (folder / "program.c").write_text(source(all_runs))
    (folder / "inputs.bin").write_bytes(
        b"".join(inputs(run.case)[p.tensor].tobytes() for run in all_runs for p in run.graph.inputs)
    )
    build = [*compiler, "-I", str(folder), str(folder / "program.c"), "-o", str(folder / "program"), "-lm"]
    _must(build)
    again(folder, launcher)
    data, offset, results = (folder / "outputs.bin").read_bytes(), 0, []
    for run in all_runs:
        found = {}
        for port in run.graph.outputs:
            type = run.graph.type(port.tensor)
            raw = data[offset : offset + type.bytes]
            found[port.tensor] = np.frombuffer(raw, type.dtype.numpy).reshape(type.shape)
            offset += type.bytes
        results.append(found)
    assert offset == len(data)
    return tuple(results)


def again(folder: Path, launcher: Sequence[str] = (), given: bytes | None = None) -> None:
    """Runs a program that `execute` has built, on its inputs or on other bytes."""
    if given is not None:
        (folder / "inputs.bin").write_bytes(given)
    _must([*launcher, str(folder / "program"), str(folder / "inputs.bin"), str(folder / "outputs.bin")])


def _must(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"[:6000]


IN_ORDER = {"resize"}
"""Operators whose sums of floats have one order, in all kernels and the reference: the same bits."""


def compare(run: Run, got: dict[str, np.ndarray], rtol: float = 1e-5) -> str | None:
    """What is wrong with the outputs of a run, or None."""
    fault = difference(got, expected(run.case, inputs(run.case)), 0 if run.case.graph.nodes[0].op in IN_ORDER else rtol)
    return fault and f"{run.name}: {fault}"


def difference(got: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray], rtol: float = 1e-5) -> str | None:
    """What is wrong with some outputs, or None. Integers must be equal, floats close for the tensor's size."""
    for name, want in expected.items():
        have = got[name]
        if want.dtype.kind == "f":
            finite = want[np.isfinite(want)]
            size = float(np.abs(finite).max(initial=0))
            wrong = ~np.isclose(have, want, rtol=rtol, atol=rtol * size, equal_nan=True)
        else:
            wrong = have != want
        if wrong.any():
            first = tuple(int(i) for i in np.argwhere(wrong)[0])
            return f"{name}: {int(wrong.sum())} of {wrong.size} differ, first at {first}: {have[first]}, not {want[first]}"
    return None
