"""Conv, in one and two dimensions."""

from __future__ import annotations

from barecast.frontends.onnx import images, windows
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.ops.conv2d import Conv2d


def conv(scope: Scope, node: ForeignNode) -> str:
    """x [N, C, H, W], weights [O, C / group, KH, KW], bias [O]; or the same without H and KH."""
    x, weights = scope.real(0), scope.real(1)
    bias = None if node.input(2) is None else scope.real(2)
    axes = images.spatial_axes(scope, x)
    shape, w_shape = scope.type(x).shape, scope.type(weights).shape
    if len(w_shape) != axes + 2:
        raise damaged(f"weights {list(w_shape)} do not fit an input of {axes + 2} axes")
    kernel = w_shape[2:]
    if "kernel_shape" in node and node.counts("kernel_shape", axes, 1) != kernel:
        raise damaged(f"kernel_shape {list(node.integers('kernel_shape', ()))} contradicts the weights {list(w_shape)}")
    groups = node.integer("group", 1)
    if groups < 1 or w_shape[0] % groups or w_shape[1] * groups != shape[1]:
        raise damaged(f"group {groups} and weights {list(w_shape)} do not fit an input of {shape[1]} channels")
    window = windows.of(node, shape[2:], kernel)
    attrs = Conv2d(window.pair("strides"), window.pair("dilations"), window.pads(), groups)
    y = scope.add("conv2d", attrs, (images.to_image(scope, x), images.to_image(scope, weights), bias))
    return images.from_image(scope, y, axes)


IMPORTERS = {"Conv": conv}
