"""Which outside implementation says what a model's tensors are: one for each format."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from barecast.errors import UsageError, printable
from barecast.verification.oracles import ort, tflm

BY_SUFFIX = {".onnx": ort, ".tflite": tflm}

OWN = "barecast"
"""The name of barecast's own reference."""

REFERENCES = (*(module.NAME for module in BY_SUFFIX.values()), OWN)


def of(model: Path) -> ModuleType:
    """The oracle of a model's format: run, inner, sources and NAME."""
    return BY_SUFFIX[model.suffix.lower()]


def chosen(model: Path, name: str | None) -> str:
    """The reference of that name, or the format's own where it is None; UsageError if it cannot run this model."""
    if name is None:
        return of(model).NAME
    if name not in REFERENCES:
        raise UsageError(f'reference "{printable(name)}" is not known', remedy=f"choose one of {', '.join(REFERENCES)}")
    if name not in (OWN, of(model).NAME):
        raise UsageError(
            f"the reference {name} cannot run {model.suffix} models", remedy=f"choose {of(model).NAME} or {OWN}"
        )
    return name
