"""Which steps share one copy of their kernel, what the copy knows, and that sharing changes no result."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from barecast import emit, planner, reference, runners, select, targets, toolchain
from barecast.emit import sharing
from barecast.graph import DType, TensorType
from barecast.options import Options
from barecast.schedule import Buffer, Const, Kernel, Schedule, Step

from tests.emit.networks import NETWORKS, random_inputs


@dataclass(frozen=True)
class Params:
    """The fields that the rule tells apart: a count, a second one, a number, a shift, one that shapes the code, a real."""

    in_c: int = 8
    out_c: int = 8
    y_zero: int = 0
    shift: int = 40
    k_h: int = 3
    beta: float = 0.0


KERNEL = Kernel("bc_conv2d_s8_c", "conv2d", (DType.S8, DType.S8), copy_bytes=1000, copy_gain=1.0)


def schedule_of(*steps: Params, kernel: Kernel = KERNEL, sizes: tuple[int, ...] = (), roles=()) -> Schedule:
    """A chain of steps of one kernel. sizes: elements of each output, 100 if not given; roles: steps with int16 weights."""
    sizes = sizes or (100,) * len(steps)
    buffers = {"t0": TensorType(DType.S8, (100,))}
    made = []
    for index, (params, size) in enumerate(zip(steps, sizes, strict=True)):
        buffers[f"t{index + 1}"] = TensorType(DType.S8, (size,))
        weights = Const("weights", np.zeros(4, np.int16 if index in roles else np.int8))
        args = (Buffer(f"t{index}"), weights, Buffer(f"t{index + 1}", written=True))
        made.append(Step("conv2d", "", kernel, params, args, 0, 0, ()))
    return Schedule("net", (), (), buffers, {}, tuple(made))


def shared(schedule: Schedule, optimize: str = "speed") -> list[tuple[int, ...]]:
    return [group.steps for group in sharing.groups(schedule, optimize)]


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_equal_steps_share_and_read_nothing(optimize):
    (group,) = sharing.groups(schedule_of(Params(), Params()), optimize)
    assert (group.steps, group.varying, group.source) == ((0, 1), (), {})


def test_at_speed_a_copy_must_pay():
    """1000 bytes are worth 1000 / 2048 of a hundredth of the work: with a gain of 1 and a work of 8 an output, 3.9 % of
    the outputs."""
    small, large = [Params(in_c=n) for n in (2, 3, 4)], Params(in_c=5)
    assert shared(schedule_of(*small, large, sizes=(300, 300, 300, 10_000))) == [(0, 1, 2)]
    assert shared(schedule_of(*small, large, sizes=(500, 300, 300, 10_000))) == []
    assert shared(schedule_of(*small, Params(in_c=9), large, sizes=(500, 300, 300, 300, 10_000))) == [(1, 2, 3)]
    cheap = replace(KERNEL, copy_bytes=100)
    assert shared(schedule_of(*small, large, kernel=cheap, sizes=(300, 300, 300, 10_000))) == []
    no_gain = replace(KERNEL, copy_gain=0.01)
    assert shared(schedule_of(*small, large, kernel=no_gain, sizes=(300, 300, 300, 10_000))) == [(0, 1, 2, 3)]


def test_at_speed_equal_steps_pay_together():
    steps = (Params(in_c=2), Params(in_c=2), Params(in_c=3), Params(in_c=4), Params(in_c=5), Params(in_c=6))
    sizes = (250, 250, 250, 250, 250, 10_000)
    assert shared(schedule_of(*steps, sizes=sizes)) == [(0, 1), (2, 3, 4)]


@pytest.mark.parametrize("other", [{"k_h": 5}, {"shift": 20}, {"in_c": 1}])
def test_at_speed_other_code_is_not_shared(other):
    free = replace(KERNEL, copy_gain=0.0)
    steps = (*(Params(in_c=n) for n in (2, 3, 4)), Params(**{"in_c": 5} | other))
    assert shared(schedule_of(*steps, kernel=free)) == [(0, 1, 2)]
    assert shared(schedule_of(*steps, kernel=free), "size") == [(0, 1, 2, 3)]


def test_kernels_may_keep_steps_apart():
    kernel = replace(KERNEL, apart=lambda params: params.k_h == 1)
    steps = [Params(in_c=2), Params(k_h=1), Params(in_c=4, k_h=1), Params(k_h=5)]
    assert shared(schedule_of(*steps, kernel=kernel), "size") == [(0, 3), (1, 2)]


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_what_is_smaller_than_a_call_is_not_shared(optimize):
    assert shared(schedule_of(*[Params()] * 9, kernel=replace(KERNEL, copy_bytes=20)), optimize) == []


def test_only_functions_of_one_type_are_shared():
    assert shared(schedule_of(Params(), Params(), Params(), Params(), roles=(1, 3)), "size") == [(0, 2), (1, 3)]


def test_what_differs_is_read_once():
    """Fields that are equal in every step take one place in the steps' structs; 0.0 and -0.0 are not equal."""
    steps = (Params(in_c=2, out_c=2, beta=0.0), Params(in_c=3, out_c=3, y_zero=1, beta=-0.0))
    (group,) = sharing.groups(schedule_of(*steps), "size")
    assert group.varying == ("in_c", "y_zero", "beta")
    assert group.source == {"in_c": "in_c", "out_c": "in_c", "y_zero": "y_zero", "beta": "beta"}


@pytest.mark.parametrize("target", ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m55"])
def test_results_do_not_depend_on_it(target, tmp_path):
    """The same bytes with and without; at `size` less code; and the counts still belong to the steps."""
    graph, core = NETWORKS["blocks"](), targets.load(target)
    inputs = random_inputs(graph)
    code = {}
    for optimize in ("speed", "size"):
        options = Options(name=f"blocks_{optimize}", optimize=optimize)
        schedule = select.run(graph, core, options)
        assert bool(sharing.groups(schedule, optimize))
        folder = emit.run(schedule, planner.run(schedule), core, options).write(tmp_path / optimize)
        image = toolchain.build(folder, core, out=tmp_path / f"build {optimize}", optimize=optimize)
        result = runners.run(image, {name: data[np.newaxis] for name, data in inputs.items()}).models[0]
        for name, expected in reference.run(graph, inputs).items():
            np.testing.assert_array_equal(result.outputs[name][0], expected)
        assert result.guard_ok
        assert result.instructions > sum(step.instructions for step in result.steps) > 0.95 * result.instructions
        code[optimize] = toolchain.sizes_of(image).code_bytes
    assert code["size"] < code["speed"]


def test_the_schedule_is_weighed_once(monkeypatch):
    """However many steps there are that nothing else equals: else a deep model takes minutes."""
    weighed = []
    outputs = sharing._outputs
    monkeypatch.setattr(sharing, "_outputs", lambda schedule, step: weighed.append(step) or outputs(schedule, step))
    schedule = schedule_of(*(Params(out_c=3 + i) for i in range(300)))
    sharing.groups(schedule, "speed")
    assert len(schedule.steps) <= len(weighed) <= 3 * len(schedule.steps)
