"""row_sums: sums over an image, a channel each, to which a call adds one row. A kernel family, not an operator.

An average over a whole image is made of such calls, and of `rescale` once all rows were there: streaming/averages.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from barecast.ops.by_rows import ByRows
from barecast.rows import Reach


@dataclass(frozen=True)
class RowSumsParams:
    """As in row_sums.h."""

    by_rows: ClassVar[ByRows] = ByRows(
        lambda params, height: Reach(height),
        lambda params, part, _: replace(params, begins=int(part.begins)),
        varies=(("begins", "begins"),),
        adds=True,
    )

    width: int
    channels: int
    begins: int


PARAMS = RowSumsParams
