"""What goes wrong in a running image is told by name, never as wrong numbers."""

from __future__ import annotations

import pytest
from barecast import runners, toolchain
from barecast.errors import ToolError

from tests.boards.tiny_model import samples, usable, write

BARE = ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55")
HOSTED = ("cortex-a7", "cortex-a53", "host")


def _image(tmp_path, name: str, body: str, **more) -> toolchain.Image:
    source = "BC_STEP static void NAME_step_00_bad(uint8_t *arena)\n{\n" + body + "\n}\n"
    folder = write(tmp_path / "bad", source=source, steps=("00_bad",), **more)
    return toolchain.build(folder, usable(name), out=tmp_path / "out")


@pytest.mark.parametrize("name", BARE)
def test_a_fault_is_reported_with_its_place(tmp_path, name):
    image = _image(tmp_path, name, "arena[0] = 1; __builtin_trap();")
    message = r"fault: exception 0x0000000[3-7] at pc 0x[0-9a-f]{8}, lr .*in tiny_step_00_bad"
    with pytest.raises(ToolError, match=message):
        runners.run(image, {"x": samples(1)}, timeout=20)


@pytest.mark.parametrize("name", BARE)
def test_a_stack_overflow_is_reported_as_one(tmp_path, name):
    body = "volatile uint8_t deep[100000]; deep[0] = arena[0]; deep[99999] = 1; arena[1] = deep[0];"
    image = _image(tmp_path, name, body)
    with pytest.raises(ToolError, match="the stack overflowed"):
        runners.run(image, {"x": samples(1)}, timeout=20)


@pytest.mark.parametrize("name", HOSTED)
def test_a_stack_deeper_than_is_measured_is_reported(tmp_path, name):
    body = "volatile uint8_t deep[70000]; for (int i = 0; i < 70000; i++) { deep[i] = arena[0]; } arena[1] = deep[0];"
    with pytest.raises(ToolError, match="fault: the stack overflowed, or is deeper"):
        runners.run(_image(tmp_path, name, body), {"x": samples(1)}, timeout=20)


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33"))
def test_endless_recursion_ends_as_a_stack_overflow(tmp_path, name):
    source = """
    static int NAME_dig(volatile uint8_t *arena)
    {
        volatile uint8_t here[64];
        here[0] = arena[0];
        return NAME_dig(arena) + here[0];
    }
    BC_STEP static void NAME_step_00_dig(uint8_t *arena) { arena[0] = (uint8_t)NAME_dig(arena); }
    """
    target = usable(name)
    folder = write(tmp_path / "deep", source=source, steps=("00_dig",))
    image = toolchain.build(folder, target, out=tmp_path / "out", extra=("-Wno-infinite-recursion",))
    with pytest.raises(ToolError, match="the stack overflowed"):
        runners.run(image, {"x": samples(1)}, timeout=20)


@pytest.mark.parametrize("name", HOSTED)
def test_a_crash_under_an_operating_system_names_the_signal(tmp_path, name):
    image = _image(tmp_path, name, "arena[0] = *(volatile uint8_t *)16;")
    with pytest.raises(ToolError, match="ended by SIGSEGV"):
        runners.run(image, {"x": samples(1)}, timeout=20)


@pytest.mark.parametrize("name", ("cortex-m3", "cortex-a53", "host"))
def test_no_end_is_an_error(tmp_path, name):
    image = _image(tmp_path, name, "while (*(volatile uint8_t *)arena != 77) { }")
    with pytest.raises(ToolError, match="no end after 1 s"):
        runners.run(image, {"x": samples(1)}, timeout=1)


@pytest.mark.parametrize("name", ("cortex-m0", "cortex-m4", "cortex-a53", "host"))
@pytest.mark.parametrize(
    ("place", "inside"), ((32, False), (-1, False), (31, True), (0, True), (95, False), (-64, False))
)
def test_writing_beside_the_arena_is_noticed(tmp_path, name, place, inside):
    image = _image(tmp_path, name, f"*(volatile uint8_t *)(arena + ({place})) ^= 1;")
    assert runners.run(image, {"x": samples(2)}).models[0].guard_ok is inside


@pytest.mark.parametrize("name", ("cortex-m4", "cortex-a53"))
def test_the_arena_is_filled_anew_for_every_sample(tmp_path, name):
    """A model that reads what it never wrote gets the same rubbish each time, not the last sample's data."""
    image = _image(tmp_path, name, "arena[16] = arena[40]; arena[17] = arena[17]; arena[40] = 9;", arena_bytes=48)
    outputs = runners.run(image, {"x": samples(2)}).models[0].outputs["y"]
    assert outputs[0].tolist() == outputs[1].tolist()
    assert outputs[0, 0] not in (0, 9)
