"""Bad files, names and options: each is refused in one clear line, or becomes C that is right (python -m tests.hostile)."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests import limits
from tests.hostile import __main__ as hostile
from tests.hostile import found, names, onnx_files, tflite_files
from tests.hostile.attempt import attempt
from tests.hostile.cases import GENERATED, REFUSED, Case
from tests.hostile.source import words
from tests.hostile.texts import MARK

PARTS = {"onnx": onnx_files, "names": names, "tflite": tflite_files, "found": found}
COMPILED_ONE_IN = {"onnx": 24, "names": 24, "tflite": 24, "found": 1}
"""The script compiles and runs everything that is generated; here it is a share."""


@pytest.mark.parametrize("part", PARTS)
def test_each_is_refused_or_right(part: str) -> None:
    tried = list(hostile.run(PARTS[part].cases(), COMPILED_ONE_IN[part]))
    assert not [f"{t.case.category}: {t.case.name}: {t.result.wrong}" for t in tried if t.result.wrong]
    assert any(t.result.ran for t in tried) and any(t.result.how == REFUSED for t in tried)


def test_there_are_many() -> None:
    cases = hostile.all_cases()
    assert len(cases) > 2000 and len({(c.category, c.name) for c in cases}) == len(cases)
    assert f"| **all** | {len(cases)} |" in hostile.DOCS.read_text(encoding="utf-8"), "python -m tests.hostile --docs"


def test_the_processes_of_the_command_line_end_as_they_should(tmp_path: Path) -> None:
    deep = {"graphs 20000 deep", "5000 that call the next", "1000 subgraphs deep", "calls itself in a branch"}
    cases = [c for c in hostile.all_cases() if c.name in deep]
    assert len(cases) == len(deep)
    for case, status, said in hostile.by_command(cases, tmp_path):
        assert (status, said.count("\n")) == (2, 1) and said.startswith("barecast: "), case.name
    assert not (tmp_path / "out").exists()


def test_a_sound_model_is_no_bad_file() -> None:
    case = Case("test", "sound", onnx_files.sound().SerializeToString(), REFUSED)
    assert attempt((case, False)).wrong == "was to be refused"


def test_a_refusal_is_told_from_c() -> None:
    assert attempt((Case("test", "empty", b"", GENERATED), False)).wrong.startswith("was to be generated")


def test_what_is_left_behind_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaves(arguments: list[str]) -> None:
        (Path(arguments[1]).parent / "rest").write_text("")
        print("barecast: no; none", file=sys.stderr)
        raise SystemExit(2)

    monkeypatch.setattr("barecast.cli.main", leaves)
    assert "left ['rest'] behind" in attempt((Case("test", "any", b"x"), False)).wrong


@pytest.mark.parametrize(
    "planted",
    [
        f"/* a */ int {MARK}; /* b */",
        f"/* a *??/\n/ int {MARK}; /* b */",
        f"/* a *\\\n/ int {MARK}; /* b */",
        f'"a\\\\" {MARK} "b"',
        f"// a\n{MARK}",
    ],
)
def test_the_mark_is_found_in_code(planted: str) -> None:
    assert MARK in words(planted)


@pytest.mark.parametrize("sound", [f"/* {MARK} */", f'"\\"{MARK}"', f"// a \\\n{MARK}\nint x;"])
def test_the_mark_is_not_found_in_comments_and_strings(sound: str) -> None:
    assert MARK not in words(sound)


def _does(what: str) -> str:
    if what == "dies":
        os._exit(3)
    elif what == "takes memory":
        return str(len(bytearray(4 * 10**9)))
    elif what == "hangs":
        time.sleep(60)
    elif what == "grows":
        return str(len(bytearray(2 * 10**8)))
    return what


def test_a_child_that_dies_hangs_or_takes_memory_is_one_failure() -> None:
    wanted = ["first", "dies", "second", "hangs", "takes memory", "grows", "last"]
    tried = list(limits.run(_does, wanted, memory=10**9, silence=5))
    assert [t.value for t in tried] == ["first", None, "second", None, None, "200000000", "last"]
    assert ["died" in tried[1].failure, "no answer" in tried[3].failure, "MemoryError" in tried[4].failure] == [
        True
    ] * 3
    assert tried[5].bytes > tried[6].bytes + 10**8
