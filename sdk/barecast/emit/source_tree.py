"""The generated files, and the only code that writes them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from barecast.errors import InternalError, UsageError, printable

MANIFEST = "manifest.json"


_OWN = r"(src/)?({}(_weights)?\.[chs]|barecast/\w+\.h)"
"""Paths of a model's C, of that name."""

DEEPEST = 200
"""Folders above the generated one: systems have such limits, and nobody has such folders."""


@dataclass(frozen=True)
class SourceTree:
    """Relative path (with "/" between names) -> the file's text (UTF-8) or bytes."""

    files: Mapping[str, str | bytes]

    def __post_init__(self):
        for path in self.files:
            parts = path.split("/")
            if "\\" in path or PurePosixPath(path).is_absolute() or any(part in ("", ".", "..") for part in parts):
                raise InternalError(f"{printable(path)} is no path for a generated file")
        object.__setattr__(self, "files", MappingProxyType(dict(sorted(self.files.items()))))

    def with_files(self, files: Mapping[str, str | bytes]) -> SourceTree:
        """The same tree with files added or replaced."""
        return SourceTree({**self.files, **files})

    def write(self, folder: str | os.PathLike) -> Path:
        """Writes all files below `folder` and returns it as a Path.

        Everything is written to a folder beside it first and moved into place when it is
        complete, so an error (a full disk, say) leaves what was there. Files of the same
        name are replaced, those of `left_over` removed, all others left alone. UsageError if it cannot be done.
        """
        folder = Path(folder)
        self._check_room(folder)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=".barecast-", dir=folder.parent))
        except OSError as error:
            raise _cannot_write(folder, error) from error
        try:
            # mkdtemp's folder is private; the one inside has the user's usual rights and can become `folder`.
            fresh = staging / "tree"
            fresh.mkdir()
            self._write_into(fresh)
            if folder.exists():
                stale = self.left_over(folder)
                self._move_files(fresh, folder)
                _remove(stale, folder)
            else:
                fresh.replace(folder)
        except OSError as error:
            raise _cannot_write(folder, error) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return folder

    def left_over(self, folder: str | os.PathLike) -> tuple[str, ...]:
        """C of the model that an earlier run left in `folder` and this tree does not have, in order.

        The folder's manifest lists it, and it is called as generated C is: a manifest from elsewhere can name no other
        file. Files of an export are the user's from the first build on, and links are nobody's: both stay.
        """
        folder = Path(folder)
        found = _manifest_in(folder)
        listed = found.get("files", ()) if found else ()
        if MANIFEST not in self.files or not isinstance(listed, list):
            return ()
        own = re.compile(_OWN.format(re.escape(str(found["name"]))))
        gone = {path for path in listed if isinstance(path, str) and own.fullmatch(path)} - self.files.keys()
        return tuple(sorted(path for path in gone if _is_plain_file(folder, path)))

    def _check_room(self, folder: Path) -> None:
        """Refuses before anything is written what could only fail half way."""
        if len(folder.parts) > DEEPEST:
            raise UsageError(f"{printable(folder, 400)} is {len(folder.parts)} folders deep", remedy="choose another folder")
        if folder.exists() and not folder.is_dir() or folder.is_symlink() and not folder.exists():
            raise _occupied(folder, "is not a folder")
        for parent in folder.parents:
            if parent.exists() and not parent.is_dir():
                raise _occupied(parent, "is not a folder")
        for path in self.files:
            place = folder / path
            if place.is_dir():
                raise _occupied(place, "is a folder where a file is to be written")
            for parent in place.relative_to(folder).parents:
                above = folder / parent
                if above.exists() and not above.is_dir():
                    raise _occupied(above, "is a file where a folder is to be made")
        found, new = _manifest_in(folder), self.files.get(MANIFEST)
        if found is not None and new is not None and (name := json.loads(new)["name"]) != found["name"]:
            raise UsageError(
                f'{printable(folder, 400)} holds the model "{printable(found["name"])}", and "{printable(name)}" would '
                f"replace its {MANIFEST}",
                remedy="give each model a folder of its own",
            )

    def _write_into(self, folder: Path) -> None:
        for path, content in self.files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

    def _move_files(self, fresh: Path, folder: Path) -> None:
        for path in self.files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (fresh / path).replace(folder / path)


def _manifest_in(folder: Path) -> dict[str, Any] | None:
    """The manifest of the model that was generated into the folder; None if there is none."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"barecast", "name"} <= found.keys() else None


def _is_plain_file(folder: Path, path: str) -> bool:
    """Whether it is a file, and neither it nor a folder above it, up to `folder`, is a link."""
    place = folder / path
    return place.is_file() and not any((folder / part).is_symlink() for part in (path, *PurePosixPath(path).parents))


def _remove(paths: Iterable[str], folder: Path) -> None:
    """The files, and the folders that are empty then."""
    for path in paths:
        (folder / path).unlink(missing_ok=True)
        for parent in PurePosixPath(path).parents[:-1]:
            with contextlib.suppress(OSError):
                (folder / parent).rmdir()


def _occupied(path: Path, what: str) -> UsageError:
    return UsageError(f"{printable(path, 400)} {what}", remedy="choose another folder")


def _cannot_write(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot write to {printable(folder, 400)}: {error.strerror or error}",
        remedy="check the path, its rights and the free space",
    )
