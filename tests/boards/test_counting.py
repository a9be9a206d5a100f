"""Instruction counts are exact: held against loops in assembly that were counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import cycles, runners, targets, toolchain
from barecast.cycles import mca

from tests.boards.tiny_model import samples, usable, write

# Steps in assembly. The loop runs 100 times. The second step calls `shared`, which no step owns.
THUMB = """\
__asm__(".syntax unified\\n.text\\n"
    ".thumb_func\\n.type NAME_step_00_loop, %function\\nNAME_step_00_loop:\\n"
    "movs r1, #100\\n1: subs r1, #1\\nbne 1b\\nbx lr\\n.size NAME_step_00_loop, . - NAME_step_00_loop\\n"
    ".thumb_func\\n.type NAME_step_01_call, %function\\nNAME_step_01_call:\\n"
    "push {r4, lr}\\nbl NAME_shared\\nbl NAME_shared\\npop {r4, pc}\\n.size NAME_step_01_call, . - NAME_step_01_call\\n"
    ".thumb_func\\n.type NAME_shared, %function\\nNAME_shared:\\n"
    "movs r1, #10\\n1: subs r1, #1\\nbne 1b\\nbx lr\\n.size NAME_shared, . - NAME_shared\\n");
void NAME_step_00_loop(uint8_t *arena);
void NAME_step_01_call(uint8_t *arena);
"""
A64 = """\
__asm__(".text\\n"
    ".type NAME_step_00_loop, %function\\nNAME_step_00_loop:\\n"
    "mov x1, #100\\n1: subs x1, x1, #1\\nb.ne 1b\\nret\\n.size NAME_step_00_loop, . - NAME_step_00_loop\\n"
    ".type NAME_step_01_call, %function\\nNAME_step_01_call:\\n"
    "mov x9, x30\\nbl NAME_shared\\nbl NAME_shared\\nret x9\\n.size NAME_step_01_call, . - NAME_step_01_call\\n"
    ".type NAME_shared, %function\\nNAME_shared:\\n"
    "mov x1, #10\\n1: subs x1, x1, #1\\nb.ne 1b\\nret\\n.size NAME_shared, . - NAME_shared\\n");
void NAME_step_00_loop(uint8_t *arena);
void NAME_step_01_call(uint8_t *arena);
"""
STEPS = ("00_loop", "01_call")
LOOP = 1 + 2 * 100 + 1
SHARED = 1 + 2 * 10 + 1
CALL = 4 + 2 * SHARED

BARE = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m33", "cortex-m55")


def _image(tmp_path, name: str) -> toolchain.Image:
    target = usable(name)
    folder = write(tmp_path / "counted", source=A64 if name in ("cortex-a53", "cortex-a76") else THUMB, steps=STEPS)
    return toolchain.build(folder, target, out=tmp_path / "out")


@pytest.mark.parametrize("name", (*BARE, "cortex-a53", "cortex-a76"))
@pytest.mark.parametrize("n", (1, 3))
def test_counts_equal_those_by_hand(tmp_path, name, n):
    result = runners.run(_image(tmp_path, name), {"x": samples(n)}).models[0]
    assert [(step.name, step.instructions) for step in result.steps] == [
        ("tiny_step_00_loop", LOOP),
        ("tiny_step_01_call", CALL),
    ]
    # The two calls in tiny_run, and saving and restoring the return address.
    assert LOOP + CALL + 2 <= result.instructions <= LOOP + CALL + 12


@pytest.mark.parametrize("name", ("cortex-m3", "cortex-a53"))
def test_counts_are_the_same_on_every_run(tmp_path, name):
    image = _image(tmp_path, name)
    first, second = (runners.run(image, {"x": samples(2)}) for _ in range(2))
    ours = [[block for block in result.blocks if block.model == 0] for result in (first, second)]
    assert ours[0] == ours[1]
    assert first.models[0].instructions == second.models[0].instructions


def test_jumps_are_counted_where_they_were_taken(tmp_path):
    result = runners.run(_image(tmp_path, "cortex-m3"), {"x": samples(1)})
    back = [block for block in result.blocks if block.function == "tiny_step_00_loop" and block.count == 99]
    assert [(block.instructions, block.taken) for block in back] == [(2, 98)]


def test_nothing_is_counted_when_not_asked(tmp_path):
    result = runners.run(_image(tmp_path, "cortex-m3"), {"x": samples(1)}, count=False)
    assert result.blocks == ()
    assert result.models[0].instructions is None
    assert [step.instructions for step in result.models[0].steps] == [None, None]


# movs, then 100 times subs, 99 jumps taken and one not, bx.
@pytest.mark.parametrize(
    ("name", "loop"),
    (
        ("cortex-m0", 1 + 100 + 99 * 3 + 1 + 3),
        ("cortex-m0plus", 1 + 100 + 99 * 2 + 1 + 2),
        ("cortex-m3", 1 + 100 + 99 * 3 + 1 + 3),
        ("cortex-m4", 1 + 100 + 99 * 3 + 1 + 3),
    ),
)
def test_estimated_cycles_follow_the_manual(tmp_path, name, loop):
    image = _image(tmp_path, name)
    estimate = cycles.estimate(image, runners.run(image, {"x": samples(4)}))
    assert estimate.steps[0] == loop
    assert estimate.total > sum(estimate.steps)
    assert estimate.model == image.target.timing.model


# Sum and branch share a cycle; M7 and M85 foresee all branches but the last and the way back, M55 takes two more for each.
@pytest.mark.skipif(mca.missing() is not None, reason="llvm-mca is not installed")
@pytest.mark.parametrize(
    ("name", "loop", "back"), (("cortex-m7", 1, 6), ("cortex-m55", 1 + 2, 2), ("cortex-m85", 1, 7))
)
def test_cycles_of_a_core_that_issues_two(tmp_path, name, loop, back):
    image = _image(tmp_path, name)
    estimate = cycles.estimate(image, runners.run(image, {"x": samples(4)}))
    assert 100 * loop < estimate.steps[0] <= 100 * loop + 2 * back + 6  # movs and bx too
    assert estimate.total > sum(estimate.steps)
    assert estimate.model == image.target.pipeline.model


def test_no_cycles_where_nothing_is_known(tmp_path):
    image = _image(tmp_path, "cortex-a7")
    assert cycles.missing(image.target) is None
    assert cycles.estimate(image, runners.run(image, {"x": samples(1)})) is None


def test_no_cycles_without_llvm_mca(tmp_path, monkeypatch):
    monkeypatch.setattr(mca, "program", lambda: None)
    image = _image(tmp_path, "cortex-m55")
    assert cycles.estimate(image, runners.run(image, {"x": samples(1)})) is None
    assert "apt-get install llvm-19" in cycles.missing(image.target)
    assert cycles.missing(targets.load("cortex-m4")) is None


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m4", "cortex-a53", "host"))
def test_stack_is_measured(tmp_path, name):
    source = """
    BC_STEP static void NAME_step_00_deep(uint8_t *arena)
    {
        volatile uint8_t deep[1000];
        for (int i = 0; i < 1000; i++) { deep[i] = arena[0]; }
        arena[1] = deep[999];
    }
    """
    target = usable(name)
    image = toolchain.build(write(tmp_path / "deep", source=source, steps=("00_deep",)), target, out=tmp_path / "out")
    assert 1000 <= runners.run(image, {"x": samples(2)}).models[0].stack_bytes <= 1100


@pytest.mark.parametrize("name", ("cortex-m3", "cortex-a53"))
def test_several_models_in_one_image_are_kept_apart(tmp_path, name):
    target = usable(name)
    folders = [write(tmp_path / f"m{i}", f"model{i}", elements=16 * (i + 1)) for i in range(3)]
    image = toolchain.build(folders, target, out=tmp_path / "out")
    inputs = [{"x": samples(i + 1, 16 * (i + 1))} for i in range(3)]
    together = runners.run(image, inputs)
    for index, folder in enumerate(folders):
        alone = toolchain.build(folder, target, out=tmp_path / f"out{index}")
        one, same = runners.run(alone, inputs[index]).models[0], together.models[index]
        assert (same.name, same.samples, same.instructions) == (one.name, one.samples, one.instructions)
        assert [s.instructions for s in same.steps] == [s.instructions for s in one.steps]
        np.testing.assert_array_equal(same.outputs["y"], one.outputs["y"])
