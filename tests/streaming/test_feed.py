"""Inputs that come in rows: any portions, more than one run, rows too many; what cannot be fed."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from barecast import emit, reference, select, streaming, targets
from barecast.errors import UsageError
from barecast.options import Options

from tests.emit import hosted
from tests.emit.networks import float_branches, integer_chain, random_inputs
from tests.streaming.chains import builder, chain, spans, stages, streamed, wide

ROWS = Options(feed="rows")


def fed(graph, span: tuple[int, int] | None = None) -> hosted.Stages:
    made = builder(graph)
    name = made.schedule.inputs[0].buffer
    return stages(streamed(made, span or spans(made)[0], fed=name))


def pushed(library, made: hosted.Stages, image: np.ndarray, portions: list[int]) -> tuple[dict[str, np.ndarray], list[int]]:
    """Outputs, and what each push returned. The arena begins as garbage."""
    arena = np.full(made.plan.arena_bytes + 64, 0x5A, np.uint8)
    arena = arena[-arena.ctypes.data % 16 :][: made.plan.arena_bytes]
    at, rows, returned = ctypes.c_void_p(arena.ctypes.data), image[0], []
    program = ctypes.CDLL(str(library))
    push = program[f"{made.schedule.name}_push_rows"]
    push.restype = ctypes.c_uint32
    program[f"{made.schedule.name}_start"](at)
    row = 0
    for count in portions:
        part = np.ascontiguousarray(rows[row : row + count])
        returned.append(push(at, part.ctypes.data_as(ctypes.c_void_p), ctypes.c_uint32(len(part))))
        row += count
    return {border.name: hosted.place(made, arena, border).copy() for border in made.schedule.outputs}, returned


@pytest.mark.parametrize("seed", [0, 5, 9, None])
def test_any_portions_give_the_same(seed, tmp_path):
    graph = wide() if seed is None else chain(seed)
    made = fed(graph, (0, 0) if seed == 9 else None)
    compiler = hosted.CXX17 if seed == 0 else hosted.C99
    library = hosted.build(made.tree, tmp_path, compiler)
    (image,) = random_inputs(graph).values()
    wanted = reference.run(graph, random_inputs(graph))
    height = image.shape[1]
    needed = made.schedule.streams[0].needed
    for portions in ([1] * height, [height], [2, 3] * height, [height - 1, 1, 1, 1]):
        outputs, missing = pushed(library, made, image, portions)
        for name, values in wanted.items():
            np.testing.assert_allclose(outputs[name], values, rtol=1e-4, atol=1e-4 if values.dtype == np.float32 else 0)
        assert missing == [max(0, needed - min(sum(portions[: k + 1]), needed)) for k in range(len(portions))]


def test_run_takes_the_whole_image(tmp_path):
    graph = wide()
    made = fed(graph)
    library = hosted.build(made.tree, tmp_path)
    (image,) = random_inputs(graph).values()
    arena = np.zeros(made.plan.arena_bytes + 16, np.uint8)
    arena = arena[-arena.ctypes.data % 16 :][: made.plan.arena_bytes]
    image = np.ascontiguousarray(image)
    for _ in range(2):
        ctypes.CDLL(str(library))[f"{made.schedule.name}_run"](
            ctypes.c_void_p(arena.ctypes.data), image.ctypes.data_as(ctypes.c_void_p)
        )
    for border in made.schedule.outputs:
        wanted = reference.run(graph, random_inputs(graph))[border.name]
        assert np.array_equal(hosted.place(made, arena, border), wanted)


def test_the_image_takes_no_memory():
    core, found = targets.load("cortex-m4"), {}
    for optimize in ("speed", "ram"):
        options = Options(feed="rows", optimize=optimize)
        found[optimize] = streaming.choose(select.run(wide(), core, options), core, options)
    least, few = found["ram"], found["speed"]
    (entry,) = emit.manifest(emit.run(least.schedule, least.plan, core, ROWS))["inputs"]
    assert entry["offset"] is None and entry["rows"] == 24
    (stream,) = least.schedule.streams
    assert stream.held["x"].rows < 6 and stream.first == 0
    assert least.plan.arena_bytes < few.plan.arena_bytes and few.schedule.streams[0].last == 0


@pytest.mark.parametrize("network", [float_branches, integer_chain])
def test_what_cannot_be_fed(network):
    graph = network()
    if network is integer_chain:  # rows of 5 x 2 bytes do not begin at whole words
        with pytest.raises(UsageError, match="cannot run by rows"):
            streaming.choose(select.run(graph, hosted.HOST, ROWS), hosted.HOST, ROWS)
    else:
        with pytest.raises(UsageError, match="one input"):
            streaming.choose(select.run(graph, hosted.HOST, ROWS), hosted.HOST, ROWS)
