"""Small schedules made by hand: steps of the copy kernel, or of none that exists where only memory matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barecast.graph import DType, TensorType
from barecast.schedule import Border, Buffer, Kernel, Overlap, Schedule, Step, View


@dataclass(frozen=True)
class Params:
    bytes: int


def kernel(scratch: int = 0, overlap: tuple[Overlap, ...] = ()) -> Kernel:
    return Kernel(
        "bc_copy_s8_c", "copy", (DType.S8, DType.S8), scratch=lambda params: scratch, overlap=lambda params: overlap
    )


def step(reads: str, writes: str, scratch: int = 0, overlap: tuple[Overlap, ...] = ()) -> Step:
    """reads, writes: names of buffers with spaces between."""
    args = (*(Buffer(name) for name in reads.split()), *(Buffer(name, True) for name in writes.split()))
    return Step("copy", "copy", kernel(scratch, overlap), Params(1), args, scratch, 0, ())


def schedule(
    sizes: Mapping[str, int], steps: Sequence[Step], inputs: str, outputs: str, views: Mapping[str, View] | None = None
) -> Schedule:
    """Buffers of s8 by name and size."""
    types = {name: TensorType(DType.S8, (size,)) for name, size in sizes.items()}
    borders = [tuple(Border(name, name, types[name]) for name in names.split()) for names in (inputs, outputs)]
    return Schedule("net", *borders, types, views or {}, tuple(steps))
