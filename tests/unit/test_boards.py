"""The boards' files: memories that do not overlap, places that exist, a target that the board's core runs."""

from __future__ import annotations

import itertools

import pytest
from barecast import boards, targets
from barecast.boards import Board, Place, Region
from barecast.errors import InternalError, UsageError


def test_names():
    expected = {"microbit", "mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547"}
    assert expected <= set(boards.names())
    assert "common" not in boards.names()


@pytest.mark.parametrize("name", boards.names())
def test_every_board_is_complete(name):
    board = boards.load(name)
    assert board.description and (board.machine or board.is_real)
    if targets.load(board.target).profile == "a":
        assert board.is_linux and not board.regions
        return
    assert 0 < board.stack_bytes < board.ram_bytes
    spans = sorted((region.origin, region.origin + region.length) for region in board.regions)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    kinds = {region.name: region.kind for region in board.regions}
    first = board.places[0]
    used = [kinds[region] for region in (first.code, first.constants, first.data, first.arena)]
    assert used == ["flash", "flash", "ram", "ram"]


def test_limits_leave_external_memory_out():
    assert (boards.load("microbit").flash_bytes, boards.load("microbit").ram_bytes) == (256 * 1024, 16 * 1024)
    assert boards.load("mps2-an385").ram_bytes == 4 * 2**20
    assert boards.load("mps3-an547").flash_bytes == 2 * 2**20 + 512 * 1024


def test_an_unknown_board_lists_the_known():
    with pytest.raises(UsageError, match="there is no board uno; choose one of arduino-nano-33-ble, .*microbit, .*mps3-an547"):
        boards.load("uno")
    with pytest.raises(UsageError):
        boards.load("common")


@pytest.mark.parametrize(
    ("kind", "place", "message"),
    (
        ("rom", Place("flash", "flash", "flash", "flash"), "is of kind rom"),
        ("ram", Place("flash", "flash", "flash", "elsewhere"), "names the memory elsewhere"),
    ),
)
def test_a_contradictory_board_is_refused(kind, place, message):
    board = Board("odd", "", "cortex-m0", "odd", 1024, (Region("flash", kind, 0, 4096),), (place,))
    with pytest.raises(InternalError, match=message):
        boards._check(board)
