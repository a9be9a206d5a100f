"""Compilers: generated folders become an image with the test harness, and their sizes are measured."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from barecast import boards, resources
from barecast.boards import Board, Place
from barecast.cmsis_nn import library
from barecast.errors import InternalError, ToolError, UsageError
from barecast.targets import Target

__all__ = ["Image", "Sizes", "build", "build_shared", "command", "copy_image", "sizes", "sizes_of", "writable_symbols"]

STACK_USAGE = "-fstack-usage"
"""Has the compiler write each function's frame to a file .su beside the object; barecast.stack reads it."""

JOBS = os.cpu_count() or 1
"""Compilers that run at the same time."""

GUARD = 64
"""BC_HARNESS_GUARD of runtime_c/harness/bc_harness.h: the largest alignment an arena can have."""


@dataclass(frozen=True, eq=False)
class Image:
    """A program that runs models on requests. board: None where an operating system runs it.
    models: the manifests, in the order of the requests' model numbers. objects: what the models were compiled to."""

    path: Path
    target: Target
    board: Board | None
    models: tuple[Mapping[str, Any], ...]
    objects: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """Bytes of one model in an image: code with the library functions it calls, the weights file's
    constants, other constants, and writable data (which generated code has none of). hot_bytes: of the weights, what
    start-up copies to RAM."""

    code_bytes: int
    weights_bytes: int
    const_bytes: int
    data_bytes: int
    bss_bytes: int
    hot_bytes: int = 0


class _Overflow(Exception):
    """The linker's complaint. missing: region -> bytes that it lacks."""

    def __init__(self, missing: Mapping[str, int]):
        self.missing = missing
        super().__init__(str(missing))


def build(
    folders: Path | Sequence[Path],
    target: Target,
    board: Board | None = None,
    *,
    out: Path,
    optimize: str = "speed",
    extra: Sequence[str] = (),
) -> Image:
    """One image of generated folders (each with its manifest.json) and the harness.

    board: None takes the first of the target's boards in which everything fits. out: folder
    for objects and image, created if absent. optimize: as Options.optimize. extra: more
    compiler flags. ToolError: a compiler is missing or fails; UsageError: the models
    do not fit the board.
    """
    folders = [Path(folders)] if isinstance(folders, (str, Path)) else [Path(folder) for folder in folders]
    out = Path(out)
    if board is not None and target.profile != "m" and not board.is_linux:
        raise UsageError(f"target {target.name} runs on no board", remedy="leave the board out")
    if board is not None and target.name != board.target and board.name not in target.boards:
        remedy = f"choose one of {', '.join(target.boards)}, or target {board.target}"
        raise UsageError(f"board {board.name} is not one for target {target.name}", remedy=remedy)
    models = tuple(_manifest(folder) for folder in folders)
    _check_models(models)
    _check_boards(models, board)
    compiled = tuple(_compile_all(folders, models, target, out, optimize, extra))
    objects = [*compiled, *_compile_harness(models, target, out)]
    path = out / boards.IMAGE_FILES["elf"]
    if target.profile != "m":
        _gcc(target, [*target.core_flags, *target.link_flags, *_listed(objects, out), "-o", str(path), "-lm"])
        return Image(path, target, None, models, compiled)
    candidates = [board] if board else [boards.load(name) for name in target.boards]
    problems: dict[str, _Overflow] = {}
    for candidate in candidates:
        for place in candidate.places:
            try:
                _link_board(objects, target, candidate, place, path)
            except _Overflow as overflow:
                # What the board's own memories lack, not what the last way out lacks, is for the user to know.
                problems.setdefault(candidate.name, overflow)
            else:
                return Image(path, target, candidate, models, compiled)
    raise _too_large(candidates[-1], problems[candidates[-1].name])


def copy_image(image: Image, folder: Path) -> None:
    """The image as boards.IMAGE_FILES: what a program for Linux is, and what flashing tools read."""
    shutil.copy(image.path, folder / boards.IMAGE_FILES["elf"])
    if image.board is None:
        return
    program = command(f"{image.target.prefix}objcopy", image.target.package)
    for kind, form in (("hex", "ihex"), ("bin", "binary")):
        line = [program, "-O", form, str(image.path), str(folder / boards.IMAGE_FILES[kind])]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ToolError(f"{image.target.prefix}objcopy failed: {' '.join(done.stderr.split())[:400]}")


def build_shared(folder: Path, target: Target, *, out: Path, optimize: str = "speed") -> Path:
    """A shared library of one generated folder's model, for the machine that barecast runs on (target host)."""
    folder, out = Path(folder), Path(out)
    objects = _compile_models([folder], (_manifest(folder),), target, out, optimize, ("-fPIC",))
    path = out / "model.so"
    # Bsymbolic: two models with the same prefix in one process must not find each other's weights.
    _gcc(target, ["-shared", "-Wl,-Bsymbolic", *_listed(objects, out), "-o", str(path)])
    return path


def sizes(folder: Path, target: Target, *, out: Path, optimize: str = "speed") -> Sizes:
    """Sizes of one generated folder's model, compiled for it; as `sizes_of`."""
    model = _manifest(Path(folder))
    objects = _compile_all([Path(folder)], (model,), target, Path(out), optimize, ())
    return _measured(objects, model, target, Path(out))


def sizes_of(image: Image) -> Sizes:
    """Sizes of an image's one model. For bare metal, code counts the library functions that the model pulls in; under
    an operating system it counts the model's own."""
    (model,) = image.models
    return _measured(image.objects, model, image.target, image.path.parent)


def _measured(objects: Sequence[Path], model: Mapping[str, Any], target: Target, out: Path) -> Sizes:
    script, path = out / "probe.ld", out / "probe.elf"
    script.write_text(resources.text("boards", "common/probe.ld"), encoding="utf-8")
    flags = [*target.core_flags, "-nostartfiles", "-static", "-T", str(script), f"-Wl,-e,{model['name']}_run"]
    flags += [f"-Wl,-u,{model['name']}_state_reset"] if model["states"] else []
    flags += ["-Wl,--gc-sections,--build-id=none,--unresolved-symbols=ignore-all,--no-warn-rwx-segments"]
    libraries = ["-lm"] if target.profile == "m" else ["-nostdlib", "-no-pie"]
    _gcc(target, [*flags, *_listed(objects, out), "-o", str(path), *libraries])
    with path.open("rb") as file:
        found = {section.name: section["sh_size"] for section in ELFFile(file).iter_sections()}
    hot = found.get(".bc_hot", 0)
    weights, constants = found.get(".bc_weights", 0) + hot, found.get(".rodata", 0)
    if not any(Path(name).name in _weights_files(model) for name in model["files"]):
        # A model in a single file: its constants are all in one section, the manifest tells them apart.
        cold = min(constants, max(0, sum(step["weights_bytes"] for step in model["steps"]) - hot))
        weights, constants = cold + hot, constants - cold
    return Sizes(found.get(".text", 0), weights, constants, found.get(".data", 0), found.get(".bss", 0), hot)


def writable_symbols(folder: Path, target: Target, *, out: Path) -> tuple[str, ...]:
    """Names of the model's variables that are not constant. Generated code promises to have none."""
    folder = Path(folder)
    objects = _compile_models([folder], (_manifest(folder),), target, Path(out), "speed", ())
    found = []
    for path in objects:
        with path.open("rb") as file:
            elf = ELFFile(file)
            wanted = SH_FLAGS.SHF_WRITE | SH_FLAGS.SHF_ALLOC
            sections = {i for i, s in enumerate(elf.iter_sections()) if s["sh_flags"] & wanted == wanted}
            table = elf.get_section_by_name(".symtab")
            found += [
                symbol.name
                for symbol in table.iter_symbols()
                if symbol["st_info"]["type"] == "STT_OBJECT"
                and (symbol["st_shndx"] == "SHN_COMMON" or symbol["st_shndx"] in sections)
            ]
    return tuple(sorted(found))


def command(program: str, package: str) -> str:
    """The path of an installed program; ToolError tells the package that has it."""
    path = shutil.which(program)
    if path is None:
        remedy = f"on Debian or Ubuntu: apt-get install {package}" if package else "put it on PATH"
        raise ToolError(f"{program} is not installed", remedy=remedy)
    return path


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / "manifest.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder} has no manifest.json", remedy="give a folder that barecast generated") from None


def _check_models(models: Sequence[Mapping[str, Any]]) -> None:
    names = [model["name"] for model in models]
    if not names:
        raise UsageError("an image needs at least one model")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        remedy = "generate one of them under another name"
        raise UsageError(f"two models of one image are named {twice[0]}", remedy=remedy)
    for model in models:
        if (align := model["arena_align"]) > GUARD:
            raise InternalError(f"{model['name']} wants an arena aligned to {align} bytes, the harness has {GUARD}")


def _check_boards(models: Sequence[Mapping[str, Any]], board: Board | None) -> None:
    """UsageError if a model was made for another board: its memory is divided between that one's."""
    for model in models:
        made_for = model.get("board")
        if made_for is not None and (board is None or board.name != made_for):
            raise UsageError(
                f"{model['name']} was generated for board {made_for}, not for {board.name if board else 'any'}",
                remedy=f"build it for board {made_for}, or generate it again",
            )


def _arenas(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The harness's arenas of a model, in the order of NAME_arenas."""
    if (regions := model.get("regions")) is None:
        return [{"symbol": "bc_harness_arena", "section": ".bc_arena", "bytes": model["arena_bytes"]}]
    return [
        {"symbol": f"bc_harness_arena_{region['name']}", "section": region["section"], "bytes": region["bytes"]}
        for region in regions
    ]


def _arena_of(model: Mapping[str, Any], port: Mapping[str, Any]) -> int:
    """The number of the arena that a port lies in."""
    return [region["name"] for region in model["regions"]].index(port["region"]) if "regions" in model else 0


def _shared_arenas(models: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each of them once, as large as the largest."""
    found: dict[str, dict[str, Any]] = {}
    for arena in (arena for model in models for arena in _arenas(model)):
        known = found.setdefault(arena["symbol"], dict(arena))
        known["bytes"] = max(known["bytes"], arena["bytes"])
    return list(found.values())


def _compile_all(
    folders: Sequence[Path],
    models: Sequence[Mapping[str, Any]],
    target: Target,
    out: Path,
    optimize: str,
    extra: Sequence[str],
) -> list[Path]:
    """The models, and what they need of CMSIS-NN if any of them calls it."""
    wanted = [theirs["single_rounding"] for model in models if (theirs := model.get("cmsis_nn"))]
    if not wanted:
        return _compile_models(folders, models, target, out, optimize, extra)
    if {True, False} <= set(wanted):
        raise UsageError(
            "one image has one CMSIS-NN, and these models want it with both roundings",
            remedy="generate all of them with one --rounding",
        )
    place = library.root()
    include = f"-I{place / 'Include'}"
    objects = _compile_models(folders, models, target, out, optimize, [*extra, include])
    texts = (
        (folder / name).read_text(encoding="utf-8")
        for folder, model in zip(folders, models, strict=True)
        for name in model["files"]
        if name.endswith((".c", ".h"))
    )
    flags = [flag for flag in target.flags if not flag.startswith("-W")]
    flags += [*target.optimize[optimize], STACK_USAGE, "-w", include, *([library.SINGLE_ROUNDING] if True in wanted else [])]
    theirs = library.sources(place, texts)
    jobs = [(source, out / "objects" / "cmsis-nn" / f"{source.stem}.o", flags) for source in theirs]
    return objects + _compile(jobs, target)


def _compile_models(
    folders: Sequence[Path],
    models: Sequence[Mapping[str, Any]],
    target: Target,
    out: Path,
    optimize: str,
    extra: Sequence[str],
) -> list[Path]:
    flags = [*target.flags, *target.optimize[optimize], STACK_USAGE, *extra]
    jobs = []
    for folder, model in zip(folders, models, strict=True):
        for source in sorted(name for name in model["files"] if name.endswith((".c", ".s"))):
            # boards/common/link.ld.j2 knows the weights by this suffix.
            suffix = ".weights.o" if Path(source).name in _weights_files(model) else ".o"
            path = out / "objects" / model["name"] / (Path(source).stem + suffix)
            jobs.append((folder / source, path, [*flags, f"-I{folder}"]))
    return _compile(jobs, target)


def _weights_files(model: Mapping[str, Any]) -> set[str]:
    """The names that the file of constants can have: C or assembler."""
    return {f"{model['name']}_weights.c", f"{model['name']}_weights.s"}


def _compile_harness(models: Sequence[Mapping[str, Any]], target: Target, out: Path) -> list[Path]:
    folder = out / "harness"
    (folder / "barecast").mkdir(parents=True, exist_ok=True)
    header = resources.text("runtime_c", "harness/bc_harness.h")
    (folder / "barecast" / "bc_harness.h").write_text(header, encoding="utf-8")
    watched = [model for model in models if "probes" in model]
    sources = {
        "models.c": _rendered(
            "templates",
            "harness/models.c.j2",
            models=[{**model, "moments": _moments(model), "fed": _is_fed(model)} for model in models],
            arenas=_shared_arenas(models),
            arenas_of=_arenas,
            arena_of=_arena_of,
            state_bytes=max(model["state_bytes"] for model in models),
            shadow_bytes=max((model["arena_bytes"] + model["state_bytes"] for model in watched), default=0),
        ),
        "harness.c": resources.text("runtime_c", "harness/harness.c"),
        "probe.c": resources.text("runtime_c", "harness/probe.c"),
    }
    if target.profile == "m":
        sources["startup.c"] = resources.text("boards", "common/startup.c")
        sources["semihosting.c"] = resources.text("boards", "common/semihosting.c")
    else:
        sources["stdio.c"] = resources.text("runtime_c", "harness/stdio.c")
    for name, text in sources.items():
        (folder / name).write_text(text, encoding="utf-8")
    flags = [*target.flags, "-O2", f"-I{folder}"]
    return _compile([(folder / name, folder / f"{Path(name).stem}.o", flags) for name in sources], target)


def _is_fed(model: Mapping[str, Any]) -> bool:
    """Whether the model's input comes in rows: then it has no place in the arena."""
    return any(port["offset"] is None for port in model["inputs"])


def _moments(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the harness watches (emit/probes.py): before the first step and after each; [] for a model that is not."""
    if "probes" not in model:
        return []
    found, first = [], 0
    for moment in ({"writes": [], "keeps": model["probes"]["before"]}, *model["probes"]["steps"]):
        spans = [*moment["writes"], *moment["keeps"]]
        found.append({"first": first, "writes": len(moment["writes"]), "keeps": len(moment["keeps"]), "spans": spans})
        first += len(spans)
    return found


def _compile(jobs: Sequence[tuple[Path, Path, Sequence[str]]], target: Target) -> list[Path]:
    def one(job: tuple[Path, Path, Sequence[str]]) -> Path:
        source, path, flags = job
        path.parent.mkdir(parents=True, exist_ok=True)
        _gcc(target, [*flags, "-c", str(source), "-o", str(path)])
        return path

    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(one, jobs))


def _link_board(objects: Sequence[Path], target: Target, board: Board, place: Place, path: Path) -> None:
    script = path.with_suffix(".ld")
    script.write_text(_rendered("boards", "common/link.ld.j2", board=board, place=place), encoding="utf-8")
    flags = [*target.core_flags, *target.link_flags, "-Wl,--no-warn-rwx-segments", "-T", str(script)]
    _gcc(target, [*flags, *_listed(objects, path.parent), "-o", str(path), "-lm"])


def _rendered(kind: str, path: str, **values: object) -> str:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(resources.text(kind, path)).render(**values)


def _listed(objects: Sequence[Path], out: Path) -> list[str]:
    """The objects by way of a file: there can be more than a command line takes."""
    path = out / "objects.txt"
    path.write_text("".join(f'"{str(o).translate(_QUOTED)}"\n' for o in objects), encoding="utf-8")
    return [f"@{path}"]


_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


def _gcc(target: Target, arguments: Sequence[str]) -> None:
    program = command(f"{target.prefix}gcc", target.package)
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    # The linker says: region `ram' overflowed by 1234 bytes.
    overflows = re.findall(r"region `(\w+)' overflowed by (\d+) bytes", done.stderr)
    if overflows:
        raise _Overflow({name: int(missing) for name, missing in overflows})
    said = done.stderr.splitlines()
    lines = [line for line in said if "error" in line or "undefined" in line] or said
    raise ToolError(f"{target.prefix}gcc failed:\n  " + "\n  ".join(lines[:20]))


def _too_large(board: Board, overflow: _Overflow) -> UsageError:
    lengths = {region.name: region.length for region in board.regions}
    needs = ", ".join(
        f"needs {lengths[name] + missing} bytes in {name}, which has {lengths[name]}"
        for name, missing in sorted(overflow.missing.items())
    )
    return UsageError(
        f"does not fit board {board.name}: {needs}",
        remedy="choose a larger board or a smaller model",
    )
