import numpy as np
import pytest
from barecast import passes, reference
from barecast.options import Options
from barecast.passes.fuse_functions import fuse_functions

from tests.frontends.build import expected, model, node, noise, ops_of, read
from tests.passes.expect import becomes, stays

C = {"half": 0.5, "one": 1.0, "two": 2.0, "three": 3.0, "six": 6.0, "sixth": 1 / 6, "root": np.sqrt(2), "zero": 0.0}
C |= {"back": np.sqrt(0.5), "slope": np.sqrt(2 / np.pi), "cube": 0.044715, "power": 3.0}

SPELLINGS = {
    "silu": [("Sigmoid", "x", "s"), ("Mul", "x s", "y")],
    "silu by exp": [("Neg", "x", "n"), ("Exp", "n", "e"), ("Add", "e one", "d"), ("Div", "x d", "y")],
    "hard swish": [("Add", "x three", "a"), ("Clip", "a zero six", "c"), ("Mul", "x c", "m"), ("Div", "m six", "y")],
    "hard swish, factor first": [
        ("Add", "three x", "a"), ("Clip", "a zero six", "c"), ("Mul", "c sixth", "m"), ("Mul", "m x", "y"),
    ],
    "hard swish of hard sigmoid": [("HardSigmoid", "x", "h"), ("Mul", "h x", "y")],
    "gelu": [
        ("Div", "x root", "d"), ("Erf", "d", "e"), ("Add", "e one", "a"), ("Mul", "x a", "m"), ("Mul", "m half", "y"),
    ],
    "gelu, half first": [
        ("Mul", "x half", "h"), ("Mul", "x back", "d"), ("Erf", "d", "e"), ("Add", "one e", "a"), ("Mul", "h a", "y"),
    ],
    "gelu by tanh": [
        ("Pow", "x power", "p"), ("Mul", "p cube", "q"), ("Add", "x q", "r"), ("Mul", "r slope", "s"),
        ("Tanh", "s", "t"), ("Add", "t one", "u"), ("Mul", "x half", "h"), ("Mul", "h u", "y"),
    ],
    "mish": [("Softplus", "x", "s"), ("Tanh", "s", "t"), ("Mul", "x t", "y")],
    "softplus": [("Exp", "x", "e"), ("Add", "e one", "a"), ("Log", "a", "y")],
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings(name, tmp_path):
    nodes = [
        node(op, inputs, output, **({"alpha": 1 / 6} if op == "HardSigmoid" else {}))
        for op, inputs, output in SPELLINGS[name]
    ]
    used = {part for _, inputs, _ in SPELLINGS[name] for part in inputs.split()}
    constants = {name: np.float32(value) for name, value in C.items() if name in used}
    proto = model(*nodes, inputs={"x": (2, 3, 50)}, constants=constants)
    graph = passes.run(read(proto, tmp_path), Options())
    assert ops_of(graph) == ["unary"]
    x = {"x": 3 * noise(2, 3, 50)}
    np.testing.assert_allclose(reference.run(graph, x)["y"], expected(proto, x)["y"], rtol=1e-5, atol=3e-6)


def test_a_tensor_that_is_read_elsewhere_stays():
    stays(
        fuse_functions,
        """graph "g"
        input "x" %x: f32[2,3]
        %s: f32[2,3] = unary(%x) kind=sigmoid
        %y: f32[2,3] = binary(%x, %s) kind=mul
        output "y" %y
        output "s" %s
        """,
    )


def test_another_factor_is_another_function():
    stays(
        fuse_functions,
        """graph "g"
        input "x" %x: f32[2,3]
        const %c: f32[] = [1.01]
        %s: f32[2,3] = unary(%x) kind=sigmoid
        %t: f32[2,3] = binary(%s, %c) kind=mul
        %y: f32[2,3] = binary(%x, %t) kind=mul
        output "y" %y
        """,
    )


def test_within_a_longer_chain():
    becomes(
        fuse_functions,
        """graph "g"
        input "x" %x: f32[2,3]
        %a: f32[2,3] = unary(%x) kind=square
        %s: f32[2,3] = unary(%a) kind=sigmoid
        %m: f32[2,3] = binary(%s, %a) kind=mul
        %y: f32[2,3] = binary(%m, %x) kind=add
        output "y" %y
        """,
        """graph "g"
        input "x" %x: f32[2,3]
        %a: f32[2,3] = unary(%x) kind=square
        %m: f32[2,3] = unary(%a) kind=silu
        %y: f32[2,3] = binary(%m, %x) kind=add
        output "y" %y
        """,
        tolerance=1e-5,
    )
