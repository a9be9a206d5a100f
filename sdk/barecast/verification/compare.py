"""When two sets of output arrays agree: the rules behind `barecast verify` (docs/commands.md, docs/numerics.md).

Three rules, one a tensor:

* exact: every element has the same value. The target's integers against barecast's own reference.
* rounding: integers that were computed with another rounding. An element may differ by 1, in
  fewer than one in ten thousand elements, counted over all outputs together; one element
  may always differ (small outputs would otherwise be held to the exact rule).
* close: floats. |got - expected| <= 1e-7 + relative * (largest finite |expected| in the sample) + absolute, and what
  the allowed errors of its logits make of a softmax (`Spread`). NaN agrees with NaN, an infinity with itself.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

ROUNDING_SHARE = 10_000
"""With the rounding rule fewer than one in this many elements may differ."""

FLOAT_RELATIVE = 1e-5
"""Allowed float error, relative to the largest magnitude in the tensor: float32 sums in another order."""

FLOAT_FLOOR = 1e-7
"""Absolute float error that is always allowed."""

DISTANCE_MAX = 30.0
"""Logits that move by more against each other decide everything in a softmax."""


class Kind(enum.Enum):
    EXACT = "exact"
    ROUNDING = "rounding"
    CLOSE = "close"


@dataclass(frozen=True)
class Spread:
    """What allowed errors of the logits make of a softmax or a sigmoid (docs/numerics.md, "Comparing floats").

    distances: for each sample by how much a logit may move against the others of its row, at least 0. logarithm: of
    the logarithm of a softmax.
    """

    distances: tuple[float, ...]
    logarithm: bool = False

    def room(self, expected: np.ndarray) -> np.ndarray:
        """The largest error of each element, float64 like `expected`, whose first axis is that of the samples."""
        distance = np.reshape(np.minimum(self.distances, DISTANCE_MAX), (-1, *[1] * (expected.ndim - 1)))
        known = np.where(np.isnan(expected), 0.0, expected)
        share = np.exp(np.minimum(known, 0.0)) if self.logarithm else np.clip(known, 0.0, 1.0)
        up, down = np.expm1(distance), -np.expm1(-distance)
        if self.logarithm:
            return np.maximum(distance - np.log1p(share * up), distance + np.log1p(-share * down))
        both = share * (1 - share)
        return np.maximum(both * up / (1 + share * up), both * down / (1 - share * down))


@dataclass(frozen=True)
class Rule:
    """How one tensor is compared. absolute, spread: extra room for the close rule, in real units."""

    kind: Kind
    absolute: float = 0.0
    spread: Spread | None = None


EXACT = Rule(Kind.EXACT)
ROUNDING = Rule(Kind.ROUNDING)
CLOSE = Rule(Kind.CLOSE)


@dataclass(frozen=True)
class Difference:
    """One element that broke its rule. `element` is the index within one sample's tensor."""

    tensor: str
    sample: int
    element: tuple[int, ...]
    expected: float
    got: float


@dataclass(frozen=True)
class Comparison:
    """The outcome over several tensors.

    mismatched: elements that differ at all (exact, rounding) or by more than the room (close).
    max_abs_error: the largest |got - expected|, inf where a NaN or an infinity met something else.
    first: the first element, in order of samples and then tensors, that made `passed` false.
    """

    elements: int
    mismatched: int
    max_abs_error: float
    passed: bool
    first: Difference | None


@dataclass(frozen=True)
class _Found:
    """One tensor's elements under its rule: error and mismatch per element, sample axis first."""

    name: str
    rule: Rule
    expected: np.ndarray
    got: np.ndarray
    error: np.ndarray
    differs: np.ndarray


def compare(expected: Mapping[str, np.ndarray], got: Mapping[str, np.ndarray], rules: Mapping[str, Rule]) -> Comparison:
    """Compares every array of `expected` with its namesake in `got`, each under its rule.

    Arrays have the sample axis first and equal shapes (ValueError otherwise).
    """
    found = [_examine(name, rules[name], array, got[name]) for name, array in expected.items()]
    rounded = [f for f in found if f.rule.kind is Kind.ROUNDING]
    stray = sum(int(f.differs.sum()) for f in rounded)
    too_many = stray > rounding_allowance(sum(f.differs.size for f in rounded))
    guilty = [(f, _guilty(f, too_many)) for f in found]
    first = _first(guilty)
    return Comparison(
        elements=sum(f.differs.size for f in found),
        mismatched=sum(int(f.differs.sum()) for f in found),
        max_abs_error=max((float(f.error.max()) for f in found if f.error.size), default=0.0),
        passed=first is None,
        first=first,
    )


def rounding_allowance(elements: int) -> int:
    """How many of `elements` integers may differ by 1 under the rounding rule."""
    return max(1, (elements - 1) // ROUNDING_SHARE) if elements else 0


def _examine(name: str, rule: Rule, expected: np.ndarray, got: np.ndarray) -> _Found:
    if expected.shape != got.shape:
        raise ValueError(f"{name}: shapes {expected.shape} and {got.shape}")
    wide_expected, wide_got = (np.atleast_1d(a).astype(np.float64) for a in (expected, got))
    same = np.atleast_1d(expected == got) | (np.isnan(wide_expected) & np.isnan(wide_got))
    finite = np.isfinite(wide_expected) & np.isfinite(wide_got)
    with np.errstate(invalid="ignore"):
        error = np.where(same, 0.0, np.where(finite, np.abs(wide_got - wide_expected), np.inf))
    differs = ~same
    if rule.kind is Kind.CLOSE:
        differs = error > _room(rule, wide_expected)
    return _Found(name, rule, wide_expected, wide_got, error, differs)


def _room(rule: Rule, expected: np.ndarray) -> np.ndarray:
    """Allowed error, shaped to broadcast over the tensor."""
    axes = tuple(range(1, expected.ndim))
    spread = rule.spread.room(expected) if rule.spread else 0.0
    return close_error(expected, axes) + rule.absolute + spread


def close_error(values: np.ndarray, axes: tuple[int, ...] | None = None) -> np.ndarray:
    """The error that the close rule allows floats of this size, a number for what the axes (all of them) span."""
    magnitude = np.where(np.isfinite(values), np.abs(values), 0.0)
    peak = magnitude if axes == () else magnitude.max(axis=axes, keepdims=axes is not None, initial=0.0)
    return FLOAT_FLOOR + FLOAT_RELATIVE * peak


def _guilty(found: _Found, too_many: bool) -> np.ndarray:
    """The elements that break the rule."""
    if found.rule.kind is Kind.ROUNDING and not too_many:
        return found.error > 1
    return found.differs


def _first(guilty: Iterable[tuple[_Found, np.ndarray]]) -> Difference | None:
    best: tuple[int, Difference] | None = None
    for found, mask in guilty:
        if not mask.any():
            continue
        index = tuple(int(i) for i in np.argwhere(mask)[0])
        here = Difference(found.name, index[0], index[1:], float(found.expected[index]), float(found.got[index]))
        if best is None or here.sample < best[0]:
            best = (here.sample, here)
    return None if best is None else best[1]
