"""Models divided between a board's memories, built with its linker script and run under QEMU."""

from __future__ import annotations

import subprocess
from pathlib import Path

import barecast
import numpy as np
import pytest
from barecast import boards, pipeline, runners, targets, toolchain
from barecast.errors import UsageError
from barecast.options import Options
from barecast.samples import random_samples
from barecast.verification import verify
from elftools.elf.elffile import ELFFile

from tests.boards.tiny_model import usable

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits" / "digits_int8.onnx"

AN547 = """
description = "A board like mps3-an547, with little fast memory for models"
target = "cortex-m55"
machine = "mps3-an547"
stack_bytes = 8192

[memory.itcm]
kind = "flash"
origin = 0x00000000
length = 0x80000

[memory.sram]
kind = "flash"
origin = 0x01000000
length = 0x200000
cycles = 3

[memory.dtcm]
kind = "ram"
origin = 0x20000000
length = 0x80000
reserved = {reserved}

[memory.isram]
kind = "ram"
origin = 0x21000000
length = {isram}
cycles = 2

[[place]]
code = "itcm"
constants = "sram"
data = "dtcm"
arena = "isram"
arenas = ["isram", "dtcm"]
hot = ["isram", "dtcm"]
"""

AN505 = """
description = "mps2-an505 with its two blocks of RAM apart"
target = "cortex-m33"
machine = "mps2-an505"
stack_bytes = 65536

[memory.flash]
kind = "flash"
origin = 0x10000000
length = 0x400000

[memory.ssram2]
kind = "ram"
origin = 0x38000000
length = 0x200000
reserved = 2030404          # leaves 700 bytes for models

[memory.ssram3]
kind = "ram"
origin = 0x38200000
length = 0x200000
cycles = 2

[[place]]
code = "flash"
constants = "flash"
data = "ssram2"
arena = "ssram2"
arenas = ["ssram2", "ssram3"]
"""


def an547(dtcm: int, isram: int) -> str:
    """With so many bytes for models in the two."""
    return AN547.format(reserved=0x80000 - 8192 - boards.HANDLER_STACK - dtcm, isram=isram)


def load(tmp_path: Path, text: str, name: str = "own") -> boards.Board:
    (tmp_path / f"{name}.toml").write_text(text)
    board = boards.load(str(tmp_path / f"{name}.toml"))
    usable(board.target)
    return board


@pytest.mark.parametrize("text", [an547(700, 0x400000), AN505], ids=["an547", "an505"])
def test_a_divided_model_gives_the_same_bytes(tmp_path, text):
    board = load(tmp_path, text)
    made = pipeline.compile_model(DIGITS, targets.load(board.target), board=board)
    fast, slow = made.plan.regions
    assert fast.cycles < slow.cycles and fast.bytes <= fast.capacity
    assert made.plan.placements.keys() == pipeline.compile_model(DIGITS, targets.load(board.target)).plan.placements.keys()
    verdict = verify(made, random_samples(made.graph, 2), board=board)
    assert verdict.passed and verdict.own.mismatched == 0
    assert verdict.stack_bytes <= verdict.stack_bound.bytes
    watched = verify(made, random_samples(made.graph, 2), board=board, reference_name="barecast", poison=True)
    assert watched.passed and watched.strays == ()


@pytest.mark.parametrize("language", ["c", "asm"])
def test_arenas_and_hot_constants_lie_where_the_plan_says(tmp_path, language):
    board = load(tmp_path, an547(2000, 6000))
    made = pipeline.compile_model(DIGITS, targets.load(board.target), Options(name="net", constants=language), board=board)
    assert made.plan.hot and set(made.plan.hot.values()) == {"isram", "dtcm"}
    warnings = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")
    folder = made.tree.write(tmp_path / "net")
    image = toolchain.build(folder, made.target, board, out=tmp_path / "out", extra=warnings)
    result = runners.run(image, random_samples(made.graph, 1).arrays, count=False)
    assert result.models[0].guard_ok
    with image.path.open("rb") as file:
        symbols = {s.name: s["st_value"] for s in ELFFile(file).get_section_by_name(".symtab").iter_symbols()}
    inside = {r.name: range(r.origin, r.origin + r.length) for r in board.regions}
    for region in made.plan.regions:
        assert symbols[f"bc_harness_arena_{region.name}"] in inside[region.name]
    hot = {entry["name"]: entry["region"] for entry in image.models[0]["hot"]}
    for name, address in symbols.items():
        if name.startswith("net_w0"):
            assert address in inside[hot.get(name, "sram")], name
    sizes = toolchain.sizes_of(image)
    assert sizes.hot_bytes >= sum(entry["bytes"] for entry in image.models[0]["hot"]) > 0
    assert sizes.weights_bytes >= sizes.hot_bytes and sizes.data_bytes == 0


def test_divided_code_is_c_and_cxx(tmp_path):
    board = load(tmp_path, an547(700, 0x400000))
    made = pipeline.compile_model(DIGITS, targets.load(board.target), Options(name="net", single_file=True), board=board)
    text = made.tree.files["net.h"]
    assert "void net_run(const net_arenas *arenas);" in text
    assert "#define NET_ARENA_DTCM_BYTES" in text and "#define NET_ARENA_BYTES" not in text
    source = made.tree.write(tmp_path / "net") / "net.c"
    for language in (("-xc", "-std=c99"), ("-xc++", "-std=c++17")):
        flags = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-O1", "-mcpu=cortex-m55", "-mfloat-abi=hard")
        line = ["arm-none-eabi-gcc", *language, *flags, "-c", str(source), "-o", str(tmp_path / "net.o")]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_does_not_fit_is_refused_with_the_numbers(tmp_path):
    board = load(tmp_path, an547(500, 600))
    with pytest.raises(UsageError) as caught:
        barecast.generate(DIGITS, tmp_path / "out", board=str(tmp_path / "own.toml"))
    told = str(caught.value)
    assert "bytes of memory at once" in told and "600 bytes in isram and 500 bytes in dtcm" in told
    assert f"board {board.name} has" in told and "mps3-an547" in told
    assert not (tmp_path / "out").exists()


def test_a_model_for_a_board_is_built_for_no_other(tmp_path):
    folder = barecast.generate(DIGITS, tmp_path / "net", board="mps3-an547")
    with pytest.raises(UsageError, match="was generated for board mps3-an547, not for any"):
        toolchain.build(folder, targets.load("cortex-m55"), out=tmp_path / "out")


def test_a_board_without_a_machine_builds_and_does_not_run(tmp_path):
    board = load(tmp_path, an547(9000, 9000).replace('machine = "mps3-an547"\n', ""))
    made = pipeline.compile_model(DIGITS, targets.load(board.target), board=board)
    with pipeline.built(made, board) as image, pytest.raises(UsageError, match="board own has no emulator"):
        runners.run(image, {"image": np.zeros((1, 1, 8, 8), np.float32)})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[memory.isram]", "[memory.static]"), "static cannot be the name of a memory in C"),
        (('"ram"', '"rom"'), "of kind rom"),
        (("length = 0x200000", "size = 0x200000"), "does not describe a board"),
        (("[[place]]", "[[place"), "is no TOML"),
        (('arenas = ["isram", "dtcm"]', 'arenas = ["psram"]'), "names the memory psram"),
        (("cycles = 3", "cycles = 0"), "numbers that cannot be"),
    ],
)
def test_a_bad_file_of_a_board_is_a_message(tmp_path, change, said):
    (tmp_path / "bad.toml").write_text(an547(700, 700).replace(*change))
    with pytest.raises(UsageError, match=said):
        boards.load(str(tmp_path / "bad.toml"))


def test_a_file_that_is_not_there():
    with pytest.raises(UsageError, match=r"cannot read nowhere\.toml"):
        boards.load("nowhere.toml")
