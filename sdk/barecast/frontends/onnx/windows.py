"""The window attributes that convolutions and pools share, with auto_pad and ceil_mode resolved to explicit pads."""

from __future__ import annotations

import math
from dataclasses import dataclass

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.onnx.foreign import ForeignNode

PADDED_MAX = 2**26
"""Elements that one channel may have with its padding: positions on the padding stay far from 2**31 then."""


@dataclass(frozen=True)
class Windows:
    """All tuples have one entry per spatial axis. overhang: further padding that ceil_mode adds at the end."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    begin: tuple[int, ...]
    end: tuple[int, ...]
    overhang: tuple[int, ...]

    def counts(self, extents: tuple[int, ...]) -> tuple[int, ...]:
        """Windows along each axis of an input with these spatial extents (0 or less where none fits)."""
        return tuple(
            (n + b + e + o - (k - 1) * d - 1) // s + 1
            for n, b, e, o, k, d, s in zip(
                extents, self.begin, self.end, self.overhang, self.kernel, self.dilations, self.strides, strict=True
            )
        )

    def pads(self) -> tuple[int, int, int, int]:
        """(top, left, bottom, right), overhang included."""
        end = tuple(e + o for e, o in zip(self.end, self.overhang, strict=True))
        return (*_two(self.begin, 0), *_two(end, 0))

    def pair(self, name: str) -> tuple[int, int]:
        """The attribute `name` for (height, width)."""
        return _two(getattr(self, name), 1)


def _two(values: tuple[int, ...], absent: int) -> tuple[int, int]:
    return (absent,) * (2 - len(values)) + values


def of(node: ForeignNode, extents: tuple[int, ...], kernel: tuple[int, ...]) -> Windows:
    """The node's windows over an input with these spatial extents."""
    windows = _stated(node, extents, kernel)
    paddings = tuple(map(sum, zip(windows.begin, windows.end, windows.overhang, strict=True)))
    padded = [n + p for n, p in zip(extents, paddings, strict=True)]
    if any(paddings) and math.prod(padded) > PADDED_MAX:
        raise UnsupportedError(f"pads {list(extents)} to {padded}, which is too large", remedy="use smaller pads")
    return windows


def _stated(node: ForeignNode, extents: tuple[int, ...], kernel: tuple[int, ...]) -> Windows:
    rank = len(extents)
    strides, dilations = node.counts("strides", rank, 1), node.counts("dilations", rank, 1)
    # A single tap has no neighbour that could be far away.
    dilations = tuple(1 if k == 1 else d for k, d in zip(kernel, dilations, strict=True))
    reach = tuple((k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True))
    none = (0,) * rank
    mode = node.text("auto_pad", "NOTSET")
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        total = tuple(max(0, (-(-n // s) - 1) * s + r - n) for n, s, r in zip(extents, strides, reach, strict=True))
        less, more = tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)
        begin, end = (less, more) if mode == "SAME_UPPER" else (more, less)
        return Windows(kernel, strides, dilations, begin, end, none)
    if mode not in ("NOTSET", "VALID"):
        raise ModelError(f'auto_pad "{mode}" is not known', remedy="it must be NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    pads = node.counts("pads", 2 * rank, 0, least=0) if mode == "NOTSET" else none * 2
    begin, end = pads[:rank], pads[rank:]
    overhang = none
    if node.flag("ceil_mode"):
        overhang = tuple(map(_overhang, extents, strides, reach, begin, end))
    return Windows(kernel, strides, dilations, begin, end, overhang)


def _overhang(extent: int, stride: int, reach: int, begin: int, end: int) -> int:
    """How far the last window of ceil_mode runs over the padded input. A window must start before the end padding."""
    room = extent + begin + end - reach
    if room < 0:
        return 0
    count = -(-room // stride) + 1
    if (count - 1) * stride >= extent + begin:
        count -= 1
    return max(0, (count - 1) * stride - room)
