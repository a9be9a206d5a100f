"""Every number of threads, every order of the parts and two instances side by side give the bytes of one thread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import reference, split, targets

from tests.streaming.chains import chain
from tests.threads.many import Layers, attention, program, run


def random_inputs(graph, seed: int) -> dict[str, np.ndarray]:
    random, found = np.random.default_rng(seed), {}
    for port in graph.inputs:
        type = graph.type(port.tensor)
        if type.dtype.is_float:
            found[port.name] = random.normal(0, 1, type.shape).astype(type.dtype.numpy)
        else:
            low, high = type.dtype.limits
            found[port.name] = random.integers(low, high + 1, type.shape).astype(type.dtype.numpy)
    return found


def compared(seeds: range, threads: tuple[int, ...], target: str, compiler, place: Path, runner=()) -> None:
    products = (attention(shape, quantized) for shape in ("1,3,2,18,18", "2,1,10,10", "50,50") for quantized in (False, True))
    graphs = [Layers(1).dense(False), Layers(2).dense(True), *products, *(chain(seed) for seed in seeds)]
    inputs = [random_inputs(graph, seed) for seed, graph in enumerate(graphs)]
    path, forks = program(graphs, threads, targets.load(target), compiler, place)
    assert forks > len(graphs), "hardly a step is made of parts"
    given, at = run(path, inputs, runner), 0
    for graph, one in zip(graphs, inputs, strict=True):
        (wanted,) = reference.run(graph, one).values()
        found = np.frombuffer(given[at : at + wanted.nbytes], wanted.dtype).reshape(wanted.shape)
        if wanted.dtype == np.int8:
            assert np.array_equal(found, wanted), graph.name
        else:
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4, err_msg=graph.name)
        at += wanted.nbytes
    assert at == len(given)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chains are small: anything is worth two parts."""
    monkeypatch.setattr(split, "LEAST_WORK", 1)


def test_no_thread_writes_what_another_one_uses(tmp_path: Path) -> None:
    """ThreadSanitizer finds no race in any chain."""
    compiler = ("gcc", "-O1", "-g", "-fsanitize=thread", "-ffp-contract=off", "-fno-math-errno")
    compared(range(3), (1, 2, 3, 4), "host", compiler, tmp_path)


@pytest.mark.parametrize(("target", "seeds"), [
    ("cortex-a53", range(3, 8)), ("cortex-a76", range(8, 10)), ("cortex-a7", range(10, 12)),
])  # fmt: skip
def test_the_kernels_of_a_core_compute_parts_as_the_whole(target: str, seeds: range, tmp_path: Path) -> None:
    core = targets.load(target)
    compiler = (f"{core.prefix}gcc", *core.flags, *core.link_flags, "-O1")
    compared(seeds, (1, 3), target, compiler, tmp_path, core.emulator)
