"""Boards that people own: the demo's network links within their memories, and what boots them is where they look for it."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from barecast import boards, pipeline, resources, runners, targets, toolchain
from barecast.boards import IMAGE_FILES, Board
from barecast.errors import InternalError, ToolError, UsageError
from barecast.options import Options
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from tests.boards.test_regions import an547, load
from tests.boards.tiny_model import expected, samples, usable, write

DEMO = Path(__file__).parents[2] / "models/digits/digits_int8.onnx"
OWNED = [name for name in boards.names() if boards.load(name).is_real]

WHERE = {
    "arduino-nano-33-ble": 0x10000,
    "ek-ra8m1": 0x02000000,
    "microbit": 0,
    "netduinoplus2": 0x08000000,
    "nrf52840dk": 0,
    "nrf5340dk": 0,
    "nucleo-f446re": 0x08000000,
    "nucleo-h743zi": 0x08000000,
    "nucleo-l4r5zi": 0x08000000,
    "nucleo-u575zi-q": 0x08000000,
    "raspberry-pi-pico": 0x10000100,
    "raspberry-pi-pico-ram": 0x20000100,
    "raspberry-pi-pico2": 0x10000000,
}
"""Where the core, the boot ROM or the boot loader wants the vector table."""


def test_there_are_these():
    assert set(OWNED) == {*WHERE, "raspberry-pi-3", "raspberry-pi-4"}


@pytest.mark.parametrize("name", OWNED)
def test_the_demo_links_within_the_board(tmp_path, name):
    board = boards.load(name)
    compiled = pipeline.compile_model(DEMO, usable(board.target), Options(), board=board)
    folder = compiled.tree.write(tmp_path / "source")
    image = toolchain.build(folder, compiled.target, board, out=tmp_path / "build")
    toolchain.copy_image(image, tmp_path)
    made = {kind for kind, file in IMAGE_FILES.items() if (tmp_path / file).exists()}
    assert all(kind in made for kind in IMAGE_FILES for _, line in (*board.flash, *board.run) if f"{{{kind}}}" in line)
    with image.path.open("rb") as file:
        elf = ELFFile(file)
        if board.is_linux:
            assert (elf["e_machine"], elf["e_type"], made) == ("EM_AARCH64", "ET_EXEC", {"elf"})
            return
        _lies_within(elf, board)
        _boots(elf, board, (tmp_path / IMAGE_FILES["bin"]).read_bytes())


def _lies_within(elf: ELFFile, board: Board) -> None:
    """Every section that takes memory, where it runs and where it is loaded."""
    spans = [(region.origin, region.origin + region.length) for region in board.regions]
    taken = [s for s in elf.iter_sections() if s["sh_flags"] & SH_FLAGS.SHF_ALLOC and s["sh_size"]]
    assert {".text", ".bc_stack"} <= {section.name for section in taken}
    for section in taken:
        begin, end = section["sh_addr"], section["sh_addr"] + section["sh_size"]
        assert any(low <= begin and end <= high for low, high in spans), section.name
    loaded = [s for s in elf.iter_segments() if s["p_type"] == "PT_LOAD" and s["p_filesz"]]
    flash = [(r.origin, r.origin + r.length) for r in board.regions if r.kind == "flash"]
    for segment in loaded:
        begin, end = segment["p_paddr"], segment["p_paddr"] + segment["p_filesz"]
        assert any(low <= begin and end <= high for low, high in flash), hex(begin)


def _boots(elf: ELFFile, board: Board, binary: bytes) -> None:
    """The vector table, what precedes and follows it, and that the first byte of image.bin is the first of the memory."""
    symbols = elf.get_section_by_name(".symtab")

    def address(name: str) -> int:
        return symbols.get_symbol_by_name(name)[0]["st_value"]

    origin, table = board.region(board.places[0].code).origin, WHERE[board.name]
    assert address("bc_board_vector_table") == table and table % 128 == 0
    stack, reset = struct.unpack_from("<II", binary, table - origin)
    assert stack == address("bc_board_handler_stack_top") and stack % 8 == 0
    assert reset == address("bc_board_reset") | 1
    words = struct.unpack_from(f"<{len(board.boot_words)}I", binary, table - origin + 64)
    assert words == board.boot_words
    starts = elf.get_section_by_name(".bc_starts")
    found = tuple(struct.iter_unpack("<II", starts.data())) if starts is not None else ()
    assert found == board.start
    if board.boot_stage:
        *code, crc = struct.unpack_from("<64I", binary)
        assert tuple(code[: len(board.boot_stage)]) == board.boot_stage and crc == boards._crc32(binary[:252])
        assert struct.pack("<II", table, 0xE000ED08) in binary[:252], "VTOR is not set"
        assert elf["e_entry"] == reset and table == origin + 256
    elif board.entry == "code":
        assert elf["e_entry"] == address("bc_board_entry") | 1 == origin | 1
        assert struct.pack("<II", table, 0xE000ED08) in binary[: table - origin], "VTOR is not set"
    else:
        assert elf["e_entry"] == reset and origin == table


def test_particulars():
    """What is easily lost in a change of the files."""
    assert boards.load("raspberry-pi-pico2").boot_words == (0xFFFFDED3, 0x10210142, 0x1FF, 0, 0xAB123579)
    assert boards.load("raspberry-pi-pico-ram").entry == "code"
    assert boards._crc32(b"123456789") == 0x0376E6E7, "CRC-32/MPEG-2"
    assert boards.load("arduino-nano-33-ble").start == boards.load("nrf52840dk").start
    assert boards.load("nucleo-h743zi").start == ((0x580244DC, 7 << 29),)
    assert boards.load("nrf52840dk").start == ((0x40000558, 0x5A),)
    assert boards.load("nrf5340dk").start == ((0x50006544, 0x50FA50FA), (0x5000654C, 0x50FA50FA))
    assert {boards.load(f"raspberry-pi-{n}").is_linux for n in (3, 4)} == {True}
    assert all(boards.load(name).source.count(":") for name in OWNED)


def test_start_up_sets_bits_of_registers(tmp_path):
    """Nothing is at that address: the fault names it."""
    text = an547(400000, 400000).replace("[memory", "start = [[0x18000000, 1]]\nboot_words = [1, 2]\n[memory", 1)
    board = load(tmp_path, text)
    image = toolchain.build(write(tmp_path / "tiny"), usable(board.target), board, out=tmp_path / "out")
    with pytest.raises(ToolError, match="BFAR 0x18000000.*in bc_harness_start"):
        runners.run(image, {"x": samples(1)}, count=False)


def test_an_image_is_entered_by_a_jump(tmp_path):
    """QEMU's loader does as a boot ROM: it puts the image into RAM and the entry's address into the program counter, and
    reads no vector table. Memories and core are raspberry-pi-pico-ram's, which this machine has too."""
    text = resources.text("boards", "raspberry-pi-pico-ram/board.toml")
    board = load(tmp_path, text.replace("stack_bytes", 'machine = "mps2-an385"\nstack_bytes'))
    image = toolchain.build(write(tmp_path / "tiny"), usable(board.target), board, out=tmp_path / "out")
    x = samples(1)
    runners.write_request(image, {"x": x}, tmp_path)
    line = "qemu-system-arm -M mps2-an385 -display none -monitor none -serial none -semihosting-config enable=on,target=native"
    line = [*line.split(), "-device", f"loader,file={image.path},cpu-num=0"]
    subprocess.run(line, cwd=tmp_path, check=True, timeout=60)
    answer = (tmp_path / "response.bin").read_bytes()
    assert answer[12:] == expected(x).tobytes(), "behind three words of the harness"


BEHIND_THE_STAGE = """
typedef unsigned int word;
static word call(word number, const void *argument)
{
    register word r0 __asm__("r0") = number;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}
void done(void)
{
    volatile word *const found = (volatile word *)0x20201000;
    word stack;
    __asm__ volatile("mrs %0, msp" : "=r"(stack));
    found[0] = *(volatile word *)0xE000ED08;
    found[1] = stack;
    for (word i = 0; i < 64; i++) found[2 + i] = ((volatile word *)0x20200000)[i];
    const word open[3] = { (word)"found.bin", 5, 9 }; /* wb */
    const word bytes[3] = { call(1, open), 0x20201000, 4 * 66 };
    call(5, bytes);
    call(0x18, (const void *)0x20026);
}
__attribute__((section(".table"), used)) static void *const table[2] = { (void *)0x20042000, (void *)done };
"""


def test_the_boot_stage_maps_the_flash_and_enters_the_image(tmp_path):
    """raspberry-pi-pico's, on another machine: RAM stands for the SSI's registers, whose values are those of the datasheet,
    and its code is where the machine has memory."""
    stage = struct.pack("<64I", *boards.load("raspberry-pi-pico").first_words)
    for there, here in ((0x18000000, 0x20200000), (0x10000100, 0x400)):
        assert stage.count(struct.pack("<I", there)) == 1
        stage = stage.replace(struct.pack("<I", there), struct.pack("<I", here))
    (tmp_path / "stage.bin").write_bytes(stage)
    (tmp_path / "behind.c").write_text(BEHIND_THE_STAGE)
    places = "-Wl,-n,-e,done,--section-start=.table=0x400,-Ttext=0x800,--section-start=.rodata=0x1000"
    options = ["-mcpu=cortex-m0plus", "-mthumb", "-Os", "-nostdlib", "-ffreestanding", places]
    subprocess.run(["arm-none-eabi-gcc", *options, "behind.c", "-o", "behind.elf"], cwd=tmp_path, check=True)
    line = "qemu-system-arm -M mps2-an385 -display none -monitor none -serial none -semihosting-config enable=on,target=native"
    loads = ("file=behind.elf", "file=stage.bin,addr=0x200,force-raw=on", "addr=0x201,cpu-num=0")
    line = [*line.split(), *(word for load in loads for word in ("-device", f"loader,{load}"))]
    subprocess.run(line, cwd=tmp_path, check=True, timeout=60)
    vectors, stack, *registers = struct.unpack("<66I", (tmp_path / "found.bin").read_bytes())
    assert vectors == 0x400 and 0x20042000 - 256 < stack <= 0x20042000
    ctrlr0 = 0 << 21 | 31 << 16 | 3 << 8  # SPI_FRF: standard, DFS_32: 32 bits, TMOD: EEPROM read
    spi_ctrlr0 = 0x03 << 24 | 2 << 8 | 6 << 2  # XIP_CMD: read, INST_L: 8 bits, ADDR_L: 6 * 4 bits
    wanted = {0x00: ctrlr0, 0x08: 1, 0x14: 4, 0xF4: spi_ctrlr0}
    assert {4 * index: value for index, value in enumerate(registers) if value} == wanted


@pytest.mark.parametrize(
    ("line", "message"),
    (
        ('entry = "reset"', "entry is reset, none of vectors, code"),
        ("boot_words = [4294967296]", "numbers of 32 bits"),
        (f"boot_stage = {[0] * 64}", "up to 63 words"),
        ('boot_stage = [0]\nentry = "code"', "entry is vectors with it"),
        ("start = [[-1, 1]]", "numbers of 32 bits"),
        ("start = [[1]]", "does not describe a board"),
    ),
)
def test_a_board_that_cannot_boot_is_refused(tmp_path, line, message):
    with pytest.raises(UsageError, match=message):
        load(tmp_path, an547(9000, 9000).replace("[memory", f"{line}\n[memory", 1))


def test_a_command_that_names_something_else_is_refused(tmp_path):
    with pytest.raises(UsageError, match="the command of dfu may name {elf}, {hex}, {bin}"):
        load(tmp_path, an547(9000, 9000) + '\n[flash]\ndfu = "dfu-util -D {uf2}"\n')


def test_a_microcontroller_without_memories_is_refused():
    with pytest.raises(InternalError, match="a board of a cortex-m4 needs memories and a place"):
        boards._check(Board("odd", "", "cortex-m4", "", 1024, (), ()))


def test_a_board_under_linux_runs_its_own_target_only(tmp_path):
    with pytest.raises(UsageError, match="board raspberry-pi-3 is not one for target cortex-a72"):
        toolchain.build(
            write(tmp_path / "tiny"), targets.load("cortex-a72"), boards.load("raspberry-pi-3"), out=tmp_path / "out"
        )
