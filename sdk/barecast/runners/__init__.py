"""Runs an image on inputs: directly, under qemu-user or on a board of qemu-system-arm; outputs, stack, instructions."""

from __future__ import annotations

import re
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from barecast.errors import InternalError, ToolError, UsageError, printable
from barecast.graph import DType
from barecast.runners import counting
from barecast.runners.counting import Block
from barecast.schedule import ARENA, STATE
from barecast.toolchain import Image, command

__all__ = ["ModelResult", "Result", "StepCount", "Stray", "TraceRecord", "read_response", "run", "write_request"]

FAULT = 101
"""BC_HARNESS_FAULT: the exit status of an image that a fault stopped."""


@dataclass(frozen=True)
class StepCount:
    """A step by its C function. instructions: mean per inference, library functions included; None on the host."""

    name: str
    instructions: float | None


@dataclass(frozen=True, eq=False)
class TraceRecord:
    """Output `output` of step `step` in the run of sample `sample`; data has the dtype and shape of the manifest.

    A step that runs by rows has a record for each row, with an extent of 1 in place of the rows.
    """

    sample: int
    step: int
    output: int
    data: np.ndarray


@dataclass(frozen=True)
class Stray:
    """Step `step` wrote a byte that is not its own, in the run of sample `sample`: the first one of its region (of
    MemoryPlan.region_names). offset: below 0 or beyond the region's end in the guards around it."""

    sample: int
    step: int
    region: str
    offset: int


@dataclass(frozen=True, eq=False)
class ModelResult:
    """What one model of the image did with its samples, in order and from the state after a reset if it has states.

    outputs: the author's output name -> array [samples, *shape]. instructions: mean per
    inference, all steps and their calls; None on the host or where nothing was counted.
    stack_bytes: the deepest of all samples, return address of NAME_run included.
    guard_ok: False if the bytes just before or after the arena or the state were written.
    trace: empty unless the model was generated with tracing; strays: unless it was to be probed.
    """

    name: str
    samples: int
    outputs: Mapping[str, np.ndarray]
    instructions: float | None
    steps: tuple[StepCount, ...]
    stack_bytes: int
    guard_ok: bool
    trace: tuple[TraceRecord, ...]
    strays: tuple[Stray, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """models: in the image's order. blocks: executed code by block and owner (empty if nothing was counted)."""

    models: tuple[ModelResult, ...]
    blocks: tuple[Block, ...]


Inputs = Mapping[str, np.ndarray]


def run(image: Image, inputs: Inputs | Sequence[Inputs], *, count: bool = True, timeout: float = 300.0) -> Result:
    """Runs every model of the image on its samples.

    inputs: for each model a mapping from its inputs' names to arrays [samples, *shape] (or
    [*shape] for one sample); for an image of one model the mapping alone. count: count
    instructions, where the target has an emulator. timeout: seconds for the whole run.
    UsageError: inputs that do not fit; ToolError: no emulator, a fault, no end in time.
    """
    samples = _all_samples(image, inputs)
    owners = counting.owners(image) if count and image.target.emulator else None
    with tempfile.TemporaryDirectory(prefix="barecast-") as name:
        folder = Path(name)
        (folder / "request.bin").write_bytes(b"".join(_requests(image, samples)))
        _execute(image, folder, owners, timeout)
        response = (folder / "response.bin").read_bytes()
        traced, strayed = (
            (folder / name).read_bytes() if (folder / name).exists() else b"" for name in ("trace.bin", "strays.bin")
        )
        blocks = counting.read_blocks(folder, owners) if owners else ()
    counts = [len(s) for s in samples]
    traces, strays = _traces(image, counts, traced), _strays(image, counts, strayed)
    return _result(image, counts, response, traces, strays, blocks, owners is not None)


def write_request(image: Image, inputs: Inputs | Sequence[Inputs], folder: Path) -> None:
    """request.bin of `run` in a folder: what the image reads, and answers in response.bin, wherever it runs."""
    (folder / "request.bin").write_bytes(b"".join(_requests(image, _all_samples(image, inputs))))


def read_response(image: Image, inputs: Inputs, folder: Path) -> Mapping[str, np.ndarray]:
    """The outputs of an image of one model that ran elsewhere: response.bin of a folder, for the inputs that
    `write_request` put there. image: need not be there any more, only its model counts.

    UsageError: no response.bin, or one for other inputs or another model.
    """
    samples = _all_samples(image, inputs)
    shown = printable(str(folder), 400)
    try:
        asked, response = ((folder / name).read_bytes() for name in ("request.bin", "response.bin"))
    except OSError as error:
        remedy = "build the image with --image alone, and run it there"
        raise UsageError(f"cannot read {Path(str(error.filename)).name} in {shown}: {error.strerror}", remedy=remedy) from None
    expected = len(samples[0]) * (12 + sum(port["bytes"] for port in image.models[0]["outputs"]))
    if asked != b"".join(_requests(image, samples)):
        raise UsageError(f"the image in {shown} was built for other inputs", remedy="build it again, and run it")
    if len(response) != expected:
        reason = f"response.bin in {shown} has {len(response)} bytes, the model answers with {expected}"
        raise UsageError(reason, remedy="build the image again, and let it run to its end")
    return _result(image, [len(samples[0])], response, [()], [()], (), False).models[0].outputs


def _all_samples(image: Image, inputs: Inputs | Sequence[Inputs]) -> list[list[list[bytes]]]:
    each = [inputs] if isinstance(inputs, Mapping) else list(inputs)
    if len(each) != len(image.models):
        raise UsageError(f"inputs for {len(each)} models, the image has {len(image.models)}")
    return [_samples(model, arrays) for model, arrays in zip(image.models, each, strict=True)]


def _samples(model: Mapping[str, Any], arrays: Inputs) -> list[list[bytes]]:
    """For each sample the bytes of the model's inputs, in order."""
    known = ", ".join(printable(port["name"]) for port in model["inputs"]) or "none"
    ports = {port["name"]: port for port in model["inputs"]}
    if surplus := [name for name in arrays if name not in ports]:
        raise UsageError(f'the model has no input "{printable(surplus[0])}"', remedy=f"its inputs are: {known}")
    if absent := [name for name in ports if name not in arrays]:
        raise UsageError(f'no data for input "{printable(absent[0])}"', remedy=f"give an array for each of: {known}")
    batches = {}
    for name, port in ports.items():
        array, shape, dtype = np.asarray(arrays[name]), tuple(port["shape"]), DType(port["dtype"]).numpy
        if array.shape == shape:
            array = array[np.newaxis]
        if array.dtype != dtype or array.shape[1:] != shape:
            raise UsageError(
                f'input "{printable(name)}" is {array.dtype} {list(array.shape)}, '
                f"the model wants {dtype} {list(shape)}, or several samples of that along one axis more"
            )
        batches[name] = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
    counts = {name: len(batch) for name, batch in batches.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{printable(name)} {n}" for name, n in counts.items())
        raise UsageError(f"the inputs have different numbers of samples: {told}")
    n = next(iter(counts.values()), 1)
    return [[batches[name][i].tobytes() for name in ports] for i in range(n)]


def _requests(image: Image, samples: Sequence[Sequence[Sequence[bytes]]]) -> list[bytes]:
    return [struct.pack("<I", index) + b"".join(ports) for index, some in enumerate(samples) for ports in some]


def _execute(image: Image, folder: Path, owners: counting.Owners | None, timeout: float) -> None:
    """Runs the image in `folder`, counting if owners are given."""
    path = image.path.resolve()
    if not image.target.emulator:
        _finish(image, [str(path)], folder, timeout)
        return
    program = command(image.target.emulator[0], image.target.emulator_package)
    line = [program, *image.target.emulator[1:]]
    if image.board is not None and not image.board.machine:
        remedy = "`barecast run --image DIR` builds what is flashed to it; to run here take --target or an emulated board"
        raise UsageError(f"board {image.board.name} has no emulator", remedy=remedy)
    if image.board is not None:
        line += ["-M", image.board.machine, "-display", "none", "-monitor", "none", "-serial", "none"]
        line += ["-semihosting-config", "enable=on,target=native"]
    tail = ["-kernel", str(path)] if image.board is not None else [str(path)]
    if owners is None:
        _finish(image, [*line, *tail], folder, timeout)
        return
    counting.write_owners(folder, owners)
    api = counting.FIRST_API
    while True:
        shutil.copy(counting.plugin(path.parent, api), folder / counting.PLUGIN)
        try:
            _finish(image, [*line, *counting.PLUGIN_ARGUMENTS, *tail], folder, timeout)
            return
        except ToolError as error:
            newer = re.search(r"supports only a minimum version of (\d+)", error.reason)
            if newer is None or int(newer[1]) <= api:
                raise
            api = int(newer[1])
            if api > counting.LAST_API:
                raise ToolError(
                    f"{program} has version {api} of the plugin interface, newer than {counting.LAST_API}",
                    remedy="use QEMU 7.2 to 10, or run without counting instructions",
                ) from error


def _finish(image: Image, line: Sequence[str], folder: Path, timeout: float) -> None:
    try:
        done = subprocess.run(
            line,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{_where(image)}: no end after {timeout:g} s", remedy="run fewer samples") from None
    if done.returncode == 0:
        return
    said = " ".join((done.stderr or done.stdout).split())[:600] or "it said nothing"
    if done.returncode == FAULT:
        raise ToolError(f"{_where(image)}: {said}{_function_at(image, said)}")
    if done.returncode < 0:
        raise ToolError(f"{_where(image)}: ended by {signal.Signals(-done.returncode).name}: {said}")
    raise ToolError(f"{_where(image)}: exit status {done.returncode}: {said}")


def _where(image: Image) -> str:
    return f"running on {image.target.name}" + (f", board {image.board.name}" if image.board else "")


def _function_at(image: Image, said: str) -> str:
    """The function in which the fault's program counter lies, if it says so."""
    found = re.search(r"at pc 0x([0-9a-f]{8})", said)
    name = counting.function_at(image, int(found[1], 16)) if found else None
    return f" (in {name})" if name else ""


def _result(
    image: Image,
    counts: Sequence[int],
    response: bytes,
    traces: Sequence[Sequence[TraceRecord]],
    strays: Sequence[Sequence[Stray]],
    blocks: Sequence[Block],
    counted: bool,
) -> Result:
    totals = counting.totals(blocks)
    place, models = 0, []
    for index, (model, n) in enumerate(zip(image.models, counts, strict=True)):
        outputs: dict[str, list[np.ndarray]] = {port["name"]: [] for port in model["outputs"]}
        stack, damage = 0, 0
        for _ in range(n):
            if place + 12 > len(response):
                raise ToolError(f"{_where(image)}: the image ended before its last answer")
            number, damaged, used = struct.unpack_from("<III", response, place)
            if number != index:
                raise InternalError(f"the harness answered for model {number} where model {index} was asked")
            place, stack, damage = place + 12, max(stack, used), damage | damaged
            for port in model["outputs"]:
                data = response[place : place + port["bytes"]]
                outputs[port["name"]].append(_array(data, port))
                place += port["bytes"]
        steps = tuple(
            StepCount(step["name"], totals.get((index, step["name"]), 0) / max(n, 1) if counted else None)
            for step in model["steps"]
        )
        whole = sum(instructions for (of_model, _), instructions in totals.items() if of_model == index)
        models.append(
            ModelResult(
                name=model["name"],
                samples=n,
                outputs={name: _stacked(arrays, model, name) for name, arrays in outputs.items()},
                instructions=whole / max(n, 1) if counted else None,
                steps=steps,
                stack_bytes=stack,
                guard_ok=damage == 0,
                trace=tuple(traces[index]),
                strays=tuple(strays[index]),
            )
        )
    return Result(tuple(models), tuple(blocks))


def _traces(image: Image, counts: Sequence[int], traced: bytes) -> list[list[TraceRecord]]:
    """Trace records by model."""
    runs = _runs(counts)
    records: list[list[TraceRecord]] = [[] for _ in counts]
    place = 0
    while place < len(traced):
        run_number, step, output, size = struct.unpack_from("<IIII", traced, place)
        place += 16
        index, sample = runs[run_number]
        port = image.models[index]["steps"][step]["outputs"][output]
        if size < port["bytes"]:  # rows of it
            port = {**port, "shape": [1, size * port["shape"][1] // port["bytes"], *port["shape"][2:]]}
        records[index].append(TraceRecord(sample, step, output, _array(traced[place : place + size], port)))
        place += size
    return records


def _strays(image: Image, counts: Sequence[int], strayed: bytes) -> list[list[Stray]]:
    """What steps wrote that is not their own, by model."""
    runs = _runs(counts)
    records: list[list[Stray]] = [[] for _ in counts]
    for run_number, step, region, offset in struct.iter_unpack("<IIIi", strayed):
        index, sample = runs[run_number]
        arenas = [arena["name"] for arena in image.models[index].get("regions", [{"name": ARENA}])]
        records[index].append(Stray(sample, step, [*arenas, STATE][region], offset))
    return records


def _runs(counts: Sequence[int]) -> list[tuple[int, int]]:
    """(model, sample) of each run; runs are numbered through the models in order."""
    return [(index, sample) for index, n in enumerate(counts) for sample in range(n)]


def _array(data: bytes, port: Mapping[str, Any]) -> np.ndarray:
    dtype = DType(port["dtype"]).numpy.newbyteorder("<")
    return np.frombuffer(data, dtype).reshape(port["shape"]).astype(dtype.newbyteorder("="))


def _stacked(arrays: Sequence[np.ndarray], model: Mapping[str, Any], name: str) -> np.ndarray:
    if arrays:
        return np.stack(arrays)
    port = next(port for port in model["outputs"] if port["name"] == name)
    return np.zeros((0, *port["shape"]), DType(port["dtype"]).numpy)
