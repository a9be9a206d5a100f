"""The generated C of small networks, byte for byte: every change of how the output looks shows in a diff.

After an intended change run `pytest tests/golden --update-golden` and look at that diff. The
kernel headers are copied, not generated, and are left out.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from barecast.options import Options

from tests.emit import hosted
from tests.emit.networks import NETWORKS

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", NETWORKS)
def test_golden(name, request):
    folder = HERE / name
    optimize = "size" if name == "blocks" else "speed"
    tree = hosted.stages(NETWORKS[name](), Options(kernels="c", optimize=optimize)).tree
    generated = {path: text for path, text in tree.files.items() if "/" not in path}
    if request.config.getoption("--update-golden"):
        folder.mkdir(exist_ok=True)
        for stale in folder.iterdir():
            stale.unlink()
        for path, text in generated.items():
            (folder / path).write_text(text, encoding="utf-8")
    stored = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(stored) == sorted(generated)
    for path, text in generated.items():
        assert text == stored[path], f"{path} differs; if that is intended, run pytest with --update-golden"
