"""The schedule: which C kernel runs when, on which buffers, with which constants. No word of ONNX in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from barecast.graph import DType, TensorType
from barecast.rows import Stream

PACKABLE = ("weights", "multiplier", "table")
"""Roles of the constants that a kernel may want in another form; each operator's calls have one, or none at all."""


@dataclass(frozen=True)
class Overlap:
    """How the output may run over an input: its end lies at most `bytes` behind the input's start, and the distance
    between the two starts is a multiple of `multiple` bytes."""

    bytes: int
    multiple: int = 1


@dataclass(frozen=True, eq=False)
class Kernel:
    """One C function of the runtime, and all that choosing and calling it needs.

    symbol: "bc_" + the header's file name, e.g. bc_conv2d_s8_c.
    dtypes: (dtype of the step's first input, dtype of its first output).
    needs: instruction sets (tokens of targets/*.toml, as in targets.ISA) the target must have.
    when: extra condition on the params; `requires` says the same in words for --explain.
    objection: what is against some params, in words, where there is more than one such condition; None if nothing is.
    fits: extra condition on the numbers of the constants, as `pack` gets them: ranges that a shorter way needs.
    wide: whether it spends flash or scratch memory on wider numbers: only with --weights wide.
    winograd: whether it computes float results otherwise than as sums of each window's products: not with --winograd off.
    pays: whether it is ahead of the kernels behind it for these params on this target; else it is passed over. What
        select.costs has measured on the target goes before it.
    tile: results are computed in squares of so many by so many, also where fewer are left.
    pack: from the constants of the operator's own call, in order, to those that this function takes in their place.
    scratch: bytes of scratch memory for these params.
    overlap: how the output may run over the call's first input (None: not at all; a number: Overlap of so many bytes),
        or a tuple, one for each of the call's inputs in order, constants included.
    copy_bytes: what another copy of the function takes in flash, about; copy_gain: how much work (a unit is what a
        multiply-accumulate takes) a copy that knows its extents saves for each output element, about. For
        barecast.emit.sharing, which has defaults for kernels of which nobody has measured it.
    apart: calls with different keys do not share a copy: it would be larger than one for each key.
    """

    symbol: str
    op: str
    dtypes: tuple[DType, DType]
    needs: frozenset[str] = frozenset()
    when: Callable[[Any], bool] = lambda params: True
    requires: str = ""
    objection: Callable[[Any], str | None] = lambda params: None
    fits: Callable[[tuple[Const, ...], Any], bool] = lambda constants, params: True
    wide: bool = False
    winograd: bool = False
    pays: Callable[[Any, Any], bool] = lambda params, target: True
    tile: int = 1
    pack: Callable[[tuple[Const, ...], Any], tuple[Const, ...]] = lambda constants, params: constants
    scratch: Callable[[Any], int] = lambda params: 0
    overlap: Callable[[Any], int | Overlap | tuple[int | Overlap, ...]] | None = None
    copy_bytes: int = 500
    copy_gain: float = 2.0
    apart: Callable[[Any], Hashable] = lambda params: None

    @property
    def header(self) -> str:
        """Path below runtime_c/kernels."""
        return f"{self.op}/{self.symbol.removeprefix('bc_')}.h"

    @property
    def takes_scratch(self) -> bool:
        """Whether the C function has a scratch argument (it may be of 0 bytes for some params)."""
        return self.scratch is not type(self).scratch

    @property
    def packs(self) -> bool:
        """Whether it wants its constants in another form than the operator's."""
        return self.pack is not type(self).pack

    def overlaps(self, params: Any) -> tuple[Overlap, ...]:
        """Of the call's inputs in order, as far as the kernel allows any."""
        stated = self.overlap(params) if self.overlap else ()
        each = stated if isinstance(stated, tuple) else (stated,)
        return tuple(one if isinstance(one, Overlap) else Overlap(int(one)) for one in each)

    def can_pack(self, args: tuple[Arg, ...]) -> bool:
        """Whether the weights are there to be packed: those that a model computes at run time are not."""
        return not self.packs or any(isinstance(arg, Const) and arg.role in PACKABLE for arg in args)

    def fits_args(self, args: tuple[Arg, ...], params: Any) -> bool:
        return self.fits(tuple(arg for arg in args if isinstance(arg, Const)), params)

    def packed(self, args: tuple[Arg, ...], params: Any) -> tuple[Arg, ...]:
        """The arguments as this function takes them: the packed constants where the first constant was."""
        constants = tuple(arg for arg in args if isinstance(arg, Const))
        if not self.packs or not constants:
            return args
        first = args.index(constants[0])
        after = tuple(arg for arg in args[first:] if isinstance(arg, Buffer))
        return (*args[:first], *self.pack(constants, params), *after)


@dataclass(frozen=True)
class Buffer:
    """An argument that lives in the arena or in a state. `written` tells an output from an input.

    over: of an output, the input whose very bytes it may be.
    """

    name: str
    written: bool = False
    over: str | None = None


@dataclass(frozen=True, eq=False)
class Const:
    """An argument that lives in flash. `role` is weights, bias, multiplier, shift, channels, table or operand.

    channels: what a kernel needs once an output channel (bias, multiplier, shift), interleaved as it loads it.
    """

    role: str
    data: np.ndarray


Arg = Buffer | Const


@dataclass(frozen=True)
class Guard:
    """condition: a buffer of one bool; value: what it must hold for the step to run."""

    condition: str
    value: bool


Guards = tuple[Guard, ...]
"""Conditions, outermost first: each is computed whenever those before it hold."""


@dataclass(frozen=True)
class Lowered:
    """A node as a kernel call: the params struct and the arguments in call order.

    Call order is fixed for every kernel of an operator: params, inputs (activations and
    constants as the operator's header states), outputs, then scratch if the kernel has any.
    op: the kernel family, where it is not the node's own operator (a concat is calls of "place").
    guard: (a buffer of one bool, what it must hold for this call to be made).
    """

    params: Any
    args: tuple[Arg, ...]
    macs: int = 0
    op: str | None = None
    guard: tuple[str, bool] | None = None


@dataclass(frozen=True, eq=False)
class Step:
    """One kernel call. `title` is for people: "depthwise Conv 3x3 + Relu". guards: it is made only if all hold.

    given: the arguments as the operator has them, before the kernel packed its constants. The params of a step of a
    stream (Schedule.streams) are those of the row that takes the most scratch memory.
    """

    op: str
    title: str
    kernel: Kernel
    params: Any
    args: tuple[Arg, ...]
    scratch: int
    macs: int
    source: tuple[str, ...]
    guards: Guards = ()
    given: tuple[Arg, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(a.name for a in self.args if isinstance(a, Buffer) and not a.written)

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(a.name for a in self.args if isinstance(a, Buffer) and a.written)

    @property
    def overlaps(self) -> tuple[tuple[str, Overlap], ...]:
        """Each buffer input in call order with how the output may run over it; Overlap(0): not at all."""
        return self.overlaps_of(self.params)

    def overlaps_of(self, params: Any) -> tuple[tuple[str, Overlap], ...]:
        """The same of the kernel's call with other params."""
        inputs = [a for a in self.args if not (isinstance(a, Buffer) and a.written)]
        allowed = self.kernel.overlaps(params)
        allowed += (Overlap(0),) * (len(inputs) - len(allowed))
        pairs = zip(inputs, allowed, strict=False)
        return tuple((arg.name, overlap) for arg, overlap in pairs if isinstance(arg, Buffer))

    @property
    def constants(self) -> tuple[Const, ...]:
        return tuple(a for a in self.args if isinstance(a, Const))


def _all_of(overlaps: Sequence[Overlap]) -> Overlap:
    """What all of them allow."""
    return Overlap(min(one.bytes for one in overlaps), math.lcm(*(one.multiple for one in overlaps)))


@dataclass(frozen=True)
class View:
    """A buffer that is part of another one: `offset` bytes into `of`."""

    of: str
    offset: int = 0


@dataclass(frozen=True)
class Border:
    """One input or output of the model: the author's name, the buffer and its type."""

    name: str
    buffer: str
    type: TensorType


@dataclass(frozen=True, eq=False)
class Slot:
    """One state of the model: memory outside of the arena that keeps its content from run to run.

    name: the author's. buffer: what the memory holds when a run starts; after: what it holds when the run ends, in
    the same bytes (`buffer` again if no step writes it). Neither is a view. initial: the content after a reset.
    """

    name: str
    type: TensorType
    initial: np.ndarray
    buffer: str
    after: str


@dataclass(frozen=True)
class Fork:
    """Neighbouring steps that threads may run at the same time, in any order. first, last: their indices, both inclusive.
    None reads or writes what another one writes, and their scratch memory lies apart."""

    first: int
    last: int

    @property
    def steps(self) -> range:
        return range(self.first, self.last + 1)


@dataclass(frozen=True, eq=False)
class Schedule:
    """Steps in execution order. `buffers` has the type of every buffer and view; `views` maps a view to its place.

    streams: neighbouring steps that run together by rows, in order; the others run alone. forks: in order, of steps that
    are of no stream.
    """

    name: str
    inputs: tuple[Border, ...]
    outputs: tuple[Border, ...]
    buffers: Mapping[str, TensorType]
    views: Mapping[str, View]
    steps: tuple[Step, ...]
    slots: tuple[Slot, ...] = ()
    streams: tuple[Stream, ...] = ()
    forks: tuple[Fork, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "buffers", MappingProxyType(dict(self.buffers)))
        object.__setattr__(self, "views", MappingProxyType(dict(self.views)))

    def root(self, name: str) -> tuple[str, int]:
        """The buffer that holds `name`, and the byte offset in it."""
        offset = 0
        while name in self.views:
            offset += self.views[name].offset
            name = self.views[name].of
        return name, offset

    @cached_property
    def stream_of(self) -> Mapping[int, Stream]:
        """Step -> the stream that it belongs to, for those that belong to one."""
        return MappingProxyType({index: stream for stream in self.streams for index in stream.steps})

    @cached_property
    def fork_of(self) -> Mapping[int, Fork]:
        """Step -> the fork that it belongs to, for those that belong to one."""
        return MappingProxyType({index: fork for fork in self.forks for index in fork.steps})

    def calls(self, index: int) -> tuple[Any, ...]:
        """The params of each call that a step makes of its kernel."""
        stream = self.stream_of.get(index)
        return (self.steps[index].params,) if stream is None else stream.bands[index]

    def overlaps(self, index: int) -> tuple[tuple[str, Overlap], ...]:
        """As Step.overlaps of a step, for every call that it makes."""
        calls = zip(*(self.steps[index].overlaps_of(params) for params in self.calls(index)), strict=True)
        return tuple((same[0][0], _all_of([overlap for _, overlap in same])) for same in calls)

    @cached_property
    def _held(self) -> Mapping[str, int]:
        return {name: held.bytes for stream in self.streams for name, held in stream.held.items()}

    def bytes_of(self, root: str) -> int:
        """The memory that a root buffer takes: of one inside of a stream only some rows are ever there."""
        held = self._held.get(root)
        return self.buffers[root].bytes if held is None else held

    @cached_property
    def slot_of(self) -> Mapping[str, int]:
        """Root buffer that lies in a state's memory -> the number of that state."""
        return MappingProxyType({b: i for i, slot in enumerate(self.slots) for b in (slot.buffer, slot.after)})


ARENA = "arena"
STATE = "state"
"""In the order in which the harness numbers them."""


@dataclass(frozen=True)
class Placement:
    """Where a buffer lies and when it lives: step indices, both inclusive (-1: before the first step).

    region: ARENA (for a board the name of one of its memories), or STATE for the memory that keeps its content from run
    to run; offset: from that region's start.
    """

    region: str
    offset: int
    bytes: int
    first: int
    last: int


@dataclass(frozen=True)
class PlannedRegion:
    """A memory in which buffers come and go: one arena of the generated code. name: as Placement.region. bytes: what
    the plan takes of it. capacity: what it may take; None where nobody said. cycles: what an access costs, relative to
    the other regions."""

    name: str
    bytes: int
    capacity: int | None = None
    cycles: float = 1


@dataclass(frozen=True, eq=False)
class MemoryPlan:
    """Offsets only. Keys are root buffers, scratch_key(i) for the scratch of step i, counter_key(s) for what a stream
    whose input comes in rows keeps from one portion of them to the next.

    lower_bound: no plan for these steps in this order can have a smaller arena: what lives at the fullest step, less what
        its output may run over its inputs; or more, if a solver has proven it.
    algorithm: the name of the one that found the plan.
    arena_bytes: of all regions together. align: of each of them.
    state_bytes, state_align: of the states' memory; 0 and 1 for a model that has none.
    planned: its regions for a board, fastest first; see `regions`. hot: id of a constant's array -> the memory that it is
        copied to at start-up. board: the board that all this is for.
    """

    placements: Mapping[str, Placement]
    arena_bytes: int
    align: int
    lower_bound: int
    algorithm: str
    state_bytes: int = 0
    state_align: int = 1
    planned: tuple[PlannedRegion, ...] = ()
    hot: Mapping[int, str] = field(default_factory=dict)
    board: str | None = None

    def __post_init__(self):
        object.__setattr__(self, "placements", MappingProxyType(dict(self.placements)))
        object.__setattr__(self, "hot", MappingProxyType(dict(self.hot)))

    @property
    def regions(self) -> tuple[PlannedRegion, ...]:
        """The arenas of the generated code: one where no board said otherwise."""
        return self.planned or (PlannedRegion(ARENA, self.arena_bytes),)

    @property
    def region_names(self) -> tuple[str, ...]:
        """All that Placement.region can be: the arenas' names, then STATE."""
        return (*(region.name for region in self.regions), STATE)

    @property
    def is_optimal(self) -> bool:
        """Whether no plan takes less, for these steps in this order. If not, it may be the best there is all the same."""
        return self.arena_bytes <= max(1, self.lower_bound)


def counter_key(stream: Stream) -> str:
    return f"counters of the rows of steps {stream.first} to {stream.last}"


def scratch_key(step: int) -> str:
    return f"scratch of step {step}"
