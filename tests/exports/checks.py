"""One check a section of docs/exports.md: its `sh` lines are run as they stand, and what came out is looked at."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from barecast.cli import main
from elftools.elf.elffile import ELFFile

REPO = Path(__file__).resolve().parents[2]
DOCUMENT = REPO / "docs" / "exports.md"
MODEL = REPO / "models" / "digits" / "digits_int8.onnx"
STUBS = Path(__file__).parent / "stubs"
CORE = "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
APPLICATION = """#include <digits.h>
static uint8_t arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGN)));
int main(void) { digits_run(arena); return digits_output_0(arena)[0] > 0; }
"""


@dataclass(frozen=True)
class Check:
    """tools: what did the checking, with versions. result: in words."""

    tools: str
    result: str


def environment(folder: Path) -> dict[str, str]:
    """With barecast and the Python tools on PATH, whatever runs this."""
    bin = folder / "bin"
    bin.mkdir(exist_ok=True)
    for name, module in (("barecast", "barecast"), ("scons", "SCons")):
        (bin / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        (bin / name).chmod(0o755)
    path = os.pathsep.join([str(bin), str(Path(sys.executable).parent), os.environ["PATH"]])
    quiet = {"PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # "0" is pip's way to say no isolation: it would fetch what is installed.
    return {**os.environ, **quiet, "PATH": path, "PYTHONPATH": str(REPO / "sdk"), "PIP_NO_BUILD_ISOLATION": "0"}


def run(folder: Path, *command: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment(folder), capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def documented(title: str, folder: Path) -> None:
    """Runs a section: files are written, `barecast generate` runs in this process, other lines in a shell."""
    shutil.copy(MODEL, folder / "model.onnx")
    (folder / "application.c").write_text(APPLICATION)
    for language, block in _blocks(title):
        named = re.match(r"# (\S+)\n", block)
        if language != "sh":
            if named:
                (folder / named[1]).write_text(block)
            continue
        for line in block.splitlines():
            if line.startswith("barecast generate"):
                generate(folder, line.split()[1:])
            else:
                run(folder, "sh", "-c", line)


def built_once(title: str, folder: Path) -> None:
    """A section's lines that build, run again: nothing is compiled or archived a second time."""
    before = _made(folder)
    assert before
    for line in (line for language, block in _blocks(title) if language == "sh" for line in block.splitlines()):
        if not line.startswith(("barecast generate", "meson setup")):
            run(folder, "sh", "-c", line)
    assert _made(folder) == before


def _made(folder: Path) -> dict[Path, int]:
    """Objects and libraries, and when they were written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.suffix in (".o", ".obj", ".a")}


def _blocks(title: str) -> list[tuple[str, str]]:
    """The marked blocks of a section: language, text."""
    text = re.split(rf"^##+ {re.escape(title)}\n", DOCUMENT.read_text(), maxsplit=1, flags=re.MULTILINE)[1]
    text = re.split(r"^##+ ", text, maxsplit=1, flags=re.MULTILINE)[0]
    return BLOCK.findall(text)


MORE: list[str] = []
"""Options that every `barecast generate` of the document has besides."""


def generate(folder: Path, arguments: list[str]) -> None:
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        try:
            main([*arguments, *MORE])
        except SystemExit as ended:
            assert not ended.code, arguments


def symbols(path: Path) -> set[str]:
    """What an object, a program or an archive defines for others."""
    found = set()
    for program in ("arm-none-eabi-nm", "nm"):  # each knows its own machine's objects
        listed = subprocess.run([program, "-g", "--defined-only", path], capture_output=True, text=True)
        found |= {line.split()[-1] for line in listed.stdout.splitlines() if len(line.split()) == 3}
    return found


def _built(*paths: Path) -> None:
    for path in paths:
        assert path.is_file(), path
    defined = set().union(*(symbols(path) for path in paths))
    assert "digits_run" in defined and "digits_w02_weights" in defined


def cmake(folder: Path) -> Check:
    documented("CMake", folder)
    built_once("CMake", folder)
    _built(folder / "build/alone/libdigits.a", folder / "build/firmware/libapplication.a")
    return Check(f"CMake {_first(folder, 'cmake')}", "builds alone and in a firmware, with its toolchain file")


def make(folder: Path) -> Check:
    documented("Make", folder)
    built_once("Make", folder)
    _built(folder / "build/alone/libdigits.a", folder / "build/firmware.a")
    assert "main" in symbols(folder / "build/firmware.a")
    return Check(f"GNU Make {_first(folder, 'make')}", "builds alone and in a firmware")


def scons(folder: Path) -> Check:
    documented("SCons", folder)
    built_once("SCons", folder)
    _built(folder / "digits/build/libdigits.a", folder / "build/digits/libdigits.a", folder / "build/libapplication.a")
    return Check(f"SCons {version('SCons')}", "builds alone and in a firmware")


def meson(folder: Path) -> Check:
    documented("Meson", folder)
    built_once("Meson", folder)
    _built(folder / "build/alone/libbarecast_digits.a", folder / "build/firmware/libapplication.a")
    return Check(f"Meson {version('meson')}", "builds alone and as a subproject, with its cross file")


def zephyr(folder: Path) -> Check:
    documented("Zephyr", folder)
    import kconfiglib
    import yaml

    module = yaml.safe_load((folder / "digits/zephyr/module.yml").read_text())
    assert module["name"] == "barecast_digits"
    assert (folder / "digits" / module["build"]["cmake"] / "CMakeLists.txt").is_file()
    config = kconfiglib.Kconfig(str(folder / "digits" / module["build"]["kconfig"]), warn_to_stderr=False)
    assert not config.warnings and config.syms["BARECAST_DIGITS"].type == kconfiglib.BOOL
    _stub(folder, "zephyr", folder / "digits/zephyr", folder / "digits/toolchain.cmake")
    return Check(f"kconfiglib {version('kconfiglib')}, CMake {_first(folder, 'cmake')}", "Kconfig; compiles what it lists")


def esp_idf(folder: Path) -> Check:
    documented("ESP-IDF", folder)
    run(folder / "components/digits", "compote", "manifest", "lint", ".")
    _stub(folder, "esp_idf", folder / "components/digits", None)
    tool = f"idf-component-manager {version('idf-component-manager')}"
    return Check(f"{tool}, CMake {_first(folder, 'cmake')}", "manifest; compiles what it lists (gcc, for the host)")


def _stub(folder: Path, name: str, place: Path, toolchain: Path | None) -> None:
    """The listed sources by CMake, with the functions of the build system as tests/exports/stubs has them."""
    flags = []
    if toolchain is not None:
        flags = [f"-DCMAKE_C_FLAGS={CORE}", f"-DCMAKE_ASM_FLAGS={CORE}", "-DCMAKE_SYSTEM_NAME=Generic"]
        flags += [f"-DCMAKE_{language}_COMPILER=arm-none-eabi-gcc" for language in ("C", "ASM")]
        flags.append("-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY")
    run(folder, "cmake", "-S", STUBS / name, "-B", "build", f"-DMODULE={place}", *flags)
    run(folder, "cmake", "--build", "build")
    _built(*(folder / "build").rglob("*digits*.a"))


def arduino(folder: Path) -> Check:
    documented("Arduino", folder)
    sketch = folder / "libraries/digits/examples/Inference/Inference.ino"
    (folder / "build").mkdir()
    run(
        folder, "arduino-builder", "-compile", "-hardware", STUBS / "arduino", "-tools", "/usr/bin", "-libraries",
        "libraries", "-fqbn", "barecast:arm:m4", "-build-path", folder / "build", "-warnings", "all", sketch,
    )  # fmt: skip
    _built(folder / "build/Inference.ino.elf")
    found = re.search(r"builder version: (\S+)", run(folder, "arduino-builder", "-version"), re.IGNORECASE)
    return Check(f"arduino-builder {found[1] if found else ''}".strip(), "finds the library, links the example")


def platformio(folder: Path) -> Check:
    documented("PlatformIO", folder)
    core = folder / "core"
    program = "from platformio.dependencies import *; print(get_core_dependencies()['tool-scons'])"
    wanted = run(folder, sys.executable, "-c", program)
    # PlatformIO fetches its SCons and platforms from a registry: these stand in for them, with the SCons that is here.
    shutil.copytree(STUBS / "platformio", core)
    _package(core / "packages/tool-scons", "tool", "tool-scons", wanted.strip().lstrip("~"), "platformio")
    _package(core / "platforms/bare", "platform", "bare", "1.0.0", None)
    (folder / "platformio.ini").write_text("[env:m4]\nplatform = bare\n")
    (folder / "src").mkdir()
    (folder / "src/main.c").write_text(APPLICATION)
    run(folder, "env", f"PLATFORMIO_CORE_DIR={core}", sys.executable, "-m", "platformio", "run")
    _built(folder / ".pio/build/m4/program.elf")
    return Check(f"PlatformIO {version('platformio')}", "finds the library, links a program (a platform of the test's own)")


def _package(place: Path, kind: str, name: str, number: str, owner: str | None) -> None:
    place.mkdir(parents=True, exist_ok=True)
    spec = {"owner": owner, "id": None, "name": name, "requirements": None, "uri": None}
    manifest = {"name": name, "title": name, "version": number, "packages": {}}
    (place / ("package.json" if kind == "tool" else "platform.json")).write_text(json.dumps(manifest))
    (place / ".piopm").write_text(json.dumps({"type": kind, "name": name, "version": number, "spec": spec}))


def pkg_config(folder: Path) -> Check:
    documented("pkg-config", folder)
    shown, name = dynamic(folder / "root/usr/lib/libbarecast_digits.so")
    assert shown == {"digits_run"} and (folder / "root/usr/lib" / name).is_file()
    run(folder, "qemu-aarch64", "-E", "LD_LIBRARY_PATH=root/usr/lib", "-L", "/usr/aarch64-linux-gnu", "./application")
    tools = f"pkg-config {_first(folder, 'pkg-config')}, GNU Make {_first(folder, 'make')}"
    return Check(tools, "installs; a program finds it, and runs under qemu-aarch64")


def wheel(folder: Path) -> Check:
    documented("Python wheel", folder)
    assert run(folder, "sh", "-c", "PYTHONPATH=build/site python3 -W error gateway.py").strip().isdigit()
    return Check(f"setuptools {version('setuptools')}, cffi {version('cffi')}", "builds; a program imports it and runs it")


def dynamic(path: Path) -> tuple[set[str], str]:
    """What a shared library shows, and its soname."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        symbols = elf.get_section_by_name(".dynsym").iter_symbols()
        shown = {symbol.name for symbol in symbols if symbol.name and symbol["st_shndx"] != "SHN_UNDEF"}
        (soname,) = (tag.soname for tag in elf.get_section_by_name(".dynamic").iter_tags("DT_SONAME"))
    return shown, soname


def cmsis_pack(folder: Path) -> Check:
    """PACK_XSD: the path of Open-CMSIS-Pack's schema, which is then asked, too (it takes the package xmlschema)."""
    documented("CMSIS-Pack", folder)
    pdsc = folder / "digits/barecast.digits.pdsc"
    package = ElementTree.parse(pdsc).getroot()
    files = {file.get("name"): file.get("category") for file in package.iter("file")}
    listed = set(json.loads((folder / "digits/manifest.json").read_text())["files"]) - {"manifest.json"}
    assert set(files) - {"./"} == listed and all((folder / "digits" / name).exists() for name in files)
    assert (folder / "barecast.digits.0.1.0.pack").stat().st_size > 0
    compiled = [name for name, category in files.items() if category in ("sourceC", "sourceAsm")]
    assert {name.rpartition(".")[0] for name in compiled} == {"digits", "digits_weights"}
    for name in compiled:
        run(folder / "digits", "arm-none-eabi-gcc", *CORE.split(), "-O2", "-c", name, "-o", folder / f"{name}.o")
    _built(*(folder / f"{name}.o" for name in compiled))
    if schema := os.environ.get("PACK_XSD"):
        import xmlschema

        xmlschema.XMLSchema10(schema).validate(str(pdsc))
        found = re.search(r"SchemaVersion=(\S+)", Path(schema).read_text())
        return Check(f"PACK.xsd {found[1] if found else ''}, gcc", "valid; compiles what it lists")
    return Check("gcc", "lists all files; compiles what it lists")


def _first(folder: Path, program: str) -> str:
    return re.search(r"\d+(\.\d+)+", run(folder, program, "--version"))[0]


CHECKS: dict[str, Callable[[Path], Check]] = {
    name.replace("_", "-"): globals()[name]
    for name in (
        "arduino", "cmake", "cmsis_pack", "esp_idf", "make", "meson", "pkg_config", "platformio", "scons", "wheel", "zephyr",
    )
}  # fmt: skip
NEEDS = {"arduino": "arduino-builder", "pkg-config": "pkg-config"}
"""What Debian has and others may not."""
