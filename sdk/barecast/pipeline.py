"""The whole of barecast on one screen: a model's file becomes C, an image, a result."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from barecast import (
    check,
    cmsis_nn,
    emit,
    exports,
    frontends,
    kernels,
    order,
    passes,
    planner,
    runners,
    select,
    split,
    streaming,
    toolchain,
)
from barecast.boards import IMAGE_FILES, Board
from barecast.emit import SourceTree
from barecast.errors import BarecastError, ModelError, UnsupportedError, UsageError, refusal
from barecast.graph import Graph, Rule
from barecast.options import Options
from barecast.planner import on_board
from barecast.runners import Result
from barecast.schedule import MemoryPlan, Schedule
from barecast.targets import Target
from barecast.toolchain import Image


@dataclass(frozen=True, eq=False)
class Compiled:
    """Every stage's value between a model's file and its C. imported: the graph before the passes; selected: the
    steps in the model's order.

    considered: what could run by rows, the choice that was taken first; nothing unless options ask for less memory.
    """

    model: Path
    target: Target
    options: Options
    imported: Graph
    graph: Graph
    selected: Schedule
    schedule: Schedule
    plan: MemoryPlan
    tree: SourceTree
    considered: tuple[streaming.Choice, ...] = ()


def compile_model(
    model: Path,
    target: Target,
    options: Options = Options(),
    dump: Path | None = None,
    board: Board | None = None,
    registry: select.Registry = kernels.for_op,
) -> Compiled:
    """A model's file -> C for a target, in memory. dump: a folder for the graph's text after each pass.

    board: whose memories the buffers are divided between; UsageError if they do not fit. Under Linux there are none to divide.
    registry: the kernels to choose from.
    """
    check_available(target, options)
    options = exports.settled(options)
    board = None if board is not None and board.is_linux else board
    _check_board(board, options)
    found = frontends.examine(model, options.shapes)
    if found.problems:
        raise refusal((*found.problems, *_later_problems(found.graph, target, options)))
    imported = _rounded(found.graph, options)
    graph = passes.run(imported, options, dump)
    _check_exposed(graph, options)
    selected = select.run(graph, target, options, registry)
    if options.kernels == "cmsis-nn":
        _check_cmsis_nn(graph, selected, target, options)
    check.schedule(selected)
    schedule = order.run(selected)
    check.order(selected, schedule)
    schedule = split.run(schedule, target, options)
    schedule, plan, considered = _planned(schedule, target, options, board)
    check.schedule(schedule)
    check.plan(schedule, plan)
    tree = emit.run(schedule, plan, target, options, hashlib.sha256(model.read_bytes()).hexdigest())
    tree = exports.add(tree, options.export, target, options)
    return Compiled(model, target, options, imported, graph, selected, schedule, plan, tree, considered)


def _planned(
    schedule: Schedule, target: Target, options: Options, board: Board | None = None
) -> tuple[Schedule, MemoryPlan, tuple[streaming.Choice, ...]]:
    """The schedule, with streams where the options ask for less memory than whole images take, and its plan."""
    if options.optimize == "ram" or options.ram is not None or options.feed == "rows":
        chosen = streaming.choose(schedule, target, options)
        schedule, considered = chosen.schedule, chosen.considered
        if board is None and options.planner == "fast":
            return schedule, chosen.plan, considered
    else:
        considered = ()
    plan = planner.run(schedule, options.planner) if board is None else on_board.run(schedule, board)
    return schedule, plan, considered


def _later_problems(graph: Graph | None, target: Target, options: Options) -> tuple[BarecastError, ...]:
    """What the stages behind the import refuse in what is left of a model that could not be imported as a whole."""
    if graph is None:
        return ()
    try:
        select.run(passes.run(graph, options), target, options)
    except (ModelError, UnsupportedError) as error:
        return error.problems or (error,)
    except Exception:  # the graph has holes: what else goes wrong there says nothing about the model
        return ()
    return ()


def _check_exposed(graph: Graph, options: Options) -> None:
    """UsageError where --io quantized finds nothing that is quantised at the model's border."""
    ports = (*graph.inputs, *graph.outputs)
    if options.io == "quantized" and all(graph.type(port.tensor).dtype.is_float for port in ports):
        raise UsageError(
            'io "quantized": no input is quantised at once, and no output is dequantised at last',
            remedy="leave the option out, or quantise the model with QuantizeLinear at its inputs",
        )


def _rounded(graph: Graph, options: Options) -> Graph:
    """The graph under the rule that --rounding asks for."""
    if options.rounding == "double":
        return graph
    if graph.rule is not Rule.TFLITE:
        raise UsageError(f'rounding "{options.rounding}" is for .tflite models', remedy="leave the option out")
    return replace(graph, rule=Rule.TFLITE_SINGLE)


@contextmanager
def built(
    compiled: Compiled, board: Board | None = None, change: Callable[[SourceTree], SourceTree] | None = None
) -> Iterator[Image]:
    """C -> a program that feeds the model with samples, in a temporary folder that goes away with the context.

    change: applied to the sources before they are built.
    """
    tree = change(compiled.tree) if change else compiled.tree
    with tempfile.TemporaryDirectory(prefix="barecast-") as place:
        folder = tree.write(Path(place) / "source")
        yield toolchain.build(
            folder, compiled.target, board, out=Path(place) / "build", optimize=compiled.options.optimize
        )


def run(compiled: Compiled, inputs: Mapping[str, np.ndarray], board: Board | None = None) -> dict[str, np.ndarray]:
    """The target's outputs by name, for inputs by name, all with the sample axis first."""
    with built(compiled, board) as image:
        result: Result = runners.run(image, inputs, count=False)
        return dict(result.models[0].outputs)


def write_image(compiled: Compiled, inputs: Mapping[str, np.ndarray], board: Board, folder: Path) -> None:
    """The program of `run` for real hardware, as boards.IMAGE_FILES, and its request.bin. folder: created if absent."""
    with built(compiled, board) as image:
        folder.mkdir(parents=True, exist_ok=True)
        toolchain.copy_image(image, folder)
        runners.write_request(image, inputs, folder)


def read_image(compiled: Compiled, inputs: Mapping[str, np.ndarray], board: Board, folder: Path) -> dict[str, np.ndarray]:
    """What the program of `write_image` answered after it ran: the outputs of `run`. UsageError if the folder has no answer."""
    manifest = emit.manifest(compiled.tree)
    image = toolchain.Image(folder / IMAGE_FILES["elf"], compiled.target, board, (manifest,))
    return dict(runners.read_response(image, inputs, folder))


def _check_cmsis_nn(graph: Graph, schedule: Schedule, target: Target, options: Options) -> None:
    """UsageError where --kernels cmsis-nn would make no difference, with the reasons why."""
    if cmsis_nn.needs(schedule) is not None:
        return
    problems = [
        UsageError(choice.refused[0].reason, node=next(iter(choice.source), None), operator=choice.title)
        for choice in select.explain(graph, target, options)
    ]
    raise UsageError(
        f'kernels "cmsis-nn": CMSIS-NN can do none of the {len(schedule.steps)} steps',
        remedy="leave the option out, or give the model as an int8 .tflite file",
        problems=problems,
    )


def _check_board(board: Board | None, options: Options) -> None:
    """UsageError for an option that a plan for several memories has not."""
    if board is not None and options.threads > 1:
        raise UsageError(
            f"threads {options.threads}: a plan for a board's memories is for one thread",
            remedy="leave one of the two out, or name the board's target instead",
        )
    if board is not None and options.planner == "exact":
        raise UsageError(
            'planner "exact": the solver plans one arena, and a board may have several',
            remedy="leave one of the two out, or name the board's target instead",
        )


def check_available(target: Target, options: Options) -> None:
    """UsageError for an option that would silently make no difference, or that nobody knows."""
    exports.check_known(options.export)
    if options.kernels == "cmsis-nn" and target.profile != "m":
        raise UsageError(
            f'kernels "cmsis-nn": CMSIS-NN is for Cortex-M, the target is {target.name}',
            remedy="name a Cortex-M target (`barecast targets` lists them)",
        )
    if options.weights == "wide" and (options.kernels == "c" or not kernels.spend_flash(target.isa)):
        raise UsageError(
            f'weights "wide" makes no difference: no kernel for {target.name} that may be chosen takes wider numbers',
            remedy="leave the option out; cores with the DSP extension have such kernels",
        )
