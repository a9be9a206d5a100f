"""What real networks need: less than what lives at one time, as outputs run over inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
from barecast import check, frontends, passes, planner, select, targets
from barecast.options import Options

ROOT = Path(__file__).parents[2]
MODELS = ROOT.parent / "shared" / "models"
ARENAS = {
    "cortex-m4": {"kws_int8": 8392, "ic_int8": 33968, "vww_int8": 41768, "ad_int8": 768},
    "cortex-m55": {"kws_int8": 9800, "ic_int8": 33584, "vww_int8": 40160, "ad_int8": 768},
    "host": {"kws_int8": 10048, "ic_int8": 33312, "vww_int8": 36888, "kws_float": 40192, "ad_float": 3072},
}
"""Target -> model -> bytes, at most."""


def plan_of(path: Path, target: str):
    options = Options()
    graph = passes.run(frontends.read(path, {}), options)
    schedule = select.run(graph, targets.load(target), options)
    plan = planner.run(schedule)
    check.plan(schedule, plan)
    return plan


@pytest.mark.parametrize(("target", "name"), [(target, name) for target, models in ARENAS.items() for name in models])
def test_arena(target, name):
    path = MODELS / f"{name}.onnx"
    if not path.exists():
        pytest.skip("the folder with the models is not there")
    assert plan_of(path, target).arena_bytes <= ARENAS[target][name]


@pytest.mark.parametrize(("name", "bytes"), [("digits_int8", 1248), ("digits_float", 4992)])
def test_arena_of_the_demo(name, bytes):
    assert plan_of(ROOT / "models" / "digits" / f"{name}.onnx", "host").arena_bytes <= bytes
