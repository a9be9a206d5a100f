"""What scripts rely on: JSON keys, files, exit status, quiet standard output. docs/commands.md says the same."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from barecast import boards, targets
from barecast.boards import Board
from barecast.cycles import mca
from barecast.emit import manifest_json
from barecast.emit.probes import probes

FLASH = {"code_bytes", "weights_bytes", "const_bytes"}


def test_targets(barecast):
    found = {entry["name"]: entry for entry in barecast("targets", "--json", "-").json["targets"]}
    assert set(found) == set(targets.names()) and len(found) == 14
    assert found["cortex-m55"]["isa"] == ["dsp", "mve"]
    text = barecast("targets")
    assert text.status == 0 and all(name in text.out for name in found)


def test_boards(barecast, tmp_path):
    found = {entry["name"]: entry for entry in barecast("boards", "--json", "-").json["boards"]}
    assert set(found) == set(boards.names())
    assert found["microbit"] == {
        "name": "microbit",
        "description": boards.load("microbit").description,
        "target": "cortex-m0",
        "flash_bytes": 256 * 1024,
        "ram_bytes": 16 * 1024,
        "emulated": True,
        "flash": dict(Board.commands(boards.load("microbit").flash)),
        "run": dict(Board.commands(boards.load("microbit").run)),
    }
    assert found["raspberry-pi-pico"]["emulated"] is False
    assert found["raspberry-pi-pico"]["flash"]["picotool"] == "picotool load -v -x image.elf"
    outcome = barecast("boards", "--json", tmp_path / "b.json")
    assert "microbit" in outcome.out and json.loads((tmp_path / "b.json").read_text())["boards"]


def test_an_image_for_a_real_board(barecast, int8, tmp_path):
    np.savez(tmp_path / "in.npz", image=np.zeros((2, 1, 1, 8, 8), np.float32))
    given = ("run", int8, "--board", "nrf52840dk", "--inputs", tmp_path / "in.npz")
    outcome = barecast(*given, "--image", tmp_path / "out")
    assert outcome.status == 0 and "image of 2 samples for nrf52840dk" in outcome.out
    assert "nrfjprog: nrfjprog -f NRF52 --program image.hex --sectorerase --verify --reset" in outcome.out
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"image.bin", "image.elf", "image.hex", "request.bin"}
    assert (tmp_path / "out/request.bin").stat().st_size == 2 * (4 + 64 * 4)
    refused = barecast(*given, "-o", tmp_path / "out.npz")
    assert refused.status == 2 and "board nrf52840dk has no emulator" in refused.err and "--image DIR" in refused.err
    assert "run wants -o or --image" in barecast(*given).err
    early = barecast(*given, "--image", tmp_path / "out", "-o", tmp_path / "out.npz")
    assert early.status == 2 and "cannot read response.bin" in early.err and not (tmp_path / "out.npz").exists()
    elsewhere = ("run", int8, "--board", "mps2-an386", "--inputs", tmp_path / "in.npz", "--image", tmp_path / "no")
    assert "nothing is known of how board mps2-an386 is flashed" in barecast(*elsewhere).err
    assert not (tmp_path / "no").exists()


def test_the_answer_of_a_real_board(barecast, int8, tmp_path):
    """QEMU stands for the board and its debugger: the image, its folder, semihosting."""
    image = np.random.default_rng(0).normal(size=(2, 1, 1, 8, 8)).astype(np.float32)
    np.savez(tmp_path / "in.npz", image=image)
    given = ("run", int8, "--board", "netduinoplus2", "--inputs", tmp_path / "in.npz")
    assert barecast(*given, "--image", tmp_path / "out").status == 0
    line = "qemu-system-arm -M netduinoplus2 -display none -monitor none -serial none -semihosting -kernel image.elf"
    subprocess.run(line.split(), cwd=tmp_path / "out", check=True, timeout=60)
    assert barecast(*given, "--image", tmp_path / "out", "-o", tmp_path / "real.npz").status == 0
    assert barecast(*given, "-o", tmp_path / "emulated.npz").status == 0
    real, emulated = (np.load(tmp_path / name) for name in ("real.npz", "emulated.npz"))
    assert all(np.array_equal(real[key], emulated[key]) for key in emulated.files) and len(emulated.files)
    np.savez(tmp_path / "in.npz", image=image + 1)
    assert "was built for other inputs" in barecast(*given, "--image", tmp_path / "out", "-o", tmp_path / "x.npz").err


def test_ops(barecast):
    found = barecast("ops", "--json", "-").json
    operators = {entry["name"]: entry["support"] for entry in found["operators"]}
    assert operators["Conv"] == operators["QuantizeLinear"] == "yes"
    assert set(operators.values()) <= {"yes", "on constants"}
    plain = {(k["op"], *k["dtypes"]) for k in found["kernels"] if not k["needs"]}
    assert {("conv2d", "s8", "s8"), ("conv2d", "f32", "f32")} <= plain
    assert "Conv" in barecast("ops").out


def test_inspect(barecast, int8):
    found = barecast("inspect", int8, "--target", "cortex-m4", "--json", "-").json
    assert found["model"] == "digits_int8.onnx" and found["target"] == "cortex-m4"
    assert found["inputs"] == [
        {"name": "image", "dtype": "f32", "shape": [1, 1, 8, 8], "scale": None, "zero_point": None}
    ]
    assert [port["name"] for port in found["outputs"]] == ["logits"]
    assert found["operators"]["conv2d"] == 3 and found["operators"]["dwconv2d"] == 2
    assert found["macs"] == sum(step["macs"] for step in found["steps"]) > 50_000
    assert found["arena_bytes"] >= found["arena_lower_bound_bytes"] > 0
    assert found["arena_optimal"] == (found["arena_bytes"] == found["arena_lower_bound_bytes"])
    assert found["weights_bytes"] >= found["parameters"] > 3000
    for step in found["steps"]:
        assert set(step) == {"title", "op", "source", "kernel", "macs", "refused"}


def test_inspect_explains_every_step(barecast, int8):
    steps = barecast("inspect", int8, "--target", "cortex-m4", "--json", "-").json["steps"]
    text = barecast("inspect", int8, "--target", "cortex-m4", "--explain").out
    for step in steps:
        assert f"takes {step['kernel']}" in text
        assert all(f"not {r['kernel']}: {r['reason']}" in text for r in step["refused"])
    assert "takes" not in barecast("inspect", int8).out


def test_dump_writes_the_graph_after_each_pass(barecast, int8, tmp_path):
    assert barecast("inspect", int8, "--dump", tmp_path / "d").status == 0
    names = sorted(path.name for path in (tmp_path / "d").iterdir())
    assert names[0] == "00_import.txt" and len(names) > 5


def test_generate_is_plain_c_by_default_and_the_same_every_time(barecast, int8, tmp_path):
    for folder in ("a", "b"):
        assert barecast("generate", int8, "-o", tmp_path / folder, "--name", "net").status == 0
    files = {p.relative_to(tmp_path / "a"): p.read_bytes() for p in (tmp_path / "a").rglob("*") if p.is_file()}
    again = {p.relative_to(tmp_path / "b"): p.read_bytes() for p in (tmp_path / "b").rglob("*") if p.is_file()}
    assert files == again
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["target"] == "host" and {step["kernel"].rpartition("_")[2] for step in manifest["steps"]} == {"c"}
    assert {"net.h", "net.c", "net_weights.c", "manifest.json"} <= {str(path) for path in files}


def test_generate_leaves_other_files_alone(barecast, int8, tmp_path):
    (tmp_path / "mine.c").write_text("mine")
    assert barecast("generate", int8, "-o", tmp_path, "--target", "cortex-m4").status == 0
    assert (tmp_path / "mine.c").read_text() == "mine" and (tmp_path / "digits_int8.h").exists()


def test_generate_single_file(barecast, int8, tmp_path):
    assert barecast("generate", int8, "-o", tmp_path / "g", "--single-file").status == 0
    assert sorted(p.name for p in (tmp_path / "g").rglob("*.[ch]")) == ["digits_int8.c", "digits_int8.h"]


def test_generate_for_a_board_takes_its_target(barecast, int8, tmp_path):
    assert barecast("generate", int8, "-o", tmp_path / "g", "--board", "mps2-an386").status == 0
    assert json.loads((tmp_path / "g" / "manifest.json").read_text())["target"] == "cortex-m4"


def test_generate_for_a_board_that_is_too_small(barecast, int8, tmp_path, monkeypatch):
    monkeypatch.setattr("barecast.boards.Board.room", lambda self, name, place: 1000)
    outcome = barecast("generate", int8, "-o", tmp_path / "g", "--board", "microbit")
    assert outcome.status == 2 and "board microbit has 1000 bytes in ram" in outcome.err
    assert not (tmp_path / "g").exists()


@pytest.mark.parametrize("samples", [None, 1, 3])
def test_run_writes_outputs_with_the_inputs_axes(barecast, int8, tmp_path, samples):
    shape = (1, 1, 8, 8) if samples is None else (samples, 1, 1, 8, 8)
    np.savez(tmp_path / "in.npz", image=np.random.default_rng(1).random(shape, np.float32))
    arguments = ["--inputs", tmp_path / "in.npz", "-o", tmp_path / "out.npz"]
    assert barecast("run", int8, "--target", "host", *arguments).status == 0
    with np.load(tmp_path / "out.npz") as archive:
        assert archive.files == ["logits"]
        assert archive["logits"].shape == ((1, 10) if samples is None else (samples, 1, 10))
        assert archive["logits"].dtype == np.float32 and np.any(archive["logits"])


def test_run_gives_the_same_bytes_on_a_board(barecast, int8, tmp_path):
    np.savez(tmp_path / "in.npz", image=np.random.default_rng(1).random((2, 1, 1, 8, 8), np.float32))
    for target in ("host", "cortex-m4", "cortex-a53"):
        path = tmp_path / f"{target}.npz"
        assert barecast("run", int8, "--target", target, "--inputs", tmp_path / "in.npz", "-o", path).status == 0
    assert len({(tmp_path / f"{t}.npz").read_bytes() for t in ("host", "cortex-m4", "cortex-a53")}) == 1


def test_verify_passes(barecast, int8, tmp_path):
    outcome = barecast("verify", int8, "--target", "cortex-m4", "--json", tmp_path / "v.json")
    assert outcome.status == 0 and outcome.out.startswith("pass: digits_int8.onnx on cortex-m4")
    found = json.loads((tmp_path / "v.json").read_text())
    assert found["status"] == "pass" and found["reference"] == "onnxruntime" and found["target"] == "cortex-m4"
    assert found["samples"] == 4 and found["elements"] == 40
    assert found["first_divergence"] is None
    assert found["own_reference"]["mismatched"] == 0


def test_verify_watches_the_memory(barecast, int8, monkeypatch):
    arguments = ("verify", int8, "--target", "host", "--reference", "barecast")
    assert barecast(*arguments, "--json", "-").json["strays"] is None
    found = barecast(*arguments, "--poison", "--json", "-").json
    assert found["status"] == "pass" and found["strays"] == []

    def nothing_is_its_own(schedule, plan):
        spans = probes(schedule, plan)
        spans["steps"][2]["writes"] = []
        return spans

    monkeypatch.setattr(manifest_json, "probes", nothing_is_its_own)
    outcome = barecast(*arguments, "--poison")
    assert outcome.status == 1 and outcome.out.startswith("FAIL") and "1 wrote what is not theirs" in outcome.out
    assert "step 2 (digits_int8_step_03_" in outcome.out


def test_verify_fails_with_status_1_against_other_outputs(barecast, float32, tmp_path):
    np.savez(tmp_path / "in.npz", image=np.random.default_rng(1).random((2, 1, 1, 8, 8), np.float32))
    arguments = ["--target", "host", "--inputs", tmp_path / "in.npz"]
    assert barecast("run", float32, *arguments, "-o", tmp_path / "out.npz").status == 0
    same = barecast("verify", float32, *arguments, "--expected", tmp_path / "out.npz", "--json", "-")
    assert same.status == 0 and same.json["reference"] == "expected" and same.json["max_abs_error"] == 0
    with np.load(tmp_path / "out.npz") as archive:
        changed = archive["logits"].copy()
    changed[1, 0, 7] += 1
    np.savez(tmp_path / "out.npz", logits=changed)
    other = barecast("verify", float32, *arguments, "--expected", tmp_path / "out.npz", "--json", "-")
    assert other.status == 1
    assert other.json["status"] == "fail" and other.json["mismatched"] == 1
    assert other.json["max_abs_error"] == pytest.approx(1, rel=1e-3)
    first = other.json["first_divergence"]
    assert first["element"] == [0, 7] and first["sample"] == 1 and first["source"] and first["step"] >= 0


def test_verify_wants_as_many_expected_outputs_as_inputs(barecast, float32, tmp_path):
    np.savez(tmp_path / "in.npz", image=np.zeros((2, 1, 1, 8, 8), np.float32))
    np.savez(tmp_path / "out.npz", logits=np.zeros((3, 1, 10), np.float32))
    arguments = ["--inputs", tmp_path / "in.npz", "--expected", tmp_path / "out.npz"]
    outcome = barecast("verify", float32, "--target", "host", *arguments)
    assert outcome.status == 2 and "2 input samples" in outcome.err


def test_inspect_of_steps_that_were_split(barecast, int8):
    """By rows an average is two steps, of which the model has one; a solver plans them too."""
    outcome = barecast("inspect", int8, "--optimize", "ram", "--planner", "exact", "--explain", "--json", "-")
    assert outcome.status == 0 and outcome.json["arena_optimal"]
    assert len(outcome.json["steps"]) >= 9


def test_profile_counts_on_an_emulated_target(barecast, int8, tmp_path):
    outcome = barecast("profile", int8, "--target", "cortex-m4", "--json", tmp_path / "p.json")
    assert outcome.status == 0 and "instr/MAC" in outcome.out
    found = json.loads((tmp_path / "p.json").read_text())
    assert list(found) == [
        "model", "target", "instructions", "cycles", "cycle_model", "macs", "arena_bytes", "arena_lower_bound_bytes",
        "arena_optimal", "state_bytes", "ram_bytes", "stack_bytes", "stack_bound_bytes", "stack_path", "stack_unknown",
        "flash", "steps",
    ]  # fmt: skip
    assert set(found["flash"]) == FLASH and all(found["flash"][key] >= 0 for key in FLASH)
    assert found["flash"]["weights_bytes"] > 3000 and found["flash"]["code_bytes"] > 500
    steps = found["steps"]
    for step in steps:
        assert {
            "name",
            "source",
            "op",
            "kernel",
            "macs",
            "instructions",
            "cycles",
            "weights_bytes",
            "scratch_bytes",
        } <= set(step)
    assert sum(step["instructions"] for step in steps) == pytest.approx(found["instructions"], rel=0.01)
    assert found["cycles"] > found["instructions"] and "M4" in found["cycle_model"]
    assert found["ram_bytes"] == found["arena_bytes"] > 0 and 0 < found["stack_bytes"] < 4096
    assert found["stack_bytes"] <= found["stack_bound_bytes"] <= found["stack_bytes"] + 64
    assert found["stack_bound_bytes"] == sum(level["bytes"] for level in found["stack_path"]) and not found["stack_unknown"]
    assert found["stack_path"][0]["function"] == "digits_int8_run"
    assert isinstance(found["instructions"], int)
    again = barecast("profile", int8, "--target", "cortex-m4", "--json", "-").json
    assert again == found


def test_profile_says_what_is_missing_for_cycles(barecast, int8, monkeypatch):
    monkeypatch.setattr(mca, "program", lambda: None)
    outcome = barecast("profile", int8, "--target", "cortex-m55", "--json", "-")
    assert outcome.status == 0
    assert outcome.json["cycles"] is outcome.json["cycle_model"] is None and outcome.json["instructions"] > 0
    out = barecast("profile", int8, "--target", "cortex-m55").out
    assert "not estimated: llvm-19 is not installed; on Debian or Ubuntu: apt-get install llvm-19" in out


def test_profile_on_the_host_has_no_counts(barecast, int8):
    found = barecast("profile", int8, "--target", "host", "--json", "-").json
    assert found["instructions"] is found["cycles"] is found["cycle_model"] is None
    assert found["macs"] > 0 and found["flash"]["code_bytes"] > 0
    assert barecast("profile", int8, "--target", "host").status == 0


def test_kernels_c_takes_plain_c_only(barecast, int8):
    for target in ("cortex-m55", "cortex-a76"):
        steps = barecast("inspect", int8, "--target", target, "--kernels", "c", "--json", "-").json["steps"]
        assert {step["kernel"].rpartition("_")[2] for step in steps} == {"c"}
