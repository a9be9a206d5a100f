"""The operator tests that the onnx package carries: each is computed right, or refused for a reason that is written down."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import onnx
import pytest

from tests.frontends import backend_suite

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/operators.md"

CORRECT = 166
"""Tests that come out right in at least one form. It may only grow."""

SUPPORTED = frozenset(
    """Add AveragePool BatchNormalization Clip Concat Constant Conv DequantizeLinear Dropout Flatten Gemm
    GlobalAveragePool GlobalMaxPool Identity MatMul MaxPool Mul Pad QuantizeLinear ReduceMean Relu Reshape Shape
    Sigmoid Size Softmax Squeeze Sub Tanh Transpose Unsqueeze""".split()  # noqa: SIM905
)

LIMITS = (
    r'input "\S+" is (double|float16|bfloat16|bool|u?int(2|4|16|32|64)|float[48]\w+|string);',
    r"works on (uint8|int8) here; only float|works on u?int8 here",
    r"holds (u?int[24]|float[48]\w+|bfloat16)",
    r"quantises to u?int16|quantises u?int|gives float16|works on (u?int|float)",
    r"is in training mode",
    r"its output \S+ is used, only the first one",
    r"works on 5 axes",
    r"quantises in blocks",
    r"scale of type float16",
    r"computed at run time, it must be a constant",
    r'"(reflect|edge|wrap)"',
    r"does not depend on any input",
    r"the model has no inputs",
    r"the shape is not fixed of input .*\?",
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


def test_supported_operators_are_refused_for_documented_limits_only() -> None:
    right = {name for name, kind in backend_suite.tests(_outcomes()).items() if kind == "correct"}
    refused = [o for o in _outcomes() if o.trial.test not in right and SUPPORTED.issuperset(o.trial.operators)]
    assert refused
    surprises = {o.trial.test: o.why for o in refused if not any(re.search(limit, o.why) for limit in LIMITS)}
    assert not surprises


@pytest.mark.skipif(onnx.__version__ not in DOCUMENT.read_text(), reason="the counts are of another version of onnx")
def test_the_documented_counts_are_those_of_the_suite() -> None:
    text = DOCUMENT.read_text()
    outcomes = _outcomes()
    counts = Counter(backend_suite.tests(outcomes).values())
    assert f"{counts['correct']} correct, {counts['refused']} refused, {counts['wrong']} wrong" in text
    stated = dict(re.findall(r"^\| (\w+) \|.*\| (\d+ of \d+) \|$", text, re.MULTILINE))
    assert stated == {
        operator: f"{right} of {all_}" for operator, (right, all_) in backend_suite.by_operator(outcomes).items() if right
    }
