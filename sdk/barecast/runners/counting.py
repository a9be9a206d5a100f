"""Instruction counts: which code belongs to which step, QEMU's counting plugin, and what it measured."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

from barecast import resources
from barecast.errors import ToolError
from barecast.toolchain import Image, command

__all__ = [
    "FIRST_API",
    "HARNESS",
    "LAST_API",
    "PLUGIN",
    "PLUGIN_ARGUMENTS",
    "Block",
    "Owners",
    "function_at",
    "functions",
    "owners",
    "plugin",
    "read_blocks",
    "totals",
    "write_owners",
]

FIRST_API, LAST_API = 1, 5
"""Versions of QEMU's plugin interface in which the functions that the plugin uses are the same (QEMU 4.2 to 10)."""

PLUGIN = "bc_count.so"

PLUGIN_ARGUMENTS = ("-plugin", f"./{PLUGIN},owners=owners.txt,out=blocks.txt")

HARNESS = (-1, "")
"""The owner of all that is no model's."""


@dataclass(frozen=True)
class Block:
    """A piece of straight code at [start, end), `instructions` long, that ran `count` times on behalf of
    the function `function` of model `model` (-1: the harness), and was left `taken` times by a jump."""

    start: int
    end: int
    instructions: int
    model: int
    function: str
    count: int
    taken: int


@dataclass(frozen=True)
class Owners:
    """names: (model, function) by owner number. ranges: (start, end, owner number), end exclusive."""

    names: tuple[tuple[int, str], ...]
    ranges: tuple[tuple[int, int, int], ...]


def functions(image: Image) -> tuple[tuple[int, int, str], ...]:
    """Every function of the image as (address, bytes, name), by address, without Thumb's bit 0."""
    with image.path.open("rb") as file:
        elf = ELFFile(file)
        thumb = elf["e_machine"] == "EM_ARM"
        found = {
            (symbol["st_value"] & ~1 if thumb else symbol["st_value"], symbol["st_size"], symbol.name)
            for symbol in elf.get_section_by_name(".symtab").iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_size"]
        }
    return tuple(sorted(found))


def function_at(image: Image, address: int) -> str | None:
    """The name of the function that holds the address."""
    for start, size, name in functions(image):
        if start <= address < start + size:
            return name
    return None


def owners(image: Image) -> Owners:
    """The code of each model's steps and run function, and the harness. All else, as library functions
    and shared kernels are, belongs to whoever runs it."""
    named = {"main": HARNESS}
    for index, model in enumerate(image.models):
        for function in (f"{model['name']}_run", *(step["name"] for step in model["steps"])):
            named[function] = (index, function)
        named[f"{model['name']}_trace"] = HARNESS
        named[f"{model['name']}_probe"] = HARNESS
    names: list[tuple[int, str]] = [HARNESS]
    numbers = {HARNESS: 0}
    ranges = []
    for start, size, symbol in functions(image):
        # A part that the compiler split off has a suffix: NAME_step_00_conv2d.part.0
        function = symbol.partition(".")[0]
        owner = HARNESS if function.startswith(("bc_harness_", "bc_board_")) else named.get(function)
        if owner is None:
            continue
        if owner not in numbers:
            numbers[owner] = len(names)
            names.append(owner)
        ranges.append((start, start + size, numbers[owner]))
    return Owners(tuple(names), tuple(ranges))


def write_owners(folder: Path, known: Owners) -> None:
    """The plugin's input file."""
    lines = "".join(f"{start:x} {end:x} {owner}\n" for start, end, owner in known.ranges)
    (folder / "owners.txt").write_text(lines, encoding="ascii")


def read_blocks(folder: Path, known: Owners) -> tuple[Block, ...]:
    """The plugin's output file, by address. A block that QEMU translated twice is one block here."""
    path = folder / "blocks.txt"
    if not path.exists():
        raise ToolError("QEMU's counting plugin wrote nothing", remedy="use a QEMU that is built with plugins")
    sums: dict[tuple[int, int, int, int], list[int]] = {}
    for line in path.read_text(encoding="ascii").splitlines():
        start, end, instructions, owner, count, taken = line.split()
        total = sums.setdefault((int(start, 16), int(end, 16), int(instructions), int(owner)), [0, 0])
        total[0] += int(count)
        total[1] += int(taken)
    return tuple(
        Block(start, end, instructions, *known.names[owner], count, taken)
        for (start, end, instructions, owner), (count, taken) in sorted(sums.items())
    )


def totals(blocks: Sequence[Block]) -> Mapping[tuple[int, str], int]:
    """Executed instructions by (model, function)."""
    sums: dict[tuple[int, str], int] = {}
    for block in blocks:
        key = (block.model, block.function)
        sums[key] = sums.get(key, 0) + block.instructions * block.count
    return sums


def plugin(folder: Path, api: int) -> Path:
    """The plugin for a version of QEMU's interface, compiled into `folder` unless it is there."""
    path = folder / f"bc_count-{api}.so"
    if not path.exists():
        source = folder / "bc_count.c"
        source.write_text(resources.text("runtime_c", "qemu_plugin/bc_count.c"), encoding="utf-8")
        compiler = command("gcc", "gcc")
        # Written under another name first: two processes may want it at the same time.
        fresh = folder / f"bc_count-{api}.{os.getpid()}.so"
        flags = ["-std=c99", "-O2", "-fPIC", "-shared", f"-DBC_PLUGIN_API={api}"]
        line = [compiler, *flags, str(source), "-o", str(fresh)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ToolError(f"the counting plugin does not compile: {done.stderr.strip()[:400]}")
        fresh.replace(path)
    return path
