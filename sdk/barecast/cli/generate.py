"""barecast generate: a model's file becomes a folder of C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barecast import boards, cmsis_nn, emit, frontends, integrations, pipeline, report, resources
from barecast.cli import choices, considered
from barecast.errors import UsageError, printable
from barecast.schedule import MemoryPlan

SHOWN = 6
"""Names of removed files in one line."""


def command(
    model: choices.Model,
    output: Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="The folder that the C goes to.")],
    target: choices.PortableTargetName = None,
    board: choices.BoardName = None,
    name: Annotated[
        str | None, typer.Option(metavar="N", help="Prefix of files and symbols; from MODEL's name if left out.")
    ] = None,
    single_file: Annotated[bool, typer.Option("--single-file", help="One .c and one .h in all.")] = False,
    export: choices.Export = None,
    depfile: Annotated[
        Path | None,
        typer.Option("--depfile", metavar="FILE", help="Write what the C was made from, as a rule of make, to a file."),
    ] = None,
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
    threads: choices.Threads = 1,
    planner: choices.Planner = "fast",
    constants: choices.Constants = "auto",
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
        winograd=winograd,
        ram=ram,
        feed=feed,
        threads=threads,
        planner=planner,
        constants=constants,
        name=name,
        single_file=single_file,
        export=export,
    )
    compiled = pipeline.compile_model(model, core, options, dump, chosen_board)
    left_over = compiled.tree.left_over(output)
    folder, plan = compiled.tree.write(output), compiled.plan
    if depfile is not None:
        needed = [*frontends.files(model), *_board_file(board), *resources.tool_files()]
        depfile.write_text(integrations.depfile(folder / emit.MANIFEST, needed), encoding="utf-8")
    report.print_line(
        f"{compiled.schedule.name} for {core.name}: {len(compiled.tree.files)} files in {printable(folder, 400)}, "
        f"arena {_arena(plan)} ({_standing(plan)})"
        f", constants {report.number(emit.manifest(compiled.tree)['constants_bytes'])} bytes"
        + (f", state {report.number(plan.state_bytes)} bytes" if plan.state_bytes else "")
    )
    if left_over:
        more = f" and {len(left_over) - SHOWN} more" if len(left_over) > SHOWN else ""
        report.print_line(f"removed, no longer part of the model: {', '.join(left_over[:SHOWN])}{more}")
    considered.show(compiled.considered)
    if (library := cmsis_nn.needs(compiled.schedule)) is not None:
        steps = len(compiled.schedule.steps)
        why = "; `barecast inspect --explain` says why not the others" if library.steps < steps else ""
        report.print_line(f"{library.steps} of {steps} steps call CMSIS-NN{why}")


def _board_file(board: str | None) -> list[Path]:
    """The user's own file, if the board is one."""
    return [Path(board)] if board is not None and board.endswith(boards.SUFFIX) else []


def _arena(plan: MemoryPlan) -> str:
    if plan.board is None:
        return f"{report.number(plan.arena_bytes)} bytes"
    told = " and ".join(f"{report.number(region.bytes)} bytes of {region.name}" for region in plan.regions)
    return f"{told} of board {plan.board}" + (f" ({len(plan.hot)} constants are copied to RAM)" if plan.hot else "")


def _standing(plan: MemoryPlan) -> str:
    if plan.is_optimal:
        return "optimal"
    return f"{report.gap(plan.arena_bytes, plan.lower_bound)} above the lower bound of {report.number(plan.lower_bound)}"
