"""The computed limit of the stack: held against what the compiler says, what a run uses, and frames counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from barecast import boards, runners, stack, toolchain
from barecast.cycles.disassembly import parse
from barecast.errors import InternalError
from barecast.stack import Level, StackBound, objects
from barecast.stack.effects import State, Unread, after
from barecast.stack.frames import Code, walk
from barecast.stack.program import read

from tests.boards.tiny_model import samples, usable, write

CORES = ("cortex-m0", "cortex-m4", "cortex-m55", "cortex-a53")

DEEP = """
typedef void (*leaf)(volatile uint8_t *at);
BC_STEP static void NAME_leaf_a(volatile uint8_t *at) { volatile uint8_t own[100]; own[0] = at[0]; at[1] = own[0]; }
BC_STEP static void NAME_leaf_b(volatile uint8_t *at) { volatile uint8_t own[300]; own[0] = at[0]; at[2] = own[0]; }
BC_STEP static int NAME_switch(int which, int value)
{
    switch (which) {
    case 0: return value * 3;
    case 1: return value + 77;
    case 2: return value / 13;
    case 3: return value ^ 0x55;
    case 4: return value - 1000;
    case 5: return value % 7;
    case 6: return -value;
    default: return value;
    }
}
BC_STEP static void NAME_large(volatile uint8_t *at)
{
    volatile uint8_t own[9000];
    own[0] = at[0];
    at[0] = (uint8_t)(own[0] + NAME_switch(at[3] & 7, at[4]));
    if (at[0] > 7) { NAME_leaf_a(own); } else { NAME_leaf_a(at); }
}
BC_STEP static void NAME_step_00_deep(uint8_t *arena)
{
    static const leaf leaves[2] = { NAME_leaf_a, NAME_leaf_b };
    NAME_large(arena);
    leaves[arena[5] & 1](arena);
}
"""
"""A frame whose size fits into no instruction, a switch, calls by pointers, divisions by libgcc."""

TILES = """
__attribute__((naked, noinline)) static void NAME_tile(void)
{
    __asm__ volatile(".syntax unified\\npush {r4-r7, lr}\\nbl NAME_inner\\nsub sp, #40\\nbl 1f\\n"
                     "add sp, #40\\npop {r4-r7, pc}\\n1: push {r0-r3}\\nadd sp, #16\\nbx lr\\n");
}
__attribute__((naked, noinline, used)) static void NAME_inner(void)
{
    __asm__ volatile("push {r0-r3}\\nadd sp, #16\\nbx lr\\n");
}
BC_STEP static void NAME_step_00_tiles(uint8_t *arena)
{
    __asm__ volatile("bl %c0" : : "i"(NAME_tile), "r"(arena) : "r0", "r1", "r2", "r3", "r12", "lr", "memory", "cc");
}
"""
"""Functions in assembly: the tile has 20 bytes, then 40 more, and 16 of what it calls."""

UNKNOWN = {
    "recursion": (
        "BC_STEP static int NAME_down(int n)\n"
        "{ volatile int a = n; return n < 2 ? 1 : NAME_down(a - 1) + NAME_down(n - 2); }\n"
        "BC_STEP static void NAME_step_00_x(uint8_t *arena) { arena[16] = (uint8_t)NAME_down(arena[0] & 3); }\n",
        "recursion: tiny_down -> tiny_down",
    ),
    "pointer": (
        "BC_STEP static void NAME_step_00_x(uint8_t *arena) { if (arena[1] == 77) { (*(void (**)(void))(arena + 32))(); } }\n",
        "tiny_step_00_x calls through a pointer to what is not known",
    ),
    "data": (
        "BC_STEP static void NAME_step_00_x(uint8_t *arena)\n"
        "{ volatile uint8_t *at = __builtin_alloca(arena[0] + 1u); at[arena[0]] = 1; arena[16] = at[0]; }\n",
        "moves the stack pointer by what is not a constant",
    ),
}


def built(tmp_path: Path, name: str, source: str, step: str) -> toolchain.Image:
    target = usable(name)
    return toolchain.build(write(tmp_path / "model", source=source, steps=(step,)), target, out=tmp_path / "out")


@pytest.mark.parametrize("name", CORES)
def test_the_limit_is_what_the_frames_say_and_no_run_exceeds_it(tmp_path, name):
    target, folder = usable(name), write(tmp_path / "model", source=DEEP, steps=("00_deep",))
    board = boards.load(target.boards[-1]) if target.boards else None
    image = toolchain.build(folder, target, board, out=tmp_path / "out")
    limit, frames = stack.bound(image), objects.usage(image.objects)
    used = runners.run(image, {"x": samples(4)}, count=False).models[0].stack_bytes
    assert limit.unknown == () and 9100 < used <= limit.bytes <= used + 64
    path = [level.function for level in limit.path]
    assert path == ["tiny_run", "tiny_step_00_deep", "tiny_large", "tiny_leaf_a"]
    assert sum(frames[function][0] for function in path) - 16 <= limit.bytes <= sum(frames[function][0] for function in path)
    assert limit.path[-1].bytes == frames["tiny_leaf_a"][0] >= 100
    # Of every function in C, the frame in its machine code is what the compiler says.
    code = read(image).code
    found = {label: walk(code, start).depth for start, _, label in code.functions if label in frames}
    assert found == {label: frames[label][0] for label in found} and len(found) >= 6


@pytest.mark.parametrize("name", CORES)
def test_calls_by_pointers_count_as_calls_of_all_that_have_one(tmp_path, name):
    source = DEEP.replace("    NAME_large(arena);\n", "")
    image = built(tmp_path, name, source, "00_deep")
    limit = stack.bound(image)
    assert {"tiny_leaf_a", "tiny_leaf_b"} <= objects.pointed_to(image.objects)
    assert limit.unknown == () and limit.path[-1].function == "tiny_leaf_b" and 300 < limit.bytes < 400


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m4"))
def test_functions_in_assembly_are_read(tmp_path, name):
    image = built(tmp_path, name, TILES, "00_tiles")
    limit, frames = stack.bound(image), objects.usage(image.objects)
    assert limit.path[2] == Level("tiny_tile", 60) and limit.path[3].bytes == 16
    assert limit.bytes == sum(frames[f"tiny_{part}"][0] for part in ("run", "step_00_tiles")) + 20 + 40 + 16


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m4", "cortex-a53"))
@pytest.mark.parametrize("case", UNKNOWN)
def test_what_cannot_be_followed_is_named(tmp_path, name, case):
    source, said = UNKNOWN[case]
    limit = stack.bound(built(tmp_path, name, source, "00_x"))
    assert limit.bytes is None and limit.path == () and any(said in reason for reason in limit.unknown), limit.unknown


def test_a_run_beyond_the_limit_is_an_error():
    stack.check(StackBound(100), 100, "kws_run")
    stack.check(StackBound(None, unknown=("recursion",)), 1000, "kws_run")
    with pytest.raises(InternalError, match="kws_run used 104 bytes of stack, more than the 100"):
        stack.check(StackBound(100), 104, "kws_run")


def test_there_is_no_limit_where_the_machine_code_is_not_read(tmp_path):
    limit = stack.bound(built(tmp_path, "host", DEEP, "00_deep"))
    assert limit.bytes is None and "host" in limit.unknown[0]


def depth_after(text: str) -> State:
    state = State()
    for one in parse("\n".join(f"   {4 * i:x}:\t{line}" for i, line in enumerate(text.split("; ")))).values():
        state = after(state, one, lambda address: 0xFFFFFF00)
    return state


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("push {r4, r5, r6, r7, lr}", 20),
        ("push {r4, lr}; vpush {d8-d15}; sub sp, sp, #4", 76),
        ("push {r7, lr}; mov r7, sp; sub sp, #100; mov sp, r7; pop {r7}", 4),
        ("stmdb sp!, {r4, r5, lr}; ldmia.w sp!, {r4}", 8),
        ("str.w lr, [sp, #-8]!", 8),
        ("sub sp, #8; ldr.w lr, [sp], #4", 4),
        ("ldr r4, [pc, #8]; add sp, r4", 256),
        ("movw r3, #4660; movt r3, #1; sub.w sp, sp, r3", 0x11234),
        ("stp x29, x30, [sp, #-48]!; mov x29, sp; sub sp, sp, #0x1, lsl #12; mov sp, x29; ldp x29, x30, [sp], #16", 32),
        ("mov x12, #0x2710 // #10000; sub sp, sp, x12", 10000),
        ("movs r3, #200; lsls r3, r3, #2; negs r3, r3; add sp, r3", 800),
    ],
)
def test_instructions_that_move_the_stack_pointer(text, depth):
    assert depth_after(text).depth == depth


@pytest.mark.parametrize(
    "text",
    ["sub.w sp, sp, r3", "mov sp, r7", "addne sp, #8", "pop {r4}", "and.w sp, r3, #8", "mov r7, sp; ldr r7, [r0]; mov sp, r7"],
)
def test_instructions_that_are_refused(text):
    with pytest.raises(Unread):
        depth_after(text)


@pytest.mark.parametrize(
    ("text", "depth", "calls"),
    [
        # Too far for a branch of Armv6-M: `bl` is a jump to where the function returns.
        ("0: push {r4, lr}; 2: sub sp, #8; 4: bl 20; 8: movs r0, #0; a: b.n 4; 20: add sp, #8; 22: pop {r4, pc}", 16, []),
        ("0: push {lr}; 2: bl 8; 6: pop {pc}; 8: push {r0, r1}; a: add sp, #8; c: bx lr", 4, [(8, 4)]),
    ],
)
def test_a_call_within_a_function_is_told_from_a_jump(text, depth, calls):
    instructions = parse(text.replace("; ", "\n").replace(": ", ":\t"))
    frame = walk(Code(instructions, [(0, max(instructions) + 2, "f")], lambda address: None), 0)
    assert (frame.depth, [(call.target, call.depth) for call in frame.calls]) == (depth, calls)
