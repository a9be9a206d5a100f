"""An image's machine code as instructions: what they are called, and which of them jump."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barecast.errors import ToolError
from barecast.targets import Target
from barecast.toolchain import Image, command

__all__ = ["CONDITIONS", "TESTS", "Instruction", "disassemble", "listed_words"]

CONDITIONS = frozenset("eq ne cs hs cc lo mi pl vs vc hi ls ge lt gt le al".split())

BRANCHES = frozenset("b bl bx blx br blr ret cbz cbnz tbz tbnz tbb tbh".split())

TESTS = frozenset("cbz cbnz tbz tbnz".split())
"""Branches that compare for themselves."""


@dataclass(frozen=True)
class Instruction:
    """One instruction as a disassembler shows it: operands as text, without names of places and other comments."""

    address: int
    mnemonic: str
    operands: str

    @property
    def name(self) -> str:
        """The mnemonic without a width (.w) or a data type (.f32)."""
        return self.mnemonic.partition(".")[0]

    @property
    def branch(self) -> str | None:
        """Which branch it is, without its condition; None for all else, as what loads the program counter."""
        if self.name in BRANCHES:
            return self.name
        if self.name[-2:] in CONDITIONS and self.name[:-2] in ("b", "bl", "bx", "blx"):
            return self.name[:-2]
        return None

    @property
    def conditional(self) -> bool:
        """Whether it is a branch that may be taken or not."""
        if self.branch is None:
            return False
        return self.name in TESTS or self.name != self.branch or self.mnemonic.partition(".")[2] in CONDITIONS

    @property
    def writes_pc(self) -> bool:
        """Whether it jumps without being a branch: it loads the program counter, or computes it."""
        if self.mnemonic.startswith(("pop", "ldm")):
            return "pc}" in self.operands
        return self.operands.startswith("pc,")

    @property
    def target(self) -> int | None:
        """The address that a branch with a fixed target goes to."""
        fixed = self.branch in ("b", "bl") or self.branch in TESTS
        found = re.search(r"\b(?:0x)?([0-9a-f]+)$", self.operands) if fixed else None
        return int(found[1], 16) if found else None


def disassemble(image: Image, line: Sequence[str] = ()) -> Mapping[int, Instruction]:
    """The image's code by address. line: another disassembler than the one of the target's compiler, with its options;
    one that reads and writes as GNU's does."""
    program = list(line) or [
        command(f"{image.target.prefix}objdump", image.target.package),
        *_architecture(image.target),
    ]
    arguments = [*program, "-d", "--no-show-raw-insn", "--section=.text", str(image.path)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolError(f"{program[0]} failed: {done.stderr.strip()[:400]}")
    return parse(done.stdout)


def _architecture(target: Target) -> tuple[str, ...]:
    """What objdump must be told, which does not see by the file that a core has the instructions of Armv8.1-M."""
    return ("-m", "armv8.1-m.main") if "mve" in target.isa else ()


def parse(text: str) -> Mapping[int, Instruction]:
    """The instructions in what objdump -d wrote, by address."""
    code = {}
    for found in re.finditer(
        r"^ *([0-9a-f]+):\s+([a-z][a-z0-9.]*)(?:[ \t]+((?:[^@;<\n/]|/(?!/))*))?", text, re.MULTILINE
    ):
        address = int(found[1], 16)
        code[address] = Instruction(address, found[2], (found[3] or "").strip())
    return code


def listed_words(operands: str) -> int:
    """Words that the registers of a list in braces hold; 0 where there is none."""
    listed = re.search(r"\{([^}]*)\}", operands)
    words = 0
    for part in listed[1].split(",") if listed else ():
        first, _, last = part.strip().partition("-")
        registers = int(last[1:]) - int(first[1:]) + 1 if last else 1
        words += registers * (2 if first.startswith("d") else 1)
    return words
