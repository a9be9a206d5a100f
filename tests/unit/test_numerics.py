"""The fixed-point primitives, held against exact rational arithmetic, and their C twins held against them."""

from __future__ import annotations

import ctypes
import math
import subprocess
from fractions import Fraction

import numpy as np
import pytest
from barecast import numerics
from hypothesis import example, given
from hypothesis import strategies as st

from tests.kernels.program import stage_headers

INT32 = st.integers(-(2**31), 2**31 - 1)
MULTIPLIER = st.integers(0, 2**31 - 1)
SHIFT = st.integers(1, 62)
TIES = st.sampled_from((0, 1))


def exact_round(value: Fraction, ties: int, window: Fraction) -> int:
    """To nearest, halves up; with `ties`, what lies within `window` of a half is rounded to 24 bits, then to even."""
    below = math.floor(value)
    if ties and value and abs(value - below - Fraction(1, 2)) <= window:
        unit = Fraction(2) ** (math.floor(math.log2(abs(value))) - 30)
        while abs(value) / unit >= 2**24:
            unit *= 2
        return round(round(value / unit) * unit)  # Python rounds halves to even
    return below + (value - below >= Fraction(1, 2))


@given(INT32, MULTIPLIER, SHIFT, TIES)
@example(-(2**31), 2**31 - 1, 62, 1)
@example(-(2**31), 2**31 - 1, 1, 0)
@example(3, 2**30, 31, 1)
@example(-3, 2**30, 31, 1)
def test_round_shift_is_the_definition(acc, multiplier, shift, ties):
    window = Fraction(numerics.tie_window(shift), 2**shift)
    assert window in (0, Fraction(1, 2**14))
    want = exact_round(Fraction(acc * multiplier, 2**shift), ties, window)
    assert int(numerics.round_shift(np.int64(acc) * np.int64(multiplier), shift, ties)) == want


FACTOR = st.floats(2.0**-40, 2.0**20, width=32)


@given(st.lists(FACTOR, min_size=1, max_size=8), st.integers(-(2**24), 2**24))
def test_requant_is_within_its_bound(factors, acc):
    rule = numerics.requant(np.array(factors))
    assert rule.multiplier.dtype == np.int32 and (rule.multiplier >= 0).all() and 1 <= rule.shift <= 62
    got = rule.apply(np.full(len(factors), acc))
    bound = Fraction(1, 2) + abs(acc) * Fraction(1, 2 ** (rule.shift + 1)) + Fraction(1, 2**14)
    for value, factor in zip(got, factors, strict=True):
        exact = Fraction(float(np.float64(factor))) * acc
        assert abs(int(value) - exact) <= bound + abs(exact) * Fraction(1, 2**24)


@given(FACTOR)
def test_one_factor_keeps_all_bits_of_float32(factor):
    rule = numerics.requant(np.array([factor]))
    if rule.shift < numerics.SHIFT_MAX:
        assert Fraction(int(rule.multiplier[0]), 2**rule.shift) == Fraction(factor)


@given(st.integers(1, 64).map(lambda n: 2 * n), st.integers(1, 127), st.integers(-2000, 2000))
def test_halves_go_to_even(denominator, numerator, acc):
    fraction = Fraction(numerator, denominator)
    rule = numerics.requant(np.array([numerator / denominator]))
    want = round(fraction * acc)  # Python rounds halves to even
    value = fraction * acc
    if fraction.denominator % 2 == 0 and abs(value) < 256:
        assert rule.ties == 1
        assert int(rule.apply(np.array([acc]))[0]) == want


@pytest.mark.parametrize("factor", [0.0123456789, 1 / 3, 0.2, 3.0, math.pi / 1000])
def test_no_ties_where_there_are_no_halves(factor):
    assert numerics.requant(np.array([np.float32(factor)], np.float64)).ties == 0


def test_random_factors_are_hardly_ever_taken_for_fractions():
    generator = np.random.default_rng(3)
    factors = np.exp2(generator.uniform(-16, 1, 20_000)).astype(np.float32)
    assert sum(numerics.requant(np.array([f], np.float64)).ties for f in factors) <= 10


HAND = (0.1, 0.05, 0.02, 0.2, 0.25, 0.5, 1 / 10, 1 / 16, 1 / 64, 1 / 128)


@pytest.mark.parametrize("scale_x", HAND)
@pytest.mark.parametrize("scale_y", HAND)
def test_scales_picked_by_hand_make_ties(scale_x, scale_y):
    """A quotient of decimals is a fraction with an even denominator, or else there are no halves."""
    for scale_w in HAND:
        meant = math.prod(Fraction(s).limit_denominator(1000) ** e for s, e in ((scale_x, 1), (scale_w, 1), (scale_y, -1)))
        if meant.numerator * meant.denominator <= numerics.TIE_PRODUCT and meant.denominator <= numerics.TIE_DENOMINATOR:
            assert numerics.near_fraction(float(meant), numerics.SCALE_TOLERANCE) == meant
            assert numerics.requant(np.array([float(meant)])).ties == (meant.denominator % 2 == 0)


def test_one_channel_of_many_makes_no_ties():
    factors = np.full(64, 0.0123456789)
    factors[7] = 1 / 64
    assert not numerics.requant(factors).ties
    assert numerics.requant(np.full(64, 1 / 64)).ties


@pytest.mark.parametrize("count", [4, 6, 16, 36, 50, 64, 100, 196, 1024])
def test_a_mean_over_an_even_window_has_ties(count):
    assert numerics.requant(numerics.mean_factor(np.float32(0.0237), np.float32(0.0237), np.array([count]))).ties


@pytest.mark.parametrize("factors", [[2.0**30], [math.nan], [math.inf, 1.0], [-1.0]])
def test_factors_out_of_range_are_refused(factors):
    with pytest.raises(ValueError, match="factor"):
        numerics.requant(np.array(factors))


def test_a_factor_of_nought_gives_nought():
    assert (numerics.requant(np.array([0.0, 1.0])).apply(np.array([5, 5])) == [0, 5]).all()


SIGNED_FACTOR = st.tuples(st.floats(2.0**-16, 64.0, width=32), st.sampled_from((1, -1))).map(lambda f: f[0] * f[1])


@given(st.tuples(SIGNED_FACTOR, SIGNED_FACTOR), st.integers(-255, 255), st.integers(-255, 255))
def test_weighted_sum_stays_in_32_bits_and_near(factors, a, b):
    rule = numerics.weighted_sum(factors, 255)
    total = a * rule.multiplier[0] + b * rule.multiplier[1]
    assert abs(total) + (1 << (rule.shift - 1)) + (256 << rule.shift) < 2**31
    got = int(numerics.round_shift(np.int64(total), rule.shift, int(rule.ties)))
    exact = sum(Fraction(float(np.float64(f))) * v for f, v in zip(factors, (a, b), strict=True))
    size = sum(abs(f) for f in factors) * 255
    assert abs(got - exact) <= Fraction(1, 2) + Fraction(510, 2 ** (rule.shift + 1)) + Fraction(
        size
    ) / 2**21 + Fraction(1, 2**14)


def test_mean_factor_takes_quotients_of_scales_as_meant():
    assert numerics.mean_factor(np.float32(0.02), np.float32(0.05), np.array([4]))[0] == 0.1
    ratio = np.float64(np.float32(0.0237)) / np.float64(np.float32(0.01773))
    assert numerics.mean_factor(np.float32(0.0237), np.float32(0.01773), np.array([4]))[0] == ratio / 4


_C = """
#include "barecast/bc_math.h"
void requantize(const int32_t *acc, const int32_t *mult, const int32_t *shift, const int32_t *ties, int32_t *y, int n)
{
    for (int i = 0; i < n; ++i) {
        y[i] = bc_requantize(acc[i], mult[i], shift[i], ties[i]);
    }
}
void mulh(const int32_t *a, const int32_t *b, int32_t *y, int n)
{
    for (int i = 0; i < n; ++i) {
        y[i] = bc_mulh_s32(a[i], b[i]);
    }
}
void double_high(const int32_t *a, const int32_t *b, int32_t *y, int n)
{
    for (int i = 0; i < n; ++i) {
        y[i] = bc_double_high(a[i], b[i]);
    }
}
"""


@pytest.fixture(scope="module", params=["long multiply", "16-bit halves"])
def library(request, tmp_path_factory):
    folder = stage_headers(tmp_path_factory.mktemp("math"))
    (folder / "math.c").write_text(_C)
    flags = ["-DBC_NO_LONG_MULTIPLY"] if request.param == "16-bit halves" else []
    warnings = [
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-Wshadow",
        "-Werror",
        "-fsanitize=undefined",
        "-fsanitize-undefined-trap-on-error",
    ]
    command = ["gcc", "-std=c99", "-O1", "-shared", "-fPIC", *warnings, *flags, "-I", str(folder)]
    subprocess.run([*command, str(folder / "math.c"), "-o", str(folder / "math.so")], check=True)
    return ctypes.CDLL(str(folder / "math.so"))


def call(function, *columns):
    columns = [np.ascontiguousarray(c, np.int32) for c in columns]
    y = np.empty(len(columns[0]), np.int32)
    function(*(c.ctypes.data_as(ctypes.c_void_p) for c in columns), y.ctypes.data_as(ctypes.c_void_p), len(y))
    return y


def edges_and_random(generator: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Accumulators, multipliers, shifts and ties: uniform in bits, extremes, and products at and around halves."""
    acc = generator.integers(-(2**31), 2**31, n) >> generator.integers(0, 32, n)
    mult = generator.integers(0, 2**31, n) >> generator.integers(0, 31, n)
    shift = generator.integers(1, 63, n)
    extreme = generator.random(n) < 0.2
    acc[extreme] = generator.choice(np.array([-(2**31), 2**31 - 1, -1, 0, 1]), extreme.sum())
    mult[generator.random(n) < 0.1] = 2**31 - 1
    near = generator.random(n) < 0.3
    mult[near] = 1 << (np.minimum(shift[near], 31) - 1)
    acc[near] = (generator.integers(-2000, 2000, near.sum()) * 2 + 1) << np.minimum(np.maximum(shift[near] - 31, 0), 18)
    return acc, mult, shift, generator.integers(0, 2, n)


def test_c_requantize_is_round_shift(library):
    acc, mult, shift, ties = edges_and_random(np.random.default_rng(7), 60000)
    got = call(library.requantize, acc, mult, shift, ties)
    want = [
        int(numerics.round_shift(np.int64(a) * np.int64(m), int(s), int(t)))
        for a, m, s, t in zip(acc, mult, shift, ties, strict=True)
    ]
    assert (got == np.clip(want, -(2**30), 2**30)).all()


def test_c_mulh_is_the_high_word(library):
    acc, mult, _, _ = edges_and_random(np.random.default_rng(8), 60000)
    assert (call(library.mulh, acc, mult) == (acc.astype(np.int64) * mult.astype(np.int64)) >> 32).all()
    assert (call(library.mulh, acc, ~mult) == (acc.astype(np.int64) * (~mult).astype(np.int64)) >> 32).all()


def test_c_double_high_rounds_the_doubled_high_word(library):
    acc, mult, _, _ = edges_and_random(np.random.default_rng(9), 60000)
    acc = np.maximum(acc, -(2**31) + 1)
    for factor in (mult, ~mult):
        product = acc.astype(np.int64) * factor.astype(np.int64)
        assert (call(library.double_high, acc, factor) == (product + 2**30) >> 31).all()
