"""C literals: single numbers, and arrays of millions of them.

Floats are written in hex, which is exact in C99 and C++17. Arrays are built as matrices of
characters in numpy: one character per byte, one row per line, so time is some tens of
nanoseconds an element.
"""

from __future__ import annotations

import math
import struct

import numpy as np

COLUMNS = 100
"""No line of an array is longer."""

INDENT = 4

WHOLE_BELOW = 2**15
"""Whole numbers are written as such up to here: every float32 below 2**24 would be exact."""

_NUL = 0


def integer(value: int) -> str:
    """A decimal literal. The smallest values of 32 and 64 bits have no literal in C, only a macro of <stdint.h>."""
    if value in (-(2**31), -(2**63)):
        return "INT32_MIN" if value == -(2**31) else "INT64_MIN"
    if not -(2**63) < value < 2**63:
        raise ValueError(f"{value} does not fit 64 bits")
    return str(value)


def real(value: float) -> str:
    """A float32 literal: a small whole number as 6.0f, else hex with a decimal comment, 0x1.99999ap-4f /* 0.1 */.

    INFINITY and NAN are macros of <math.h>.
    """
    value = struct.unpack("f", struct.pack("f", value))[0]
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    if value.is_integer() and abs(value) < WHOLE_BELOW:
        return f"{value:.1f}f"
    mantissa, exponent = value.hex().split("p")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}p{exponent}f /* {decimal(value)} */"


def plain_real(value: float) -> str:
    """A finite float32 literal in decimal, exact, for headers that C++ before C++17 reads too: 0.5847029f."""
    text = decimal(value)
    return f"{text}f" if any(mark in text for mark in ".e") else f"{text}.0f"


def decimal(value: float) -> str:
    """The shortest decimal that is this float32."""
    return str(np.float32(value)) if not float(value).is_integer() or abs(value) >= 1e15 else str(int(value))


def needs_math_h(data: np.ndarray) -> bool:
    return data.dtype.kind == "f" and data.dtype != np.float16 and not bool(np.isfinite(data).all())


def array_text(data: np.ndarray) -> str:
    """The elements in C order, in aligned columns of at most COLUMNS characters a line, each with a comma behind it.

    data: any integer, bool, float32 or float16 (written as its 16 bits). The text ends without a line break.
    """
    flat = np.ascontiguousarray(data).reshape(-1)
    if flat.dtype == np.float16:
        flat = flat.view(np.uint16)
    elif flat.dtype == np.bool_:
        flat = flat.view(np.uint8)
    cells = _float_cells(flat) if flat.dtype == np.float32 else _integer_cells(flat)
    return _rows(cells)


def _rows(cells: np.ndarray) -> str:
    """cells: uint8 [n, width] of right-aligned text without comma; zero bytes vanish."""
    n, width = cells.shape
    visible = width if n == 0 else int((cells[0] != _NUL).sum())
    per_line = _per_line(n, visible)
    lines = -(-n // per_line)
    page = np.full((lines * per_line, width + 2), ord(" "), np.uint8)
    page[:n, :width] = cells
    page[:n, width] = ord(",")
    page[n:] = _NUL
    page[per_line - 1 :: per_line, width + 1] = _NUL
    if n:
        page[n - 1, width + 1] = _NUL
    page = page.reshape(lines, per_line * (width + 2))
    margin = np.full((lines, INDENT), ord(" "), np.uint8)
    ends = np.full((lines, 1), ord("\n"), np.uint8)
    ends[-1:] = _NUL
    return np.hstack([margin, page, ends]).tobytes().replace(b"\0", b"").decode("ascii")


def _per_line(n: int, width: int) -> int:
    """As many as fit; for long arrays a multiple of four, which is easier on the eye."""
    most = max(1, (COLUMNS - INDENT + 1) // (width + 2))
    return most // 4 * 4 if n > most >= 4 else most


def _integer_cells(values: np.ndarray) -> np.ndarray:
    """uint8 [n, width]: decimal digits, right-aligned; INT32_MIN and INT64_MIN by name."""
    if values.dtype.itemsize <= 2 and values.size > 2 ** (8 * values.dtype.itemsize):
        # Small types repeat: write each possible value once, and pick.
        low, high = int(values.min()), int(values.max())
        table = _integer_cells(np.arange(low, high + 1, dtype=np.int64))
        return table[values.astype(np.int64) - low]
    wide = values.astype(np.int64)
    magnitude = np.abs(wide).view(np.uint64)  # right for the smallest int64 too
    digits = len(str(int(magnitude.max()))) if len(wide) else 1
    cells = np.full((len(wide), digits + int((wide < 0).any())), ord(" "), np.uint8)
    width = cells.shape[1]
    rest, started = magnitude.copy(), np.ones(len(wide), bool)
    for column in range(width - 1, width - 1 - digits, -1):
        cells[started, column] = ord("0") + (rest[started] % 10).astype(np.uint8)
        rest //= np.uint64(10)
        ended = started & (rest == 0)
        if column > 0:
            cells[ended & (wide < 0), column - 1] = ord("-")
        started &= rest != 0
    for lowest, name in ((-(2**31), b"INT32_MIN"), (-(2**63), b"INT64_MIN")):
        at = wide == lowest
        if at.any():
            cells[at] = np.frombuffer(name.rjust(width), np.uint8)
    return cells


def _float_cells(values: np.ndarray) -> np.ndarray:
    """uint8 [n, width]: [-]0x1.hhhhhhp[+-]eeef, exponents without leading zeros, of equal visible width."""
    bits = values.view(np.uint32).astype(np.int64)
    biased, fraction = (bits >> 23) & 255, (bits & 0x7FFFFF) << 1
    exponent = np.where(biased > 0, biased - 127, np.where(fraction > 0, -126, 0))
    size = np.abs(exponent)
    digits = 1 + (size >= 10) + (size >= 100)
    most = int(digits.max(initial=1))
    cells = np.zeros((len(values), 2 * most + 14), np.uint8)
    for pad in range(most - 1):
        cells[:, pad] = np.where(digits < most - pad, ord(" "), _NUL)
    at = most - 1
    cells[:, at] = np.where(bits >> 31, ord("-"), ord(" "))
    cells[:, at + 1 : at + 5] = np.frombuffer(b"0x1.", np.uint8)
    cells[biased == 0, at + 3] = ord("0")
    hexadecimal = np.frombuffer(b"0123456789abcdef", np.uint8)
    for place in range(6):
        cells[:, at + 5 + place] = hexadecimal[(fraction >> (20 - 4 * place)) & 15]
    cells[:, at + 11] = ord("p")
    cells[:, at + 12] = np.where(exponent < 0, ord("-"), ord("+"))
    for place in range(most):
        power = most - 1 - place
        shown = ord("0") + size // 10**power % 10
        cells[:, at + 13 + place] = np.where(digits > power, shown, _NUL)
    cells[:, at + 13 + most] = ord("f")
    visible = 14 + most
    for chosen, name in (
        ((biased == 255) & (fraction != 0), b"NAN"),
        ((biased == 255) & (fraction == 0) & (bits >> 31 == 0), b"INFINITY"),
        ((biased == 255) & (fraction == 0) & (bits >> 31 == 1), b"-INFINITY"),
    ):
        cells[chosen] = np.frombuffer(name.rjust(visible).rjust(cells.shape[1], b"\0"), np.uint8)
    return cells
