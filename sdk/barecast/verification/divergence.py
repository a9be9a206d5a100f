"""Where a target first leaves the reference: every step's output, held against the graph's own values."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from barecast import emit, numerics, pipeline, reference, runners
from barecast.boards import Board
from barecast.emit import SourceTree
from barecast.errors import printable
from barecast.graph import DType, TensorType
from barecast.pipeline import Compiled
from barecast.runners import TraceRecord
from barecast.samples import Samples
from barecast.schedule import Schedule
from barecast.verification import border_layout, oracles
from barecast.verification.compare import Difference, Kind, Rule, compare
from barecast.verification.tolerance import logit_errors, oracle_rules, own_rules


@dataclass(frozen=True)
class Divergence:
    """The first step whose output is wrong.

    step: index of the step; name: its C function; source: the model's nodes it stands for.
    difference: the element (an index into the step's output, channels last) and both values.
    """

    step: int
    name: str
    title: str
    kernel: str
    source: tuple[str, ...]
    difference: Difference

    def as_json(self) -> dict[str, Any]:
        d = self.difference
        return {
            "step": self.step,
            "name": self.name,
            "title": self.title,
            "kernel": self.kernel,
            "source": list(self.source),
            "tensor": d.tensor,
            "sample": d.sample,
            "element": list(d.element),
            "expected": _json_number(d.expected),
            "got": _json_number(d.got),
        }

    def sentence(self) -> str:
        d = self.difference
        nodes = ", ".join(f'"{printable(s)}"' for s in self.source) or "no node of the model"
        return (
            f"step {self.step} ({self.name}, {self.title}, from {nodes}): "
            f"element {list(d.element)} of sample {d.sample} is {d.got:g}, not {d.expected:g}"
        )


def find(
    compiled: Compiled,
    inputs: Samples,
    sample: int,
    board: Board | None = None,
    change: Callable[[SourceTree], SourceTree] | None = None,
) -> Divergence | None:
    """Runs one sample again with a trace and compares every step's output; None if all of them are right.

    The samples before it run too if the model has states.
    """
    stream = _stream(compiled, inputs, sample)
    options = replace(compiled.options, trace=True)
    tree = emit.run(compiled.schedule, compiled.plan, compiled.target, options)
    with pipeline.built(replace(compiled, options=options, tree=tree), board, change) as image:
        records = runners.run(image, stream.arrays, count=False).models[0].trace
    wanted = _last(compiled, stream)
    rules = own_rules(compiled.graph, [logit_errors(compiled.graph, wanted)])
    last = _whole(compiled.schedule, [r for r in records if r.sample == stream.count - 1])
    for record in _complete(compiled.schedule, last):
        name = compiled.schedule.steps[record.step].outputs[record.output]
        if name not in wanted:
            continue
        expected = wanted[name]
        got = np.asarray(record.data).view(expected.dtype)
        if got.size < expected.size:  # rows that nobody needs are not computed
            expected = expected[:, : got.size * expected.shape[1] // expected.size]
        got = got.reshape(expected.shape)
        outcome = compare({name: expected[np.newaxis]}, {name: got[np.newaxis]}, {name: rules[name]})
        if outcome.first is not None:
            return at_step(compiled, record.step, replace(outcome.first, sample=sample))
    return None


def find_import(compiled: Compiled, inputs: Samples, sample: int) -> Divergence | None:
    """The first step at which barecast's own reference leaves the oracle; None if none does, or it cannot be told.

    Where the target computes what the reference says and the outputs are still not
    the oracle's, the import or a pass is wrong, and this names its place.
    """
    outside = oracles.of(compiled.model)
    names = outside.sources(compiled.model)
    order = {source: place for place, source in enumerate(names)}
    pairs = []
    for index, step in enumerate(compiled.schedule.steps):
        sources = [source for source in step.source if source in names]
        if sources and step.outputs:
            pairs.append((index, step.outputs[0], names[max(sources, key=order.__getitem__)]))
    stream = _stream(compiled, inputs, sample)
    given = border_layout.to_model(compiled, stream)
    theirs = outside.inner(compiled.model, given, [foreign_name for _, _, foreign_name in pairs])
    ours = _last(compiled, stream)
    rules = oracle_rules(compiled.graph, [logit_errors(compiled.graph, ours)])
    for index, name, foreign_name in pairs:
        if name not in ours or foreign_name not in theirs:
            continue
        type_ = compiled.graph.type(name)
        got, room = _real(ours[name], type_), max(type_.quant.scale) * 1.001 if type_.quant else 0.0
        if compiled.graph.rule.is_tflite:
            room = 0.0  # integers are equal, or wrong
        expected = _like(_real_of(theirs[foreign_name], type_), got.shape)
        if expected is None:
            continue
        rule = Rule(Kind.CLOSE, max(room, rules[name].absolute), rules[name].spread)
        outcome = compare({name: expected[np.newaxis]}, {name: got[np.newaxis]}, {name: rule})
        if outcome.first is not None:
            return at_step(compiled, index, replace(outcome.first, sample=sample))
    return None


def _stream(compiled: Compiled, inputs: Samples, sample: int) -> Samples:
    """What must run to see the sample as it was: itself, and all before it if the model has states."""
    return inputs.up_to(sample) if compiled.graph.states else inputs.only(sample)


def _last(compiled: Compiled, stream: Samples) -> Mapping[str, np.ndarray]:
    """Every tensor in the last run of a stream."""
    return deque(reference.sequence(compiled.graph, (stream.one(i) for i in range(stream.count))), maxlen=1)[0]


def _real(array: np.ndarray, type_: TensorType) -> np.ndarray:
    """The real numbers that a quantised array stands for; any other array as it is."""
    if type_.quant is None:
        return array
    rank = array.ndim
    return numerics.dequantize(array, type_.quant.scale_array(rank), type_.quant.zero_array(rank))


def _real_of(array: np.ndarray, type_: TensorType) -> np.ndarray:
    """onnxruntime's array in the real numbers of our type, saturated as it is.

    It is a float before the QuantizeLinear that the step stands for too, or an integer
    behind it: then of the same scale, and of our zero point or, for unsigned, 128 more.
    """
    if type_.quant is None or not type_.quant.per_tensor:
        return array
    (scale,), (zero,) = type_.quant.scale, type_.quant.zero_point
    if array.dtype.kind in "iu":
        moved = 128 if array.dtype == np.uint8 and type_.dtype is DType.S8 else 0
        return numerics.dequantize(array, np.float32(scale), np.int32(zero + moved))
    low, high = type_.dtype.limits
    return np.clip(array, np.float32((low - zero) * scale), np.float32((high - zero) * scale))


def _like(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """A channels-first array in the channels-last shape; None if that is not what the shapes say."""
    moved = np.moveaxis(array, 1, -1) if array.ndim >= 3 else array
    for candidate in (moved, array):
        if tuple(d for d in candidate.shape if d != 1) == tuple(d for d in shape if d != 1):
            return candidate.reshape(shape)
    return None


def at_output(compiled: Compiled, difference: Difference) -> Divergence | None:
    """The step that computes a model output: the place to name when every step does what the reference says."""
    border = next(b for b in compiled.schedule.outputs if b.name == difference.tensor)
    root = compiled.schedule.root(border.buffer)[0]
    for index in reversed(range(len(compiled.schedule.steps))):
        outputs = compiled.schedule.steps[index].outputs
        if any(compiled.schedule.root(name)[0] == root for name in outputs):
            return at_step(compiled, index, difference)
    return None


def at_step(compiled: Compiled, index: int, difference: Difference) -> Divergence:
    step, manifest = compiled.schedule.steps[index], emit.manifest(compiled.tree)["steps"][index]
    return Divergence(index, manifest["name"], step.title, step.kernel.symbol, step.source, difference)


def _complete(schedule: Schedule, records: Sequence[TraceRecord]) -> list[TraceRecord]:
    """The records of finished tensors: several steps may each write a part of one (concat)."""
    last: Mapping[str, int] = {name: i for i, step in enumerate(schedule.steps) for name in step.outputs}
    return [r for r in records if last[schedule.steps[r.step].outputs[r.output]] == r.step]


def _whole(schedule: Schedule, records: Sequence[TraceRecord]) -> list[TraceRecord]:
    """The records with one for each step that runs by rows, where its last row was."""
    rows: dict[int, list[np.ndarray]] = {}
    for record in records:
        rows.setdefault(record.step, []).append(np.asarray(record.data))
    found = {record.step: record for record in records if record.step in schedule.stream_of}
    joined = {index: replace(record, data=np.concatenate(rows[index], axis=1)) for index, record in found.items()}
    # In the order of the steps: what runs by rows takes turns.
    alone = [record for record in records if record.step not in found]
    return sorted([*alone, *joined.values()], key=lambda record: record.step)


def _json_number(value: float) -> float | str:
    """JSON has no NaN and no infinities: those become text."""
    return value if np.isfinite(value) else str(value)
