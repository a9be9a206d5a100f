"""Single layers on Cortex-A: executed instructions and estimated cycles a MAC, beside other engines; docs/layers.md.

    python -m bench.layers [--targets T,T...] [--only LAYER] [-o docs/layers.md]

Each layer is a model of its own with random weights, normally distributed as those of trained networks are. What counts
is its step alone: nothing that brings inputs to the model's border or results from it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from barecast import __version__, pipeline, targets
from barecast.options import Options
from barecast.profiling import StepCost, profile
from barecast.targets import Pipeline, Target
from onnx import TensorProto, helper, numpy_helper

REPO = Path(__file__).resolve().parents[1]

A55 = Pipeline(
    model="LLVM's scheduling model of Cortex-A55",
    source="LLVM, AArch64SchedA55.td: CortexA55Model and its MispredictPenalty",
    cpu="cortex-a55",
    triple="aarch64-linux-gnu",
    taken=0,
    mispredicted=8,
)
"""How long cortex-a53's code takes on the core that came after it."""


@dataclass(frozen=True)
class Layer:
    """A convolution with a Relu behind it, padded to the input's extents by the stride. side: of the square image,
    kernel: of the square window."""

    name: str
    ins: int
    outs: int
    side: int
    kernel: int = 1
    stride: int = 1
    groups: int = 1
    kind: str = ""

    @property
    def title(self) -> str:
        return f"{self.name}, {self.side}x{self.side}"


def depthwise(channels: int, side: int, stride: int) -> Layer:
    return Layer(
        f"depthwise 3x3 s{stride}, {channels}", channels, channels, side, 3, stride, channels, f"depthwise s{stride}"
    )


LAYERS = (
    Layer("3x3 64 to 64", 64, 64, 56, 3, kind="3x3"),
    Layer("1x1 384 to 64", 384, 64, 14, kind="1x1"),
    Layer("first 3x3 s2, 3 to 32", 3, 32, 224, 3, 2, kind="first"),
    depthwise(64, 56, 1),
    depthwise(64, 56, 2),
    depthwise(384, 14, 1),
    depthwise(384, 14, 2),
)

PEERS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "float32": {
        "3x3": ("0.092", "0.330", "0.364"),
        "1x1": ("0.307", "0.326", "0.334"),
        "first": ("0.39", "0.64", "0.63"),
        "depthwise s1": ("0.53", "0.85", "1.61"),
        "depthwise s2": ("0.94", "0.85", "8.3"),
    },
    "int8, without dot products": {
        "3x3": ("0.096", "0.271", "0.310"),
        "1x1": ("0.284", "0.265", "0.379"),
        "first": ("0.51", "0.54", "1.02"),
        "depthwise s1": ("1.39", "0.717", "1.24"),
        "depthwise s2": ("-", "0.718", "2.4"),
    },
    "int8, with dot products": {
        "3x3": ("0.091", "0.086", "0.109"),
        "1x1": ("0.118", "0.083", "0.168"),
        "first": ("0.33", "0.31", "0.69"),
        "depthwise s1": ("-", "0.717", "-"),
        "depthwise s2": ("-", "0.718", "-"),
    },
}
"""Executed instructions a MAC of ncnn (2026), XNNPACK (LiteRT 1.4) and onnxruntime 1.32, by section and kind of layer:
single layers under QEMU 7.2, one thread. Measured once with those engines, not by this command."""


def model(layer: Layer, quantised: bool) -> onnx.ModelProto:
    """The layer as a network; QDQ with int8 at its border and a scale a channel if quantised. Equal calls give equal
    models."""
    random = np.random.default_rng(50)
    shape = (layer.outs, layer.ins // layer.groups, layer.kernel, layer.kernel)
    weights = random.standard_normal(shape).astype(np.float32) * np.float32(np.sqrt(2 / np.prod(shape[1:])))
    bias = 0.1 * random.standard_normal(layer.outs).astype(np.float32)
    constants: dict[str, np.ndarray] = {"b": bias}
    nodes = []
    pads = [layer.kernel // 2] * 4
    attributes = {"strides": [layer.stride] * 2, "pads": pads, "group": layer.groups}
    if quantised:
        scales = np.abs(weights).max(axis=(1, 2, 3)) / np.float32(127)
        steps = np.rint(weights / scales[:, None, None, None]).astype(np.int8)
        constants |= {"w8": steps, "ws": scales, "wz": np.zeros(layer.outs, np.int8)}
        constants |= {"xs": np.float32(0.02), "ys": np.float32(0.025), "z": np.int8(-128)}
        constants |= {"b": np.rint(bias / (0.02 * scales)).astype(np.int32), "bs": np.float32(0.02) * scales}
        constants["bz"] = np.zeros(layer.outs, np.int32)
        nodes += [
            helper.make_node("DequantizeLinear", ["x", "xs", "z"], ["xf"]),
            helper.make_node("DequantizeLinear", ["w8", "ws", "wz"], ["w"], axis=0),
            helper.make_node("DequantizeLinear", ["b", "bs", "bz"], ["bf"], axis=0),
            helper.make_node("Conv", ["xf", "w", "bf"], ["c"], **attributes),
            helper.make_node("Relu", ["c"], ["r"]),
            helper.make_node("QuantizeLinear", ["r", "ys", "z"], ["y"]),
        ]
    else:
        constants["w"] = weights
        nodes += [
            helper.make_node("Conv", ["x", "w", "b"], ["c"], **attributes),
            helper.make_node("Relu", ["c"], ["y"]),
        ]
    dtype, side = TensorProto.INT8 if quantised else TensorProto.FLOAT, -(-layer.side // layer.stride)
    ports = [("x", (1, layer.ins, layer.side, layer.side)), ("y", (1, layer.outs, side, side))]
    x, y = (helper.make_tensor_value_info(name, dtype, extents) for name, extents in ports)
    initializers = [numpy_helper.from_array(np.asarray(data), name) for name, data in constants.items()]
    graph = helper.make_graph(nodes, "layer", [x], [y], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def core(name: str) -> Target:
    """The target of a column: cortex-a55 is cortex-a53's code, estimated for the core that came after it."""
    return replace(targets.load("cortex-a53"), pipeline=A55) if name == "cortex-a55" else targets.load(name)


def measure(layer: Layer, quantised: bool, name: str) -> StepCost:
    """What the layer's own step costs on a core."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.onnx"
        onnx.save(model(layer, quantised), path)
        costs = profile(pipeline.compile_model(path, core(name), Options()))
    (step,) = (step for step in costs.steps if step.macs)
    return step


Costs = Mapping[tuple[str, bool, str], StepCost]
"""By title of the layer, whether it is int8, and name of the core."""


def measured(layers: Sequence[Layer], cores: Sequence[str], jobs: int) -> Costs:
    wanted = [(layer, quantised, name) for layer in layers for quantised in (False, True) for name in cores]
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(measure, *zip(*wanted, strict=True))
        return {(layer.title, q, name): cost for (layer, q, name), cost in zip(wanted, found, strict=True)}


def sections(cores: Sequence[str]) -> tuple[tuple[str, bool, tuple[str, ...]], ...]:
    """Title, whether it is int8, and cores: those with dot products apart, for they have other peers."""
    dots = tuple(name for name in cores if "dotprod" in core(name).isa)
    others = tuple(name for name in cores if name not in dots)
    float32, without, having = PEERS
    return ((float32, False, tuple(cores)), (without, True, others), (having, True, dots))


def document(layers: Sequence[Layer], cores: Sequence[str], costs: Costs) -> str:
    """docs/layers.md."""
    lines = [
        "# Single layers on Cortex-A",
        "",
        f"barecast {__version__}; written by `python -m bench.layers`. Each layer is a convolution with its bias and a Relu,",
        "of random weights, in a network of its own; what counts is its step alone, one inference, one thread. Instructions",
        "are those that QEMU executes, cycles are estimated by LLVM's scheduling models ([targets.md](targets.md#cycles)):",
        "caches never miss. Both are divided by the layer's multiply-accumulates, places on padding included. The model of",
        "Cortex-A55 has two products of four floats in a cycle, where the core begins one.",
        "",
        "The other engines' columns are instructions a MAC of ncnn (2026), XNNPACK (LiteRT 1.4) and onnxruntime 1.32, the best",
        "that each has for such a core, under the same QEMU. They were measured once, and this command does not repeat it;",
        "of depthwise convolutions there is one figure for both shapes. For their cycles nothing is known.",
    ]
    for title, quantised, chosen in sections(cores):
        if chosen:
            found = {(layer.title, name): costs[layer.title, quantised, name] for layer in layers for name in chosen}
            lines += ["", f"## {title}", "", *_section(title, layers, chosen, found)]
    return "\n".join(lines) + "\n"


def _section(
    title: str, layers: Sequence[Layer], cores: Sequence[str], costs: Mapping[tuple[str, str], StepCost]
) -> list[str]:
    own = [name for name in cores if name != "cortex-a55"]
    timed = [name for name in cores if core(name).pipeline is not None]
    counted = [
        (
            layer.title,
            f"{costs[layer.title, own[0]].macs / 1e6:.2f} M",
            *(_per_mac(costs[layer.title, name], "instructions") for name in own),
            *PEERS[title][layer.kind],
        )
        for layer in layers
    ]
    estimated = [
        (
            layer.title,
            *(_per_mac(costs[layer.title, name], "cycles") for name in timed),
            ", ".join(dict.fromkeys(costs[layer.title, name].kernel.removeprefix("bc_") for name in own)),
        )
        for layer in layers
    ]
    heads = ("layer", *(f"{name}{' (code of cortex-a53)' * (name == 'cortex-a55')}" for name in timed), "kernels")
    return [
        "Executed instructions a MAC:",
        "",
        *_table(("layer", "MAC", *own, "ncnn", "XNNPACK", "onnxruntime"), counted),
        "",
        "Estimated cycles a MAC, and the kernels:",
        "",
        *_table(heads, estimated),
    ]


def _per_mac(cost: StepCost, what: str) -> str:
    value = getattr(cost, what)
    return "-" if value is None else f"{value / cost.macs:.3f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    last = "---|" if heads[-1] == "kernels" else "---:|"
    rule = "|---|" + "---:|" * (len(heads) - 2) + last
    return [f"| {' | '.join(heads)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.layers", description=__doc__.split("\n\n")[0])
    every = [name for name in targets.names() if name.startswith("cortex-a")]
    parser.add_argument("--targets", default=",".join(every), metavar="T,T...")
    parser.add_argument("--only", default="", metavar="LAYER", help="layers with this in their name")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, default=REPO / "docs/layers.md")
    given = parser.parse_args()
    chosen = [layer for layer in LAYERS if given.only in layer.title]
    cores = [core for name in given.targets.split(",") for core in (name, *["cortex-a55"] * (name == "cortex-a53"))]
    text = document(chosen, cores, measured(chosen, cores, given.jobs))
    given.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
