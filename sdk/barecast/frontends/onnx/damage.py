"""The error of a model that breaks ONNX's own rules."""

from __future__ import annotations

from barecast.errors import ModelError


def damaged(reason: str, **where: str | None) -> ModelError:
    """A ModelError (node and operator as there) whose remedy is a new export."""
    return ModelError(reason, remedy="export the model again", **where)
