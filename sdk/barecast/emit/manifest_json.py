"""manifest.json: the generated code described for programs. docs/generated-code.md lists the keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from barecast import cmsis_nn
from barecast.emit.arenas import arena_section
from barecast.emit.constants import NamedConstants
from barecast.emit.names import function_name
from barecast.emit.ports import offset_of
from barecast.emit.probes import probes
from barecast.emit.steps import complete_outputs
from barecast.graph import TensorType
from barecast.schedule import Border, MemoryPlan, Schedule, Slot
from barecast.targets import Target
from barecast.version import __version__

_SHORT_LISTS = re.compile(r"\[\n\s+([-\d,\s]+?)\n\s+\]")
"""Lists of integers, i.e. shapes, as json.dumps breaks them. No string matches: JSON has no line breaks in strings."""


def manifest_text(
    schedule: Schedule,
    plan: MemoryPlan,
    target: Target,
    constants: NamedConstants,
    digest: str | None,
    files: Iterable[str],
    probe: bool = False,
) -> str:
    """JSON in ASCII, keys in a fixed order. probe: with what a build that watches the memory must know."""
    complete = complete_outputs(schedule)
    content = {
        "barecast": __version__,
        "name": schedule.name,
        "target": target.name,
        "model_sha256": digest,
        "arena_bytes": plan.arena_bytes,
        "arena_align": plan.align,
        "arena_lower_bound_bytes": plan.lower_bound,
        "arena_optimal": plan.is_optimal,
        "planner": plan.algorithm,
        "state_bytes": plan.state_bytes,
        "state_align": plan.state_align,
        "constants_bytes": constants.bytes,
        "cmsis_nn": _cmsis_nn(schedule),
        "macs": sum(step.macs for step in schedule.steps),
        "inputs": [_input(schedule, plan, border) for border in schedule.inputs],
        "outputs": [_border(schedule, plan, border) for border in schedule.outputs],
        "states": [_state(plan, slot) for slot in schedule.slots],
        "steps": [_step(schedule, plan, index, complete[index]) for index in range(len(schedule.steps))],
        **_streams(schedule),
        **_forks(schedule),
        "files": sorted(files),
        **({"probes": probes(schedule, plan)} if probe else {}),
    }
    if plan.board is not None:
        content |= _board(plan, constants)
    return _text(content)


def changed(text: str | bytes, stated: Mapping[str, Any]) -> str:
    """A manifest's text with these keys replaced, or added as the last ones."""
    return _text({**json.loads(text), **stated})


def _text(content: Mapping[str, Any]) -> str:
    return _SHORT_LISTS.sub(_on_one_line, json.dumps(content, indent=2, ensure_ascii=True)) + "\n"


def _streams(schedule: Schedule) -> dict[str, Any]:
    """The steps that run together by rows; no key where none do."""
    if not schedule.streams:
        return {}
    return {
        "streams": [
            {
                "first_step": stream.first,
                "last_step": stream.last,
                "moved_bytes": stream.moved_bytes,
                "held": [
                    {"tensor": name, "rows": held.rows, "of": held.height, "row_bytes": held.row_bytes}
                    for name, held in stream.held.items()
                ],
            }
            for stream in schedule.streams
        ]
    }


def _forks(schedule: Schedule) -> dict[str, Any]:
    """The steps that threads may run at the same time; no key where there are none."""
    if not schedule.forks:
        return {}
    return {"forks": [{"first_step": fork.first, "last_step": fork.last} for fork in schedule.forks]}


def _board(plan: MemoryPlan, constants: NamedConstants) -> dict[str, Any]:
    """What is there of a model that was made for a board only."""
    arrays = {id(const.data): (name, const.data.nbytes) for name, const in constants.arrays.items()}
    return {
        "board": plan.board,
        "regions": [{**asdict(region), "section": arena_section(region.name)} for region in plan.regions],
        "hot": [
            {"name": arrays[key][0], "region": region, "bytes": arrays[key][1]} for key, region in plan.hot.items()
        ],
    }


def _cmsis_nn(schedule: Schedule) -> dict[str, Any] | None:
    """What the build must know of the library; None if no step calls it."""
    needs = cmsis_nn.needs(schedule)
    return None if needs is None else asdict(needs)


def _on_one_line(found: re.Match[str]) -> str:
    return f"[{' '.join(found.group(1).split())}]"


def _type(type: TensorType) -> dict[str, Any]:
    quant = type.quant if type.quant is not None and type.quant.per_tensor else None
    return {
        "dtype": type.dtype.value,
        "shape": list(type.shape),
        "scale": quant.scale[0] if quant else None,
        "zero_point": quant.zero_point[0] if quant else None,
    }


def _border(schedule: Schedule, plan: MemoryPlan, border: Border) -> dict[str, Any]:
    place: dict[str, Any] = {"offset": offset_of(schedule, plan, border.buffer), "bytes": border.type.bytes}
    if plan.board is not None:
        place["region"] = plan.placements[schedule.root(border.buffer)[0]].region
    return {"name": border.name, **_type(border.type), **place}


def _input(schedule: Schedule, plan: MemoryPlan, border: Border) -> dict[str, Any]:
    """One that comes in rows has no place, but a number of rows that are taken."""
    found = _border(schedule, plan, border)
    fed = next((stream for stream in schedule.streams if stream.fed == border.buffer), None)
    return found if fed is None else {**found, "offset": None, "rows": fed.held[border.buffer].height}


def _state(plan: MemoryPlan, slot: Slot) -> dict[str, Any]:
    return {"name": slot.name, **_type(slot.type), "offset": plan.placements[slot.buffer].offset, "bytes": slot.type.bytes}


def _step(schedule: Schedule, plan: MemoryPlan, index: int, complete: tuple[bool, ...]) -> dict[str, Any]:
    step = schedule.steps[index]
    return {
        "name": function_name(schedule, index),
        "title": step.title,
        "op": step.op,
        "kernel": step.kernel.symbol,
        "source": list(step.source),
        "macs": step.macs,
        "weights_bytes": sum(const.data.nbytes for const in step.constants),
        "scratch_bytes": step.scratch,
        "outputs": [
            {
                "tensor": name,
                **_type(schedule.buffers[name]),
                "region": plan.placements[schedule.root(name)[0]].region,
                "offset": offset_of(schedule, plan, name),
                "bytes": schedule.buffers[name].bytes,
                "complete": complete[number],
            }
            for number, name in enumerate(step.outputs)
        ],
    }
