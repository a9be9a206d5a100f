"""Between ONNX's channels-first tensors and the graph's channels-last images."""

from __future__ import annotations

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.scope import Scope


def spatial_axes(scope: Scope, tensor: str) -> int:
    """1 for a sequence [N, C, L], 2 for an image [N, C, H, W]; UnsupportedError for anything else."""
    rank = len(scope.type(tensor).shape)
    if rank not in (3, 4):
        raise UnsupportedError(
            f"works on {rank} axes; 3 ([N, C, L]) and 4 ([N, C, H, W]) are supported", remedy="use 1-D or 2-D operators"
        )
    return rank - 2


def channels_last(scope: Scope, tensor: str) -> str:
    """[N, C, ...] -> [N, ..., C]."""
    rank = len(scope.type(tensor).shape)
    return scope.transpose(tensor, (0, *range(2, rank), 1))


def channels_first(scope: Scope, tensor: str) -> str:
    """[N, ..., C] -> [N, C, ...]."""
    rank = len(scope.type(tensor).shape)
    return scope.transpose(tensor, (0, rank - 1, *range(1, rank - 1)))


def to_image(scope: Scope, tensor: str) -> str:
    """[N, C, H, W] -> [N, H, W, C] and [N, C, L] -> [N, 1, L, C]; convolution weights [O, I, ...] alike."""
    last = channels_last(scope, tensor)
    shape = scope.type(last).shape
    return last if len(shape) == 4 else scope.reshape(last, (shape[0], 1, *shape[1:]))


def from_image(scope: Scope, tensor: str, axes: int) -> str:
    """The way back, to `axes` spatial axes."""
    shape = scope.type(tensor).shape
    return channels_first(scope, tensor if axes == 2 else scope.reshape(tensor, (shape[0], *shape[2:])))
