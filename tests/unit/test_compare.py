"""The comparison rules: what passes, what fails, and which element is named."""

from __future__ import annotations

import numpy as np
import pytest
from barecast.verification.compare import (
    CLOSE,
    EXACT,
    ROUNDING,
    Comparison,
    Kind,
    Rule,
    Spread,
    compare,
    rounding_allowance,
)


def one(expected: np.ndarray, got: np.ndarray, rule: Rule) -> Comparison:
    return compare({"y": expected}, {"y": got}, {"y": rule})


def test_exact_names_the_first_element_that_differs():
    expected = np.zeros((3, 2, 4), np.int8)
    got = expected.copy()
    got[1, 1, 2], got[2, 0, 0] = 5, -7
    outcome = one(expected, got, EXACT)
    assert not outcome.passed
    assert (outcome.elements, outcome.mismatched, outcome.max_abs_error) == (24, 2, 7.0)
    first = outcome.first
    assert (first.tensor, first.sample, first.element, first.expected, first.got) == ("y", 1, (1, 2), 0.0, 5.0)


def test_exact_sees_large_integers_that_float64_cannot_tell_apart():
    expected = np.array([[2**53]], np.int64)
    assert not one(expected, expected + 1, EXACT).passed


@pytest.mark.parametrize(
    ("elements", "allowed"), [(0, 0), (1, 1), (10_000, 1), (20_000, 1), (20_001, 2), (100_001, 10)]
)
def test_rounding_allowance_is_fewer_than_one_in_ten_thousand(elements, allowed):
    assert rounding_allowance(elements) == allowed


@pytest.mark.parametrize(("strays", "passes"), [(0, True), (2, True), (3, False)])
def test_rounding_counts_strays(strays, passes):
    expected = np.zeros((3, 10_000), np.int8)
    got = expected.copy()
    got[1, 5 : 5 + strays] = 1
    outcome = one(expected, got, ROUNDING)
    assert outcome.passed is passes
    assert outcome.mismatched == strays


def test_rounding_counts_over_all_outputs_together():
    zeros = {"a": np.zeros((1, 50), np.int8), "b": np.zeros((1, 50), np.int8)}
    got = {name: array.copy() for name, array in zeros.items()}
    got["a"][0, 3] = got["b"][0, 4] = 1
    assert not compare(zeros, got, {"a": ROUNDING, "b": ROUNDING}).passed


def test_rounding_never_allows_two_steps():
    expected = np.zeros((1, 100_000), np.int8)
    got = expected.copy()
    got[0, 77] = -2
    outcome = one(expected, got, ROUNDING)
    assert not outcome.passed
    assert outcome.first.element == (77,)


@pytest.mark.parametrize(("error", "passes"), [(0.9e-3, True), (1.2e-3, False)])
def test_close_is_relative_to_the_peak_of_the_sample(error, passes):
    expected = np.array([[0.0, 100.0], [0.0, 1.0]], np.float32)
    got = expected.copy()
    got[0, 0] = error
    assert one(expected, got, CLOSE).passed is passes
    # the second sample has a peak of 1: the same error is far too much there
    got = expected.copy()
    got[1, 0] = error
    assert not one(expected, got, CLOSE).passed


def test_close_gives_room_for_a_quantisation_step():
    expected = np.array([[0.0, 1.0]], np.float32)
    got = expected + np.float32(0.1)
    assert not one(expected, got, CLOSE).passed
    assert one(expected, got, Rule(Kind.CLOSE, absolute=0.1)).passed


def softmax(logits: np.ndarray) -> np.ndarray:
    terms = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return terms / terms.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("distance", [1e-9, 1e-5, 0.1, 3.0])
@pytest.mark.parametrize("logarithm", [False, True])
def test_spread_is_the_most_that_errors_of_logits_make_of_a_softmax(distance, logarithm):
    generator = np.random.default_rng(3)
    logits = generator.normal(0, 3, (2, 5, 6))
    curve = (lambda z: np.log(softmax(z))) if logarithm else softmax
    exact = curve(logits)
    room = Spread((distance, 2 * distance), logarithm).room(exact)
    room[1] = Spread((distance,), logarithm).room(exact[1:])[0]
    moves = generator.uniform(-distance / 2, distance / 2, (200, *logits.shape))
    assert (np.abs(curve(logits + moves) - exact) <= room * (1 + 1e-9) + 4e-15).all()
    worst = np.zeros_like(room)
    for i in range(6):
        for sign in (-1, 1):
            one_apart = np.full(6, -sign * distance / 2)
            one_apart[i] *= -1
            worst[..., i] = np.maximum(worst[..., i], np.abs(curve(logits + one_apart) - exact)[..., i])
    np.testing.assert_allclose(room, worst, rtol=1e-6, atol=4e-15)


def test_spread_is_of_each_sample_and_never_more_than_everything():
    expected = np.array([[0.0, 0.25, 1.0, np.nan], [0.0, 0.25, 1.0, np.nan]])
    room = Spread((0.0, 1e9)).room(expected)
    assert (room[0] == 0).all()
    np.testing.assert_allclose(room[1, :3], [0, 0.75, 0], atol=1e-12)


@pytest.mark.parametrize(("error", "passes"), [(3.7e-5, True), (4.4e-5, False)])
def test_close_gives_a_softmax_room_for_errors_of_its_logits(error, passes):
    expected = np.array([[0.25, 0.25, 0.5]])
    got = expected + np.array([[0.0, error, 0.0]])
    assert not one(expected, got, CLOSE).passed
    assert one(expected, got, Rule(Kind.CLOSE, spread=Spread((2e-4,)))).passed is passes


def test_close_compares_nan_and_infinity_by_kind():
    odd = np.array([[np.nan, np.inf, -np.inf, 1.0]], np.float32)
    assert one(odd, odd.copy(), CLOSE).passed
    for index, value in ((0, 1.0), (1, 3.0), (2, np.inf), (3, np.nan)):
        got = odd.copy()
        got[0, index] = value
        outcome = one(odd, got, CLOSE)
        assert not outcome.passed and outcome.mismatched == 1 and outcome.max_abs_error == np.inf
        assert outcome.first.element == (index,)


def test_the_earliest_sample_is_named_over_the_first_output():
    expected = {"a": np.zeros((2, 3), np.int8), "b": np.zeros((2, 3), np.int8)}
    got = {"a": np.array([[0, 0, 0], [1, 0, 0]], np.int8), "b": np.array([[0, 4, 0], [0, 0, 0]], np.int8)}
    first = compare(expected, got, {"a": EXACT, "b": EXACT}).first
    assert (first.tensor, first.sample, first.element) == ("b", 0, (1,))


def test_scalars_and_empty_arrays():
    assert one(np.zeros((2,), np.float32), np.zeros((2,), np.float32), CLOSE).passed
    outcome = one(np.zeros((2, 0), np.float32), np.zeros((2, 0), np.float32), CLOSE)
    assert outcome.passed and outcome.elements == 0


def test_shapes_must_be_equal():
    with pytest.raises(ValueError, match="shapes"):
        one(np.zeros((1, 2)), np.zeros((1, 3)), EXACT)
