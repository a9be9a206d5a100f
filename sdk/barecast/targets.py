"""Targets: one TOML file a core (targets/<cpu>.toml), and the families they share flags with.

A file may name a `family` (or a list of them): a file in targets/families that is read
first. Lists are joined, tables merged, anything else is overridden by the later one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from barecast import resources
from barecast.errors import InternalError, UsageError, printable

__all__ = ["ISA", "Pipeline", "Target", "Timing", "load", "names"]

ISA = ("thumb", "dsp", "fpu", "fma", "mve", "a32", "a64", "neon", "dotprod", "i8mm")

FIRMWARES_OWN = ("-m", "-W", "-std=", "-fno-pie")
"""Beginnings of flags that are a firmware's own business: its core, its warnings, its standard, its linking."""

GCC_ONLY = "-fno-tree-"


@dataclass(frozen=True)
class Timing:
    """Cycles by mnemonic for an in-order core without wait states; what no table names takes one.

    cycles: of one instruction. per_word: to which one cycle is added for every word of the
    register list. taken: of a branch that is taken. refill: added when a load or pop writes
    the program counter. pipelined: a load or store right after another takes one cycle
    less. address_stall: added when the instruction before computed the address. late_results: added
    when the instruction before computed a floating-point operand.
    model: the sentence that reports show. source: Arm's document.
    """

    model: str
    source: str
    refill: int
    cycles: Mapping[str, int]
    per_word: Mapping[str, int]
    taken: Mapping[str, int]
    pipelined: bool = False
    address_stall: int = 0
    late_results: int = 0


@dataclass(frozen=True)
class Pipeline:
    """How a core that issues several instructions in a cycle is estimated: by LLVM's scheduling model of it.

    cpu, triple: its name for llvm-mca. taken: cycles that a jump costs beyond its own. mispredicted: cycles more if it
    was not foreseen; 0 where nothing foresees jumps. decoded: instructions that a core which runs them out of order takes
    in a cycle; 0 of one that issues in order, two at most. model: the sentence that reports show. source: of the numbers.
    """

    model: str
    source: str
    cpu: str
    triple: str
    taken: int
    mispredicted: int
    decoded: int = 0


@dataclass(frozen=True)
class Target:
    """A core. `isa`: the kernel instruction sets it has, of ISA ("c" is implied).

    thumb: Thumb without SIMD instructions; dsp, mve, neon, dotprod, i8mm: extensions by these names; fpu: the
    single-precision FPU of Cortex-M4, M7 and M33; fma: that with a VFMA as fast as a VMUL.

    profile: "m" runs on bare metal, "a" and "host" as a program of the operating system.
    prefix: what the names of compiler and binutils start with. package: the Debian packages of the compiler.
    flags: compile every C file. link_flags: link the image. optimize: Options.optimize -> flags.
    boards: names of boards that run this core's code, smallest first (profile m).
    emulator: the command that runs an image, empty if the image runs by itself.
    timing: None where Arm publishes no simple timings. pipeline: None where LLVM is not asked either.
    """

    name: str
    isa: frozenset[str]
    description: str = ""
    profile: str = "host"
    prefix: str = ""
    package: str = ""
    flags: tuple[str, ...] = ()
    link_flags: tuple[str, ...] = ()
    optimize: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    boards: tuple[str, ...] = ()
    emulator: tuple[str, ...] = ()
    emulator_package: str = ""
    timing: Timing | None = field(default=None, compare=False)
    pipeline: Pipeline | None = field(default=None, compare=False)

    @property
    def core_flags(self) -> tuple[str, ...]:
        """The flags that choose the core; everything that is linked together wants the same."""
        return tuple(flag for flag in self.flags if flag.startswith("-m"))

    def firmware_options(self, optimize: str) -> tuple[str, ...]:
        """What gcc and clang should compile a model with, whatever the firmware around it takes."""
        own = (flag for flag in self.flags if not flag.startswith((*FIRMWARES_OWN, GCC_ONLY)))
        return (*self.optimize.get(optimize, ()), *own)

    @property
    def gcc_options(self) -> tuple[str, ...]:
        """What gcc should have besides, and clang does not know."""
        return tuple(flag for flag in self.flags if flag.startswith(GCC_ONLY))


def names() -> tuple[str, ...]:
    """Every target there is, sorted."""
    return tuple(name.removesuffix(".toml") for name in resources.names("targets", ".toml"))


@cache
def load(name: str) -> Target:
    """The target of this name. UsageError lists the known ones."""
    if name not in names():
        raise UsageError(f"there is no target {printable(name)}", remedy=f"choose one of {', '.join(names())}")
    data = _merged(f"{name}.toml")
    timing, pipeline = data.pop("timing", None), data.pop("pipeline", None)
    isa = frozenset(data.pop("isa"))
    if unknown := isa - set(ISA):
        raise InternalError(f"targets/{name}.toml: instruction sets {sorted(unknown)} are not known")
    optimize = MappingProxyType({key: tuple(flags) for key, flags in data.pop("optimize").items()})
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return Target(
        name=name,
        isa=isa,
        optimize=optimize,
        timing=_timing(timing) if timing else None,
        pipeline=Pipeline(**pipeline) if pipeline else None,
        **fields,
    )


def _merged(path: str) -> dict[str, Any]:
    data = tomllib.loads(resources.text("targets", path))
    families = data.pop("family", [])
    merged: dict[str, Any] = {}
    for family in [families] if isinstance(families, str) else families:
        merged = _over(merged, _merged(f"families/{family}.toml"))
    return _over(merged, data)


def _over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in top.items():
        if isinstance(value, dict):
            result[key] = _over(result.get(key, {}), value)
        elif isinstance(value, list):
            result[key] = [*result.get(key, []), *value]
        else:
            result[key] = value
    return result


def _timing(data: Mapping[str, Any]) -> Timing:
    fields = dict(data)
    for table in ("cycles", "per_word", "taken"):
        fields[table] = MappingProxyType(
            {mnemonic: cycles for row, cycles in fields.get(table, {}).items() for mnemonic in row.split()}
        )
    return Timing(**fields)
