"""Generated folders written by hand, to test the toolchain and the runners apart from all other stages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from barecast import targets
from barecast.targets import Target

DOUBLE_AND_ADD = """\
BC_STEP static void NAME_step_00_double(uint8_t *arena)
{
    const int8_t *x = (const int8_t *)arena;
    int8_t *y = (int8_t *)arena + ELEMENTS;
    for (int i = 0; i < ELEMENTS; i++) { y[i] = (int8_t)(2 * x[i]); }
}

BC_STEP static void NAME_step_01_add(uint8_t *arena)
{
    int8_t *y = (int8_t *)arena + ELEMENTS;
    for (int i = 0; i < ELEMENTS; i++) { y[i] = (int8_t)(y[i] + NAME_weights[i]); }
}
"""
"""y = 2 * x + weights, modulo 256, in two steps."""

STEPS = ("00_double", "01_add")


def write(
    folder: Path,
    name: str = "tiny",
    *,
    elements: int = 16,
    steps: Sequence[str] = STEPS,
    source: str = DOUBLE_AND_ADD,
    weights: str | None = None,
    arena_bytes: int | None = None,
    trace: bool = False,
) -> Path:
    """A folder like those that generate writes: x s8 [elements] at 0, y s8 [elements] behind it.

    source: the step functions; NAME and ELEMENTS are replaced. steps: their names behind
    NAME_step_. weights: the initialiser of NAME_weights, i % 100 at element i if None.
    """
    folder.mkdir(parents=True)
    values = weights if weights is not None else ", ".join(str(v) for v in weights_of(elements))
    calls = []
    for index, step in enumerate(steps):
        calls.append(f"    NAME_step_{step}((uint8_t *)arena);")
        if trace:
            calls.append(f"    NAME_trace({index}, 0, (uint8_t *)arena + ELEMENTS, ELEMENTS);")
    declared = "extern void NAME_trace(int step, int output, const void *data, uint32_t bytes);\n" if trace else ""
    model = (
        "#include <stdint.h>\n#define BC_STEP __attribute__((noinline))\n"
        f"extern const int8_t NAME_weights[];\nvoid NAME_run(void *arena);\n{declared}\n{source}\n"
        "void NAME_run(void *arena)\n{\n" + "\n".join(calls) + "\n}\n"
    )
    data = f"#include <stdint.h>\nextern const int8_t NAME_weights[];\nconst int8_t NAME_weights[] = {{ {values} }};\n"
    for suffix, text in (("", model), ("_weights", data)):
        filled = text.replace("NAME", name).replace("ELEMENTS", str(elements))
        (folder / f"{name}{suffix}.c").write_text(filled, encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(_manifest(name, elements, steps, arena_bytes)), encoding="utf-8")
    return folder


def _manifest(name: str, elements: int, steps: Sequence[str], arena_bytes: int | None) -> dict:
    x = {"name": "x", "dtype": "s8", "shape": [elements], "scale": 1.0, "zero_point": 0, "offset": 0, "bytes": elements}
    y = {**x, "name": "y", "offset": elements}
    size = 2 * elements if arena_bytes is None else arena_bytes
    return {
        "barecast": "0",
        "name": name,
        "target": "any",
        "arena_bytes": size,
        "arena_align": 16,
        "state_bytes": 0,
        "states": [],
        "arena_lower_bound_bytes": size,
        "arena_optimal": True,
        "inputs": [x],
        "outputs": [y],
        "steps": [
            {
                "name": f"{name}_step_{step}",
                "title": step,
                "op": step,
                "kernel": "none",
                "source": [],
                "macs": 0,
                "weights_bytes": 0,
                "scratch_bytes": 0,
                "outputs": [y],
            }
            for step in steps
        ],
        "files": [f"{name}.c", f"{name}_weights.c"],
    }


def weights_of(elements: int) -> np.ndarray:
    return (np.arange(elements) % 100).astype(np.int8)


def samples(n: int, elements: int = 16) -> np.ndarray:
    """x for n samples, all different, the whole range of s8."""
    return (np.arange(n * elements).reshape(n, elements) * 37 % 256 - 128).astype(np.int8)


def expected(x: np.ndarray) -> np.ndarray:
    """What DOUBLE_AND_ADD makes of it."""
    return (2 * x.astype(np.int32) + weights_of(x.shape[-1])).astype(np.int8)


def usable(target: Target | str) -> Target:
    """The target, or a skip where its compiler or emulator is not installed."""
    target = targets.load(target) if isinstance(target, str) else target
    for program in (f"{target.prefix}gcc", *target.emulator[:1]):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    return target
