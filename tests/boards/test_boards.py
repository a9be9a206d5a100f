"""Every target and every board: a tiny model builds, links, boots and gives the right bytes."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import boards, runners, targets, toolchain
from barecast.errors import UsageError
from elftools.elf.elffile import ELFFile

from tests.boards.tiny_model import expected, samples, usable, write


@pytest.mark.parametrize("name", targets.names())
@pytest.mark.parametrize("optimize", ("speed", "size"))
def test_every_target_runs_a_model(tmp_path, name, optimize):
    target = usable(name)
    image = toolchain.build(write(tmp_path / "tiny"), target, out=tmp_path / "out", optimize=optimize)
    x = samples(3)
    result = runners.run(image, {"x": x}).models[0]
    np.testing.assert_array_equal(result.outputs["y"], expected(x))
    assert result.outputs["y"].dtype == np.int8
    assert result.guard_ok
    assert result.samples == 3
    assert 0 < result.stack_bytes < 256
    assert result.trace == ()
    if name == "host":
        assert result.instructions is None
    else:
        assert result.instructions > sum(step.instructions for step in result.steps) > 0


@pytest.mark.parametrize("name", [name for name in boards.names() if boards.load(name).machine])
def test_every_board_boots_and_holds_what_it_says(tmp_path, name):
    board = boards.load(name)
    target = usable(board.target)
    image = toolchain.build(write(tmp_path / "tiny"), target, board, out=tmp_path / "out")
    assert image.board == board
    x = samples(1)
    np.testing.assert_array_equal(runners.run(image, {"x": x}).models[0].outputs["y"], expected(x))
    regions = {region.name: range(region.origin, region.origin + region.length) for region in board.regions}
    place = board.places[0]
    assert _address(image, "tiny_run") in regions[place.code]
    assert _address(image, "tiny_weights") in regions[place.constants]
    assert _address(image, "bc_harness_arena") in regions[place.arena]
    assert _address(image, "bc_board_stack_limit") == next(r.origin for r in board.regions if r.name == place.data)


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m0plus"))
def test_a_model_too_large_for_the_microbit_goes_to_the_next_board(tmp_path, name):
    target = usable(name)
    small = toolchain.build(write(tmp_path / "a"), target, out=tmp_path / "a.out")
    large = toolchain.build(write(tmp_path / "b", arena_bytes=16384), target, out=tmp_path / "b.out")
    assert (small.board.name, large.board.name) == ("microbit", "mps2-an385")
    x = samples(1)
    np.testing.assert_array_equal(runners.run(large, {"x": x}).models[0].outputs["y"], expected(x))


LARGE = (("cortex-m3", 6), ("cortex-m7", 6), ("cortex-m33", 6), ("cortex-m55", 3))


@pytest.mark.parametrize(("name", "megabytes"), LARGE)
def test_constants_too_large_for_flash_go_to_external_memory(tmp_path, name, megabytes):
    target = usable(name)
    last = megabytes * 2**20 - 1
    source = """
    BC_STEP static void NAME_step_00_ends(uint8_t *arena)
    {
        arena[ELEMENTS] = (uint8_t)NAME_weights[arena[0]];
        arena[ELEMENTS + 1] = (uint8_t)NAME_weights[LAST - arena[0]];
    }
    """.replace("LAST", str(last))
    folder = write(tmp_path / "big", source=source, steps=("00_ends",), elements=2, weights=f"5, [{last}] = 7")
    image = toolchain.build(folder, target, out=tmp_path / "out")
    external = next(region for region in image.board.regions if region.kind == "external")
    assert external.origin <= _address(image, "tiny_weights") < external.origin + external.length
    outputs = runners.run(image, {"x": np.zeros(2, np.int8)}).models[0].outputs["y"]
    assert outputs.tolist() == [[5, 7]]


@pytest.mark.parametrize("name", ("cortex-m3", "cortex-m7", "cortex-m33", "cortex-m55"))
def test_an_arena_too_large_for_ram_goes_to_external_memory(tmp_path, name):
    target = usable(name)
    image = toolchain.build(write(tmp_path / "big", arena_bytes=5 * 2**20), target, out=tmp_path / "out")
    external = next(region for region in image.board.regions if region.kind == "external")
    assert external.origin <= _address(image, "bc_harness_arena") < external.origin + external.length
    x = samples(1)
    result = runners.run(image, {"x": x}).models[0]
    np.testing.assert_array_equal(result.outputs["y"], expected(x))
    assert result.guard_ok


def test_what_fits_nowhere_is_told_in_bytes(tmp_path):
    target = usable("cortex-m0")
    folder = write(tmp_path / "tiny", arena_bytes=20000)
    with pytest.raises(UsageError, match=r"board microbit: needs (\d+) bytes in ram, which has 16384") as caught:
        toolchain.build(folder, target, boards.load("microbit"), out=tmp_path / "out")
    needed = int(caught.value.reason.split("needs ")[1].split()[0])
    assert 20000 + 2048 < needed < 20000 + 2048 + 2000
    with pytest.raises(UsageError, match="board mps2-an385"):
        toolchain.build(write(tmp_path / "huge", arena_bytes=2**28), target, out=tmp_path / "out2")


def test_a_board_with_another_core_is_refused(tmp_path):
    with pytest.raises(UsageError, match="board mps2-an385 is not one for target cortex-m4; choose one of mps2-an386"):
        folder = write(tmp_path / "tiny")
        toolchain.build(folder, targets.load("cortex-m4"), boards.load("mps2-an385"), out=tmp_path / "out")


def test_a_board_is_refused_where_an_operating_system_runs_the_image(tmp_path):
    with pytest.raises(UsageError, match="runs on no board"):
        toolchain.build(write(tmp_path / "tiny"), targets.load("host"), boards.load("microbit"), out=tmp_path / "out")


def _address(image: toolchain.Image, symbol: str) -> int:
    with image.path.open("rb") as file:
        found = ELFFile(file).get_section_by_name(".symtab").get_symbol_by_name(symbol)
        return found[0]["st_value"] & ~1
