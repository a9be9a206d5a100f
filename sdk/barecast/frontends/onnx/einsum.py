"""Einsum: sums, transposes and matrix products, pair after pair from the left."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.reduction import reduced
from barecast.frontends.onnx.scope import Scope
from barecast.ops.matmul import Matmul

Labels = tuple[str, ...]
"""One for each axis: a letter, or a number for an axis that an ellipsis stands for (the last of them is 0)."""


def einsum(scope: Scope, node: ForeignNode) -> str:
    """float32. An axis that is named twice in one operand (a diagonal) is refused."""
    operands = [scope.real(index) for index in range(len(node.inputs))]
    terms, result = _parsed(node.text("equation", ""), [len(scope.type(x).shape) for x in operands])
    extents: dict[str, int] = {}
    for x, labels in zip(operands, terms, strict=True):
        for label, extent in zip(labels, scope.type(x).shape, strict=True):
            if extent not in (1, extents.get(label, extent)) and extents[label] != 1:
                raise damaged(f'axis "{label}" has the extents {extents[label]} and {extent}')
            extents[label] = max(extent, extents.get(label, 1))
    narrow = [_without_ones(scope, x, t, extents) for x, t in zip(operands, terms, strict=True)]
    x, labels = narrow[0]
    for index, (other, its) in enumerate(narrow[1:], 1):
        later = {label for _, more in narrow[index + 1 :] for label in more}
        x, labels = _product(scope, x, labels, other, its, later | set(result))
    x, labels = _summed(scope, x, labels, result)
    whole = tuple(label for label in result if label in labels)
    return scope.reshape(_arranged(scope, x, labels, whole), tuple(extents[label] for label in result))


def _parsed(equation: str, ranks: list[int]) -> tuple[list[Labels], Labels]:
    """The labels of every operand and of the result."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    spelt = left.split(",")
    if len(spelt) != len(ranks) or not all(re.fullmatch(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*", t) for t in (*spelt, right)):
        raise damaged("its equation does not fit its inputs")
    terms = [_labels(term, rank) for term, rank in zip(spelt, ranks, strict=True)]
    hidden = max(sum(label.isdigit() for label in labels) for labels in terms)
    if arrow:
        result = _labels(right, len(right.replace("...", "")) + (hidden if "..." in right else 0))
    else:
        letters = sorted("".join(spelt).replace(".", ""))
        result = (*_hidden(hidden), *(c for c in letters if letters.count(c) == 1))
    if any(len(set(labels)) != len(labels) for labels in terms):
        raise UnsupportedError("takes a diagonal: an operand names an axis twice", remedy="export the model without it")
    if len(set(result)) != len(result) or not set(result) <= {label for labels in terms for label in labels}:
        raise damaged("its result names an axis twice, or one that no input has")
    return terms, result


def _labels(term: str, rank: int) -> Labels:
    before, ellipsis, after = term.partition("...")
    hidden = rank - len(before) - len(after)
    if hidden < 0 or (hidden and not ellipsis):
        raise damaged(f"its equation names {len(before) + len(after)} axes of {rank}")
    return (*before, *_hidden(hidden), *after)


def _hidden(count: int) -> Iterable[str]:
    return (str(index) for index in reversed(range(count)))


def _without_ones(scope: Scope, x: str, labels: Labels, extents: dict[str, int]) -> tuple[str, Labels]:
    """x without the axes of extent 1 that others are wider along: every product broadcasts over them."""
    shape = scope.type(x).shape
    kept = [i for i, label in enumerate(labels) if shape[i] == extents[label]]
    return scope.reshape(x, tuple(shape[i] for i in kept)), tuple(labels[i] for i in kept)


def _summed(scope: Scope, x: str, labels: Labels, kept: Collection[str]) -> tuple[str, Labels]:
    """The sum over all axes but those kept."""
    axes = tuple(i for i, label in enumerate(labels) if label not in kept)
    return (reduced(scope, "sum", x, axes, False) if axes else x), tuple(label for label in labels if label in kept)


def _arranged(scope: Scope, x: str, labels: Labels, wanted: Labels) -> str:
    return scope.transpose(x, tuple(labels.index(label) for label in wanted))


def _product(scope: Scope, a: str, of_a: Labels, b: str, of_b: Labels, kept: Collection[str]) -> tuple[str, Labels]:
    """The product of two operands, summed over what both have and nobody keeps.

    As matrices [batch, rows, inner] and [batch, inner, columns].
    """
    a, of_a = _summed(scope, a, of_a, {*of_b, *kept})
    b, of_b = _summed(scope, b, of_b, {*of_a, *kept})
    extents = dict(zip((*of_a, *of_b), (*scope.type(a).shape, *scope.type(b).shape), strict=True))
    shared = tuple(label for label in of_a if label in of_b)
    batch = tuple(label for label in shared if label in kept)
    inner = tuple(label for label in shared if label not in kept)
    rows = tuple(label for label in of_a if label not in of_b)
    columns = tuple(label for label in of_b if label not in of_a)

    def size(labels: Labels) -> int:
        return math.prod(extents[label] for label in labels)

    lead = (size(batch),) if batch else ()
    a = scope.reshape(_arranged(scope, a, of_a, (*batch, *rows, *inner)), (*lead, size(rows), size(inner)))
    b = scope.reshape(_arranged(scope, b, of_b, (*batch, *inner, *columns)), (*lead, size(inner), size(columns)))
    made = (*batch, *rows, *columns)
    y = scope.add("matmul", Matmul(), (a, b))
    return scope.reshape(y, tuple(extents[label] for label in made)), made


IMPORTERS = {"Einsum": einsum}
