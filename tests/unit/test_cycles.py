"""Cycle estimates of single blocks against sums made by hand from Arm's manuals."""

from __future__ import annotations

import pytest
from barecast import targets
from barecast.cycles import block_cycles
from barecast.cycles.disassembly import Instruction


def block(text: str) -> list[Instruction]:
    lines = [line.strip().partition(" ") for line in text.strip().splitlines()]
    return [Instruction(2 * i, mnemonic, operands) for i, (mnemonic, _, operands) in enumerate(lines)]


def cycles(target: str, text: str, count: int = 1, taken: int = 0) -> int:
    return block_cycles(block(text), targets.load(target).timing, count, taken)


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    (
        ("cortex-m4", "adds r1, r2, r3", 1),
        ("cortex-m4", "smlad r0, r1, r2, r0", 1),
        ("cortex-m4", "mla r0, r1, r2, r3", 1),
        ("cortex-m3", "mla r0, r1, r2, r3", 2),
        ("cortex-m3", "mlaeq r0, r1, r2, r3", 2),
        ("cortex-m3", "muls r0, r1", 1),
        ("cortex-m3", "smull r0, r1, r2, r3", 4),
        ("cortex-m4", "smull r0, r1, r2, r3", 1),
        ("cortex-m4", "ldr r0, [r1, #4]", 2),
        ("cortex-m4", "ldrsh.w r0, [r1, r2, lsl #1]", 2),
        ("cortex-m0", "ldr r0, [r1, #4]\nldr r2, [r1, #8]", 4),
        # Neighbours overlap, unless the second's address comes from the first.
        ("cortex-m4", "ldr r0, [r1, #4]\nldr r2, [r1, #8]\nldr r3, [r1, #12]", 4),
        ("cortex-m4", "ldr r0, [r1, #4]\nldr r2, [r0, #8]", 4),
        # A store with an immediate offset takes one cycle, with a register offset two.
        ("cortex-m4", "strb r0, [r1, #4]", 1),
        ("cortex-m4", "strb r0, [r1, r2]", 2),
        ("cortex-m4", "strb r0, [r1, r2]\nldr r3, [r4]", 4),
        # Nothing overlaps with a store.
        ("cortex-m4", "str r0, [r1, #4]\nldr r2, [r3]", 1 + 2),
        ("cortex-m4", "str r0, [r1, #4]\nstr r2, [r3, r4]", 1 + 2),
        ("cortex-m4", "ldr r0, [r1, #4]\nstr r2, [r3, r4]", 2 + 1),
        # An address that the instruction before computed.
        ("cortex-m4", "add r1, r2, r3\nldr r0, [r1]", 1 + 3),
        ("cortex-m4", "cmp r1, r2\nldr r0, [r1]", 1 + 2),
        ("cortex-m4", "add r5, r2, r3\nldr r0, [r1]", 1 + 2),
        ("cortex-m4", "ldmia.w r0!, {r4, r5, r6}", 4),
        ("cortex-m4", "ldrd r4, r5, [r0, #8]", 3),
        ("cortex-m4", "vpush {d8-d10}", 7),
        ("cortex-m4", "vldmia r0!, {s0-s3}", 5),
        ("cortex-m4", "vfma.f32 s0, s1, s2", 3),
        ("cortex-m4", "vdiv.f32 s0, s1, s2", 14),
        # A floating-point result that the next instruction reads comes late, but for an accumulator.
        ("cortex-m4", "vadd.f32 s0, s1, s2\nvmul.f32 s3, s0, s4", 3),
        ("cortex-m4", "vadd.f32 s0, s1, s2\nvmul.f32 s3, s5, s4", 2),
        ("cortex-m4", "vadd.f32 s0, s1, s2\nvfma.f32 s0, s3, s4", 1 + 3),
        ("cortex-m4", "vadd.f32 s0, s1, s2\nvstr s0, [r1]", 1 + 3),
        ("cortex-m4", "vadd.f32 s0, s1, s2\nvcmpe.f32 s0, s1", 3),
        ("cortex-m4", "vmov r0, s1", 2),
        ("cortex-m4", "vmov.f32 s0, s1", 1),
        ("cortex-m4", "vmov.32 d0[0], r1", 1),
        ("cortex-m4", "vmov r0, r1, d0", 2),
        ("cortex-m4", "vldr d0, [r1]", 3),
        ("cortex-m4", "vldr s0, [r1]\nvldr s1, [r1, #4]", 3),
        ("cortex-m0", "push {r4, r5, lr}", 4),
        ("cortex-m0", "b 10", 1),
    ),
)
def test_straight_code(target, text, expected):
    assert cycles(target, text) == expected
    assert cycles(target, text, count=7) == 7 * expected


@pytest.mark.parametrize(
    ("target", "text", "expected"),
    (
        ("cortex-m0", "bne 10", 3),
        ("cortex-m0plus", "bne.n 10", 2),
        ("cortex-m4", "bls.n 10", 3),
        ("cortex-m4", "blt 10", 3),
        ("cortex-m4", "cbnz r0, 10", 3),
        ("cortex-m0", "bl 10", 4),
        ("cortex-m0plus", "bl 10", 3),
        ("cortex-m4", "bl 10", 3),
        ("cortex-m0", "bx lr", 3),
        ("cortex-m4", "tbb [pc, r0]", 5),
        ("cortex-m0", "mov pc, r3", 3),
        ("cortex-m0plus", "mov pc, r3", 2),
        ("cortex-m4", "mov pc, r3", 1 + 2),
        ("cortex-m0", "pop {r4, pc}", 4 + 2),
        ("cortex-m0plus", "pop {r4, pc}", 3 + 2),
        ("cortex-m4", "pop {r4, r5, pc}", 1 + 3 + 2),
    ),
)
def test_jumps(target, text, expected):
    assert cycles(target, text, count=1, taken=1) == expected


def test_a_jump_not_taken_takes_one_cycle():
    assert cycles("cortex-m4", "subs r0, #1\nbne 0", count=10, taken=9) == 10 + 9 * 3 + 1
