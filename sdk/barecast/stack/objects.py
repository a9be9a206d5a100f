"""What a model's object files tell beside their code: the compiler's -fstack-usage, and whose address is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection

__all__ = ["Usage", "pointed_to", "usage"]

Usage = dict[str, tuple[int, bool]]
"""Function -> (bytes of its frame, whether that is all: not where the frame's size depends on data)."""

CALLS = {
    "EM_ARM": frozenset((10, 28, 29, 30, 51, 102, 103, 136, 137, 138)),
    "EM_AARCH64": frozenset((279, 280, 282, 283)),
}
"""Relocations of calls and jumps. Sources: Arm IHI 0044 and IHI 0056, ELF for the Arm architectures."""

UNWINDING = (".ARM.exidx", ".ARM.extab", ".eh_frame")


def usage(objects: Sequence[Path]) -> Usage:
    """By the function's name; the largest where several objects have one of that name."""
    found: Usage = {}
    for path in (path.with_suffix(".su") for path in objects):
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            place, size, kind = line.rsplit("\t", 2)
            name = place.rpartition(":")[2]
            known, static = found.get(name, (0, True))
            found[name] = max(known, int(size)), static and kind == "static"
    return found


def pointed_to(objects: Sequence[Path]) -> frozenset[str]:
    """Names of the functions of which a pointer can exist, since their address is used other than for a call."""
    return frozenset(name for path in objects for name in _pointed_to(path))


def _pointed_to(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        elf = ELFFile(file)
        calls = CALLS.get(elf["e_machine"], frozenset())
        symbols = elf.get_section_by_name(".symtab")
        functions = {
            (symbol["st_shndx"], symbol["st_value"] & ~1): symbol.name
            for symbol in symbols.iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC"
        }
        for section in elf.iter_sections():
            if not isinstance(section, RelocationSection):
                continue
            home = elf.get_section(section["sh_info"])
            if not home["sh_flags"] & SH_FLAGS.SHF_ALLOC or home.name.startswith(UNWINDING):
                continue
            for relocation in section.iter_relocations():
                if relocation["r_info_type"] in calls:
                    continue
                symbol = symbols.get_symbol(relocation["r_info_sym"])
                kind, place = symbol["st_info"]["type"], symbol["st_shndx"]
                if kind == "STT_FUNC" or (kind == "STT_NOTYPE" and place == "SHN_UNDEF"):
                    yield symbol.name
                elif kind == "STT_SECTION":
                    added = relocation["r_addend"] if section.is_RELA() else _word(home.data(), relocation["r_offset"])
                    if (name := functions.get((place, added & ~1))) is not None:
                        yield name


def _word(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "little")
