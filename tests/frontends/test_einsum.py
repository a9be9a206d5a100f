"""Einsum and Trilu against onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import passes, reference
from barecast.errors import BarecastError
from barecast.options import Options

from tests.frontends.build import agrees, expected, model, node, noise, ops_of, read

EQUATIONS = {
    "ij->ji": [(3, 4)],
    "ij->": [(3, 4)],
    "bhij->hb": [(2, 3, 4, 5)],
    "ba": [(3, 4)],
    "...ij->...ji": [(2, 3, 4, 5)],
    "ij,jk->ik": [(3, 4), (4, 5)],
    "ij,jk": [(3, 4), (4, 5)],
    "bij , bjk -> bik": [(2, 3, 4), (2, 4, 5)],
    "bhqd,bhkd->bhqk": [(2, 3, 4, 5), (2, 3, 6, 5)],
    "bqhd,bkhd->bhqk": [(2, 4, 3, 5), (2, 6, 3, 5)],
    "bhqk,bkhd->bqhd": [(2, 3, 4, 6), (2, 6, 3, 5)],
    "bchw,oc->bohw": [(1, 3, 4, 5), (6, 3)],
    "i,j->ij": [(3,), (4,)],
    "i,i->": [(5,), (5,)],
    "i,i->i": [(5,), (5,)],
    "...ij,...jk->...ik": [(2, 3, 4), (2, 4, 5)],
    "...i,ij->...j": [(2, 3, 4), (4, 5)],
    "bij,bjk->bik": [(1, 3, 4), (2, 4, 5)],
    "ijk,ljm->im": [(2, 3, 4), (5, 3, 6)],
    "ij,jk,kl->il": [(2, 3), (3, 4), (4, 5)],
    "bi,bj,bk->bijk": [(2, 3), (2, 4), (2, 5)],
}


@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize("weights", [False, True])
def test_einsum(equation, weights, tmp_path):
    """weights: all but the first operand are constants."""
    shapes = EQUATIONS[equation]
    names = [chr(ord("p") + index) for index in range(len(shapes))]
    fixed = {n: noise(*s) for n, s in zip(names[1:], shapes[1:], strict=True)} if weights else {}
    fed = {n: s for n, s in zip(names, shapes, strict=True) if n not in fixed}
    proto = model(node("Einsum", " ".join(names), equation=equation), inputs=fed, constants=fixed)
    made = passes.run(agrees(proto, tmp_path), Options())
    feeds = {n: noise(*s, seed=7) for n, s in fed.items()}
    np.testing.assert_allclose(reference.run(made, feeds)["y"], expected(proto, feeds)["y"], rtol=1e-5, atol=1e-5)


def test_a_product_with_a_matrix_is_a_dense_layer(tmp_path):
    proto = model(
        node("Einsum", "x w", equation="bij,jk->bik"), inputs={"x": (2, 3, 4)}, constants={"w": noise(4, 5)}
    )
    assert [op for op in ops_of(passes.run(read(proto, tmp_path), Options())) if op != "reshape"] == ["dense"]


@pytest.mark.parametrize(
    ("equation", "reason"),
    [
        ("ii->i", "takes a diagonal"),
        ("ij->jj", "names an axis twice"),
        ("ij->ik", "one that no input has"),
        ("ij,jk->ik", "does not fit its inputs"),
        ("ijk->i", "names 3 axes of 2"),
        ("i->i", "names 1 axes of 2"),
        ("i#->i", "does not fit its inputs"),
    ],
)
def test_equations_that_are_refused(equation, reason, tmp_path):
    with pytest.raises(BarecastError, match=reason):
        read(model(node("Einsum", "x", equation=equation), inputs={"x": (3, 3)}), tmp_path)


def test_extents_that_contradict(tmp_path):
    with pytest.raises(BarecastError, match="has the extents 4 and 3"):
        read(model(node("Einsum", "x w", equation="ij,jk->ik"), inputs={"x": (3, 4), "w": (3, 4)}), tmp_path)


@pytest.mark.parametrize("upper", [0, 1])
@pytest.mark.parametrize("k", [None, 0, 1, -2, 7, -(2**40)])
@pytest.mark.parametrize("shape", [(4, 5), (2, 3, 5, 4)])
def test_triangle(upper, k, shape, tmp_path):
    held = {} if k is None else {"k": np.array(k)}
    agrees(model(node("Trilu", "x k" if held else "x", upper=upper), inputs={"x": shape}, constants=held), tmp_path)
