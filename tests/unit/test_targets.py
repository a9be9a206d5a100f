"""The targets' files: complete, merged with their families, and refused by name where they do not exist."""

from __future__ import annotations

import dataclasses

import pytest
from barecast import boards, targets
from barecast.errors import UsageError
from barecast.options import OPTIMIZE
from barecast.targets import Target

CONTRACT = (
    "cortex-a53",
    "cortex-a7",
    "cortex-a710",
    "cortex-a72",
    "cortex-a76",
    "cortex-m0",
    "cortex-m0plus",
    "cortex-m3",
    "cortex-m33",
    "cortex-m4",
    "cortex-m55",
    "cortex-m7",
    "cortex-m85",
    "host",
)


def test_names():
    """Scripts rely on these; a new target is a new file."""
    assert set(CONTRACT) <= set(targets.names())
    assert list(targets.names()) == sorted(targets.names())


@pytest.mark.parametrize("name", targets.names())
def test_every_target_is_complete(name):
    target = targets.load(name)
    assert target.name == name
    assert target.description and target.package
    assert target.isa <= set(targets.ISA)
    assert target.flags.count("-std=c99") == 1
    assert "-ffp-contract=off" in target.flags
    assert set(target.optimize) == set(OPTIMIZE)
    assert all(flags for flags in target.optimize.values())
    if name == "host":
        assert (target.profile, target.prefix, target.emulator, target.boards) == ("host", "", (), ())
    else:
        assert sum(flag.startswith("-mcpu=cortex-") for flag in target.flags) == 1
        assert target.prefix.endswith("-") and target.emulator and target.emulator_package
        assert target.profile == name.removeprefix("cortex-")[0]
        assert bool(target.boards) == (target.profile == "m")


@pytest.mark.parametrize("name", targets.names())
def test_boards_of_a_target_exist_smallest_first(name):
    sizes = [boards.load(board).ram_bytes for board in targets.load(name).boards]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("name", [name for name in targets.names() if targets.load(name).timing])
def test_timings_are_plausible_and_have_a_source(name):
    timing = targets.load(name).timing
    assert "Technical Reference Manual" in timing.source and timing.model
    assert all(1 <= cycles <= 14 for cycles in timing.cycles.values())
    assert timing.taken["b"] > 1 and timing.cycles["ldr"] == 2
    assert not set(timing.cycles) & set(timing.per_word)


def test_cores_that_issue_two_are_known_to_llvm():
    for name, taken in (("cortex-m7", 0), ("cortex-m55", 2), ("cortex-m85", 0)):
        core = targets.load(name).pipeline
        assert core.cpu == name and core.triple.startswith("thumbv") and core.source.startswith("LLVM, ARMSchedule")
        assert core.taken == taken and (core.mispredicted > 0) == (taken == 0)
    assert all(targets.load(name).pipeline is None for name in targets.names() if targets.load(name).timing)


def test_a_target_overrides_its_family():
    assert targets.load("cortex-m4").timing.cycles.get("mla") is None
    assert targets.load("cortex-m3").timing.cycles["mla"] == 2
    assert targets.load("cortex-m3").timing.per_word == targets.load("cortex-m0").timing.per_word | {
        name: 1 for name in ("ldmdb", "ldmfd", "stmdb", "ldrd", "strd")
    }


def test_an_unknown_target_lists_the_known():
    with pytest.raises(UsageError, match="there is no target cortex-m99; choose one of cortex-a53, .*host"):
        targets.load("cortex-m99")
    with pytest.raises(UsageError):
        targets.load("families/all")


def test_a_bare_target_needs_a_name_and_instruction_sets_only():
    assert Target("any", frozenset()) == Target("any", frozenset())
    with pytest.raises(dataclasses.FrozenInstanceError):
        targets.load("host").name = "other"
