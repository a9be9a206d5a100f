"""barecast verify: is what the target computes right?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barecast import pipeline, report
from barecast.cli import choices
from barecast.errors import printable
from barecast.samples import RANDOM_SAMPLES, converters, input_types, output_types, random_samples, read_samples
from barecast.verification import Verdict, verify
from barecast.verification.oracles import REFERENCES

FAILED = 1

Expected = Annotated[
    Path | None,
    typer.Option("--expected", metavar="OUT.npz", help="Outputs to compare with, instead of the oracle's."),
]
Reference = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar="|".join(REFERENCES),
        help="Whose outputs to compare with.",
        show_default="that of the model's format",
    ),
]


def command(
    model: choices.Model,
    target: choices.TargetName = None,
    board: choices.BoardName = None,
    inputs: choices.Inputs = None,
    expected: Expected = None,
    reference: Reference = None,
    poison: Annotated[
        bool,
        typer.Option("--poison", help="Overwrite what nobody wants after each step, and watch what each step writes."),
    ] = False,
    samples: choices.Samples = RANDOM_SAMPLES,
    seed: choices.Seed = 0,
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
    constants: choices.Constants = "auto",
    dump: choices.Dump = None,
    debug: choices.Debug = False,
) -> None:
    """Run a model on the target and compare its outputs with the reference. Exit status 1 if they differ."""
    core, chosen_board = choices.place(target, board, required=True)
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
    with choices.refusals_in(json, model):
        compiled = pipeline.compile_model(model, core, options, dump, chosen_board)
    graph = compiled.graph
    if inputs:
        given = read_samples(inputs, input_types(graph), convert=converters(graph, graph.inputs))
    else:
        given = random_samples(graph, samples, seed)
    real = converters(graph, graph.outputs)
    wanted = read_samples(expected, output_types(graph), "output", real) if expected else None
    verdict = verify(compiled, given, expected=wanted, reference_name=reference, board=chosen_board, poison=poison)
    if json is not None:
        report.write_json(verdict.as_json(), json)
    if json != report.STANDARD_OUTPUT:
        _print(verdict)
    if not verdict.passed:
        raise typer.Exit(FAILED)


def _print(verdict: Verdict) -> None:
    report.print_line(f"{'pass' if verdict.passed else 'FAIL'}: {printable(verdict.model)} on {verdict.target}")
    for label, compared in (
        (f"against {verdict.reference}", verdict.against),
        ("against barecast's own reference", verdict.own),
    ):
        report.print_line(
            f"  {label}: {report.number(compared.mismatched)} of {report.number(compared.elements)} elements "
            f"in {verdict.samples} samples differ, the largest error is {compared.max_abs_error:g}"
        )
    if verdict.strays is not None:
        found = f"{len(verdict.strays)} wrote what is not theirs" if verdict.strays else "each kept to its own memory"
        report.print_line(f"  steps, with garbage over all that nobody wants any more: {found}")
        for stray in verdict.strays:
            report.print_line(f"  {stray.sentence()}")
    else:
        report.print_line(f"  stack: {report.stack(verdict.stack_bytes, verdict.stack_bound)}")
    if verdict.first_divergence is not None:
        report.print_line(f"  first at {verdict.first_divergence.sentence()}")
