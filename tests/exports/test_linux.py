"""A compiled model as a library and as a Python package of a Linux system: what is installed, and that it computes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from barecast import emit, exports, frontends, pipeline, reference, targets
from barecast.emit import SourceTree
from barecast.exports import Package
from barecast.options import Options

from tests.exports.checks import MODEL, dynamic, run
from tests.state.graphs import RUNNING_SUM, by_reference, planned, stream_for

HOST = targets.load("host")

TWO_THREADS = """
#include <digits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    uint8_t arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGN)));
    DIGITS_IN in[DIGITS_INPUT_0_ELEMENTS];
    DIGITS_OUT out[DIGITS_OUTPUT_0_ELEMENTS];
} instance;

static void *infer(void *given)
{
    instance *one = (instance *)given;
    for (int i = 0; i < 100; i++) {
        memcpy(digits_input_0(one->arena), one->in, DIGITS_INPUT_0_BYTES);
        digits_run(one->arena);
        if (i > 0 && memcmp(one->out, digits_output_0(one->arena), DIGITS_OUTPUT_0_BYTES) != 0) {
            return one;
        }
        memcpy(one->out, digits_output_0(one->arena), DIGITS_OUTPUT_0_BYTES);
    }
    return NULL;
}

int main(void)
{
    static instance both[2];
    pthread_t threads[2];
    void *wrong = NULL;

    for (int i = 0; i < 2; i++) {
        if (fread(both[i].in, 1, DIGITS_INPUT_0_BYTES, stdin) != DIGITS_INPUT_0_BYTES) {
            return 1;
        }
    }
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, infer, &both[i]);
    }
    for (int i = 0; i < 2; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        wrong = failed ? failed : wrong;
        fwrite(both[i].out, 1, DIGITS_OUTPUT_0_BYTES, stdout);
    }
    return wrong != NULL;
}
"""


def samples(count: int) -> np.ndarray:
    return np.random.default_rng(7).normal(0, 1, (count, 1, 1, 8, 8)).astype(np.float32)


def expected(images: np.ndarray) -> tuple[np.ndarray, str, str]:
    """What the reference computes, and the names of input and output."""
    graph = frontends.read(MODEL)
    given, wanted = graph.inputs[0].name, graph.outputs[0].name
    return np.stack([reference.run(graph, {given: image})[wanted] for image in images]), given, wanted


def made(name: str, **more: object) -> SourceTree:
    return pipeline.compile_model(MODEL, HOST, Options(name="digits", export=(name,), **more)).tree


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    made("pkg-config").write(folder / "digits")
    run(folder, "make", "-s", "-C", "digits", "install", f"DESTDIR={folder}/root", "prefix=/opt/x", "libdir=/opt/x/lib64",
        "VERSION=1.2.0", "CFLAGS=-Wall -Wextra -Wconversion -Wshadow -Werror")  # fmt: skip
    return folder


def test_what_is_installed_and_removed(installed: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(installed / "root", root, symlinks=True)
    shown, soname = dynamic(root / "opt/x/lib64/libbarecast_digits.so")
    assert shown == {"digits_run"}
    assert {str(path.relative_to(root / "opt/x")) for path in root.rglob("*") if not path.is_dir()} == {
        "include/barecast/digits.h",
        "lib64/libbarecast_digits.a",
        "lib64/libbarecast_digits.so",
        f"lib64/{soname}",
        "lib64/pkgconfig/barecast-digits.pc",
    }
    own = ("-C", installed / "digits", "uninstall", f"DESTDIR={root}", "prefix=/opt/x", "libdir=/opt/x/lib64")
    run(tmp_path, "make", "-s", *own)
    assert not [path for path in root.rglob("*") if not path.is_dir()]


def test_the_header_is_clean_c_and_cxx(installed: Path) -> None:
    header = installed / "root/opt/x/include/barecast/digits.h"
    for compiler, kind, language in (("gcc", "c", "c99"), ("g++", "c++", "c++17")):
        warnings = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror")
        run(installed, compiler, f"-std={language}", *warnings, "-fsyntax-only", "-x", kind, header)


@pytest.mark.skipif(shutil.which("pkg-config") is None, reason="pkg-config is not installed")
@pytest.mark.parametrize("static", [False, True])
def test_a_program_links_by_pkg_config_and_two_threads_compute(installed: Path, static: bool) -> None:
    (installed / "two.c").write_text(TWO_THREADS)
    asked = f"PKG_CONFIG_SYSROOT_DIR={installed}/root PKG_CONFIG_LIBDIR={installed}/root/opt/x/lib64/pkgconfig pkg-config"
    assert run(installed, "sh", "-c", f"{asked} --modversion barecast-digits").strip() == "1.2.0"
    types = "-DDIGITS_IN=float -DDIGITS_OUT=float -pthread" + " -static" * static
    run(installed, "sh", "-c", f"gcc -Werror two.c -o two{static} {types} $({asked} --cflags --libs barecast-digits)")
    images = samples(2)
    command = ["env", f"LD_LIBRARY_PATH={installed}/root/opt/x/lib64", f"./two{static}"]
    done = subprocess.run(command, cwd=installed, input=images.tobytes(), capture_output=True, check=True)
    wanted, _, _ = expected(images)
    assert done.stdout == wanted.tobytes()


def test_the_soname_is_of_what_programs_have_compiled_in() -> None:
    manifest = emit.manifest(made("make"))
    package = Package(manifest, HOST, Options(), ("pkg-config",), "", ())
    assert replace(package, manifest={**manifest, "model_sha256": "0" * 64, "macs": 0}).abi == package.abi
    others = [{"arena_bytes": 16}, {"inputs": manifest["outputs"]}, {"states": manifest["inputs"]}]
    assert len({package.abi, *(replace(package, manifest={**manifest, **other}).abi for other in others)}) == 4


IN_PYTHON = """
import json, sys, threading
import numpy as np
import barecast_digits as whole, barecast_fed as fed, barecast_net as net

images, results = np.load("images.npy"), {}
def infer(model, index):
    for _ in range(50):
        results[index] = next(iter(model.run(images[index]).values()))
threads = [threading.Thread(target=infer, args=(whole.Model(), index)) for index in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
np.save("whole.npy", np.stack([results[0], results[1]]))

rows = [next(iter(fed.Model().run(np.ascontiguousarray(image.reshape(fed.INPUTS[0].shape))).values())) for image in images]
np.save("fed.npy", np.stack(rows))

stream, one, other = np.load("stream.npy"), net.Model(), net.Model()
got = [one.run({"x": x})["y"] for x in stream]
other.run({"x": stream[1]})
one.reset()
assert one.states()["sum"].tolist() == [[1, 2, 3, 4]] and one.run(stream[0])["y"].tolist() == got[0].tolist()
np.save("net.npy", np.stack(got))

def refused(kind, words, inputs):
    try:
        whole.Model().run(inputs)
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError(words)
(port,) = whole.INPUTS
refused(TypeError, "an array of float32, not float64", images[0].astype(np.float64))
refused(TypeError, "an array of float32, not >f4", images[0].astype(">f4"))
refused(TypeError, "not list", {port.name: [0.0]})
refused(ValueError, "has shape", images[0][0])
refused(ValueError, "the inputs are", {"nothing": images[0]})
model = whole.Model()
with model._lock:
    try:
        model.run(images[0])
    except RuntimeError as error:
        assert "another thread" in str(error)
    else:
        raise AssertionError("one instance in two threads")
flipped = model.run(images[0][..., ::-1])
assert next(iter(flipped.values())).tobytes() == next(iter(model.run(images[0][..., ::-1].copy()).values())).tobytes()
"""


def test_wheels_compute_as_the_reference(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", minversion="77")
    made("wheel").write(tmp_path / "digits")
    fed = Options(name="fed", export=("wheel",), feed="rows", io_layout="channels-last")
    pipeline.compile_model(MODEL, HOST, fed).tree.write(tmp_path / "fed")
    _, schedule, plan = planned(RUNNING_SUM)
    exports.add(emit.run(schedule, plan, HOST, Options()), ("wheel",), HOST, Options()).write(tmp_path / "net")
    for name in ("digits", "fed", "net"):
        run(tmp_path / name, sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist")
    for path in (tmp_path / "dist").glob("*.whl"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(tmp_path / "site")
    assert len(list((tmp_path / "site").glob("*/*.abi3.so"))) == 3
    images, stream = samples(2), stream_for(RUNNING_SUM, 4, 3)
    np.save(tmp_path / "images.npy", images)
    np.save(tmp_path / "stream.npy", stream["x"])
    program = f"import sys; sys.path.insert(0, 'site')\n{IN_PYTHON}"
    run(tmp_path, sys.executable, "-W", "error", "-c", program)
    wanted, _, _ = expected(images)
    for name in ("whole", "fed"):
        assert np.load(tmp_path / f"{name}.npy").tobytes() == wanted.tobytes(), name
    assert np.load(tmp_path / "net.npy").tobytes() == by_reference(RUNNING_SUM, stream)["y"].tobytes()


def test_names_of_a_model_stay_data_in_the_package() -> None:
    manifest = emit.manifest(made("make"))
    name = "a\"'\\\n\u2028\ud800); import os #"
    ports = [{**port, "name": name} for port in manifest["inputs"]]
    texts = exports._all()["wheel"].files(
        Package({**manifest, "name": "Two__words_", "inputs": ports}, HOST, Options(), ("wheel",), "", ("a.c",))
    )
    code = texts["python/barecast_Two__words_/__init__.py"]
    assert code.isascii() and ascii(name) in code and "import os" not in code.replace(ascii(name), "")
    compile(code, "package", "exec")
    assert 'name = "barecast-Two-words"' in texts["pyproject.toml"]
    assert json.dumps(texts)


def test_a_model_for_threads_is_installed_with_its_pool(tmp_path: Path) -> None:
    made("pkg-config", threads=2).write(tmp_path / "digits")
    for target in ("install", "uninstall"):
        run(tmp_path, "make", "-s", "-C", "digits", target, f"DESTDIR={tmp_path}/root", "prefix=/usr")
        present = {path.name for path in (tmp_path / "root").rglob("*") if not path.is_dir()}
        assert ("bc_pool.h" in present) == (target == "install") == bool(present)
        if target == "install":
            shown, _ = dynamic(tmp_path / "root/usr/lib/libbarecast_digits.so")
            assert shown == {"digits_run", "digits_run_threads"}
