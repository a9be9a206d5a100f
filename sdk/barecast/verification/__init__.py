"""Is what the target computes right? The logic of `barecast verify`.

Two questions, both on the outputs of the same inputs:

* Does the target compute what barecast's reference says, to the byte wherever only
  integers are involved? If not, the generated C, a kernel or the compiler is wrong; the
  model is run again with a trace and the first step that differs is named.
* Does it agree with another implementation (onnxruntime, tflite_micro, or outputs the user gives)?

With `poison` the same is asked of a run in which every byte that nobody wants any more is overwritten with garbage
after each step, and whatever a step wrote outside of its own outputs and scratch memory is reported.

The samples of a model that has states are one stream: they run in order, from the state after a reset.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from barecast import pipeline, reference, runners
from barecast import stack as stack_usage
from barecast.boards import Board
from barecast.emit import SourceTree
from barecast.errors import InternalError, UsageError
from barecast.pipeline import Compiled
from barecast.runners import ModelResult
from barecast.samples import Samples, stack
from barecast.stack import StackBound
from barecast.verification import border_layout, divergence, oracles
from barecast.verification.compare import Comparison, Rule, compare
from barecast.verification.divergence import Divergence
from barecast.verification.strays import StrayWrite, probed, stray_writes
from barecast.verification.tolerance import Errors, logit_errors, oracle_rules, own_rules


@dataclass(frozen=True, eq=False)
class Verdict:
    """reference: whom `against` compares with. own: the target against barecast's own reference.

    outputs: what the target computed, by output name, sample axis first. stack_bytes: the deepest use measured in
    NAME_run; stack_bound: what no run exceeds. strays: what steps wrote that was not theirs; None if nobody looked, else
    the stack is that of the program that is watched.
    """

    model: str
    target: str
    reference: str
    samples: int
    against: Comparison
    own: Comparison
    first_divergence: Divergence | None
    outputs: Mapping[str, np.ndarray]
    stack_bytes: int
    stack_bound: StackBound
    strays: tuple[StrayWrite, ...] | None = None

    @property
    def passed(self) -> bool:
        return self.against.passed and self.own.passed and not self.strays

    def as_json(self) -> dict[str, Any]:
        """The keys that docs/commands.md promises."""
        return {
            "status": "pass" if self.passed else "fail",
            "model": self.model,
            "target": self.target,
            "reference": self.reference,
            "samples": self.samples,
            "elements": self.against.elements,
            "mismatched": self.against.mismatched,
            "max_abs_error": finite(self.against.max_abs_error),
            "own_reference": {
                "elements": self.own.elements,
                "mismatched": self.own.mismatched,
                "max_abs_error": finite(self.own.max_abs_error),
            },
            "stack_bytes": self.stack_bytes,
            **self.stack_bound.as_json(),
            "first_divergence": None if self.first_divergence is None else self.first_divergence.as_json(),
            "strays": None if self.strays is None else [asdict(stray) for stray in self.strays],
        }


def finite(value: float) -> float | None:
    """JSON has no infinities: null says that a NaN or an infinity met something else."""
    return value if math.isfinite(value) else None


def verify(
    compiled: Compiled,
    inputs: Samples,
    *,
    expected: Samples | None = None,
    reference_name: str | None = None,
    board: Board | None = None,
    change: Callable[[SourceTree], SourceTree] | None = None,
    poison: bool = False,
) -> Verdict:
    """Builds the model for its target, runs it on the inputs and compares.

    expected: outputs to hold against instead of the oracle's. reference_name: one of
    oracles.REFERENCES; None is the oracle of the model's format. change: applied to the generated sources before
    they are built (tests break them with it). poison: watch the memory, as above.
    """
    if poison:
        compiled = probed(compiled)
    reference_name = oracles.chosen(compiled.model, reference_name)
    rows = reference.sequence(compiled.graph, (inputs.one(i) for i in range(inputs.count)))
    own_outputs, errors = _own(compiled, rows)
    wanted = _expected(compiled, inputs, own_outputs, expected, reference_name)
    result, limit = _on_target(compiled, inputs, board, change)
    got = dict(result.outputs)
    own = compare(own_outputs, got, _by_port(compiled, own_rules(compiled.graph, errors)))
    against = compare(wanted, got, _by_port(compiled, oracle_rules(compiled.graph, errors)))
    return Verdict(
        model=compiled.model.name,
        target=compiled.target.name,
        reference="expected" if expected else reference_name,
        samples=inputs.count,
        against=against,
        own=own,
        first_divergence=_locate(compiled, inputs, own, against, board, change),
        outputs=got,
        stack_bytes=result.stack_bytes,
        stack_bound=limit,
        strays=stray_writes(compiled, result.strays) if poison else None,
    )


def _own(
    compiled: Compiled, rows: Iterable[Mapping[str, np.ndarray]]
) -> tuple[dict[str, np.ndarray], list[Errors]]:
    """The outputs of the reference's runs, and what they allow the logits of each."""
    outputs, errors = [], []
    for values in rows:
        outputs.append(reference.outputs(compiled.graph, values))
        errors.append(logit_errors(compiled.graph, values))
    return stack(outputs), errors


def _on_target(
    compiled: Compiled, inputs: Samples, board: Board | None, change: Callable[[SourceTree], SourceTree] | None
) -> tuple[ModelResult, StackBound]:
    with pipeline.built(compiled, board, change) as image:
        result, limit = runners.run(image, inputs.arrays, count=False).models[0], stack_usage.bound(image)
    if not result.guard_ok:
        raise InternalError("the generated code wrote beyond its arena")
    stack_usage.check(limit, result.stack_bytes, f"{result.name}_run")
    return result, limit


def _expected(
    compiled: Compiled,
    inputs: Samples,
    own_outputs: Mapping[str, np.ndarray],
    expected: Samples | None,
    reference_name: str,
) -> Mapping[str, np.ndarray]:
    """What the outside reference says, in the layout of the generated code's ports."""
    if expected is not None:
        if expected.count != inputs.count:
            raise UsageError(
                f"there are {inputs.count} input samples and {expected.count} expected outputs",
                remedy="give as many of both",
            )
        return expected.arrays
    if reference_name == oracles.OWN:
        return own_outputs
    names = [port.name for port in compiled.graph.outputs]
    given = border_layout.to_model(compiled, inputs)
    return border_layout.from_model(compiled, oracles.of(compiled.model).run(compiled.model, given, names))


def _by_port(compiled: Compiled, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {port.name: rules[port.tensor] for port in compiled.graph.outputs}


def _locate(
    compiled: Compiled,
    inputs: Samples,
    own: Comparison,
    against: Comparison,
    board: Board | None,
    change: Callable[[SourceTree], SourceTree] | None,
) -> Divergence | None:
    if own.first is not None:
        found = divergence.find(compiled, inputs, own.first.sample, board, change)
        return found or divergence.at_output(compiled, own.first)
    if against.first is None:
        return None
    return divergence.find_import(compiled, inputs, against.first.sample) or divergence.at_output(
        compiled, against.first
    )
