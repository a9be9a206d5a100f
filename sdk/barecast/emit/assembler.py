"""Constants as data directives of the GNU assembler's syntax, which clang's own assembler reads too.

Assemblers take time by the directive and by the number, so the numbers are as long as they can be: 16 bytes in .octa.
"""

from __future__ import annotations

import numpy as np

PER_LINE = 2
"""Numbers of 16 bytes a line."""

_MARGIN = b"    .octa "
_CELL = len("0x") + 32 + len(",")


def data_text(data: np.ndarray) -> str:
    """The array's bytes in C order, elements little-endian, as lines of .octa, and of .byte for the last few.

    data: any integer, bool or float type. The text ends without a line break, and is empty for an empty array.
    """
    raw = np.ascontiguousarray(data, data.dtype.newbyteorder("<")).reshape(-1).view(np.uint8)
    lines = len(raw) // (16 * PER_LINE)
    numbers = lines * PER_LINE
    page = np.empty((lines, len(_MARGIN) + PER_LINE * _CELL), np.uint8)
    page[:, : len(_MARGIN)] = np.frombuffer(_MARGIN, np.uint8)
    cells = page[:, len(_MARGIN) :].reshape(lines, PER_LINE, _CELL)
    cells[:, :, :2] = np.frombuffer(b"0x", np.uint8)
    # A number is written from its highest byte, which lies last in memory.
    digits = raw[: 16 * numbers].reshape(numbers, 16)[:, ::-1].tobytes().hex().encode("ascii")
    cells[:, :, 2:-1] = np.frombuffer(digits, np.uint8).reshape(lines, PER_LINE, 32)
    cells[:, :, -1] = ord(",")
    page[:, len(_MARGIN) :] = cells.reshape(lines, PER_LINE * _CELL)
    page[:, -1] = ord("\n")
    text = page.tobytes().decode("ascii")
    rest = raw[16 * numbers :]
    ends = [rest[start : start + 16] for start in range(0, len(rest), 16)]
    return (text + "\n".join("    .byte " + ",".join(f"0x{byte:02x}" for byte in end) for end in ends)).rstrip("\n")
