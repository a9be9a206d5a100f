"""TFLM's reference kernels as the outside oracle of TensorFlow Lite models (PyPI `tflite_micro`, on Linux x86-64)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from barecast.errors import ToolError, UsageError, printable
from barecast.samples import Samples, stack

NAME = "tflite_micro"

ARENA_MIN = 1 << 20
"""Bytes of arena beyond ten times the model's size, which the interpreter suggests itself."""


def run(model: Path, inputs: Samples, outputs: Sequence[str]) -> dict[str, np.ndarray]:
    """Outputs by name, sample axis first; the samples run in order. Names are those that the frontend gives the ports."""
    names_in, names_out = _ports(model)
    interpreter = _interpreter(model, keep=False)
    rows = []
    for index in range(inputs.count):
        _invoke(interpreter, model, inputs.one(index), names_in)
        every = {name: np.array(interpreter.get_output(place)) for place, name in enumerate(names_out)}
        rows.append({name: every[name] for name in outputs})
    return stack(rows)


def inner(model: Path, inputs: Samples, tensors: Sequence[str]) -> dict[str, np.ndarray]:
    """Tensors inside the model by the name that `sources` gives them, in the last of the samples, which run in order."""
    interpreter = _interpreter(model, keep=True)
    names = _ports(model)[0]
    for index in range(inputs.count):
        _invoke(interpreter, model, inputs.one(index), names)
    # GetTensor describes a tensor by a dict of its type, its shape and its data
    return {name: interpreter.GetTensor(int(name[1:]), 0)["tensor_data"].copy() for name in dict.fromkeys(tensors)}


def sources(model: Path) -> dict[str, str]:
    """Operator, as Node.source has it -> the name of its first output, in the file's order."""
    from barecast.frontends.tflite import foreign

    return {o.shown: f"t{o.outputs[0]}" for o in foreign.load(model).main.operators if o.outputs}


def _ports(model: Path) -> tuple[list[str], list[str]]:
    from barecast import frontends

    graph = frontends.read(model)
    return [p.name for p in graph.inputs], [p.name for p in graph.outputs]


def _interpreter(model: Path, keep: bool) -> Any:
    try:
        from tflite_micro import runtime
    except ImportError as error:
        raise ToolError(
            "tflite_micro is not installed",
            remedy="pip install tflite_micro, give the expected outputs with --expected, or use --reference barecast",
        ) from error
    data = model.read_bytes()
    config = runtime.InterpreterConfig
    try:
        return runtime.Interpreter.from_bytes(
            data,
            arena_size=len(data) * 10 + ARENA_MIN,
            intrepreter_config=config.kPreserveAllTensors if keep else config.kAllocationRecording,
        )
    except Exception as error:  # RuntimeError, ValueError ... whatever the binding makes of a C++ error
        raise _refused(model, error) from error


def _invoke(interpreter: Any, model: Path, inputs: Mapping[str, np.ndarray], names: Sequence[str]) -> None:
    try:
        for place, name in enumerate(names):
            interpreter.set_input(inputs[name], place)
        interpreter.invoke()
    except Exception as error:  # as above
        raise _refused(model, error) from error


def _refused(model: Path, error: Exception) -> UsageError:
    return UsageError(
        f"tflite_micro cannot run {printable(model.name)}: {printable(error, 200)}",
        remedy="give the expected outputs with --expected, or --reference barecast",
    )
