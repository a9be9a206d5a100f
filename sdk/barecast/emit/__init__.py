"""Schedule and MemoryPlan -> SourceTree: the C that a user compiles.

docs/generated-code.md describes the files. They depend on nothing but the arguments and
barecast's version: no dates, no paths, no order of a set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from barecast import cmsis_nn, resources
from barecast.emit import arenas, constants, core, ports, runtime_headers, sharing, states, steps
from barecast.emit.environment import render
from barecast.emit.identifiers import checked_prefix
from barecast.emit.layout import thousands
from barecast.emit.manifest_json import changed, manifest_text
from barecast.emit.source_tree import SourceTree
from barecast.emit.views import ModelView
from barecast.options import Options
from barecast.schedule import MemoryPlan, Schedule
from barecast.targets import Target
from barecast.version import __version__, version_number

__all__ = ["MANIFEST", "SourceTree", "changed_manifest", "manifest", "render", "run"]

MANIFEST = "manifest.json"
POOL = "bc_pool.h"
"""What NAME_run_threads can be given. NAME.c does not include it."""


def run(
    schedule: Schedule, plan: MemoryPlan, target: Target, options: Options, model_sha256: str | None = None
) -> SourceTree:
    """All generated files. model_sha256: hex digest of the model's file, stated in the header and the manifest."""
    named = constants.name_constants(schedule)
    model = _model(schedule, plan, target, options, named, model_sha256)
    headers = runtime_headers.needed(model.kernel_headers)
    name = schedule.name
    files: dict[str, str | bytes] = {f"{name}.h": render("model.h.j2", model=model)}
    if options.single_file:
        files[f"{name}.c"] = render("single.c.j2", model=model, runtime=runtime_headers.as_text(headers))
    else:
        files[f"{name}.c"] = render("model.c.j2", model=model)
        files |= runtime_headers.as_folder(headers)
        if model.constants:
            files[f"{name}_weights.h"] = render("weights.h.j2", model=model)
            suffix = {"c": "c", "asm": "s"}[model.constants_in]
            files[f"{name}_weights.{suffix}"] = render(f"weights.{suffix}.j2", model=model)
    if options.threads > 1:
        files[f"{runtime_headers.FOLDER}/{POOL}"] = resources.text("runtime_c", f"threads/{POOL}")
    paths = [*files, MANIFEST]
    files[MANIFEST] = manifest_text(schedule, plan, target, named, model_sha256, paths, options.probe)
    return SourceTree(files)


def manifest(tree: SourceTree) -> dict[str, Any]:
    """The content of a tree's manifest.json."""
    return json.loads(tree.files[MANIFEST])


def changed_manifest(tree: SourceTree, stated: Mapping[str, Any]) -> str:
    """The text of a tree's manifest.json with these keys replaced, or added as the last ones."""
    return changed(tree.files[MANIFEST], stated)


def _model(
    schedule: Schedule,
    plan: MemoryPlan,
    target: Target,
    options: Options,
    named: constants.NamedConstants,
    digest: str | None,
) -> ModelView:
    inputs, outputs = ports.port_views(schedule, plan)
    language = constants.language(named, options)
    macs = sum(step.macs for step in schedule.steps)
    return ModelView(
        prefix=checked_prefix(schedule.name),
        macro=schedule.name.upper(),
        made_for="any core" if target.profile == "host" else target.name,
        version=__version__,
        version_number=version_number(),
        digest=digest,
        board=plan.board,
        arenas=arenas.arena_views(schedule, plan),
        arena_align=plan.align,
        sections=arenas.section_views(plan),
        inputs=inputs,
        outputs=outputs,
        states=states.state_views(schedule, named),
        state_bytes=plan.state_bytes,
        state_is_used=steps.uses_state(schedule),
        constants=constants.constant_views(schedule, named, plan.hot, language),
        constants_in=language,
        steps=steps.step_views(schedule, plan, named, sharing.groups(schedule, options.optimize)),
        memory=f"{_memory(plan)}, {_standing(plan)}",
        state=f"{thousands(plan.state_bytes)} B of RAM",
        flash=f"{thousands(named.bytes)} B of flash",
        work=f"{thousands(len(schedule.steps))} steps, {thousands(macs)} multiply-accumulates (MAC)",
        needs_math_h=steps.needs_math_h(schedule),
        needs_math_h_for_constants=constants.needs_math_h(named.arrays),
        trace=options.trace,
        probe=options.probe,
        core=core.core_view(schedule, target),
        kernel_headers=tuple(sorted(_headers(schedule))),
        cmsis_nn=_cmsis_nn(schedule),
        threads=options.threads,
    )


def _memory(plan: MemoryPlan) -> str:
    if plan.board is None:
        return f"{thousands(plan.arena_bytes)} B of RAM"
    return f"{' and '.join(f'{thousands(region.bytes)} B of {region.name}' for region in plan.regions)} on {plan.board}"


def _standing(plan: MemoryPlan) -> str:
    if plan.is_optimal:
        return "optimal for this order of steps"
    return f"the lower bound is {thousands(plan.lower_bound)} B"


def _cmsis_nn(schedule: Schedule) -> str | None:
    needs = cmsis_nn.needs(schedule)
    return None if needs is None else {True: "with", False: "without", None: "with or without"}[needs.single_rounding]


def _headers(schedule: Schedule) -> set[str]:
    """The runtime's headers that NAME.c includes: the kernels', and what a reset and streams take."""
    found = {step.kernel.header.rpartition("/")[2] for step in schedule.steps}
    return found | ({"bc_bytes.h"} if schedule.slots else set()) | ({"bc_rows.h"} if schedule.streams else set()) | (
        {"bc_bytes.h"} if any(stream.fed for stream in schedule.streams) else set()
    )
