"""Cycles of cores that run instructions out of order: what a round of a block costs, by llvm-mca."""

from __future__ import annotations

import pytest
from barecast import targets
from barecast.cycles import mca, out_of_order
from barecast.cycles.disassembly import parse
from barecast.runners.counting import Block

SUMS = tuple(f"fmla v{i}.4s, v30.4s, v31.4s" for i in range(8))


@pytest.fixture
def rounds_of_two(monkeypatch):
    """An llvm-mca that takes ten cycles to begin and two for each round of anything."""
    monkeypatch.setattr(mca, "total_cycles", lambda _, pieces, rounds: [10 + 2 * rounds for _ in pieces])


def test_beginnings_are_left_out_and_no_more_is_decoded_than_the_core_can(rounds_of_two):
    pipeline = targets.load("cortex-a76").pipeline
    found = out_of_order.round_cycles(pipeline, [("add x0, x0, x1",), SUMS, SUMS + SUMS])
    assert list(found.values()) == [0, 2, 2, 4]


def test_blocks_cost_their_rounds_and_their_wrong_jumps(rounds_of_two):
    pipeline = targets.load("cortex-a72").pipeline
    code = parse("      10:      \tadd\tx0, x0, #1\n      14:      \tb.ne\t0x10 <f>\n      18:      \tret\n")
    blocks = [
        Block(0x10, 0x18, 2, 0, "f", 100, 97),
        Block(0x18, 0x1C, 1, 0, "f", 5, 5),
        Block(0x40, 0x44, 1, 0, "f", 9, 0),
    ]
    spent = out_of_order.spent(code, blocks, pipeline)
    assert spent[:2] == [100 * 2 + 3 * pipeline.mispredicted, 5 * 2]


@pytest.mark.skipif(mca.missing() is not None, reason="llvm-mca is not installed")
@pytest.mark.parametrize(
    ("name", "code", "cycles"),
    (
        # Two units for products, of which the A57's model takes both for four floats; one sum waits for itself.
        ("cortex-a76", SUMS, 4),
        ("cortex-a72", SUMS, 8),
        ("cortex-a76", SUMS[:1], 4),
        ("cortex-a76", tuple(f"add x{i}, x{i}, #1" for i in range(12)), 4),
        ("cortex-a76", ("no such thing", "add x0, x0, #1"), 1),
        ("cortex-a76", ("no such thing",), 1 / 4),
        ("cortex-a76", (), 0),
    ),
)
def test_llvm_mca_knows_the_cores(name, code, cycles):
    pipeline = targets.load(name).pipeline
    assert out_of_order.round_cycles(pipeline, [code])[code] == pytest.approx(cycles, rel=0.05)
