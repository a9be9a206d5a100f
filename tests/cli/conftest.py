"""Runs commands in this process and says what they printed and how they ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from barecast.cli import main

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def barecast(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """barecast("targets", "--json", "-") -> Outcome."""

    def call(*arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Outcome(ended.value.code or 0, printed.out, printed.err)

    return call


@pytest.fixture
def int8() -> Path:
    return DIGITS / "digits_int8.onnx"


@pytest.fixture
def float32() -> Path:
    return DIGITS / "digits_float.onnx"
