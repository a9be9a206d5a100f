"""The C runtime's house rules: params match, files name their symbols, each header stands alone."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from barecast import cmsis_nn, kernels, ops

from tests.kernels.program import stage_headers

RUNTIME = Path(__file__).parents[2] / "runtime_c"
KERNELS = RUNTIME / "kernels"
HEADERS = sorted([*(RUNTIME / "include").rglob("*.h"), *KERNELS.rglob("*.h")])
FAMILIES = sorted(kernels.all_kernels())
ISA = ("c", "thumb", "dsp", "fpu", "fma", "mve", "neon", "dotprod", "i8mm", "cmsis")
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Wundef", "-Werror")
C_TYPE = {"int": "int32_t", "float": "float"}


def struct_fields(op: str) -> list[tuple[str, str]]:
    """(C type, name) of each field of bc_<op>_params, in order."""
    text = re.sub(r"/\*.*?\*/", "", (KERNELS / op / f"{op}.h").read_text(), flags=re.DOTALL)
    body = re.search(rf"typedef struct (?:bc_{op}_params )?\{{(.*?)\}} bc_{op}_params;", text, flags=re.DOTALL)
    assert body, f"{op}.h has no bc_{op}_params"
    found = []
    for declaration in filter(None, (d.strip() for d in body[1].split(";"))):
        type, _, names = declaration.partition(" ")
        found += [(type, name.strip()) for name in names.split(",")]
    return found


def params_of(family: str) -> type:
    """The params dataclass of an operator, or of a kernel family that is no operator of the graph (place, table ...)."""
    op = ops.all_ops().get(family)
    return op.params if op else importlib.import_module(f"barecast.ops.{family}").PARAMS


@pytest.mark.parametrize("family", FAMILIES)
def test_params_are_the_c_struct(family):
    assert struct_fields(family) == [(C_TYPE[str(f.type)], f.name) for f in fields(params_of(family))]


def test_every_operator_with_params_has_kernels():
    assert {name for name, op in ops.all_ops().items() if op.params is not None} <= set(FAMILIES)


def test_every_kernel_has_its_header_and_every_header_its_kernel():
    every = [kernel for op, entries in kernels.all_kernels().items() for kernel in (*entries, *cmsis_nn.entries(op, "c"))]
    registered = {kernel.header: kernel.symbol for kernel in every}
    files = {p.relative_to(KERNELS).as_posix() for p in KERNELS.rglob("*.h") if p.stem != p.parent.name}
    assert set(registered) == files
    for header, symbol in registered.items():
        text = (KERNELS / header).read_text()
        assert re.search(rf"^static BC_KERNEL void {symbol}\(", text, flags=re.MULTILINE), f"{header} lacks {symbol}"
        assert symbol.rpartition("_")[2] in ISA


def test_the_last_kernel_of_each_type_is_plain_c_without_conditions():
    for op, entries in kernels.all_kernels().items():
        last = {kernel.dtypes: kernel for kernel in entries}
        for kernel in last.values():
            assert kernel.symbol.endswith("_c") and not kernel.needs and not kernel.requires, f"{op}: {kernel.symbol}"


@pytest.mark.parametrize("header", HEADERS, ids=lambda p: p.name)
def test_header_is_in_the_house_style(header):
    text = header.read_text()
    guard = ("" if header.stem.startswith("bc") else "BC_") + header.stem.upper() + "_H"
    assert text.startswith("/* SPDX-License-Identifier: 0BSD */\n")
    assert f"#ifndef {guard}\n#define {guard}\n" in text and text.endswith("#endif\n")
    assert "static inline" not in text, "BC_FUNCTION: what a model does not call shall give no warning"
    assert "//" not in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert max(map(len, text.splitlines())) <= 120 and len(text.splitlines()) <= 400


COMPILERS = {
    "C99": ("gcc", "-std=c99"),
    "C++17": ("g++", "-std=c++17"),
    "C99 by clang": ("clang-19", "-std=c99"),
    "C++17 by clang": ("clang++-19", "-std=c++17"),
}


@pytest.mark.parametrize("command", COMPILERS.values(), ids=COMPILERS)
def test_each_header_compiles_alone(command, tmp_path):
    if command[0].startswith("clang") and not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    folder = stage_headers(tmp_path)
    suffix = ".cpp" if "++" in command[0] else ".c"
    portable = [h for h in HEADERS if h.stem.rpartition("_")[2] not in ISA[2:]]
    assert portable
    for header in portable:
        # Twice: include guards work.
        unit = folder / f"{header.stem}{suffix}"
        unit.write_text(f'#include "barecast/{header.name}"\n' * 2 + "int main(void) { return 0; }\n")
    units = [str(folder / f"{h.stem}{suffix}") for h in portable]
    done = subprocess.run(
        [*command, *WARNINGS, "-fsyntax-only", "-I", str(folder), *units], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no cross compiler")
@pytest.mark.parametrize("kernel", ["conv2d_s8_dsp", "conv2d_s8_mve", "conv2d_s8_c"])
def test_kernels_that_load_bytes_in_words_refuse_big_endian_cores(kernel, tmp_path):
    unit = tmp_path / "unit.c"
    unit.write_text(f'#include "barecast/{kernel}.h"\n')
    line = ["arm-none-eabi-gcc", "-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard", "-fsyntax-only"]
    for order in ("little", "big"):
        done = subprocess.run(
            [*line, f"-m{order}-endian", "-I", str(stage_headers(tmp_path)), str(unit)], capture_output=True, text=True
        )
        assert (done.returncode == 0) == (order == "little" or kernel.endswith("_c")), done.stderr
        assert done.returncode == 0 or re.search("little-endian|Big-Endian", done.stderr), done.stderr
