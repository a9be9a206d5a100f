"""A CMSIS-Pack: the description of the folder's content, barecast.NAME.pdsc. Zipped, the folder is the pack."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, licence, render

_CATEGORIES = {".c": "sourceC", ".s": "sourceAsm", ".h": "header"}


def _files(package: Package) -> Mapping[str, str]:
    text = render("cmsis-pack/package.pdsc.j2", package, core=_core(package), category=_category)
    return {f"barecast.{package.name}.pdsc": text, "LICENSE": licence()}


def _core(package: Package) -> str:
    """The schema's name of the core: Cortex-M4, Cortex-M0+; none for portable C."""
    if package.target.profile == "host":
        return ""
    return package.target.name.replace("cortex-", "Cortex-").replace("plus", "+").replace("-m", "-M").replace("-a", "-A")


def _category(path: str) -> str:
    return _CATEGORIES.get(path[path.rfind(".") :], "other")


def _objection(package: Package) -> tuple[str, str] | None:
    if package.target.profile != "a":
        return None
    return f"CMSIS-Packs are for Cortex-M, the target is {package.target.name}", "choose another export"


EXPORT = Export("CMSIS-Pack", _files, _objection)
