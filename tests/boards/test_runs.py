"""Requests and answers: traces, inputs that do not fit, sizes, and compilers that are missing or complain."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest
from barecast import resources, runners, targets, toolchain
from barecast.errors import ToolError, UsageError

from tests.boards.tiny_model import expected, samples, usable, weights_of, write


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m55", "cortex-a7", "host"))
def test_a_trace_has_every_step_of_every_sample(tmp_path, name):
    target = usable(name)
    image = toolchain.build(write(tmp_path / "tiny", trace=True), target, out=tmp_path / "out")
    x = samples(2)
    result = runners.run(image, {"x": x}).models[0]
    assert [(r.sample, r.step, r.output) for r in result.trace] == [(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 0)]
    for record in result.trace:
        wanted = expected(x[record.sample]) if record.step else (2 * x[record.sample].astype(int)).astype(np.int8)
        np.testing.assert_array_equal(record.data, wanted)
    if result.instructions is not None:
        # Tracing happens outside of the model: it costs the calls, not the writing of files.
        plain = toolchain.build(write(tmp_path / "plain"), target, out=tmp_path / "plain.out")
        untraced = runners.run(plain, {"x": x}).models[0]
        assert untraced.instructions <= result.instructions <= untraced.instructions + 30
        assert [s.instructions for s in result.steps] == [s.instructions for s in untraced.steps]


def test_one_sample_may_come_without_its_axis(tmp_path):
    image = toolchain.build(write(tmp_path / "tiny"), usable("host"), out=tmp_path / "out")
    x = samples(1)
    result = runners.run(image, {"x": x[0]}).models[0]
    assert result.samples == 1
    np.testing.assert_array_equal(result.outputs["y"], expected(x))


@pytest.mark.parametrize(
    ("inputs", "message"),
    (
        ({}, 'no data for input "x"; give an array for each of: x'),
        ({"x": samples(1), "z": samples(1)}, 'the model has no input "z"; its inputs are: x'),
        ({"x": samples(1).astype(np.int16)}, r'input "x" is int16 \[1, 16\], the model wants int8 \[16\]'),
        ({"x": samples(1, 17)}, r'input "x" is int8 \[1, 17\]'),
        ([{"x": samples(1)}] * 2, "inputs for 2 models, the image has 1"),
    ),
)
def test_inputs_that_do_not_fit_are_told(tmp_path, inputs, message):
    image = toolchain.build(write(tmp_path / "tiny"), usable("host"), out=tmp_path / "out")
    with pytest.raises(UsageError, match=message):
        runners.run(image, inputs)


def test_two_models_of_one_name_are_refused(tmp_path):
    folders = [write(tmp_path / "a"), write(tmp_path / "b")]
    with pytest.raises(UsageError, match="two models of one image are named tiny"):
        toolchain.build(folders, targets.load("host"), out=tmp_path / "out")


def test_a_folder_without_manifest_is_refused(tmp_path):
    with pytest.raises(UsageError, match="has no manifest.json"):
        toolchain.build(tmp_path, targets.load("host"), out=tmp_path / "out")


def test_a_missing_compiler_names_its_package(tmp_path):
    target = dataclasses.replace(targets.load("cortex-m4"), prefix="arm-nowhere-")
    with pytest.raises(ToolError, match="arm-nowhere-gcc is not installed.*apt-get install gcc-arm-none-eabi"):
        toolchain.build(write(tmp_path / "tiny"), target, out=tmp_path / "out")


def test_a_missing_emulator_names_its_package(tmp_path):
    image = toolchain.build(write(tmp_path / "tiny"), usable("cortex-a53"), out=tmp_path / "out")
    image = dataclasses.replace(image, target=dataclasses.replace(image.target, emulator=("qemu-nowhere",)))
    with pytest.raises(ToolError, match="qemu-nowhere is not installed.*apt-get install qemu-user"):
        runners.run(image, {"x": samples(1)})


def test_what_the_compiler_says_is_passed_on(tmp_path):
    folder = write(tmp_path / "tiny", source="this is not C;", steps=())
    with pytest.raises(ToolError, match="(?s)gcc failed:.*tiny.c:.*error"):
        toolchain.build(folder, usable("host"), out=tmp_path / "out")


@pytest.mark.parametrize("name", targets.names())
def test_sizes(tmp_path, name):
    target = usable(name)
    sizes = toolchain.sizes(write(tmp_path / "tiny", elements=300), target, out=tmp_path / "out", optimize="size")
    assert sizes.weights_bytes == len(weights_of(300))
    assert 20 < sizes.code_bytes < 300
    assert sizes.data_bytes == sizes.bss_bytes == 0


def test_a_single_file_has_the_weights_that_its_manifest_states(tmp_path):
    folder = write(tmp_path / "tiny", elements=300)
    source, weights = folder / "tiny.c", folder / "tiny_weights.c"
    source.write_text(source.read_text() + weights.read_text())
    weights.unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = ["tiny.c"]
    manifest["steps"][1]["weights_bytes"] = 290
    (folder / "manifest.json").write_text(json.dumps(manifest))
    sizes = toolchain.sizes(folder, usable("cortex-m4"), out=tmp_path / "out")
    assert (sizes.weights_bytes, sizes.const_bytes) == (290, 10)


def test_code_counts_the_library_functions_it_pulls_in(tmp_path):
    """A Cortex-M0 divides by a function of libgcc, a Cortex-M3 by an instruction."""
    source = """
    BC_STEP static void NAME_step_00_divide(uint8_t *arena) { arena[16] = (uint8_t)(arena[0] / (arena[1] | 1)); }
    """
    code = {}
    for name in ("cortex-m0", "cortex-m3"):
        folder = write(tmp_path / name, source=source, steps=("00_divide",))
        code[name] = toolchain.sizes(folder, usable(name), out=tmp_path / f"{name}.out").code_bytes
    assert code["cortex-m3"] < 50 < 200 < code["cortex-m0"]


def test_writable_variables_are_found(tmp_path):
    target = usable("cortex-m4")
    assert toolchain.writable_symbols(write(tmp_path / "clean"), target, out=tmp_path / "clean.out") == ()
    source = """
    int NAME_seen = 3;
    BC_STEP static void NAME_step_00_keep(uint8_t *arena)
    {
        static int runs;
        arena[16] = (uint8_t)(runs++ + NAME_seen);
    }
    """
    folder = write(tmp_path / "dirty", source=source, steps=("00_keep",))
    found = toolchain.writable_symbols(folder, target, out=tmp_path / "dirty.out")
    assert [re.sub(r"\.\d+$", "", name) for name in found] == ["runs", "tiny_seen"]
    sizes = toolchain.sizes(folder, target, out=tmp_path / "dirty.sizes")
    assert (sizes.data_bytes, sizes.bss_bytes) == (4, 4)


def test_the_shared_library_runs_in_this_process(tmp_path):
    import ctypes

    library = ctypes.CDLL(str(toolchain.build_shared(write(tmp_path / "tiny"), usable("host"), out=tmp_path / "out")))
    arena = np.zeros(32, np.int8)
    arena[:16] = samples(1)[0]
    library.tiny_run(arena.ctypes.data_as(ctypes.c_void_p))
    np.testing.assert_array_equal(arena[16:], expected(samples(1)[0]))


def test_the_harness_and_its_caller_agree():
    defined = dict(re.findall(r"#define (BC_HARNESS_\w+) (\d+)", resources.text("runtime_c", "harness/bc_harness.h")))
    assert int(defined["BC_HARNESS_GUARD"]) == toolchain.GUARD
    assert int(defined["BC_HARNESS_FAULT"]) == runners.FAULT


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m55", "cortex-a53", "host"))
def test_the_harness_compiles_without_a_warning(tmp_path, name):
    target = usable(name)
    (tmp_path / "barecast").mkdir()
    (tmp_path / "barecast" / "bc_harness.h").write_text(resources.text("runtime_c", "harness/bc_harness.h"))
    bare = (("boards", "common/startup.c"), ("boards", "common/semihosting.c"))
    hosted = (("runtime_c", "harness/stdio.c"),)
    harness = (("runtime_c", "harness/harness.c"), ("runtime_c", "harness/probe.c"))
    for kind, path in (*harness, *(bare if target.profile == "m" else hosted)):
        source = tmp_path / path.rpartition("/")[2]
        source.write_text(resources.text(kind, path))
        flags = [*target.flags, "-O2", "-Wconversion", "-Wshadow", "-Werror", f"-I{tmp_path}"]
        toolchain._gcc(target, [*flags, "-c", str(source), "-o", str(source.with_suffix(".o"))])
