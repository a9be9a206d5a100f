"""Builds the demo's network for every board that people own, and writes docs/boards.md.

    python bench/write_boards.py [-o docs/boards.md]

A column of flash and one of RAM hold what the network takes; memories and commands are boards/*/board.toml's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from barecast import boards, pipeline, report, targets, toolchain
from barecast.boards import Board
from barecast.options import Options
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

REPO = Path(__file__).resolve().parents[1]
MODEL = REPO / "models/digits/digits_int8.onnx"

HEAD = """# Boards that people own

Written by `python bench/write_boards.py`: boards with a command that flashes or runs an image.
**None of this has been tried on the boards themselves.** What was: every image below is linked, its addresses are checked
against the board's memories and against where the chip looks for its first instruction, and the images of boards
that QEMU has (microbit, netduinoplus2) are run there. The numbers and commands come from the documents that
each boards/*/board.toml names. [porting-a-board.md](porting-a-board.md) tells how to add a board; `barecast boards` lists
all, emulated ones too.

    barecast run model.onnx --board nucleo-f446re --inputs in.npz --image out

builds the image and prints the commands, to be run in its folder. The demo's network is
[digits_int8.onnx](../models/digits/README.md), generated for the board: its code and constants, and its arena with the
constants that start-up copies to fast memory. Free is what the whole image leaves of the memories: with
start-up, stack, C library, and the harness that reads inputs from a file. Under flash of raspberry-pi-pico-ram is
its memory `image`, which is loaded to RAM.

| board | core | memories | demo: flash | RAM | free: flash | RAM |
|---|---|---|---:|---:|---:|---:|
"""

COMMANDS = """
## Flashing

The first tool is the one that most owners have; `image.elf`, `image.hex` and `image.bin` are the same program.

"""


def owned() -> tuple[Board, ...]:
    """The boards with a flashing command, by name."""
    return tuple(board for board in map(boards.load, boards.names()) if board.is_real)


def memories(board: Board) -> str:
    """Name, size and address of each, as in "flash 512 KB at 0x08000000"."""
    if board.is_linux:
        return "Linux"
    return ", ".join(f"{r.name} {report.number(r.length // 1024)} KB at 0x{r.origin:08x}" for r in board.regions)


def row(board: Board) -> str:
    """A board's line of the table, with the demo measured."""
    compiled = pipeline.compile_model(MODEL, targets.load(board.target), Options(), board=board)
    with pipeline.built(compiled, board) as image:
        sizes, left = toolchain.sizes_of(image), free(image, board)
    flash = sizes.code_bytes + sizes.weights_bytes + sizes.const_bytes
    ram = compiled.plan.arena_bytes + sizes.hot_bytes + sizes.data_bytes + sizes.bss_bytes
    counts = tuple(f"{report.number(count)} B" for count in (flash, ram, *left)) + ("-",) * (2 - len(left))
    return f"| {' | '.join((board.name, board.target, memories(board), *counts))} |\n"


def free(image: toolchain.Image, board: Board) -> tuple[int, ...]:
    """Bytes of flash and of RAM behind all that the linked program has there; none under Linux. What is loaded to one place
    and runs at another has both."""
    if board.is_linux:
        return ()
    with image.path.open("rb") as file:
        elf = ELFFile(file)
        ends = [s["sh_addr"] + s["sh_size"] for s in elf.iter_sections() if s["sh_flags"] & SH_FLAGS.SHF_ALLOC and s["sh_size"]]
        ends += [s["p_paddr"] + s["p_filesz"] for s in elf.iter_segments() if s["p_type"] == "PT_LOAD" and s["p_filesz"]]
    left = {"flash": 0, "ram": 0}
    for region in board.regions:
        taken = [end - region.origin for end in ends if region.origin < end <= region.origin + region.length]
        left[region.kind] += region.length - max(taken, default=0)
    return left["flash"], left["ram"]


def commands(board: Board) -> str:
    """What flashes a board, as a paragraph."""
    parts = [f"### {board.name}\n\n{board.description}.\n"]
    for templates, title in ((board.flash, ""), (board.run, "Run:\n\n")):
        lines = "".join(f"    {command}\n" for _, command in board.commands(templates))
        parts += [f"{title}{lines}"] if lines else []
    return "\n".join(parts)


def document() -> str:
    return HEAD + "".join(map(row, owned())) + COMMANDS + "\n".join(map(commands, owned()))


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes docs/boards.md.")
    parser.add_argument("-o", "--output", type=Path, default=REPO / "docs/boards.md")
    parser.parse_args().output.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
