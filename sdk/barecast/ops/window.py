"""Windows that slide over an image, channels last: the geometry that convolution and pooling share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from barecast.errors import ModelError, UnsupportedError

LARGEST = 2**15 - 1
"""Of a window's numbers."""


@dataclass(frozen=True)
class Window:
    """kernel, strides, dilations: (height, width). pads: (top, left, bottom, right), in elements."""

    kernel: tuple[int, int]
    strides: tuple[int, int]
    dilations: tuple[int, int]
    pads: tuple[int, int, int, int]

    @classmethod
    def of(cls, attrs: Any, kernel: tuple[int, int]) -> Window:
        """The window of an attribute dataclass with strides, dilations and pads."""
        return cls(tuple(kernel), tuple(attrs.strides), tuple(attrs.dilations), tuple(attrs.pads))

    def check(self) -> None:
        """Raises ModelError unless every number is in its range, UnsupportedError if one is beyond all use."""
        for name, values, least in (
            ("kernel", self.kernel, 1),
            ("strides", self.strides, 1),
            ("dilations", self.dilations, 1),
            ("pads", self.pads, 0),
        ):
            if min(values) < least:
                raise ModelError(
                    f"{name} {list(values)} must be {least} or more", remedy=f"correct {name} in the model"
                )
            if max(values) > LARGEST:
                raise UnsupportedError(f"{name} {list(values)} exceed {LARGEST}", remedy=f"correct {name} in the model")

    def extents(self, height: int, width: int) -> tuple[int, int]:
        """Output height and width; ModelError if the window is larger than the padded input."""
        self.check()
        found = []
        for axis, (name, size) in enumerate((("height", height), ("width", width))):
            padded = size + self.pads[axis] + self.pads[axis + 2]
            reach = (self.kernel[axis] - 1) * self.dilations[axis] + 1
            if size < 1:
                raise ModelError(f"input {name} is {size}", remedy="give the input a positive size")
            if reach > padded:
                raise ModelError(
                    f"kernel {name} {reach} (dilation included) is larger than the padded input's {padded}",
                    remedy="use a larger input or more padding",
                )
            found.append((padded - reach) // self.strides[axis] + 1)
        return found[0], found[1]

    def valid_taps(self, axis: int, size: int, out: int) -> np.ndarray:
        """How many taps of each of the `out` windows lie on the input, along axis 0 (height) or 1 (width)."""
        start = np.arange(out) * self.strides[axis] - self.pads[axis]
        first = np.maximum(0, -(start // self.dilations[axis]))
        last = np.minimum(self.kernel[axis] - 1, (size - 1 - start) // self.dilations[axis])
        return np.maximum(0, last - first + 1)

    def taps(self, x: np.ndarray, out_h: int, out_w: int, fill: float) -> Iterator[tuple[int, int, np.ndarray]]:
        """(row, column, x under that tap for every window): views of [N, out_h, out_w, C]; padding reads `fill`."""
        (sh, sw), (dh, dw) = self.strides, self.dilations
        top, left, bottom, right = self.pads
        padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)
        for row in range(self.kernel[0]):
            for column in range(self.kernel[1]):
                y0, x0 = row * dh, column * dw
                yield row, column, padded[:, y0 : y0 + (out_h - 1) * sh + 1 : sh, x0 : x0 + (out_w - 1) * sw + 1 : sw]


@dataclass(frozen=True)
class WindowParams:
    """What the params structs of conv2d, dwconv2d and transpose_conv2d begin with, in their order.

    pad_top, pad_left: padding in front of x; of a transposed convolution what is cut off in front of y.
    """

    batch: int
    in_h: int
    in_w: int
    in_c: int
    out_h: int
    out_w: int
    out_c: int
    k_h: int
    k_w: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    pad_top: int
    pad_left: int


def image(type: Any, what: str = "input") -> tuple[int, int, int, int]:
    """The shape of a channels-last image; ModelError unless it has four axes."""
    if len(type.shape) != 4:
        raise ModelError(f"{what} has {len(type.shape)} axes, not 4", remedy="use a 2-D operator on images only")
    return type.shape
