"""What a multiply-accumulate call says about each output channel: weights, bias, multiplier, shift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from barecast import numerics
from barecast.numerics import fixed_point
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE, TFLITE_WIDE
from barecast.schedule import Const

IS_TFLITE = (TFLITE, TFLITE_SINGLE, TFLITE_WIDE)


@dataclass(frozen=True, eq=False)
class Channels:
    """rows: weights [out, ...]; bias, mult, shift: [out]. All int64.

    output = clamp(requantise(bias + sum of rows * x, mult, shift) + y_zero, y_min, y_max), x any int8 numbers
    (int16 in sdk/barecast/layouts/int16.py).
    """

    rows: np.ndarray
    bias: np.ndarray
    mult: np.ndarray
    shift: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, bias: np.ndarray, table: np.ndarray, params: Any) -> Channels:
        """From the weights with the output channel first, and the constants of the operator's own call."""
        table = table.astype(np.int64)
        mult, shift = table, np.array([params.shift], np.int64)
        if params.ties in IS_TFLITE and params.per_channel:
            mult, shift = table[: len(rows)], table[len(rows) :]
        same = (np.broadcast_to(values, (len(rows),)) for values in (mult, shift))
        return cls(rows.astype(np.int64), bias.astype(np.int64), *same)

    @classmethod
    def settled(cls, rows: np.ndarray, constants: tuple[Const, ...], params: Any) -> Channels:
        """From a call's (weights, bias, multipliers); with a scale for each channel, those whose output does not
        depend on x told in small numbers."""
        _, bias, table = (constant.data for constant in constants)
        channels = cls.of(rows, bias, table, params)
        return channels._with_constants_small(params) if params.per_channel else channels

    def taken(self, order: np.ndarray) -> Channels:
        """The channels of these numbers, in this order; -1 stands for one that is all zeros."""
        some = np.maximum(order, 0)
        return Channels(
            *(
                np.where((order < 0).reshape(-1, *[1] * (values.ndim - 1)), 0, values[some])
                for values in (self.rows, self.bias, self.mult, self.shift)
            )
        )

    def groups(self, count: int) -> list[Channels]:
        """The channels in so many equal parts."""
        return [self.taken(part) for part in np.split(np.arange(len(self.rows)), count)]

    @property
    def largest(self) -> np.ndarray:
        """A bound of each accumulator's magnitude."""
        return np.abs(self.bias) + 128 * np.abs(self.rows.reshape(len(self.rows), -1)).sum(axis=1)

    def outputs(self, acc: np.ndarray, params: Any) -> np.ndarray:
        """The outputs for one accumulator a channel."""
        if params.ties in IS_TFLITE:
            steps = fixed_point.multiply(acc, self.mult, self.shift, params.ties)
        else:
            steps = numerics.round_shift(acc * self.mult, params.shift, params.ties)
        return np.clip(steps + params.y_zero, params.y_min, params.y_max)

    def _with_constants_small(self, params: Any) -> Channels:
        """Training leaves dead channels: tiny scales and huge biases, outputs that do not depend on x. These get
        weights of 0, and a bias and a factor from the middle of their ranges that give the same output."""
        flat = self.rows.reshape(len(self.rows), -1)
        low = self.bias + np.minimum(flat * -128, flat * 127).sum(axis=1)
        high = self.bias + np.maximum(flat * -128, flat * 127).sum(axis=1)
        value = self.outputs(low, params)
        # Rounding is monotone, unless a shift to the left loses bits.
        constant = (value == self.outputs(high, params)) & ((self.shift >= 31) | (flat == 0).all(axis=1))
        wide = (self.largest >= 2**22) | (self.shift < 33) | (self.shift > 46)
        if params.ties == 1 or not (params.ties in IS_TFLITE or params.shift >= 33) or not (constant & wide).any():
            return self
        steps = value - params.y_zero
        if params.ties in IS_TFLITE:
            bias, mult, shift = steps * 2**4, np.full_like(self.mult, 2**30), np.full_like(self.shift, 34)
        else:
            mult, shift = np.full_like(self.mult, 2**31 - 1), self.shift
            bias = numerics.round_shift(steps << np.int64(params.shift), 31, 0)
        small = replace(self, rows=np.zeros_like(self.rows), bias=bias, mult=mult, shift=shift)
        chosen = constant & wide & (small.outputs(bias, params) == value) & (small.largest < 2**22)
        pick = [
            np.where(chosen.reshape(-1, *[1] * (ours.ndim - 1)), theirs, ours)
            for ours, theirs in (
                (self.rows, small.rows),
                (self.bias, small.bias),
                (self.mult, small.mult),
                (self.shift, small.shift),
            )
        ]
        return Channels(*pick)
