"""The memory of a run as C has it: one arena, or a struct with a pointer to one in each memory that is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from barecast.emit.layout import thousands
from barecast.emit.views import ArenaView, SectionView
from barecast.schedule import MemoryPlan, Schedule

__all__ = ["Arenas", "arena_views", "section_macro", "section_name", "section_views"]


@dataclass(frozen=True)
class Arenas:
    """Names of the plan's regions in C. With one region it is `arena` everywhere, and `a` in NAME_run."""

    plan: MemoryPlan

    @property
    def single(self) -> bool:
        return len(self.plan.regions) == 1

    def parameter(self, region: str) -> str:
        """Of a step's function, a uint8_t pointer."""
        return "arena" if self.single else region

    def variable(self, region: str) -> str:
        """In NAME_run."""
        return "a" if self.single else region

    def member(self, region: str, const: bool) -> str:
        """In an accessor of NAME.h, as a pointer to bytes."""
        given = "arena" if self.single else f"arenas->{region}"
        return f"({'const ' if const else ''}uint8_t *){given}"

    def used(self, regions: Iterable[str]) -> dict[str, str]:
        """For those of a step: the variable in NAME_run -> the parameter with its type, in the plan's order."""
        wanted = set(regions)
        names = [region.name for region in self.plan.regions if region.name in wanted]
        return {self.variable(name): f"uint8_t *{self.parameter(name)}" for name in names}


def arena_views(schedule: Schedule, plan: MemoryPlan) -> tuple[ArenaView, ...]:
    """One for each region, fastest first. Only a plan for a board knows a memory's name."""
    macro, single = schedule.name.upper(), len(plan.regions) == 1
    return tuple(
        ArenaView(
            member=region.name,
            macro=f"{macro}_ARENA" if single else f"{macro}_ARENA_{region.name.upper()}",
            bytes=region.bytes,
            section=arena_section(region.name) if plan.board else None,
            note=f"{thousands(region.bytes)} B of {region.name}",
        )
        for region in plan.regions
    )


def arena_section(region: str) -> str:
    """The name of the linker's input section for arenas in a memory."""
    return f".bc_arena_{region}"


def section_macro(region: str) -> str:
    """What a constant that is copied to a memory has before its type."""
    return f"BC_SECTION_{region.upper()}"


def section_name(region: str) -> str:
    """The linker's input section for constants that are copied to a memory."""
    return f".bc_hot_{region}"


def section_views(plan: MemoryPlan) -> tuple[SectionView, ...]:
    """One for each memory that constants are copied to."""
    return tuple(SectionView(section_macro(name), section_name(name), name) for name in sorted(set(plan.hot.values())))
