"""barecast report: a model's memory, drawn."""

from __future__ import annotations

import shutil
from typing import Annotated

import typer

from barecast import pipeline
from barecast import report as printing
from barecast.cli import choices
from barecast.errors import UsageError, printable
from barecast.reporting import console_lines, page, report

WIDTH = 120
"""Characters in a line of text where nothing says how many there are."""

STYLES = {
    "input": "black on bright_blue",
    "output": "black on green",
    "between": "black on cyan",
    "scratch": "black on yellow",
    "over": "black on magenta",
    "free": "dim",
    "peak": "bold red",
    "quiet": "dim",
    "": "",
}


def command(
    model: choices.Model,
    target: choices.PortableTargetName = None,
    board: choices.BoardName = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="OUT.html", help="Write it as an HTML page; text only if left out."),
    ] = None,
    build: Annotated[bool, typer.Option("--build", help="Compile the model, and state the bytes of its code.")] = False,
    json: choices.Json = None,
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
    dump: choices.Dump = None,
    debug: choices.Debug = False,
) -> None:
    """Draw what lies where in memory, step by step: in the terminal, and as a page with --output."""
    if output == "":
        raise UsageError("--output is empty", remedy="name the page, say report.html")
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
        planner=planner,
    )
    with choices.refusals_in(json, model):
        compiled = pipeline.compile_model(model, core, options, dump, chosen_board)
    found = report(compiled, chosen_board, build=build)
    if output is not None:
        printing.write_text(page(found), output)
    if json is not None:
        printing.write_json(found.as_json(), json)
    if json != printing.STANDARD_OUTPUT:
        printing.print_lines(console_lines(found, shutil.get_terminal_size((WIDTH, 24)).columns), STYLES)
        if output is not None:
            printing.print_line(f"page: {printable(output, 400)}")
