"""Programs whose memory is watched, and what their steps wrote that was not theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from barecast import emit
from barecast.errors import printable
from barecast.pipeline import Compiled
from barecast.runners import Stray
from barecast.schedule import STATE


@dataclass(frozen=True)
class StrayWrite:
    """Step `step` (its C function: name) wrote the byte at `offset` of `region`, which is not its own.

    holds: whose byte it was: a buffer's name, "nothing" or "guard". sample: the first one in which it was seen.
    """

    sample: int
    step: int
    name: str
    title: str
    kernel: str
    region: str
    offset: int
    holds: str

    def sentence(self) -> str:
        held = {"nothing": "where nothing lies", "guard": "which is outside"}.get(
            self.holds, f'which "{printable(self.holds)}" holds'
        )
        return f"step {self.step} ({self.name}, {self.title}, {self.kernel}): byte {self.offset} of the {self.region}, {held}"


def probed(compiled: Compiled) -> Compiled:
    """The same, with C that lets the harness look at the memory after each step."""
    options = replace(compiled.options, probe=True)
    tree = emit.run(compiled.schedule, compiled.plan, compiled.target, options)
    return replace(compiled, options=options, tree=tree)


def stray_writes(compiled: Compiled, strays: Sequence[Stray]) -> tuple[StrayWrite, ...]:
    """Each step's first one in each region, with names."""
    firsts: dict[tuple[int, str], Stray] = {}
    for stray in strays:
        firsts.setdefault((stray.step, stray.region), stray)
    listed = emit.manifest(compiled.tree)["steps"]
    return tuple(
        StrayWrite(
            sample=stray.sample,
            step=stray.step,
            name=listed[stray.step]["name"],
            title=listed[stray.step]["title"],
            kernel=listed[stray.step]["kernel"],
            region=stray.region,
            offset=stray.offset,
            holds=_holder(compiled, stray),
        )
        for stray in firsts.values()
    )


def _holder(compiled: Compiled, stray: Stray) -> str:
    plan = compiled.plan
    sizes = {STATE: plan.state_bytes, **{region.name: region.bytes for region in plan.regions}}
    if not 0 <= stray.offset < sizes[stray.region]:
        return "guard"
    for key, place in plan.placements.items():
        here = place.region == stray.region and place.offset <= stray.offset < place.offset + place.bytes
        if here and place.first <= stray.step <= place.last:
            return key
    return "nothing"
