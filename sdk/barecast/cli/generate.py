"""barecast generate: a model's file becomes a folder of C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barecast import cmsis_nn, emit, pipeline, report
from barecast.boards import Board
from barecast.cli import choices, considered
from barecast.errors import UsageError, printable, refusal
from barecast.pipeline import Compiled


def command(
    model: choices.Model,
    output: Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="The folder that the C goes to.")],
    target: choices.PortableTargetName = None,
    board: choices.BoardName = None,
    name: Annotated[
        str | None, typer.Option(metavar="N", help="Prefix of files and symbols; from MODEL's name if left out.")
    ] = None,
    single_file: Annotated[bool, typer.Option("--single-file", help="One .c and one .h in all.")] = False,
    shape: choices.Shape = None,
    optimize: choices.Optimize = "speed",
    weights: choices.Weights = "packed",
    kernels: choices.Kernels = "native",
    io_layout: choices.IoLayout = "model",
    io: choices.Io = "model",
    rounding: choices.Rounding = "double",
    ram: choices.Ram = None,
    feed: choices.Feed = "whole",
    dump: choices.Dump = None,
    debug: choices.Debug = False,
) -> None:
    """Write a model as C for a target, ready to be compiled into a firmware."""
    if not output:
        raise UsageError("--output is empty", remedy="name the folder that the C goes to, `.` for this one")
    core, chosen_board = choices.place(target, board)
    options = choices.options(
        shape=shape,
        optimize=optimize,
        weights=weights,
        kernels=kernels,
        io_layout=io_layout,
        io=io,
        rounding=rounding,
        ram=ram,
        feed=feed,
        name=name,
        single_file=single_file,
    )
    compiled = pipeline.compile_model(model, core, options, dump)
    if chosen_board is not None:
        _check_room(compiled, chosen_board)
    folder = compiled.tree.write(Path(output))
    report.print_line(
        f"{compiled.schedule.name} for {core.name}: {len(compiled.tree.files)} files in {printable(folder, 400)}, "
        f"arena {report.number(compiled.plan.arena_bytes)} bytes"
        f", constants {report.number(emit.manifest(compiled.tree)['constants_bytes'])} bytes"
        + (f", state {report.number(compiled.plan.state_bytes)} bytes" if compiled.plan.state_bytes else "")
    )
    considered.show(compiled.considered)
    if (library := cmsis_nn.needs(compiled.schedule)) is not None:
        steps = len(compiled.schedule.steps)
        why = "; `barecast inspect --explain` says why not the others" if library.steps < steps else ""
        report.print_line(f"{library.steps} of {steps} steps call CMSIS-NN{why}")


def _check_room(compiled: Compiled, board: Board) -> None:
    """UsageError if the model cannot fit the board beside its stack, whatever the compiler does with the code."""
    problems = []
    constants = emit.manifest(compiled.tree)["constants_bytes"]
    memory = "arena, state and stack" if compiled.plan.state_bytes else "arena and stack"
    for what, needed, there, where in (
        (memory, compiled.plan.arena_bytes + compiled.plan.state_bytes + board.stack_bytes, board.ram_bytes, "RAM"),
        ("constants", constants, board.flash_bytes, "flash"),
    ):
        if needed > there:
            problems.append(
                UsageError(
                    f"{what} of {report.number(needed)} bytes do not fit the {report.number(there)} bytes "
                    f"of {where} of board {board.name}",
                    remedy="take a larger board or a smaller model",
                )
            )
    if problems:
        raise refusal(problems)
