"""The wheel holds everything the package needs: it works in an environment that has never seen the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from barecast import resources
from barecast.version import __version__

REPO = Path(__file__).resolve().parents[2]
DIGITS = REPO / "models" / "digits" / "digits_int8.onnx"
IGNORED = {"__pycache__", ".pytest_cache"}


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that knows nothing of the checkout. Fails the test with its output otherwise."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, REPO, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The bin folder of an environment that has the wheel; its dependencies are borrowed from this one."""
    place = wheel.parent / "env"
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel, cwd=place)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).strip()
    # A path file adds the folder, but does not follow the path files in it: the editable install stays invisible.
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(site, "dependencies.pth").write_text("\n".join(sorted(borrowed)) + "\n")
    return place / "bin"


def test_wheel_has_every_data_file_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if not name.endswith("/")}
    expected = set()
    for kind in resources.KINDS:
        for path in (REPO / kind).rglob("*"):
            if path.is_file() and not IGNORED & set(path.parts):
                expected.add(f"barecast/_data/{path.relative_to(REPO).as_posix()}")
    assert {name for name in packed if name.startswith("barecast/_data/")} == expected
    code = {
        f"barecast/{path.relative_to(REPO / 'sdk/barecast').as_posix()}"
        for path in (REPO / "sdk/barecast").rglob("*")
        if path.is_file() and not IGNORED & set(path.parts)
    }
    others = packed - expected - code
    assert all(name.startswith(f"barecast-{__version__}.dist-info/") for name in others), others
    assert code <= packed
    assert {f"barecast-{__version__}.dist-info/licenses/{name}" for name in ("LICENSE", "runtime_c/LICENSE")} <= others


def test_installed_wheel_is_the_one_that_runs(installed: Path) -> None:
    shown = run(installed / "python", "-c", "import barecast; print(barecast.__file__, barecast.__version__)", cwd=installed)
    file, version = shown.split()
    assert Path(file).is_relative_to(installed.parent)
    assert version == __version__


def test_installed_wheel_generates_c_that_compiles(installed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(installed / "barecast", "generate", DIGITS, "-o", out, "--target", "cortex-m4", "--name", "digits", cwd=tmp_path)
    assert {"digits.h", "digits.c", "digits_weights.c", "manifest.json"} <= {path.name for path in out.iterdir()}
    for source in sorted(out.glob("*.c")):
        flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-mcpu=cortex-m4", "-mthumb", f"-I{out}"]
        run("arm-none-eabi-gcc", *flags, "-c", source, "-o", tmp_path / f"{source.stem}.o", cwd=tmp_path)
