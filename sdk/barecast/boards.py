"""Boards: one TOML file a board (boards/<board>/board.toml, or a user's own) with its memories and how it is flashed and run.

The linker's MEMORY block, the memory plan's regions and the limits that reports compare with come from the same regions.
"""

from __future__ import annotations

import re
import struct
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from barecast import resources, targets
from barecast.errors import InternalError, UsageError, printable

__all__ = ["ENTRIES", "IMAGE_FILES", "KINDS", "Board", "Place", "Region", "load", "names"]

KINDS = ("flash", "ram", "external")

ENTRIES = ("vectors", "code")
"""What the core or its boot ROM finds first in the code's memory: the vector table, or an instruction that it jumps to."""

IMAGE_FILES = {"elf": "image.elf", "hex": "image.hex", "bin": "image.bin"}
"""What {elf}, {hex} and {bin} of a command stand for, in the folder that it is run in."""

HANDLER_STACK = 512
"""Bytes of the stack for exceptions, which boards/common/link.ld.j2 puts beside the other."""

BOOT_STAGE_WORDS = 63
"""Of a boot stage, without its CRC."""

SUFFIX = ".toml"
"""A board's name that ends like this is the path of a file."""

MEMORY_NAME = r"[a-z][a-z0-9_]{0,23}"
"""The generated C names an arena after its memory."""

NOT_NAMES = frozenset(
    """
    a p state arena arenas and asm auto bool break case catch char class const continue default delete do double else enum
    explicit export extern false float for friend goto if inline int long mutable namespace new not operator or private
    protected public register restrict return short signed sizeof static struct switch template this throw true try
    typedef typeid typename union unsigned using virtual void volatile while xor
    """.split()
)


@dataclass(frozen=True)
class Region:
    """A memory. origin, length: bytes. kind: flash holds code and constants, ram the rest;
    external memory is a way out for what fits nowhere else, and no part of any limit.
    cycles: what an access costs, relative to the other memories. reserved: bytes of it that are not for models.
    """

    name: str
    kind: str
    origin: int
    length: int
    cycles: float = 1
    reserved: int = 0


@dataclass(frozen=True)
class Place:
    """Which region (by name) holds what: code, constants, data (with the stack) and the arena of a model that was made
    for no board. arenas: where those of a model made for this board may lie; empty means the one. hot: where constants
    that are read most may be copied at start-up."""

    code: str
    constants: str
    data: str
    arena: str
    arenas: tuple[str, ...] = ()
    hot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """A board. target: its core. machine: the name under qemu-system-arm, "" if that has none.
    places: tried in order until all fits; none, and no regions, where Linux runs the program.
    source: where the numbers and commands are from. flash: (tool, command) in order of preference, with {elf}, {hex}, {bin}.
    run: likewise, commands that flash or copy the image, serve its files until it ends, and leave response.bin.
    entry: of ENTRIES. boot_stage: code that the boot ROM runs first, at the start of the code's memory. boot_words: what it
    looks for behind the vector table. start: (address, bits): in which registers start-up sets bits before all else."""

    name: str
    description: str
    target: str
    machine: str
    stack_bytes: int
    regions: tuple[Region, ...]
    places: tuple[Place, ...]
    source: str = ""
    flash: tuple[tuple[str, str], ...] = ()
    run: tuple[tuple[str, str], ...] = ()
    entry: str = "vectors"
    boot_stage: tuple[int, ...] = ()
    boot_words: tuple[int, ...] = ()
    start: tuple[tuple[int, int], ...] = ()

    @property
    def first_words(self) -> tuple[int, ...]:
        """The boot stage as the boot ROM of RP2040 takes it: 63 words, the rest of them 0, and their CRC-32. () without one."""
        if not self.boot_stage:
            return ()
        padded = (*self.boot_stage, *(0,) * (BOOT_STAGE_WORDS - len(self.boot_stage)))
        return (*padded, _crc32(struct.pack(f"<{BOOT_STAGE_WORDS}I", *padded)))

    @property
    def is_linux(self) -> bool:
        """Whether an operating system has the memories."""
        return not self.places

    @property
    def is_real(self) -> bool:
        """Whether a command is known that brings an image to it."""
        return bool(self.flash or self.run)

    @staticmethod
    def commands(templates: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """(tool, command) of `flash` or `run`, for the folder with IMAGE_FILES."""
        return tuple((tool, command.format(**IMAGE_FILES)) for tool, command in templates)

    def region(self, name: str) -> Region:
        return next(region for region in self.regions if region.name == name)

    def room(self, name: str, place: Place) -> int:
        """Bytes of a memory that a model may have, when the rest lies as `place` says."""
        region = self.region(name)
        taken = self.stack_bytes + HANDLER_STACK if name == place.data else 0
        return max(0, region.length - region.reserved - taken)

    @property
    def flash_bytes(self) -> int:
        return sum(region.length for region in self.regions if region.kind == "flash")

    @property
    def ram_bytes(self) -> int:
        return sum(region.length for region in self.regions if region.kind == "ram")


def names() -> tuple[str, ...]:
    """Every board there is, sorted."""
    return tuple(name for name in resources.names("boards") if name != "common")


@cache
def load(name: str) -> Board:
    """The board of this name. UsageError lists the known ones."""
    if name.endswith(SUFFIX):
        return _own(Path(name))
    if name not in names():
        remedy = f"choose one of {', '.join(names())}, or name a board's file ({SUFFIX})"
        raise UsageError(f"there is no board {printable(name)}", remedy=remedy)
    return _board(name, tomllib.loads(resources.text("boards", f"{name}/board.toml")))


def _own(path: Path) -> Board:
    """The board of a user's file. UsageError if it cannot be read, or contradicts itself."""
    shown = printable(str(path), 400)
    try:
        name = path.parent.name if path.name == "board.toml" and path.parent.name else path.stem
        return _board(name, tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}", remedy="name a board's file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{shown} is no TOML: {printable(str(error))}", remedy="mend the file") from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        remedy = "docs/porting-a-board.md lists the keys"
        raise UsageError(f"{shown} does not describe a board: {printable(str(error))}", remedy=remedy) from None
    except InternalError as error:
        raise UsageError(f"{shown}: {error.reason}", remedy="mend the file") from None


def _board(name: str, data: Mapping[str, Any]) -> Board:
    fields = {"machine": "", "stack_bytes": 0, **data}
    regions = tuple(Region(name=region, **values) for region, values in fields.pop("memory", {}).items())
    fields["flash"], fields["run"] = (tuple(fields.pop(key, {}).items()) for key in ("flash", "run"))
    fields |= {key: tuple(fields.pop(key, ())) for key in ("boot_stage", "boot_words")}
    fields["start"] = tuple((int(address), int(bits)) for address, bits in fields.pop("start", ()))
    lists = ("arenas", "hot")
    places = tuple(
        Place(**{key: tuple(value) if key in lists else value for key, value in entry.items()})
        for entry in fields.pop("place", ())
    )
    board = Board(name=name, regions=regions, places=places, **fields)
    _check(board)
    return board


def _check(board: Board) -> None:
    where = f"boards/{board.name}/board.toml"
    known = {region.name for region in board.regions}
    if board.entry not in ENTRIES:
        raise InternalError(f"{where}: entry is {printable(board.entry)}, none of {', '.join(ENTRIES)}")
    for tool, command in (*board.flash, *board.run):
        _check_command(where, tool, command)
    numbers = (*board.boot_stage, *board.boot_words, *(number for pair in board.start for number in pair))
    if any(not 0 <= number < 1 << 32 for number in numbers):
        raise InternalError(f"{where}: boot_stage, boot_words and start are numbers of 32 bits")
    if len(board.boot_stage) > BOOT_STAGE_WORDS or (board.boot_stage and board.entry == "code"):
        raise InternalError(f"{where}: boot_stage has up to {BOOT_STAGE_WORDS} words, and entry is vectors with it")
    for region in board.regions:
        if region.kind not in KINDS:
            raise InternalError(f"{where}: memory {region.name} is of kind {region.kind}, none of {', '.join(KINDS)}")
        if not re.fullmatch(MEMORY_NAME, region.name) or region.name in NOT_NAMES:
            raise InternalError(f"{where}: {printable(region.name)} cannot be the name of a memory in C")
        if region.length <= 0 or region.origin < 0 or region.cycles <= 0 or region.reserved < 0:
            raise InternalError(f"{where}: memory {region.name} has numbers that cannot be")
    for place in board.places:
        for region in (place.code, place.constants, place.data, place.arena, *place.arenas, *place.hot):
            if region not in known:
                raise InternalError(f"{where}: a place names the memory {region}, which the board has not")
    if board.regions and not board.places:
        raise InternalError(f"{where}: no place says what goes where")
    if not board.regions and targets.load(board.target).profile == "m":
        raise InternalError(f"{where}: a board of a {board.target} needs memories and a place")


def _crc32(data: bytes) -> int:
    """RP2040 datasheet, 2.8.1.3.1: polynomial 0x04c11db7, begun with ones, nothing reflected or inverted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc


def _check_command(where: str, tool: str, command: str) -> None:
    try:
        command.format(**IMAGE_FILES)
    except (KeyError, IndexError, ValueError, AttributeError):
        known = ", ".join(f"{{{name}}}" for name in IMAGE_FILES)
        raise InternalError(f"{where}: the command of {printable(tool)} may name {known}, and other braces twice") from None
