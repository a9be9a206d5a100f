"""Input bytes that nobody means: extreme integers, infinities, NaN, anything."""

from __future__ import annotations

import numpy as np

WORDS = {
    "ones": 0xFFFFFFFF,  # a quiet NaN; -1
    "greatest bytes": 0x7F7F7F7F,
    "least bytes": 0x80808080,
    "greatest halves": 0x7FFF7FFF,
    "least halves": 0x80008000,
    "greatest words": 0x7FFFFFFF,
    "least words": 0x80000000,
    "infinity": 0x7F800000,
    "minus infinity": 0xFF800000,
    "signalling NaN": 0x7F800001,
    "greatest float": 0x7F7FFFFF,
    "least float": 0xFF7FFFFF,
    "subnormal float": 0x00000001,
}
"""32 bits that are repeated over an input, in the order of a little-endian core."""

RANDOM = ("anything", "anything, again", "any of these")
NAMES = (*WORDS, *RANDOM)


def fill(name: str, size: int) -> bytes:
    """`size` bytes of one of NAMES, the same on every run."""
    words = -(-size // 4)
    if name in WORDS:
        found = np.full(words, WORDS[name], "<u4")
    else:
        generator = np.random.default_rng(RANDOM.index(name))
        found = generator.integers(0, 1 << 32, words, np.uint32)
        if name == "any of these":
            found = generator.choice(np.array([*WORDS.values(), 0, 0x3F800000], np.uint32), words)
    return found.astype("<u4").tobytes()[:size]
