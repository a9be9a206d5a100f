"""Estimated cycles: the blocks that ran, disassembled, under the core's table of instruction timings.

An estimate for in-order cores with memory that never waits: docs/targets.md has the limits.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barecast.errors import ToolError
from barecast.runners import Result
from barecast.targets import Timing
from barecast.toolchain import Image, command

__all__ = ["Cycles", "Instruction", "block_cycles", "estimate"]

CONDITIONS = frozenset("eq ne cs hs cc lo mi pl vs vc hi ls ge lt gt le al".split())

LOADS = frozenset("ldr ldrb ldrh ldrsb ldrsh vldr".split())
STORES = frozenset("str strb strh vstr".split())

BRANCHES = frozenset("b bl bx blx cbz cbnz tbb tbh".split())


@dataclass(frozen=True)
class Cycles:
    """Estimated cycles per inference. steps: in the manifest's order; total has the calls in NAME_run too.
    model: the sentence that says how they were estimated."""

    total: float
    steps: tuple[float, ...]
    model: str


@dataclass(frozen=True)
class Instruction:
    """One instruction as objdump shows it: mnemonic without width (.n, .w), operands as text."""

    address: int
    mnemonic: str
    operands: str


def estimate(image: Image, result: Result, model: int = 0) -> Cycles | None:
    """Cycles of one inference of a model (by number), from a run that counted; None where the
    core has no table of timings or nothing was counted."""
    timing = image.target.timing
    samples = result.models[model].samples
    blocks = [block for block in result.blocks if block.model == model]
    if timing is None or not blocks or not samples:
        return None
    code = _disassembled(image)
    sums: dict[str, int] = {}
    for block in blocks:
        instructions = [code[a] for a in range(block.start, block.end, 2) if a in code]
        spent = block_cycles(instructions, timing, block.count, block.taken)
        sums[block.function] = sums.get(block.function, 0) + spent
    steps = tuple(sums.get(step["name"], 0) / samples for step in image.models[model]["steps"])
    return Cycles(sum(sums.values()) / samples, steps, timing.model)


def block_cycles(instructions: Sequence[Instruction], timing: Timing, count: int, taken: int) -> int:
    """Cycles of a straight piece of code that ran `count` times and ended `taken` times in a jump.

    Two neighbours in different blocks are taken as unrelated.
    """
    total = 0
    previous: Instruction | None = None
    for instruction in instructions:
        kind = _branch(instruction.mnemonic)
        if kind is not None:
            total += taken * timing.taken.get(kind, timing.taken["b"]) + (count - taken)
        else:
            cost = _cost(instruction, previous, timing)
            if _writes_pc(instruction):
                total += taken * timing.refill
            total += count * cost
        previous = instruction
    return total


def _cost(instruction: Instruction, previous: Instruction | None, timing: Timing) -> int:
    """Cycles without those of a jump."""
    name = instruction.mnemonic.partition(".")[0]
    if (base := _known(name, timing.per_word)) is not None:
        return timing.per_word[base] + _words(instruction)
    base = _known(name, timing.cycles)
    cost = timing.cycles[base] if base is not None else 1
    transfer = base in LOADS or base in STORES
    if not transfer:
        return cost
    address = _address_registers(instruction)
    if timing.pipelined:
        if base in STORES and len(address) > 1:
            cost = 2
        if previous is not None and _pipelines(previous, timing) and _destination(previous) not in address:
            cost = 1
    if timing.address_stall and previous is not None and not _is_transfer(previous, timing):
        if _destination(previous) in address:
            cost += timing.address_stall
    return cost


def _pipelines(previous: Instruction, timing: Timing) -> bool:
    """Whether a load or store right after this one overlaps with it: not after a store with a register offset."""
    base = _known(previous.mnemonic.partition(".")[0], timing.cycles)
    return base in LOADS or (base in STORES and len(_address_registers(previous)) == 1)


def _is_transfer(instruction: Instruction, timing: Timing) -> bool:
    name = instruction.mnemonic.partition(".")[0]
    base = _known(name, timing.cycles)
    return base in LOADS or base in STORES or _known(name, timing.per_word) is not None


def _known(name: str, table: Mapping[str, int]) -> str | None:
    """The table's name of a mnemonic that may end in s (sets flags) or a condition."""
    for base in (name, name.removesuffix("s"), name[:-2] if name[-2:] in CONDITIONS else name):
        if base in table:
            return base
    return None


def _branch(mnemonic: str) -> str | None:
    name = mnemonic.partition(".")[0]
    if name in BRANCHES:
        return name
    if name[-2:] in CONDITIONS and name[:-2] in ("b", "bl", "bx", "blx"):
        return name[:-2]
    return None


def _writes_pc(instruction: Instruction) -> bool:
    if instruction.mnemonic.startswith(("pop", "ldm")):
        return "pc}" in instruction.operands
    return instruction.operands.startswith("pc,")


def _destination(instruction: Instruction) -> str:
    """The register that the instruction writes first; "" for stores and comparisons."""
    if instruction.mnemonic.startswith(("str", "vst", "cmp", "cmn", "tst", "teq", "push", "vpush", "stm")):
        return ""
    return re.split(r"[,\s]", instruction.operands, maxsplit=1)[0]


def _address_registers(instruction: Instruction) -> tuple[str, ...]:
    inside = re.search(r"\[([^\]]*)\]", instruction.operands)
    return tuple(re.findall(r"\b(?:r\d+|sl|fp|ip|sp|lr|pc)\b", inside[1])) if inside else ()


def _words(instruction: Instruction) -> int:
    """Words that a load or store of several registers moves."""
    listed = re.search(r"\{([^}]*)\}", instruction.operands)
    if listed is None:
        return 2  # ldrd, strd
    words = 0
    for part in listed[1].split(","):
        first, _, last = part.strip().partition("-")
        registers = int(last[1:]) - int(first[1:]) + 1 if last else 1
        words += registers * (2 if first.startswith("d") else 1)
    return words


def _disassembled(image: Image) -> Mapping[int, Instruction]:
    """The image's code by address."""
    program = command(f"{image.target.prefix}objdump", image.target.package)
    line = [program, "-d", "--no-show-raw-insn", "--section=.text", str(image.path)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolError(f"{image.target.prefix}objdump failed: {done.stderr.strip()[:400]}")
    code = {}
    for found in re.finditer(r"^ *([0-9a-f]+):\t([a-z][a-z0-9.]*)(?:\t([^@;<\n]*))?", done.stdout, re.MULTILINE):
        mnemonic = re.sub(r"\.[nw]$", "", found[2])
        code[int(found[1], 16)] = Instruction(int(found[1], 16), mnemonic, (found[3] or "").strip())
    return code
