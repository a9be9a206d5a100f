"""The generated C of the single-operator models, in one image a target: bytes as the reference has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import emit, frontends, passes, planner, reference, runners, select, targets, toolchain
from barecast.options import Options

from tests.tflite.build import all_cases

SHARE = {"host": 3, "cortex-m0": 11, "cortex-m4": 9, "cortex-m55": 9, "cortex-a53": 17}
"""Target -> one in how many cases run there."""


@pytest.mark.parametrize("name", SHARE)
def test_generated_c_gives_the_references_bytes(name: str, tmp_path: Path) -> None:
    target = targets.load(name)
    folders, inputs, expected, told = [], [], [], []
    for index, case in enumerate(all_cases()):
        if index % SHARE[name]:
            continue
        path = tmp_path / "case.tflite"
        path.write_bytes(case.model)
        options = Options(name=f"k{index:04d}", single_file=True)
        graph = passes.run(frontends.read(path), options)
        schedule = select.run(graph, target, options)
        tree = emit.run(schedule, planner.run(schedule), target, options)
        folders.append(tree.write(tmp_path / options.name))
        inputs.append({key: array[np.newaxis] for key, array in case.inputs.items()})
        expected.append(reference.run(graph, case.inputs))
        told.append(case.name)
    image = toolchain.build(folders, target, out=tmp_path / "build")
    result = runners.run(image, inputs, count=False)
    wrong = []
    for model, want, what in zip(result.models, expected, told, strict=True):
        if not model.guard_ok:
            wrong.append(f"{what}: wrote outside of its arena")
        for key, array in want.items():
            got = model.outputs[key][0]
            if array.dtype.kind == "f":
                good = np.allclose(got, array, rtol=1e-5, atol=1e-5)
            else:
                good = np.array_equal(got, array)
            if not good:
                wrong.append(f"{what}: {key} differs")
    assert len(told) > 60
    assert not wrong, f"{len(wrong)} of {len(told)} differ on {name}:\n" + "\n".join(wrong[:20])
