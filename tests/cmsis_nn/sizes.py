"""Layers for the buffer-size functions, and the library's own answers by way of a shared library for this machine."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import cffi
from barecast.cmsis_nn import buffer_sizes, library
from barecast.ops.window import WindowParams

CORES = ("c", "dsp", "mve")


@dataclass(frozen=True)
class Layer(WindowParams):
    """The fields of the params structs that the sizes depend on."""

    groups: int = 1
    is_max: int = 0

    @property
    def depth_multiplier(self) -> int:
        return self.out_c // self.in_c

    @property
    def channels(self) -> int:
        return self.in_c


SIZES: dict[str, Callable[[Layer, str], int]] = {
    "convolve_s8": buffer_sizes.convolve_s8,
    "depthwise_s8": buffer_sizes.depthwise_s8,
    "convolve_s16": buffer_sizes.convolve_s16,
    "depthwise_s16": buffer_sizes.depthwise_s16,
    "average": buffer_sizes.average,
}


def random_layer(chance: random.Random, function: str) -> Layer:
    """A layer that is one row, one pixel, one channel, dilated or of another kind as often as not."""
    k_h, k_w = chance.choice([(1, 1), (3, 3), (1, chance.randint(2, 9)), (chance.randint(1, 7), chance.randint(1, 30))])
    in_h = 1 if k_h == 1 and chance.random() < 0.6 else chance.randint(k_h, k_h + 20)
    in_w = chance.randint(k_w, k_w + 40)
    stride_h, stride_w = chance.randint(1, 3), chance.choice([1, 1, 2, 3, 4])
    dilation_h, dilation_w = (1, 1) if chance.random() < 0.8 else (chance.randint(1, 2), chance.randint(1, 3))
    pad_top, pad_left = (0, 0) if chance.random() < 0.4 else (chance.randint(0, k_h // 2), chance.randint(0, k_w // 2))
    out_h, out_w = (
        max(1, (size + 2 * pad + chance.randint(0, 1) - (k - 1) * dilation - 1) // stride + 1)
        for size, pad, k, dilation, stride in (
            (in_h, pad_top, k_h, dilation_h, stride_h),
            (in_w, pad_left, k_w, dilation_w, stride_w),
        )
    )
    in_c = chance.choice([1, 1, 3, 4, 8, chance.randint(1, 300)])
    groups = 2 if function == "convolve_s8" and in_c % 2 == 0 and chance.random() < 0.2 else 1
    out_c = in_c * chance.choice([1, 1, 2, 9]) if function.startswith("depthwise") else 2 * chance.randint(1, 40)
    batch = chance.choice([1, 1, 1, 2])
    windows = (k_h, k_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left)
    return Layer(batch, in_h, in_w, in_c, out_h, out_w, out_c, *windows, groups)


def layers(function: str, count: int, seed: int = 0) -> list[Layer]:
    chance = random.Random(f"{function} {seed}")
    return [random_layer(chance, function) for _ in range(count)]


def as_record(layer: Layer) -> list[int]:
    return list(asdict(layer).values())


_DECLARATIONS = """
typedef struct { int32_t w, h; } tile;
typedef struct { int32_t n, h, w, c; } dims;
typedef struct { int32_t min, max; } range;
typedef struct { int32_t input_offset, output_offset; tile stride, padding, dilation; range activation; } conv;
typedef struct { int32_t input_offset, output_offset, ch_mult; tile stride, padding, dilation; range activation; } dw;
"""


class Library:
    """The buffer-size functions of the CMSIS-NN in `root`, built for this machine."""

    def __init__(self, root: Path, place: Path):
        files = [p for p in (root / "Source").rglob("*get_buffer_sizes_s*.c") if p.stem.endswith(("_s8", "_s16"))]
        line = [
            "gcc",
            "-w",
            "-shared",
            "-fPIC",
            f"-I{root / 'Include'}",
            *map(str, files),
            "-o",
            str(place / "sizes.so"),
        ]
        subprocess.run(line, check=True)
        self._ffi = cffi.FFI()
        self._ffi.cdef(_DECLARATIONS)
        for kind, struct in (("convolve", "conv"), ("depthwise_conv", "dw")):
            for core in CORES:
                for dtype in ("s8", "s16"):
                    name = self._name(f"arm_{kind}_wrapper_{dtype}", core)
                    self._ffi.cdef(f"int32_t {name}(const {struct} *, const dims *, const dims *, const dims *);")
        for core in CORES:
            self._ffi.cdef(f"int32_t {self._name('arm_avgpool_s8', core)}(const int, const int);")
        self._library = self._ffi.dlopen(str(place / "sizes.so"))

    @staticmethod
    def _name(function: str, core: str) -> str:
        return f"{function}_get_buffer_size" + ("" if core == "c" else f"_{core}")

    def size(self, function: str, layer: Layer, core: str) -> int:
        """The library's answer to the question of SIZES[function]."""
        p = layer
        if function == "average":
            return getattr(self._library, self._name("arm_avgpool_s8", core))(p.out_w, p.channels)
        kind, dtype = function.split("_")
        windows = ((p.stride_w, p.stride_h), (p.pad_left, p.pad_top), (p.dilation_w, p.dilation_h), (-128, 127))
        if kind == "convolve":
            params = self._ffi.new("conv *", (0, 0, *windows))
            weights = (p.out_c, p.k_h, p.k_w, p.in_c // p.groups)
        else:
            params = self._ffi.new("dw *", (0, 0, p.depth_multiplier, *windows))
            weights = (1, p.k_h, p.k_w, p.out_c)
        shapes = ((p.batch, p.in_h, p.in_w, p.in_c), weights, (p.batch, p.out_h, p.out_w, p.out_c))
        dims = [self._ffi.new("dims *", shape) for shape in shapes]
        stem = "arm_convolve_wrapper_" if kind == "convolve" else "arm_depthwise_conv_wrapper_"
        return getattr(self._library, self._name(stem + dtype, core))(params, *dims)


def record(place: Path) -> list[list[int]]:
    """What tests/cmsis_nn/recorded_sizes.json holds: [function, layer, size on c, on dsp, on mve]."""
    theirs = Library(library.root(), place)
    return [
        [function, as_record(layer), *(theirs.size(function, layer, core) for core in CORES)]
        for function in SIZES
        for layer in layers(function, 60)
    ]
