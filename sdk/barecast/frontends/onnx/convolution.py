"""Conv and ConvTranspose, in one and two dimensions."""

from __future__ import annotations

from barecast.errors import UnsupportedError
from barecast.frontends.onnx import images, windows
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.ops.conv2d import Conv2d
from barecast.ops.transpose_conv2d import TransposeConv2d


def conv(scope: Scope, node: ForeignNode) -> str:
    """x [N, C, H, W], weights [O, C / group, KH, KW], bias [O]; or the same without H and KH."""
    x, weights = scope.real(0), scope.real(1)
    bias = None if node.input(2) is None else scope.real(2)
    attrs, axes = window(scope, node, x, weights)
    y = scope.add("conv2d", attrs, (images.to_image(scope, x), images.to_image(scope, weights), bias))
    return images.from_image(scope, y, axes)


def window(scope: Scope, node: ForeignNode, x: str, weights: str) -> tuple[Conv2d, int]:
    """How the weights move over x, and the number of spatial axes."""
    axes, kernel = _kernel(scope, node, x, weights)
    shape, w_shape = scope.type(x).shape, scope.type(weights).shape
    groups = node.integer("group", 1)
    if groups < 1 or w_shape[0] % groups or w_shape[1] * groups != shape[1]:
        raise damaged(f"group {groups} and weights {list(w_shape)} do not fit an input of {shape[1]} channels")
    found = windows.of(node, shape[2:], kernel)
    return Conv2d(found.pair("strides"), found.pair("dilations"), found.pads(), groups), axes


def conv_transpose(scope: Scope, node: ForeignNode) -> str:
    """x [N, C, H, W], weights [C, O / group, KH, KW], bias [O]; or the same without H and KH."""
    x, weights = scope.real(0), scope.real(1)
    bias = None if node.input(2) is None else scope.real(2)
    axes, kernel = _kernel(scope, node, x, weights)
    shape, w_shape = scope.type(x).shape, scope.type(weights).shape
    groups = node.integer("group", 1)
    if groups < 1 or w_shape[0] % groups or w_shape[0] != shape[1]:
        raise damaged(f"group {groups} and weights {list(w_shape)} do not fit an input of {shape[1]} channels")
    strides, dilations = node.counts("strides", axes, 1), node.counts("dilations", axes, 1)
    begin, size = _extents(node, shape[2:], kernel, strides, dilations)
    if min(begin) < 0:
        raise UnsupportedError(f"its output begins {-min(begin)} before the first stamp", remedy="use a Pad behind it")
    one = (1,) * (2 - axes)
    pairs = ((*one, *strides), (*one, *dilations))
    attrs = TransposeConv2d((*one, *size), *pairs, (*(0,) * (2 - axes), *begin), groups)
    # [C, O / group, ...] -> [O, ..., C / group]
    deep, wide = w_shape[0] // groups, w_shape[1]
    grouped = scope.reshape(weights, (groups, deep, wide, *kernel))
    turned = scope.transpose(grouped, (0, 2, *range(3, 3 + axes), 1))
    filters = scope.reshape(turned, (groups * wide, *one, *kernel, deep))
    y = scope.add("transpose_conv2d", attrs, (images.to_image(scope, x), filters, bias))
    return images.from_image(scope, y, axes)


def _kernel(scope: Scope, node: ForeignNode, x: str, weights: str) -> tuple[int, tuple[int, ...]]:
    """Spatial axes, and the kernel's extents along them."""
    axes, w_shape = images.spatial_axes(scope, x), scope.type(weights).shape
    if len(w_shape) != axes + 2:
        raise damaged(f"weights {list(w_shape)} do not fit an input of {axes + 2} axes")
    kernel = w_shape[2:]
    if "kernel_shape" in node and node.counts("kernel_shape", axes, 1) != kernel:
        raise damaged(f"kernel_shape {list(node.integers('kernel_shape', ()))} contradicts the weights {list(w_shape)}")
    return axes, kernel


def _extents(
    node: ForeignNode,
    extents: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What is cut off in front of the stamps, and the output's extents. Source: ONNX's ConvTranspose."""
    axes = len(extents)
    extra = node.counts("output_padding", axes, 0, least=0)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    whole = [(n - 1) * s + r + e for n, s, r, e in zip(extents, strides, reach, extra, strict=True)]
    mode = node.text("auto_pad", "NOTSET")
    if mode not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise damaged(f'auto_pad "{mode}" is not known')
    if "output_shape" in node or mode.startswith("SAME"):
        given = node.counts("output_shape", axes, 1) if "output_shape" in node else ()
        size = given or tuple(n * s for n, s in zip(extents, strides, strict=True))
        total = [max(0, w - s) for w, s in zip(whole, size, strict=True)]
        begin = tuple(t // 2 if mode == "SAME_UPPER" else t - t // 2 for t in total)
        return begin, size
    pads = node.counts("pads", 2 * axes, 0, least=0) if mode == "NOTSET" else (0,) * (2 * axes)
    size = tuple(w - b - e for w, b, e in zip(whole, pads[:axes], pads[axes:], strict=True))
    if min(size) < 1:
        raise damaged(f"its pads {list(pads)} leave nothing of {whole}")
    return pads[:axes], size


IMPORTERS = {"Conv": conv, "ConvTranspose": conv_transpose}
