"""What differs between the assembly languages of Thumb and AArch64 where llvm-mca is asked about instructions."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cache

from barecast.cycles.disassembly import CONDITIONS, TESTS
from barecast.targets import Pipeline

__all__ = ["A64", "FREE", "THUMB", "Dialect", "of"]

FREE = re.compile(r"le|letp|it[te]{0,3}")
"""Names of instructions that take no slot: the end of a low-overhead loop, and IT, which cores fold into the next."""

NUMBER = re.compile(r"#-?(?:0x)?[0-9a-f.e+-]+")


class Dialect(ABC):
    """An assembly language. comment: what begins a comment that llvm-mca reads."""

    comment: str

    @abstractmethod
    def shape(self, *code: str) -> str:
        """The code with its registers numbered as they come and without its numbers: what has the same shape takes the
        same time."""

    @abstractmethod
    def forms(self, text: str) -> Iterator[str]:
        """Ways to ask about an instruction, the most faithful first."""

    @abstractmethod
    def plain(self, form: str) -> str:
        """The instruction without what it writes beside its result, flags and a new address: llvm-mca has these at
        once, and so delays what writes them in any company."""

    @abstractmethod
    def companions(self, form: str) -> Iterator[str]:
        """Instructions of many kinds that share no register with this one, to find out whether another one can share
        a cycle with it at all."""

    @abstractmethod
    def related(self, older: str, younger: str) -> bool:
        """Whether two that are no neighbours can be in each other's way: by a register, or by a unit."""


class Thumb(Dialect):
    """Armv6-M to Armv8.1-M, with IT and VPT blocks. Low, high and vector registers have different encodings."""

    comment = "@"

    def shape(self, *code: str) -> str:
        return _thumb_shape(code)

    def forms(self, text: str) -> Iterator[str]:
        """In an IT or VPT block an instruction has a suffix with which it cannot stand alone; there it is asked about
        without."""
        mnemonic, _, operands = text.partition(" ")
        name, dot, kind = mnemonic.partition(".")
        if name == "vpst" or FREE.fullmatch(name):
            return  # it changes what may follow, in llvm-mca too
        if name == "vpt":
            name = "vcmp"
        stems = [name]
        if name[-2:] in CONDITIONS:
            stems.append(name[:-2])
        if name.startswith("v") and name[-1:] in ("t", "e"):
            stems.append(name[:-1])
        for stem in stems:
            yield f"{stem}{dot}{kind} {operands}".strip()

    def plain(self, form: str) -> str:
        name, _, operands = form.partition(" ")
        base, dot, kind = name.partition(".")
        operands = re.sub(r"\], #.*$", "]", operands.replace("]!", "]").replace("!, {", ", {"))
        return f"{base.removesuffix('s')}{dot}{kind} {operands}".strip()

    def companions(self, form: str) -> Iterator[str]:
        free = [name for name in (f"r{i}" for i in range(13)) if not re.search(rf"\b{name}\b", form)][:2]
        single = next(name for name in ("s31", "s15", "s0") if not _overlaps(name, form))
        if len(free) == 2:
            a, b = free
            yield from (f"mov {a}, {b}", f"ldr {a}, [{b}]", f"udiv {a}, {b}, {b}")
        yield f"vdiv.f32 {single}, {single}, {single}"

    def related(self, older: str, younger: str) -> bool:
        return older.startswith("v") and younger.startswith("v") or not _core(older).isdisjoint(_core(younger))


class Aarch64(Dialect):
    """AArch64, whose vector registers have as many names as widths: v3.4s, q3, d3, s3, h3 and b3 are one."""

    comment = "#"

    def shape(self, *code: str) -> str:
        return _a64_shape(code)

    def forms(self, text: str) -> Iterator[str]:
        """A branch is asked about as a jump: a foreseen one does not wait for the flags or the register that decide it,
        and llvm-mca adds a hundred cycles to a call for what is called."""
        name, _, operands = text.partition(" ")
        if name in ("b", "bl", *TESTS) or name.startswith("b."):
            name, operands = "b", "#0x20"
        name = {"blr": "br"}.get(name, name)
        if name in ("adr", "adrp"):
            operands = operands.partition(",")[0] + ", #0"
        yield f"{name} {operands}".strip()

    def plain(self, form: str) -> str:
        name, _, operands = form.partition(" ")
        operands = re.sub(r"\], (?:#.*|x\d+)$", "]", operands.replace("]!", "]"))
        return f"{name.removesuffix('s')} {operands}".strip()

    def companions(self, form: str) -> Iterator[str]:
        used = _all(form)
        a, b = [i for i in range(19) if f"r{i}" not in used][:2]
        v = next(i for i in reversed(range(32)) if f"v{i}" not in used)
        yield from (f"mov x{a}, x{b}", f"ldr x{a}, [x{b}]", f"udiv x{a}, x{b}, x{b}", f"fdiv s{v}, s{v}, s{v}")

    def related(self, older: str, younger: str) -> bool:
        one, other = _all(older), _all(younger)
        vectors = any(name[0] == "v" for name in one) and any(name[0] == "v" for name in other)
        return vectors or ("[" in older and "[" in younger) or not one.isdisjoint(other)


THUMB, A64 = Thumb(), Aarch64()


def of(pipeline: Pipeline) -> Dialect:
    """The language of a core's code."""
    return A64 if pipeline.triple.startswith("aarch64") else THUMB


@cache
def _thumb_shape(code: tuple[str, ...]) -> str:
    numbers: dict[str, int] = {}

    def renamed(found: re.Match[str]) -> str:
        kind, number = found[1], int(found[2])
        if kind == "r":
            name, rest = ("low" if number < 8 else "high"), ""
        else:
            name, rest = "v", f"{kind}{number % {'s': 4, 'd': 2, 'q': 1}[kind]}"
            number = _bank(kind, number)
        key = f"{name}{number}"
        return f"{name}{numbers.setdefault(key, len(numbers))}{rest}"

    return re.sub(r"\b([rsdq])(\d+)\b", renamed, NUMBER.sub("#", "\n".join(code)))


@cache
def _a64_shape(code: tuple[str, ...]) -> str:
    numbers: dict[str, int] = {}

    def renamed(found: re.Match[str]) -> str:
        kind, number = found[1], found[2]
        key = number if kind in "xw" else f"v{number}"
        return f"{kind}_{numbers.setdefault(key, len(numbers))}"

    text = re.sub(r"\[\d+\]", "[]", NUMBER.sub("#", "\n".join(code)))  # any lane is as fast as another
    return re.sub(r"\b([xwvqdshb])(\d+)\b", renamed, text)


def _bank(kind: str, number: int) -> int:
    """The vector register of Helium that a floating-point register is a part of."""
    return number // {"s": 4, "d": 2, "q": 1}[kind]


def _overlaps(single: str, form: str) -> bool:
    bank = int(single[1:]) // 4
    return any(_bank(kind, int(number)) == bank for kind, number in re.findall(r"\b([sdq])(\d+)\b", form))


@cache
def _core(form: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b(?:r\d+|sp|lr)\b", form))


@cache
def _all(form: str) -> frozenset[str]:
    """Registers of AArch64, each by one name: r3 or v3."""
    found = {f"{'r' if kind in 'xw' else 'v'}{number}" for kind, number in re.findall(r"\b([xwvqdshb])(\d+)\b", form)}
    return frozenset(found | set(re.findall(r"\bsp\b", form)))
