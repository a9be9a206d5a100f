"""onnxruntime as the outside oracle: what the model's own format says its tensors are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from barecast.errors import ToolError, UsageError, printable
from barecast.samples import Samples, stack
from barecast.verification.oracles import biases

NAME = "onnxruntime"


def run(model: Path, inputs: Samples, outputs: Sequence[str]) -> dict[str, np.ndarray]:
    """Outputs by name, sample axis first, for inputs in the model's own layout.

    The session is onnxruntime's default one, graph optimiser and all, because that is what
    users run and what barecast's integers follow (docs/numerics.md). Float biases of
    quantised layers are rounded as integers hold them (biases.py): the optimiser does so
    too, but only in the layers that it fuses.
    """
    proto = biases.rounded(_load(model))
    session = _session(str(model) if proto is None else proto.SerializeToString(), model, optimise=True)
    rows = [_run(session, model, inputs.one(index), outputs) for index in range(inputs.count)]
    for name, first in rows[0].items():
        if any(row[name].shape != first.shape for row in rows):
            raise UsageError(
                f'output "{printable(name)}" has another shape for each sample', remedy="barecast needs static shapes"
            )
    return stack(rows)


def inner(model: Path, inputs: Samples, tensors: Sequence[str]) -> dict[str, np.ndarray]:
    """Tensors inside the model by name, for the last sample: those of `tensors` that the model computes.

    The graph optimiser is off: a tensor that is looked at could not be fused away, so the
    optimised graph would be another one. The operators as written round some halves
    otherwise, by one step; who looks for the first wrong layer allows for that.
    """
    proto = _load(model)
    proto = biases.rounded(proto) or proto
    computed = {name for node in proto.graph.node for name in node.output}
    known = {value.name for value in proto.graph.output}
    wanted = [name for name in dict.fromkeys(tensors) if name in computed]
    proto.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in wanted if name not in known)
    return _run(_session(proto.SerializeToString(), model, optimise=False), model, inputs.one(inputs.count - 1), wanted)


def _load(model: Path) -> onnx.ModelProto:
    try:
        return onnx.load(model)
    except Exception as error:  # damaged files raise exceptions of all sorts
        raise _refused(model, error) from error


def sources(model: Path) -> dict[str, str]:
    """Node, as Node.source has it -> the name of its first output, in the file's order."""
    from barecast.frontends.onnx import foreign

    return {node.source: node.outputs[0] for node in foreign.load(model).nodes if node.outputs[0]}


def _session(source: str | bytes, model: Path, optimise: bool) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ToolError(
            "onnxruntime is not installed", remedy="install it, or give the expected outputs with --expected"
        ) from error
    settings = onnxruntime.SessionOptions()
    if not optimise:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(source, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have no base of their own
        raise _refused(model, error) from error


def _run(session: Any, model: Path, inputs: Mapping[str, np.ndarray], outputs: Sequence[str]) -> dict[str, np.ndarray]:
    try:
        results = session.run(list(outputs), dict(inputs))
    except Exception as error:  # as above
        raise _refused(model, error) from error
    return dict(zip(outputs, results, strict=True))


def _refused(model: Path, error: Exception) -> UsageError:
    return UsageError(
        f"onnxruntime cannot run {printable(model.name)}: {printable(error, 200)}",
        remedy="give the expected outputs with --expected, or --reference barecast",
    )
