"""A model compiled for this computer and callable from Python: how tests and notebooks run generated C."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import cffi
import numpy as np

from barecast import emit, pipeline, targets, toolchain
from barecast.errors import UsageError
from barecast.graph import DType, TensorType
from barecast.options import Options
from barecast.pipeline import Compiled
from barecast.samples import Converters, converters, input_types, match_samples, stack


class Instance:
    """An arena and a state of a compiled model: `CompiledModel.instance()` makes one. Not for two threads at a time."""

    def __init__(self, model: CompiledModel):
        self._model = model
        self._manifest = model.manifest
        self._arena = _aligned(self._manifest["arena_bytes"], self._manifest["arena_align"])
        self._state = _aligned(self._manifest["state_bytes"], self._manifest["state_align"])
        self.reset()

    def run(self, inputs: Mapping[str, np.ndarray] | np.ndarray) -> dict[str, np.ndarray]:
        """Outputs by name, for inputs by name; a bare array will do for a model with one input.

        Arrays have the model's dtypes and shapes, or one axis more in front for several
        samples, and so have the outputs then. Samples run in order: the states go on from one
        to the next, and from call to call. UsageError if the arrays do not fit.
        """
        wanted = self._model.input_types
        if isinstance(inputs, np.ndarray):
            if len(wanted) != 1:
                raise UsageError(f"the model has {len(wanted)} inputs", remedy="give a dict of arrays by input name")
            inputs = {next(iter(wanted)): inputs}
        samples = match_samples(inputs, wanted, convert=self._model.input_converters)
        rows = [self._run_one(samples.one(index)) for index in range(samples.count)]
        return rows[0] if samples.single or not wanted else stack(rows)

    def reset(self) -> None:
        """Gives the states their values from before the first run."""
        if self._manifest["states"]:
            self._model.call("state_reset", self._state)

    def states(self) -> dict[str, np.ndarray]:
        """The states' present values, by name."""
        return {state["name"]: _array(self._state, state) for state in self._manifest["states"]}

    def copy(self) -> Instance:
        """Another instance that goes on from the same state."""
        twin = Instance(self._model)
        twin._state[:] = self._state
        return twin

    def _run_one(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        fed = []
        for port in self._manifest["inputs"]:
            data = np.frombuffer(np.ascontiguousarray(arrays[port["name"]]).tobytes(), np.uint8)
            if port["offset"] is None:
                fed.append(data)
            else:
                self._arena[port["offset"] : port["offset"] + port["bytes"]] = data
        self._model.call("run", self._arena, *fed, *((self._state,) if self._manifest["states"] else ()))
        return {port["name"]: _array(self._arena, port) for port in self._manifest["outputs"]}


class CompiledModel:
    """Generated C in a shared library of its own, with an arena and a state of its own.

    Any number of them live side by side, also of the same model; `instance()` gives one more of this model
    cheaply. Use it as a context manager, or call `close()`; the library's temporary folder goes away with it.
    """

    def __init__(self, compiled: Compiled):
        self._compiled = compiled
        self._manifest = emit.manifest(compiled.tree)
        self._folder = tempfile.TemporaryDirectory(prefix="barecast-")
        try:
            self._load(Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise

    def _load(self, place: Path) -> None:
        sources = self._compiled.tree.write(place / "source")
        optimize = self._compiled.options.optimize
        library = toolchain.build_shared(sources, self._compiled.target, out=place / "build", optimize=optimize)
        self._ffi = cffi.FFI()
        fed = ", const void *input" if any(port["offset"] is None for port in self._manifest["inputs"]) else ""
        if self._manifest["states"]:
            self._ffi.cdef(f"void {self.name}_run(void *arena, void *state);")
            self._ffi.cdef(f"void {self.name}_state_reset(void *state);")
        else:
            self._ffi.cdef(f"void {self.name}_run(void *arena{fed});")
        self._library: Any = self._ffi.dlopen(str(library))
        self._instance = self.instance()

    def call(self, function: str, *memory: np.ndarray) -> None:
        """Calls the C function NAME_<function> with pointers to these arrays."""
        if self._library is None:
            raise UsageError("the compiled model is closed", remedy="compile it again")
        getattr(self._library, f"{self.name}_{function}")(*(self._ffi.from_buffer(array) for array in memory))

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The content of manifest.json."""
        return self._manifest

    @property
    def input_types(self) -> Mapping[str, TensorType]:
        """Name of each input -> its type."""
        return input_types(self._compiled.graph)

    @property
    def input_converters(self) -> Converters:
        """From real numbers to integers, for inputs that are integers because of `io`."""
        return converters(self._compiled.graph, self._compiled.graph.inputs)

    @property
    def name(self) -> str:
        """The prefix of the model's C symbols."""
        return self._manifest["name"]

    @property
    def arena_bytes(self) -> int:
        """All the memory that a run needs beside the stack."""
        return self._manifest["arena_bytes"]

    @property
    def state_bytes(self) -> int:
        """What one stream keeps from run to run; 0 for a model without states."""
        return self._manifest["state_bytes"]

    @property
    def sources(self) -> Mapping[str, str | bytes]:
        """Every generated file, by its path."""
        return self._compiled.tree.files

    def instance(self) -> Instance:
        """One more arena and state for the same code: a stream of its own, reset."""
        return Instance(self)

    def run(self, inputs: Mapping[str, np.ndarray] | np.ndarray) -> dict[str, np.ndarray]:
        """`Instance.run` of the model's own arena and state."""
        return self._instance.run(inputs)

    def reset(self) -> None:
        """Gives the states their values from before the first run. Nothing for a model without states."""
        self._instance.reset()

    def states(self) -> dict[str, np.ndarray]:
        """The states' present values, by name."""
        return self._instance.states()

    def close(self) -> None:
        """Unloads the library and removes its folder. A second call does nothing."""
        if self._library is not None:
            self._ffi.dlclose(self._library)
            self._library = None
        self._folder.cleanup()

    def __enter__(self) -> CompiledModel:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def compile(
    model: str | Path,
    *,
    target: str = "host",
    name: str | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    optimize: str = "speed",
    weights: str = "packed",
    kernels: str = "native",
    io_layout: str = "model",
    io: str = "model",
    rounding: str = "double",
    winograd: str = "on",
    ram: int | None = None,
    feed: str = "whole",
    planner: str = "fast",
) -> CompiledModel:
    """Generates C for a model, compiles it for this computer and loads it.

    target: "host" is the only one that runs in this process; `barecast.generate` and the
    command line's run and verify serve the others. The rest is as in Options.
    """
    if target != "host":
        raise UsageError(
            f"compile() runs code in this process, target {target} does not",
            remedy="use target='host', or barecast.generate()",
        )
    options = Options(
        name=name,
        shapes=shapes or {},
        optimize=optimize,
        weights=weights,
        kernels=kernels,
        io_layout=io_layout,
        io=io,
        rounding=rounding,
        winograd=winograd,
        ram=ram,
        feed=feed,
        planner=planner,
    )
    return CompiledModel(pipeline.compile_model(Path(model), targets.load(target), options))


def _array(memory: np.ndarray, part: Mapping[str, Any]) -> np.ndarray:
    """A copy of the part of the memory that an entry of the manifest describes."""
    raw = memory[part["offset"] : part["offset"] + part["bytes"]].tobytes()
    return np.frombuffer(raw, DType(part["dtype"]).numpy).reshape(part["shape"]).copy()


def _aligned(size: int, align: int) -> np.ndarray:
    """`size` bytes that start at a multiple of `align`. At least one, so that there is an address."""
    raw = np.zeros(max(size, 1) + align, np.uint8)
    start = -raw.ctypes.data % align
    return raw[start : start + max(size, 1)]
