"""An image as the search for its deepest path wants it: code, functions, and what the C library chooses at start-up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from barecast.cycles.disassembly import disassemble
from barecast.stack.frames import Code
from barecast.toolchain import Image

__all__ = ["Program", "read"]

IRELATIVE = {"EM_ARM": 160, "EM_AARCH64": 1032}
"""The relocations that call a function to learn an address, by machine. Sources: Arm IHI 0044 and IHI 0056."""


@dataclass(frozen=True, eq=False)
class Program:
    """stubs: [start, end) of code that jumps to functions which the C library chose. chosen: all that it may have
    chosen, None if that is not known."""

    code: Code
    stubs: tuple[tuple[int, int], ...]
    chosen: tuple[int, ...] | None


def read(image: Image) -> Program | None:
    """None for machine code that is not looked into."""
    with image.path.open("rb") as file:
        elf = ELFFile(file)
        if elf["e_machine"] not in IRELATIVE:
            return None
        sections = list(elf.iter_sections())
        stubs = tuple((s["sh_addr"], s["sh_addr"] + s["sh_size"]) for s in sections if s.name in (".plt", ".iplt"))
        # Literals are wanted of Thumb code only: others have them at other distances.
        thumb = image.target.profile == "m"
        data = [(s["sh_addr"], s.data()) for s in sections if thumb and s["sh_type"] == "SHT_PROGBITS" and s["sh_size"]]
        code = Code(disassemble(image), _functions(elf), _reader(data))
        return Program(code, stubs, _chosen(code, tuple(_resolvers(elf))))


def _reader(sections: Sequence[tuple[int, bytes]]) -> Callable[[int], int | None]:
    def word(address: int) -> int | None:
        for start, data in sections:
            if start <= address <= start + len(data) - 4:
                return int.from_bytes(data[address - start : address - start + 4], "little")
        return None

    return word


def _functions(elf: ELFFile) -> tuple[tuple[int, int, str], ...]:
    """All functions as (address, bytes, name); those of assembly without a size end where the next one begins."""
    ends = {
        number: section["sh_addr"] + section["sh_size"]
        for number, section in enumerate(elf.iter_sections())
        if section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR
    }
    sized: set[tuple[int, int, str]] = set()
    short: dict[int, tuple[int, str]] = {}
    for symbol in elf.get_section_by_name(".symtab").iter_symbols():
        kind, address, size = symbol["st_info"]["type"], symbol["st_value"], symbol["st_size"]
        if symbol["st_shndx"] not in ends or symbol.name.startswith("$") or kind not in ("STT_FUNC", "STT_NOTYPE"):
            continue
        if kind == "STT_FUNC" and elf["e_machine"] == "EM_ARM":
            address &= ~1
        if size and kind == "STT_FUNC":
            sized.add((address, size, symbol.name))
        else:
            short[address] = ends[symbol["st_shndx"]], symbol.name
    starts = sorted({start for start, _, _ in sized} | short.keys())
    insides = sorted((start, start + size) for start, size, _ in sized)
    for start, (end, name) in short.items():
        before = bisect_right(insides, (start, 1 << 64)) - 1
        if before >= 0 and start < insides[before][1]:
            continue  # a label in a function
        behind = starts[bisect_right(starts, start) :][:1]
        sized.add((start, min(end, *behind) - start if behind else end - start, name))
    return tuple(sorted(sized))


def _resolvers(elf: ELFFile) -> Iterator[int]:
    """Functions of the C library that choose one of several for the core at hand, when the program starts."""
    for name in (".rela.plt", ".rela.iplt", ".rela.dyn"):
        section = elf.get_section_by_name(name)
        for relocation in section.iter_relocations() if section else ():
            if relocation["r_info_type"] == IRELATIVE[elf["e_machine"]] and section.is_RELA():
                yield relocation["r_addend"]


def _chosen(code: Code, resolvers: Sequence[int]) -> tuple[int, ...] | None:
    """All functions that any of them may choose: those whose addresses it computes; None if one computes none."""
    found: set[int] = set()
    for resolver in resolvers:
        mine, pages = set(), {}
        start, end, _ = code.function(resolver) or (0, 0, "")
        for one in (code.instructions[a] for a in range(start, end, 4) if a in code.instructions):
            parts = [part.strip() for part in one.operands.split(",")]
            if one.name == "adrp":
                pages[parts[0]] = int(parts[1].split()[0], 16)
            elif one.name == "add" and len(parts) == 3 and parts[0] == parts[1] in pages and parts[2].startswith("#"):
                mine.add(pages[parts[0]] + int(parts[2][1:], 0))
        starts = {a for a in mine if (f := code.function(a)) is not None and f[0] == a}
        if not starts:
            return None
        found |= starts
    return tuple(sorted(found)) or None
