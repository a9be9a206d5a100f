"""What a template gets to see: finished text and numbers, so that a template computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PortView:
    """One input or output. direction: input or output; macro: e.g. KWS_INPUT_0; function: e.g. kws_input_0.

    arena: the macro of the arena that it lies in, e.g. KWS_ARENA. note: the author's name, shape and meaning, safe for a
    comment. scale and zero_point are literals, or None. accessor: the accessor's return expression. rows: of an input that
    comes in rows, which has no place; 0 of others.
    """

    direction: str
    macro: str
    function: str
    c_type: str
    offset: int
    bytes: int
    elements: int
    shape: tuple[int, ...]
    scale: str | None
    zero_point: str | None
    note: str
    rows: int
    accessor: str
    arena: str


@dataclass(frozen=True)
class ArenaView:
    """Memory of one run. member: of NAME_arenas, where there are several; macro: e.g. KWS_ARENA, or KWS_ARENA_DTCM.

    section: the linker's, None for a model that was made for no board. note: its bytes, for a comment.
    """

    member: str
    macro: str
    bytes: int
    section: str | None
    note: str


@dataclass(frozen=True)
class SectionView:
    """The macro that puts a constant into the section of a memory to which it is copied at start-up."""

    macro: str
    section: str
    memory: str


@dataclass(frozen=True)
class StateView:
    """One state as a member of NAME_state. macro: e.g. KWS_STATE_0; note, scale and zero_point as in PortView.

    align: of the member, in bytes. reset: the statement that gives it its initial value.
    """

    member: str
    macro: str
    c_type: str
    align: int
    bytes: int
    elements: int
    scale: str | None
    zero_point: str | None
    note: str
    reset: str


@dataclass(frozen=True)
class ConstantView:
    """One array in flash. text: its elements, laid out, in C or assembler.
    section: in C the macro of the memory that it is copied to, or ""; in assembler the section's name.
    align: bytes, a word or what its type has on most cores: C11 refuses less than the type's own.
    """

    name: str
    c_type: str
    elements: int
    bytes: int
    align: int
    comment: str
    text: str
    section: str


@dataclass(frozen=True)
class TraceView:
    """One call of the trace function, after a step. data: the expression of the output's address in NAME_run."""

    step: int
    output: int
    data: str
    bytes: int


@dataclass(frozen=True)
class SharedView:
    """A function that several steps call. comment: lines without comment marks; struct, members: what the steps differ in.

    head: return type, name and parameters; params: the initialiser of the kernel's params; assumptions: conditions on
    them; call: the kernel's.
    """

    comment: tuple[str, ...]
    struct: str
    members: tuple[str, ...]
    head: str
    params_type: str
    params: str
    assumptions: tuple[str, ...]
    call: str


@dataclass(frozen=True)
class RowCode:
    """What a step that runs by rows has besides. parameters: of its function, as in StepView; fields: of its params, those
    that are not constant, with their expressions; addresses: of its buffers.

    before, after: statements around the kernel's call; assumptions: conditions on the params; trace: the arguments of
    NAME_trace. is_last: whether it is the last step of its stream.
    """

    parameters: Mapping[str, str]
    fields: Mapping[str, str]
    addresses: Mapping[str, str]
    before: tuple[str, ...]
    after: tuple[str, ...]
    assumptions: tuple[str, ...]
    trace: str
    is_last: bool


@dataclass(frozen=True)
class FedView:
    """The input that comes in rows. number: in the table and among the images; needed: rows that are taken.

    counters: the address of what is kept between portions, of counter_bytes; at: the place in the order there; keep: the
    statement that makes room for a row; window: the address of its first row.
    """

    number: int
    needed: int
    counter_bytes: int
    at: str
    row_bytes: int
    counters: str
    keep: str
    window: str


@dataclass(frozen=True)
class StreamView:
    """The function that runs steps by rows. order: the elements of the table, laid out; images: of how many it counts the
    rows; parameters: as in StepView; calls: (number in the table, a step's function, what it takes); first: the step of
    number 0; fed: of the first stream, if the input comes in rows."""

    function: str
    first: int
    fed: FedView | None
    comment: tuple[str, ...]
    count: int
    order: str
    images: int
    parameters: str
    calls: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class ForkView:
    """The function by which threads run the steps of a fork. calls: of the steps' functions, in the order of the parts."""

    function: str
    comment: str
    calls: tuple[str, ...]


@dataclass(frozen=True)
class StepView:
    """One step function. comment: lines without comment marks; params, call: the initialiser and the call, laid out.

    parameters: the C function's; arguments: what its caller gives for them. runs: the function by which NAME_run runs it,
    its own or that of its stream, and what that takes. rows: what it has if it runs by rows; stream: the function to
    define behind it, as it is the last step of that stream. opens, closes: lines of NAME_run before and
    after the call: where conditional blocks begin and end. indent: of the call. shared: the function to define before,
    as this is the first step that calls it. params may be empty: a function of equal steps takes none.
    fork: of the last step of one, to define behind it; is_forked: whether threads run the step by way of one.
    """

    function: str
    parameters: str
    arguments: str
    runs: str
    runs_with: str
    rows: RowCode | None
    stream: StreamView | None
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    indent: str
    comment: tuple[str, ...]
    shared: SharedView | None
    shared_call: bool
    params_type: str
    params: str
    call: str
    traces: tuple[TraceView, ...]
    index: int
    fork: ForkView | None
    is_forked: bool


@dataclass(frozen=True)
class CoreView:
    """What the compiler's flags must choose. missing: the preprocessor's condition that they do not; flags: those that do."""

    missing: str
    flags: str


@dataclass(frozen=True)
class ModelView:
    """The whole model. prefix: of C functions and files; macro: of C macros; digest: of the model's file, or None.

    core: what the kernels want of the core; None where they are plain C.
    cmsis_nn: how the library that it calls must be built ("with", "without" single rounding), None if it calls none.
    """

    prefix: str
    macro: str
    made_for: str
    version: str
    version_number: int
    digest: str | None
    board: str | None
    arenas: tuple[ArenaView, ...]
    arena_align: int
    sections: tuple[SectionView, ...]
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    states: tuple[StateView, ...]
    state_bytes: int
    state_is_used: bool
    constants: tuple[ConstantView, ...]
    constants_in: str
    steps: tuple[StepView, ...]
    memory: str
    state: str
    flash: str
    work: str
    needs_math_h: bool
    needs_math_h_for_constants: bool
    trace: bool
    probe: bool
    core: CoreView | None
    kernel_headers: tuple[str, ...]
    cmsis_nn: str | None
    threads: int

    @property
    def fed(self) -> PortView | None:
        """The input that comes in rows."""
        return next((port for port in self.inputs if port.rows), None)

    @property
    def fed_by(self) -> FedView | None:
        """What takes that input."""
        return next((step.stream.fed for step in self.steps if step.stream and step.stream.fed), None)

    @property
    def arenas_used(self) -> frozenset[str]:
        """The arenas that a step wants: there can be ports in memory that none of them looks at."""
        return frozenset(name for step in self.steps for name in step.runs_with.split(", "))

    @property
    def argument(self) -> str:
        """What the example in NAME.h gives for it."""
        if len(self.arenas) > 1:
            return "&arenas"
        return self.arenas[0].member if self.board else "arena"

    @property
    def given(self) -> str:
        """The type and name of what NAME_run takes as its memory, without const."""
        return "void *arena" if len(self.arenas) == 1 else f"{self.prefix}_arenas *arenas"

    @property
    def forks(self) -> tuple[ForkView, ...]:
        return tuple(step.fork for step in self.steps if step.fork)

    @property
    def threads_head(self) -> str:
        """Of NAME_run_threads."""
        state = f", {self.prefix}_state *state" if self.states else ""
        return f"""void {self.prefix}_run_threads(
    void *arena{state},
    void (*spread)(void *team, void (*part)(void *argument, uint32_t index), void *argument, uint32_t count), void *team)"""

    @property
    def ports(self) -> tuple[PortView, ...]:
        return self.inputs + self.outputs
