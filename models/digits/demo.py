"""The demo: a trained network becomes C, the C runs on an emulated board, and every answer is checked.

    python models/digits/demo.py [--model float|int8] [--target cortex-m4] [--out build/demo]

It is also the shortest example of barecast's Python interface: every stage below is one call.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime
from barecast import pipeline, reference, runners, targets, toolchain
from barecast.errors import BarecastError
from barecast.options import Options
from barecast.report import number
from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent
FLOAT_ROOM = 1e-4
"""How far float logits may be apart: float32 sums in another order. int8 logits must be equal."""

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def stage(what: str) -> Iterator[None]:
    """Shows that something is going on, then how long it took."""
    start = perf_counter()
    with console.status(f"{what} ..."):
        yield
    console.print(f"[green]done[/]  {what} [dim]({perf_counter() - start:.1f} s)[/]")


def load(name: str, key: str) -> np.ndarray:
    with np.load(FOLDER / name) as archive:
        return archive[key]


def run_onnxruntime(model: Path, images: np.ndarray) -> np.ndarray:
    """Logits [N, 1, 10] of images [N, 1, 1, 8, 8] by onnxruntime, with the operators as they are written."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return np.stack([session.run(["logits"], {"image": image})[0] for image in images])


def draw(image: np.ndarray) -> str:
    """An 8x8 image as text, two characters a pixel."""
    shades = " .:+*#@@@"
    return "\n".join("".join(2 * shades[int(pixel * 8)] for pixel in row) for row in image.reshape(8, 8))


def run_demo(kind: str, target_name: str, out: Path) -> bool:
    """Whether the board gave the right answers: those of the references, sample by sample."""
    model = FOLDER / f"digits_{kind}.onnx"
    images, labels = load("digits_test.npz", "image"), load("digits_labels.npz", "label")
    target = targets.load(target_name)
    place = out / f"{model.stem}-{target_name}"
    generated = place / "digits"

    console.print(f"[bold]barecast demo[/]: {model.name} on {target_name}\n")
    with stage(f"generated C from {model.name}"):
        compiled = pipeline.compile_model(model, target, Options(name="digits"))
        compiled.tree.write(generated)
    with stage(f"compiled it for {target_name}, with start-up code and linker script"):
        image = toolchain.build(generated, target, out=place / "build")
        sizes = toolchain.sizes(generated, target, out=place / "sizes")
    machine = f"the emulated board {image.board.name}" if image.board else target_name
    with stage(f"ran {len(images)} images that it was not trained on, on {machine}"):
        result = runners.run(image, {"image": images}).models[0]
    with stage("ran the same images through barecast's reference and through onnxruntime"):
        expected = np.stack([reference.run(compiled.graph, {"image": sample})["logits"] for sample in images])
        outside = run_onnxruntime(model, images)

    logits = result.outputs["logits"]
    digits = logits.reshape(len(images), 10).argmax(1)
    right = int((digits == labels).sum())
    equal = [same_logits(kind, logits, other) for other in (expected, outside)]

    console.print(f"\nThe last of them, as the board saw it:\n{draw(images[-1])}\nIts answer: {digits[-1]}\n", markup=False)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("right answers", f"{right} of {len(images)} ({right / len(images):.1%})")
    table.add_row("as barecast's reference", verdict(equal[0]))
    table.add_row("as onnxruntime", verdict(equal[1]))
    table.add_row("flash", f"{sizes.code_bytes} B code, {sizes.weights_bytes} B weights, {sizes.const_bytes} B constants")
    static = sizes.data_bytes + sizes.bss_bytes
    table.add_row("RAM", f"{compiled.plan.arena_bytes} B arena, {result.stack_bytes} B stack, {static} B static data")
    if result.instructions is not None:
        table.add_row("instructions", f"{number(round(result.instructions))} an image (executed, counted under QEMU)")
    console.print(table)
    console.print(f"\nThe C is in [bold]{shown(generated)}[/]: digits.h is the interface, digits.c one function a layer.")
    console.print("Next: read docs/firmware.md, or run it on your own model:")
    console.print(f"  .venv/bin/barecast generate model.onnx -o out --target {target_name}")
    console.print(f"  .venv/bin/barecast verify model.onnx --target {target_name}")
    return all(same.all() for same in equal)


def same_logits(kind: str, got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """For every sample whether its ten logits agree."""
    room = FLOAT_ROOM if kind == "float" else 0
    return (np.abs(got - expected) <= room).reshape(len(got), -1).all(1)


def verdict(same: np.ndarray) -> str:
    wrong = int((~same).sum())
    return f"all {len(same)} equal" if not wrong else f"[red]{wrong} of {len(same)} differ[/]"


def shown(path: Path) -> Path:
    """The path as a reader in the current folder would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the digits network on an emulated board.")
    parser.add_argument("--model", choices=("int8", "float"), default="int8")
    parser.add_argument("--target", default="cortex-m4")
    parser.add_argument("--out", type=Path, default=Path("build/demo"))
    arguments = parser.parse_args()
    try:
        passed = run_demo(arguments.model, arguments.target, arguments.out.resolve())
    except BarecastError as error:
        sys.exit(f"error: {error}")
    if not passed:
        sys.exit("error: the board's answers differ from the reference's")


if __name__ == "__main__":
    main()
