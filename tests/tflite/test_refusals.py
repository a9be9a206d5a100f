"""What TFLM cannot compute, or what has no bound, is refused: the message names node, operator, reason and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from barecast import pipeline, targets
from barecast.errors import BarecastError, UnsupportedError

from tests.tflite.build import Case, G, O, T, const, model
from tests.tflite.cases.logic import COMPARISONS, filled
from tests.tflite.cases.movement import PLAIN, pack, pad, part, shaped, strided, transpose
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
    for text in (node, operator, error.reason, error.remedy):
        assert text in str(error)


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


def moves(type: str) -> Sequence[Case]:
    """What moves other types, but not this one."""
    found = [
        shaped("EXPAND_DIMS", type, (2, 4), (2, 1, 4), const(1)),
        transpose(type, (3, 4), (1, 0)),
    ]
    if type == "s32":
        return found
    found += [
        pad(type, (3, 4), ((1, 1), (0, 5))),
        part(type, "UNPACK", (2, 3), [(2,)] * 3, options=("UnpackOptions", {"Num": 3, "Axis": 1})),
        part(type, "SPLIT", (4, 6), [(4, 2)] * 3, before=(const(1),), options=("SplitOptions", {"NumSplits": 3})),
        filled(type, (3, 4)),
    ]
    if type == "bool":
        return [*found, pack(type, 2, (3, 4), 1)]
    sliced = part(type, "SLICE", (5, 8), [(3, 6)], after=(const((2, 2)), const((-1, 6))))
    return [*found, sliced, strided(type, (8, 5), (2, 5), (6, 4), (1, -6), (-3, -1))]


@pytest.mark.parametrize("case", [c for type in PLAIN for c in moves(type)], ids=lambda c: c.name)
def test_moves_that_tflm_does_not_make(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(case.model)
    with pytest.raises(UnsupportedError) as caught:
        pipeline.compile_model(path, targets.load("host"))
    dtype = case.inputs["x0"].dtype
    assert caught.value.operator == case.name.split()[0] and f"works on {dtype} here" in caught.value.reason
    assert "only float32 or int8" in caught.value.reason


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
