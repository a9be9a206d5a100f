"""ai.onnx.ml: scalers, norms and linear models, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from barecast import reference
from barecast.errors import ModelError, UnsupportedError
from onnx import helper

from tests.frontends.build import FLOAT, INT64, agrees, expected, model, node, noise, read

ML = "ai.onnx.ml"


def classical(op: str, shape: tuple[int, ...], outputs: str = "y", types: dict[str, int] | None = None, **attributes):
    """One node of the domain on the input x."""
    made = node(op, "x", outputs, domain=ML, **attributes)
    return ml(model(made, inputs={"x": shape}, outputs=types or {"y": FLOAT}))


def ml(proto: onnx.ModelProto) -> onnx.ModelProto:
    proto.opset_import.append(helper.make_opsetid(ML, 1))
    return proto


@pytest.mark.parametrize("count", [1, 5])
def test_scaler(count, tmp_path):
    offset, scale = noise(count).tolist(), (noise(count, seed=1) + 2).tolist()
    agrees(classical("Scaler", (3, 5), offset=offset, scale=scale), tmp_path)


@pytest.mark.parametrize("norm", ["MAX", "L1", "L2"])
def test_normalizer(norm, tmp_path):
    """One row is zero, one has a maximum below zero."""
    proto = classical("Normalizer", (3, 4), norm=norm)
    x = np.float32([[1, -7, 3, 2], [0, 0, 0, 0], [-4, -1, -2, -8]])
    have, want = reference.run(read(proto, tmp_path), {"x": x})["y"], expected(proto, {"x": x})["y"]
    np.testing.assert_allclose(have, want, rtol=1e-6)


@pytest.mark.parametrize("targets", [1, 3])
def test_linear_regressor(targets, tmp_path):
    weights, bias = noise(targets * 5).tolist(), noise(targets, seed=1).tolist()
    agrees(classical("LinearRegressor", (4, 5), coefficients=weights, intercepts=bias, targets=targets), tmp_path)


def test_linear_regressor_without_intercepts(tmp_path):
    agrees(classical("LinearRegressor", (4, 5), coefficients=noise(5).tolist()), tmp_path)


def classifier(labels: list[int], rows: int, **attributes) -> onnx.ModelProto:
    weights, bias = noise(rows * 5).tolist(), noise(rows, seed=1).tolist()
    given = {"classlabels_ints": labels} if labels else {}
    return classical("LinearClassifier", (6, 5), "label p", {"label": INT64, "p": FLOAT}, coefficients=weights,
                     intercepts=bias, **given, **attributes)  # fmt: skip


@pytest.mark.parametrize("transform", ["NONE", "SOFTMAX", "LOGISTIC"])
@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2], [7, -3, 12, 2**31 - 1]])
def test_linear_classifier(labels, transform, tmp_path):
    agrees(classifier(labels, len(labels), post_transform=transform), tmp_path)


def test_the_first_of_equal_scores_gives_the_label(tmp_path):
    proto = classical("LinearClassifier", (1, 2), "label p", {"label": INT64, "p": FLOAT}, coefficients=[1.0] * 6,
                      intercepts=[0.0, 1.0, 1.0], classlabels_ints=[4, 5, 6])  # fmt: skip
    graph = agrees(proto, tmp_path)
    assert reference.run(graph, {"x": np.ones((1, 2), np.float32)})["label"] == [5]


@pytest.mark.parametrize("labels", [[3, 1, 2], [0, 1, 2]])
def test_labels_of_places_found(labels, tmp_path):
    nodes = [node("ArgMax", "x", "at", axis=1), node("ArrayFeatureExtractor", "labels at", "found", domain=ML),
             node("Reshape", "found flat")]  # fmt: skip
    constants = {"labels": np.array(labels), "flat": np.array([-1])}
    agrees(ml(model(*nodes, inputs={"x": (4, 3)}, outputs={"y": INT64}, constants=constants)), tmp_path)


@pytest.mark.parametrize("shape", [(2, 5), (5,), (2, 3, 5)])
def test_features_at_constant_places(shape, tmp_path):
    constants = {"places": np.array([3, 0, 3])}
    extractor = node("ArrayFeatureExtractor", "x places", domain=ML)
    agrees(ml(model(extractor, inputs={"x": shape}, constants=constants)), tmp_path)


@pytest.mark.parametrize(
    ("proto", "error", "match"),
    [
        (classical("Scaler", (3, 5), offset=[1.0] * 4, scale=[1.0] * 5), ModelError, "4 numbers in offset"),
        (classical("Scaler", (3, 5), offset=[float("nan")], scale=[1.0]), ModelError, "offset has values that are not"),
        (classical("Normalizer", (3, 5), norm="L3"), ModelError, '"L3" is not known'),
        (classical("Normalizer", (3, 5, 2), norm="L2"), ModelError, "one or two axes"),
        (classical("LinearRegressor", (3, 5), coefficients=[1.0] * 4), ModelError, "4 coefficients"),
        (classical("LinearRegressor", (3, 5), coefficients=[1.0] * 5, targets=2**62), ModelError, "5 coefficients"),
        (classical("LinearRegressor", (3, 5), coefficients=[1.0] * 5, post_transform="PROBIT"), UnsupportedError, "post"),
        (classifier([0, 1], 1), UnsupportedError, "one score for two classes"),
        (classifier([], 2), ModelError, "no labels"),
        (classifier([0, 2**40], 2), UnsupportedError, "beyond 32 bits"),
        (classifier([0, 1], 2, post_transform="PROBIT"), UnsupportedError, "post_transform"),
        (classifier([0, 1], 2, classlabels_strings=["a", "b"]), UnsupportedError, "strings"),
    ],
)
def test_refused(proto, error, match, tmp_path):
    with pytest.raises(error, match=match):
        read(proto, tmp_path)
