"""The fused activation: every operator that computes new numbers may clamp them on the way out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.graph import Rule, TensorType
from barecast.numerics.fixed_point import round_away


@dataclass(frozen=True)
class Clamp:
    """real output = min(max(value, low), high). Relu is Clamp(0), Relu6 Clamp(0, 6)."""

    low: float = -math.inf
    high: float = math.inf

    @property
    def is_identity(self) -> bool:
        return self.low == -math.inf and self.high == math.inf

    def then(self, other: Clamp) -> Clamp:
        """This clamp followed by `other`, as one."""
        return Clamp(
            min(max(self.low, other.low), other.high),
            max(min(self.high, other.high), other.low),
        )

    def quantized(self, type: TensorType, rule: Rule = Rule.ONNX) -> tuple[int, int]:
        """The clamp in the steps of a per-tensor quantised type, within the dtype's range.

        Rounding is monotone, so clamping after quantising equals quantising after clamping. A bound half way
        between two steps is the even one for ONNX, the one farther from zero for TFLite.
        """
        low, high = type.dtype.limits
        if type.quant is None:
            return low, high
        scale, zero = np.float32(type.quant.scale[0]), type.quant.zero_point[0]

        def steps(real: float) -> int:
            exact = float(np.float32(real) / scale)
            whole = round_away(exact) if rule.is_tflite and math.isfinite(exact) else np.rint(exact)
            return int(np.clip(whole + zero, low, high))

        return (
            low if self.low == -math.inf else steps(self.low),
            high if self.high == math.inf else steps(self.high),
        )
