"""F(2x2, 3x3) in whole numbers: the identity holds exactly, in the ranges that the kernel has, from the packed words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from barecast.layouts import dsp, winograd
from barecast.schedule import Const
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

NUMBERS = st.sampled_from([-128, -127, -1, 0, 1, 126, 127]) | st.integers(-128, 127)
PATCHES = arrays(np.int64, (4, 4, 3), elements=NUMBERS)
FILTERS = arrays(np.int64, (2, 3, 3, 3), elements=NUMBERS)


def direct(patch: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[4, 4, in], [out, 3, 3, in] -> the 2 x 2 accumulators [out, 2, 2] by the definition."""
    found = np.zeros((len(weights), 2, 2), np.int64)
    for i in range(2):
        for j in range(2):
            found[:, i, j] = (weights * patch[i : i + 3, j : j + 3]).sum(axis=(1, 2, 3))
    return found


def input_transformed(patch: np.ndarray) -> np.ndarray:
    return np.einsum("ir,rsc,js->ijc", winograd.INPUT, patch, winograd.INPUT)


@settings(max_examples=200, deadline=None)
@given(PATCHES, FILTERS)
def test_the_identity_is_exact_and_operands_fit_their_lanes(patch, weights):
    u, v = winograd.transformed(weights), input_transformed(patch)
    assert np.abs(v).max() <= 512 and np.abs(u).max() <= 9 * 128
    positions = (u * v).sum(axis=3)
    results = np.einsum("ir,ors,js->oij", winograd.OUTPUT, positions, winograd.OUTPUT)
    assert np.array_equal(results, 4 * direct(patch, weights))


def params(out_c: int, in_c: int, size: int = 8, **others: int) -> SimpleNamespace:
    shape = {"batch": 1, "in_h": size, "in_w": size, "out_h": size, "out_w": size, "in_c": in_c, "out_c": out_c}
    ones = ("stride_h", "stride_w", "dilation_h", "dilation_w", "groups")
    window = dict.fromkeys(("k_h", "k_w"), 3) | dict.fromkeys(ones, 1)
    out = {"ties": 0, "shift": 40, "per_channel": 1, "y_zero": 0, "y_min": -128, "y_max": 127}
    return SimpleNamespace(**(shape | window | out | others))


def constants(weights: np.ndarray, bias: np.ndarray, mult: int = 2**30) -> tuple[Const, ...]:
    table = np.full(len(weights), mult, np.int32)
    return tuple(
        Const(role, data)
        for role, data in (("weights", weights), ("bias", bias.astype(np.int32)), ("multiplier", table))
    )


def test_packed_words_give_four_times_the_accumulators():
    generator = np.random.default_rng(7)
    weights = generator.integers(-128, 128, (6, 3, 3, 10)).astype(np.int8)
    weights[0] = -128
    weights[1] = 127
    bias = generator.integers(-(10**6), 10**6, 6)
    patch = generator.choice([-128, 127], (4, 4, 10))
    (packed,) = winograd.pack(constants(weights, bias), params(6, 10))
    tile = packed.data.reshape(2, -1)
    pairs = 6
    words = np.ascontiguousarray(tile[:, : 16 * pairs * 4]).view(np.int16).reshape(2, 16, pairs, 4, 2).astype(np.int64)
    starts, factors = tile[:, 16 * pairs * 4 :][:, :4], tile[:, 16 * pairs * 4 + 4 :]
    assert factors.shape == (2, 4) and (factors == 2**30).all()
    x = input_transformed(np.pad(patch, ((0, 0), (0, 0), (0, 2)))).reshape(16, 12)[:, dsp.pair_order(12)]
    positions = np.einsum("tpqon,pqn->top", words, x).reshape(8, 4, 4)
    results = np.einsum("ir,ors,js->oij", winograd.OUTPUT, positions, winograd.OUTPUT) + starts.reshape(8, 1, 1)
    assert np.array_equal(results[:6], 4 * (direct(patch, weights) + bias[:, None, None]))


def test_accumulators_that_do_not_fit_four_times_are_refused():
    weights, limit = np.zeros((4, 3, 3, 4), np.int8), 2**29
    weights[:, 0, 0, 0] = 1
    for most, fit in ((limit - 129, True), (limit - 128, False)):
        for sign in (1, -1):
            assert winograd.fits(constants(weights, np.full(4, sign * most)), params(4, 4, per_channel=0)) == fit
    assert not winograd.fits(constants(weights, np.zeros(4)), params(4, 4, shift=32))


def test_few_channels_do_not_pay():
    assert winograd.pays(params(16, 16)) and winograd.pays(params(64, 64))
    assert not winograd.pays(params(16, 3))
    assert not winograd.pays(params(16, 16, size=1))
