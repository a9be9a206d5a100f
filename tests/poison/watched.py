"""Many small networks in one image whose memory is watched, each from its seed to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from barecast import emit, reference, runners, toolchain
from barecast.graph import Graph
from barecast.options import Options
from barecast.pipeline import Compiled
from barecast.samples import Samples, random_samples, stack
from barecast.schedule import MemoryPlan, Schedule
from barecast.targets import Target
from barecast.verification.compare import Comparison, compare
from barecast.verification.strays import StrayWrite, stray_writes
from barecast.verification.tolerance import own_rules

from tests.emit import hosted
from tests.planner.networks import network
from tests.streaming.chains import builder, chain, spans, stages, streamed

Replan = Callable[[Schedule, MemoryPlan], MemoryPlan]


@dataclass(frozen=True, eq=False)
class Outcome:
    """own: the target's outputs against the reference. steps: how many there were."""

    seed: int
    own: Comparison
    strays: tuple[StrayWrite, ...]
    guard_ok: bool
    steps: int

    @property
    def passed(self) -> bool:
        return self.own.passed and not self.strays and self.guard_ok


def branchy(seed: int, target: Target, replan: Replan | None = None, **options: str) -> Compiled:
    """A network of tests/planner/networks.py."""
    return compiled(network(seed), target, f"branchy{seed}", replan, **options)


def by_rows(
    seed: int, target: Target, replan: Replan | None = None, name: str | None = None, **options: str
) -> Compiled:
    """A chain of tests/streaming/chains.py of which as much as can be runs by rows, or a part of that."""
    graph = chain(seed)
    chosen = Options(name=name or f"chain{seed}", probe=True, **options)
    made = builder(graph, target, chosen)
    found = spans(made)
    first, last = found[len(found) // 3 if seed % 2 else 0]
    rest = [span for span in found if span[0] > last][:1]
    return _compiled(graph, stages(streamed(made, (first, last), *rest), target, chosen), target, chosen, replan)


def compiled(graph: Graph, target: Target, name: str, replan: Replan | None = None, **options: str) -> Compiled:
    """replan: what takes the place of the plan; it is not checked then."""
    chosen = Options(name=name, probe=True, **options)
    return _compiled(graph, hosted.stages(graph, chosen, target), target, chosen, replan)


def _compiled(
    graph: Graph, made: hosted.Stages, target: Target, options: Options, replan: Replan | None
) -> Compiled:
    plan, tree = made.plan, made.tree
    if replan:
        plan = replan(made.schedule, made.plan)
        tree = emit.run(made.schedule, plan, target, options)
    return Compiled(
        model=Path(made.schedule.name), target=target, options=options, imported=graph, graph=graph,
        selected=made.schedule, schedule=made.schedule, plan=plan, tree=tree,
    )  # fmt: skip


Draw = Callable[..., Compiled]
"""branchy or by_rows."""


def outcomes(
    seeds: Iterable[int], target: Target, folder: Path, samples: int = 2, draw: Draw = branchy, **options: str
) -> list[Outcome]:
    """Networks of seeds, built into one program."""
    return run({seed: draw(seed, target, **options) for seed in seeds}, folder, samples)


def run(models: dict[int, Compiled], folder: Path, samples: int = 2) -> list[Outcome]:
    """Every model, by its seed, on the same random inputs as its reference."""
    places = [model.tree.write(folder / model.schedule.name) for model in models.values()]
    (target,) = {model.target for model in models.values()}
    image = toolchain.build(places, target, out=folder / "build")
    inputs = {seed: random_samples(model.graph, samples, seed) for seed, model in models.items()}
    result = runners.run(image, [given.arrays for given in inputs.values()], count=False)
    return [
        Outcome(
            seed=seed,
            own=_compared(model, inputs[seed], got),
            strays=stray_writes(model, got.strays),
            guard_ok=got.guard_ok,
            steps=len(model.schedule.steps),
        )
        for (seed, model), got in zip(models.items(), result.models, strict=True)
    ]


def _compared(model: Compiled, inputs: Samples, got: runners.ModelResult) -> Comparison:
    rules = own_rules(model.graph)
    rows = reference.sequence(model.graph, (inputs.one(index) for index in range(inputs.count)))
    wanted = stack([reference.outputs(model.graph, values) for values in rows])
    return compare(wanted, got.outputs, {port.name: rules[port.tensor] for port in model.graph.outputs})
