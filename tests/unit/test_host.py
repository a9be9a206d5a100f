"""barecast.compile: generated C in this process."""

from __future__ import annotations

from pathlib import Path

import barecast
import numpy as np
import pytest
from barecast import pipeline, reference, targets
from barecast.errors import UsageError

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    with np.load(DIGITS / "digits_test.npz") as archive:
        return archive["image"][:4]


def expected(name: str, image: np.ndarray) -> np.ndarray:
    graph = pipeline.compile_model(DIGITS / f"{name}.onnx", targets.load("host")).graph
    return reference.run(graph, {"image": image})["logits"]


def test_it_computes_what_the_reference_says(images):
    with barecast.compile(DIGITS / "digits_int8.onnx", name="net") as model:
        one = model.run(images[0])
        many = model.run({"image": images})
        assert model.name == "net" and model.arena_bytes > 0
        assert {"net.c", "net.h"} <= set(model.sources)
    assert set(one) == {"logits"} and one["logits"].shape == (1, 10) and many["logits"].shape == (4, 1, 10)
    for index, image in enumerate(images):
        assert np.array_equal(many["logits"][index], expected("digits_int8", image))
    assert np.array_equal(one["logits"], many["logits"][0])


def test_two_instances_side_by_side_even_with_one_name(images):
    with (
        barecast.compile(DIGITS / "digits_int8.onnx", name="net") as int8,
        barecast.compile(DIGITS / "digits_float.onnx", name="net") as float32,
        barecast.compile(DIGITS / "digits_int8.onnx", name="net") as again,
    ):
        first = int8.run(images[0])["logits"]
        other = float32.run(images[1])["logits"]
        assert np.array_equal(int8.run(images[0])["logits"], first)
        assert np.array_equal(again.run(images[0])["logits"], first)
        np.testing.assert_allclose(other, expected("digits_float", images[1]), rtol=1e-4, atol=1e-5)
    assert np.array_equal(first, expected("digits_int8", images[0]))


def test_outputs_stay_when_the_model_runs_again_and_closes(images):
    with barecast.compile(DIGITS / "digits_int8.onnx") as model:
        first = model.run(images[0])["logits"]
        kept = first.copy()
        model.run(images[1])
    assert np.array_equal(first, kept)


def test_closing_removes_the_folder_and_ends_use(images):
    model = barecast.compile(DIGITS / "digits_int8.onnx")
    folder = Path(model._folder.name)
    assert folder.is_dir()
    model.close()
    model.close()
    assert not folder.exists()
    with pytest.raises(UsageError, match="closed"):
        model.run(images[0])


def test_a_failing_compiler_leaves_no_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(barecast.ToolError, match="gcc"):
        barecast.compile(DIGITS / "digits_int8.onnx")
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_is_refused(images):
    with pytest.raises(UsageError, match="cortex-m4"):
        barecast.compile(DIGITS / "digits_int8.onnx", target="cortex-m4")
    with barecast.compile(DIGITS / "digits_int8.onnx") as model:
        for wrong in (images.astype(np.float64), images[:, 0, 0], {"picture": images}):
            with pytest.raises(UsageError):
                model.run(wrong)
