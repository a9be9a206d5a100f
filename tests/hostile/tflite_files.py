"""TensorFlow Lite models whose bytes, layout or graphs are wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.hostile.cases import EITHER, REFUSED, Case
from tests.tflite import hostile, hostile_calls
from tests.tflite.build import G, O, T, const, model, rng
from tests.tflite.variables import F32, if_


def cases() -> Iterator[Case]:
    for name, data in hostile.files():
        yield Case("TFLite files", name, data, file="model.tflite")
    for name, data in hostile_calls.files():
        yield Case("TFLite calls", name, data, file="model.tflite")
    for category, wanted, name, data in _more():
        yield Case(category, name, data, wanted, "model.tflite")


def _more() -> Iterator[tuple[str, str, str, bytes]]:
    good = hostile.conv()
    for cut in range(0, len(good), max(1, len(good) // 40)):
        yield "TFLite cut off", REFUSED, f"at {cut}", good[:cut]
    generator = rng("bits")
    for bit in generator.integers(0, 8 * len(good), 60):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        yield "TFLite bit flips", EITHER, f"bit {bit}", bytes(flipped)
    for at in range(8, len(good) - 3, len(good) // 30):
        for value in (0, 0xFFFFFFFF, 0x7FFFFFFF, len(good)):
            yield "TFLite words", EITHER, f"{value:#x} at {at}", hostile.patched(good, at & ~3, "<I", value)
    for depth in (5, 50, 300, 1000):
        graphs = [hostile_calls.calling(n + 2) for n in range(depth)]
        yield "TFLite calls", EITHER, f"{depth} subgraphs deep", hostile_calls.model_of(*graphs, hostile_calls.leaf())
    yield (
        "TFLite calls",
        REFUSED,
        "a ring of a thousand subgraphs",
        hostile_calls.model_of(*(hostile_calls.calling(n % 1000 + 1) for n in range(1, 1001))),
    )
    x, y = T((2, 3), scale=0.1), T((2, 3), scale=0.1)
    for value in (2**31 - 1, -(2**31), 10**9, 65536):
        yield "TFLite numbers", EITHER, f"stride {value}", hostile.conv(options={"StrideH": value, "StrideW": value})
        yield "TFLite numbers", EITHER, f"dilation {value}", hostile.conv(options={"DilationHFactor": value})
        yield "TFLite numbers", REFUSED, f"input of {value}", hostile.conv(x=(value, value, 5, 2))
        yield "TFLite numbers", REFUSED, f"output of {value}", hostile.conv(y=(1, value, 5, 3))
        yield (
            "TFLite numbers",
            REFUSED,
            f"RESHAPE to {value}",
            hostile.single("RESHAPE", (x, const([value, 3])), T((value, 3), scale=0.1)),
        )
        yield (
            "TFLite numbers",
            REFUSED,
            f"PAD by {value}",
            hostile.single("PAD", (x, const([[0, value], [value, 0]])), y),
        )
        yield "TFLite numbers", REFUSED, f"TILE {value} times", hostile.single("TILE", (x, const([value, value])), y)
        yield (
            "TFLite numbers",
            REFUSED,
            f"GATHER at {value}",
            hostile.single("GATHER", (x, const([value])), T((1, 3), scale=0.1), ("GatherOptions", {"Axis": 0})),
        )
        yield (
            "TFLite numbers",
            REFUSED,
            f"SLICE from {value}",
            hostile.single("SLICE", (x, const([value, 0]), const([1, 3])), T((1, 3), scale=0.1)),
        )
        yield (
            "TFLite numbers",
            REFUSED,
            f"FILL of {value}",
            hostile.single("FILL", (const([value, value]), const(1.0, np.float32)), T((value, value), np.float32)),
        )
        yield (
            "TFLite numbers",
            REFUSED,
            f"RESIZE to {value}",
            hostile.single(
                "RESIZE_NEAREST_NEIGHBOR",
                (T((1, 2, 2, 1), scale=0.1), const([value, value])),
                T((1, 4, 4, 1), scale=0.1),
                ("ResizeNearestNeighborOptions", {}),
            ),
        )
        yield (
            "TFLite numbers",
            REFUSED,
            f"SPLIT at axis {value}",
            hostile.single("SPLIT", (const(value), x), y, ("SplitOptions", {"NumSplits": 1})),
        )
    for scale in (np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0, 1e-45, 1e-39, 3e38):
        wanted = EITHER if np.isfinite(scale) and scale > 0 else REFUSED
        yield "TFLite scales", wanted, f"input {scale}", hostile.conv(x_scale=scale)
        yield "TFLite scales", wanted, f"weights {scale}", hostile.conv(w_scale=[scale] * 3)
        yield "TFLite scales", wanted, f"output {scale}", hostile.conv(y_scale=scale)
    for zero in (-129, 128, 2**31 - 1, -(2**63), 2**63 - 1):
        yield "TFLite scales", REFUSED, f"zero point {zero}", hostile.conv(x_zero=zero)
    many = [T((2,), **F32) for _ in range(3000)]
    chain = [O("RELU", (a,), (b,)) for a, b in zip(many, many[1:], strict=False)]
    yield (
        "TFLite files",
        EITHER,
        "one tensor that three thousand operators name",
        model([O("ADD_N", [many[0]] * 3000, (many[1],))], (many[0],), (many[1],)),
    )
    yield "TFLite files", REFUSED, "operators in reverse", model(chain[:50][::-1], (many[0],), (many[50],))
    c, x = T((1,), np.bool_), T((2,), **F32)
    y = T((2,), **F32)
    wide = (2**12, 2**12)
    fills = [T(wide, np.float32) for _ in range(20)]
    makers = [O("FILL", (const(wide), const(float(i), np.float32)), (t,)) for i, t in enumerate(fills)]
    given, total = T(wide, np.float32), T(wide, np.float32)
    large = model([*makers, O("ADD_N", (given, *fills), (total,))], (given,), (total,))
    yield "TFLite numbers", EITHER, "twenty large fills", large
    yield "TFLite calls", REFUSED, "graphs 1 and 2 of none", model([if_(c, (x,), (y,), 1, 2)], (c, x), (y,), [G([])])
