"""Operators of the domain ai.onnx.ml that linear models and scalers of scikit-learn are exported to.

Sources: ONNX's definitions of the domain, and onnxruntime where those leave something open (norms of zero).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.reduction import reduced
from barecast.frontends.onnx.scope import Scope
from barecast.frontends.onnx.selection import taken
from barecast.graph import DType
from barecast.ops.argmax import Argmax
from barecast.ops.binary import Binary
from barecast.ops.compare import Compare
from barecast.ops.dense import Dense
from barecast.ops.gather import Gather
from barecast.ops.select import Select
from barecast.ops.softmax import Softmax
from barecast.ops.unary import Unary

_INT32 = np.iinfo(np.int32)


def scaler(scope: Scope, node: ForeignNode) -> str:
    """(x - offset) * scale, each a number or one for each of the last axis."""
    x = scope.real(0)
    if not scope.type(x).shape:
        raise damaged("its input is a scalar")
    for kind, name in (("sub", "offset"), ("mul", "scale")):
        values = node.numbers(name)
        if values.size not in (1, scope.type(x).shape[-1]):
            raise damaged(f"has {values.size} numbers in {name} for {list(scope.type(x).shape)}")
        x = scope.add("binary", Binary(kind), (x, scope.hold(f"{node.outputs[0]}/{name}", values)))
    return x


def normalizer(scope: Scope, node: ForeignNode) -> str:
    """Each row by its norm: the sum of magnitudes, the root of the sum of squares, or the maximum. Norms of 0 count as 1."""
    x, norm = scope.real(0), node.text("norm", "MAX")
    shape = scope.type(x).shape
    if len(shape) not in (1, 2):
        raise damaged(f"its input has shape {list(shape)}, it must have one or two axes")
    axes = (len(shape) - 1,)
    if norm == "MAX":
        size = reduced(scope, "max", x, axes, True)
    elif norm == "L1":
        size = reduced(scope, "sum", scope.add("unary", Unary("abs"), (x,)), axes, True)
    elif norm == "L2":
        squares = reduced(scope, "sum", scope.add("binary", Binary("mul"), (x, x)), axes, True)
        size = scope.add("unary", Unary("sqrt"), (squares,))
    else:
        raise damaged(f'norm "{norm}" is not known')
    nothing, one = (scope.hold(f"{node.outputs[0]}/{v}", np.float32(v)) for v in (0, 1))
    empty = scope.add("compare", Compare("equal"), (size, nothing), dtype=DType.BOOL)
    divisor = scope.add("select", Select(), (empty, one, size), dtype=DType.F32)
    return scope.add("binary", Binary("div"), (x, divisor))


def linear_regressor(scope: Scope, node: ForeignNode) -> str:
    targets = node.integer("targets", 1)
    if node.text("post_transform", "NONE") != "NONE":
        raise UnsupportedError("has a post_transform", remedy="export the regressor without one")
    return _scores(scope, node, targets)


def linear_classifier(scope: Scope, node: ForeignNode) -> tuple[str, ...]:
    """The label of each row's largest score, of equals the first, and the scores or what post_transform makes of them."""
    if "classlabels_strings" in node:
        raise UnsupportedError("has labels that are strings", remedy="fit the classifier with integers as labels")
    labels = node.integers("classlabels_ints", ())
    if len(labels) == 2 and node.numbers("intercepts").size == 1:
        raise UnsupportedError("has one score for two classes", remedy="export it with a row of coefficients for each")
    if not labels:
        raise damaged("has no labels")
    scores = _scores(scope, node, len(labels))
    place = scope.add("argmax", Argmax(1), (scores,), dtype=DType.S32)
    return _labelled(scope, np.array(labels, np.int64), place), _transformed(scope, node, scores)


def _scores(scope: Scope, node: ForeignNode, count: int) -> str:
    """x [N, C] or [C] -> [N, count]."""
    x = scope.real(0)
    shape = scope.type(x).shape
    if len(shape) not in (1, 2):
        raise damaged(f"its input has shape {list(shape)}, it must have one or two axes")
    weights, bias = node.numbers("coefficients"), node.numbers("intercepts")
    if weights.size != count * shape[-1] or bias.size not in (0, count):
        raise damaged(f"has {weights.size} coefficients and {bias.size} intercepts for {count} scores of {shape[-1]} numbers")
    hint = node.outputs[0] or node.outputs[1]
    held = scope.hold(f"{hint}/coefficients", weights.reshape(count, shape[-1]))
    intercepts = scope.hold(f"{hint}/intercepts", bias if bias.size else np.zeros(count, np.float32))
    rows = x if len(shape) == 2 else scope.reshape(x, (1, *shape))
    return scope.add("dense", Dense(), (rows, held, intercepts))


def _transformed(scope: Scope, node: ForeignNode, scores: str) -> str:
    kind = node.text("post_transform", "NONE")
    if kind == "NONE":
        return scores
    if kind == "SOFTMAX":
        return scope.add("softmax", Softmax(1), (scores,))
    if kind == "LOGISTIC":
        return scope.add("unary", Unary("sigmoid"), (scores,))
    raise UnsupportedError("has a post_transform other than NONE, SOFTMAX and LOGISTIC", remedy="export it with one of these")


def array_feature_extractor(scope: Scope, node: ForeignNode) -> str | np.ndarray:
    """Elements of the last axis: of a list of constants at places of the run (labels of classes), or at constant places."""
    table, places = scope.array(node.inputs[0]), scope.array(node.inputs[1])
    if places is not None:
        if table is not None:
            row = np.atleast_2d(table) if table.ndim == 1 else table
            return np.take(row, _inside(places, row.shape[-1]), axis=-1)
        x = scope.movable(0)
        shape = scope.type(x).shape
        found = taken(scope, x, {len(shape) - 1: _inside(places, shape[-1]).tolist()})
        return scope.reshape(found, (1, places.size)) if len(shape) == 1 else found
    if table is None or table.ndim != 1 or table.dtype.kind != "i":
        raise UnsupportedError("takes what is computed at run time, from anything but a list of integers",
                               remedy="use integers as labels")  # fmt: skip
    place = scope.tensor(node.inputs[1])
    made = scope.reshape(place, (1, scope.type(place).size))
    return _labelled(scope, table, made)


def _inside(places: np.ndarray, extent: int) -> np.ndarray:
    flat = places.reshape(-1)
    if not flat.size or flat.min() < 0 or flat.max() >= extent:
        raise damaged(f"takes {flat[:8].tolist()} of {extent} elements")
    return flat


def _labelled(scope: Scope, labels: np.ndarray, place: str) -> str:
    """The labels at these int32 places: int32, where the model has int64 in the end."""
    if labels.min() < _INT32.min or labels.max() > _INT32.max:
        raise UnsupportedError("has labels beyond 32 bits", remedy="use smaller numbers as labels")
    if not np.array_equal(labels, np.arange(labels.size)):
        table = scope.hold(f"{scope.node.outputs[0] or scope.node.outputs[1]}/labels", labels.astype(np.int32))
        place = scope.add("gather", Gather(0), (table, place), dtype=DType.S32)
    return scope.as_long(place)


IMPORTERS: dict[str, Callable[[Scope, ForeignNode], str | np.ndarray | tuple[str, ...]]] = {
    "ArrayFeatureExtractor": array_feature_extractor,
    "LinearClassifier": linear_classifier,
    "LinearRegressor": linear_regressor,
    "Normalizer": normalizer,
    "Scaler": scaler,
}
