"""The operator tests of the onnx package: each is computed right, or refused for a reason that is written down."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import onnx
import pytest
from barecast.frontends.onnx import fold, nodes
from barecast.frontends.onnx.importers import IMPORTERS

from tests.frontends import backend_suite

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/operators.md"

CORRECT = 732
"""Tests that come out right in at least one form. It may only grow."""

SUPPORTED = frozenset(IMPORTERS)

LIMITS = (
    r'input "\S+" is (double|float16|u?int(16|32|64)|u?int[24]|float[48]\w+);',
    r"works on (u?int8|bool) here; only float is supported",
    r"quantises to u?int16",
    r"is in training mode",
    r'its output "\S+" is used, only the first one',
    r"works on 5 axes",
    r"quantises in blocks",
    r"does not depend on any input",
    r"the model has no inputs",
    r"the shape is not fixed of input \S+ \[",
    r"the model is written in opset \d+;",
    r"states no opset of the standard operators",
    r"interpolates by cubics",
    r"makes the image smaller with antialias",
    r"extrapolates beyond the image",
    r"which does not fit 2 outputs",
    r"leaves nothing of axis",
    r"is a Mod of floats without fmod",
    r"input y_zero_point is computed at run time",
    r"values that are not finite",
    r"is int64, which cannot be computed with",
)
"""Why a test of supported operators may be refused: docs/operators.md says each of these."""


@cache
def _outcomes() -> tuple[backend_suite.Outcome, ...]:
    return tuple(backend_suite.run(backend_suite.trials()))


def test_nothing_is_wrong() -> None:
    wrong = [f"{o.trial.test} ({o.trial.form}): {o.why}" for o in _outcomes() if o.kind == "wrong"]
    assert not wrong, "\n".join(wrong)


def test_as_many_are_right_as_ever() -> None:
    assert Counter(backend_suite.tests(_outcomes()).values())["correct"] >= CORRECT


def _refused() -> dict[str, str]:
    """Test of supported operators that is right in no form -> why."""
    right = {name for name, kind in backend_suite.tests(_outcomes()).items() if kind == "correct"}
    return {
        outcome.trial.test: outcome.why
        for outcome in _outcomes()
        if outcome.trial.test not in right and SUPPORTED.issuperset(outcome.trial.operators)
    }


def test_supported_operators_are_refused_for_documented_limits_only() -> None:
    surprises = {test: why for test, why in _refused().items() if not any(re.search(limit, why) for limit in LIMITS)}
    assert not surprises


def test_every_limit_is_met_by_a_test() -> None:
    idle = [limit for limit in LIMITS if not any(re.search(limit, why) for why in _refused().values())]
    assert not idle


def test_the_document_names_every_operator() -> None:
    named = set(re.findall(r"\w+", DOCUMENT.read_text()))
    assert not {*IMPORTERS, *fold.OPERATORS, *nodes.BODIES} - named


@pytest.mark.skipif(onnx.__version__ not in DOCUMENT.read_text(), reason="the counts are of another version of onnx")
def test_the_documented_counts_are_those_of_the_suite() -> None:
    text = DOCUMENT.read_text()
    outcomes = _outcomes()
    counts = Counter(backend_suite.tests(outcomes).values())
    assert f"{counts['correct']} correct, {counts['refused']} refused, {counts['wrong']} wrong" in text
    stated = dict(re.findall(r"^\| (\w+) \|.*\| (\d+ of \d+) \|$", text, re.MULTILINE))
    found = backend_suite.by_operator(outcomes).items()
    assert stated == {operator: f"{right} of {count}" for operator, (right, count) in found if right}
