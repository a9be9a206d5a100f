"""Everything that is wrong with a model is told in one report, whatever stage finds it, and equal things once."""

from __future__ import annotations

import ast
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, pipeline, targets
from barecast.cli import main
from barecast.errors import BarecastError, ModelError, UnsupportedError, UsageError, refusal
from barecast.graph import DType
from onnx import TensorProto

from tests.frontends.build import model, node, noise, save
from tests.tflite.build import O, T, const
from tests.tflite.build import model as tflite_model

TWISTED = (6, 5, 4, 3, 2, 1, 0)
"""A transpose of seven separate axes: one more than the kernel has loops, which only kernel selection finds."""

SEVEN = np.array([2] * 7)


def compiled(path: Path) -> None:
    pipeline.compile_model(path, targets.load("host"))


def problems(path: Path) -> list[tuple[str, str]]:
    """(operator, node) of each."""
    with pytest.raises(BarecastError) as caught:
        compiled(path)
    assert all(p.remedy for p in caught.value.problems), caught.value.message()
    return [(p.operator, p.node) for p in caught.value.problems]


def test_import_kernel_choice_and_lowering_report_together(tmp_path):
    """A problem of each kind, each behind the one before: none hides another."""
    big = np.full((3, 4), 127, np.int8)
    proto = model(
        node("Hardmax", "x", "a", name="at import"),
        node("Reshape", "a seven", "b"),
        node("Transpose", "b", "c", perm=TWISTED, name="at kernel choice"),
        node("LpNormalization", "c", "d", name="at import, behind"),
        node("Reshape", "d row", "e"),
        node("QuantizeLinear", "e s z", "q"),
        node("DequantizeLinear", "q s z", "f"),
        node("DequantizeLinear", "w s z", "v"),
        node("DequantizeLinear", "bias s2", "u"),
        node("Gemm", "f v u", "g", transB=1, name="at lowering"),
        node("QuantizeLinear", "g s z", "h"),
        node("DequantizeLinear", "h s z", "y"),
        inputs={"x": (128,)},
        constants={
            "seven": SEVEN,
            "row": np.array([32, 4]),
            "s": np.float32(0.5),
            "z": np.int8(0),
            "s2": np.float32(0.25),
            "w": big,
            "bias": np.full(3, 2**31 - 1, np.int32),
        },
    )
    path = save(proto, tmp_path)
    found = problems(path)
    assert found[:2] == [("Hardmax", "at import"), ("LpNormalization", "at import, behind")]
    assert set(found[2:]) == {
        ("Transpose 6 5 4 3 2 1 0", "at kernel choice"),
        ("fully connected 4 to 3", "at lowering"),
    }
    assert len(found) == 4


def test_a_wrong_input_is_one_of_the_problems(tmp_path):
    """What hangs on it is examined by name; what does not is examined as ever."""
    proto = model(
        node("Hardmax", "h", "a", name="behind"),
        node("Relu", "a", "b"),
        node("Gelu", "b", "c", name="unknown"),
        node("Reshape", "x seven", "d"),
        node("Transpose", "d", "y", perm=TWISTED, name="beside"),
        inputs={"h": (TensorProto.FLOAT16, (1, 4)), "x": (128,)},
        outputs={"c": TensorProto.FLOAT16, "y": TensorProto.FLOAT},
        constants={"seven": SEVEN},
    )
    with pytest.raises(UnsupportedError) as caught:
        compiled(save(proto, tmp_path))
    first, *others = caught.value.problems
    assert first.reason.startswith('input "h" is float16')
    assert [p.node for p in others] == ["behind", "unknown", "beside"]


def test_an_open_shape_is_one_of_the_problems(tmp_path):
    path = save(model(node("Hardmax", "x", name="e"), inputs={"x": ("N", 3)}), tmp_path)
    with pytest.raises(UnsupportedError) as caught:
        compiled(path)
    assert [type(p) for p in caught.value.problems] == [UsageError, UnsupportedError]
    with pytest.raises(UsageError):
        frontends.read(save(model(node("Relu", "x"), inputs={"x": ("N", 3)}), tmp_path))


def test_tflite_too(tmp_path):
    """A custom operator, a type that is not supported behind it, and an accumulator that overflows behind that."""
    x, a, b = (T((1, 5, 5, 2), scale=0.1, name=n) for n in ("x0", "custom", "plain"))
    halves, c, y = T((1, 5, 5, 2), np.int64, name="halves"), T((1, 5, 5, 2), scale=0.1), T((1, 3, 3, 3), scale=0.1)
    w = const(np.full((3, 3, 3, 2), 127), np.int8, scale=0.1)
    bias = const(np.full(3, 2**31 - 1), np.int32, scale=0.01)
    options = {"Padding": 1, "StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1}
    data = tflite_model(
        [
            O("HASHTABLE_LOOKUP", (x,), (a,)),
            O("RELU", (a,), (b,)),
            O("CAST", (b,), (halves,)),
            O("ABS", (halves,), (c,)),
            O("CONV_2D", (b, w, bias), (y,), ("Conv2DOptions", options)),
        ],
        (x,),
        (c, y),
    )
    path = tmp_path / "m.tflite"
    path.write_bytes(data)
    found = problems(path)
    assert [node for _, node in found[:2]] == ["custom", "halves"]
    assert found[-1][0].startswith("Conv 3x3") and len(found) in (3, 4)


def test_equal_problems_are_one_line(tmp_path, capsys):
    nodes = [node("Hardmax", "x" if i == 0 else f"e{i}", f"e{i + 1}") for i in range(300)]
    path = save(model(*nodes, node("Pad", "e300 p", mode="reflect"), constants={"p": np.array([0, 9, 0, 9])}), tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(path), "--json", "-"])
    printed = capsys.readouterr()
    assert ended.value.code == 2
    lines = printed.err.splitlines()
    assert len(lines) == 3 and lines[0] == "barecast: the model is refused for 301 reasons"
    assert lines[1].startswith('  Hardmax (300 nodes: "e1", "e2", "e3", ...): is not supported')
    told = json.loads(printed.out)
    assert told["model"] == "m.onnx" and len(told["problems"]) == 301
    assert [p["node"] for p in told["problems"]][::100] == ["e1", "e101", "e201", "y"]
    assert told["problems"][-1]["operator"] == "Pad" and told["problems"][-1]["remedy"] == "use smaller pads"


def test_a_report_has_an_end():
    error = refusal([ModelError(f"the accumulator may reach {i}", node=str(i), remedy="scale") for i in range(500)])
    lines = error.message().splitlines()
    assert type(error) is ModelError and len(error.problems) == 500
    assert len(lines) < 50 and "460 more" in lines[-1]


def test_one_problem_is_told_in_one_line(tmp_path):
    path = save(model(node("Hardmax", "x", name="e")), tmp_path)
    with pytest.raises(UnsupportedError) as caught:
        compiled(path)
    assert not caught.value.problems and "\n" not in caught.value.message()


def test_an_unnamed_node_has_one_name(tmp_path):
    """At import, at kernel choice and in the graph: that of its first output, as an operator of a .tflite file."""
    proto = model(
        node("Reshape", "x seven", "b"),
        node("Transpose", "b", "c", perm=TWISTED),
        node("Hardmax", "c", "y"),
        inputs={"x": (128,)},
        constants={"seven": SEVEN},
    )
    assert problems(save(proto, tmp_path)) == [("Hardmax", "y"), ("Transpose 6 5 4 3 2 1 0", "c")]
    del proto.graph.node[2]
    proto.graph.output[0].name = "c"
    graph = frontends.read(save(proto, tmp_path))
    assert [n.source for n in graph.nodes] == [("b",), ("c",)]


def test_damaged_nodes_are_told_together(tmp_path):
    proto = model(
        node("Conv", "x w", "a", name="first", group=3),
        node("Conv", "x w", "b", name="second", strides=[0, 1]),
        node("Add", "a b"),
        inputs={"x": (1, 2, 6, 6)},
        constants={"w": noise(3, 2, 3, 3)},
    )
    path = save(proto, tmp_path)
    with pytest.raises(ModelError) as caught:
        compiled(path)
    assert [p.node for p in caught.value.problems] == ["first", "second"]


@pytest.mark.parametrize("name", ["x", "an input", "it's$HOME"])
def test_the_shape_option_in_a_message_can_be_pasted(name, tmp_path, capsys):
    proto = model(node("Relu", "x"), inputs={"x": ("N", 3, "H", None)})
    proto.graph.input[0].name = proto.graph.node[0].input[0] = name
    path = save(proto, tmp_path)
    with pytest.raises(UsageError) as caught:
        compiled(path)
    remedy = caught.value.remedy
    assert remedy.endswith(" with your own numbers for H and axis 3")
    assert ast.literal_eval(remedy.partition("shapes=")[2].partition(") with")[0]) == {name: (1, 3, 32, 32)}
    pasted = shlex.split(remedy.removeprefix("give ").partition(" (in Python")[0])
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(path), *pasted, "--json", "-"])
    assert ended.value.code in (0, None)
    assert json.loads(capsys.readouterr().out)["inputs"][0]["shape"] == [1, 3, 32, 32]


def test_a_board_that_lacks_both_memories_says_so(tmp_path, capsys):
    proto = model(
        node("MatMul", "x w", "a"),
        node("Relu", "a"),
        inputs={"x": (64, 2048)},
        constants={"w": noise(2048, 1024)},
    )
    with pytest.raises(SystemExit):
        main(["generate", str(save(proto, tmp_path)), "-o", str(tmp_path / "g"), "--board", "microbit"])
    told = capsys.readouterr().err
    assert "needs 786432 bytes" in told and "flash of board microbit" in told
    assert not (tmp_path / "g").exists()


def test_stand_ins_never_decide(tmp_path):
    """The graph with holes in it serves the search for problems alone: what it lacks is no problem of its own."""
    proto = model(
        node("Gelu", "x", "a", name="unknown", domain="com.acme"),
        node("Relu", "a", "b"),
        node("Add", "b b"),
        inputs={"x": (1, 4)},
    )
    with pytest.raises(UnsupportedError) as caught:
        compiled(save(proto, tmp_path))
    assert caught.value.node == "unknown" and not caught.value.problems
    examined = frontends.examine(tmp_path / "m.onnx")
    assert len(examined.problems) == 1
    assert examined.graph is None or all(t.type.dtype is DType.F32 for t in examined.graph.tensors.values())
