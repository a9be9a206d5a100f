"""The user's CMSIS-NN: where it lies, which of its files a model needs, what it is called in reports.

barecast has no copy of it. The environment variable CMSIS_NN_ROOT names a checkout or an unpacked release.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from barecast.errors import UsageError, printable

VARIABLE = "CMSIS_NN_ROOT"
HEADERS = ("arm_nnfunctions.h", "arm_nnsupportfunctions.h", "arm_nn_types.h")
SINGLE_ROUNDING = "-DCMSIS_NN_USE_SINGLE_ROUNDING"

_NEEDED = "arm_fully_connected_per_channel_s8"
"""Public since 7.0.0, the first version whose buffer sizes are barecast's."""

_NAME = re.compile(r"\barm_\w+")
_DEFINITION = re.compile(r"^(?!static\b|__STATIC)[A-Za-z_][\w \t]*[ *](arm_\w+)[ \t]*(?:\(|\[)", re.MULTILINE)
_FLOAT = re.compile(r"_(?:f16|f32|flt)\b")


def root() -> Path:
    """The folder that CMSIS_NN_ROOT names; UsageError if it is not set, or is no CMSIS-NN that barecast can use."""
    given = os.environ.get(VARIABLE, "")
    remedy = f"set {VARIABLE} to a checkout of github.com/ARM-software/CMSIS-NN, 7.0.0 or later"
    if not given:
        raise UsageError(f'kernels "cmsis-nn": building needs CMSIS-NN, and {VARIABLE} is not set', remedy=remedy)
    place = Path(given)
    for name in HEADERS:
        if not (place / "Include" / name).is_file():
            raise UsageError(f"{VARIABLE} is {printable(given, 200)}, which has no Include/{name}", remedy=remedy)
    if not (place / "Source").is_dir():
        raise UsageError(f"{VARIABLE} is {printable(given, 200)}, which has no folder Source", remedy=remedy)
    if _NEEDED not in _text(place / "Include" / HEADERS[0]):
        raise UsageError(f"the CMSIS-NN in {printable(given, 200)} is older than 7.0.0", remedy=remedy)
    return place.resolve()


def version(place: Path) -> str:
    """How the library tells its version: the date and revision of its public header."""
    text = _text(place / "Include" / HEADERS[0])
    found = [re.search(rf"\$ ?{word}: *(.*?) *$", text, re.MULTILINE) for word in ("Date", "Revision")]
    date, revision = (match[1] if match else "unknown" for match in found)
    return f"arm_nnfunctions.h {revision} of {date}"


def sources(place: Path, texts: Iterable[str]) -> tuple[Path, ...]:
    """The C files that define what the texts call, and what those call in turn, sorted."""
    defined, named = _definitions(place), _names
    found: dict[Path, None] = {}
    wanted = [name for text in texts for name in _NAME.findall(text)]
    while wanted:
        path = defined.get(wanted.pop())
        if path is not None and path not in found:
            found[path] = None
            wanted += named(path)
    return tuple(sorted(found))


@cache
def _definitions(place: Path) -> Mapping[str, Path]:
    """Function or table -> the file that defines it, but for float arithmetic."""
    files = sorted(path for path in (place / "Source").rglob("*.c") if not _FLOAT.search(path.stem))
    return {name: path for path in files for name in _DEFINITION.findall(_text(path))}


@cache
def _names(path: Path) -> Sequence[str]:
    return tuple(dict.fromkeys(_NAME.findall(_text(path))))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
