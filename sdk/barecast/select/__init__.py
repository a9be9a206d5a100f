"""Graph -> Schedule: which kernel runs each node, on which buffers, with which constants.

The first entry of kernels.for_op that fits the types, the target and the params wins, unless one behind it is known to
be faster (costs.py); the same entry gives weight layout and scratch, so these cannot drift apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from barecast import cmsis_nn, guards, kernels, ops
from barecast.emit.identifiers import prefix_for
from barecast.errors import BarecastError, InternalError, ModelError, UnsupportedError, refusal
from barecast.graph import Call, DType, Graph, Node, Tensor, TensorType, call_of
from barecast.numerics import finite
from barecast.options import Options
from barecast.schedule import Arg, Border, Buffer, Const, Guard, Guards, Kernel, Lowered, Schedule, Slot, Step, View
from barecast.select import costs, parts
from barecast.select.last_places import Copied, Roots, output_places, state_places
from barecast.select.parts import Parts
from barecast.targets import Target


@dataclass(frozen=True)
class Refusal:
    """A kernel that was passed over, and why."""

    kernel: str
    reason: str


@dataclass(frozen=True)
class Choice:
    """What `--explain` shows of one step. kernel: None if nothing fits. refused: the better entries in order."""

    title: str
    op: str
    source: tuple[str, ...]
    kernel: str | None
    refused: tuple[Refusal, ...]


Registry = Callable[[str], tuple[Kernel, ...]]
"""Operator -> its kernels, best first: kernels.for_op, or a test's own choice."""


def run(graph: Graph, target: Target, options: Options, registry: Registry = kernels.for_op) -> Schedule:
    """The schedule for a target. One error (errors.refusal) tells of every node that cannot be lowered or run."""
    steps, problems, share = [], [], Pool()
    places = _Places.of(graph)
    for call, title, under in _calls(graph, places):
        try:
            tasks = tuple(_lower(call, places, title, under))
        except (ModelError, UnsupportedError) as error:
            problems.append(error)
            continue
        for task in tasks:
            kernel, refused = _choose(task, target, options, registry)
            if kernel is None:
                problems.append(_no_kernel(task, refused))
                continue
            args = tuple(share.arg(arg) for arg in kernel.packed(task.args, task.lowered.params))
            scratch = int(kernel.scratch(task.lowered.params))
            source = task.call.node.source
            work = task.lowered
            steps.append(
                Step(task.op, task.title, kernel, work.params, args, scratch, work.macs, source, task.guards, task.args)
            )
    if problems:
        raise refusal(problems)
    return _schedule(graph, options, places, tuple(steps), share)


def explain(graph: Graph, target: Target, options: Options, registry: Registry = kernels.for_op) -> tuple[Choice, ...]:
    """For each step in order the chosen kernel, and why each better entry for the same types was refused."""
    choices = []
    for task in _tasks(graph, _Places.of(graph)):
        kernel, refused = _choose(task, target, options, registry)
        symbol = None if kernel is None else kernel.symbol
        choices.append(Choice(task.title, task.op, task.call.node.source, symbol, refused))
    return tuple(choices)


def candidates(graph: Graph, target: Target, options: Options) -> tuple[Kernel, ...]:
    """Every kernel that can run each kernel call of the graph, whether it pays or not, best first: what tests try one
    by one."""
    tasks = tuple(_tasks(graph, _Places.of(graph)))
    return tuple(
        kernel
        for kernel in kernels.for_op(tasks[0].op)
        if all(
            task.op == kernel.op
            and task.dtypes == kernel.dtypes
            and _reason_against(kernel, task.lowered.params, task.args, target, options) is None
            for task in tasks
        )
    )


@dataclass(frozen=True)
class _Task:
    """One kernel call to be: a node's lowering, its arguments settled. `dtypes` as in Kernel."""

    call: Call
    op: str
    title: str
    lowered: Lowered
    args: tuple[Arg, ...]
    dtypes: tuple[DType, DType]
    guards: Guards


@dataclass(frozen=True)
class _Places:
    """Where tensors lie. views: as in Schedule; constants: tensors that lie in flash; borders: buffers of the outputs.

    kept: for each state the buffer that holds its next value, in the state's own memory. copies: of each output and
    state that cannot lie where its tensor does, in the order in which they are to be made. guards: of each node.
    """

    views: dict[str, View]
    constants: dict[str, np.ndarray]
    borders: tuple[str, ...]
    kept: tuple[str, ...]
    copies: tuple[Copied, ...]
    guards: tuple[Guards, ...]
    parts: Parts

    @classmethod
    def of(cls, graph: Graph) -> _Places:
        constants = {name: tensor.data for name, tensor in graph.tensors.items() if tensor.is_constant}
        views: dict[str, View] = {}
        for node in graph.nodes:
            if not ops.get(node.op).is_view:
                continue
            (source, *_), (result,) = node.inputs, node.outputs
            if source in constants:
                constants[result] = constants[source].reshape(graph.type(result).shape)
            else:
                views[result] = View(source)
        under = guards.of(graph)
        views.update((side, View(joined)) for side, joined in guards.aliases(graph, under, views | constants).items())
        found = parts.find(graph, views, constants.keys(), under)
        views.update(found.views)
        roots = Roots({result: view.of for result, view in views.items()}, constants.keys())
        borders, for_outputs = output_places(graph, roots)
        kept, for_states = state_places(graph, roots)
        return cls(views, constants, borders, kept, (*for_outputs, *for_states), under, found)


def _tasks(graph: Graph, places: _Places) -> Iterator[_Task]:
    for call, title, under in _calls(graph, places):
        yield from _lower(call, places, title, under)


def _calls(graph: Graph, places: _Places) -> Iterator[tuple[Call, str, Guards]]:
    """What is to be lowered, in order, each with its title and the conditions under which it runs."""
    for node, under in zip(graph.nodes, places.guards, strict=True):
        op, call = ops.get(node.op), call_of(graph, node)
        if not op.is_view and node.outputs[0] not in places.parts.slices:
            yield call, op.title(call) if op.title else op.name, under
    copy = ops.get("copy")
    made = dict(graph.tensors)
    for copied in places.copies:
        made[copied.buffer] = Tensor(copied.buffer, made[copied.source].type)
        node = Node("copy", copy.attrs(), (copied.source,), (copied.buffer,))
        yield Call(node, (made[copied.source],), (made[copied.buffer],), graph.rule), copied.title, ()


def _lower(call: Call, places: _Places, title: str, under: Guards) -> Iterator[_Task]:
    op = ops.get(call.node.op)
    types = {tensor.name: tensor.type for tensor in (*call.inputs, *call.outputs) if tensor is not None}
    try:
        lowered = op.lower(call)
        calls = lowered if isinstance(lowered, tuple) else (lowered,)
        for const in (arg for part in calls for arg in part.args if isinstance(arg, Const)):
            if const.role in ("weights", "bias"):
                # The model's own constants are finite; what was computed from them may have overflowed.
                finite.check(const.data, f"with what was folded into it, its {const.role} constant")
    except BarecastError as error:
        raise error.at(node=next(iter(call.node.source), None), operator=title) from error
    updated = {call.outputs[o].name: call.inputs[i].name for i, o in op.updates}
    for index, part in enumerate(calls):
        if call.node.op == "join" and places.views.get(part.args[0].name) == View(call.outputs[0].name):
            continue  # this side is computed where it is wanted
        if isinstance(part.args[0], Buffer) and (call.outputs[0].name, part.args[0].name) in places.parts.joined:
            continue
        args = tuple(_settled(arg, places, updated) for arg in part.args)
        numbered = f"{title}, part {index + 1} of {len(calls)}" if len(calls) > 1 else title
        conditions = under if part.guard is None else (*under, Guard(*part.guard))
        yield _Task(call, part.op or op.name, numbered, part, args, _dtypes(args, types, op.name), conditions)


def _settled(arg: Arg, places: _Places, updated: dict[str, str]) -> Arg:
    """A buffer argument whose tensor is a constant becomes that constant. updated: output -> input it may lie over."""
    if isinstance(arg, Buffer) and arg.name in places.constants:
        return Const("operand", places.constants[arg.name])
    if isinstance(arg, Buffer) and arg.written and arg.name in updated:
        return replace(arg, over=updated[arg.name])
    return arg


def _dtypes(args: tuple[Arg, ...], types: dict[str, TensorType], op: str) -> tuple[DType, DType]:
    written = [types[a.name].dtype for a in args if isinstance(a, Buffer) and a.written]
    read = [
        types[a.name].dtype if isinstance(a, Buffer) else DType.of(a.data.dtype)
        for a in args
        if isinstance(a, Const) or not a.written
    ]
    if not written or not read:
        raise InternalError(f"the lowering of {op} reads or writes nothing")
    return read[0], written[0]


def _choose(
    task: _Task, target: Target, options: Options, registry: Registry
) -> tuple[Kernel | None, tuple[Refusal, ...]]:
    refused = []
    entries, theirs = _entries(task.op, task.dtypes, target, options, registry)
    if options.kernels == "cmsis-nn" and not theirs:
        refused.append(Refusal("CMSIS-NN", cmsis_nn.absence(task.op, task.dtypes)))
    for place, kernel in enumerate(entries, 1):
        reason = _reason_against(kernel, task.lowered.params, task.args, target, options)
        if reason is None:
            reason = _better(kernel, task.lowered.params, task.args, entries[place:], target, options)
        if reason is None:
            return kernel, tuple(refused)
        refused.append(Refusal(kernel.symbol, reason))
    return None, tuple(refused)


def _better(
    kernel: Kernel, params: Any, args: tuple[Arg, ...], behind: Sequence[Kernel], target: Target, options: Options
) -> str | None:
    """What is against a kernel that takes the call: one behind it is faster, by what was measured of both on this core;
    where that is not known, by the kernel's own word."""
    own = costs.estimate(kernel, params, target)
    rivals = [(cost, other) for other in behind if (cost := costs.estimate(other, params, target)) is not None]
    rivals = [rival for rival in rivals if _reason_against(rival[1], params, args, target, options) is None]
    if own is None or not rivals:
        return None if kernel.pays(params, target) else "would not be faster for these shapes on this core"
    cost, fastest = min(rivals, key=lambda rival: rival[0])
    return f"would take {own / cost:.2f} times as long as {fastest.symbol}, by measured costs" if cost < own else None


def _entries(
    op: str, dtypes: tuple[DType, DType], target: Target, options: Options, registry: Registry
) -> tuple[list[Kernel], bool]:
    """The kernels of an operator for its types, best first, and whether CMSIS-NN has one of them, if it may."""
    entries = [kernel for kernel in registry(op) if kernel.dtypes == dtypes]
    theirs = []
    if options.kernels == "cmsis-nn":
        theirs = [kernel for kernel in cmsis_nn.entries(op, cmsis_nn.core(target)) if kernel.dtypes == dtypes]
    return theirs + entries, bool(theirs)


def for_bands(
    step: Step,
    bands: tuple[Any, ...],
    pool: Pool,
    target: Target,
    options: Options,
    registry: Registry = kernels.for_op,
) -> Step | None:
    """The step by the first kernel that can make its call with each of `bands`, params of the step's own kind, with one
    set of packed constants; its params are those that take the most scratch memory. None if no kernel can.
    """
    entries, _ = _entries(step.op, step.kernel.dtypes, target, options, registry)
    for place, kernel in enumerate(entries, 1):
        if any(_reason_against(kernel, params, step.given, target, options) for params in bands):
            continue
        if all(_better(kernel, params, step.given, entries[place:], target, options) for params in bands):
            continue
        packed, *others = (kernel.packed(step.given, params) for params in bands)
        if all(_same_constants(packed, other) for other in others):
            most = max(bands, key=kernel.scratch)
            args = tuple(pool.arg(arg) for arg in packed)
            return replace(step, kernel=kernel, params=most, args=args, scratch=int(kernel.scratch(most)))
    return None


def for_parts(step: Step, parts: tuple[Any, ...], target: Target, options: Options) -> tuple[Step, ...] | None:
    """The step by its own kernel once for each of `parts`, params of the step's own kind, with the constants that it has;
    its arguments are the whole step's. None if the kernel takes one of them not at all, or with other constants.
    """
    found = []
    for params in parts:
        if _reason_against(step.kernel, params, step.given, target, options):
            return None
        args = step.kernel.packed(step.given, params)
        if not _same_constants(step.args, args):
            return None
        found.append(replace(step, params=params, scratch=int(step.kernel.scratch(params))))
    return tuple(found)


def with_constants(
    step: Step, params: Any, given: tuple[Arg, ...], pool: Pool, target: Target, options: Options
) -> Step | None:
    """The step by its own kernel with other params and constants, `given` as the operator has them. None if it does not
    take them."""
    if _reason_against(step.kernel, params, given, target, options):
        return None
    args = tuple(pool.arg(arg) for arg in step.kernel.packed(given, params))
    return replace(step, params=params, given=given, args=args, scratch=int(step.kernel.scratch(params)))


def _same_constants(one: tuple[Arg, ...], other: tuple[Arg, ...]) -> bool:
    if len(one) != len(other):
        return False
    pairs = [(a.data, b.data) for a, b in zip(one, other, strict=True) if isinstance(a, Const) and isinstance(b, Const)]
    return all(a is b or (a.dtype == b.dtype and a.tobytes() == b.tobytes()) for a, b in pairs)


def _reason_against(
    kernel: Kernel, params: Any, args: tuple[Arg, ...], target: Target, options: Options
) -> str | None:
    if kernel.needs and options.kernels == "c":
        return "only plain C is asked for"
    if lacking := sorted(kernel.needs - target.isa):
        return f"needs {' and '.join(lacking)}, which {target.name} has not"
    if kernel.wide and options.weights != "wide":
        return "spends flash or scratch memory: only with --weights wide"
    if kernel.winograd and options.winograd == "off":
        return "not with --winograd off"
    if kernel.winograd and options.optimize == "size":
        return "has 16 weights for 9: not with --optimize size"
    if not kernel.when(params):
        return f"requires {kernel.requires}" if kernel.requires else "does not take these shapes or attributes"
    if objection := kernel.objection(params):
        return objection
    if not kernel.can_pack(args):
        return "packs its weights, which are computed at run time here"
    if not kernel.fits_args(args, params):
        return "does not take these weights, biases or scales: a sum or a rounding would leave its range"
    return None


def _no_kernel(task: _Task, refused: tuple[Refusal, ...]) -> UnsupportedError:
    node = task.call.node.source[0] if task.call.node.source else None
    before, after = (dtype.value for dtype in task.dtypes)
    if refused:
        reason = "; ".join(f"{r.kernel} {r.reason}" for r in refused)
    else:
        reason = f"there is no kernel for {before} -> {after}"
    remedy = "`barecast ops` lists the kernels with their types"
    return UnsupportedError(reason, node=node, operator=task.title, remedy=remedy)


@dataclass
class Pool:
    """Gives one array object for all constants of equal type, shape and bytes."""

    arrays: dict[tuple, np.ndarray] = field(default_factory=dict)

    def arg(self, arg: Arg) -> Arg:
        return replace(arg, data=self.array(arg.data)) if isinstance(arg, Const) else arg

    @classmethod
    def of(cls, schedule: Schedule) -> Pool:
        """One that gives the schedule's own objects for its constants."""
        return cls({_key(const.data): const.data for step in schedule.steps for const in step.constants})

    def array(self, data: np.ndarray) -> np.ndarray:
        data = np.asarray(data, order="C")
        key = _key(data)
        if key not in self.arrays:
            held = data.view()
            held.flags.writeable = False
            self.arrays[key] = held
        return self.arrays[key]


def _key(data: np.ndarray) -> tuple:
    return data.dtype.str, data.shape, hashlib.sha256(data.tobytes()).digest()


def _schedule(graph: Graph, options: Options, places: _Places, steps: tuple[Step, ...], share: Pool) -> Schedule:
    buffers = {port.tensor: graph.type(port.tensor) for port in graph.inputs}
    buffers.update((state.before, graph.type(state.before)) for state in graph.states)
    for node in graph.nodes:
        buffers.update((name, graph.type(name)) for name in node.outputs if name not in places.constants)
    for copied in places.copies:
        buffers[copied.buffer] = buffers[copied.source] if copied.source in buffers else graph.type(copied.source)
    slots = tuple(
        Slot(state.name, graph.type(state.before), share.array(state.initial), state.before, after)
        for state, after in zip(graph.states, places.kept, strict=True)
    )
    inputs = tuple(Border(p.name, p.tensor, graph.type(p.tensor)) for p in graph.inputs)
    outputs = tuple(
        Border(p.name, buffer, graph.type(p.tensor)) for p, buffer in zip(graph.outputs, places.borders, strict=True)
    )
    name = options.name if options.name is not None else prefix_for(graph.name)
    return Schedule(name, inputs, outputs, buffers, places.views, steps, slots)
