"""Samples: reading, writing and inventing them."""

from __future__ import annotations

import numpy as np
import pytest
from barecast.errors import UsageError
from barecast.graph import DType, Graph, GraphBuilder, Port, Quant, TensorType
from barecast.ops.quantize import Quantize
from barecast.samples import Samples, match_samples, random_samples, read_samples, write_samples

from tests.cases import gather, gather_nd

WANTED = {"x": TensorType(DType.F32, (1, 4)), "len": TensorType(DType.S8, ())}


def arrays(count: int | None = None) -> dict[str, np.ndarray]:
    front = () if count is None else (count,)
    return {"x": np.ones((*front, 1, 4), np.float32), "len": np.zeros(front, np.int8)}


def test_arrays_without_a_sample_axis_are_one_sample():
    found = match_samples(arrays(), WANTED)
    assert found.single and found.count == 1
    assert found.arrays["x"].shape == (1, 1, 4) and found.one(0)["len"].shape == ()


def test_one_axis_more_is_samples():
    found = match_samples(arrays(5), WANTED)
    assert not found.single and found.count == 5
    assert found.only(3).arrays["x"].shape == (1, 1, 4)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda a: a.pop("x"), 'no array for input "x"'),
        (lambda a: a.update(y=a["x"]), 'no input "y"'),
        (lambda a: a.update(x=a["x"].astype(np.float64)), "float64"),
        (lambda a: a.update(x=a["x"].reshape(3, 4)), "shape 3x4"),
        (lambda a: a.update(x=a["x"][:2]), "number of samples"),
        (lambda a: a.update(x=np.ones((1, 4), np.float32)), "number of samples"),
        (lambda a: a.update(x=a["x"][:0]), "holds no samples"),
    ],
)
def test_what_does_not_fit_is_told(change, told):
    given = arrays(3)
    change(given)
    with pytest.raises(UsageError) as error:
        match_samples(given, WANTED)
    assert told in error.value.message() and error.value.remedy


@pytest.mark.parametrize("single", [True, False])
def test_written_samples_are_read_back_at_exactly_that_path(tmp_path, single):
    path = tmp_path / "out.data"
    given = match_samples(arrays(None if single else 2), WANTED)
    write_samples(path, given)
    assert [p.name for p in tmp_path.iterdir()] == ["out.data"]
    with np.load(path) as archive:
        assert archive["x"].shape == ((1, 4) if single else (2, 1, 4))
    again = read_samples(path, WANTED)
    assert again.single is single
    for name in WANTED:
        assert np.array_equal(again.arrays[name], given.arrays[name])


def test_written_files_are_the_same_bytes_and_take_any_name(tmp_path):
    samples = Samples({"file": np.ones((1, 2)), "a/b:0": np.ones((1, 2)), "../up": np.zeros((1, 1))})
    for name in ("a", "b"):
        write_samples(tmp_path / name, samples)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with np.load(tmp_path / "a") as archive:
        assert sorted(archive.files) == ["../up", "a/b:0", "file"]


@pytest.mark.parametrize("kind", ["absent", "folder", "text", "empty", "npy", "pickle", "cut"])
def test_unreadable_files_are_told_by_name(tmp_path, kind):
    path = tmp_path / "in.npz"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("not a zip")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "npy":
        with path.open("wb") as stream:
            np.save(stream, np.ones(3))
    elif kind == "pickle":
        with path.open("wb") as stream:
            np.savez(stream, x=np.array([{}], dtype=object))
    elif kind == "cut":
        write_samples(path, Samples({"x": np.random.default_rng(0).random((4, 100))}))
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UsageError, match="in.npz"):
        read_samples(path, WANTED)


def model(type_: TensorType, quantised: TensorType | None = None) -> Graph:
    builder = GraphBuilder("m")
    x = builder.tensor("x", type_)
    builder.inputs.append(Port("image", x))
    y = x
    if quantised is not None:
        y = builder.tensor("y", quantised)
        builder.add("quantize", Quantize(), (x,), (y,))
    builder.outputs.append(Port("out", y))
    return builder.build()


def test_random_integers_reach_both_ends_of_the_range():
    values = random_samples(model(TensorType(DType.S8, (1, 64), Quant((0.5,), (-20,)))), 4).arrays["image"]
    assert values.dtype == np.int8 and values.shape == (4, 1, 64)
    assert set(values[1].ravel()) == {-128, 127}
    assert set(values[3].ravel()) == {-20}
    assert len(set(values[0].ravel())) > 20


def test_random_floats_cover_the_quantised_range_and_saturate():
    graph = model(TensorType(DType.F32, (1, 500)), TensorType(DType.U8, (1, 500), Quant((0.02,), (100,))))
    values = random_samples(graph, 2).arrays["image"]
    low, high = -100 * 0.02, 155 * 0.02
    assert values.min() < low and values.max() > high
    assert values.min() > low - 0.6 and values.max() < high + 0.6


def test_random_samples_are_seeded():
    graph = model(TensorType(DType.F32, (1, 8)))
    first, again, other = (random_samples(graph, 3, seed).arrays["image"] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert np.abs(first).max() <= 3


def test_random_booleans_and_amounts_stay_in_range():
    assert random_samples(model(TensorType(DType.BOOL, (9,))), 4).arrays["image"].dtype == np.bool_
    assert np.abs(random_samples(model(TensorType(DType.S64, (50,))), 4).arrays["image"]).max() <= 8


def test_random_indices_stay_on_their_axes():
    """An index beyond its axis would be another value for barecast than for TFLM."""
    graphs = (gather.CASES[0].graph, gather_nd.CASES[1].graph)  # of 9 numbers, and of 5 x 3 by pairs
    for graph, last in zip(graphs, (8, 2), strict=True):
        drawn = random_samples(graph, 20, 0).arrays["x1"]
        assert drawn.min() == 0 and drawn.max() == last


def test_no_random_samples_is_an_error():
    with pytest.raises(UsageError, match="0 samples"):
        random_samples(model(TensorType(DType.F32, (1,))), 0)
