"""Generated code keeps its promises to a firmware: no writable globals, no heap, no recursion, instances side by side."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import barecast
import numpy as np
import pytest
from barecast import pipeline, targets, toolchain
from barecast.emit import manifest
from barecast.options import Options
from barecast.pipeline import Compiled

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "models"
MODELS = [ROOT / "models" / "digits" / f"digits_{kind}.onnx" for kind in ("int8", "float")]
MODELS += sorted(SHARED.glob("ic_*.onnx")) + sorted(SHARED.glob("kws_*.onnx"))
CORES = ("cortex-m0", "cortex-m4", "cortex-a53")
ALLOWED = re.compile(r"memcpy|memset|__aeabi_\w+|__gnu_thumb1_case_\w+|__clz[sd]i2")
"""What a model may ask of its surroundings: what compilers assume of every platform (GCC manual, "Standards")."""


@pytest.fixture(scope="module", params=[(m, c) for m in MODELS for c in CORES], ids=lambda p: f"{p[0].stem}-{p[1]}")
def compiled(request: pytest.FixtureRequest) -> Compiled:
    model, core = request.param
    return pipeline.compile_model(model, targets.load(core), Options(name="m"))


@pytest.fixture(scope="module")
def objects(compiled: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """The model's objects, each with GCC's call graph (.ci) beside it."""
    place = tmp_path_factory.mktemp("objects")
    folder = compiled.tree.write(place / "source")
    found = []
    for name in manifest(compiled.tree)["files"]:
        if name.endswith(".c"):
            found.append(place / Path(name).with_suffix(".o").name)
            flags = [*compiled.target.flags, *compiled.target.optimize["speed"], "-fcallgraph-info", "-ffreestanding"]
            gcc = toolchain.command(f"{compiled.target.prefix}gcc", compiled.target.package)
            subprocess.run([gcc, *flags, "-c", folder / name, "-o", found[-1]], check=True)
    return found


def symbols(path: Path, prefix: str) -> list[tuple[str, str]]:
    """(kind, name) of every symbol, as nm tells it: https://sourceware.org/binutils/docs/binutils/nm.html."""
    listing = subprocess.run([f"{prefix}nm", "-P", path], check=True, capture_output=True, text=True).stdout
    return [(line.split()[1], line.split()[0]) for line in listing.splitlines()]


def test_no_writable_globals(compiled: Compiled, objects: list[Path]) -> None:
    found = [pair for path in objects for pair in symbols(path, compiled.target.prefix)]
    assert len(found) > 10
    assert not [pair for pair in found if pair[0] in "bBcCdDgGsS"]


def test_only_the_run_function_and_the_weights_are_visible(compiled: Compiled, objects: list[Path]) -> None:
    found = [pair for path in objects for pair in symbols(path, compiled.target.prefix)]
    assert [name for kind, name in found if kind == "T"] == ["m_run"]
    assert all(name.startswith("m_w") for kind, name in found if kind == "R")


def test_no_heap_and_no_library_but_what_every_compiler_needs(compiled: Compiled, objects: list[Path]) -> None:
    found = [pair for path in objects for pair in symbols(path, compiled.target.prefix)]
    own = {name for kind, name in found if kind != "U"}
    wanted = {name for kind, name in found if kind == "U"} - own
    assert not [name for name in wanted if not ALLOWED.fullmatch(name)]


def test_no_recursion_and_no_calls_through_pointers(objects: list[Path]) -> None:
    calls: dict[str, set[str]] = {}
    for path in objects:
        for source, to in re.findall(r'sourcename: "([^"]+)" targetname: "([^"]+)"', path.with_suffix(".ci").read_text()):
            calls.setdefault(source, set()).add(to)
    assert any("m_run" in name for name in calls)
    assert "__indirect_call" not in {to for reached in calls.values() for to in reached}
    TopologicalSorter(calls).prepare()  # raises CycleError


def test_instances_run_side_by_side() -> None:
    model = MODELS[0]
    with np.load(ROOT / "models" / "digits" / "digits_test.npz") as archive:
        images = archive["image"][:2]
    with barecast.compile(model) as first, barecast.compile(model) as second:
        alone = [first.run({"image": image})["logits"] for image in images]
        assert not np.array_equal(*alone)
        library, ffi = first._library, first._ffi
        arenas = [ffi.new("uint8_t[]", first.arena_bytes + 16) for _ in images]
        bases = [a + (-int(ffi.cast("uintptr_t", a)) % 16) for a in arenas]
        ports = manifest(first._compiled.tree)
        for base, image in zip(bases, images, strict=True):  # both are filled before either runs
            ffi.memmove(base + ports["inputs"][0]["offset"], image.tobytes(), image.nbytes)
        for base in bases:
            getattr(library, f"{first.name}_run")(base)
        for base, want in zip(bases, alone, strict=True):
            port = ports["outputs"][0]
            got = np.frombuffer(bytes(ffi.buffer(base + port["offset"], port["bytes"])), np.float32)
            np.testing.assert_array_equal(got.reshape(want.shape), want)
        np.testing.assert_array_equal(second.run({"image": images[0]})["logits"], alone[0])
