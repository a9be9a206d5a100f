"""Every MISRA rule that generated code breaks has a reason in docs/misra.md; misra.py counts the cases."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.strict import misra


@pytest.mark.skipif(shutil.which("cppcheck") is None, reason="cppcheck is not installed")
def test_every_broken_rule_has_a_reason(tmp_path: Path) -> None:
    found = misra.findings([("digits_int8", "host"), ("digits_int8", "cortex-m4"), ("digits_float", "cortex-a53")], tmp_path)
    assert {place.partition(":")[0] for places in found.values() for place in places} >= {
        "digits_int8.c", "barecast/bc_conv2d_dsp.h", "barecast/conv2d_f32_neon.h",
    }  # fmt: skip
    assert misra.unexplained(found) == []


def test_a_rule_without_a_reason_is_told() -> None:
    places = {"12.1": ["bc.h:1"], "99.1": ["bc.h:7", "bc.h:9"]}
    assert misra.unexplained(places) == ["rule 99.1: bc.h:7, bc.h:9"]


def test_reasons_are_sentences() -> None:
    assert len(misra.reasons()) > 10
    assert all(why.endswith(".") and len(why) > 20 for why in misra.reasons().values())
