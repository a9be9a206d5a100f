"""Random chains of layers that can run by rows, with residual additions and shortcuts: `chain(seed)`, a Graph."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from barecast import check, emit, planner, select
from barecast.graph import Graph, Port
from barecast.ops.binary import Binary
from barecast.ops.conv2d import Conv2d
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.pool2d import Pool2d
from barecast.options import Options
from barecast.schedule import Schedule
from barecast.streaming.build import Builder
from barecast.targets import Target

from tests.cases.build import quant
from tests.emit import hosted
from tests.planner.networks import SCALE, Draft


def chain(seed: int, layers: int | None = None) -> Graph:
    """Equal seeds give equal chains. Layers read the last image, or two that are alike are added."""
    return _Chain(seed).chain(layers)


def wide() -> Graph:
    """A small image, large ones of 16 channels behind it with an addition, a small one at the end: rows pay."""
    return _Chain(0).wide()


def deep(layers: int) -> Graph:
    """Images of one size, so that no stream makes the fullest step emptier, with a larger one between two in the middle."""
    return _Chain(0).deep(layers)


class _Chain(Draft):
    def deep(self, layers: int) -> Graph:
        self.builder.name, self.quantized, self.zero = "deep", True, -3
        y = self.builder.tensor("x", self.type((1, 12, 6, 4)))
        self.builder.inputs.append(Port("x", y))
        for layer in range(layers):
            ins, outs = (8 if layer - half == layers // 2 else 4 for half in (1, 0))
            y = self.node("conv2d", Conv2d(), y, *self.constants((outs, 1, 1, ins), 0))
        self.output(y)
        return self.builder.build()

    def wide(self) -> Graph:
        self.builder.name, self.quantized, self.zero = "wide", True, -3
        x = self.builder.tensor("x", self.type((1, 24, 10, 4)))
        self.builder.inputs.append(Port("x", x))
        y = self.node("conv2d", Conv2d(pads=(1, 1, 1, 1)), x, *self.constants((16, 3, 3, 4), 0))
        y = self.residual(y)
        y = self.node("dwconv2d", Dwconv2d((2, 2), pads=(1, 1, 1, 1)), y, *self.constants((3, 3, 16), 2))
        y = self.node("conv2d", Conv2d(), y, *self.constants((8, 1, 1, 16), 0))
        self.output(self.node("pool2d", Pool2d("avg", (3, 5), (3, 5)), y))
        return self.builder.build()

    def chain(self, layers: int | None) -> Graph:
        self.builder.name = f"chain{abs(int(self.rng.integers(1 << 30)))}"
        image = self.input("x", (1, self.pick(7, 9, 12, 15), self.pick(3, 5, 6), self.pick(4, 8)))
        kinds = (self.window, self.window, self.down, self.column, self.pools, self.gated, self.function, self.residual)
        for _ in range(layers or self.pick(3, 5, 7, 9)):
            image = self.pick(*kinds)(image)
        self.output(image)
        return self.builder.build()

    def _pads(self, x: str, taps: tuple[int, int]) -> tuple[int, int, int, int]:
        """Anything for which windows and the image agree; (top, left, bottom, right)."""
        _, height, width, _ = self.shape(x)
        free = [self.pick(*range(max(1, min(tap, extent)))) for tap, extent in zip(taps * 2, (height, width) * 2, strict=True)]
        for axis, extent in ((0, height), (1, width)):
            free[axis + 2] = max(free[axis + 2], taps[axis] - extent - free[axis])
        return tuple(free)

    def window(self, x: str) -> str:
        """A convolution, full or depthwise, of any extent, stride and padding, seldom dilated."""
        _, height, _, channels = self.shape(x)
        k_h, k_w = self.pick(1, 1, 2, 3, 3, 5), self.pick(1, 2, 3)
        dilation = self.pick(1, 1, 1, 2)
        strides = (self.pick(1, 1, 2, 3) if height > 4 else 1, self.pick(1, 1, 2))
        pads = self._pads(x, ((k_h - 1) * dilation + 1, (k_w - 1) * dilation + 1))
        attrs = {"strides": strides, "dilations": (dilation, dilation), "pads": pads, "activation": self.clamp()}
        if self.chance(0.5):
            return self.node("dwconv2d", Dwconv2d(**attrs), x, *self.constants((k_h, k_w, channels), 2))
        weights = self.constants((self.pick(4, 8, 12), k_h, k_w, channels), 0)
        return self.node("conv2d", Conv2d(**attrs), x, *weights)

    def down(self, x: str) -> str:
        """A shortcut beside two convolutions, of half of the rows."""
        channels = self.shape(x)[3]
        aside = self.node("conv2d", Conv2d((2, 2)), x, *self.constants((8, 1, 1, channels), 0))
        y = self.node("conv2d", Conv2d((2, 2), pads=(1, 1, 1, 1)), x, *self.constants((8, 3, 3, channels), 0))
        y = self.node("dwconv2d", Dwconv2d(pads=(1, 1, 1, 1)), y, *self.constants((3, 3, 8), 2))
        return self.node("binary", Binary("add", self.clamp()), *(aside, y)[:: self.pick(1, -1)])

    def residual(self, x: str) -> str:
        """An addition around one or two layers, one of which may be a pass over single pixels."""
        channels = self.shape(x)[3]
        y = self.node("dwconv2d", Dwconv2d(pads=(1, 1, 1, 1)), x, *self.constants((3, 3, channels), 2))
        if self.chance(0.6):
            y = self.node("conv2d", Conv2d(), y, *self.constants((channels, 1, 1, channels), 0))
        return self.node("binary", Binary(self.pick("add", "sub")), *(x, y)[:: self.pick(1, -1)])

    def column(self, x: str) -> str:
        """A convolution down the image only."""
        taps = min(self.pick(3, 4, 7), self.shape(x)[1])
        weights = self.constants((4, taps, 1, self.shape(x)[3]), 0)
        return self.node("conv2d", Conv2d(pads=(taps // 2, 0, (taps - 1) // 2, 0)), x, *weights)

    def pools(self, x: str) -> str:
        kind = self.pick("max", "avg")
        if min(self.shape(x)[1:3]) < 2:
            return self.function(x)
        return self.node("pool2d", Pool2d(kind, *self.pick(((2, 2), (2, 2)), ((2, 2), (1, 1)))), x)

    def gated(self, x: str) -> str:
        """A product with one number a channel, or with one for all."""
        shape = self.pick((self.shape(x)[3],), (1, 1, 1, self.shape(x)[3]), (1, 1, 1, 1))
        if self.quantized:
            gate = self.builder.constant("g", self.rng.integers(-127, 128, shape).astype(np.int8), quant(SCALE / 4))
        else:
            gate = self.builder.constant("g", self.rng.normal(0, 1, shape).astype(np.float32))
        return self.node("binary", Binary("mul"), x, gate)


def spans(builder: Builder) -> list[tuple[int, int]]:
    """The steps that can be a stream, longest first."""
    steps = range(len(builder.schedule.steps))
    found = [(a, z) for a in steps for z in steps[a + 1 :] if builder.layers.part(a, z) is not None]
    return sorted(found, key=lambda span: (span[0] - span[1], span))


def builder(graph: Graph, target: Target = hosted.HOST, options: Options = Options()) -> Builder:
    return Builder(select.run(graph, target, options), target, options)


def streamed(made: Builder, *steps: tuple[int, int], fed: str | None = None) -> Schedule:
    """The schedule with those steps as streams, checked. fed: an input, of the first of them."""
    parts = [made.layers.part(first, last, fed if k == 0 else None) for k, (first, last) in enumerate(steps)]
    schedule = made.with_streams(parts)
    check.schedule(schedule)
    return schedule


def stages(schedule: Schedule, target: Target = hosted.HOST, options: Options = Options(), **changed) -> hosted.Stages:
    """The files of a schedule, and the plan that was checked."""
    plan = planner.run(schedule)
    check.plan(schedule, plan)
    options = replace(options, **changed)
    return hosted.Stages(schedule, plan, emit.run(schedule, plan, target, options))


def rows_of(schedule: Schedule) -> int:
    """Bytes that all images inside of streams have together."""
    return sum(math.prod((h.height, h.row_bytes)) for stream in schedule.streams for h in stream.held.values())
