"""The firmwares of examples/ are built as their README says, and give on an emulated board what the reference gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import barecast
import numpy as np
import pytest
from barecast import pipeline, reference, targets
from barecast.options import Options

from tests.boards.tiny_model import usable

REPO = Path(__file__).parents[2]
MODELS = REPO / "models/digits"
LINE = "qemu-system-arm -M mps2-an386 -display none -monitor none -serial stdio -kernel build/firmware.elf"
SECONDS = 60


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that nothing is left in the repository; each is built in its folder."""
    usable("cortex-m4")
    place = tmp_path_factory.mktemp("examples")
    shutil.copytree(REPO / "examples", place / "examples", ignore=shutil.ignore_patterns("build", ".sconsign*"))
    (place / "models/digits").mkdir(parents=True)
    for model in MODELS.glob("*.onnx"):
        shutil.copy(model, place / "models/digits")
    return place / "examples"


def scons(folder: Path) -> str:
    paths = [str(Path(barecast.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "SCons", "-Q"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=5 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stderr, done.stderr
    return done.stdout


def slow() -> list[str]:
    """QEMU's option for a core so slow that the line is ahead of it, as old and new versions have it."""
    told = subprocess.run(["qemu-system-arm", "-help"], capture_output=True, text=True, check=True).stdout
    return ["-singlestep"] if "-singlestep" in told else ["-accel", "tcg,one-insn-per-tb=on"]


@contextmanager
def board(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The firmware on the emulated board, its serial line as standard input and output. A firmware never ends by itself."""
    with subprocess.Popen([*LINE.split(), *options], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        limit = threading.Timer(SECONDS, process.kill)
        limit.start()
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()


def test_images_by_interrupt(examples: Path) -> None:
    """Forty images at once, faster than the network runs: the interrupt holds the line while both frames are full."""
    folder = examples / "uart_input"
    assert "barecast generate" in scons(folder)
    assert "up to date" in scons(folder)
    with np.load(MODELS / "digits_test.npz") as archive:
        grey = np.round(archive["image"][:40] * 255).astype(np.uint8)
    graph = pipeline.compile_model(
        MODELS / "digits_int8.onnx", targets.load("cortex-m4"), Options(io="quantized")
    ).graph
    pixels = (grey.astype(np.int32) - 128).astype(np.int8)
    answers = [next(iter(reference.run(graph, {"image": image}).values())).argmax() for image in pixels]
    assert len(set(answers)) == 10, "each digit is among them"
    with board(folder, *slow()) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdin.write(grey.tobytes())
        process.stdin.flush()
        got = [process.stdout.readline().decode() for _ in answers]
    assert got == [f"digit {answer}\n" for answer in answers]


def test_two_models_in_one_arena(examples: Path) -> None:
    folder = examples / "two_models"
    scons(folder)
    text = (folder / "images.h").read_text()
    values = [int(n) for n in re.findall(r"\d+(?=,)", text[text.index("= {") :])]
    images = np.array(values, np.float32).reshape(-1, 1, 1, 8, 8) / 16
    assert len(images) == 4
    with board(folder) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().decode().split() for _ in range(2 * len(images) + 1)]
    assert lines.pop() == ["done"]
    assert [line[:2] for line in lines] == [[kind, str(i)] for i in range(len(images)) for kind in ("int8", "float")]
    for kind, room in (("int8", 0), ("float", 1e-4)):
        graph = pipeline.compile_model(MODELS / f"digits_{kind}.onnx", targets.load("cortex-m4"), Options()).graph
        for image, line in zip(images, [line for line in lines if line[0] == kind], strict=True):
            bits = np.array([int(word, 16) for word in line[2:]], np.uint32)
            expected = next(iter(reference.run(graph, {"image": image}).values())).reshape(-1)
            np.testing.assert_allclose(bits.view(np.float32), expected, rtol=0, atol=room)


def test_the_arena_is_the_larger_one(examples: Path) -> None:
    """What the map says, beside what the compiler asserted."""
    folder = examples / "two_models"
    scons(folder)
    sizes = {}
    for kind in ("INT8", "FLOAT"):
        header = (folder / f"build/digits_{kind.lower()}/digits_{kind.lower()}.h").read_text()
        sizes[kind] = int(re.search(rf"DIGITS_{kind}_ARENA_BYTES (\d+)", header)[1])
    listed = subprocess.run(
        ["arm-none-eabi-size", "-A", "build/firmware.elf"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    found = int(re.search(r"^\.arena\s+(\d+)", listed, re.M)[1])
    assert sizes["INT8"] != sizes["FLOAT"] and max(sizes.values()) <= found < max(sizes.values()) + 16


def test_the_readme_tells_how() -> None:
    text = (REPO / "examples/README.md").read_text()
    assert LINE in text and "python -m SCons" in text
    for folder in (REPO / "examples").iterdir():
        assert not folder.is_dir() or folder.name in text
