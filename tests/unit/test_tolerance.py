"""Which rule a tensor is held to, by what it was computed from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import pipeline, targets
from barecast.graph import DType, Graph, GraphBuilder, Port, Quant, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.dequantize import Dequantize
from barecast.ops.log_softmax import LogSoftmax
from barecast.ops.quantize import Quantize
from barecast.ops.softmax import Softmax
from barecast.ops.transpose import Transpose
from barecast.ops.unary import Unary
from barecast.verification.compare import CLOSE, Kind, Rule, Spread
from barecast.verification.tolerance import logit_errors, oracle_rules, own_rules

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"


@pytest.fixture
def mixed() -> Graph:
    """int8 -> dequantize -> transpose -> softmax -> quantize."""
    builder = GraphBuilder("mixed")
    q = TensorType(DType.S8, (2, 3), Quant((0.25,), (0,)))
    x = builder.tensor("x", q)
    real = builder.tensor("real", TensorType(DType.F32, (2, 3)))
    turned = builder.tensor("turned", TensorType(DType.F32, (3, 2)))
    soft = builder.tensor("soft", TensorType(DType.F32, (3, 2)))
    y = builder.tensor("y", TensorType(DType.S8, (3, 2), Quant((1 / 256,), (-128,))))
    builder.inputs.append(Port("x", x))
    builder.add("dequantize", Dequantize(), (x,), (real,))
    builder.add("transpose", Transpose((1, 0)), (real,), (turned,))
    builder.add("softmax", Softmax(1), (turned,), (soft,))
    builder.add("quantize", Quantize(), (soft,), (y,))
    builder.outputs.append(Port("y", y))
    return builder.build()


def test_only_what_floats_computed_may_differ(mixed):
    kinds = {name: rule.kind for name, rule in own_rules(mixed).items()}
    assert kinds == {
        "x": Kind.EXACT,
        "real": Kind.EXACT,
        "turned": Kind.EXACT,
        "soft": Kind.CLOSE,
        "y": Kind.ROUNDING,
    }


def test_floats_behind_integers_get_room_for_a_step_of_another_implementation(mixed):
    rules = oracle_rules(mixed)
    assert rules["real"].absolute == rules["soft"].absolute == 0.25
    assert rules["x"].kind is rules["y"].kind is Kind.ROUNDING


def test_a_float_behind_integers_that_floats_computed_gets_room_for_a_step_of_these():
    builder = GraphBuilder("twice")
    real = [builder.tensor(f"real{i}", TensorType(DType.F32, (2, 3))) for i in range(3)]
    q = builder.tensor("q", TensorType(DType.S8, (2, 3), Quant((0.125,), (0,))))
    builder.inputs.append(Port("x", real[0]))
    builder.add("unary", Unary("exp"), (real[0],), (real[1],))
    builder.add("quantize", Quantize(), (real[1],), (q,))
    builder.add("dequantize", Dequantize(), (q,), (real[2],))
    builder.outputs.append(Port("y", real[2]))
    assert own_rules(builder.build())["real2"] == Rule(Kind.CLOSE, 0.125)


def squashed(op: str, attrs: object) -> Graph:
    """x -> relu -> op -> transpose."""
    builder = GraphBuilder("squashed")
    x = builder.tensor("x", TensorType(DType.F32, (2, 3)))
    logits, soft = (builder.tensor(name, TensorType(DType.F32, (2, 3))) for name in ("logits", "soft"))
    y = builder.tensor("y", TensorType(DType.F32, (3, 2)))
    builder.inputs.append(Port("x", x))
    builder.add("unary", Unary("clamp", Clamp(0)), (x,), (logits,))
    builder.add(op, attrs, (logits,), (soft,))
    builder.add("transpose", Transpose((1, 0)), (soft,), (y,))
    builder.outputs.append(Port("y", y))
    return builder.build()


@pytest.mark.parametrize(
    ("op", "attrs", "distance", "logarithm"),
    [
        ("softmax", Softmax(1, beta=3.0), 6, False),
        ("log_softmax", LogSoftmax(1), 2, True),
        ("unary", Unary("sigmoid"), 1, False),
    ],
)
def test_errors_of_logits_count_behind_what_magnifies_them(op, attrs, distance, logarithm):
    graph = squashed(op, attrs)
    samples = [np.float32([[-7, 1, 5], [0, 0, 0]]), np.float32([[0, np.inf, 0], [0, 0, 100]])]
    errors = [logit_errors(graph, {"logits": sample}) for sample in samples]
    expected = Spread(tuple(distance * (1e-7 + 1e-5 * peak) for peak in (7, 100)), logarithm)
    for rules in (own_rules(graph, errors), oracle_rules(graph, errors)):
        assert rules["x"].spread is rules["logits"].spread is None
        assert rules["soft"] == rules["y"]
        assert rules["y"].spread.logarithm is logarithm
        assert rules["y"].spread.distances == pytest.approx(expected.distances)


def test_exact_logits_have_no_errors(mixed):
    errors = [logit_errors(mixed, {"turned": np.ones((3, 2), np.float32)})]
    assert own_rules(mixed, errors)["soft"] == CLOSE
    assert oracle_rules(mixed, errors)["soft"].spread is not None


@pytest.mark.parametrize(("name", "kind"), [("digits_int8", Kind.EXACT), ("digits_float", Kind.CLOSE)])
def test_outputs_of_whole_models(name, kind):
    graph = pipeline.compile_model(DIGITS / f"{name}.onnx", targets.load("host")).graph
    assert own_rules(graph)[graph.outputs[0].tensor].kind is kind
    room = oracle_rules(graph)[graph.outputs[0].tensor].absolute
    assert (room > 0) is (name == "digits_int8")
