"""Which steps call CMSIS-NN, with which constants and params, and why the others do not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from barecast import cmsis_nn, emit, inspection, pipeline, planner, select, targets
from barecast.cli import main
from barecast.cmsis_nn import objections
from barecast.errors import UsageError
from barecast.graph import DType
from barecast.numerics import fixed_point
from barecast.options import Options
from barecast.schedule import Schedule, Step

from tests.cases import build
from tests.tflite import int16_network

CMSIS_NN = Options(kernels="cmsis-nn", name="k")
M4, M55, M0 = (targets.load(name) for name in ("cortex-m4", "cortex-m55", "cortex-m0"))
DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"


def case(op: str, name: str) -> build.Case:
    return next(c for c in build.all_cases()[op] if c.name == name)


def schedule(op: str, name: str, target: targets.Target = M4, options: Options = CMSIS_NN) -> Schedule:
    return select.run(case(op, name).graph, target, options)


def step(op: str, name: str, target: targets.Target = M4, options: Options = CMSIS_NN) -> Step:
    (only,) = schedule(op, name, target, options).steps
    return only


def constants(one: Step) -> dict[str, np.ndarray]:
    return {const.role: const.data for const in one.constants}


def reasons(op: str, name: str, target: targets.Target = M4) -> list[str]:
    (choice,) = select.explain(case(op, name).graph, target, CMSIS_NN)
    assert not choice.kernel.endswith("_cmsis")
    return [refusal.reason for refusal in choice.refused if "cmsis" in refusal.kernel.lower()]


def test_convolutions_get_the_models_own_bias_and_a_factor_for_each_channel() -> None:
    ours = step("conv2d", "s8 extreme low zero points, tflite", options=replace(CMSIS_NN, kernels="c"))
    theirs = step("conv2d", "s8 extreme low zero points, tflite")
    assert theirs.kernel.symbol == "bc_conv2d_s8_cmsis" and ours.kernel.symbol == "bc_conv2d_s8_c"
    own, packed, x_zero = constants(ours), constants(theirs), ours.params.x_zero
    assert x_zero != 0 and ours.params.per_channel
    assert np.array_equal(own["weights"], packed["weights"])
    sums = own["weights"].astype(np.int64).sum(axis=(1, 2, 3))
    assert np.array_equal(packed["bias"], own["bias"] + x_zero * sums)
    out_c = ours.params.out_c
    assert np.array_equal(packed["multiplier"], own["multiplier"][:out_c])
    assert np.array_equal(packed["shift"], 31 - own["multiplier"][out_c:])


def test_one_factor_is_repeated_for_convolutions_and_not_for_dense_layers() -> None:
    conv, dense = step("conv2d", "s8 extreme one scale, tflite"), step("dense", "s8 extreme one scale, tflite")
    assert constants(conv)["shift"].shape == constants(conv)["multiplier"].shape == (conv.params.out_c,)
    assert constants(dense)["shift"].shape == (1,)


def test_sixteen_bit_multipliers_are_the_upper_bits() -> None:
    one = step("conv2d", "s16 3x3 same")
    assert one.params.ties == fixed_point.TFLITE_WIDE and constants(one)["bias"].dtype == np.int64
    multiplier = constants(one)["multiplier"].astype(np.int64)
    assert (multiplier % 2**16 == 0).all() and (multiplier >= 2**29).all()


@pytest.mark.parametrize(("target", "bytes_"), [(M0, 0), (M4, 4), (M55, 0)], ids=lambda v: getattr(v, "name", ""))
def test_scratch_is_that_of_the_core(target: targets.Target, bytes_: int) -> None:
    one = step("pool2d", "s16 avg 2x2 stride 2", target)
    assert one.kernel.symbol == "bc_pool2d_s16_cmsis" and not one.constants
    assert one.scratch == bytes_ * one.params.channels


def test_sums_are_written_over_their_first_operand() -> None:
    value = next(
        s for c in build.all_cases()["binary"] if cmsis_nn.needs(s := select.run(c.graph, M4, CMSIS_NN)) is not None
    )
    (one,), plan = value.steps, planner.run(value)
    assert plan.placements[one.inputs[0]].offset == plan.placements[one.outputs[0]].offset


def test_scratch_is_in_the_plan() -> None:
    value = schedule("conv2d", "s8 extreme low zero points, tflite")
    plan = planner.run(value)
    (scratch,) = [place for key, place in plan.placements.items() if key.startswith("scratch")]
    assert scratch.bytes == value.steps[0].scratch > 0 and scratch.offset + scratch.bytes <= plan.arena_bytes


@pytest.mark.parametrize("op", ["conv2d", "dwconv2d", "dense", "softmax", "binary"])
def test_onnx_models_keep_our_kernels(op: str) -> None:
    found = next(c for c in build.all_cases()[op] if not c.graph.rule.is_tflite and _is_s8(c))
    (choice,) = select.explain(found.graph, M4, CMSIS_NN)
    assert choice.refused[0].kernel == f"bc_{op}_s8_cmsis" and "as ONNX" in choice.refused[0].reason
    assert not choice.kernel.endswith("_cmsis")


def _is_s8(one: build.Case) -> bool:
    graph = one.graph
    return all(graph.type(port.tensor).dtype is DType.S8 for port in (*graph.inputs, *graph.outputs))


def test_the_option_native_does_not_know_them() -> None:
    for choice in select.explain(case("conv2d", "s8 extreme low zero points, tflite").graph, M4, Options()):
        assert not any("cmsis" in refusal.kernel for refusal in choice.refused)
        assert not choice.kernel.endswith("_cmsis")


def params(**fields: Any) -> SimpleNamespace:
    """A 3x3 convolution of 8 bits that CMSIS-NN can do, with other values for some fields."""
    usual = dict(batch=1, in_h=8, in_w=8, in_c=4, out_h=8, out_w=8, out_c=4, k_h=3, k_w=3, stride_h=1, stride_w=1)
    usual |= dict(dilation_h=1, dilation_w=1, pad_top=1, pad_left=1, groups=1, depth_multiplier=1, w_wide=0)
    usual |= dict(ties=fixed_point.TFLITE, per_channel=0, is_max=0, include_pad=0, inner=1, y_zero=-128, shift=20)
    usual |= dict(kind=0, extent0=1, extent1=1, extent2=1, extent3=1, a_stride4=1, b_stride4=1, extent=10)
    return SimpleNamespace(**(usual | fields))


PIXEL = dict(k_h=1, k_w=1, pad_top=0, pad_left=0)
ROW = dict(k_h=1, in_h=1, out_h=1, pad_top=0)


@pytest.mark.parametrize(
    ("objection", "fields", "told"),
    [
        (lambda p: objections.convolve_s8(p, "dsp"), {"ties": 1}, "as ONNX"),
        (lambda p: objections.convolve_s8(p, "dsp"), {"w_wide": 1}, "more than 8 bits"),
        (lambda p: objections.convolve_s8(p, "c"), {"in_c": 8000}, "16 bits"),
        (lambda p: objections.convolve_s8(p, "c"), PIXEL | {"out_w": 9}, "1x1 convolutions have no padding"),
        (
            lambda p: objections.depthwise_s8(p, "mve"),
            PIXEL | {"in_c": 1, "out_w": 9},
            "1x1 convolutions have no padding",
        ),
        (lambda p: objections.convolve_s8(p, "mve"), ROW | {"out_h": 2}, "arm_convolve_1_x_n_s8"),
        (
            lambda p: objections.depthwise_s8(p, "mve"),
            ROW | {"in_c": 1, "stride_w": 4, "out_w": 2},
            "arm_convolve_1_x_n",
        ),
        (objections.convolve_s16, {"groups": 2}, "groups"),
        (lambda p: objections.depthwise_s8(p, "dsp"), {"pad_left": 0, "in_w": 6, "out_w": 6}, "middle column"),
        (lambda p: objections.depthwise_s8(p, "dsp"), {"pad_top": 3}, "wholly on padding"),
        (objections.depthwise_s16, {}, "64-bit biases"),
        (objections.dense_s16, {"per_channel": 1}, "one scale"),
        (objections.dense_s16, {}, "64-bit biases"),
        (objections.pool, {"dilation_w": 2}, "dilation"),
        (objections.pool, {"include_pad": 1}, "padding"),
        (objections.pool, {"ties": 0}, "as ONNX"),
        (objections.binary, {"kind": 1}, "subtraction"),
        (objections.binary, {"extent2": 3}, "one shape"),
        (objections.binary, {"b_stride4": 0}, "one shape"),
        (lambda p: objections.softmax(p, -128), {"inner": 2}, "last axis"),
        (lambda p: objections.softmax(p, -128), {"y_zero": 0}, "zero point -128"),
        (lambda p: objections.softmax(p, None), {"extent": 1}, "one element"),
        (lambda p: objections.softmax(p, -128), {"extent": 512}, "more than 511 elements"),
        (lambda p: objections.softmax(p, -32768), {"extent": 4096, "y_zero": -32768}, "more than 4095 elements"),
    ],
)
def test_objections_name_the_reason(objection: Any, fields: dict[str, int], told: str) -> None:
    assert told in objection(params(**fields))


@pytest.mark.parametrize(
    "objection",
    [
        lambda p: objections.convolve_s8(p, "mve"),
        lambda p: objections.depthwise_s8(p, "dsp"),
        objections.dense_s8,
        objections.pool,
        objections.binary,
        lambda p: objections.softmax(p, -128),
    ],
)
def test_no_objection_without_a_reason(objection: Any) -> None:
    assert objection(params()) is None


@pytest.mark.parametrize(
    ("in_w", "k_w", "stride", "pad_left", "pad_right", "right"),
    [
        (20, 3, 1, 1, 1, True),  # same
        (20, 4, 1, 1, 2, True),  # same, even
        (20, 5, 1, 0, 0, True),  # valid
        (7, 3, 2, 0, 0, False),  # valid, nothing left over: reads behind the row
        (6, 3, 2, 0, 0, False),  # valid, one element left over: taken for padding
        (9, 3, 4, 0, 0, False),  # two left over: the function fails
        (20, 3, 1, 2, 0, False),  # causal
        (1, 4, 1, 3, 2, False),  # more padding than "same" has
    ],
)
def test_rows_that_the_helium_function_gets_wrong(
    in_w: int, k_w: int, stride: int, pad_left: int, pad_right: int, right: bool
) -> None:
    out_w = (in_w + pad_left + pad_right - k_w) // stride + 1
    row = params(in_h=1, k_h=1, pad_top=0, out_h=1, in_w=in_w, k_w=k_w, stride_w=stride, pad_left=pad_left, out_w=out_w)
    assert objections.row_is_right(row) is right
    assert (objections.convolve_s8(row, "mve") is None) is right
    assert objections.convolve_s8(row, "dsp") is None


def test_factors_beyond_the_librarys_shifts_are_refused() -> None:
    """The 64-bit product must fit 32 bits before its last bit is rounded off."""
    assert "leave its range" in reasons("conv2d", "s16 factor above one")[0]


def test_operators_without_a_function_say_so() -> None:
    assert cmsis_nn.absence("conv2d", (DType.F32, DType.F32)) == "CMSIS-NN is called for integers only"
    assert "reduce of s8 to s8" in cmsis_nn.absence("reduce", (DType.S8, DType.S8))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "network.tflite"
    path.write_bytes(int16_network.network(float_ports=True))
    return path


def test_inspect_tells_why_a_step_keeps_our_kernel(network: Path) -> None:
    found = inspection.inspect(network, M4, CMSIS_NN)
    kernels = [one.kernel for one in found.steps]
    assert {k for k in kernels if k.endswith("_cmsis")} and {k for k in kernels if not k.endswith("_cmsis")}
    for one in found.steps:
        if not one.kernel.endswith("_cmsis"):
            assert "cmsis" in one.refused[0].kernel.lower() and one.refused[0].reason


def test_generated_code_names_the_library_and_its_rounding(network: Path) -> None:
    for rounding, word in (("double", "without"), ("single", "with")):
        compiled = pipeline.compile_model(network, M55, replace(CMSIS_NN, rounding=rounding))
        header, source = compiled.tree.files["k.h"], compiled.tree.files["k.c"]
        assert f"built {word}\n * CMSIS_NN_USE_SINGLE_ROUNDING" in header
        assert "bc_conv2d_s16_cmsis(&p," in source
        assert '#include "arm_nnfunctions.h"' in compiled.tree.files["barecast/conv2d_s16_cmsis.h"]
        needs = emit.manifest(compiled.tree)["cmsis_nn"]
        assert needs["single_rounding"] is (rounding == "single")
        assert needs["steps"] == sum(s.kernel.symbol.endswith("_cmsis") for s in compiled.schedule.steps)
    plain = pipeline.compile_model(network, M55, Options(name="k"))
    assert emit.manifest(plain.tree)["cmsis_nn"] is None and "CMSIS" not in plain.tree.files["k.h"]


def test_a_model_with_nothing_for_it_is_refused() -> None:
    with pytest.raises(UsageError, match="CMSIS-NN can do none of the") as refused:
        pipeline.compile_model(DIGITS / "digits_int8.onnx", M4, CMSIS_NN)
    told = str(refused.value)
    assert "leave the option out" in told and "rounds as TensorFlow Lite does" in told
    assert any("Conv" in (problem["operator"] or "") for problem in refused.value.as_json())
    json.dumps(refused.value.as_json())


def test_float_models_are_refused() -> None:
    with pytest.raises(UsageError, match="for integers only"):
        pipeline.compile_model(DIGITS / "digits_float.onnx", M4, CMSIS_NN)


def test_the_target_must_be_a_cortex_m(network: Path) -> None:
    for name in ("host", "cortex-a53"):
        with pytest.raises(UsageError, match=f"for Cortex-M, the target is {name}; name a Cortex-M target"):
            pipeline.compile_model(network, targets.load(name), CMSIS_NN)


def test_generate_says_how_many_steps_call_the_library(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["generate", str(network), "-o", str(tmp_path / "g"), "--target", "cortex-m4", "--kernels", "cmsis-nn"])
    needs = json.loads((tmp_path / "g" / "manifest.json").read_text())
    said = capsys.readouterr().out
    assert not ended.value.code
    assert f"{needs['cmsis_nn']['steps']} of {len(needs['steps'])} steps call CMSIS-NN; `barecast inspect" in said
