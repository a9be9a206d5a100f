"""Bad usage and bad input: status 2, one message on standard error, nothing on standard output, no traceback."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import onnx
import pytest
from barecast.version import __version__
from onnx import TensorProto, helper


def refused(outcome, *told: str) -> None:
    assert outcome.status == 2
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    for text in told:
        assert text in outcome.err


def test_help_and_version(barecast):
    outcome = barecast("--help")
    assert outcome.status == 0
    for command in ("inspect", "generate", "run", "verify", "profile", "report", "targets", "boards", "ops"):
        assert command in outcome.out
        assert barecast(command, "--help").status == 0
    assert barecast("--version").out == f"barecast {__version__}\n"


@pytest.mark.parametrize("arguments", [("nonsense",), ("inspect",), ("targets", "--nonsense"), ("generate", "m.onnx")])
def test_usage_errors(barecast, arguments):
    refused(barecast(*arguments), "Error")


@pytest.mark.parametrize("command", ["inspect", "generate", "run", "verify", "profile", "report"])
def test_unknown_model_file(barecast, command, tmp_path):
    extra = {"generate": ["-o", tmp_path / "g"], "run": ["--inputs", "x.npz", "-o", tmp_path / "o"]}.get(command, [])
    outcome = barecast(command, tmp_path / "none.onnx", "--target", "host", *extra)
    refused(outcome, "none.onnx", "does not exist")
    assert outcome.err.count("\n") == 1


def test_a_traceback_only_with_debug(barecast, tmp_path):
    outcome = barecast("inspect", tmp_path / "none.onnx", "--debug")
    assert outcome.status == 2 and "Traceback" in outcome.err and "does not exist" in outcome.err


def test_damaged_model(barecast, tmp_path, int8):
    path = tmp_path / "cut.onnx"
    path.write_bytes(int8.read_bytes()[:1000])
    refused(barecast("inspect", path), "cut off")


def test_unknown_target_and_board_list_the_known_ones(barecast, int8):
    refused(barecast("profile", int8, "--target", "cortex-m99"), "cortex-m99", "cortex-m4", "host")
    refused(barecast("profile", int8, "--board", "toaster"), "toaster", "mps2-an386")


def test_a_target_is_wanted_where_something_runs(barecast, int8):
    refused(barecast("profile", int8), "no target")


def test_the_solver_is_not_for_a_board(barecast, int8):
    refused(barecast("inspect", int8, "--board", "mps2-an386", "--planner", "exact"), "exact", "board")


def test_board_and_target_must_fit(barecast, int8):
    refused(barecast("profile", int8, "--board", "mps2-an386", "--target", "cortex-m0"), "mps2-an386", "cortex-m0")


@pytest.mark.parametrize("core", [("--target", "cortex-m3"), ("--target", "cortex-m4", "--kernels", "c")])
def test_wide_weights_where_no_kernel_has_them(barecast, int8, core):
    refused(barecast("inspect", int8, "--weights", "wide", *core), 'weights "wide" makes no difference', core[1])


def test_an_input_without_rows(barecast, int8, tmp_path):
    refused(barecast("generate", int8, "-o", tmp_path / "g", "--feed", "rows"), 'feed "rows"', "channels-last")
    assert not (tmp_path / "g").exists()


def test_a_budget_of_memory(barecast, int8, tmp_path):
    for wrong in ("32Q", "-1", "0", "K", "1.5K"):
        refused(barecast("generate", int8, "-o", tmp_path / "g", "--ram", wrong), "--ram", wrong)
    refused(barecast("inspect", int8, "--target", "cortex-m4", "--ram", "1K"), "1024 bytes of RAM", "1152 are the least")
    done = barecast("inspect", int8, "--target", "cortex-m4", "--ram", "1200")
    assert done.status == 0 and "2 to 3" in done.out and "taken" in done.out
    assert not (tmp_path / "g").exists()


@pytest.mark.parametrize("option", ["--optimize", "--weights", "--kernels", "--io-layout"])
def test_unknown_option_values(barecast, int8, option):
    refused(barecast("inspect", int8, option, "nonsense"), f'{option[2:]} "nonsense" is not known')


@pytest.mark.parametrize("shape", ["image", "=1,2", "image=1,x", "image=1,-2", "image=0"])
def test_shapes_that_are_not_understood(barecast, int8, shape):
    refused(barecast("inspect", int8, "--shape", shape), "--shape", shape)


def test_shape_for_an_input_that_is_not_there(barecast, int8):
    refused(barecast("inspect", int8, "--shape", "picture=1,1,8,8"), "picture", "image")


def test_shape_given_twice(barecast, int8):
    refused(barecast("inspect", int8, "--shape", "image=1,1,8,8", "--shape", "image=1,1,8,8"), "twice")


def test_a_name_that_is_no_identifier(barecast, int8, tmp_path):
    refused(barecast("generate", int8, "-o", tmp_path / "g", "--name", "a-b"), 'the name "a-b" is not a C identifier')


def test_inputs_that_do_not_fit(barecast, int8, tmp_path):
    path = tmp_path / "in.npz"
    np.savez(path, picture=np.zeros((1, 1, 8, 8), np.float32))
    refused(barecast("verify", int8, "--target", "host", "--inputs", path), "picture", "image")
    np.savez(path, image=np.zeros((2, 8, 8), np.float32))
    refused(barecast("run", int8, "--target", "host", "--inputs", path, "-o", tmp_path / "out.npz"), "2x8x8", "1x1x8x8")
    assert not (tmp_path / "out.npz").exists()
    refused(barecast("profile", int8, "--target", "host", "--inputs", tmp_path / "none.npz"), "none.npz")


def test_files_that_cannot_be_written(barecast, int8, tmp_path):
    refused(barecast("targets", "--json", tmp_path / "no" / "x.json"), "x.json")
    (tmp_path / "file").write_text("here")
    refused(barecast("generate", int8, "-o", tmp_path / "file"), "not a folder")
    assert (tmp_path / "file").read_text() == "here"
    np.savez(tmp_path / "in.npz", image=np.zeros((1, 1, 8, 8), np.float32))
    outcome = barecast(
        "run", int8, "--target", "host", "--inputs", tmp_path / "in.npz", "-o", tmp_path / "no" / "out.npz"
    )
    refused(outcome, "out.npz")


def test_everything_unsupported_is_listed_at_once(barecast, tmp_path):
    value = helper.make_tensor_value_info
    nodes = [
        helper.make_node(op, [a], [b], name=f"the {op}") for op, a, b in (("Det", "x", "a"), ("NonZero", "x", "b"))
    ]
    outputs = [value("a", TensorProto.FLOAT, []), value("b", TensorProto.INT64, None)]
    graph = helper.make_graph(nodes, "odd", [value("x", TensorProto.FLOAT, [4, 4])], outputs)
    path = tmp_path / "odd.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    for command in (("inspect",), ("generate", "-o", tmp_path / "g"), ("verify", "--target", "host")):
        refused(barecast(command[0], path, *command[1:]), "Det", "the Det", "NonZero", "the NonZero")
    assert not (tmp_path / "g").exists()


def test_a_bug_is_one_message_too(barecast, int8, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("the planner\nfell over")

    monkeypatch.setattr("barecast.planner.run", broken)
    outcome = barecast("inspect", int8)
    refused(outcome, "internal error", "RuntimeError", "--debug")
    assert outcome.err.count("\n") == 1


def test_a_reader_that_stops_reading_makes_no_noise():
    program = subprocess.Popen(
        [sys.executable, "-m", "barecast", "ops"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    program.stdout.close()
    said = program.stderr.read()
    program.stderr.close()
    assert program.wait() == 0 and said == ""


@pytest.mark.parametrize("command", ["inspect", "generate", "run"])
def test_an_output_that_cannot_be_written_says_what_to_do(barecast, int8, tmp_path, command):
    file = tmp_path / "file"
    file.write_text("")
    np.savez(tmp_path / "in.npz", image=np.zeros((1, 1, 8, 8), np.float32))
    more = {
        "inspect": ["--dump", file],
        "generate": ["-o", file],
        "run": ["--target", "host", "--inputs", tmp_path / "in.npz", "-o", tmp_path],
    }
    refused(barecast(command, int8, *more[command]), "; name a" if command != "generate" else "; choose another folder")


def test_a_name_that_is_no_text_is_readable(barecast, tmp_path):
    node = helper.make_node("Relu", ["x"], ["y"], name="hello")
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    model = helper.make_model(helper.make_graph([node], "g", ports[:1], ports[1:]))
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString().replace(b"hello", b"h\xffllo"))
    refused(barecast("inspect", path), r'the name of a node is not UTF-8 text: "h\xffllo"')


def test_a_model_whose_input_is_a_constant(barecast, tmp_path):
    node = helper.make_node("Relu", ["x"], ["y"])
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    constant = helper.make_tensor("x", TensorProto.FLOAT, [1], [1.0])
    path = tmp_path / "m.onnx"
    onnx.save(helper.make_model(helper.make_graph([node], "g", ports[:1], ports[1:], [constant])), path)
    refused(barecast("inspect", path), 'has a constant of its own name, "x"', "initializer")


def test_a_model_that_computes_nothing(barecast, tmp_path):
    """One copy, whatever the element type; a ratio to no MACs is not shown."""
    for elem in (TensorProto.FLOAT, TensorProto.INT8):
        node = helper.make_node("Identity", ["x"], ["y"])
        ports = [helper.make_tensor_value_info(name, elem, [1, 3]) for name in "xy"]
        path = tmp_path / f"m{elem}.onnx"
        graph = helper.make_graph([node], "g", ports[:1], ports[1:])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
        assert barecast("verify", path, "--target", "host").status == 0
        printed = barecast("profile", path, "--target", "host").out
        assert "Copy for output 0" in printed and "a MAC)" not in printed


def test_a_scalar_model_is_verified(barecast, tmp_path):
    node = helper.make_node("Relu", ["x"], ["y"])
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, []) for name in "xy"]
    graph = helper.make_graph([node], "g", ports[:1], ports[1:])
    path = tmp_path / "m.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    assert barecast("verify", path, "--target", "host").status == 0
