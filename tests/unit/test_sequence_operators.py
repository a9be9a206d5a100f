"""The 16-bit curves, and what svdf and lstm refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from barecast import ops
from barecast.errors import BarecastError
from barecast.graph import DType, Rule, TensorType, call_of
from barecast.numerics import curves16
from barecast.ops.lstm import Lstm
from barecast.ops.svdf import Svdf

from tests.cases import lstm, svdf
from tests.cases.build import f32, quant

EVERY = np.arange(-32768, 32768).astype(np.int16)


def test_table_of_the_logistic_function():
    table = curves16.table()
    assert table.shape == (256,) and table[0] == 0 and table[255] == 32767 and (np.diff(table.astype(int)) >= 0).all()


def test_logistic_of_every_number():
    got, want = curves16.logistic(EVERY), 32768 / (1 + np.exp(EVERY / -4096))
    assert np.abs(got - want).max() < 1.1 and (np.diff(got.astype(int)) >= 0).all()


@pytest.mark.parametrize("bits", [0, 4, 11, 12, 13, 15])
def test_tanh_of_every_number(bits):
    got, want = curves16.tanh(EVERY, bits), 32768 * np.tanh(EVERY / 2.0**bits)
    assert np.abs(got - want).max() < 2.5 and (np.diff(got.astype(int)) >= 0).all()


@pytest.mark.parametrize(
    ("attrs", "shapes", "words"),
    [
        (Svdf(2), [(1, 4), (5, 4), (5, 3), None, (1, 15)], "rank 2"),
        (Svdf(0), [(1, 4), (5, 4), (5, 3), None, (1, 15)], "rank 0"),
        (Svdf(1), [(1, 4), (5, 4), (5, 3), None, (1, 12)], r"state of \[1, 12\]"),
        (Svdf(1), [(1, 4, 1), (5, 4), (5, 3), None, (1, 15)], "other than two axes"),
        (Svdf(1), [(1, 4), (5, 4), (5, 3), (4,), (1, 15)], "bias"),
        (Lstm(), [(2, 1, 3), (4, 5, 3), (4, 5, 5), (2, 4, 5), (1, 5), (2, 5)], r"cell state is \[2, 5\]"),
        (Lstm(time_major=False), [(2, 1, 3), (4, 5, 3), (4, 5, 5), (2, 4, 5), (1, 5), (1, 5)], "hidden state"),
        (Lstm(), [(2, 3), (4, 5, 3), (4, 5, 5), (2, 4, 5), (1, 5), (1, 5)], "an input of"),
    ],
)
def test_shapes_that_contradict_each_other(attrs, shapes, words):
    op = "svdf" if isinstance(attrs, Svdf) else "lstm"
    with pytest.raises(BarecastError, match=words):
        ops.get(op).infer(attrs, tuple(s if s is None else f32(*s) for s in shapes))


def changed(case, place: int, **how):
    """The case's call with another type for one operand."""
    call = call_of(case.graph, case.graph.nodes[0])
    tensor = call.inputs[place]
    other = replace(tensor, type=TensorType(how.get("dtype", tensor.type.dtype), tensor.type.shape, how["quant"]))
    return replace(call, inputs=(*call.inputs[:place], other, *call.inputs[place + 1 :]))


def named(module, name: str):
    return next(c for c in module.CASES if c.name == name)


@pytest.mark.parametrize(
    ("module", "name", "place", "how", "words"),
    [
        (svdf, "s16 usual", 1, {"quant": quant(0.1, 3)}, "feature weights with a zero point"),
        (svdf, "s16 usual", 2, {"quant": quant(0.1, 3)}, "time weights with a zero point"),
        (svdf, "s16 usual", 4, {"quant": quant(0.1), "dtype": DType.S8}, "state of s8 and time weights of s16"),
        (svdf, "s16 usual", 4, {"quant": None}, "without scale"),
        (lstm, "s8 sequence", 1, {"quant": quant([0.1] * 4, 3, 0)}, "weights with a zero point"),
        (lstm, "s8 sequence", 4, {"quant": quant(0.5)}, "different scales"),
        (lstm, "s8 sequence", 5, {"quant": quant(0.5, 3)}, "cell state"),
        (lstm, "s8 sequence", 5, {"quant": quant(2.0**-16)}, "scale 1.5"),
        (lstm, "s16 sequence", 0, {"quant": quant(0.001, 3)}, "int16 with a zero point"),
        (lstm, "s16 sequence", 0, {"quant": quant(1e5)}, "not below 128"),
    ],
)
def test_quantisation_that_is_refused(module, name, place, how, words):
    call = changed(named(module, name), place, **how)
    with pytest.raises(BarecastError, match=words):
        ops.get(call.node.op).lower(call)


@pytest.mark.parametrize(("module", "name"), [(svdf, "s16 usual"), (lstm, "s8 sequence"), (lstm, "s16 sequence")])
def test_integers_have_tflites_arithmetic_only(module, name):
    call = replace(changed(named(module, name), 0, quant=quant(0.1)), rule=Rule.ONNX)
    with pytest.raises(BarecastError, match="TensorFlow Lite's arithmetic"):
        ops.get(call.node.op).lower(call)


@pytest.mark.parametrize(
    ("bias", "words"),
    [([[0], [1]], "a bias of the recurrent weights"), ([[2**47 - 1], [0]], "an accumulator may leave 48 bits")],
)
def test_biases_of_16_bits_that_are_refused(bias, words):
    call = call_of((graph := named(lstm, "s16 1 of everything").graph), graph.nodes[0])
    other = replace(call.inputs[3], data=np.broadcast_to(np.array(bias, np.int64)[:, :, None], (2, 4, 1)))
    with pytest.raises(BarecastError, match=words):
        ops.get("lstm").lower(replace(call, inputs=(*call.inputs[:3], other, *call.inputs[4:])))
