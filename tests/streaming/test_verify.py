"""verify and profile on steps by rows: a wrong row is found where it is, and every step is counted."""

from __future__ import annotations

from pathlib import Path

from barecast import pipeline, profiling, targets
from barecast.emit import SourceTree
from barecast.options import Options
from barecast.samples import random_samples
from barecast.verification import verify

DIGITS = Path(__file__).parents[2] / "models" / "digits" / "digits_int8.onnx"


def wrong_in_row_3(tree: SourceTree) -> SourceTree:
    """The digits' first step with another number in the middle of its fourth row."""
    text = tree.files["digits_int8.c"]
    counts = "rows[0].computed++;"
    assert text.count(counts) == 1
    at = text.rindex("digits_int8_trace(0, 0", 0, text.index(counts)) if "_trace(0, 0" in text else text.index(counts)
    return tree.with_files({"digits_int8.c": text[:at] + "if (rows[0].computed == 3) { y[2] ^= 1; }\n" + text[at:]})


def test_a_wrong_row_is_found():
    model = pipeline.compile_model(DIGITS, targets.load("host"), Options(feed="rows", io_layout="channels-last"))
    assert [stream.steps for stream in model.schedule.streams] == [range(1)]
    inputs = random_samples(model.graph, 2)
    assert verify(model, inputs).passed
    verdict = verify(model, inputs, change=wrong_in_row_3)
    assert not verdict.own.passed
    found = verdict.first_divergence
    assert found.step == 0 and found.difference.element[1:3] == (3, 2)


def test_each_step_is_counted():
    model = pipeline.compile_model(DIGITS, targets.load("cortex-m4"), Options(optimize="ram"))
    (stream,) = model.schedule.streams
    costs = profiling.profile(model)
    assert all(costs.steps[index].instructions > 0 for index in stream.steps)
    assert sum(step.instructions for step in costs.steps) > 0.95 * costs.instructions
