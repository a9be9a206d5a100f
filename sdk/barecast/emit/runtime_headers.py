"""The part of the C runtime that a model needs: headers found by following their includes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from barecast import resources
from barecast.errors import InternalError

FOLDER = "barecast"
_INCLUDE = re.compile(r'^([ \t]*#[ \t]*include[ \t]+)"barecast/([^"/]+)"', re.MULTILINE)
_WHOLE_LINE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"barecast/[^"]+".*\n', re.MULTILINE)
_LICENSE_LINE = re.compile(r"\A/\* SPDX-License-Identifier: 0BSD \*/\n")
BASE = "bc.h"


def needed(kernel_headers: Iterable[str]) -> tuple[str, ...]:
    """File names of the given headers and of all that they include, included ones first; BASE always."""
    headers = resources.runtime_headers()
    found: dict[str, None] = {}
    path: list[str] = []

    def visit(name: str, wanted_by: str) -> None:
        if name in found:
            return
        if name not in headers:
            raise InternalError(f"{wanted_by} wants the header {name}, which the C runtime does not have")
        if name in path:
            raise InternalError(f"the header {name} includes itself by way of {path[-1]}")
        path.append(name)
        for _, included in _INCLUDE.findall(headers[name]):
            visit(included, name)
        path.pop()
        found[name] = None

    visit(BASE, "every model")
    for name in sorted(set(kernel_headers)):
        visit(name, "a kernel")
    return tuple(found)


def as_folder(names: Iterable[str]) -> Mapping[str, str]:
    """Path in the generated folder -> text. The headers lie side by side and include each other so: no -I is needed."""
    headers = resources.runtime_headers()
    return {f"{FOLDER}/{name}": _INCLUDE.sub(r'\1"\2"', headers[name]) for name in names}


def as_text(names: Iterable[str]) -> str:
    """All headers one after the other, without their includes of each other. `names` has included ones first."""
    headers = resources.runtime_headers()
    parts = (_LICENSE_LINE.sub("", _WHOLE_LINE.sub("", headers[name])).strip("\n") for name in names)
    return "\n\n".join(parts) + "\n"
