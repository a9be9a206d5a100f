"""Weights and other constants of a model must be finite numbers: a NaN among them is a training that went wrong."""

from __future__ import annotations

import numpy as np

from barecast.errors import ModelError, printable

REMEDY = "repair the model: its training diverged, or its conversion overflowed"


def check(array: np.ndarray, what: str, infinities: bool = False) -> None:
    """ModelError if the floats in the array are not all finite; integers always are. what: how messages call it.

    infinities: let those pass, which have a meaning as a bound, a padding or a mask.
    """
    if array.dtype.kind != "f":
        return
    wrong = np.isnan(array) if infinities else ~np.isfinite(array)
    if wrong.any():
        first = np.unravel_index(int(np.argmax(wrong)), array.shape)
        where = f", the first at [{', '.join(str(int(i)) for i in first)}]" if array.ndim else ""
        count = int(wrong.sum())
        values = "1 value that is" if count == 1 else f"{count} values that are"
        raise ModelError(f"{what} holds {values} not finite ({array[first]}{where})", remedy=REMEDY)


def check_constant(array: np.ndarray, name: str, infinities: bool = False) -> None:
    """`check` for a constant with a name in the model."""
    check(array, f'constant "{printable(name)}"', infinities)
