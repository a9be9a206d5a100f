"""Bad files, names and options: each is refused in one clear line, or gives right C that no text of the model is in."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz import mutants
from tests.hostile import __main__ as hostile

COMPILED_ONE_IN = 16
"""Compiling takes most of the time; `python -m tests.hostile` compiles everything."""

MUTANTS = 700


def test_every_case() -> None:
    cases = hostile.all_cases()
    assert len(cases) > 2000
    wrong = [
        f"{one.case.category}: {one.case.name}: {one.result.wrong}"
        for one in hostile.run(cases, COMPILED_ONE_IN)
        if one.result.wrong
    ]
    assert not wrong, "\n".join(wrong[:20])


def test_the_command_refuses(tmp_path: Path) -> None:
    """The same as a process of its own: exit status 2 and one line."""
    cases = [case for case in hostile.all_cases() if case.category == "rules of the format"][::40]
    assert cases
    for case, status, said in hostile.by_command(cases, tmp_path):
        assert (status, said.count("\n")) == (2, 1), f"{case.name}: {status}, {said[:300]}"
        assert said.startswith("barecast: ") and not (tmp_path / "out").exists()


def test_damaged_models() -> None:
    tried = list(mutants.run(range(MUTANTS)))
    wrong = [f"seed {one.seed} ({one.source}): {one.wrong}" for one in tried if one.wrong]
    assert not wrong, "\n".join(wrong)
    assert {one.how for one in tried} == {"generated", "refused"}
