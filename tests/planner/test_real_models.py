"""Real networks get by with what lives at their fullest step, and not a byte more."""

from __future__ import annotations

from pathlib import Path

import pytest
from barecast import frontends, passes, planner, select
from barecast.options import Options
from barecast.targets import Target

ROOT = Path(__file__).parents[2]
MODELS = ROOT.parent / "shared" / "models"
ARENAS = {"kws_int8": 16000, "ic_int8": 49152, "vww_int8": 55296, "ad_int8": 768, "kws_float": 64000, "ad_float": 3072}


def plan_of(path: Path):
    options = Options()
    graph = passes.run(frontends.read(path, {}), options)
    return planner.run(select.run(graph, Target("host", frozenset()), options))


@pytest.mark.parametrize("name", ARENAS)
def test_arena(name):
    path = MODELS / f"{name}.onnx"
    if not path.exists():
        pytest.skip("the folder with the models is not there")
    plan = plan_of(path)
    assert plan.arena_bytes == plan.lower_bound == ARENAS[name]


@pytest.mark.parametrize("name", ["digits_int8", "digits_float"])
def test_arena_of_the_demo(name):
    plan = plan_of(ROOT / "models" / "digits" / f"{name}.onnx")
    assert plan.arena_bytes == plan.lower_bound
