"""Estimated cycles: the blocks that ran, disassembled, and what they cost on the core.

Three ways: Arm's table of instruction timings, for cores that issue one instruction after the other; and LLVM's
scheduling models, for those that issue two (in_order.py) and those that run them out of order (out_of_order.py). Memory
never waits in any of them: docs/targets.md has the limits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from barecast.cycles import in_order, mca, out_of_order
from barecast.cycles.disassembly import CONDITIONS, Instruction, disassemble, listed_words
from barecast.runners import Result
from barecast.runners.counting import Block
from barecast.targets import Target, Timing
from barecast.toolchain import Image

__all__ = ["Cycles", "block_cycles", "estimate", "missing"]

LOADS = frozenset("ldr ldrb ldrh ldrsb ldrsh vldr".split())
STORES = frozenset("str strb strh vstr".split())

FLOAT = frozenset("vadd vsub vmul vnmul vdiv vsqrt vmla vmls vnmla vnmls vfma vfms vfnma vfnms vcvt vcvtr".split())
"""Floating-point arithmetic, whose results come a cycle late for the next instruction."""


@dataclass(frozen=True)
class Cycles:
    """Estimated cycles per inference. steps: in the manifest's order; total has the calls in NAME_run too.
    model: the sentence that says how they were estimated."""

    total: float
    steps: tuple[float, ...]
    model: str


def missing(target: Target) -> str | None:
    """What must be installed before cycles of this target can be estimated; None if nothing, or if nothing helps."""
    return mca.missing() if target.pipeline is not None else None


def estimate(image: Image, result: Result, model: int = 0) -> Cycles | None:
    """Cycles of one inference of a model (by number), from a run that counted; None where nothing is known of the
    core's timing, llvm-mca is not installed (see `missing`) or nothing was counted."""
    target = image.target
    samples = result.models[model].samples
    blocks = [block for block in result.blocks if block.model == model]
    if not blocks or not samples:
        return None
    if target.timing is not None:
        spent, sentence = _by_table(disassemble(image), blocks, target.timing), target.timing.model
    elif target.pipeline is not None and mca.missing() is None:
        code = disassemble(
            image, [mca.objdump(), f"--mcpu={target.pipeline.cpu}", f"--triple={target.pipeline.triple}"]
        )
        way = out_of_order if target.pipeline.decoded else in_order
        spent, sentence = way.spent(code, blocks, target.pipeline), target.pipeline.model
    else:
        return None
    sums: dict[str, int] = {}
    for block, cycles in zip(blocks, spent, strict=True):
        sums[block.function] = sums.get(block.function, 0) + cycles
    steps = tuple(sums.get(step["name"], 0) / samples for step in image.models[model]["steps"])
    return Cycles(sum(sums.values()) / samples, steps, sentence)


def _by_table(code: Mapping[int, Instruction], blocks: Sequence[Block], timing: Timing) -> list[int]:
    spent = []
    for block in blocks:
        instructions = [code[a] for a in range(block.start, block.end, 2) if a in code]
        spent.append(block_cycles(instructions, timing, block.count, block.taken))
    return spent


def block_cycles(instructions: Sequence[Instruction], timing: Timing, count: int, taken: int) -> int:
    """Cycles of a straight piece of code that ran `count` times and ended `taken` times in a jump.

    Two neighbours in different blocks are taken as unrelated.
    """
    total = 0
    previous: Instruction | None = None
    for instruction in instructions:
        kind = instruction.branch
        if kind is not None:
            total += taken * timing.taken.get(kind, timing.taken["b"]) + (count - taken)
        elif instruction.writes_pc and (computed := _known(instruction.name, timing.taken)) is not None:
            total += taken * timing.taken[computed] + (count - taken)
        else:
            cost = _cost(instruction, previous, timing)
            if instruction.writes_pc:
                total += taken * timing.refill
            total += count * cost
        previous = instruction
    return total


def _cost(instruction: Instruction, previous: Instruction | None, timing: Timing) -> int:
    """Cycles without those of a jump."""
    name = instruction.name
    late = timing.late_results if previous is not None and _waits(instruction, previous, timing) else 0
    if (base := _known(name, timing.per_word)) is not None:
        return timing.per_word[base] + _words(instruction) + late
    base = _known(name, timing.cycles)
    cost = (timing.cycles[base] if base is not None else 1) + late
    if name == "vmov" and re.search(r"\b(?:r\d+|sl|fp|ip|lr)\b", instruction.operands):
        return cost + ("[" not in instruction.operands)  # to or from the core, but for halves of a double
    if not (base in LOADS or base in STORES):
        return cost
    if re.match(r"d\d", instruction.operands):
        return cost + 1
    address = _address_registers(instruction)
    if timing.pipelined:
        if base in STORES and len(address) > 1:
            cost = 2
        if previous is not None and _is_load(previous, timing) and _destination(previous) not in address:
            cost = 1
    if timing.address_stall and previous is not None and not _is_transfer(previous, timing):
        if _destination(previous) in address:
            cost += timing.address_stall
    return cost


def _waits(instruction: Instruction, previous: Instruction, timing: Timing) -> bool:
    """Whether the instruction reads a floating-point result of the one just before; an accumulator is read late."""
    if not timing.late_results or _known(previous.name, FLOAT) is None:
        return False
    result, operands = _destination(previous), [part.strip() for part in instruction.operands.split(",")]
    reads = operands if instruction.name in ("vcmp", "vcmpe", "vstr") else operands[1:]
    return result in reads


def _is_load(previous: Instruction, timing: Timing) -> bool:
    """Whether a load or store right after this one overlaps with it: nothing does with a store."""
    return _known(previous.name, timing.cycles) in LOADS


def _is_transfer(instruction: Instruction, timing: Timing) -> bool:
    base = _known(instruction.name, timing.cycles)
    return base in LOADS or base in STORES or _known(instruction.name, timing.per_word) is not None


def _known(name: str, table: Collection[str]) -> str | None:
    """The table's name of a mnemonic that may end in s (sets flags) or a condition."""
    for base in (name, name.removesuffix("s"), name[:-2] if name[-2:] in CONDITIONS else name):
        if base in table:
            return base
    return None


def _destination(instruction: Instruction) -> str:
    """The register that the instruction writes first; "" for stores and comparisons."""
    if instruction.mnemonic.startswith(("str", "vst", "cmp", "cmn", "tst", "teq", "push", "vpush", "stm", "vcmp")):
        return ""
    return re.split(r"[,\s]", instruction.operands, maxsplit=1)[0]


def _address_registers(instruction: Instruction) -> tuple[str, ...]:
    inside = re.search(r"\[([^\]]*)\]", instruction.operands)
    return tuple(re.findall(r"\b(?:r\d+|sl|fp|ip|sp|lr|pc)\b", inside[1])) if inside else ()


def _words(instruction: Instruction) -> int:
    """Words that a load or store of several registers moves; two for ldrd and strd."""
    return listed_words(instruction.operands) or 2
