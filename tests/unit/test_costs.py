"""Measured costs of kernels: the table, what it is fitted from, and what it chooses."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from barecast import kernels, targets
from barecast.schedule import Kernel
from barecast.select import costs

from bench import kernel_costs
from bench.kernel_costs import Sample, fitted

KERNELS = {kernel.symbol: kernel for entries in kernels.all_kernels().values() for kernel in entries}
WINOGRAD, DIRECT = KERNELS["bc_conv2d_f32_k3x3_neon"], KERNELS["bc_conv2d_f32_neon"]


def params(in_c: int, out_c: int, side: int) -> SimpleNamespace:
    return SimpleNamespace(batch=1, out_h=side, out_w=side, in_c=in_c, out_c=out_c, k_h=3, k_w=3, groups=1)


def test_the_table_names_kernels_that_are_and_is_as_the_command_writes_it():
    rows = kernel_costs.older(())
    assert rows and kernel_costs.text(rows) == kernel_costs.PATH.read_text(encoding="utf-8")
    for (core, kernel), (unit, each) in rows.items():
        assert KERNELS[kernel].needs <= targets.load(core).isa
        assert min(each) >= 0 < max(each)
        assert unit == ("cycles" if targets.load(core).pipeline else "instructions")


def test_terms_are_those_of_whole_tiles():
    assert costs.terms(DIRECT, params(4, 8, 7)) == (1, 7, 49, 49 * 4, 49 * 8, 49 * 8 * 9 * 4)
    assert costs.terms(WINOGRAD, params(4, 8, 7)) == (1, 8, 64, 64 * 4, 64 * 8, 64 * 8 * 9 * 4)
    depthwise = Kernel("bc_x", "dwconv2d", DIRECT.dtypes)
    assert costs.terms(depthwise, params(8, 8, 2)) == (1, 2, 4, 32, 32, 32 * 9)


def test_a_fit_finds_what_was_put_in_and_nothing_below_0():
    some = [
        Sample("c", "k", "cycles", terms, 100 + 7 * terms[1] + 0.25 * terms[5])
        for terms in (costs.terms(DIRECT, params(*shape)) for shape in ((4, 8, 7), (16, 4, 5), (8, 8, 20), (32, 64, 9)))
    ]
    assert fitted(some) == pytest.approx((100, 7, 0, 0, 0, 0.25), rel=0.01, abs=0.01)
    falling = [Sample("c", "k", "cycles", (1.0, n, 0.0, 0.0, 0.0, 0.0), 100 - n) for n in (1.0, 2.0, 3.0)]
    assert fitted(falling) == pytest.approx((98, 0, 0, 0, 0, 0), abs=0.5)


def test_the_choice_for_a_layer_that_is_measured_now_is_not_far_from_the_best():
    some = kernel_costs.samples(kernel_costs.full(64, 64, 8), False, "cortex-a53")
    assert {sample.kernel for sample in some} == {WINOGRAD.symbol, DIRECT.symbol}
    shown = kernel_costs.verdicts([("a layer", some)], kernel_costs.older(()))
    ((core, layer, chosen, loss, _),) = shown.rows
    assert (core, layer, chosen) == ("cortex-a53", "a layer", WINOGRAD.symbol) and float(loss) < 1.1
    assert kernel_costs.samples(kernel_costs.full(3, 8, 4), False, "cortex-a53") == ()


@pytest.mark.parametrize("core", ("cortex-a7", "cortex-a53", "cortex-a72", "cortex-a76"))
def test_transforms_are_for_many_channels(core):
    target = targets.load(core)

    def gain(*shape: int) -> float:
        direct, here = (costs.estimate(kernel, params(*shape), target) for kernel in (DIRECT, WINOGRAD))
        return direct / here

    assert gain(64, 64, 14) > 1.3 and gain(4, 8, 4) < 1
    assert costs.estimate(DIRECT, params(4, 4, 4), targets.load("cortex-m4")) is None
