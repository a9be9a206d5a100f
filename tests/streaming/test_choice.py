"""Which steps run by rows: for the least memory, for a budget, and where nothing fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from barecast import check, frontends, order, passes, planner, select, streaming, targets
from barecast.errors import ModelError
from barecast.options import Options
from barecast.streaming.layers import Layers

from tests.streaming.chains import chain, deep, wide

ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "models" / "digits" / "digits_int8.onnx"
MODELS = ROOT.parent / "shared" / "models"
M4 = targets.load("cortex-m4")


def scheduled(graph, target, options=Options()):
    return order.run(select.run(graph, target, options))


def chosen(graph, target=M4, **options):
    asked = Options(**options)
    found = streaming.choose(scheduled(graph, target, asked), target, asked)
    check.schedule(found.schedule)
    check.plan(found.schedule, found.plan)
    return found


def test_the_least_memory():
    whole = planner.run(scheduled(wide(), M4)).arena_bytes
    found = chosen(wide(), optimize="ram")
    assert found.plan.arena_bytes < whole / 2
    first = found.considered[0]
    assert first.arena_bytes == found.plan.arena_bytes
    assert first.spans == tuple((stream.first, stream.last) for stream in found.schedule.streams)
    assert min(choice.arena_bytes or choice.lower_bound for choice in found.considered[1:]) >= first.arena_bytes


def test_never_more_memory_than_without_streams():
    for seed in range(3):
        whole = planner.run(scheduled(chain(seed), M4)).arena_bytes
        assert chosen(chain(seed), optimize="ram").plan.arena_bytes <= whole


def test_a_budget_takes_the_fewest_macs_that_fit():
    whole, least = chosen(wide(), ram=10**6), chosen(wide(), optimize="ram")
    assert not whole.schedule.streams
    assert chosen(wide(), ram=least.plan.arena_bytes).plan.arena_bytes == least.plan.arena_bytes
    between = chosen(wide(), ram=whole.plan.arena_bytes - 1)
    assert least.plan.arena_bytes < between.plan.arena_bytes < whole.plan.arena_bytes
    assert 0 < between.considered[0].macs < least.considered[0].macs


def test_a_budget_that_nothing_fits():
    graph = wide()
    least = chosen(graph, optimize="ram").plan.arena_bytes
    with pytest.raises(ModelError, match=f"100 bytes of RAM are asked for, and {least} are the least") as caught:
        chosen(graph, ram=100)
    assert "by rows" in caught.value.remedy and caught.value.operator


def test_the_demo():
    graph = passes.run(frontends.read(DIGITS, {}), Options())
    assert chosen(graph, optimize="ram").plan.arena_bytes <= 1152


LEAST = {"ic_int8.onnx": 19776, "ic_int8.tflite": 16768, "vww_int8.tflite": 30736, "kws_int8.onnx": 5162}


@pytest.mark.parametrize(("name", "bytes"), LEAST.items())
def test_real_models(name, bytes):
    if not (MODELS / name).exists():
        pytest.skip("the folder with the models is not there")
    graph = passes.run(frontends.read(MODELS / name, {}), Options())
    assert chosen(graph, optimize="ram").plan.arena_bytes <= bytes


@pytest.mark.parametrize("asked", [{"optimize": "ram"}, {"ram": 10**6}], ids=str)
def test_parts_are_made_for_few_of_the_spans_of_a_deep_model(monkeypatch, asked):
    """Of 100 steps there are 5 000 spans: most of them cannot help, which is known before a part is made."""
    made = []
    part = Layers.part
    monkeypatch.setattr(Layers, "part", lambda self, *span: made.append(span) or part(self, *span))
    options = Options(**asked)
    schedule = scheduled(deep(100), M4, options)
    streaming.choose(schedule, M4, options)
    steps, parts = len(schedule.steps), len(made)
    assert steps > 100 and parts < 10 * steps
