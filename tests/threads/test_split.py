"""Which steps become parts, what each part is, and what the checks refuse."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from barecast import boards, check, emit, order, passes, pipeline, planner, select, split, targets, text
from barecast.errors import InternalError, UsageError
from barecast.options import Options
from barecast.resources import folder
from barecast.rows import Band, Reach, bands
from barecast.schedule import Fork, Schedule, scratch_key

from tests.emit import hosted
from tests.exports.checks import symbols
from tests.state.graphs import RUNNING_SUM
from tests.streaming.chains import wide
from tests.threads.many import Layers, attention, planned

HOST, M4 = targets.load("host"), targets.load("cortex-m4")
DIGITS = Path(__file__).parents[2] / "models/digits/digits_int8.onnx"

POINTWISE = text.loads("""graph "pointwise" tflite
input "x" %x: f32[1,64,64,8]
%y: f32[1,64,64,8] = unary(%x) kind=exp
output "y" %y
""")


def made(graph, target=HOST, **options) -> Schedule:
    return planned(graph, target, Options(name="net", **options))[0]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "LEAST_WORK", 1)


def test_ranges_are_whole_and_as_equal_as_they_can_be() -> None:
    assert split.ranges(10, 3, 1) == ((0, 3), (3, 6), (6, 10))
    assert split.ranges(10, 4, 4) == ((0, 4), (4, 8), (8, 10))
    assert split.ranges(3, 8, 1) == ((0, 1), (1, 2), (2, 3))
    for rows in range(1, 40):
        for count in range(1, 9):
            for multiple in (1, 4):
                found = split.ranges(rows, count, multiple)
                assert found[0][0] == 0 and found[-1][1] == rows and len(found) <= count
                assert all(a[1] == b[0] and b[0] % multiple == 0 for a, b in zip(found, found[1:], strict=False))
                assert all(first < end for first, end in found)


def test_the_band_of_a_range() -> None:
    reach = Reach(height=10, taps=3, stride=2, pad=1)
    assert bands(reach, 0, 5) == Band(10, 1, 0, True, 5)
    assert bands(reach, 0, 2) == Band(4, 1, 0, True, 2)
    assert bands(reach, 2, 5) == Band(7, 0, 0, False, 3)
    assert bands(Reach(height=9, taps=3, stride=2, pad=1), 3, 5) == Band(4, 0, 1, False, 2)


def test_only_steps_with_enough_work_are_made_of_parts() -> None:
    (step,) = made(POINTWISE, threads=1).steps
    enough = split.work(made(POINTWISE, threads=1), step) // split.LEAST_WORK
    assert enough == 8
    assert len(made(POINTWISE, threads=3).steps) == 3 and len(made(POINTWISE, threads=16).steps) == 8
    plain = order.run(select.run(passes.run(wide(), Options()), M4, Options()))
    assert split.run(plain, M4, Options()) is plain


def test_the_parts_of_a_step_add_up(small_parts) -> None:
    whole, parts = made(wide(), threads=1), made(wide(), threads=3)
    assert sum(step.macs for step in parts.steps) == sum(step.macs for step in whole.steps)
    assert len(parts.forks) >= 4
    for fork in parts.forks:
        steps = [parts.steps[index] for index in fork.steps]
        (root,) = {parts.root(step.outputs[0])[0] for step in steps}
        assert sum(parts.buffers[step.outputs[0]].bytes for step in steps) == parts.buffers[root].bytes
        assert len({step.kernel.symbol for step in steps}) == 1
        assert all(a.data is b.data for step in steps for a, b in zip(step.constants, steps[0].constants, strict=True))


def test_a_dense_layer_is_made_of_channels_with_their_constants(small_parts) -> None:
    whole, parts = (made(Layers(2).dense(True), threads=threads) for threads in (1, 3))
    assert [len(fork.steps) for fork in parts.forks] == [3, 3]
    for step, fork in zip(whole.steps, parts.forks, strict=True):
        found = [parts.steps[index] for index in fork.steps]
        assert sum(one.params.out_c for one in found) == step.params.out_c
        assert all(one.params.out_c % split.CHANNELS == 0 for one in found[:-1])
        for number, const in enumerate(step.constants):
            assert np.array_equal(np.concatenate([one.constants[number].data for one in found]), const.data)


@pytest.mark.parametrize(("shape", "counts"), [
    ("1,3,2,18,18", [2, 3, 2]),  # every fourth matrix of 324 bytes begins at a multiple of 16
    ("2,1,10,10", [3]),  # a matrix has 100: only the softmax has parts
    ("50,50", [3, 3, 3]),
])  # fmt: skip
def test_products_are_made_of_matrices_or_of_rows_and_softmax_of_rows(shape, counts, small_parts) -> None:
    whole, parts = (made(attention(shape, True), threads=threads) for threads in (1, 3))
    assert [len(fork.steps) for fork in parts.forks] == counts
    assert sum(step.macs for step in parts.steps) == sum(step.macs for step in whole.steps)
    for fork in parts.forks:
        steps = [parts.steps[index] for index in fork.steps]
        places = [parts.root(step.outputs[0]) for step in steps]
        sizes = [parts.buffers[step.outputs[0]].bytes for step in steps]
        assert [offset for _, offset in places] == [sum(sizes[:index]) for index in range(len(sizes))]
        assert all(offset % split.ALIGN == 0 for _, offset in places)
        assert sum(sizes) == parts.buffers[places[0][0]].bytes


def refused(words: str, value: Schedule, plan=None) -> None:
    with pytest.raises(InternalError, match=words):
        check.schedule(value) if plan is None else check.plan(value, plan)


def test_what_is_used_at_the_same_time_must_lie_apart(small_parts) -> None:
    """On Cortex-M4 the convolutions have scratch memory, of each part its own; outputs would run over inputs."""
    graph = passes.run(wide(), Options())
    schedule, plan = planned(wide(), M4, Options(name="net", threads=2))
    fork = next(fork for fork in schedule.forks if schedule.steps[fork.first].scratch)
    one, other = (scratch_key(index) for index in (fork.first, fork.last))
    moved = replace(plan.placements[other], offset=plan.placements[one].offset)
    refused("was overwritten by", schedule, replace(plan, placements={**plan.placements, other: moved}))

    step = schedule.steps[fork.first]
    (read,), (written,) = ({schedule.root(name)[0] for name in names} for names in (step.inputs, step.outputs))
    apart = max(0, plan.placements[read].offset - 4)
    over = replace(plan.placements[written], offset=apart)
    roomy = replace(plan, arena_bytes=2 * plan.arena_bytes, placements={**plan.placements, written: over})
    refused("was overwritten by", schedule, roomy)

    one_thread = order.run(select.run(graph, M4, Options()))
    index = next(i for i, s in enumerate(one_thread.steps) if s.overlaps[0][1].bytes > 0)
    assert planner.lifetimes(one_thread) and any(i.over for i in planner.lifetimes(one_thread)), index
    forked = {i.key for i in planner.lifetimes(schedule) if i.over}
    assert not forked & {schedule.root(n)[0] for f in schedule.forks for s in f.steps for n in schedule.steps[s].outputs}


def test_a_fork_whose_steps_touch_each_other(small_parts) -> None:
    schedule = made(wide(), threads=2)
    fork, behind = schedule.forks[:2]
    refused("of the same fork may write it", replace(schedule, forks=(Fork(fork.first, behind.first),)))
    refused("a fork of steps", replace(schedule, forks=(fork, fork)))
    refused("a fork of steps", replace(schedule, forks=(Fork(0, len(schedule.steps)),)))
    twice = list(schedule.steps)
    twice[fork.last] = schedule.steps[fork.first]
    refused("of the same fork may write it", replace(schedule, steps=tuple(twice)))


def test_refusals(tmp_path: Path) -> None:
    for threads in (0, 17):
        with pytest.raises(UsageError, match="is no number of threads"):
            Options(threads=threads)
    for other in ({"optimize": "ram"}, {"ram": 1000}, {"feed": "rows"}):
        with pytest.raises(UsageError, match="run by rows run in one thread"):
            Options(threads=2, **other)
    with pytest.raises(UsageError, match="for one thread"):
        pipeline.compile_model(DIGITS, M4, Options(threads=2), board=boards.load("mps2-an386"))


@pytest.mark.parametrize("compiler", [("gcc", "-std=c99", "-x", "c"), ("g++", "-std=c++17", "-x", "c++")])
def test_the_pool_is_clean_c_and_cxx(compiler: tuple[str, ...]) -> None:
    warnings = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
    header = str(folder("runtime_c") / "threads/bc_pool.h")
    subprocess.run([*compiler, *warnings, "-fsyntax-only", header], check=True)


def test_one_thread_changes_nothing() -> None:
    files = pipeline.compile_model(DIGITS, HOST, Options(name="net")).tree.files
    assert not any("bc_pool" in path for path in files) and "threads" not in files["net.h"]
    two = pipeline.compile_model(DIGITS, HOST, Options(name="net", threads=2)).tree.files
    assert "barecast/bc_pool.h" in two and "NET_THREADS 2" in two["net.h"] and '"forks"' not in files["manifest.json"]


def test_the_manifest_tells_the_parts(small_parts) -> None:
    two = pipeline.compile_model(DIGITS, HOST, Options(name="net", threads=2))
    found = emit.manifest(two.tree)["forks"]
    assert found == [{"first_step": fork.first, "last_step": fork.last} for fork in two.schedule.forks] and found


@pytest.mark.parametrize("compiler", [hosted.C99, hosted.CXX17])
def test_models_without_parts_and_with_states_compile(compiler: tuple[str, ...], tmp_path: Path) -> None:
    for name, graph in (("sum", RUNNING_SUM), ("exp", POINTWISE)):
        options = Options(name=name, threads=3)
        schedule, plan = planned(graph, HOST, options)
        library = hosted.build(emit.run(schedule, plan, HOST, options), tmp_path / name, compiler)
        assert f"{name}_run_threads" in symbols(library) and len(schedule.forks) == (name == "exp")
