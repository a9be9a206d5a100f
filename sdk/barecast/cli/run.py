"""barecast run: a model's outputs, computed on the target."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barecast import pipeline, report
from barecast.cli import choices
from barecast.errors import printable
from barecast.samples import Samples, converters, input_types, read_samples, write_samples


def command(
    model: choices.Model,
    inputs: Annotated[Path, typer.Option("--inputs", metavar="IN.npz", help="Input samples by input name.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.npz", help="Where the outputs go, by output name.")
    ],
    target: choices.TargetName = None,
    board: choices.BoardName = None,
    shape: choices.Shape = None,
    optimize: choices.Optimize = "speed",
    weights: choices.Weights = "packed",
    kernels: choices.Kernels = "native",
    io_layout: choices.IoLayout = "model",
    io: choices.Io = "model",
    rounding: choices.Rounding = "double",
    ram: choices.Ram = None,
    feed: choices.Feed = "whole",
    planner: choices.Planner = "fast",
    dump: choices.Dump = None,
    debug: choices.Debug = False,
) -> None:
    """Run a model on the target and write its outputs."""
    core, chosen_board = choices.place(target, board, required=True)
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
        planner=planner,
    )
    compiled = pipeline.compile_model(model, core, options, dump, chosen_board)
    samples = read_samples(
        inputs, input_types(compiled.graph), convert=converters(compiled.graph, compiled.graph.inputs)
    )
    outputs = Samples(pipeline.run(compiled, samples.arrays, chosen_board), samples.single)
    write_samples(output, outputs)
    report.print_line(
        f"{samples.count} sample{'s' if samples.count != 1 else ''} on {core.name} -> {printable(output, 400)}"
    )
