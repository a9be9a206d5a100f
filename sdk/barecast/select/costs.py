"""What kernels cost by the shapes of a call, as measured: costs.csv, which `python -m bench.kernel_costs` writes.

A line holds, for a core and a kernel, what each of `terms` takes, in estimated cycles, or in executed instructions on
cores of which no cycles are estimated. It was fitted to measured calls, each in a network of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from barecast.schedule import Kernel
from barecast.targets import Target

__all__ = ["FILE", "TERMS", "estimate", "terms"]

FILE = "costs.csv"

TERMS = ("call", "row", "pixel", "input", "output", "mac")
"""What a call consists of: itself, rows and pixels of results, what these read of x and write of y (of a pixel its
channels), and multiply-accumulates."""


def terms(kernel: Kernel, params: Any) -> tuple[float, ...]:
    """How many of TERMS a call of a convolution has; its results are rounded up to whole tiles of the kernel."""
    p = params
    rows, columns = (-(-extent // kernel.tile) * kernel.tile for extent in (p.out_h, p.out_w))
    pixels = p.batch * rows * columns
    depth = 1 if kernel.op == "dwconv2d" else p.in_c // p.groups
    macs = pixels * p.out_c * p.k_h * p.k_w * depth
    return 1.0, p.batch * rows, pixels, pixels * p.in_c, pixels * p.out_c, macs


def estimate(kernel: Kernel, params: Any, target: Target) -> float | None:
    """What a call costs; None if nobody has measured the kernel on this core."""
    known = _table().get((target.name, kernel.symbol))
    if known is None:
        return None
    return sum(each * count for each, count in zip(known, terms(kernel, params), strict=True))


@cache
def _table() -> Mapping[tuple[str, str], tuple[float, ...]]:
    """The file: (core, kernel) -> what each term takes."""
    text = files("barecast.select").joinpath(FILE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return MappingProxyType({(row["core"], row["kernel"]): tuple(float(row[term]) for term in TERMS) for row in rows})
