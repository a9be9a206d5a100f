"""Cycles on cores that run instructions out of order, by llvm-mca's simulation of whole blocks.

Such a core overlaps a block with the ones before and after it. What a block costs then is what one more round of it
costs in a row of rounds: right for loops, and for all else near what its units are busy, as long as the neighbours are
no worse. llvm-mca lets these cores retire results as hardware does, so nothing needs to be put together here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from barecast.cycles import dialect, mca
from barecast.cycles.disassembly import Instruction
from barecast.cycles.in_order import instructions, jumps, texts
from barecast.runners.counting import Block
from barecast.targets import Pipeline

__all__ = ["round_cycles", "spent"]

SHORT, LONG = 20, 60
"""Rounds of the two simulations whose difference tells what a round costs when the core is full."""


def spent(code: Mapping[int, Instruction], blocks: Sequence[Block], pipeline: Pipeline) -> list[int]:
    """Cycles that each block took in all its runs."""
    bodies = [instructions(code, block) for block in blocks]
    lines = [asked(body, pipeline) for body in bodies]
    cycles = round_cycles(pipeline, lines)
    return [
        round(block.count * cycles[line]) + jumps(body, block, pipeline)
        for block, body, line in zip(blocks, bodies, lines, strict=True)
    ]


def asked(body: Sequence[Instruction], pipeline: Pipeline) -> tuple[str, ...]:
    """A block as llvm-mca is asked about it."""
    language = dialect.of(pipeline)
    return tuple(form for text in texts(body) for form in language.forms(text))


def round_cycles(pipeline: Pipeline, pieces: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], float]:
    """Cycles of one more round of each piece of code. A core decodes so many instructions in a cycle, whatever its
    units could do: LLVM's models of wide cores leave that out."""
    known = tuple(dict.fromkeys(piece for piece in pieces if piece))
    few, many = (mca.total_cycles(pipeline, known, rounds) for rounds in (SHORT, LONG))
    found = {
        piece: max((after - before) / (LONG - SHORT), len(piece) / pipeline.decoded)
        for piece, before, after in zip(known, few, many, strict=True)
    }
    return {(): 0.0, **found}
