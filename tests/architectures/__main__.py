"""Exports, generates and verifies every architecture, and writes the table: python -m tests.architectures -o FILE."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import onnx
import skl2onnx
import sklearn
import torch
from barecast import pipeline, targets, toolchain
from barecast.errors import BarecastError
from barecast.options import Options
from barecast.report import number
from barecast.samples import random_samples
from barecast.verification import verify

from tests.architectures import exporting, scikit_learn
from tests.architectures.zoo import ARCHITECTURES

TARGETS = ("host", "cortex-m55", "cortex-a53")
KERAS = "## Keras"
"""Begins the last section, which keras_table.py writes: TensorFlow is an extra of its own."""
HEAD = ("architecture", "exporter", "opset", "nodes", "MACs", "arena", "flash", *TARGETS)


def row(name: str, exporter: str, form: str, folder: Path) -> tuple[str, ...]:
    """One network on all targets."""
    architecture, path = ARCHITECTURES[name], folder / "m.onnx"
    how = exporter if form == "float" else f"{exporter}, int8 {form}"
    try:
        exporting.export(architecture, exporter, path)
        if form != "float":
            float_model, path = path, folder / "q.onnx"
            exporting.quantize(architecture, float_model, path, form)
    except Exception as error:  # foreign code states no set of errors
        return (name, how, "", "", "", "", "", *(f"not exported: {type(error).__name__}" for _ in TARGETS))
    return name, how, *measured(path, exporting.shapes(architecture))


def measured(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """The cells of HEAD from the opset on. Arena and flash are those of the Cortex-M55."""
    proto = onnx.load(path, load_external_data=False)
    opset = next(str(entry.version) for entry in proto.opset_import if entry.domain in ("", "ai.onnx"))
    results, costs = [], ("", "", "")
    for target in TARGETS:
        try:
            made = pipeline.compile_model(path, targets.load(target), Options(shapes=shapes))
            results.append("pass" if verify(made, random_samples(made.graph, 2)).passed else "FAIL")
        except BarecastError as error:
            results.append(f"refused: {error.problems[0].operator if error.problems else error.operator}")
            continue
        if target == "cortex-m55":
            with tempfile.TemporaryDirectory() as folder:
                sizes = toolchain.sizes(made.tree.write(Path(folder, "c")), made.target, out=Path(folder, "build"))
            macs = sum(step.macs for step in made.schedule.steps)
            flash = sizes.code_bytes + sizes.weights_bytes + sizes.const_bytes
            costs = number(macs), number(made.plan.arena_bytes), number(flash)
    return (opset, str(len(proto.graph.node)), *costs, *results)


def rows(only: str) -> Iterator[tuple[str, ...]]:
    for name in ARCHITECTURES:
        for exporter, form in (("TorchScript", "float"), ("dynamo", "float"), *(("TorchScript", f) for f in exporting.FORMS)):
            if only in name:
                with tempfile.TemporaryDirectory() as folder:
                    made = row(name, exporter, form, Path(folder))
                print(" ".join(made), flush=True)
                yield made


def classical_rows(only: str) -> Iterator[tuple[str, ...]]:
    for name, estimator in scikit_learn.ESTIMATORS.items():
        if only in name:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "m.onnx")
                scikit_learn.export(estimator, path)
                made = name, *measured(path, scikit_learn.SHAPES)
            print(" ".join(made), flush=True)
            yield made


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The cells from the opset to the flash are numbers."""
    first = head.index("opset")
    bars = "---|" * first + "---:|" * 5 + "---|" * (len(head) - first - 5)
    return [f"| {' | '.join(head)} |", f"|{bars}", *(f"| {' | '.join(cells)} |" for cells in rows)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="PART", help="of an architecture's name")
    parser.add_argument("-o", dest="output", type=Path, metavar="FILE")
    given = parser.parse_args()
    found, classical = list(rows(given.only)), list(classical_rows(given.only))
    lines = [
        "# Models as exporters make them",
        "",
        "Tested are the exporters of PyTorch, of scikit-learn and of Keras (tf2onnx). TensorFlow Lite models are read as they",
        "are ([tflite.md](tflite.md)).",
        "",
        "## PyTorch",
        "",
        "Networks of tests/architectures with small random weights, reduced in width and resolution, exported with an open",
        f"batch by both exporters of torch {torch.__version__.split('+')[0]} (TorchScript: `dynamo=False`), the first also",
        "quantised by onnxruntime's static quantiser, by channel in QDQ form from opset 13 on. (Before it DequantizeLinear has",
        "no axis; that quantiser writes one all the same, and onnxruntime refuses the file as barecast does.) Nodes are those",
        "of the file. Arena and flash are bytes on the Cortex-M55. `barecast verify` on two random samples says whether a",
        "target is right. Made by",
        "",
        "    python -m tests.architectures -o docs/exporters.md",
        "",
        *table(HEAD, found),
        "",
        "## scikit-learn",
        "",
        f"Estimators of scikit-learn {sklearn.__version__} on {scikit_learn.FEATURES} features, exported by skl2onnx",
        f"{skl2onnx.__version__} with `zipmap` off and an open batch. Labels are int32, and must have been integers. Trees,",
        "forests and kernel machines are refused.",
        "",
        *table(("estimator", *HEAD[2:]), classical),
    ]
    if given.output is not None:
        before = given.output.read_text(encoding="utf-8") if given.output.exists() else ""
        keras = [KERAS + part for part in before.split(f"\n{KERAS}")[1:]]
        given.output.write_text("\n".join([*lines, "", *keras]).rstrip("\n") + "\n", encoding="utf-8")
    return int(any("FAIL" in cells for cells in (*found, *classical)))


if __name__ == "__main__":
    raise SystemExit(main())
