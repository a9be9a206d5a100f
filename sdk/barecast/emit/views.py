"""What a template gets to see: finished text and numbers, so that a template computes nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PortView:
    """One input or output. direction: input or output; macro: e.g. KWS_INPUT_0; function: e.g. kws_input_0.

    note: the author's name, shape and meaning, safe for a comment. scale and zero_point are literals, or None.
    accessor: the accessor's return expression.
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
    accessor: str


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
    """One array in flash. text: its elements, laid out."""

    name: str
    c_type: str
    elements: int
    bytes: int
    comment: str
    text: str


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
class StepView:
    """One step function. comment: lines without comment marks; params, call: the initialiser and the call, laid out.

    parameters: the C function's; arguments: what NAME_run gives for them. opens, closes: lines of NAME_run before and
    after the call: where conditional blocks begin and end. indent: of the call. shared: the function to define before,
    as this is the first step that calls it. params may be empty: a function of equal steps takes none.
    """

    function: str
    parameters: str
    arguments: str
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    indent: str
    comment: tuple[str, ...]
    shared: SharedView | None
    params_type: str
    params: str
    call: str
    traces: tuple[TraceView, ...]
    index: int


@dataclass(frozen=True)
class ModelView:
    """The whole model. prefix: of C functions and files; macro: of C macros; digest: of the model's file, or None.

    cmsis_nn: how the library that it calls must be built ("with", "without" single rounding), None if it calls none.
    """

    prefix: str
    macro: str
    made_for: str
    version: str
    version_number: int
    digest: str | None
    arena_bytes: int
    arena_align: int
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    states: tuple[StateView, ...]
    state_bytes: int
    state_is_used: bool
    constants: tuple[ConstantView, ...]
    steps: tuple[StepView, ...]
    memory: str
    state: str
    flash: str
    work: str
    needs_math_h: bool
    needs_math_h_for_constants: bool
    trace: bool
    probe: bool
    kernel_headers: tuple[str, ...]
    cmsis_nn: str | None

    @property
    def ports(self) -> tuple[PortView, ...]:
        return self.inputs + self.outputs
