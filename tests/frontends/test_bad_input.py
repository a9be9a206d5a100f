"""Bad models: each gives one error that names the node, the operator and the reason, and says what to do."""

from __future__ import annotations

import re

import numpy as np
import pytest
from barecast import frontends
from barecast.errors import BarecastError, ModelError, UnsupportedError, UsageError

from tests.frontends.bad_models import DAMAGED, I64, IMAGE, UNSUPPORTED, WEIGHT, conv
from tests.frontends.build import model, node, read, save


def _check(error: BarecastError, reason: str) -> None:
    text = error.message()
    assert re.search(reason, text), text
    assert text.isascii() and "Traceback" not in text
    for problem in error.problems or (error,):
        assert problem.remedy, f"no remedy: {problem.message()}"
        assert "\n" not in problem.message()


@pytest.mark.parametrize(("proto", "reason"), [pytest.param(*c, id=n) for n, c in DAMAGED.items()])
def test_damaged(proto, reason, tmp_path):
    with pytest.raises(ModelError) as caught:
        read(proto, tmp_path)
    _check(caught.value, reason)


@pytest.mark.parametrize(("proto", "reason"), [pytest.param(*c, id=n) for n, c in UNSUPPORTED.items()])
def test_unsupported(proto, reason, tmp_path):
    with pytest.raises(UnsupportedError) as caught:
        read(proto, tmp_path)
    _check(caught.value, reason)


def test_all_unsupported_nodes_are_told_at_once(tmp_path):
    proto = model(
        node("Hardmax", "x", "a", name="first"),
        node("Relu", "a", "b"),
        node("LSTM", "b b b", "c", hidden_size=4),
        node("Resize", "x - - p", "d", name="third", mode="cubic"),
        node("Add", "c d"),
        constants={"p": np.array([2, 8], I64)},
    )
    with pytest.raises(UnsupportedError) as caught:
        read(proto, tmp_path)
    assert [(p.node, p.operator) for p in caught.value.problems] == [
        ("first", "Hardmax"),
        ("c", "LSTM"),
        ("third", "Resize"),
    ]
    assert caught.value.message().count("\n") == 3


@pytest.mark.parametrize(
    ("dims", "shapes", "reason"),
    [
        ((1, 4), {"z": (1, 4)}, 'given for "z", which is no input'),
        ((1, 4), {"x": (1, 4, 1)}, "has 3 extents, the input has 2"),
        ((1, 4), {"x": (1, 5)}, "contradicts the model"),
        (("N", "N"), {"x": (1, 2)}, "with N = 1"),
        (("N", 4), {"x": (0, 4)}, "below 1"),
        (("N", 4), {"x": (-1, 4)}, "below 1"),
        (("N", 4), {}, "--shape x=1,4"),
        (("N", "C", "H"), {}, r"give --shape x=1,32,32 .*with your own numbers for C and H"),
        (("N", None, 3), {}, r"give --shape x=1,32,3 .*with your own number for axis 1"),
    ],
)
def test_shapes_that_do_not_fit(dims, shapes, reason, tmp_path):
    with pytest.raises(UsageError) as caught:
        read(model(node("Relu", "x"), inputs={"x": dims}), tmp_path, **shapes)
    _check(caught.value, reason)


def test_a_huge_input(tmp_path):
    with pytest.raises(ModelError, match="more than 2147483647"):
        read(model(node("Relu", "x"), inputs={"x": (2**20, 2**20)}), tmp_path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.onnx", "does not exist"), ("model.pt", "must end in .*[.]onnx"), ("folder.onnx", "regular")],
)
def test_paths_that_are_no_model(name, reason, tmp_path):
    (tmp_path / "folder.onnx").mkdir()
    with pytest.raises(UsageError) as caught:
        frontends.read(tmp_path / name)
    _check(caught.value, reason)


def test_every_prefix_of_a_file_is_refused_or_read(tmp_path):
    data = conv(pads=[1, 1, 1, 1]).SerializeToString()
    path = save(data, tmp_path)
    refused = 0
    for length in range(len(data)):
        path.write_bytes(data[:length])
        try:
            frontends.read(path)
        except BarecastError:
            refused += 1
    # a cut at the border of two fields is a whole file; everything else is not
    assert refused > 0.95 * len(data)


def test_flipped_bytes_never_escape(tmp_path):
    data = bytearray(
        model(
            node("Conv", "x w", "c", pads=[1, 1, 1, 1], strides=[2, 2]),
            node("Reshape", "c s", "r"),
            node("Softmax", "r", axis=1),
            inputs=IMAGE,
            constants={**WEIGHT, "s": np.array([1, -1], I64)},
        ).SerializeToString()
    )
    path, random = tmp_path / "m.onnx", np.random.default_rng(3)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(600):
        damaged = bytearray(data)
        for position in random.integers(0, len(data), random.integers(1, 4)):
            damaged[position] = random.integers(0, 256)
        path.write_bytes(damaged)
        try:
            frontends.read(path)
            outcomes["read"] += 1
        except BarecastError as error:
            assert error.message().isascii()
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 50
