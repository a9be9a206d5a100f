"""What TFLM cannot compute, or what has no bound, is refused: the message names node, operator, reason and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from barecast import pipeline, targets
from barecast.errors import BarecastError, UnsupportedError

from tests.tflite.build import G, O, T, const, model
from tests.tflite.cases.logic import COMPARISONS
from tests.tflite.variables import F32, add, while_

U8 = {"dtype": np.uint8, "scale": 0.1, "zero": 128}
S16 = {"dtype": np.int16, "scale": 0.001}
PAIRS = ("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE", "PRELU", "FLOOR_DIV", "BATCH_MATMUL")
SINGLE = ("RELU", "LOGISTIC", "TANH", "SOFTMAX", "HARD_SWISH", "ABS", "NEG", "EXP", "LEAKY_RELU", "CAST", "ZEROS_LIKE")


def refused(
    operators: Sequence[O], inputs: Sequence[T], outputs: Sequence[T], place: Path, more: Sequence[G] = ()
) -> UnsupportedError:
    path = place / "model.tflite"
    path.write_bytes(model(operators, inputs, outputs, more))
    with pytest.raises(BarecastError) as caught:
        pipeline.compile_model(path, targets.load("host"))
    return caught.value


def check(error: BarecastError, node: str, operator: str, reason: str, remedy: str) -> None:
    assert isinstance(error, UnsupportedError)
    assert (error.node, error.operator) == (node, operator) and reason in error.reason and remedy in error.remedy
    for part in (node, operator, error.reason, error.remedy):
        assert part in str(error)


@pytest.mark.parametrize("op", COMPARISONS)
def test_comparisons_of_16_bits(op: str, tmp_path: Path) -> None:
    a, b, y = T((1, 4), **S16), T((1, 4), **S16), T((1, 4), np.bool_, name="wider")
    check(refused([O(op, [a, b], [y])], [a, b], [y], tmp_path), "wider", op, "works on int16", "full int8 quantisation")


@pytest.mark.parametrize("op", [*COMPARISONS, *PAIRS, *SINGLE])
def test_arithmetic_of_uint8(op: str, tmp_path: Path) -> None:
    inputs = [T((1, 4, 4), **U8) for _ in range(1 if op in SINGLE else 2)]
    y = T((1, 4, 4), np.bool_, name="sum") if op in COMPARISONS else T((1, 4, 4), **U8, name="sum")
    remedy = "leave it in float32" if op in ("NEG", "EXP", "FLOOR_DIV") else "convert the model with full int8"
    error = refused([O(op, inputs, [y])], inputs, [y], tmp_path)
    check(error, "sum", op, 'works on uint8 here ("x0"); only', remedy)
    assert "converters before 2020" in error.remedy


@pytest.mark.parametrize(
    ("rounds", "reason", "remedy"),
    [
        (None, "goes on as long as something holds that is computed at run time", "a fixed number of rounds"),
        (257, "has more than 256 rounds", "use fewer rounds"),
    ],
)
def test_loops_without_a_bound(rounds: int | None, reason: str, remedy: str, tmp_path: Path) -> None:
    """rounds: None is an input of the model."""
    x, limit, n = T((2,), **F32), T((1,), np.int32), const([0])
    cx, cn, cl, more = T((2,), **F32), T((1,), np.int32), T((1,), np.int32), T((1,), np.bool_)
    bx, bn, bl, doubled, counted = *(T(t.shape, t.dtype) for t in (cx, cn, cl)), T((2,), **F32), T((1,), np.int32)
    condition = G([O("LESS", (cn, cl), (more,))], (cx, cn, cl), (more,))
    body = G([add(bx, bx, doubled), add(bn, const([1]), counted)], (bx, bn, bl), (doubled, counted, bl))
    outs = (T((2,), **F32, name="looped"), T((1,), np.int32), T((1,), np.int32))
    given = (x, n, limit if rounds is None else const([rounds]))
    error = refused([while_(given, outs)], [x, limit] if rounds is None else [x], outs[:1], tmp_path, [condition, body])
    check(error, "looped", "WHILE", reason, remedy)
