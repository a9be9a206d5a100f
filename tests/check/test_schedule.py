"""check.schedule refuses each way in which a schedule can be wrong, by name."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from barecast import check
from barecast.errors import InternalError
from barecast.graph import DType, TensorType
from barecast.schedule import Border, Const, Schedule, View

from tests.planner.build import Params, kernel, schedule, step

SIZES = {"x": 8, "a": 8, "y": 8}


def good() -> Schedule:
    return schedule(SIZES, [step("x", "a"), step("a", "y")], "x", "y")


@dataclass(frozen=True)
class RealParams:
    limit: float


def const(data, role="weights") -> Const:
    data = np.array(data)
    data.flags.writeable = False
    return Const(role, data)


def with_step(**change) -> Schedule:
    value = good()
    return replace(value, steps=(replace(value.steps[0], **change), value.steps[1]))


def test_a_good_schedule_passes():
    check.schedule(good())
    check.schedule(with_step(params=RealParams(math.inf)))
    args = good().steps[0].args
    check.schedule(with_step(args=(args[0], const(np.zeros(3, np.int8)), args[1])))


X, A = good().steps[0].args
WRONG = {
    "step 1 .* reads a before it is written": schedule(SIZES, [step("x", "y"), step("a", "a")], "x", "y"),
    "y, which must outlast the run, is never written": schedule(SIZES, [step("x", "a")], "x", "y"),
    "reads and writes a": schedule(SIZES, [step("x", "a"), step("a", "a"), step("a", "y")], "x", "y"),
    "writes x, which is there before the run": schedule(SIZES, [step("x", "a"), step("a", "x"), step("a", "y")], "x", "y"),
    "writes nothing": schedule(SIZES, [step("x", ""), step("x", "y")], "x", "y"),
    "which has no type": schedule(SIZES, [step("x", "b"), step("b", "y")], "x", "y"),
    "shares its memory with another port": schedule(
        SIZES | {"v": 8}, [step("x", "y")], "x", "v", views={"v": View("x")}
    ),
    "sticks out": schedule(SIZES | {"v": 8}, [step("x", "y")], "x", "y", views={"v": View("a", 1)}),
    "is a view of itself": schedule(
        SIZES | {"v": 8, "w": 8}, [step("x", "y")], "x", "y", views={"v": View("w"), "w": View("v")}
    ),
    "one of them has no type": schedule(SIZES, [step("x", "y")], "x", "y", views={"v": View("a")}),
    "differ in type": replace(good(), inputs=(Border("x", "x", TensorType(DType.F32, (2,))),)),
    'two ports are named "y"': replace(good(), outputs=good().outputs * 2),
    "two inputs share a buffer": replace(good(), inputs=(*good().inputs, replace(good().inputs[0], name="x2"))),
    "runs dense by a kernel for copy": with_step(op="dense"),
    "no 32-bit integer": with_step(params=Params(2**31)),
    "is not a number": with_step(params=RealParams(math.nan)),
    "not a dataclass": with_step(params={"bytes": 1}),
    "does not take these params": with_step(kernel=replace(kernel(), when=lambda p: False)),
    "16 B of scratch, the kernel wants 0": with_step(scratch=16),
    "negative number of MACs": with_step(macs=-1),
    "outputs come after all inputs": with_step(args=(A, X)),
    "the kernel is for .'f32', 'f32'.": with_step(kernel=replace(kernel(), dtypes=(DType.F32, DType.F32))),
    "is no role": with_step(args=(X, const(np.zeros(3, np.int8), "colour"), A)),
    "which C has not": with_step(args=(X, const(np.zeros(3, np.complex64)), A)),
    "are empty, not in C order or writeable": with_step(args=(X, Const("bias", np.zeros(3, np.int8)), A)),
    "not bc_ and a file name": with_step(kernel=replace(kernel(), symbol="conv")),
}


@pytest.mark.parametrize("message", WRONG)
def test_a_wrong_schedule_is_refused(message):
    with pytest.raises(InternalError, match=f"schedule: .*{message}"):
        check.schedule(WRONG[message])
