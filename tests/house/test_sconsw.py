"""The wrapper: what it asks the system for, and what it says where it cannot help."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
SHELL_TOOLS = ("cat", "cmp", "dirname", "env", "grep", "id", "mkdir", "rm", "sh", "tr", "chmod", "ln")
PACKAGES = {
    "gcc": "gcc",
    "g++": "g++",
    "make": "make",
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf",
    "qemu-aarch64": "qemu-user",
    "qemu-system-arm": "qemu-system-arm",
}
OPTIONAL = {
    "llvm-mca-19": "llvm-19",
    "clang-19": "clang-19",
    "arduino-builder": "arduino-builder",
    "pkg-config": "pkg-config",
    "cppcheck": "cppcheck",
}
LIBRARIES = {"libc6-dev", "libnewlib-arm-none-eabi", "libc6-dev-arm64-cross", "libc6-dev-armhf-cross"}


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A folder that is the whole PATH: the shell's tools and a Python, no compiler, no apt-get.

    Beside it lies a checkout whose environment is marked as set up, so that only the system's part runs.
    """
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in SHELL_TOOLS:
        (tools / name).symlink_to(shutil.which(name))
    (tools / "python3").symlink_to(sys.executable)
    checkout = tmp_path / "checkout"
    (checkout / "sdk/barecast").mkdir(parents=True)
    (checkout / ".venv").mkdir()
    stamp = f"{checkout}\n"
    for name in ("pyproject.toml", "constraints.txt", "sdk/barecast/version.py"):
        (checkout / name).write_text('__version__ = "1"\n')
        stamp += '__version__ = "1"\n'
    (checkout / ".venv/barecast-setup").write_text(stamp)
    shutil.copy(REPO / "sconsw", checkout)
    return tools


def sconsw(system: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = system.parent / "checkout" / "sconsw"
    return subprocess.run([script, *arguments], env={"PATH": str(system)}, capture_output=True, text=True)


def add_program(system: Path, name: str, script: str) -> None:
    path = system / name
    path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    path.chmod(0o755)


def test_without_arguments_prints_usage_and_changes_nothing(system: Path) -> None:
    done = sconsw(system)
    assert done.returncode == 0
    assert "usage: ./sconsw" in done.stdout


def test_off_debian_lists_what_is_missing_and_stops(system: Path) -> None:
    done = sconsw(system, "setup")
    assert done.returncode == 2
    listed = set(done.stderr.replace("\n", " ").split())
    assert set(PACKAGES.values()) | LIBRARIES <= listed
    assert "python3-venv" not in listed


def test_off_debian_names_python_when_there_is_none(system: Path) -> None:
    (system / "python3").unlink()
    done = sconsw(system, "setup")
    assert done.returncode == 2
    assert {"python3", "python3-venv"} <= set(done.stderr.split())


def test_nothing_is_installed_when_nothing_is_missing(system: Path) -> None:
    for name in PACKAGES | OPTIONAL:
        add_program(system, name, "echo /found")
    add_program(system, "apt-get", "echo must not run >&2; exit 9")
    done = sconsw(system, "setup")
    assert done.returncode == 0, done.stderr
    assert "must not run" not in done.stderr


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="the wrapper installs on Debian and Ubuntu only")
def test_on_debian_updates_and_installs_only_what_is_missing(system: Path) -> None:
    for name in PACKAGES | OPTIONAL:
        if name != "qemu-system-arm":
            add_program(system, name, "echo /found")
    log = system.parent / "log"
    create = f"for tool in qemu-system-arm; do ln -s {system}/gcc {system}/$tool; done"
    add_program(system, "apt-get", f'echo "$@" >>{log}; [ "$1" = update ] || {{ {create}; }}')
    add_program(system, "sudo", 'exec "$@"')
    done = sconsw(system, "setup")
    assert done.returncode == 0, done.stderr
    update, install = log.read_text().splitlines()
    assert update.startswith("update")
    assert install.endswith(" qemu-system-arm")
    assert "--no-install-recommends" in install
    assert not set(PACKAGES.values()) - {"qemu-system-arm"} & set(install.split())


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="the wrapper installs on Debian and Ubuntu only")
def test_failed_installation_is_said_and_stops(system: Path) -> None:
    add_program(system, "apt-get", "exit 100")
    add_program(system, "sudo", 'exec "$@"')
    done = sconsw(system, "setup")
    assert done.returncode == 2
    assert "could not install" in done.stderr


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="the wrapper installs on Debian and Ubuntu only")
@pytest.mark.parametrize("known", (True, False))
def test_without_llvm_the_setup_goes_on(system: Path, known: bool) -> None:
    for name in PACKAGES:
        add_program(system, name, "echo /found")
    log = system.parent / "log"
    add_program(system, "apt-cache", f"exit {0 if known else 100}")
    add_program(system, "apt-get", f'echo "$@" >>{log}; exit 100')
    add_program(system, "sudo", 'exec "$@"')
    done = sconsw(system, "setup")
    assert done.returncode == 0, done.stderr
    assert "llvm-19 is not installed: cycles of cortex-m7" in done.stderr
    assert "clang-19 is not installed: generated code will not be tested" in done.stderr
    assert "arduino-builder is not installed: the Arduino export will not be tested" in done.stderr
    assert "cppcheck is not installed: the MISRA rules of docs/misra.md will not be tested" in done.stderr
    assert log.exists() == known
    assert not known or [line.split()[-1] for line in log.read_text().splitlines()] == list(OPTIONAL.values())


def test_usage_names_the_targets_of_sconstruct() -> None:
    usage = subprocess.run([REPO / "sconsw"], capture_output=True, text=True, env=os.environ, check=True).stdout
    named = set(re.findall(r"^  (\w+)  ", usage, re.MULTILINE)) - {"setup", "clean"}
    defined = set(re.findall(r'Alias\(\s*"(\w+)"', (REPO / "SConstruct").read_text()))
    assert named == defined


def test_every_package_that_a_target_asks_for_is_installed() -> None:
    families = [tomllib.loads(path.read_text()) for path in (REPO / "targets").rglob("*.toml")]
    asked = {word for family in families for key in ("package", "emulator_package") for word in family.get(key, "").split()}
    assert {"gcc-arm-none-eabi", "qemu-system-arm"} <= asked
    assert not asked - set((REPO / "sconsw").read_text().split())
