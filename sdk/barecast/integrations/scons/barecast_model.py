"""A tool for SCons: env.BarecastModel() makes a model's C and compiles it to a library.

    import barecast

    env = Environment(tools=["default", "barecast_model"], toolpath=[barecast.scons_toolpath()])
    kws = env.BarecastModel("kws.onnx", target="cortex-m4")
    env.Program("firmware.elf", ["main.c", kws])

The C is made again when the model, its external data, an option or barecast itself has changed, by content. SCons must
run with the Python that has barecast.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import SCons.Scanner
from barecast import boards, frontends, integrations, targets
from barecast.emit.identifiers import prefix_for
from SCons.Action import Action


def exists(env: Any) -> bool:
    return True


def generate(env: Any) -> None:
    """Adds the method, as SCons calls it for a tool."""
    env.AddMethod(_model, "BarecastModel")


def _model(
    env: Any,
    model: Any,
    name: str | None = None,
    target: str | None = None,
    board: str | None = None,
    folder: str | None = None,
    optimize: str = "speed",
    **options: Any,
) -> Any:
    """The static library of a model, as StaticLibrary returns it; env finds NAME.h from then on.

    name: prefix of files and C symbols, from the model's file name if left out. folder: where the C goes,
    barecast/NAME if left out. options: those of `barecast generate`, with underscores; a list repeats the option,
    shape=["input=1,3,32,32"] say.
    """
    (source,) = env.arg2nodes(model, env.fs.File)
    name = name or prefix_for(Path(str(source)).stem)
    place = env.Dir(folder or f"barecast/{name}")
    core = target or (boards.load(board).target if board else "host")
    given = {"name": name, "target": target, "board": board, "optimize": optimize, **options}
    made = env.Command(
        [place.File(f"{name}.c"), place.File(f"{name}.h"), place.File("manifest.json")],
        source,
        Action(_generate, _said, varlist=["BARECAST_ARGUMENTS"]),
        BARECAST_ARGUMENTS=["--single-file", *_arguments(given)],
        source_scanner=SCons.Scanner.Scanner(_external),
    )
    env.Depends(made, env.Value(integrations.fingerprint()))
    if board is not None and board.endswith(boards.SUFFIX):
        env.Depends(made, env.File(board))
    env.AppendUnique(CPPPATH=[place])
    compiler = env.Clone()
    command = os.path.basename(compiler.subst("$CC"))
    if "gcc" in command or "clang" in command:
        compiler.Append(CCFLAGS=list(targets.load(core).firmware_options(optimize)))
    if "gcc" in command:
        compiler.Append(CCFLAGS=list(targets.load(core).gcc_options))
    library = compiler.subst(f"${{LIBPREFIX}}{name}${{LIBSUFFIX}}")
    return compiler.StaticLibrary(place.File(library), made[0])


def _arguments(given: dict[str, Any]) -> list[str]:
    found = []
    for key, value in given.items():
        option = f"--{key.replace('_', '-')}"
        for one in value if isinstance(value, list | tuple) else [value]:
            found += [] if one is None or one is False else [option] if one is True else [option, str(one)]
    return found


def _external(node: Any, env: Any, path: Any) -> list[Any]:
    """The files beside a model that hold its tensors."""
    return [env.File(str(file)) for file in frontends.files(node.get_abspath())[1:]] if node.exists() else []


def _generate(target: Sequence[Any], source: Sequence[Any], env: Any) -> int:
    folder, package = target[0].dir.get_abspath(), Path(integrations.__file__).parents[2]
    paths = [str(package), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-m", "barecast", "generate", source[0].get_abspath(), "-o", folder]
    done = subprocess.run(
        [*command, *env["BARECAST_ARGUMENTS"]], env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, check=False
    )
    return done.returncode


def _said(target: Sequence[Any], source: Sequence[Any], env: Any) -> str:
    return f"barecast generate {source[0]} -o {target[0].dir} {' '.join(env['BARECAST_ARGUMENTS'])}"
