"""Every single-operator model: barecast's reference and TFLM's reference kernels give the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, passes, reference
from barecast.options import Options

from tests.tflite.build import Case, all_cases

runtime = pytest.importorskip("tflite_micro", reason="it has wheels for Linux on x86-64 only").runtime


def by_tflm(case: Case) -> list[np.ndarray]:
    interpreter = runtime.Interpreter.from_bytes(case.model, arena_size=1 << 20)
    for index in range(len(case.inputs)):
        interpreter.set_input(case.inputs[f"x{index}"], index)
    interpreter.invoke()
    count = len(frontends_outputs(case))
    return [np.array(interpreter.get_output(i)) for i in range(count)]


def frontends_outputs(case: Case) -> list[int]:
    import tflite

    return list(tflite.Model.GetRootAs(case.model, 0).Subgraphs(0).OutputsAsNumpy())


def same(got: np.ndarray, want: np.ndarray) -> bool:
    if want.dtype.kind == "f":
        return bool(np.allclose(got, want, rtol=1e-5, atol=1e-5 * max(1.0, float(np.abs(want).max(initial=0)))))
    return got.dtype == want.dtype and np.array_equal(got, want)


@pytest.mark.parametrize("case", all_cases(), ids=lambda c: c.name)
def test_reference_gives_tflms_bytes(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "case.tflite"
    path.write_bytes(case.model)
    imported = frontends.read(path)
    graph = passes.run(imported, Options())
    wanted = by_tflm(case)
    for one in (imported, graph):
        got = reference.run(one, case.inputs)
        for port, want in zip(one.outputs, wanted, strict=True):
            have = got[port.name]
            wrong = np.argwhere(have != want)
            assert same(have, want), f"{len(wrong)} of {want.size} differ, first {wrong[0]}: {have[tuple(wrong[0])]}"


def test_there_are_many_cases() -> None:
    assert len(all_cases()) >= 400
