"""What the user may choose, checked once at the border."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from barecast.errors import UsageError, printable

OPTIMIZE = ("speed", "size", "ram")
WEIGHTS = ("packed", "wide")
KERNELS = ("native", "cmsis-nn", "c")
IO_LAYOUT = ("model", "channels-last")
IO = ("model", "quantized")
ROUNDING = ("double", "single")
WINOGRAD = ("on", "off")
FEED = ("whole", "rows")
PLANNER = ("fast", "exact")
CONSTANTS = ("auto", "c", "asm")
MOST_THREADS = 16


@dataclass(frozen=True)
class Options:
    """name: prefix of every file and C symbol (a C identifier); None takes it from the model's file name.

    shapes: model input -> its static shape, for models with dynamic dimensions.
    io_layout: "channels-last" turns 4-D (and 3-D) image inputs and outputs of a channels-first
        model into [N, H, W, C] at the model's border too.
    io: "quantized" makes the integers behind a QuantizeLinear at an input, or before a DequantizeLinear at an output,
        the port.
    rounding: how a .tflite model's products are rescaled: "double" as TFLM does, "single" as CMSIS-NN built with
        CMSIS_NN_USE_SINGLE_ROUNDING.
    winograd: "off" leaves out float32 kernels that do not add up the products of each window by itself.
    ram: bytes that the arena may have; steps run by rows as far as that takes it.
    threads: how many may share the work of a run: 1 to MOST_THREADS.
    feed: "rows" takes the input from the caller a few rows at a time, so that it is never there as a whole.
    planner: "exact" has a solver look for the smallest arena where the fast algorithms do not reach the bound; it takes
        up to a minute, and the package OR-Tools.
    export: names of the build systems whose files are added (barecast.exports).
    constants: "c" writes them as NAME_weights.c for every compiler, "asm" as NAME_weights.s, for ELF and the assemblers
        of gcc and clang, which are done where compilers take minutes; "auto" takes C up to emit.constants.ASSEMBLED_ABOVE.
    trace: emit a call of NAME_trace(step, output, data, bytes) after each step (verify uses it).
    probe: emit a call of NAME_probe(step, arena, state) after each step, and tell the manifest what memory each step may
        write and what is wanted after it (verify --poison uses it).
    """

    name: str | None = None
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    optimize: str = "speed"
    weights: str = "packed"
    kernels: str = "native"
    io_layout: str = "model"
    io: str = "model"
    rounding: str = "double"
    winograd: str = "on"
    ram: int | None = None
    threads: int = 1
    feed: str = "whole"
    planner: str = "fast"
    constants: str = "auto"
    single_file: bool = False
    export: tuple[str, ...] = ()
    trace: bool = False
    probe: bool = False

    def __post_init__(self):
        for field_name, allowed in (
            ("optimize", OPTIMIZE),
            ("weights", WEIGHTS),
            ("kernels", KERNELS),
            ("io_layout", IO_LAYOUT),
            ("io", IO),
            ("rounding", ROUNDING),
            ("winograd", WINOGRAD),
            ("feed", FEED),
            ("planner", PLANNER),
            ("constants", CONSTANTS),
        ):
            value = getattr(self, field_name)
            if value not in allowed:
                raise UsageError(
                    f'{spelt(field_name)} "{printable(value)}" is not known',
                    remedy=f"choose one of {', '.join(allowed)}",
                )
        if self.constants == "asm" and self.single_file:
            raise UsageError(
                'constants "asm" cannot be in a single file of C', remedy='use constants "c", or several files'
            )
        if self.ram is not None and self.ram < 1:
            raise UsageError(f"ram {self.ram} is no number of bytes", remedy="give at least 1")
        if not 1 <= self.threads <= MOST_THREADS:
            raise UsageError(f"threads {self.threads} is no number of threads", remedy=f"give 1 to {MOST_THREADS}")
        if self.threads > 1 and (self.optimize == "ram" or self.ram is not None or self.feed == "rows"):
            raise UsageError(
                f"threads {self.threads}: steps that run by rows run in one thread",
                remedy="leave out threads, or what makes steps run by rows (ram, optimize ram, feed rows)",
            )
        if self.name is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", self.name):
            raise UsageError(
                f'the name "{printable(self.name)}" is not a C identifier',
                remedy="use a letter, then letters, digits and underscores, 63 at most",
            )


def spelt(field_name: str) -> str:
    """An option's name as messages to everyone have it: neither the command line's spelling nor Python's."""
    return field_name.replace("_", "-")
