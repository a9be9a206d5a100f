"""Nodes of random graphs (graphs.py): each kind of operator with parameters that it may have."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tests.fuzz import integer_nodes, shape_nodes

if TYPE_CHECKING:
    from tests.fuzz.growth import Growth

UNARY = (
    "Abs Ceil Celu Cos Elu Erf Exp Floor HardSigmoid HardSwish LeakyRelu Log Mish Neg Reciprocal Relu Round Selu Sigmoid"
    " Sign Sin Softplus Softsign Sqrt Tanh ThresholdedRelu Identity Flatten"
).split()
BINARY = "Add Sub Mul Div Max Min Pow PRelu Mean Sum".split()
FLAT = 1e-3
"""Elements of a plane that differ by less are equal to InstanceNormalization: it divides by the root of 1e-5 then."""

REDUCE = "ReduceMax ReduceMin ReduceMean ReduceSum ReduceL1 ReduceL2 ReduceLogSumExp ReduceSumSquare".split()


def grow(g: Growth) -> None:
    """One more node, or two with a QuantizeLinear; none if the one that was drawn is not taken."""
    kinds = KINDS + integer_nodes.KINDS if g.quantised else KINDS
    maker = kinds[int(g.rng.integers(len(kinds)))]
    for name in g.drawn(maker):
        if g.quantised and g.values[name].dtype == np.float32 and name[-1] != "r":
            g.dequantised(name)


def _pick(g: Growth, *values):
    return values[int(g.rng.integers(len(values)))]


def _array(g: Growth, *shape: int, spread: float = 1.0) -> np.ndarray:
    return g.rng.normal(0, spread, shape).astype(np.float32)


def _ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def _axes(g: Growth, rank: int) -> list[int]:
    """One or more axes, some counted from the end."""
    chosen = g.rng.permutation(rank)[: int(g.rng.integers(1, rank + 1))]
    return [int(a) - (rank if g.rng.random() < 0.3 else 0) for a in chosen]


def _unary(g: Growth, x: str) -> list[str]:
    return g.add(_pick(g, *UNARY), [x])


def _binary(g: Growth, x: str) -> list[str]:
    shape = g.values[x].shape
    cut = int(g.rng.integers(len(shape) + 1))
    fitting = tuple(1 if g.rng.random() < 0.3 else d for d in shape[cut:])
    same = [n for n, v in g.values.items() if v.shape == shape and v.dtype == np.float32 and (n[-1] == "r") == (x[-1] == "r")]
    y = _pick(g, *same) if g.rng.random() < 0.6 else np.abs(_array(g, *fitting)) + np.float32(0.3)
    op = _pick(g, *BINARY)
    pair = [x, y] if op in ("PRelu", "Pow") or g.rng.random() < 0.6 else [y, x]
    return g.add(op, pair)


def _choice(g: Growth, x: str) -> list[str]:
    """A comparison of floats, and a Where or a Cast behind it."""
    found = g.add(_pick(g, "Greater", "Less", "GreaterOrEqual", "LessOrEqual"), [x, _array(g, 1)])
    if not found:
        return []
    if g.rng.random() < 0.3:
        found = g.add("Not", found)
    if g.rng.random() < 0.4:
        return g.add("Cast", found, to=1)
    return g.add("Where", [found[0], x, _array(g, 1)])


def _clip(g: Growth, x: str) -> list[str]:
    low = np.float32(g.rng.normal(-1, 0.5))
    return g.add("Clip", [x, low, low + np.float32(g.rng.uniform(0.5, 3))])


def _reduce(g: Growth, x: str) -> list[str]:
    axes = _axes(g, g.values[x].ndim)
    return g.add(_pick(g, *REDUCE), [x, _ints(*axes)], keepdims=_pick(g, 0, 1))


def _arg(g: Growth, x: str) -> list[str]:
    axis = int(g.rng.integers(-g.values[x].ndim, g.values[x].ndim))
    return g.add(_pick(g, "ArgMax", "ArgMin"), [x], axis=axis, keepdims=_pick(g, 0, 1), select_last_index=_pick(g, 0, 1))


def _along(g: Growth, x: str) -> list[str]:
    return g.add(_pick(g, "Softmax", "LogSoftmax"), [x], axis=int(g.rng.integers(-g.values[x].ndim, g.values[x].ndim)))


def _transpose(g: Growth, x: str) -> list[str]:
    return g.add("Transpose", [x], perm=[int(a) for a in g.rng.permutation(g.values[x].ndim)])


def _reshape(g: Growth, x: str) -> list[str]:
    size = g.values[x].size
    first = _pick(g, *[d for d in range(1, 13) if size % d == 0])
    second = _pick(g, *[d for d in range(1, 7) if size // first % d == 0])
    return g.add("Reshape", [x, _ints(first, -1, second)])


def _slice(g: Growth, x: str) -> list[str]:
    axis = int(g.rng.integers(g.values[x].ndim))
    length = g.values[x].shape[axis]
    start, end = int(g.rng.integers(-length, length)), int(g.rng.integers(-length - 1, 2 * length))
    return g.add("Slice", [x, _ints(start), _ints(end), _ints(axis), _ints(_pick(g, 1, 2, -1, -2))])


def _gather(g: Growth, x: str) -> list[str]:
    axis = int(g.rng.integers(g.values[x].ndim))
    length = g.values[x].shape[axis]
    places = g.rng.integers(-length, length, _pick(g, (1,), (3,), (2, 2), ())).astype(np.int64)
    return g.add("Gather", [x, places], axis=axis)


def _split(g: Growth, x: str) -> list[str]:
    axis = int(g.rng.integers(g.values[x].ndim))
    length = g.values[x].shape[axis]
    if length < 2:
        return []
    at = int(g.rng.integers(1, length))
    return g.add("Split", [x, _ints(at, length - at)], 2, axis=axis)


def _concat(g: Growth, x: str) -> list[str]:
    axis = int(g.rng.integers(-g.values[x].ndim, g.values[x].ndim))
    return g.add("Concat", [x, g.tensor() if g.rng.random() < 0.5 else x], axis=axis)


def _pad(g: Growth, x: str) -> list[str]:
    rank = g.values[x].ndim
    amounts = g.rng.integers(0, 3, 2 * rank) * (g.rng.random(2 * rank) < 0.5)
    if np.count_nonzero(amounts[:rank] + amounts[rank:]) > 4:  # refused, as docs/operators.md says
        return []
    inputs = [x, amounts.astype(np.int64)]
    mode = _pick(g, "constant", "constant", "reflect", "edge")
    if mode == "constant" and g.rng.random() < 0.5:
        inputs.append(np.float32(g.rng.normal()))
    return g.add("Pad", inputs, mode=mode)


def _repeat(g: Growth, x: str) -> list[str]:
    shape = g.values[x].shape
    if g.rng.random() < 0.5:
        return g.add("Tile", [x, g.rng.integers(1, 3, len(shape)).astype(np.int64)])
    return g.add("Expand", [x, _ints(2, *(1,) * len(shape))])


def _resize(g: Growth, x: str) -> list[str]:
    value = g.values[x]
    if value.ndim not in (3, 4):
        return []
    factors = np.ones(value.ndim, np.float32)
    factors[2:] = [_pick(g, 2, 2, 3, 1.5, 0.5) for _ in factors[2:]]
    mode = _pick(g, "nearest", "linear")
    more = {"nearest_mode": _pick(g, "floor", "ceil", "round_prefer_floor", "round_prefer_ceil")} if mode == "nearest" else {}
    way = _pick(g, "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel")
    return g.add("Resize", [x, "", factors], mode=mode, coordinate_transformation_mode=way, **more)


def _blocks(g: Growth, x: str) -> list[str]:
    op = _pick(g, "DepthToSpace", "SpaceToDepth")
    return g.add(op, [x], blocksize=2, **({"mode": _pick(g, "DCR", "CRD")} if op == "DepthToSpace" else {}))


def _squeeze(g: Growth, x: str) -> list[str]:
    ones = [i for i, d in enumerate(g.values[x].shape) if d == 1]
    if ones and g.rng.random() < 0.5:
        return g.add("Squeeze", [x, _ints(_pick(g, *ones))])
    return g.add("Unsqueeze", [x, _ints(int(g.rng.integers(-g.values[x].ndim - 1, g.values[x].ndim + 1)))])


def _window(g: Growth, spatial: int) -> dict:
    kernel = [_pick(g, 1, 2, 3) for _ in range(spatial)]
    found: dict = {"kernel_shape": kernel, "strides": [_pick(g, 1, 1, 2) for _ in kernel]}
    if g.rng.random() < 0.2:
        return found | {"auto_pad": _pick(g, "SAME_UPPER", "SAME_LOWER", "VALID")}
    return found | {"pads": [int(g.rng.integers(k)) for k in 2 * kernel]}


def _fits(window: dict, extents: tuple[int, ...]) -> bool:
    """Whether the padded image is as large as the window. onnxruntime rounds the negative number of steps up to 0, and
    runs some windows that are larger."""
    pads = window.get("pads", [0] * 2 * len(extents))
    both = [e + a + z for e, a, z in zip(extents, pads, pads[len(extents) :], strict=False)]
    steps = window.get("dilations", [1] * len(extents))
    return all(e >= (k - 1) * d + 1 for e, k, d in zip(both, window["kernel_shape"], steps, strict=True))


def _conv(g: Growth, x: str) -> list[str]:
    shape = g.values[x].shape
    if len(shape) not in (3, 4):
        return []
    turned, groups = g.rng.random() < 0.3, _pick(g, 1, 1, 2, shape[1])
    if shape[1] % groups:
        return []
    window = _window(g, len(shape) - 2)
    if "auto_pad" not in window and not turned:
        window["dilations"] = [_pick(g, 1, 1, 2) for _ in shape[2:]]
    if not turned and not _fits(window, shape[2:]):
        return []
    skips = any(map(operator.lt, window["kernel_shape"], window["strides"]))
    if turned and skips and window.get("auto_pad", "").startswith("SAME"):
        return []  # onnxruntime's image is smaller than the standard's, input times stride
    filters, depth = groups * _pick(g, 1, 2, 3), shape[1] // groups
    spread = 1 / math.sqrt(depth * math.prod(window["kernel_shape"]))
    sides = (shape[1], filters // groups) if turned else (filters, depth)
    weights = _array(g, *sides, *window["kernel_shape"], spread=spread)
    axis = None if turned or g.rng.random() < 0.5 else 0
    return g.add_weighted("ConvTranspose" if turned else "Conv", x, weights, _array(g, filters), axis, group=groups, **window)


def _pool(g: Growth, x: str) -> list[str]:
    spatial = g.values[x].ndim - 2
    if spatial not in (1, 2):
        return []
    if g.rng.random() < 0.25:
        return g.add(_pick(g, "GlobalAveragePool", "GlobalMaxPool"), [x])
    op, window = _pick(g, "MaxPool", "AveragePool"), _window(g, spatial)
    if op == "AveragePool":
        window["count_include_pad"] = _pick(g, 0, 1)
    if not _fits(window, g.values[x].shape[2:]):
        return []
    return g.add(op, [x], ceil_mode=_pick(g, 0, 0, 1), **window)


def _product(g: Growth, x: str) -> list[str]:
    shape = g.values[x].shape
    if len(shape) < 2:
        return []
    width = _pick(g, 1, 3, 8)
    weights = _array(g, shape[-1], width, spread=1 / math.sqrt(shape[-1]))
    if len(shape) == 2 and g.rng.random() < 0.5:
        more = {"transB": 1, "alpha": _pick(g, 1.0, 0.5)}
        return g.add_weighted("Gemm", x, weights.T.copy(), _array(g, width), _pick(g, None, 0), **more)
    return g.add_weighted("MatMul", x, weights, None, _pick(g, None, 1))


def _norm(g: Growth, x: str) -> list[str]:
    shape = g.values[x].shape
    if len(shape) < 3:
        return []
    channels = shape[1]
    scale, bias = np.abs(_array(g, channels)) + np.float32(0.5), _array(g, channels)
    op = _pick(g, "LayerNormalization", "InstanceNormalization", "BatchNormalization")
    if op == "LayerNormalization":
        return g.add(op, [x, _array(g, shape[-1]), _array(g, shape[-1])], axis=-1)
    if op == "InstanceNormalization":
        planes = g.values[x].reshape(*shape[:2], -1)
        if np.ptp(planes, axis=2).min() < FLAT:  # the bias, and the rounding of a mean, magnified
            return []
        return g.add(op, [x, scale, bias])
    return g.add(op, [x, scale, bias, bias[::-1].copy(), scale[::-1].copy()])


KINDS: tuple[Callable[[Growth, str], list[str]], ...] = (
    _unary, _unary, _unary, _binary, _binary, _binary, _choice, _clip, _reduce, _reduce, _arg, _along, _transpose, _reshape,
    _slice, _gather, _split, _concat, _pad, _repeat, _resize, _blocks, _squeeze, _conv, _conv, _pool, _pool, _product, _norm,
    *shape_nodes.KINDS,
)  # fmt: skip
