"""Frontends: a model's file becomes a Graph. The folder is the registry: the module of this name reads that suffix."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from barecast.errors import ModelError, UsageError, printable, refusal
from barecast.graph import Graph, Imported

__all__ = ["examine", "files", "read", "suffixes"]


def suffixes() -> tuple[str, ...]:
    """The file name suffixes that can be read, each with its dot, sorted."""
    return tuple(sorted(f".{info.name}" for info in pkgutil.iter_modules(__path__)))


def read(path: str | Path, shapes: Mapping[str, tuple[int, ...]] | None = None) -> Graph:
    """The model in `path` as a Graph whose shapes are all static.

    shapes: model input -> its shape, for inputs with dynamic dimensions (`--shape`).
    Raises UsageError where the path or the shapes do not fit, ModelError where the file is
    damaged or contradictory, UnsupportedError where something in it is not supported; where
    more than one thing is wrong with single nodes, they are all told in one error.
    """
    found = examine(path, shapes)
    if found.problems:
        raise refusal(found.problems)
    return found.graph


def files(path: str | Path) -> tuple[Path, ...]:
    """What a model that could be read consists of: its file, then those with its external data, sorted."""
    path = Path(path)
    if path.suffix.lower() != ".onnx" or b"location" not in path.read_bytes():
        return (path,)
    from barecast.frontends.onnx import external

    return (path, *(path.parent / name for name in external.names(path)))


def examine(path: str | Path, shapes: Mapping[str, tuple[int, ...]] | None = None) -> Imported:
    """As `read`, with what is wrong with single nodes, inputs and outputs returned and not raised."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in suffixes():
        raise UsageError(
            f'"{printable(path.name)}" is not a model file that can be read',
            remedy=f"its name must end in {' or '.join(suffixes())}",
        )
    if not path.is_file():
        what = "is not a regular file" if path.exists() else "does not exist"
        raise UsageError(f'model file "{printable(path, 400)}" {what}', remedy="check the path")
    try:
        return importlib.import_module(f"{__name__}.{suffix[1:]}").read(path, dict(shapes or {}))
    except ModelError as error:
        if error.node is not None or error.operator is not None:
            raise
        raise ModelError(f"{printable(path.name)}: {error.reason}", remedy=error.remedy) from error
