"""The options that several commands share, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from barecast import boards, report, targets
from barecast.boards import Board
from barecast.errors import ModelError, UnsupportedError, UsageError, printable
from barecast.options import (
    CONSTANTS,
    FEED,
    IO,
    IO_LAYOUT,
    KERNELS,
    OPTIMIZE,
    PLANNER,
    ROUNDING,
    WEIGHTS,
    WINOGRAD,
    Options,
)
from barecast.targets import Target

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="The model's file (.onnx or .tflite).", show_default=False)]
TargetName = Annotated[
    str | None, typer.Option("--target", metavar="T", help="A core, as `barecast targets` lists them.")
]
PortableTargetName = Annotated[
    str | None, typer.Option("--target", metavar="T", help="A core; host, which is plain portable C, if left out.")
]
BoardName = Annotated[
    str | None, typer.Option("--board", metavar="B", help="A board, as `barecast boards` lists them.")
]
Inputs = Annotated[
    Path | None,
    typer.Option("--inputs", metavar="IN.npz", help="Input samples by input name; random ones if left out."),
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help='Write JSON to a file ("-": standard output).')
]
Shape = Annotated[
    list[str] | None,
    typer.Option("--shape", metavar="INPUT=1,3,32,32", help="Fix an input's dynamic dimensions; once an input."),
]
Optimize = Annotated[str, typer.Option(metavar="|".join(OPTIMIZE), help="What to spend and what to save.")]
Weights = Annotated[str, typer.Option(metavar="|".join(WEIGHTS), help="How weights lie in flash: packed, or wide for speed.")]
Kernels = Annotated[str, typer.Option(metavar="|".join(KERNELS), help="Which kernels may be chosen.")]
Rounding = Annotated[
    str, typer.Option("--rounding", metavar="|".join(ROUNDING), help="How a .tflite model's integers are rescaled.")
]
Winograd = Annotated[
    str, typer.Option("--winograd", metavar="|".join(WINOGRAD), help="Whether 3x3 convolutions may take fewer products.")
]
Planner = Annotated[
    str, typer.Option("--planner", metavar="|".join(PLANNER), help="How hard to look for the smallest arena.")
]
Constants = Annotated[
    str, typer.Option(metavar="|".join(CONSTANTS), help="Constants as C, or as assembler: soon built.")
]
IoLayout = Annotated[
    str,
    typer.Option(
        "--io-layout", metavar="|".join(IO_LAYOUT), help="Layout of images at the model's inputs and outputs."
    ),
]
Export = Annotated[
    list[str] | None,
    typer.Option("--export", metavar="BUILD", help="Add the files of a build system (cmake, zephyr ...); once for each."),
]
Ram = Annotated[
    str | None,
    typer.Option("--ram", metavar="BYTES", help="The most that the arena may have, e.g. 32K: steps run by rows for that."),
]
Feed = Annotated[
    str, typer.Option("--feed", metavar="|".join(FEED), help="Whether the input is there as a whole or comes in rows.")
]
Threads = Annotated[int, typer.Option("--threads", metavar="N", help="How many threads may share the work of a run.")]
Io = Annotated[str, typer.Option("--io", metavar="|".join(IO), help="What quantised models take and give.")]
Dump = Annotated[Path | None, typer.Option(metavar="DIR", help="Write the graph's text after each pass to a folder.")]
Samples = Annotated[int, typer.Option(metavar="N", help="How many random samples, without --inputs.")]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the random samples.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]

DEFAULT_TARGET = "host"
"""What `generate` and `inspect` take without --target and --board: plain portable C, for any core."""


def options(
    *,
    shape: list[str] | None,
    optimize: str,
    weights: str,
    kernels: str,
    io_layout: str,
    io: str = "model",
    rounding: str = "double",
    winograd: str = "on",
    ram: str | None = None,
    feed: str = "whole",
    threads: int = 1,
    planner: str = "fast",
    constants: str = "auto",
    name: str | None = None,
    single_file: bool = False,
    export: list[str] | None = None,
) -> Options:
    """The Options for what was given on the command line."""
    return Options(
        name=name,
        shapes=shapes(shape or []),
        optimize=optimize,
        weights=weights,
        kernels=kernels,
        io_layout=io_layout,
        io=io,
        rounding=rounding,
        winograd=winograd,
        ram=None if ram is None else size(ram),
        feed=feed,
        threads=threads,
        planner=planner,
        constants=constants,
        single_file=single_file,
        export=tuple(export or ()),
    )


@contextmanager
def refusals_in(json: str | None, model: Path) -> Iterator[None]:
    """Where the model is refused, --json gets every problem; the error goes on to standard error."""
    try:
        yield
    except (ModelError, UnsupportedError) as error:
        if json is not None:
            report.write_json({"model": model.name, "problems": error.as_json()}, json)
        raise


def size(text: str) -> int:
    """Bytes: "32768", "32K" or "1M" (units of 1024)."""
    found = re.fullmatch(r"([0-9]{1,15})([kKmM]?)", text.strip())
    if found is None or not int(found[1]):
        raise UsageError(f'--ram "{printable(text)}" is not understood', remedy="write it as 32768, 32K or 1M")
    return int(found[1]) * {"": 1, "k": 1024, "m": 1024**2}[found[2].lower()]


def _is_extent(text: str) -> bool:
    """Whether this is a number above 0 that fits 63 bits."""
    return re.fullmatch(r"[0-9]{1,18}", text) is not None and int(text) > 0


def shapes(given: list[str]) -> dict[str, tuple[int, ...]]:
    """["input=1,3,32,32"] -> {"input": (1, 3, 32, 32)}. The last "=" divides: names may have one too."""
    found: dict[str, tuple[int, ...]] = {}
    for text in given:
        name, divider, dims = text.rpartition("=")
        parts = [part.strip() for part in dims.split(",")] if dims.strip() else []
        if not divider or not name or not all(map(_is_extent, parts)):
            raise UsageError(
                f'--shape "{printable(text)}" is not understood', remedy="write it as --shape input=1,3,32,32"
            )
        if name in found:
            raise UsageError(f'--shape is given twice for "{printable(name)}"', remedy="give it once an input")
        found[name] = tuple(int(part) for part in parts)
    return found


def place(target_name: str | None, board_name: str | None, *, required: bool = False) -> tuple[Target, Board | None]:
    """The target, and the board if one is named; a board brings its own target.

    required: one of both must be given.
    """
    if board_name is None:
        if target_name is None and required:
            raise UsageError("no target is given", remedy="add --target T (`barecast targets` lists them) or --board B")
        return targets.load(target_name or DEFAULT_TARGET), None
    board = boards.load(board_name)
    target = targets.load(target_name or board.target)
    if target.name != board.target and board.name not in target.boards:
        raise UsageError(
            f"board {board.name} has a {board.target} and runs no code for {target.name}",
            remedy="leave one of the two out",
        )
    return target, board
