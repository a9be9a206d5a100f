"""barecast inspect: what is in a model, and what barecast would make of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from barecast import inspection, report
from barecast.cli import choices, considered
from barecast.errors import printable
from barecast.inspection import Inspection, PortSummary


def command(
    model: choices.Model,
    target: choices.PortableTargetName = None,
    board: choices.BoardName = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell why each step's better kernels were refused.")
    ] = False,
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
    """Show a model's inputs, outputs, operators, parameters, MACs and memory; with --explain, the kernel choice."""
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
        found = inspection.inspect(model, core, options, dump, chosen_board)
    if json is not None:
        report.write_json(found.as_json(), json)
    if json != report.STANDARD_OUTPUT:
        _print(found, explain)


def _print(found: Inspection, explain: bool) -> None:
    report.print_line(f"{printable(found.model)} for {found.target}")
    report.print_table(report.Table("", ("port", "name", "type", "shape", "quantisation"), _port_rows(found)))
    report.print_line()
    report.print_table(
        report.Table("", ("operator", "count>"), tuple((op, str(count)) for op, count in found.operators.items()))
    )
    report.print_line()
    n = report.number
    for label, value in (
        ("parameters", f"{n(found.parameters)} ({n(found.weights_bytes)} B with all constants)"),
        ("MACs", n(found.macs)),
        ("steps", n(len(found.steps))),
        ("arena", report.arena(found.arena_bytes, found.arena_lower_bound_bytes, found.arena_optimal)),
        *([("state", f"{n(found.state_bytes)} B")] if found.state_bytes else []),
    ):
        report.print_line(f"{label:<12}{value}")
    considered.show(found.considered)
    if explain:
        report.print_line()
        _print_choices(found)


def _port_rows(found: Inspection) -> tuple[tuple[str, ...], ...]:
    def row(direction: str, port: PortSummary) -> tuple[str, ...]:
        quant = (
            "-"
            if port.scale is None
            else f"scale {', '.join(f'{s:.9g}' for s in port.scale)}, zero point {_joined(port.zero_point)}"
        )
        return direction, printable(port.name), port.dtype, report.shape(port.shape), quant

    return tuple(row("input", p) for p in found.inputs) + tuple(row("output", p) for p in found.outputs)


def _joined(values: tuple[Any, ...] | None) -> str:
    return ", ".join(map(str, values or ()))


def _print_choices(found: Inspection) -> None:
    for index, step in enumerate(found.steps, 1):
        nodes = ", ".join(f'"{printable(s)}"' for s in step.source) or "the compiler"
        report.print_line(f"step {index}: {printable(step.title)}, from {nodes}")
        report.print_line(f"  takes {step.kernel}")
        for refusal in step.refused:
            report.print_line(f"  not {refusal.kernel}: {refusal.reason}")
