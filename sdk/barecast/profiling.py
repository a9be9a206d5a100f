"""What a model costs on a target: instructions, cycles, memory, flash, in total and by step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from barecast import cycles, emit, pipeline, runners, stack, toolchain
from barecast.boards import Board
from barecast.pipeline import Compiled
from barecast.samples import Samples, random_samples
from barecast.stack import StackBound


@dataclass(frozen=True)
class Flash:
    """Bytes of the model's own object code: machine code, weights with biases and tables, other constants."""

    code_bytes: int
    weights_bytes: int
    const_bytes: int

    @property
    def total(self) -> int:
        return self.code_bytes + self.weights_bytes + self.const_bytes


@dataclass(frozen=True)
class StepCost:
    """One step. instructions: executed per inference, None where nothing counts them (host).
    cycles: estimated, or None."""

    name: str
    title: str
    source: tuple[str, ...]
    op: str
    kernel: str
    macs: int
    instructions: float | None
    cycles: float | None
    weights_bytes: int
    scratch_bytes: int


@dataclass(frozen=True)
class Profile:
    """The costs of one inference. cycle_model: how `cycles` was estimated, None if it was not.

    ram_bytes: the arena, the state, everything else in .data and .bss, and constants that start-up copies; stack_bytes:
    the deepest use measured in NAME_run; stack_bound: what no run exceeds.
    """

    model: str
    target: str
    instructions: float | None
    cycles: float | None
    cycle_model: str | None
    macs: int
    arena_bytes: int
    arena_lower_bound_bytes: int
    arena_optimal: bool
    state_bytes: int
    ram_bytes: int
    stack_bytes: int
    stack_bound: StackBound
    flash: Flash
    steps: tuple[StepCost, ...]

    def as_json(self) -> dict[str, Any]:
        """The keys that docs/commands.md promises."""
        found: dict[str, Any] = {}
        for key, value in asdict(self).items():
            found |= self.stack_bound.as_json() if key == "stack_bound" else {key: value}
        return _whole(found)


def _whole(value: Any) -> Any:
    """Counts as integers wherever they are: the mean over samples makes floats of them."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def profile(compiled: Compiled, inputs: Samples | None = None, board: Board | None = None) -> Profile:
    """Builds the model for its target, runs it on the inputs (one random sample if None) and counts."""
    inputs = inputs or random_samples(compiled.graph, 1)
    with pipeline.built(compiled, board) as image:
        result = runners.run(image, inputs.arrays, count=True)
        estimate = cycles.estimate(image, result)
        sizes = toolchain.sizes_of(image)
        measured, limit = result.models[0], stack.bound(image)
    stack.check(limit, measured.stack_bytes, f"{measured.name}_run")
    return Profile(
        model=compiled.model.name,
        target=compiled.target.name,
        instructions=measured.instructions,
        cycles=estimate.total if estimate else None,
        cycle_model=estimate.model if estimate else None,
        macs=sum(step.macs for step in compiled.schedule.steps),
        arena_bytes=compiled.plan.arena_bytes,
        arena_lower_bound_bytes=compiled.plan.lower_bound,
        arena_optimal=compiled.plan.is_optimal,
        state_bytes=compiled.plan.state_bytes,
        ram_bytes=compiled.plan.arena_bytes + compiled.plan.state_bytes + _static(sizes),
        stack_bytes=measured.stack_bytes,
        stack_bound=limit,
        flash=Flash(sizes.code_bytes, sizes.weights_bytes, sizes.const_bytes),
        steps=_steps(compiled, measured, estimate),
    )


def _static(sizes: toolchain.Sizes) -> int:
    """RAM that is taken whether the model runs or not: writable data, and constants that start-up copies there."""
    return sizes.data_bytes + sizes.bss_bytes + sizes.hot_bytes


def _steps(compiled: Compiled, measured: runners.ModelResult, estimate: cycles.Cycles | None) -> tuple[StepCost, ...]:
    listed = emit.manifest(compiled.tree)["steps"]
    return tuple(
        StepCost(
            name=entry["name"],
            title=entry["title"],
            source=tuple(entry["source"]),
            op=entry["op"],
            kernel=entry["kernel"],
            macs=entry["macs"],
            instructions=measured.steps[index].instructions,
            cycles=estimate.steps[index] if estimate else None,
            weights_bytes=entry["weights_bytes"],
            scratch_bytes=entry["scratch_bytes"],
        )
        for index, entry in enumerate(listed)
    )
