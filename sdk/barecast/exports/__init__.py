"""Generated C for build systems. The folder is the registry: every module here has one EXPORT, and its name is the
module's with dashes.

An export adds build files to the tree and changes no file of the model. docs/exports.md shows how each is used.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from barecast import emit, resources
from barecast.emit import SourceTree
from barecast.errors import UsageError, printable
from barecast.graph import DType
from barecast.options import Options
from barecast.targets import Target
from barecast.version import __version__

__all__ = [
    "Export",
    "Package",
    "add",
    "check_known",
    "licence",
    "names",
    "no_cmsis_nn",
    "no_microcontroller",
    "render",
    "settled",
]

SOURCES = (".c", ".s")
"""What is compiled. An assembler file has no need of the preprocessor; gcc and clang take it as they take C."""


@dataclass(frozen=True)
class Package:
    """What build files are made from. manifest: the model's. exports: all that were asked for, sorted.

    folder: of NAME.h and of everything that is compiled, "" or one that ends in "/". files: the model's own, sorted, by
    their path in the tree.
    """

    manifest: Mapping[str, Any]
    target: Target
    options: Options
    exports: tuple[str, ...]
    folder: str
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """NAME: a C identifier, so it needs no quoting in any build file."""
        return self.manifest["name"]

    @property
    def macro(self) -> str:
        return self.name.upper()

    @property
    def version(self) -> str:
        """barecast's: a model's file has none that one could rely on."""
        return __version__

    @property
    def made_for(self) -> str:
        return "any core" if self.target.profile == "host" else self.target.name

    @property
    def include(self) -> str:
        """The folder of NAME.h as a path."""
        return self.folder.rstrip("/") or "."

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Everything that is to be compiled."""
        return tuple(path for path in self.files if path.endswith(SOURCES))

    @property
    def has_assembly(self) -> bool:
        return any(path.endswith(".s") for path in self.sources)

    @property
    def compile_options(self) -> tuple[str, ...]:
        """What gcc and clang should compile the model with."""
        return self.target.firmware_options(self.options.optimize)

    @property
    def has_threads(self) -> bool:
        """Whether there is NAME_run_threads, and bc_pool.h beside it."""
        return self.options.threads > 1

    @property
    def is_installed(self) -> bool:
        """Whether the Makefile makes a shared library, too, and installs it."""
        return "pkg-config" in self.exports

    @property
    def abi(self) -> str:
        """Eight hex digits of what a program that includes NAME.h has compiled in: the calls, sizes, places and scales."""
        stated = {
            key: self.manifest[key]
            for key in ("arena_bytes", "arena_align", "state_bytes", "state_align", "inputs", "outputs", "states")
        }
        return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:8]

    @property
    def calls_cmsis_nn(self) -> bool:
        return self.manifest["cmsis_nn"] is not None

    @property
    def is_fed(self) -> bool:
        """Whether the input comes in rows."""
        return any(port["offset"] is None for port in self.manifest["inputs"])

    @property
    def arenas(self) -> tuple[str, ...]:
        """The members of NAME_arenas; none where the model has one arena."""
        regions = self.manifest.get("regions", ())
        return tuple(region["name"] for region in regions) if len(regions) > 1 else ()

    @staticmethod
    def c_type(port: Mapping[str, Any]) -> str:
        return DType(port["dtype"]).c


@dataclass(frozen=True)
class Export:
    """A build system. files: the text of the build files, by path. objection: why a model cannot be exported to it, with
    what to do about it; None if it can. moves_to: the folder that it wants all that is compiled in, "" for none.
    takes_assembler: whether constants may be in an assembler file."""

    title: str
    files: Callable[[Package], Mapping[str, str]]
    objection: Callable[[Package], tuple[str, str] | None] = lambda package: None
    moves_to: str = ""
    takes_assembler: bool = True


@cache
def _all() -> Mapping[str, Export]:
    found = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda i: i.name):
        found[info.name.replace("_", "-")] = importlib.import_module(f"{__name__}.{info.name}").EXPORT
    return found


def names() -> tuple[str, ...]:
    """Every export there is, sorted."""
    return tuple(_all())


def check_known(wanted: Iterable[str]) -> None:
    """UsageError for a name that no export has."""
    for name in wanted:
        if name not in _all():
            raise UsageError(f"there is no export {printable(name)}", remedy=f"choose of {', '.join(names())}")


def settled(options: Options) -> Options:
    """The options with the constants in C, if they leave it open and an export that they name takes nothing else."""
    takes = all(_all()[name].takes_assembler for name in options.export)
    return options if takes or options.constants != "auto" else replace(options, constants="c")


def add(tree: SourceTree, wanted: Iterable[str], target: Target, options: Options) -> SourceTree:
    """The tree with the build files of these exports, and as it is if there are none.

    UsageError for an unknown name, or where a build system cannot have this model. The build files are listed in
    manifest.json, by export.
    """
    asked = tuple(sorted(set(wanted)))
    check_known(asked)
    if not asked:
        return tree
    folders = {_all()[name].moves_to for name in asked} - {""}
    folder = f"{folders.pop()}/" if folders else ""
    manifest = emit.manifest(tree)
    own = {path: f"{folder}{path}" for path in manifest["files"] if path != emit.MANIFEST}
    package = Package(manifest, target, options, asked, folder, tuple(sorted(own.values())))
    added: dict[str, Mapping[str, str]] = {}
    for name in asked:
        export = _all()[name]
        if package.has_assembly and not export.takes_assembler:
            raise UsageError(f"export {name}: it compiles no assembler file", remedy="leave --constants asm out")
        if objection := export.objection(package):
            raise UsageError(f"export {name}: {objection[0]}", remedy=objection[1])
        added[name] = export.files(package)
    files = {own.get(path, path): content for path, content in tree.files.items()}
    for texts in added.values():
        files |= texts
    stated = {
        "files": sorted([*package.files, emit.MANIFEST]),
        "exports": {name: sorted(texts) for name, texts in added.items()},
    }
    files[emit.MANIFEST] = emit.changed_manifest(tree, stated)
    return SourceTree(files)


def render(template: str, package: Package, **more: Any) -> str:
    """The text of templates/export/<template> for a package, which templates know as `p`."""
    return emit.render(f"export/{template}", p=package, **more)


def licence() -> str:
    """What the generated files are under."""
    return resources.text("runtime_c", "LICENSE")


def no_cmsis_nn(package: Package) -> tuple[str, str] | None:
    """The objection of a build system that has no way to find the library."""
    if not package.calls_cmsis_nn:
        return None
    return "the model calls CMSIS-NN, which this build has no way to find", "leave --kernels cmsis-nn out"


def no_microcontroller(package: Package) -> tuple[str, str] | None:
    """The objection of what only an operating system can have."""
    if package.target.profile != "m":
        return None
    remedy = "take a Cortex-A target, or leave --target out"
    return f"it is for Linux, the target {package.target.name} is a microcontroller", remedy
