"""barecast run: a model's outputs, computed on the target; or the image that computes them on a real board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barecast import pipeline, report
from barecast.boards import Board
from barecast.cli import choices
from barecast.errors import UsageError, printable
from barecast.pipeline import Compiled
from barecast.samples import Samples, converters, input_types, read_samples, write_samples


def command(
    model: choices.Model,
    inputs: Annotated[Path, typer.Option("--inputs", metavar="IN.npz", help="Input samples by input name.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT.npz", help="Where the outputs go, by output name.")
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option(
            "--image",
            metavar="DIR",
            help="Run nothing: build the image of a real board, and tell how to flash it. With -o: read what it answered.",
        ),
    ] = None,
    target: choices.TargetName = None,
    board: choices.BoardName = None,
    shape: choices.Shape = None,
    optimize: choices.Optimize = "speed",
    weights: choices.Weights = "packed",
    kernels: choices.Kernels = "native",
    io_layout: choices.IoLayout = "model",
    io: choices.Io = "model",
    rounding: choices.Rounding = "double",
    winograd: choices.Winograd = "on",
    ram: choices.Ram = None,
    feed: choices.Feed = "whole",
    planner: choices.Planner = "fast",
    constants: choices.Constants = "auto",
    dump: choices.Dump = None,
    debug: choices.Debug = False,
) -> None:
    """Run a model on the target and write its outputs."""
    if output is None and image is None:
        raise UsageError("run wants -o or --image", remedy="-o OUT.npz to run here, --image DIR to flash a board")
    core, chosen_board = choices.place(target, board, required=True)
    if image is not None:
        _check_flashed(chosen_board)
    options = choices.options(
        shape=shape,
        optimize=optimize,
        weights=weights,
        kernels=kernels,
        io_layout=io_layout,
        io=io,
        rounding=rounding,
        winograd=winograd,
        ram=ram,
        feed=feed,
        planner=planner,
        constants=constants,
    )
    compiled = pipeline.compile_model(model, core, options, dump, chosen_board)
    samples = read_samples(
        inputs, input_types(compiled.graph), convert=converters(compiled.graph, compiled.graph.inputs)
    )
    if output is None:
        assert image is not None and chosen_board is not None
        _write_image(compiled, samples, chosen_board, image)
        return
    if image is not None and chosen_board is not None:
        place, arrays = chosen_board.name, pipeline.read_image(compiled, samples.arrays, chosen_board, image)
    else:
        place, arrays = core.name, pipeline.run(compiled, samples.arrays, chosen_board)
    write_samples(output, Samples(arrays, samples.single))
    report.print_line(f"{_count(samples)} on {place} -> {printable(output, 400)}")


def _count(samples: Samples) -> str:
    return f"{samples.count} sample{'s' if samples.count != 1 else ''}"


def _check_flashed(board: Board | None) -> None:
    if board is None or not board.is_real:
        there = "no board is named" if board is None else f"nothing is known of how board {board.name} is flashed"
        raise UsageError(f"--image: {there}", remedy="take a board with a flashing command (`barecast boards` lists them)")


def _write_image(compiled: Compiled, samples: Samples, board: Board, folder: Path) -> None:
    pipeline.write_image(compiled, samples.arrays, board, folder)
    report.print_line(f"image of {_count(samples)} for {board.name} in {printable(folder, 400)}; in that folder:")
    told = ((board.flash, "flash it by one of"), (board.run, "run it by one of, which leaves response.bin"))
    for templates, title in told:
        if templates:
            report.print_line(f"{title}:")
        for tool, command in board.commands(templates):
            report.print_line(f"  {tool}: {command}")
    if board.run:
        report.print_line("then the same command with -o OUT.npz beside --image reads the answer")
