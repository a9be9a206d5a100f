"""Options that several operators have: fused activations and padding."""

from __future__ import annotations

import tflite

from barecast.errors import ModelError, UnsupportedError
from barecast.ops.clamp import Clamp

_CLAMPS = {
    tflite.ActivationFunctionType.NONE: Clamp(),
    tflite.ActivationFunctionType.RELU: Clamp(0.0),
    tflite.ActivationFunctionType.RELU_N1_TO_1: Clamp(-1.0, 1.0),
    tflite.ActivationFunctionType.RELU6: Clamp(0.0, 6.0),
}
_NAMES = {v: k for k, v in vars(tflite.ActivationFunctionType).items() if isinstance(v, int)}


def activation(options: object | None) -> Clamp:
    """The fused activation of an operator's options."""
    code = options.FusedActivationFunction() if options is not None else tflite.ActivationFunctionType.NONE
    if code not in _CLAMPS:
        raise UnsupportedError(
            f"has the fused activation {_NAMES.get(code, code)}, which is not supported",
            remedy="make it an operator of its own, or use RELU, RELU6 or RELU_N1_TO_1",
        )
    return _CLAMPS[code]


def pads(padding: int, size: tuple[int, int], kernel: tuple[int, int], strides: tuple[int, int],
         dilations: tuple[int, int] = (1, 1)) -> tuple[int, int, int, int]:  # fmt: skip
    """(top, left, bottom, right) of SAME or VALID; where SAME is odd, the end has one more.

    size, kernel, strides, dilations: (height, width).
    """
    for name, values in (("stride", strides), ("dilation", dilations), ("kernel", kernel)):
        if min(values) < 1:
            raise ModelError(f"{name} {list(values)} must be 1 or more", remedy="export the model again")
    if padding == tflite.Padding.VALID:
        return 0, 0, 0, 0
    if padding != tflite.Padding.SAME:
        raise ModelError(f"padding {padding} is not known", remedy="export the model again")
    before, after = [], []
    for extent, taps, stride, dilation in zip(size, kernel, strides, dilations, strict=True):
        reach = (taps - 1) * dilation + 1
        total = max((-(-extent // stride) - 1) * stride + reach - extent, 0)
        before.append(total // 2)
        after.append(total - total // 2)
    return before[0], before[1], after[0], after[1]
