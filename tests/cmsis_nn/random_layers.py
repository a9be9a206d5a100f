"""Random layers under TensorFlow Lite's rules: every kind that CMSIS-NN has a function for, with any window and padding."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from barecast.errors import BarecastError
from barecast.graph import Rule
from barecast.ops.clamp import Clamp
from barecast.ops.conv2d import Conv2d
from barecast.ops.dense import Dense
from barecast.ops.dwconv2d import Dwconv2d
from barecast.ops.pool2d import Pool2d

from tests.cases import conv2d, dwconv2d, int16
from tests.cases.build import Case, case, s8, s16
from tests.cases.mac import bias, out, weights

Pair = tuple[int, int]


class _Chance(random.Random):
    """Random geometry: rows, single pixels and "same" padding as often as anything else."""

    def windows(self) -> tuple[int, int, Pair, dict]:
        """Height, width, kernel; strides, dilations and pads."""
        one_row = (1, self.randint(2, 6))
        kernel = self.choice([(1, 1), (3, 3), one_row, (self.randint(1, 5), self.randint(1, 5)), (2, 2), (10, 4)])
        height = 1 if kernel[0] == 1 and self.random() < 0.5 else self.randint(1, 10)
        width, strides = self.randint(1, 14), (self.randint(1, 3), self.choice([1, 1, 2, 2, 3, 4]))
        dilations = (1, 1) if self.random() < 0.75 else (self.randint(1, 3), self.randint(1, 3))
        kind = self.random()
        if kind < 0.35:
            pads = (0, 0, 0, 0)
        elif kind < 0.75:
            above, left = (
                _same(size, k, stride, dilation)
                for size, k, stride, dilation in zip((height, width), kernel, strides, dilations, strict=True)
            )
            pads = (above[0], left[0], above[1], left[1])
        else:
            pads = tuple(self.randint(0, 3) for _ in range(4))
        return height, width, kernel, {"strides": strides, "dilations": dilations, "pads": pads}

    def channels(self) -> int:
        return self.choice([1, 2, 3, 4, 8, self.randint(1, 40)])

    def zero(self) -> int:
        return self.choice([-128, 3, 127, 0])

    def clamp(self) -> Clamp:
        return self.choice([Clamp(), Clamp(0), Clamp(0, 6)])


def _same(size: int, k: int, stride: int, dilation: int) -> Pair:
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + (k - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def _conv2d(chance: _Chance, name: str, rule: Rule) -> Case:
    height, width, kernel, window = chance.windows()
    batch, in_c, out_c = chance.choice([1, 1, 2]), chance.channels(), chance.channels()
    groups = 2 if chance.random() < 0.3 and in_c % 2 == out_c % 2 == 0 else 1
    attrs = Conv2d(**window, groups=groups, activation=chance.clamp())
    shape = (batch, height, width, in_c)
    if chance.random() < 0.5:
        zeros = {"zero": chance.zero(), "y_zero": chance.zero()}
        each = chance.random() < 0.7
        return conv2d.integer_case(name, shape, (out_c, *kernel), attrs, **zeros, per_channel=each, rule=rule)
    bits = chance.choice([64, 64, 32, None])
    return int16.weighted("conv2d", name, shape, (out_c, *kernel, in_c // groups), attrs, bits=bits, rule=rule)


def _dwconv2d(chance: _Chance, name: str, rule: Rule) -> Case:
    height, width, kernel, window = chance.windows()
    batch, in_c, multiplier = chance.choice([1, 1, 2]), chance.channels(), chance.choice([1, 1, 1, 2, 3, 8])
    attrs = Dwconv2d(**window, activation=chance.clamp())
    shape, taps = (batch, height, width, in_c), (*kernel, in_c * multiplier)
    if chance.random() < 0.5:
        return dwconv2d.integer_case(name, shape, taps, attrs, zero=chance.zero(), rule=rule)
    return int16.weighted("dwconv2d", name, shape, taps, attrs, rule=rule)


def _pool2d(chance: _Chance, name: str, rule: Rule) -> Case:
    height, width, kernel, window = chance.windows()
    window.pop("dilations")
    attrs = Pool2d(chance.choice(["max", "avg"]), kernel, **window, activation=chance.clamp())
    shape = (chance.choice([1, 1, 2]), height, width, chance.channels())
    x = s8(*shape, zero=chance.zero()) if chance.random() < 0.5 else s16(*shape)
    return case(name, "pool2d", attrs, (x,), (x.dtype, x.quant), rule=rule)


def _dense(chance: _Chance, name: str, rule: Rule) -> Case:
    rows, in_c, out_c, attrs = chance.randint(1, 3), chance.channels(), chance.channels(), Dense(chance.clamp())
    if chance.random() < 0.5:
        w = weights(name, (out_c, in_c), 0, per_channel=chance.random() < 0.5)
        operands = (s8(rows, in_c, zero=chance.zero()), w, bias(name, out_c))
        return case(name, "dense", attrs, operands, out(0.2, -5), rule=rule)
    return int16.weighted("dense", name, (rows, in_c), (out_c, in_c), attrs, rule=rule, per_channel=False)


KINDS: tuple[Callable[[_Chance, str, Rule], Case], ...] = (_conv2d, _conv2d, _dwconv2d, _dwconv2d, _pool2d, _dense)


def cases(seed: int, rule: Rule) -> Iterator[Case]:
    """Without end. Geometry that is no layer at all (a window larger than its image) is left out."""
    chance = _Chance(seed)
    while True:
        kind = chance.choice(KINDS)
        try:
            yield kind(chance, f"random {seed} {chance.getrandbits(32)}", rule)
        except BarecastError:
            continue
