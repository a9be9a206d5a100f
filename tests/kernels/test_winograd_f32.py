"""The float32 convolution after Winograd keeps the error bound of docs/numerics.md, and --winograd off does without it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from barecast import emit, kernels, planner, runners, select, targets, toolchain
from barecast.layouts import winograd_f32
from barecast.ops.conv2d import Conv2d
from barecast.options import Options

from tests.cases import build
from tests.cases.build import Case, Constant, case, f32, rng
from tests.cases.mac import FLOAT

SYMBOL = "bc_conv2d_f32_k3x3_neon"
SIZES = ((16, 16), (48, 16), (4, 8))
TO_PATCH = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]])
"""|B^T|."""
TO_RESULTS = np.array([[1, 1, 1, 0], [0, 1, 1, 1]])
"""|A^T|."""


def layer(in_c: int, out_c: int) -> Case:
    """6 x 8 results from 8 x 10 pixels whose magnitudes are spread over three decades."""
    random = rng(f"winograd {in_c} {out_c}")

    def numbers(*shape: int) -> np.ndarray:
        return (random.normal(0, 1, shape) * 10.0 ** random.uniform(-2, 1, shape)).astype(np.float32)

    operands = (f32(1, 8, 10, in_c), Constant(numbers(out_c, 3, 3, in_c)), Constant(numbers(out_c)))
    return case(f"f32 {in_c} to {out_c}", "conv2d", Conv2d(), operands, FLOAT, {"x0": numbers(1, 8, 10, in_c)})


def exact_and_bound(x: np.ndarray, w: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64 [6, 8, out_c]: results, and how far float32 ones may be off."""
    x, wide = x[0].astype(np.float64), w.astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (0, 1))
    exact = np.einsum("ijcrs,orsc->ijo", windows, wide) + bias
    weights = np.abs(winograd_f32.transformed(w).astype(np.float64))
    bound = np.zeros_like(exact)
    for i in range(0, exact.shape[0], 2):
        for j in range(0, exact.shape[1], 2):
            patch = np.einsum("ir,rsc,js->ijc", TO_PATCH, np.abs(x[i : i + 4, j : j + 4]), TO_PATCH)
            products = np.einsum("ijoc,ijc->ijo", weights, patch)
            bound[i : i + 2, j : j + 2] = np.einsum("ir,rso,js->ijo", TO_RESULTS, products, TO_RESULTS)
    return exact, (2 * x.shape[-1] + 10) * 2.0**-24 * (bound + np.abs(bias))


@pytest.mark.parametrize("name", ["cortex-a53", "cortex-a7"])
def test_errors_stay_within_the_stated_bound(name: str, tmp_path: Path) -> None:
    target = targets.load(name)
    (kernel,) = (k for k in kernels.for_op("conv2d") if k.symbol == SYMBOL)
    chosen = replace(kernel, pays=lambda params, target: True)
    cases = [layer(*sizes) for sizes in SIZES]
    folders = []
    for number, one in enumerate(cases):
        options = Options(name=f"k{number}", single_file=True)
        schedule = select.run(one.graph, target, options, registry=lambda _: (chosen,))
        folders.append(emit.run(schedule, planner.run(schedule), target, options).write(tmp_path / options.name))
    image = toolchain.build(folders, target, out=tmp_path / "build")
    inputs = [build.inputs(one) for one in cases]
    models = runners.run(image, [{k: a[np.newaxis] for k, a in arrays.items()} for arrays in inputs], count=False).models
    for one, arrays, model in zip(cases, inputs, models, strict=True):
        (got,), (x,) = model.outputs.values(), arrays.values()
        w, bias = (t.data for t in one.graph.tensors.values() if t.is_constant)
        exact, bound = exact_and_bound(x, w, bias)
        error = np.abs(got[0, 0] - exact)
        assert model.guard_ok and (error <= bound).all()
        assert error.max() > 0 and bound.max() < 1e-2 * np.abs(exact).max()  # so that the bound tells wrong results


@pytest.mark.parametrize(("options", "there"), [({}, True), ({"winograd": "off"}, False), ({"optimize": "size"}, False)])
def test_it_is_chosen_where_it_may_be(options: dict[str, str], there: bool) -> None:
    schedule = select.run(layer(48, 16).graph, targets.load("cortex-a53"), Options(name="k", **options))
    assert (schedule.steps[0].kernel.symbol == SYMBOL) is there


def test_it_is_not_chosen_where_it_costs_more() -> None:
    schedule = select.run(layer(4, 8).graph, targets.load("cortex-a53"), Options(name="k"))
    assert schedule.steps[0].kernel.symbol == "bc_conv2d_f32_neon"
