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
from barecast.graph import DType
from barecast.options import Options
from barecast.pipeline import Compiled
from barecast.samples import input_types, match_samples, stack


class CompiledModel:
    """Generated C in a shared library of its own, with an arena of its own.

    Any number of them live side by side, also of the same model. Use it as a context
    manager, or call `close()`; the library's temporary folder goes away with it.
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
        self._ffi.cdef(f"void {self.name}_run(void *arena);")
        self._library: Any = self._ffi.dlopen(str(library))
        self._arena = _aligned(self.arena_bytes, self._manifest["arena_align"])

    @property
    def name(self) -> str:
        """The prefix of the model's C symbols."""
        return self._manifest["name"]

    @property
    def arena_bytes(self) -> int:
        """All the memory that a run needs beside the stack."""
        return self._manifest["arena_bytes"]

    @property
    def sources(self) -> Mapping[str, str | bytes]:
        """Every generated file, by its path."""
        return self._compiled.tree.files

    def run(self, inputs: Mapping[str, np.ndarray] | np.ndarray) -> dict[str, np.ndarray]:
        """Outputs by name, for inputs by name; a bare array will do for a model with one input.

        Arrays have the model's dtypes and shapes, or one axis more in front for several
        samples, and so have the outputs then. UsageError if they do not fit.
        """
        if self._library is None:
            raise UsageError("the compiled model is closed", remedy="compile it again")
        wanted = input_types(self._compiled.graph)
        if isinstance(inputs, np.ndarray):
            if len(wanted) != 1:
                raise UsageError(f"the model has {len(wanted)} inputs", remedy="give a dict of arrays by input name")
            inputs = {next(iter(wanted)): inputs}
        samples = match_samples(inputs, wanted)
        rows = [self._run_one(samples.one(index)) for index in range(samples.count)]
        return rows[0] if samples.single or not wanted else stack(rows)

    def _run_one(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        for port in self._manifest["inputs"]:
            data = np.frombuffer(np.ascontiguousarray(arrays[port["name"]]).tobytes(), np.uint8)
            self._arena[port["offset"] : port["offset"] + port["bytes"]] = data
        run = getattr(self._library, f"{self.name}_run")
        run(self._ffi.from_buffer(self._arena))
        return {port["name"]: self._output(port) for port in self._manifest["outputs"]}

    def _output(self, port: Mapping[str, Any]) -> np.ndarray:
        raw = self._arena[port["offset"] : port["offset"] + port["bytes"]].tobytes()
        return np.frombuffer(raw, DType(port["dtype"]).numpy).reshape(port["shape"]).copy()

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
        name=name, shapes=shapes or {}, optimize=optimize, weights=weights, kernels=kernels, io_layout=io_layout
    )
    return CompiledModel(pipeline.compile_model(Path(model), targets.load(target), options))


def _aligned(size: int, align: int) -> np.ndarray:
    """`size` bytes that start at a multiple of `align`. At least one, so that there is an address."""
    raw = np.zeros(max(size, 1) + align, np.uint8)
    start = -raw.ctypes.data % align
    return raw[start : start + max(size, 1)]
