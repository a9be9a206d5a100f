"""Every export builds with its own tool, and says no where it must."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from barecast import emit, exports, pipeline, targets
from barecast.errors import UsageError
from barecast.options import Options

from tests.exports import checks
from tests.exports.checks import CHECKS, DOCUMENT, MODEL, NEEDS, built_once, documented, run


def check(name: str, folder: Path) -> None:
    if name in NEEDS and shutil.which(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed")
    if name == "wheel":
        pytest.importorskip("setuptools", minversion="77")
    CHECKS[name](folder)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder as people have them. CMake's makefiles fail at more than these."""
    folder = tmp_path / "my model (v2) & ü"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", exports.names())
def test_it_builds_as_documented(name: str, odd: Path) -> None:
    check(name, odd)
    assert f"| `{name}` |" in DOCUMENT.read_text()


@pytest.mark.parametrize("name", [name for name in exports.names() if name != "arduino"])
def test_it_builds_with_constants_in_assembler(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MORE", ["--constants", "asm"])
    check(name, tmp_path)
    assert list(tmp_path.rglob("digits_weights.s")) and not list(tmp_path.rglob("digits_weights.c"))


def test_exports_share_a_folder_and_leave_the_model_alone() -> None:
    m4 = targets.load("cortex-m4")
    plain = pipeline.compile_model(MODEL, m4, Options(name="test")).tree
    wanted = tuple(name for name in exports.names() if name not in ("esp-idf", "pkg-config", "wheel"))
    tree = exports.add(plain, wanted, m4, Options(name="test"))
    manifest = emit.manifest(tree)
    assert sorted(manifest["exports"]) == list(wanted)
    assert {path for path in manifest["files"] if path.endswith(".c")} == {"src/test.c", "src/test_weights.c"}
    assert set(tree.files) == {*manifest["files"], *(path for files in manifest["exports"].values() for path in files)}
    for path, content in plain.files.items():
        assert path == "manifest.json" or tree.files[f"src/{path}"] == content
    assert "src/test.c" in tree.files["CMakeLists.txt"] and "../src/test.c" in tree.files["zephyr/CMakeLists.txt"]


def test_a_folder_loses_the_c_of_an_export_that_is_left_out(tmp_path: Path) -> None:
    """`arduino` moved it to src/. Build files stay, for they may be the user's by then."""
    shutil.copy(MODEL, tmp_path / "model.onnx")
    for more in (["--export", "arduino"], []):
        line = "barecast generate model.onnx -o c --name net --export make".split()
        said = run(tmp_path, sys.executable, "-m", *line, *more)
    assert re.search(r"removed, no longer part of the model: src/barecast/bc.h, .* and \d+ more\n", said)
    assert not (tmp_path / "c/src").exists() and (tmp_path / "c/library.properties").exists()
    assert "src/" not in (tmp_path / "c/net.mk").read_text()
    run(tmp_path, "make", "-C", "c")


def test_refusals() -> None:
    tree = pipeline.compile_model(MODEL, targets.load("cortex-m4"), Options()).tree
    words = {"nonsense": "there is no export", "esp-idf": "no Arm core", "pkg-config": "for Linux", "wheel": "for Linux"}
    for name, word in words.items():
        with pytest.raises(UsageError, match=word):
            exports.add(tree, (name,), targets.load("cortex-m4"), Options())
    with pytest.raises(UsageError, match="export arduino: it compiles no assembler file"):
        pipeline.compile_model(MODEL, targets.load("cortex-m4"), Options(constants="asm", export=("arduino", "cmake")))


def test_another_core_is_told_the_flags(tmp_path: Path) -> None:
    pipeline.compile_model(MODEL, targets.load("cortex-m4"), Options(name="digits")).tree.write(tmp_path / "c")
    with pytest.raises(AssertionError, match="was generated for cortex-m4: compile it for that core .*-mcpu=cortex-m4"):
        run(tmp_path, "arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "-c", "c/digits.c", "-o", "digits.o")


def test_cmake_generates_again_when_it_must(odd: Path) -> None:
    pipeline.compile_model(MODEL, targets.load("cortex-m4"), Options(export=("cmake",))).tree.write(odd / "c")
    shutil.copy(odd / "c/toolchain-cortex-m4.cmake", odd / "arm.cmake")
    documented("barecast_add_model", odd)
    built_once("barecast_add_model", odd)
    assert "barecast:" not in run(odd, "cmake", "--build", "build")
    shutil.copy(MODEL.with_name("digits_float.onnx"), odd / "model.onnx")
    assert "barecast: digits" in run(odd, "cmake", "--build", "build")
    version = str(Path(emit.__file__).parents[1] / "version.py")
    assert f"  {version} " in (odd / "build/barecast/digits.d").read_text()


def test_scons_generates_again_when_it_must(odd: Path) -> None:
    documented("BarecastModel", odd)
    built_once("BarecastModel", odd)
    assert (odd / "barecast/digits/libdigits.a").is_file()
    assert "generate" not in run(odd, "scons")
    script = odd / "SConstruct"
    script.write_text(script.read_text().replace('target="cortex-m4"', 'target="cortex-m4", optimize="size"'))
    assert "--optimize size" in run(odd, "scons")
    shutil.copy(MODEL.with_name("digits_float.onnx"), odd / "model.onnx")
    assert "barecast generate" in run(odd, "scons")
    script.write_text(f"import barecast.integrations as i\ni.fingerprint = lambda: 'other'\n{script.read_text()}")
    assert "barecast generate" in run(odd, "scons")
