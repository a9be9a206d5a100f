"""Operators whose result can be computed a row at a time, from the rows of the input that it needs (barecast/rows.py).

A params dataclass names its rule as `by_rows`:
what changes in a kernel call when it is made for a band of rows instead of for all rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from barecast.rows import Band, Reach


@dataclass(frozen=True)
class ByRows:
    """reach: (params, rows of the input) -> Reach. banded: (params, a Band, rows of the output) -> the params of a call
    that computes the rows of the band. varies: field -> the field of Band that is its value, for those in which bands differ.
    takes: whether calls of these params can be made by rows at all. adds: each call adds a row of the input to the one
    result.
    """

    reach: Callable[[Any, int], Reach]
    banded: Callable[[Any, Band, int], Any]
    varies: tuple[tuple[str, str], ...] = ()
    takes: Callable[[Any], bool] = lambda params: True
    adds: bool = False


def _reach_of_window(params: Any, height: int) -> Reach:
    return Reach(height, params.k_h, params.stride_h, params.dilation_h, params.pad_top)


def _band_of_window(params: Any, part: Band, _: int) -> Any:
    return replace(params, in_h=part.held, out_h=part.rows, pad_top=part.above, pad_bottom=part.below)


WINDOW = ByRows(
    _reach_of_window,
    _band_of_window,
    varies=(("in_h", "held"), ("pad_top", "above"), ("pad_bottom", "below")),
    takes=lambda params: params.batch == 1,
)
"""Windows over an image (ops/window.py)."""


def elements(field: str = "size") -> ByRows:
    """Element by element; `field` counts them."""
    return ByRows(
        lambda params, height: Reach(height),
        lambda params, part, rows: replace(params, **{field: getattr(params, field) // rows * part.rows}),
    )


EXTENTS = tuple(f"extent{i}" for i in range(5))


def _outermost(params: Any) -> str:
    """The outermost loop that loops: the rows are what it counts, or it counts them and all within."""
    return next((name for name in EXTENTS if getattr(params, name) > 1), EXTENTS[-1])


def _band_of_nest(params: Any, part: Band, rows: int) -> Any:
    name = _outermost(params)
    return replace(params, **{name: getattr(params, name) // rows * part.rows})


NEST = ByRows(lambda params, height: Reach(height), _band_of_nest)
"""Two operands in the loops of ops/broadcast.py: both have rows, or one is a constant that is the same for all rows."""


def repeats(params: Any, operand: str) -> bool:
    """Whether an operand of NEST, "a" or "b", is the same for all rows."""
    return getattr(params, f"{operand}_stride{_outermost(params)[-1]}") == 0
