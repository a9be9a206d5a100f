"""Verifies the networks of Keras and writes their section: python -m tests.architectures.keras_table -o docs/exporters.md."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import tensorflow
import tf2onnx

from tests.architectures.__main__ import HEAD, KERAS, measured, table
from tests.architectures.keras_networks import NETWORKS, OPSET, export


def rows() -> Iterator[tuple[str, ...]]:
    for name in NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "m.onnx")
            made = name, *measured(path, export(name, path))
        print(" ".join(made), flush=True)
        yield made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", dest="output", type=Path, metavar="FILE", required=True)
    output, found = parser.parse_args().output, list(rows())
    lines = [
        KERAS,
        "",
        f"Networks of Keras {keras.__version__} with random weights, exported by tf2onnx {tf2onnx.__version__} from",
        f"TensorFlow {tensorflow.__version__} with an open batch at opset {OPSET}. The exact `gelu` is a Keras activation that",
        "this tf2onnx has no operator for: it writes the node `Erfc`, which is not ONNX and is refused. Give it",
        "`approximate=True`. Made by",
        "",
        "    python -m tests.architectures.keras_table -o docs/exporters.md",
        "",
        *table(("network", *HEAD[2:]), found),
    ]
    kept = output.read_text(encoding="utf-8").split(f"\n{KERAS}\n")[0].rstrip("\n")
    output.write_text(kept + "\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return int(any("FAIL" in cells for cells in found))


if __name__ == "__main__":
    raise SystemExit(main())
