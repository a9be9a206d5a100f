"""llvm-mca: what LLVM's scheduling models know of single instructions and of pairs of them.

llvm-mca simulates pieces of assembly for a core. For cores that issue in order it is asked about pieces of one and two
instructions only, thousands in one run, and in_order.py puts the answers together; for others about whole blocks.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from barecast.cycles import dialect
from barecast.errors import ToolError
from barecast.targets import Pipeline

__all__ = ["OLDEST", "PACKAGE", "Piece", "missing", "objdump", "program", "simulate", "total_cycles"]

OLDEST = 19
"""The version of LLVM that the tests run with; older ones lack scheduling models."""

PACKAGE = f"llvm-{OLDEST}"


@dataclass(frozen=True)
class Piece:
    """What llvm-mca says about a piece of code that runs once.

    latencies, uops: of each instruction. issued: the cycle in which each is issued, from 0. register_stalls,
    resource_stalls: cycles spent waiting for an operand, and for a unit that is busy.
    """

    latencies: tuple[int, ...]
    uops: tuple[int, ...]
    issued: tuple[int, ...]
    register_stalls: int
    resource_stalls: int


def missing() -> str | None:
    """Why llvm-mca cannot be asked and what to do about it; None if it can."""
    if program() is not None:
        return None
    return f"{PACKAGE} is not installed; on Debian or Ubuntu: apt-get install {PACKAGE}"


@cache
def program() -> str | None:
    """The llvm-mca to use: that of LLVM 19, or the program of no version in its name if it is as new; None if absent."""
    if found := shutil.which(f"llvm-mca-{OLDEST}"):
        return found
    plain = shutil.which("llvm-mca")
    if plain is None or shutil.which(_beside(plain)) is None:
        return None
    said = subprocess.run([plain, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"LLVM version (\d+)", said)
    return plain if version is not None and int(version[1]) >= OLDEST else None


def objdump() -> str:
    """The disassembler of the same installation: what it writes, llvm-mca can read."""
    mca = program()
    found = shutil.which(_beside(mca)) if mca is not None else None
    if found is None:
        raise ToolError("llvm-objdump is not installed", remedy=f"on Debian or Ubuntu: apt-get install {PACKAGE}")
    return found


def _beside(mca: str) -> str:
    folder, slash, name = mca.rpartition("/")
    return folder + slash + name.replace("llvm-mca", "llvm-objdump")


def simulate(pipeline: Pipeline, pieces: Iterable[Sequence[str]]) -> Mapping[tuple[str, ...], Piece]:
    """Each piece of code, alone and once. Pieces with an instruction that cannot be assembled by itself, or of which
    the core's model says nothing, are left out."""
    known = tuple(dict.fromkeys(tuple(piece) for piece in pieces))
    views = ("-instruction-info", "-dispatch-stats", "-timeline", "-timeline-max-cycles=0")
    said = _ask(pipeline, known, 1, views)
    return read(said, known) if said else {}


def total_cycles(pipeline: Pipeline, pieces: Sequence[Sequence[str]], rounds: int) -> list[int]:
    """Cycles of each piece of code, run `rounds` times in a row; 0 where nothing is known of any of it."""
    said = _ask(pipeline, pieces, rounds, ("-summary-view",))
    regions = json.loads(said)["CodeRegions"] if said else []
    found = {int(region["Name"]): region["SummaryView"]["TotalCycles"] for region in regions}
    return [found.get(index, 0) for index in range(len(pieces))]


def _ask(pipeline: Pipeline, pieces: Sequence[Sequence[str]], rounds: int, views: Sequence[str]) -> str:
    """What llvm-mca writes about pieces of code, each run `rounds` times by itself; "" if it knows nothing of them."""
    if not pieces:
        return ""
    mark = f"{dialect.of(pipeline).comment} LLVM-MCA"
    text = "".join(f"{mark}-BEGIN {i}\n" + "\n".join(piece) + f"\n{mark}-END\n" for i, piece in enumerate(pieces))
    mca = program()
    if mca is None:
        raise ToolError("llvm-mca is not installed", remedy=f"on Debian or Ubuntu: apt-get install {PACKAGE}")
    line = [mca, f"-mtriple={pipeline.triple}", f"-mcpu={pipeline.cpu}", f"-iterations={rounds}", "-json"]
    line += ["-all-views=false", *views, "-skip-unsupported-instructions=any"]
    done = subprocess.run(line, input=text, capture_output=True, text=True, check=False)
    if "no assembly instructions found" in done.stderr:
        return ""
    if done.returncode != 0 or not done.stdout:
        raise ToolError(f"llvm-mca failed: {done.stderr.strip()[:400]}")
    return done.stdout


def read(text: str, pieces: Sequence[tuple[str, ...]]) -> Mapping[tuple[str, ...], Piece]:
    """The JSON that llvm-mca wrote about the pieces, whose regions are named by their index."""
    found = {}
    for region in json.loads(text)["CodeRegions"]:
        asked = pieces[int(region["Name"])]
        # What llvm-mca left out is missing from the list, and then the rest is not what was asked.
        if len(region["Instructions"]) == len(asked):
            found[asked] = _piece(region)
    return found


def _piece(region: Mapping[str, Any]) -> Piece:
    known = region["InstructionInfoView"]["InstructionList"]
    stalls = region["DispatchStatistics"]
    return Piece(
        latencies=tuple(one["Latency"] for one in known),
        uops=tuple(one["NumMicroOpcodes"] for one in known),
        issued=tuple(one["CycleIssued"] for one in region["TimelineView"]["TimelineInfo"]),
        register_stalls=stalls["RAT"],
        resource_stalls=stalls["GROUP"],
    )
