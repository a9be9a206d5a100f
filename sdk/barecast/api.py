"""The public functions beside `compile`: what the command line does, for Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from barecast import boards, frontends, pipeline, profiling, targets, verification
from barecast.graph import Graph
from barecast.options import Options
from barecast.profiling import Profile
from barecast.samples import (
    RANDOM_SAMPLES,
    Samples,
    converters,
    input_types,
    match_samples,
    output_types,
    random_samples,
)
from barecast.verification import Verdict


def read(model: str | Path, shapes: Mapping[str, tuple[int, ...]] | None = None) -> Graph:
    """A model's file as a Graph, before any pass. shapes: input -> its static shape, where the model leaves it open."""
    return frontends.read(Path(model), shapes or {})


def generate(
    model: str | Path,
    folder: str | Path,
    *,
    target: str = "host",
    board: str | None = None,
    name: str | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    optimize: str = "speed",
    weights: str = "packed",
    kernels: str = "native",
    io_layout: str = "model",
    io: str = "model",
    rounding: str = "double",
    winograd: str = "on",
    ram: int | None = None,
    feed: str = "whole",
    threads: int = 1,
    planner: str = "fast",
    constants: str = "auto",
    single_file: bool = False,
    export: Sequence[str] = (),
) -> Path:
    """Writes a model as C to a folder and returns it. Target "host" gives plain portable C; the rest is as in Options.

    board: a board's name, or the path of its file: its core is the target if none is named, and its memories hold the
    model, or UsageError tells why they do not. export: names of build systems, as docs/exports.md lists them, whose files
    are added.

    An error leaves the folder as it was.
    """
    options = Options(
        name=name,
        shapes=shapes or {},
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
        single_file=single_file,
        export=tuple(export),
    )
    chosen = None if board is None else boards.load(board)
    core = targets.load(chosen.target if chosen is not None and target == "host" else target)
    return pipeline.compile_model(Path(model), core, options, board=chosen).tree.write(Path(folder))


def verify(
    model: str | Path,
    *,
    target: str,
    board: str | None = None,
    inputs: Mapping[str, np.ndarray] | None = None,
    expected: Mapping[str, np.ndarray] | None = None,
    reference: str | None = None,
    poison: bool = False,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    optimize: str = "speed",
    weights: str = "packed",
    kernels: str = "native",
    io_layout: str = "model",
    io: str = "model",
    rounding: str = "double",
    winograd: str = "on",
    ram: int | None = None,
    feed: str = "whole",
    planner: str = "fast",
) -> Verdict:
    """Runs a model on a target and compares its outputs: see docs/commands.md for the rules and the options.

    inputs: arrays by input name, with the model's shapes or one axis more in front for
    samples; None for seeded random ones. expected: outputs likewise, instead of `reference`'s.
    poison: overwrite what nobody wants any more after each step, and watch what each step writes.
    """
    options = Options(
        shapes=shapes or {},
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
    chosen = None if board is None else boards.load(board)
    compiled = pipeline.compile_model(Path(model), targets.load(target), options, board=chosen)
    wanted = (
        None
        if expected is None
        else match_samples(
            expected, output_types(compiled.graph), "output", convert=converters(compiled.graph, compiled.graph.outputs)
        )
    )
    return verification.verify(
        compiled,
        _samples(compiled.graph, inputs, RANDOM_SAMPLES),
        expected=wanted,
        reference_name=reference,
        board=chosen,
        poison=poison,
    )


def profile(
    model: str | Path,
    *,
    target: str,
    board: str | None = None,
    inputs: Mapping[str, np.ndarray] | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    optimize: str = "speed",
    weights: str = "packed",
    kernels: str = "native",
    io_layout: str = "model",
    io: str = "model",
    rounding: str = "double",
    winograd: str = "on",
    ram: int | None = None,
    feed: str = "whole",
    planner: str = "fast",
) -> Profile:
    """Runs a model on a target and counts instructions, memory and flash. The arguments are those of verify."""
    options = Options(
        shapes=shapes or {},
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
    chosen = None if board is None else boards.load(board)
    compiled = pipeline.compile_model(Path(model), targets.load(target), options, board=chosen)
    return profiling.profile(
        compiled, _samples(compiled.graph, inputs, 1), chosen
    )


def _samples(graph: Graph, inputs: Mapping[str, np.ndarray] | None, count: int) -> Samples:
    if inputs is None:
        return random_samples(graph, count)
    return match_samples(inputs, input_types(graph), convert=converters(graph, graph.inputs))
