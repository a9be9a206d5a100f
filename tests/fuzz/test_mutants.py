"""Real models with damage, by seeds: refused or compiled, never anything else (python -m tests.fuzz.mutants by the hour)."""

from __future__ import annotations

import pytest

from tests.fuzz import mutants

PER_TEST = 1250


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_a_damaged_model_is_refused_or_compiled(first: int) -> None:
    tried = list(mutants.run(range(first * PER_TEST, (first + 1) * PER_TEST)))
    assert not [f"seed {t.seed} ({t.source}): {t.wrong}" for t in tried if t.wrong]
    how = [t.how for t in tried]
    assert min(how.count("generated"), how.count("refused")) > PER_TEST // 10


def test_equal_seeds_give_equal_damage() -> None:
    assert [mutants.mutant(s) for s in range(20)] == [mutants.mutant(s) for s in range(20)]


def test_most_damage_does_something() -> None:
    changed = [data != mutants.sources()[name] for name, data in map(mutants.mutant, range(200))]
    assert sum(changed) > 180
