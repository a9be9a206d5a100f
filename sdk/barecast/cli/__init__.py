"""The command line. Each command is a module with arguments and printing only; the work is done elsewhere."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import typer

from barecast.cli import boards, generate, inspect, ops, profile, report, run, targets, verify, where
from barecast.errors import BarecastError, printable
from barecast.version import __version__

BAD_INPUT = 2

app = typer.Typer(
    name="barecast",
    help="Turns a trained ONNX or TensorFlow Lite network into standalone C for ARM.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"barecast {__version__}")
        raise typer.Exit()


@app.callback()
def _common(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


for _command in (inspect, generate, run, verify, profile, report, targets, boards, ops, where):
    app.command(_command.__name__.rpartition(".")[2])(_command.command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits: 0 good, 1 a comparison failed, 2 bad usage or bad input."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(args=arguments, prog_name="barecast")
    except Exception as error:  # the border to the user: whatever happens becomes one message
        if "--debug" in arguments:
            traceback.print_exc()
        print(_message(error), file=sys.stderr)
        sys.exit(BAD_INPUT)


def _message(error: Exception) -> str:
    if isinstance(error, BarecastError):
        return f"barecast: {error.message()}"
    if isinstance(error, OSError) and error.strerror is not None:
        where = f"{printable(error.filename, 400)}: " if error.filename is not None else "cannot write: "
        return f"barecast: {where}{error.strerror}; name a place that can be read and written"
    kind = type(error).__name__
    return f"barecast: internal error: {kind}: {printable(error, 300)}; this is a bug in barecast, --debug shows where"
