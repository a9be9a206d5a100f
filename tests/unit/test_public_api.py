"""The public API: what `import barecast` promises, and nothing more."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path

import barecast
import numpy as np
import pytest
from barecast import toolchain
from barecast.options import Options
from barecast.version import __version__

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"

PUBLIC = {
    "BarecastError", "CompiledModel", "Graph", "InternalError", "ModelError", "Profile", "ToolError",
    "UnsupportedError", "UsageError", "Verdict", "__version__", "compile", "generate", "profile", "read",
    "scons_toolpath", "verify",
}  # fmt: skip


def test_all_is_what_is_promised():
    assert set(barecast.__all__) == PUBLIC and barecast.__all__ == sorted(barecast.__all__)
    for name in barecast.__all__:
        thing = getattr(barecast, name)
        assert name == "__version__" or thing.__doc__, name
    assert set(barecast.__all__) <= set(dir(barecast))
    assert barecast.__version__ == __version__


def test_names_for_type_checkers_are_the_public_ones():
    tree = ast.parse(Path(barecast.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    names = {alias.name for line in block.body for alias in line.names}
    assert names | {"__version__"} == PUBLIC


def test_public_names_win_over_modules_whatever_is_imported_first():
    program = (
        "import barecast.api, barecast.cli, barecast.host, barecast\n"
        "assert all(callable(getattr(barecast, n)) for n in ('compile', 'generate', 'profile', 'read', 'verify'))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_importing_a_part_loads_no_more():
    program = "import sys, barecast.graph; print('onnx' in sys.modules, 'barecast.pipeline' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="nonsense"):
        barecast.nonsense  # noqa: B018


def test_read_generate_verify_and_profile(tmp_path):
    path = DIGITS / "digits_int8.onnx"
    assert [port.name for port in barecast.read(path).inputs] == ["image"]
    folder = barecast.generate(str(path), tmp_path / "c", target="cortex-m4", name="net", single_file=True)
    assert folder == tmp_path / "c" and (folder / "net.c").is_file()
    image = np.zeros((1, 1, 8, 8), np.float32)
    verdict = barecast.verify(path, target="host", inputs={"image": image})
    assert verdict.passed and verdict.samples == 1
    with pytest.raises(barecast.UsageError, match="picture"):
        barecast.verify(path, target="host", inputs={"picture": image})
    costs = barecast.profile(path, target="cortex-m4", optimize="size")
    assert costs.instructions > costs.macs and costs.flash.total > 0


def test_options_are_the_same_keywords_everywhere():
    """Each function has every option as a keyword, with the same default, unless it could make no difference."""
    files = {"single_file", "export", "constants", "threads", "trace", "probe"}
    without = {"compile": files, "generate": {"trace", "probe"}}
    for name in ("compile", "generate", "profile", "verify"):
        taken = inspect.signature(getattr(barecast, name)).parameters
        for field in dataclasses.fields(Options):
            if field.name in without.get(name, {"name", *files}):
                assert field.name not in taken
            else:
                wanted = None if field.name == "shapes" else field.default
                assert taken[field.name].kind is inspect.Parameter.KEYWORD_ONLY
                assert taken[field.name].default == wanted, (name, field.name)


def test_messages_about_options_are_for_everyone():
    path = DIGITS / "digits_int8.onnx"
    for wrong in (
        {"optimize": "nonsense"}, {"feed": "nonsense"}, {"ram": 0}, {"io_layout": "upright"}, {"rounding": "single"},
        {"shapes": {"nonsense": (1,)}}, {"shapes": {"image": (1, 2, 8, 8)}},
    ):  # fmt: skip
        with pytest.raises(barecast.UsageError) as caught:
            barecast.verify(path, target="host", **wrong)
        assert "--" not in caught.value.message() and caught.value.remedy
        assert next(iter(wrong)).replace("_", "-").removesuffix("s") in caught.value.message()


def test_inputs_that_are_no_arrays():
    path = DIGITS / "digits_int8.onnx"
    with barecast.compile(path) as model:
        for wrong in (None, 3, [np.zeros((1, 1, 8, 8), np.float32)]):
            with pytest.raises(barecast.UsageError, match=f"given as {type(wrong).__name__}"):
                model.run(wrong)


def test_verify_takes_expected_outputs():
    path = DIGITS / "digits_int8.onnx"
    image = np.zeros((2, 1, 1, 8, 8), np.float32)
    wrong = np.full((2, 1, 10), 100, np.float32)
    verdict = barecast.verify(path, target="host", inputs={"image": image}, expected={"logits": wrong})
    assert not verdict.passed and verdict.own.passed and verdict.reference == "expected"


def test_profile_compiles_each_file_once(monkeypatch):
    compiled = []
    gcc = toolchain._gcc

    def counted(target, arguments):
        compiled.extend(Path(a).name for a in arguments if a.endswith(".c"))
        gcc(target, arguments)

    monkeypatch.setattr(toolchain, "_gcc", counted)
    costs = barecast.profile(DIGITS / "digits_int8.onnx", target="cortex-m4")
    assert sorted(compiled) == sorted(set(compiled)) and "digits_int8.c" in compiled
    assert costs.flash.weights_bytes > 0 and costs.flash.code_bytes > 0
