"""Cases of layer_norm: every way in which the parameters may lie, and rows around the vectors' lengths."""

from __future__ import annotations

import numpy as np
from barecast.ops.clamp import Clamp
from barecast.ops.layer_norm import LayerNorm

from tests.cases.build import Constant, case, f32, rng


def _constant(name: str, *shape: int) -> Constant:
    return Constant(rng(name).normal(1, 0.5, shape).astype(np.float32))


def _cases():
    for n in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 1000):
        name = f"rows_{n}"
        yield case(name, "layer_norm", LayerNorm((1,), 1e-5), [f32(3, n), _constant(name, n), _constant(name + "b", n)])
        yield case(f"rms_{n}", "layer_norm", LayerNorm((1,), 1e-5, False), [f32(3, n), _constant(name, n)])
    for inner in (2, 3, 4, 5, 8, 11):
        name, shape = f"columns_{inner}", (2, 3, 3, inner)
        parameters = [_constant(name, inner), _constant(name + "b", inner)]
        yield case(name, "layer_norm", LayerNorm((1, 2), 1e-2), [f32(*shape), *parameters])
        yield case(f"{name}_plain", "layer_norm", LayerNorm((1, 2), 1e-2), [f32(*shape)])
        yield case(f"{name}_rms", "layer_norm", LayerNorm((1,), 1e-2, False), [f32(*shape), *parameters])
    attrs, x = LayerNorm((2, 3), 1e-3), f32(2, 3, 4, 5)
    yield case("plain", "layer_norm", attrs, [x])
    yield case("bias_only", "layer_norm", attrs, [x, None, _constant("bias", 4, 5)])
    yield case("of_channels", "layer_norm", attrs, [x, _constant("c", 3, 1, 1), _constant("cb", 3, 1, 1)])
    yield case("of_all_rows", "layer_norm", attrs, [x, _constant("r", 2, 1, 1, 1), _constant("rb", 1)])
    yield case("of_channels_and_elements", "layer_norm", attrs, [x, _constant("ce", 3, 1, 1), _constant("ceb", 4, 5)])
    yield case("along_one_axis", "layer_norm", attrs, [x, _constant("a", 5), _constant("ab", 4, 1)])
    for name, shape, axes in (("rows", (3, 9), (1,)), ("columns", (2, 3, 9), (1,))):
        for clamp in (Clamp(0.0), Clamp(-0.5, 0.75)):
            attrs = LayerNorm(axes, 1e-5, activation=clamp)
            yield case(f"{name}_clamped_{clamp.low:g}", "layer_norm", attrs, [f32(*shape), _constant(name, 9)])
    equal = {"x0": np.full((2, 9), 3.0, np.float32)}
    yield case("equal", "layer_norm", LayerNorm((1,), 1e-5), [f32(2, 9)], given=equal)
    yield case("off_zero", "layer_norm", LayerNorm((1,), 1e-5), [f32(2, 32)], given={
        "x0": (20 + rng("far").normal(0, 1, (2, 32))).astype(np.float32)
    })  # fmt: skip


CASES = tuple(_cases())
