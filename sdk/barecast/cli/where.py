"""barecast where: what other build systems ask for."""

from __future__ import annotations

from typing import Annotated

import typer

from barecast import integrations, report
from barecast.cli.choices import Debug
from barecast.errors import UsageError, printable

PLACES = {"cmake": integrations.cmake_dir, "scons": integrations.scons_toolpath}


def command(
    what: Annotated[str, typer.Argument(metavar="|".join(PLACES), help="The build system.", show_default=False)],
    debug: Debug = False,
) -> None:
    """Print the folder of the CMake package, or of the SCons tool."""
    if what not in PLACES:
        raise UsageError(f"there is nothing for {printable(what)}", remedy=f"choose one of {', '.join(PLACES)}")
    report.print_line(str(PLACES[what]()))
