"""Normalisation by statistics of the input, held against onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from barecast import passes
from barecast.options import Options

from tests.frontends.build import FLOAT, agrees, expected, expected_by_onnx, model, node, ops_of

SHAPE = (2, 3, 4, 5)


def _parameters(*shape: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    return {"scale": random.normal(size=shape).astype(np.float32), "b": random.normal(size=shape).astype(np.float32)}


@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("inputs", ["x scale b", "x scale"])
def test_layer(axis, inputs, tmp_path):
    constants = {k: v for k, v in _parameters(*SHAPE[axis:]).items() if k in inputs.split()}
    one = node("LayerNormalization", inputs, axis=axis, epsilon=1e-2)
    agrees(model(one, inputs={"x": SHAPE}, constants=constants, opset=17), tmp_path)


@pytest.mark.parametrize("shape", [SHAPE, (1, 3, 7)])
def test_instance(shape, tmp_path):
    one = node("InstanceNormalization", "x scale b", epsilon=1e-2)
    agrees(model(one, inputs={"x": shape}, constants=_parameters(3), opset=13), tmp_path)


@pytest.mark.parametrize("axes", [[0, 2, 3], [2, 3]])
def test_mean_variance(axes, tmp_path):
    agrees(model(node("MeanVarianceNormalization", "x", axes=axes), inputs={"x": SHAPE}, opset=13), tmp_path)


def test_further_outputs_of_layer(tmp_path):
    """The mean and 1 / the deviation, of which either may be absent."""
    for names in ("y m i", "y - i", "y m"):
        results = {name: FLOAT for name in names.split() if name != "-"}
        one = node("LayerNormalization", "x scale", names, axis=2)
        agrees(model(one, inputs={"x": SHAPE}, outputs=results, constants={"scale": np.float32([1])}), tmp_path)


@pytest.mark.parametrize("shape", [(2, 6, 4, 5), (1, 6, 7), (3, 6)])
@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("opset", [18, 21])
def test_group(shape, groups, opset, tmp_path):
    """In opset 18 scale and bias are those of the groups, which onnxruntime does not know."""
    one = node("GroupNormalization", "x scale b", num_groups=groups, epsilon=1e-2)
    constants = _parameters(groups if opset < 21 else 6)
    oracle = expected_by_onnx if opset < 21 else expected
    agrees(model(one, inputs={"x": shape}, constants=constants, opset=opset), tmp_path, oracle=oracle)


SPELT = {
    "pow, div": "ReduceMean x m; Sub x,m d; Pow d,two p; ReduceMean p v; Add v,e a; Sqrt a r; Div d,r n",
    "mul, div": "ReduceMean x m; Sub x,m d; Mul d,d p; ReduceMean p v; Add e,v a; Sqrt a r; Div d,r n",
    "reciprocal": "ReduceMean x m; Sub x,m d; Mul d,d p; ReduceMean p v; Add v,e a; Sqrt a r; Reciprocal r i; Mul d,i n",
    "one over root": "ReduceMean x m; Sub x,m d; Pow d,two p; ReduceMean p v; Add v,e a; Sqrt a r; Div one,r i; Mul i,d n",
    "power": "ReduceMean x m; Sub x,m d; Pow d,two p; ReduceMean p v; Add v,e a; Pow a,less i; Mul d,i n",
    "difference twice": (
        "ReduceMean x m; Sub x,m d; Sub x,m c; Pow c,two p; ReduceMean p v; Add v,e a; Sqrt a r; Div d,r n"
    ),
}
BEHIND = "; Mul n,scale s; Add s,b y"
MOMENTS = (
    "ReduceMean x m; Sub x,m d; Mul d,d p; ReduceMean p v; Add v,e a; Sqrt a r; Reciprocal r i; Mul i,scale f; "
    "Mul x,f s; Mul m,f t; Sub b,t u; Add s,u y"
)
ROOT = "Mul x,x p; ReduceMean p v; Add v,e a; Sqrt a r; Div x,r n; Mul n,scale y"


def _spelt(text: str, **attributes) -> onnx.ModelProto:
    """A model of "operator inputs output" statements, of opset 13."""
    held = {**_parameters(5), "two": np.float32(2), "e": np.float32(1e-2), "one": np.float32(1), "less": np.float32(-0.5)}
    statements = [statement.split() for statement in text.split("; ")]
    nodes = [
        node(op, names.replace(",", " "), y, **(attributes if op == "ReduceMean" else {})) for op, names, y in statements
    ]
    used = {n for _, names, _ in statements for n in names.split(",")}
    return model(*nodes, inputs={"x": SHAPE}, constants={k: v for k, v in held.items() if k in used}, opset=13)


def _steps(proto: onnx.ModelProto, folder: Path) -> list[str]:
    """What the passes leave of it besides views, once it agrees with onnxruntime."""
    return [op for op in ops_of(passes.run(agrees(proto, folder), Options())) if op != "reshape"]


@pytest.mark.parametrize("text", [*(t + BEHIND for t in SPELT.values()), MOMENTS, ROOT], ids=[*SPELT, "moments", "rms"])
def test_spelt_out_it_is_one_step(text, tmp_path):
    """As exporters write it before opset 17."""
    assert _steps(_spelt(text, axes=[-1]), tmp_path) == ["layer_norm"]


@pytest.mark.parametrize(
    "text",
    [
        "ReduceMean x m; Sub x,m d; Pow d,two p; ReduceMean p v; Add v,e a; Sqrt a r; Div x,r y",  # x is not centred
        "ReduceMean x m; Sub m,x d; Pow x,two p; ReduceMean p v; Add v,e a; Sqrt a r; Div d,r y",  # of something else
    ],
)
def test_what_only_looks_like_it_stays(text, tmp_path):
    assert "layer_norm" not in _steps(_spelt(text, axes=[-1]), tmp_path)


def test_normalisations_are_one_step(tmp_path):
    """Each with its parameters, and a Relu behind it; a group's parameters are those of channels, not of groups."""
    layer = node("LayerNormalization", "x scale b", "n", epsilon=1e-2)
    instance = node("InstanceNormalization", "x scale b", "n", epsilon=1e-2)
    group = node("GroupNormalization", "x scale b", "n", num_groups=1, epsilon=1e-2)
    for one, size, steps in ((layer, 5, 1), (instance, 3, 1), (group, 3, 3)):
        proto = model(one, node("Relu", "n"), inputs={"x": SHAPE}, constants=_parameters(size), opset=21)
        found = _steps(proto, tmp_path)
        assert (found[0], len(found)) == ("layer_norm", steps)
