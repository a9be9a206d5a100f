"""MatMul and Gemm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.ops.binary import Binary
from barecast.ops.dense import Dense
from barecast.ops.matmul import Matmul


def matmul(scope: Scope, node: ForeignNode) -> str:
    """numpy.matmul, float32."""
    return as_matrices(scope, scope.real(0), scope.real(1), lambda a, b: scope.add("matmul", Matmul(), (a, b)))


def as_matrices(scope: Scope, a: str, b: str, product: Callable[[str, str], str]) -> str:
    """The product by numpy.matmul's rules: an operand of one axis gets a second one for the time being."""
    a_shape, b_shape = scope.type(a).shape, scope.type(b).shape
    if not a_shape or not b_shape:
        raise damaged("an operand is a scalar")
    if len(a_shape) == 1:
        a = scope.reshape(a, (1, *a_shape))
    if len(b_shape) == 1:
        b = scope.reshape(b, (*b_shape, 1))
    y = product(a, b)
    shape = scope.type(y).shape
    if len(b_shape) == 1:
        shape = shape[:-1]
    if len(a_shape) == 1:
        shape = (*shape[:-2], *shape[-1:]) if len(b_shape) > 1 else shape[:-1]
    return scope.reshape(y, shape)


def gemm(scope: Scope, node: ForeignNode) -> str:
    """alpha * A' B' + beta * C: a dense layer where B is a weight, else a matmul."""
    a, b = scope.real(0), scope.real(1)
    for name, tensor in (("A", a), ("B", b)):
        if len(scope.type(tensor).shape) != 2:
            raise damaged(f"{name} has shape {list(scope.type(tensor).shape)}, it must have two axes")
    alpha, beta = np.float32(node.number("alpha", 1.0)), np.float32(node.number("beta", 1.0))
    if not (np.isfinite(alpha) and np.isfinite(beta)):
        raise damaged("alpha or beta is not finite")
    c = None if node.input(2) is None or beta == 0 else scope.real(2)
    if node.flag("transA"):
        a = scope.transpose(a, (1, 0))
    trans_b = node.flag("transB")
    if not scope.is_fixed(b):
        y = scope.add("matmul", Matmul(), (a, b if not trans_b else scope.transpose(b, (1, 0))))
        return _sum(scope, _scaled(scope, y, alpha), _scaled(scope, c, beta))
    weights = b if trans_b else scope.transpose(b, (1, 0))
    if scope.data(weights) is not None and alpha != 1:
        with np.errstate(over="ignore"):  # kernel selection refuses what is not finite
            weights, alpha = scope.hold(f"{node.outputs[0]}/weights", scope.data(weights) * alpha), np.float32(1)
    bias = None
    if alpha == 1 and c is not None:
        bias = _bias(scope, _scaled(scope, c, beta), scope.type(weights).shape[0])
    y = scope.add("dense", Dense(), (a, weights, bias))
    return y if bias is not None else _sum(scope, _scaled(scope, y, alpha), _scaled(scope, c, beta))


def _bias(scope: Scope, c: str, count: int) -> str | None:
    """C as a bias [count], if it is the same for every row."""
    shape, data = scope.type(c).shape, scope.data(c)
    if (
        not scope.is_fixed(c)
        or (len(shape) == 2 and shape[0] != 1)
        or len(shape) > 2
        or (shape and shape[-1] not in (1, count))
    ):
        return None
    if data is not None:
        return scope.hold(f"{c}/bias", np.broadcast_to(data.reshape(-1), (count,)))
    return scope.reshape(c, (count,)) if shape and shape[-1] == count else None


def _scaled(scope: Scope, tensor: str | None, factor: np.float32) -> str | None:
    if tensor is None or factor == 1:
        return tensor
    hint = f"{scope.node.outputs[0]}/factor"
    if scope.data(tensor) is not None:
        with np.errstate(over="ignore"):
            return scope.hold(hint, scope.data(tensor) * factor)
    return scope.add("binary", Binary("mul"), (tensor, scope.hold(hint, np.asarray(factor))))


def _sum(scope: Scope, y: str, c: str | None) -> str:
    if c is None:
        return y
    shape, other = scope.type(y).shape, scope.type(c).shape
    total = scope.add("binary", Binary("add"), (y, c))
    if scope.type(total).shape != shape:
        raise damaged(f"C {list(other)} does not broadcast to {list(shape)}")
    return total


IMPORTERS = {"Gemm": gemm, "MatMul": matmul}
