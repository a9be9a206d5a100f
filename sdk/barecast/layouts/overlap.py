"""How far the output of a window operator may run over its input, by the order in which a kernel reads and writes.

Windows are taken in the order of their outputs, `together` of them at a time: these read their part of x, and write
their results, channels last. What may be written must have been read: with y's first byte at x's first byte plus
overlap minus y's size, the end of each write lies at or before the first byte of x that is read later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

WINDOWS_MAX = 1 << 22
"""Where there are more, they share no bytes: the lists of their places would take more memory than that saves."""


def of_windows(
    params: Any, together: int, read_first: bool, of_one_image: bool = False, of_one_row: bool = False
) -> int:
    """For a kernel that takes windows one after the other, over rows. read_first: whether it has read all of the
    windows that it takes together before it writes any of their results. of_one_image, of_one_row: whether these
    never are of two."""
    p = params
    if p.batch * p.out_h * p.out_w > WINDOWS_MAX:
        return 0
    row = np.maximum(np.arange(p.out_h) * p.stride_h - p.pad_top, 0)
    column = np.maximum(np.arange(p.out_w) * p.stride_w - p.pad_left, 0)
    start = (row[:, None] * p.in_w + column).reshape(-1) * p.in_c
    image = p.in_h * p.in_w * p.in_c
    start = (np.arange(p.batch)[:, None] * image + start).reshape(-1)
    # A window reads nothing before its first tap, but a later window may start before it.
    later = np.minimum.accumulate(start[::-1])[::-1]
    period = p.out_w if of_one_row else p.out_h * p.out_w if of_one_image else len(start)
    first = np.arange(0, len(start), period)[:, None] + np.arange(0, period, together)
    end = np.minimum(first + together, first[:, :1] + period)
    first, end = first.reshape(-1), end.reshape(-1)
    return _most(later, end * p.out_c, end if read_first else first, p.batch * image)


def of_pixels(element: int) -> Callable[[Any], int]:
    """For a kernel that computes one pixel's channels after the other. element: bytes, the same in x and in y."""
    return lambda params: element * of_windows(params, 1, read_first=False)


def of_lines(params: Any, together: int, read_first: bool) -> int:
    """The same where whole rows of windows are taken together."""
    p = params
    if p.batch * p.out_h > WINDOWS_MAX:
        return 0
    row = np.maximum(np.arange(p.out_h) * p.stride_h - p.pad_top, 0) * p.in_w * p.in_c
    image, line = p.in_h * p.in_w * p.in_c, p.out_w * p.out_c
    later = (np.arange(p.batch)[:, None] * image + np.minimum(row, image)).reshape(-1)
    first = (np.arange(p.batch)[:, None] * p.out_h + np.arange(0, p.out_h, together)).reshape(-1)
    end = np.minimum(first % p.out_h + together, p.out_h) + first // p.out_h * p.out_h
    return _most(later, end * line, end if read_first else first, p.batch * image)


def _most(later: np.ndarray, written: np.ndarray, unread: np.ndarray, size: int) -> int:
    """later[i]: the first byte of x that is read from step i on; written[k]: the end of y after the k-th group of
    steps; unread[k]: the first step whose bytes of x must still be there then."""
    needed = np.append(later, size)[np.minimum(unread, len(later))]
    # written - y_size + overlap <= needed
    return max(0, min(size, int((needed - written).min()) + int(written[-1])))
