"""What is in a model, and what barecast would make of it: the logic of `barecast inspect`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from barecast import pipeline, select
from barecast.boards import Board
from barecast.graph import TensorType
from barecast.options import Options
from barecast.schedule import Border, Const, Schedule
from barecast.select import Refusal
from barecast.streaming import Choice
from barecast.targets import Target


@dataclass(frozen=True)
class PortSummary:
    """One input or output; scale and zero_point are None for plain numbers."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    scale: tuple[float, ...] | None
    zero_point: tuple[int, ...] | None


@dataclass(frozen=True)
class StepSummary:
    """One kernel call, and the better kernels that were refused for it."""

    title: str
    op: str
    source: tuple[str, ...]
    kernel: str
    macs: int
    refused: tuple[Refusal, ...]


@dataclass(frozen=True)
class Inspection:
    """operators: count by name in the graph after the passes. parameters: elements of weights and biases."""

    model: str
    target: str
    inputs: tuple[PortSummary, ...]
    outputs: tuple[PortSummary, ...]
    operators: Mapping[str, int]
    parameters: int
    weights_bytes: int
    macs: int
    arena_bytes: int
    arena_lower_bound_bytes: int
    arena_optimal: bool
    state_bytes: int
    steps: tuple[StepSummary, ...]
    considered: tuple[Choice, ...]
    """What could run by rows, as in pipeline.Compiled."""

    def as_json(self) -> dict[str, Any]:
        """The keys that docs/commands.md promises."""
        return asdict(self)


def inspect(
    model: Path,
    target: Target,
    options: Options = Options(),
    dump: Path | None = None,
    board: Board | None = None,
) -> Inspection:
    """Reads and plans a model; UnsupportedError lists everything that is not supported."""
    compiled = pipeline.compile_model(model, target, options, dump, board)
    schedule = compiled.schedule
    explained = select.explain(compiled.graph, target, options)
    # A step that runs by rows has another kernel call, of the same arguments; what it was split into, the same source.
    choices = {id(step.given): choice for step, choice in zip(compiled.selected.steps, explained, strict=True)}
    of_source = {choice.source: choice for choice in explained}
    constants = _constants(schedule)
    return Inspection(
        model=model.name,
        target=target.name,
        inputs=tuple(_port(border) for border in schedule.inputs),
        outputs=tuple(_port(border) for border in schedule.outputs),
        operators=dict(sorted(Counter(node.op for node in compiled.graph.nodes).items())),
        parameters=sum(tensor.data.size for tensor in compiled.graph.tensors.values() if tensor.is_constant),
        weights_bytes=sum(c.data.nbytes for c in constants),
        macs=sum(step.macs for step in schedule.steps),
        arena_bytes=compiled.plan.arena_bytes,
        arena_lower_bound_bytes=compiled.plan.lower_bound,
        arena_optimal=compiled.plan.is_optimal,
        state_bytes=compiled.plan.state_bytes,
        steps=tuple(
            StepSummary(
                step.title,
                step.op,
                step.source,
                step.kernel.symbol,
                step.macs,
                (choices.get(id(step.given)) or of_source[step.source]).refused,
            )
            for step in schedule.steps
        ),
        considered=compiled.considered,
    )


def _port(border: Border) -> PortSummary:
    type_: TensorType = border.type
    quant = type_.quant
    return PortSummary(
        border.name,
        type_.dtype.value,
        type_.shape,
        None if quant is None else quant.scale,
        None if quant is None else quant.zero_point,
    )


def _constants(schedule: Schedule) -> tuple[Const, ...]:
    """Every constant once: steps share arrays of equal bytes."""
    found = {id(const.data): const for step in schedule.steps for const in step.constants}
    return tuple(found.values())
