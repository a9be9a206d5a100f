"""No file makes the frontend do anything but import it or raise one clear error, quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from barecast import frontends, passes, pipeline, targets
from barecast.errors import BarecastError
from barecast.options import Options

from tests.tflite.build import all_cases, rng
from tests.tflite.hostile import conv, files

FILES = dict(files())


def test_the_file_they_are_made_from_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.tflite"
    path.write_bytes(conv())
    pipeline.compile_model(path, targets.load("host"))


@pytest.mark.parametrize("name", FILES)
def test_one_clear_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.tflite"
    path.write_bytes(FILES[name])
    start = time.monotonic()
    with pytest.raises(BarecastError) as caught:
        pipeline.compile_model(path, targets.load("host"))
    assert time.monotonic() - start < 2
    assert caught.value.remedy or getattr(caught.value, "problems", ())


def test_there_are_many() -> None:
    assert len(FILES) >= 50


@pytest.mark.parametrize("index", range(0, len(all_cases()), 25))
def test_flipped_bytes_never_escape(index: int, tmp_path: Path) -> None:
    """Forty damaged versions of a good file: imported, or one BarecastError."""
    case = all_cases()[index]
    generator, path = rng(case.name), tmp_path / "flipped.tflite"
    for _ in range(40):
        data = bytearray(case.model)
        for at in generator.integers(8, len(data), generator.integers(1, 6)):
            data[at] = generator.integers(0, 256)
        path.write_bytes(bytes(data))
        try:
            passes.run(frontends.read(path), Options())
        except BarecastError as error:
            assert error.reason
