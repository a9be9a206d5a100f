"""--io quantized: the integers at the border, compared with the oracle's, fed from integers or from real numbers."""

from __future__ import annotations

import json
from pathlib import Path

import barecast
import numpy as np
import pytest
from barecast.cli import main

from tests.frontends.build import model, node, save
from tests.tflite.build import O, T
from tests.tflite.build import model as tflite_model

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits" / "digits_int8.onnx"


def converting(tmp_path: Path) -> Path:
    """A .tflite model that takes and gives floats, with integers between."""
    x, y = T((1, 6), np.float32), T((1, 6), np.float32)
    q, r = T((1, 6), scale=0.1, zero=5), T((1, 6), scale=1 / 256, zero=-128)
    path = tmp_path / "m.tflite"
    path.write_bytes(
        tflite_model([O("QUANTIZE", (x,), (q,)), O("LOGISTIC", (q,), (r,)), O("DEQUANTIZE", (r,), (y,))], (x,), (y,))
    )
    return path


@pytest.mark.parametrize("form", ["onnx", "tflite"])
@pytest.mark.parametrize("layout", ["model", "channels-last"])
def test_verified_on_integers(tmp_path, form, layout):
    path = DIGITS if form == "onnx" else converting(tmp_path)
    verdict = barecast.verify(path, target="host", io="quantized", io_layout=layout)
    assert verdict.passed and verdict.reference == ("onnxruntime" if form == "onnx" else "tflite_micro")
    (name,) = verdict.outputs
    assert verdict.outputs[name].dtype == np.int8
    real = barecast.verify(path, target="host", io_layout=layout)
    assert real.passed and real.outputs[name].dtype == np.float32


def test_it_can_fail(tmp_path):
    path = converting(tmp_path)
    inputs = {"x0": np.zeros((1, 6), np.int8)}
    good = barecast.verify(path, target="host", io="quantized", inputs=inputs).outputs
    wrong = {name: array[0] + np.int8(1) for name, array in good.items()}
    verdict = barecast.verify(path, target="host", io="quantized", inputs=inputs, expected=wrong)
    assert not verdict.against.passed and verdict.own.passed
    assert verdict.first_divergence is not None and verdict.first_divergence.title


def test_real_numbers_are_quantised_by_the_ports_parameters(tmp_path):
    path = converting(tmp_path)
    real = np.array([[-1e9, -1.0, 0.0, 0.05, 1.0, 1e9]], np.float32)
    with barecast.compile(path, io="quantized") as integers, barecast.compile(path) as floats:
        (port,) = integers.manifest["inputs"]
        assert port["dtype"] == "s8" and port["scale"] == np.float32(0.1) and port["zero_point"] == 5
        whole = np.array([[-128, -5, 5, 6, 15, 127]], np.int8)
        (from_whole,), (from_real,) = (integers.run(x).values() for x in (whole, real))
        assert from_whole.dtype == np.int8 and np.array_equal(from_whole, from_real)
        (wanted,) = floats.run(real).values()
        assert np.array_equal(wanted, (from_whole.astype(np.float32) + 128) * np.float32(1 / 256))
    (name,) = barecast.verify(path, target="host").outputs
    expected = barecast.verify(path, target="host", io="quantized", inputs={"x0": real}, expected={name: wanted})
    assert expected.passed


def test_the_header_states_scale_and_zero_point(tmp_path):
    folder = barecast.generate(converting(tmp_path), tmp_path / "g", io="quantized", name="net")
    header = (folder / "net.h").read_text()
    assert "int8_t *net_input_0" in header and "NET_INPUT_0_ZERO_POINT (5)" in header
    assert "NET_INPUT_0_SCALE 0.1" in header and "NET_OUTPUT_0_ZERO_POINT (-128)" in header
    assert not {"quantize", "dequantize"} & {
        step["op"] for step in json.loads((folder / "manifest.json").read_text())["steps"]
    }


def test_commands_take_it(tmp_path, capsys):
    path = converting(tmp_path)
    np.savez(tmp_path / "in.npz", x0=np.zeros((2, 1, 6), np.float32))
    for command in (
        ["inspect", "--json", "-"],
        ["run", "--target", "host", "--inputs", str(tmp_path / "in.npz"), "-o", str(tmp_path / "out.npz")],
        ["verify", "--target", "cortex-m4", "--inputs", str(tmp_path / "in.npz")],
        ["profile", "--target", "cortex-m4", "--inputs", str(tmp_path / "in.npz")],
    ):
        with pytest.raises(SystemExit) as ended:
            main([command[0], str(path), "--io", "quantized", *command[1:]])
        printed = capsys.readouterr()
        assert ended.value.code in (0, None), printed.err
        if command[0] == "inspect":
            assert [p["dtype"] for side in ("inputs", "outputs") for p in json.loads(printed.out)[side]] == ["s8", "s8"]
    with np.load(tmp_path / "out.npz") as outputs:
        assert [outputs[name].dtype for name in outputs.files] == [np.int8]


def test_a_float_model_has_nothing_to_expose(tmp_path):
    path = save(model(node("Relu", "x")), tmp_path)
    with pytest.raises(barecast.UsageError, match='io "quantized": no input is quantised'):
        barecast.generate(path, tmp_path / "g", io="quantized")
