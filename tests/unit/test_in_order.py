"""Cycles of cores that issue two instructions: the reader of llvm-mca, how blocks run, and llvm-mca itself."""

from __future__ import annotations

import json

import pytest
from barecast import targets
from barecast.cycles import in_order, mca
from barecast.cycles.dialect import A64, THUMB
from barecast.cycles.disassembly import Instruction, parse
from barecast.cycles.in_order import Core, Traits, code_cycles, issued, loop_cycles
from barecast.runners.counting import Block
from barecast.targets import Pipeline

# Recorded from llvm-mca 19.1.7 for cortex-m85, what is not read left out: a product and a load that is delayed although
# nothing holds it up, a product and its reader, and a piece of which one instruction was refused.
PIECES = (
    ("vmladava.s8 r0, q0, q1", "vldrb.u8 q2, [r1], #16"),
    ("vmladava.s8 r0, q0, q1", "add.w r3, r0, r2"),
    ("mov r0, r1", "it ne"),
)
RECORDED = r"""
{"CodeRegions": [
 {"DispatchStatistics": {"GROUP": 0, "RAT": 0},
  "InstructionInfoView": {"InstructionList": [{"Latency": 4, "NumMicroOpcodes": 1}, {"Latency": 2, "NumMicroOpcodes": 1}]},
  "Instructions": ["vmlava.s8\tr0, q0, q1", "vldrb.u8\tq2, [r1], #16"], "Name": "0",
  "TimelineView": {"TimelineInfo": [{"CycleIssued": 0}, {"CycleIssued": 3}]}},
 {"DispatchStatistics": {"GROUP": 0, "RAT": 3},
  "InstructionInfoView": {"InstructionList": [{"Latency": 4, "NumMicroOpcodes": 1}, {"Latency": 1, "NumMicroOpcodes": 1}]},
  "Instructions": ["vmlava.s8\tr0, q0, q1", "add.w\tr3, r0, r2"], "Name": "1",
  "TimelineView": {"TimelineInfo": [{"CycleIssued": 0}, {"CycleIssued": 4}]}},
 {"DispatchStatistics": {"GROUP": 0, "RAT": 0},
  "InstructionInfoView": {"InstructionList": [{"Latency": 1, "NumMicroOpcodes": 1}]},
  "Instructions": ["mov\tr0, r1"], "Name": "2", "TimelineView": {"TimelineInfo": [{"CycleIssued": 0}]}}
]}
"""

needs_llvm = pytest.mark.skipif(mca.missing() is not None, reason="llvm-mca is not installed")


def test_what_llvm_mca_writes_is_read():
    found = mca.read(RECORDED, PIECES)
    assert found[PIECES[0]] == mca.Piece((4, 2), (1, 1), (0, 3), 0, 0)
    assert found[PIECES[1]] == mca.Piece((4, 1), (1, 1), (0, 4), 3, 0)
    assert PIECES[2] not in found


def test_output_of_another_form_is_no_silence():
    with pytest.raises((KeyError, json.JSONDecodeError)):
        mca.read("{}", PIECES)


shape = THUMB.shape

# a and b may share a cycle; b waits two cycles for a; s is always alone; n takes no slot.
CORE = Core(
    {
        "a": Traits("a", first=True, second=True),
        "b": Traits("b", first=True, second=True),
        "s": Traits("s"),
        "n": Traits("n", uops=0),
    },
    {shape("a", "b"): 2},
)


@pytest.mark.parametrize(
    ("code", "cycles"),
    (
        ("aa", [0, 0]),
        ("aaa", [0, 0, 1]),
        ("ab", [0, 2]),
        ("aab", [0, 0, 2]),
        ("bab", [0, 0, 2]),
        ("ba", [0, 0]),
        ("asa", [0, 1, 2]),
        ("ss", [0, 1]),
        ("ana", [0, 0, 0]),
        ("aaaa", [0, 0, 1, 1]),
        ("assssb", [0, 1, 2, 3, 4, 5]),
    ),
)
def test_two_instructions_in_a_cycle_and_no_later_one_before(code, cycles):
    assert issued(CORE, list(code)) == cycles
    assert code_cycles(CORE, list(code)) == cycles[-1] + 1


@pytest.mark.parametrize(("code", "cycles"), (("aa", 1), ("s", 1), ("ba", 2), ("ab", 2), ("bsa", 4), ("", 0)))
def test_a_loop_waits_for_its_last_round(code, cycles):
    assert loop_cycles(CORE, list(code)) == cycles


def test_equal_shapes_are_equal_questions():
    assert shape("add r0, r1, #4", "ldr r2, [r0]") == shape("add r5, r3, #0x10", "ldr r1, [r5]")
    assert shape("add r0, r1, #4", "ldr r2, [r0]") != shape("add r0, r1, #4", "ldr r2, [r3]")
    assert shape("mov r0, r1") != shape("mov r0, r8")
    # s5 is a half of d2, and both lie in q1.
    assert shape("vadd.f32 s5, s0, s1", "vmov d2, r0, r1") != shape("vadd.f32 s5, s0, s1", "vmov d3, r0, r1")
    assert shape("vmov q1, q2", "vmov s5, r0") == shape("vmov q3, q0", "vmov s13, r4")


def test_aarch64_has_one_register_by_many_names():
    assert A64.shape("fmla v0.4s, v1.4s, v2.s[0]", "str q0, [x1], #16") == A64.shape(
        "fmla v9.4s, v3.4s, v7.s[3]", "str q9, [x0], #32"
    )
    assert A64.shape("add w0, w1, #1", "ldr x2, [x0]") != A64.shape("add w0, w1, #1", "ldr x2, [x3]")
    assert A64.related("ldr q0, [x1]", "fmla v1.4s, v2.4s, v3.4s")
    assert A64.related("ldr x0, [x1]", "str w2, [x3]")
    assert A64.related("mov w4, w5", "add x6, x4, x7")
    assert not A64.related("mov w4, w5", "ldr q4, [x6]")
    assert A64.plain("ldr q0, [x1], #16") == A64.plain("ldr q0, [x1], x2") == "ldr q0, [x1]"


def test_branches_of_aarch64_are_read_and_asked_about_as_jumps():
    text = "  400a10:      \tb.ne\t0x400a00 <f+0x20>\n  400a14:      \ttbz\tw0, #0x3, 0x400a20 <f+0x40>\n  400a18:      \tret\n"
    back, test, done = parse(text).values()
    assert (back.branch, back.conditional, back.target) == ("b", True, 0x400A00)
    assert (test.branch, test.conditional, test.target) == ("tbz", True, 0x400A20)
    assert (done.branch, done.conditional, done.target) == ("ret", False, None)
    assert [form for text in ("b.ne #20", "cbz x0, #20", "bl #20", "blr x3") for form in A64.forms(text)] == [
        *["b #0x20"] * 3,
        "br x3",
    ]


def pipeline(**changes) -> Pipeline:
    return Pipeline(
        **{"model": "m", "source": "s", "cpu": "c", "triple": "t", "taken": 2, "mispredicted": 10} | changes
    )


def run(text: str, count: int, taken: int, monkeypatch, **changes) -> int:
    """Cycles of a block at 0x10 on a core that issues one instruction in a cycle."""
    code = parse(text)
    end = max(code) + 2
    monkeypatch.setattr(in_order, "examine", lambda _, blocks: Core({t: Traits(t) for b in blocks for t in b}, {}))
    (found,) = in_order.spent(code, [Block(0x10, end, len(code), 0, "f", count, taken)], pipeline(**changes))
    return found


@pytest.mark.parametrize(
    ("last", "count", "taken", "jumps"),
    (
        ("bne\t0x10 <f>", 100, 99, 99 * 2 + 1 * 10),
        ("bne\t0x80 <g>", 100, 30, 30 * 2 + 30 * 10),
        ("cbz\tr1, 0x80", 10, 9, 9 * 2 + 10),
        ("b\t0x10 <f>", 100, 100, 100 * 2),
        ("bl\t0x80 <g>", 100, 100, 100 * 2),
        ("bx\tlr", 100, 100, 100 * 12),
        ("pop\t{r4, pc}", 100, 100, 100 * 12),
        ("bne\t0x80", 100, 0, 0),
        ("adds\tr0, r1", 100, 0, 0),
    ),
)
def test_jumps(last, count, taken, jumps, monkeypatch):
    text = f"      10:      \tadds\tr0, #1\n      12:      \t{last}\n"
    assert run(text, count, taken, monkeypatch) == 2 * count + jumps


def test_low_overhead_loops_are_free_but_once(monkeypatch):
    text = "      10:      \tvldrb.u8\tq0, [r1], #16\n      14:      \tletp\tlr, 0x10 <f>\n"
    assert run(text, 100, 98, monkeypatch) == 100 + 2 * (1 + 2)


def test_it_is_free_and_a_list_of_registers_moves_two_words_in_a_cycle(monkeypatch):
    assert run("      10:      \tit\tne\n      12:      \tmovne\tr0, r1\n", 10, 0, monkeypatch) == 10
    assert run("      10:      \tpush.w\t{r4, r5, r6, r7, lr}\n", 10, 0, monkeypatch) == 30
    assert run("      10:      \tvpush\t{d8, d9, d10}\n", 10, 0, monkeypatch) == 30


def test_code_that_was_not_found_costs_nothing(monkeypatch):
    assert in_order.spent({}, [Block(0x10, 0x12, 1, 0, "f", 5, 0)], targets.load("cortex-m7").pipeline) == [0]


MVE_LOOP = """vaddva.s8 r0, q0
vldrb.u8 q1, [r1], #16
vmlava.s8 r2, q0, q1
vldrb.u8 q2, [r3], #16
vmlava.s8 r4, q0, q2
vldrb.u8 q0, [r9], #16"""


@needs_llvm
@pytest.mark.parametrize(
    ("name", "code", "cycles"),
    (
        # Two that need nothing of each other, with flags or with a new address, though llvm-mca delays them.
        ("cortex-m7", "adds r0, r1, r2\nadds r3, r4, r5", [0, 0]),
        ("cortex-m7", "smlad r0, r1, r2, r0\nldr r3, [r4], #4", [0, 0]),
        ("cortex-m7", "vfma.f32 s0, s1, s2\nldr r3, [r4]", [0, 0]),
        # Both want the multiplier; both want the result; ldrd goes alone.
        ("cortex-m7", "smlad r0, r1, r2, r0\nsmlad r3, r4, r5, r3", [0, 1]),
        ("cortex-m7", "adds r0, r1, r2\nadds r3, r0, r5", [0, 1]),
        ("cortex-m7", "ldrd r0, r1, [r2]\nadds r3, r4, r5", [0, 1]),
        # 16-bit instructions go in pairs, others do not.
        ("cortex-m55", "adds r0, r1, r2\nmovs r3, #1", [0, 0]),
        ("cortex-m55", "smlad r0, r1, r2, r0\nmovs r3, #1", [0, 1]),
        ("cortex-m55", "vldrb.u8 q0, [r0]\nvldrb.u8 q1, [r1]\nvldrb.u8 q2, [r2]", [0, 2, 4]),
        # In an IT or VPT block; and what the model does not know: a cycle of its own.
        ("cortex-m55", "addne r0, r1\nvldrbt.u8 q0, [r1]\nvpst\ndls lr, r3", [0, 1, 2, 3]),
        ("cortex-m85", "vmlava.s8 r0, q0, q1\nadd.w r3, r0, r2", [0, 4]),
        # A product and a load share a cycle, two products do not, and the jump does not wait for the flags.
        ("cortex-a53", "fmla v0.4s, v1.4s, v2.4s\nldr q3, [x0]\nfmla v4.4s, v1.4s, v2.4s", [0, 0, 1]),
        ("cortex-a53", "ldr q3, [x0]\nfmla v4.4s, v3.4s, v2.4s", [0, 4]),
        ("cortex-a53", "subs x0, x0, #1\nb.ne #20", [0, 0]),
    ),
)
def test_llvm_mca_knows_the_cores(name, code, cycles):
    lines = code.splitlines()
    core = in_order.examine(targets.load(name).pipeline, [lines])
    assert issued(core, lines) == cycles


@needs_llvm
def test_code_of_which_nothing_is_known_takes_a_cycle_each():
    pipeline_of = targets.load("cortex-m55").pipeline
    assert mca.simulate(pipeline_of, [("dls lr, r3",), ("no such thing",)]) == mca.simulate(pipeline_of, []) == {}
    assert code_cycles(in_order.examine(pipeline_of, [["dls lr, r3", "vpst"]]), ["dls lr, r3", "vpst"]) == 2


@needs_llvm
@pytest.mark.parametrize("name", ("cortex-m55", "cortex-m85"))
def test_products_and_loads_overlap(name):
    """Each takes its unit for two cycles; llvm-mca's own simulation of cortex-m85 makes 12 of it."""
    lines = MVE_LOOP.splitlines()
    assert loop_cycles(in_order.examine(targets.load(name).pipeline, [lines]), lines) == 6


@needs_llvm
@pytest.mark.parametrize("name", ("cortex-m7", "cortex-m55", "cortex-m85"))
def test_no_more_cycles_than_llvm_mca_counts_itself(name):
    """It knows of the same waits, and of one more: that of results for those of older instructions."""
    scalar = []
    for i in range(5):
        scalar += [f"ldr r{i % 4}, [r{4 + i % 3}, #{4 * i}]", f"mla r{i % 4}, r{i % 4}, r7, r8"]
        scalar += [f"adds r{4 + i % 3}, r{i % 4}, #1", f"str r7, [r{i % 4}]"]
    lines = "\n".join(scalar if name == "cortex-m7" else [*scalar, MVE_LOOP]).splitlines()
    pipeline_of = targets.load(name).pipeline
    core = in_order.examine(pipeline_of, [lines])
    assert [core.traits[line].form for line in lines] == lines
    whole = mca.simulate(pipeline_of, [lines])[tuple(lines)].issued[-1] + 1
    assert 0.5 * whole < code_cycles(core, lines) <= whole


@pytest.mark.parametrize(
    ("programs", "found"),
    (
        ({"llvm-mca-19": 19, "llvm-objdump-19": 19, "llvm-mca": 21, "llvm-objdump": 21}, "llvm-mca-19"),
        ({"llvm-mca": 21, "llvm-objdump": 21}, "llvm-mca"),
        ({"llvm-mca": 14, "llvm-objdump": 14}, None),
        ({"llvm-mca": 21}, None),
        ({}, None),
    ),
)
def test_which_llvm_mca_is_taken(programs, found, tmp_path, monkeypatch):
    for name, version in programs.items():
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho '  LLVM version {version}.1.0'\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert mca.program.__wrapped__() == (str(tmp_path / found) if found else None)


def test_instructions_are_read_from_either_disassembler():
    gnu = "   1000a:\tbne.n\t10006 <f+0x2>\n   1000c:\tldr\tr0, [pc, #4]\t@ (10014 <f+0x10>)\n"
    llvm = "   1000a:      \tbne\t0x10006 <f+0x2>  @ imm = #-0x8\n   1000c:      \tldr\tr0, [pc, #4]   @ 0x10014\n"
    for text in (gnu, llvm):
        branch, load = parse(text).values()
        assert (branch.branch, branch.conditional, branch.target) == ("b", True, 0x10006)
        assert (load.name, load.operands, load.branch, load.writes_pc) == ("ldr", "r0, [pc, #4]", None, False)
    assert Instruction(0, "pop", "{r4, pc}").writes_pc and Instruction(0, "mov", "pc, r0").writes_pc
