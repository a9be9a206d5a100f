"""No file makes the frontend do anything but import it or raise one clear error, quickly."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from barecast import frontends, passes, pipeline, targets
from barecast.errors import BarecastError, InternalError
from barecast.options import Options

from tests.tflite import hostile_calls
from tests.tflite.build import all_cases, rng
from tests.tflite.hostile import conv, files
from tests.tflite.variables import STREAMS

FILES = {**dict(files()), **dict(hostile_calls.files())}


def test_the_file_they_are_made_from_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.tflite"
    path.write_bytes(conv())
    pipeline.compile_model(path, targets.load("host"))


@pytest.mark.parametrize("name", FILES)
def test_one_clear_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.tflite"
    path.write_bytes(FILES[name])
    start = time.process_time()  # of the processor: other tests may run beside this one
    with pytest.raises(BarecastError) as caught:
        pipeline.compile_model(path, targets.load("host"))
    assert time.process_time() - start < 2
    assert caught.value.remedy or getattr(caught.value, "problems", ())


def test_the_commands_limits(tmp_path: Path) -> None:
    """Status 2 and a message for every file, in less than 2 s of the processor and 500 MB, all told by one process."""
    for index, data in enumerate(FILES.values()):
        (tmp_path / f"{index:03}.tflite").write_bytes(data)
    done = subprocess.run([sys.executable, "-c", CHILD, tmp_path], capture_output=True, text=True, check=True)
    told = [line.split() for line in done.stdout.splitlines() if line.startswith("result")]
    assert len(told) == len(FILES)
    for name, (_, status, seconds, megabytes, said) in zip(FILES, told, strict=True):
        assert status == "2" and float(seconds) < 2 and float(megabytes) < 500 and int(said) > 20, (name, *told[-1])


CHILD = """
import contextlib, io, sys, time
from pathlib import Path
from barecast.cli import main

for path in sorted(Path(sys.argv[1]).glob("*.tflite")):
    said, start = io.StringIO(), time.process_time()
    sys.argv = ["barecast", "generate", str(path), "--target", "host", "-o", str(path.parent / "out")]
    with contextlib.redirect_stderr(said):
        try:
            status = main()
        except SystemExit as error:
            status = error.code
    seconds = time.process_time() - start
    # ru_maxrss would count what the process had before this program: that of the tests, however large.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    memory = int(peak.split()[1]) / 1024
    print("result", status, f"{seconds:.3f} {memory:.0f}", len(said.getvalue()), flush=True)
"""


def test_there_are_many() -> None:
    assert len(FILES) >= 150


SOUND = {case.name: case.model for case in all_cases()[::25]} | {stream.name: stream.model for stream in STREAMS[::3]}


@pytest.mark.parametrize("name", SOUND)
def test_flipped_bytes_never_escape(name: str, tmp_path: Path) -> None:
    """Forty damaged versions of a good file: imported, or one BarecastError that is no fault of barecast's."""
    generator, path = rng(name), tmp_path / "flipped.tflite"
    for _ in range(40):
        data = bytearray(SOUND[name])
        for at in generator.integers(8, len(data), generator.integers(1, 6)):
            data[at] = generator.integers(0, 256)
        path.write_bytes(bytes(data))
        try:
            passes.run(frontends.read(path), Options())
        except BarecastError as error:
            assert error.reason and not isinstance(error, InternalError)
