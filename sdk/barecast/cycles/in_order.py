"""Cycles on cores that issue in order, two instructions in a cycle at most, from what llvm-mca knows of them.

llvm-mca's own simulation of a whole block lets no instruction write its result before an older one, so that a load
waits for the slow multiplication before it. These cores do not wait there: on Cortex-M85 an inner loop of loads and
products would take twice the cycles that its units are busy, and more than hardware takes for all. So llvm-mca tells
how far apart two instructions must be issued, from the pair alone, and which may share a cycle; how a block runs
follows from that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from barecast.cycles import dialect, mca
from barecast.cycles.dialect import FREE, THUMB, Dialect
from barecast.cycles.disassembly import Instruction, listed_words
from barecast.runners.counting import Block
from barecast.targets import Pipeline

__all__ = ["Core", "Traits", "code_cycles", "examine", "instructions", "jumps", "loop_cycles", "spent", "texts"]

WIDTH = 2
"""Instructions that a core issues in one cycle at most."""

NEAR, FAR = 4, 16
"""How many instructions before one can hold it up: at least, and at most (more, the longer their results take)."""

LOOP_ENDS = frozenset(("le", "letp"))


@dataclass(frozen=True)
class Traits:
    """One instruction. form: the text by which llvm-mca was asked about it, "" if it knows none. first, second:
    whether another one may be issued in the same cycle behind it, and before it."""

    form: str
    latency: int = 1
    uops: int = 1
    first: bool = False
    second: bool = False


@dataclass(frozen=True)
class Core:
    """What is known of the instructions of some code. traits: by the instruction's text. waits: by the shape of two
    neighbours, the cycles by which operands and busy units hold the second up."""

    traits: Mapping[str, Traits]
    waits: Mapping[str, int]
    dialect: Dialect = THUMB

    def distance(self, older: Traits, younger: Traits) -> int:
        """Cycles that must lie between the issue of the two."""
        together = older.first and younger.second and older.uops + younger.uops <= WIDTH
        free = not older.uops or not younger.uops
        return self.waits.get(self.dialect.shape(older.form, younger.form), 0) + (not together and not free)


def spent(code: Mapping[int, Instruction], blocks: Sequence[Block], pipeline: Pipeline) -> list[int]:
    """Cycles that each block took in all its runs.

    A block that jumps to its own start runs as a loop that goes on, all else as if its operands were there and nothing
    waited for its results. The branch at the end of a low-overhead loop is free but for its last time.
    """
    bodies = {(block.start, block.end): instructions(code, block) for block in blocks}
    core = examine(pipeline, (texts(body) for body in bodies.values()))
    cached: dict[tuple[int, int], tuple[int, int]] = {}
    found = []
    for block in blocks:
        body = bodies[block.start, block.end]
        if (block.start, block.end) not in cached:
            lines = texts(body)
            extra = sum(_extra_words(one) for one in body)
            loops = _ends_loop(body, block.start)
            alone = code_cycles(core, lines) + extra
            cached[block.start, block.end] = alone, loop_cycles(core, lines) + extra if loops else alone
        alone, again = cached[block.start, block.end]
        rounds = block.taken if _ends_loop(body, block.start) else 0
        found.append(rounds * again + (block.count - rounds) * alone + jumps(body, block, pipeline))
    return found


def instructions(code: Mapping[int, Instruction], block: Block) -> list[Instruction]:
    return [code[address] for address in range(block.start, block.end, 2) if address in code]


def _ends_loop(body: Sequence[Instruction], start: int) -> bool:
    if not body:
        return False
    last = body[-1]
    target = re.search(r"(?:0x)?([0-9a-f]+)$", last.operands) if last.name in LOOP_ENDS else None
    return (int(target[1], 16) if target else last.target) == start


def jumps(body: Sequence[Instruction], block: Block, pipeline: Pipeline) -> int:
    """Cycles of the jump at a block's end beyond those of the instruction itself."""
    if not body:
        return 0
    last, stayed = body[-1], block.count - block.taken
    if last.name in LOOP_ENDS:
        return stayed * (1 + pipeline.taken)
    cycles = block.taken * pipeline.taken
    if last.conditional:
        return cycles + min(block.taken, stayed) * pipeline.mispredicted
    if last.branch in ("bx", "blx", "tbb", "tbh") or last.writes_pc:
        return cycles + block.taken * pipeline.mispredicted
    return cycles


def _extra_words(one: Instruction) -> int:
    """llvm-mca's models take a cycle for any list of registers; the cores move two words in a cycle."""
    if not one.name.startswith(("ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop")):
        return 0
    return max(0, (listed_words(one.operands) + 1) // 2 - 1)


def texts(body: Iterable[Instruction]) -> list[str]:
    """What takes a slot, with any place for the target of a jump."""
    return [
        f"{one.mnemonic} {one.operands if one.target is None else re.sub('(?:0x)?[0-9a-f]+$', '#20', one.operands)}".strip()
        for one in body
        if not FREE.fullmatch(one.name)
    ]


def issued(core: Core, code: Sequence[str]) -> list[int]:
    """The cycle in which each instruction is issued, all operands of the first ones being there."""
    traits = [core.traits[text] for text in code]
    cycles: list[int] = []
    for index, younger in enumerate(traits):
        cycle = cycles[-1] if cycles else 0
        for before in range(max(0, index - FAR), index):
            if index - before <= _reach(traits[before]):
                cycle = max(cycle, cycles[before] + core.distance(traits[before], younger))
        others = sum(traits[i].uops for i in range(max(0, index - FAR), index) if cycles[i] == cycle)
        cycles.append(cycle + (others > 0 and others + younger.uops > WIDTH))
    return cycles


def code_cycles(core: Core, code: Sequence[str]) -> int:
    """Cycles of code that neither waits for what was before nor is waited for."""
    return issued(core, code)[-1] + 1 if code else 0


def loop_cycles(core: Core, code: Sequence[str]) -> int:
    """Cycles of one round of a loop that goes on: from its last instruction to the same one a round later."""
    n = len(code)
    cycles = issued(core, [*code, *code, *code])
    return cycles[3 * n - 1] - cycles[2 * n - 1] if code else 0


def _reach(older: Traits) -> int:
    return min(FAR, max(NEAR, WIDTH * older.latency))


def examine(pipeline: Pipeline, blocks: Iterable[Sequence[str]]) -> Core:
    """Asks llvm-mca about all instructions of some blocks, and about those that stand close to each other."""
    blocks = [tuple(block) for block in blocks]
    language = dialect.of(pipeline)
    forms = {text: tuple(language.forms(text)) for text in dict.fromkeys(text for block in blocks for text in block)}
    alone = mca.simulate(pipeline, [(form,) for several in forms.values() for form in several])
    traits: dict[str, Traits] = {}
    for text, several in forms.items():
        form = next((form for form in several if (form,) in alone), None)
        # What the model says nothing about takes a cycle of its own.
        known = alone[(form,)] if form else None
        traits[text] = Traits(form, known.latencies[0], known.uops[0]) if form and known else Traits("")
    traits = _with_companions(pipeline, traits)
    pairs = _pairs(blocks, traits, language)
    found = mca.simulate(pipeline, pairs.values())
    return Core(traits, {key: _stalls(found[pair]) for key, pair in pairs.items() if pair in found}, language)


def _stalls(piece: mca.Piece) -> int:
    return piece.register_stalls + piece.resource_stalls


def _with_companions(pipeline: Pipeline, traits: Mapping[str, Traits]) -> dict[str, Traits]:
    """Adds who may share a cycle.

    llvm-mca also delays the second of a pair to keep results in order, and does not tell. So an instruction may share
    a cycle if it does so with any companion; and if it takes longer than all of them, what holds for it behind another
    one holds before another one, as it does the other way round if it takes less time than all.
    """
    language = dialect.of(pipeline)
    shape = language.shape
    forms = {shape(one.form): one.form for one in traits.values() if one.form}
    companions = {key: tuple(language.companions(form)) for key, form in forms.items()}
    asked = {
        key: [(v, c) for v in {form, language.plain(form)} for c in companions[key]] for key, form in forms.items()
    }
    pairs = [pair for several in asked.values() for pair in several]
    found = mca.simulate(pipeline, [*pairs, *((b, a) for a, b in pairs)])

    def slack(*pair: str) -> int | None:
        """Cycles between the two that no stall explains: 0 if they share a cycle, more than 1 if they are delayed."""
        piece = found.get(pair)
        return piece.issued[1] - piece.issued[0] - _stalls(piece) if piece and 0 not in piece.uops else None

    first, second = set(), set()
    for key, several in asked.items():
        before = {cycles for a, b in several if (cycles := slack(b, a)) is not None}
        behind = {cycles for a, b in several if (cycles := slack(a, b)) is not None}
        if 0 in before or (0 in behind and min(before, default=0) > 1):
            second.add(key)
        if 0 in behind or (0 in before and min(behind, default=0) > 1):
            first.add(key)
    return {
        text: replace(one, first=shape(one.form) in first, second=shape(one.form) in second) if one.form else one
        for text, one in traits.items()
    }


def _pairs(
    blocks: Iterable[Sequence[str]], traits: Mapping[str, Traits], language: Dialect
) -> dict[str, tuple[str, str]]:
    """An example of each shape that two instructions have which stand close, in a block or over its end."""
    found: dict[str, tuple[str, str]] = {}
    for block in blocks:
        code = [traits[text] for text in block]
        code += code[:FAR]
        for index, younger in enumerate(code):
            for before in range(max(0, index - FAR), index):
                older = code[before]
                if index - before > _reach(older) or not older.form or not younger.form:
                    continue
                if index - before == 1 or language.related(older.form, younger.form):
                    found.setdefault(language.shape(older.form, younger.form), (older.form, younger.form))
    return found
