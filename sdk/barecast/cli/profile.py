"""barecast profile: what a model costs on a target."""

from __future__ import annotations

from barecast import pipeline, report, targets
from barecast.cli import choices
from barecast.cycles import missing
from barecast.errors import printable
from barecast.profiling import Profile, profile
from barecast.samples import converters, input_types, read_samples


def command(
    model: choices.Model,
    target: choices.TargetName = None,
    board: choices.BoardName = None,
    inputs: choices.Inputs = None,
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
    """Count instructions, memory and flash of a model on a target, step by step."""
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
    samples = read_samples(inputs, input_types(graph), convert=converters(graph, graph.inputs)) if inputs else None
    costs = profile(compiled, samples, chosen_board)
    if json is not None:
        report.write_json(costs.as_json(), json)
    if json != report.STANDARD_OUTPUT:
        _print(costs)


def _print(costs: Profile) -> None:
    report.print_table(_steps_table(costs))
    report.print_line()
    for label, value in _totals(costs):
        report.print_line(f"{label:<22}{value}")


def _steps_table(costs: Profile) -> report.Table:
    rows = tuple(
        (
            str(index + 1),
            printable(step.title, 48),
            step.kernel,
            report.number(step.macs),
            report.number(_whole(step.instructions)),
            report.ratio(step.instructions, step.macs),
            report.number(_whole(step.cycles)),
            report.number(step.weights_bytes),
            report.number(step.scratch_bytes),
        )
        for index, step in enumerate(costs.steps)
    )
    return report.Table(
        f"{printable(costs.model)} on {costs.target}, one inference",
        ("step>", "what", "kernel", "MAC>", "instr>", "instr/MAC>", "cycles>", "weights B>", "scratch B>"),
        rows,
    )


def _totals(costs: Profile) -> list[tuple[str, str]]:
    n = report.number
    per_mac = f" ({report.ratio(costs.instructions, costs.macs)} a MAC)" if costs.macs else ""
    cycles = n(_whole(costs.cycles))
    if costs.cycle_model:
        cycles += f" (estimated: {costs.cycle_model})"
    elif reason := missing(targets.load(costs.target)):
        cycles += f" (not estimated: {reason})"
    return [
        ("instructions", n(_whole(costs.instructions)) + per_mac),
        ("cycles", cycles),
        ("MACs", n(costs.macs)),
        ("arena", report.arena(costs.arena_bytes, costs.arena_lower_bound_bytes, costs.arena_optimal)),
        *([("state", f"{n(costs.state_bytes)} B")] if costs.state_bytes else []),
        ("RAM", f"{n(costs.ram_bytes)} B (arena, {'state, ' if costs.state_bytes else ''}.data and .bss)"),
        ("stack", report.stack(costs.stack_bytes, costs.stack_bound)),
        (
            "flash",
            f"{n(costs.flash.total)} B (code {n(costs.flash.code_bytes)}, weights {n(costs.flash.weights_bytes)}, "
            f"constants {n(costs.flash.const_bytes)})",
        ),
    ]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
