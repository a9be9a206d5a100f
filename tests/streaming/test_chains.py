"""Streams of random chains: the plans pass the check, and the C computes what the reference says, to the byte."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from barecast import check, planner, reference, targets
from barecast.options import Options

from tests.emit import hosted
from tests.emit.networks import random_inputs
from tests.streaming.chains import builder, chain, rows_of, spans, stages, streamed


@pytest.mark.parametrize("target", ["host", "cortex-m4", "cortex-m55"])
def test_plans_of_streams_pass_the_check(target):
    core = targets.load(target)
    seen, held, whole = Counter(), 0, 0
    for seed in range(9):
        made = builder(chain(seed), core)
        found = spans(made)
        for span in found[:: max(1, len(found) // 2)]:
            schedule = streamed(made, span)
            check.plan(schedule, planner.run(schedule))
            (stream,) = schedule.streams
            seen.update(kind for one in stream.held.values() for kind in ("passing" if one.passing else "held",))
            seen.update(made.schedule.steps[index].op for index in stream.steps)
            held += sum(one.bytes for one in stream.held.values())
            whole += rows_of(schedule)
    assert all(seen[kind] > 2 for kind in ("passing", "held", "conv2d", "dwconv2d", "binary", "pool2d")), seen
    assert held < whole / 2


@pytest.mark.parametrize("options", [Options(), Options(optimize="size")], ids=lambda o: o.optimize)
def test_the_c_of_streams(options, tmp_path):
    """Whole chains and parts of them; two streams behind each other; kernels of their own and shared ones."""
    for seed in range(6) if options.optimize == "speed" else (3, 11):
        graph = chain(seed)
        made = builder(graph)
        found = spans(made)
        first, last = found[len(found) // 3 if seed % 2 else 0]
        rest = [span for span in found if span[0] > last][:1]
        code = stages(streamed(made, (first, last), *rest), options=options)
        inputs = random_inputs(graph)
        library = hosted.build(code.tree, tmp_path / str(seed))
        outputs = hosted.run(library, code, inputs, runs=2)
        for name, wanted in reference.run(graph, inputs).items():
            if wanted.dtype == np.int8:
                assert np.array_equal(outputs[name], wanted), seed
            else:
                np.testing.assert_allclose(outputs[name], wanted, rtol=1e-4, atol=1e-4)
