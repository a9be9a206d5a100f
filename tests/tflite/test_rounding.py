"""--rounding single: at most one step from TFLM, and the same bytes in C as in the reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import pipeline, reference, targets
from barecast.errors import UsageError
from barecast.numerics import fixed_point
from barecast.options import Options
from barecast.samples import Samples
from barecast.verification import verify

from tests.tflite.build import all_cases

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits" / "digits_int8.onnx"


@pytest.mark.parametrize(
    "name",
    [
        "CONV_2D s8 3x3",
        "FULLY_CONNECTED s8 large",
        "QUANTIZE again int8 0.5 0 to int8 1.0 0",
        "MEAN s8 images kept rescaled",
    ],
)
def test_single_rounding(name: str, tmp_path: Path) -> None:
    case = next(c for c in all_cases() if c.name == name)
    path = tmp_path / "case.tflite"
    path.write_bytes(case.model)
    double, single = (
        pipeline.compile_model(path, targets.load("host"), Options(rounding=rounding))
        for rounding in ("double", "single")
    )
    given = Samples({key: array[np.newaxis] for key, array in case.inputs.items()})
    assert verify(single, given, reference_name="barecast").own.mismatched == 0
    (theirs,), (ours,) = (reference.run(c.graph, case.inputs).values() for c in (double, single))
    gap = np.abs(theirs.astype(int) - ours)
    assert gap.max() <= 1 and np.mean(gap) < 0.05


def test_the_two_differ_at_negative_halves() -> None:
    quarters = [fixed_point.multiply(np.array([-6, -2, 2, 6]), 2**30, 32, ties).tolist() for ties in (2, 3)]
    assert quarters == [[-2, -1, 1, 2], [-1, 0, 1, 2]]


def test_it_is_for_tflite_only() -> None:
    with pytest.raises(UsageError, match=r"\.tflite"):
        pipeline.compile_model(DIGITS, targets.load("host"), Options(rounding="single"))
