"""The generated C compiles without a warning, needs nothing but its folder, and computes what the reference says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from barecast import emit, reference, targets
from barecast.options import Options
from elftools.elf.elffile import ELFFile

from tests.emit import hosted
from tests.emit.networks import NETWORKS, random_inputs

networks = pytest.mark.parametrize("name", NETWORKS)
compilers = pytest.mark.parametrize("compiler", [hosted.C99, hosted.CXX17], ids=["c99", "c++17"])
forms = pytest.mark.parametrize("single_file", [False, True], ids=["folder", "single-file"])


def assert_same(got, expected):
    assert list(got) == list(expected)
    for name, array in got.items():
        if array.dtype == np.float32:
            np.testing.assert_allclose(array, expected[name], rtol=1e-5, atol=1e-6, err_msg=name)
        else:
            np.testing.assert_array_equal(array, expected[name], err_msg=name)


@networks
@compilers
@forms
def test_it_computes_what_the_reference_says(tmp_path, name, compiler, single_file):
    graph = NETWORKS[name]()
    made = hosted.stages(graph, Options(single_file=single_file))
    assert sum(path.endswith(".c") for path in made.tree.files) == (1 if single_file else 2)
    library = hosted.build(made.tree, tmp_path, compiler, more=entry(name) if "g++" in compiler else "")
    inputs = random_inputs(graph)
    assert_same(hosted.run(library, made, inputs), reference.run(graph, inputs))
    assert_same(hosted.run(library, made, inputs, runs=3), reference.run(graph, inputs))


def entry(name: str) -> str:
    """A C++ file that uses all of the header."""
    return (
        f'#include "generated/{name}.h"\n'
        "void *first(void *arena);\n"
        f"void *first(void *arena) {{ return {name}_input_0(arena); }}\n"
    )


@networks
def test_the_header_is_enough_for_a_caller(tmp_path, name):
    """A program made from the header's own names, in C99 with the warnings on, gives the reference's bytes."""
    graph = NETWORKS[name]()
    made = hosted.stages(graph)
    folder = made.tree.write(tmp_path / "generated")
    inputs, upper = random_inputs(graph), name.upper()
    (tmp_path / "in.bin").write_bytes(b"".join(inputs[port.name].tobytes() for port in graph.inputs))
    reads = "".join(
        f"    if (fread({name}_input_{i}(arena), {upper}_INPUT_{i}_BYTES, 1, stdin) != 1) return 1;\n"
        for i in range(len(graph.inputs))
    )
    writes = "".join(
        f"    fwrite({name}_output_{i}(arena), {upper}_OUTPUT_{i}_BYTES / {upper}_OUTPUT_{i}_ELEMENTS,"
        f" {upper}_OUTPUT_{i}_ELEMENTS, stdout);\n"
        for i in range(len(graph.outputs))
    )
    (tmp_path / "main.c").write_text(
        f'#include <stdio.h>\n#include "generated/{name}.h"\n'
        f"static uint8_t arena[{upper}_ARENA_BYTES] __attribute__((aligned({upper}_ARENA_ALIGN)));\n"
        f"int main(void)\n{{\n{reads}    {name}_run(arena);\n{writes}    return 0;\n}}\n"
    )
    sources = [tmp_path / "main.c", *sorted(folder.glob("*.c"))]
    program = tmp_path / "program"
    subprocess.run([*hosted.C99, *hosted.WARNINGS, *sources, "-o", program], check=True)
    with open(tmp_path / "in.bin", "rb") as data:
        out = subprocess.run([program], stdin=data, check=True, capture_output=True).stdout
    got = {}
    for port in graph.outputs:
        type = graph.type(port.tensor)
        got[port.name] = np.frombuffer(out[: type.bytes], type.dtype.numpy).reshape(type.shape)
        out = out[type.bytes :]
    assert out == b""
    assert_same(got, reference.run(graph, inputs))


TRACER = """#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
void {name}_trace(int step, int output, const void *data, uint32_t bytes);
void {name}_trace(int step, int output, const void *data, uint32_t bytes)
{{
    FILE *file = fopen(getenv("BARECAST_TEST_TRACE"), "ab");
    const int32_t head[3] = {{ step, output, (int32_t)bytes }};
    fwrite(head, sizeof head, 1, file);
    fwrite(data, 1, bytes, file);
    fclose(file);
}}
"""


@networks
def test_trace_shows_every_complete_output_once(tmp_path, monkeypatch, name):
    graph = NETWORKS[name]()
    made = hosted.stages(graph, Options(trace=True))
    library = hosted.build(made.tree, tmp_path, more=TRACER.format(name=name))
    monkeypatch.setenv("BARECAST_TEST_TRACE", str(tmp_path / "trace"))
    inputs = random_inputs(graph)
    hosted.run(library, made, inputs)
    data, seen = (tmp_path / "trace").read_bytes(), []
    values = reference.trace(graph, inputs)
    steps = emit.manifest(made.tree)["steps"]
    while data:
        step, output, size = np.frombuffer(data[:12], np.int32)
        shown = steps[step]["outputs"][output]
        assert shown["bytes"] == size
        if shown["tensor"] in values:  # copies for ports have buffers that the graph does not know
            expected = values[shown["tensor"]]
            got = np.frombuffer(data[12 : 12 + size], expected.dtype).reshape(shown["shape"])
            assert_same({"": got}, {"": expected})
        seen.append((step, output))
        data = data[12 + size :]
    assert seen == [
        (i, k) for i, step in enumerate(steps) for k, output in enumerate(step["outputs"]) if output["complete"]
    ]
    assert {steps[i]["outputs"][k]["tensor"] for i, k in seen} >= {
        tensor for node in graph.nodes if node.op != "reshape" for tensor in node.outputs
    }


DIGEST = """
import hashlib
from tests.emit import hosted
from tests.emit.networks import NETWORKS
for make in NETWORKS.values():
    for path, text in hosted.stages(make()).tree.files.items():
        print(path, hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_same_input_gives_the_same_bytes_in_every_process():
    """The order of sets and hashes differs from process to process; the output must not."""
    root = Path(__file__).parents[2]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(root / "sdk"), str(root)])},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
    assert next(iter(outputs)).count("\n") > 20


def test_steps_that_share_a_kernel(tmp_path):
    """At `size`, in both languages and with the warnings on: one function for all steps of a kernel, equal results."""
    graph = NETWORKS["blocks"]()
    inputs = random_inputs(graph)
    for number, compiler in enumerate((hosted.C99, hosted.CXX17, (*hosted.C99, "-DBC_SHARED"))):
        made = hosted.stages(graph, Options(optimize="size", single_file=number == 1))
        assert made.tree.files["blocks.c"].count("void blocks_shared_") == 2
        library = hosted.build(made.tree, tmp_path / str(number), compiler, more=entry("blocks") if number == 1 else "")
        assert_same(hosted.run(library, made, inputs), reference.run(graph, inputs))


@networks
def test_shared_kernels(tmp_path, name):
    """With -DBC_SHARED every kernel is an ordinary function that takes its numbers at run time."""
    graph = NETWORKS[name]()
    made = hosted.stages(graph)
    library = hosted.build(made.tree, tmp_path, (*hosted.C99, "-DBC_SHARED"))
    inputs = random_inputs(graph)
    assert_same(hosted.run(library, made, inputs), reference.run(graph, inputs))


CROSS = {
    "cortex-m0": ("arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb"),
    "cortex-m4": ("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
    "cortex-m55": ("arm-none-eabi-gcc", "-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"),
    "cortex-a7": ("arm-linux-gnueabihf-gcc", "-mcpu=cortex-a7", "-mfpu=neon-vfpv4"),
    "cortex-a76": ("aarch64-linux-gnu-gcc", "-mcpu=cortex-a76"),
}


@networks
@pytest.mark.parametrize("core", CROSS)
def test_cross_compilers_have_nothing_to_say(tmp_path, name, core):
    """Where pointers are stricter and int32_t is long, with the kernels that the core gets."""
    if shutil.which(CROSS[core][0]) is None:
        pytest.skip(f"{CROSS[core][0]} is not installed")
    for single_file in (False, True):
        tree = hosted.stages(NETWORKS[name](), Options(single_file=single_file), targets.load(core)).tree
        folder = tree.write(tmp_path / f"single-{single_file}")
        for source in sorted(folder.glob("*.c")):
            command = [*CROSS[core], "-std=c99", *hosted.WARNINGS, "-O2", "-c", source, "-o", tmp_path / "x.o"]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr


def test_another_version_of_the_runtime_is_refused(tmp_path):
    made = hosted.stages(NETWORKS["table"]())
    headers = {p: t.replace("BC_VERSION 1", "BC_VERSION 2") for p, t in made.tree.files.items() if p.endswith("/bc.h")}
    folder = made.tree.with_files(headers).write(tmp_path / "generated")
    done = subprocess.run(
        [*hosted.C99, "-c", folder / "table.c", "-o", tmp_path / "x.o"], capture_output=True, text=True
    )
    assert done.returncode != 0 and "of another version" in done.stderr


def test_an_arena_that_is_too_small_for_a_port_is_refused(tmp_path):
    made = hosted.stages(NETWORKS["table"]())
    text = made.tree.files["table.h"]
    stated = f"#define TABLE_ARENA_BYTES {made.plan.arena_bytes}\n"
    assert stated in text
    smaller = text.replace(stated, f"#define TABLE_ARENA_BYTES {made.plan.arena_bytes - 1}\n")
    folder = made.tree.with_files({"table.h": smaller}).write(tmp_path / "generated")
    done = subprocess.run(
        [*hosted.C99, "-c", folder / "table.c", "-o", tmp_path / "x.o"], capture_output=True, text=True
    )
    assert done.returncode != 0 and "put_0_is_inside" in done.stderr


def test_text_from_the_model_stays_inside_of_comments():
    tree = hosted.stages(NETWORKS["chain"]()).tree
    for path, text in tree.files.items():
        if path.endswith((".c", ".h")):
            assert "??/" not in text and "\n#error\n" not in text
    assert '"scores? ?/\\n#error"' in tree.files["chain.h"]
    assert 'from node "quantise * / it"' in tree.files["chain.c"]


def test_the_manifest_lists_the_files_and_the_ports():
    made = hosted.stages(NETWORKS["chain"]())
    manifest = emit.manifest(made.tree)
    assert manifest["files"] == sorted(made.tree.files)
    assert manifest["arena_bytes"] == made.plan.arena_bytes >= manifest["arena_lower_bound_bytes"]
    assert [p["name"] for p in manifest["inputs"]] == ['image */ "\\']
    assert [s["op"] for s in manifest["steps"]] == ["quantize", "conv2d", "dense", "dequantize"]
    assert manifest["steps"][1]["source"] == ["conv", "relu"]
    assert manifest["macs"] == 3 * 3 * 4 * 9 * 2 + 3 * 36
    assert all(f"{step['name']}(uint8_t *arena)" in made.tree.files["chain.c"] for step in manifest["steps"])


def test_equal_constants_are_stored_once():
    made = hosted.stages(NETWORKS["branches"]())
    assert made.tree.files["branches_weights.c"].count("[4] = {") == 1
    assert emit.manifest(made.tree)["constants_bytes"] == 4 * 4 + 5 * 4


def test_the_header_has_the_shapes():
    header = hosted.stages(NETWORKS["chain"]()).tree.files["chain.h"]
    assert "#define CHAIN_INPUT_0_RANK 4\n" in header
    for axis, extent in enumerate((1, 6, 5, 2)):
        assert f"#define CHAIN_INPUT_0_DIM_{axis} {extent}\n" in header
    assert "CHAIN_INPUT_0_DIM_4" not in header and "#define CHAIN_OUTPUT_0_DIM_1 3\n" in header


def compiled_alone(text: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    (folder / "x.c").write_text(f'#include "barecast/bc.h"\n{text}\n')
    include = Path(__file__).parents[2] / "runtime_c" / "include"
    command = ["gcc", "-Wall", "-Wextra", "-Werror", f"-I{include}", *flags, "-c", str(folder / "x.c"), "-o"]
    return subprocess.run([*command, str(folder / "x.o")], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("standard", ["-std=c99", "-std=c11", "-xc++ -std=c++17", "-std=c11 -U__GNUC__"])
def test_constants_are_aligned_whatever_the_language(tmp_path, standard):
    """Two arrays of one byte lie apart in memory as their alignment says; -U__GNUC__ is a compiler like no other."""
    check = '_Static_assert(_Alignof(w) == 4, "");' if "c11" in standard and "-U" not in standard else ""
    text = "BC_ALIGNED(4) extern const int8_t w[1]; BC_ALIGNED(4) const int8_t w[1] = {1};" + check
    done = compiled_alone(text, tmp_path, *standard.split(), "-Wno-pedantic")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "x.o").open("rb") as file:
        assert ELFFile(file).get_section_by_name(".rodata")["sh_addralign"] == 4


def test_a_compiler_that_cannot_align_is_told(tmp_path):
    done = compiled_alone("", tmp_path, "-std=c99", "-U__GNUC__")
    assert done.returncode != 0 and "define BC_ALIGNED" in done.stderr
    done = compiled_alone("", tmp_path, "-std=c99", "-U__GNUC__", "-DBC_ALIGNED(n)=")
    assert done.returncode == 0, done.stderr
