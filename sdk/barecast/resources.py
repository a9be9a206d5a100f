"""Where the data files lie: templates, targets, boards, example models and the C runtime.

In a checkout they are folders at its root; in an installed package they are in
barecast/_data. No other module knows either place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from barecast.errors import InternalError

KINDS = ("boards", "runtime_c", "templates", "targets")


def folder(kind: str) -> Traversable:
    """The folder of one of KINDS. InternalError if the installation lacks it."""
    if kind not in KINDS:
        raise InternalError(f"there is no data folder {kind}")
    installed = files("barecast") / "_data" / kind
    checkout = Path(__file__).resolve().parents[2] / kind
    for place in (installed, checkout):
        if place.is_dir():
            return place
    raise InternalError(
        f"the data folder {kind} is missing", remedy="install barecast again, or run it from a full checkout"
    )


def names(kind: str, suffix: str = "") -> tuple[str, ...]:
    """Names of the entries directly in the folder that end in `suffix`, sorted."""
    return tuple(sorted(entry.name for entry in folder(kind).iterdir() if entry.name.endswith(suffix)))


def text(kind: str, path: str) -> str:
    """A file's text, by its path below the folder with "/" between names."""
    place = folder(kind).joinpath(*path.split("/"))
    if not place.is_file():
        raise InternalError(f"the data file {kind}/{path} is missing")
    return place.read_text(encoding="utf-8")


@cache
def runtime_headers() -> Mapping[str, str]:
    """Every header of runtime_c/include and runtime_c/kernels: file name -> text, sorted by name.

    A header includes others as "barecast/<file name>", wherever they lie in runtime_c. So
    a program that has all of these in a folder barecast/ builds with -I<its parent>.
    """
    found: dict[str, str] = {}
    for part in ("include", "kernels"):
        for path in _headers(folder("runtime_c") / part):
            if path.name in found:
                raise InternalError(f"two headers of the C runtime are named {path.name}")
            found[path.name] = path.read_text(encoding="utf-8")
    return MappingProxyType(dict(sorted(found.items())))


def tool_files() -> tuple[Path, ...]:
    """Every file that makes a difference to what barecast generates, sorted: the package and its data folders."""
    package = Path(__file__).resolve().parent
    folders = {package, *(Path(str(folder(kind))) for kind in KINDS)}
    found = {path for place in folders for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return tuple(sorted(found))


def _headers(place: Traversable) -> Iterator[Traversable]:
    for entry in place.iterdir():
        if entry.is_dir():
            yield from _headers(entry)
        elif entry.name.endswith(".h"):
            yield entry
