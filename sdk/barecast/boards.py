"""Boards: one TOML file a board (boards/<board>/board.toml) with its memories, stated once.

The linker's MEMORY block and the limits that reports compare with come from the same regions.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from barecast import resources
from barecast.errors import InternalError, UsageError, printable

__all__ = ["KINDS", "Board", "Place", "Region", "load", "names"]

KINDS = ("flash", "ram", "external")


@dataclass(frozen=True)
class Region:
    """A memory. origin, length: bytes. kind: flash holds code and constants, ram the rest;
    external memory is a way out for what fits nowhere else, and no part of any limit."""

    name: str
    kind: str
    origin: int
    length: int


@dataclass(frozen=True)
class Place:
    """Which region (by name) holds what: code, constants, data (with the stack) and the arena."""

    code: str
    constants: str
    data: str
    arena: str


@dataclass(frozen=True)
class Board:
    """A board. target: its core. machine: the name under qemu-system-arm. places: tried in order until all fits."""

    name: str
    description: str
    target: str
    machine: str
    stack_bytes: int
    regions: tuple[Region, ...]
    places: tuple[Place, ...]

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
    if name not in names():
        raise UsageError(f"there is no board {printable(name)}", remedy=f"choose one of {', '.join(names())}")
    data = tomllib.loads(resources.text("boards", f"{name}/board.toml"))
    regions = tuple(Region(name=region, **fields) for region, fields in data.pop("memory").items())
    places = tuple(Place(**fields) for fields in data.pop("place"))
    board = Board(name=name, regions=regions, places=places, **data)
    _check(board)
    return board


def _check(board: Board) -> None:
    where = f"boards/{board.name}/board.toml"
    known = {region.name for region in board.regions}
    for region in board.regions:
        if region.kind not in KINDS:
            raise InternalError(f"{where}: memory {region.name} is of kind {region.kind}, none of {', '.join(KINDS)}")
    for place in board.places:
        for region in (place.code, place.constants, place.data, place.arena):
            if region not in known:
                raise InternalError(f"{where}: a place names the memory {region}, which the board has not")
    if not board.places:
        raise InternalError(f"{where}: no place says what goes where")
