"""Constants in assembler are those in C: the same symbols, sections, alignment and bytes, in objects and in what is linked."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from barecast import api, emit, pipeline, resources, runners, targets, toolchain
from barecast.emit import assembler, constants, literals
from barecast.emit.views import ConstantView
from barecast.errors import UsageError
from barecast.graph import DType
from barecast.options import Options
from barecast.samples import random_samples
from elftools.elf.constants import P_FLAGS, SH_FLAGS
from elftools.elf.elffile import ELFFile

from tests.frontends.build import model, node, noise

REPO = Path(__file__).resolve().parents[2]
DIGITS = REPO / "models" / "digits" / "digits_int8.onnx"
COMPILERS = (
    ("gcc",),
    ("gcc", "-fPIC", "-g"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb"),
    ("arm-none-eabi-gcc", "-mcpu=cortex-m55", "-mthumb", "-mfloat-abi=hard"),
    ("arm-linux-gnueabihf-gcc", "-mcpu=cortex-a7", "-mfpu=neon-vfpv4"),
    ("aarch64-linux-gnu-gcc", "-mcpu=cortex-a53"),
    ("clang-19",),
    ("clang-19", "--target=arm-none-eabi", "-mcpu=cortex-m4", "-fno-pic"),
    ("clang-14", "--target=arm-none-eabi", "-mcpu=cortex-m0"),
    ("clang-19", "--target=aarch64-linux-gnu", "-fPIC"),
)
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")


@dataclass(frozen=True)
class Placed:
    """section: its name and flags. address: in the section."""

    data: bytes
    section: str
    flags: int
    align: int
    address: int
    type: str
    binding: str


def placed(path: Path) -> dict[str, Placed]:
    """The objects (as C has the word) of an object file, by name."""
    found = {}
    with path.open("rb") as file:
        elf = ELFFile(file)
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            if symbol["st_info"]["type"] == "STT_OBJECT" and isinstance(symbol["st_shndx"], int):
                section = elf.get_section(symbol["st_shndx"])
                start = symbol["st_value"] - section["sh_addr"]
                data = section.data()[start : start + symbol["st_size"]]
                flags = section["sh_flags"] & (SH_FLAGS.SHF_ALLOC | SH_FLAGS.SHF_WRITE | SH_FLAGS.SHF_EXECINSTR)
                info = symbol["st_info"]
                found[symbol.name] = Placed(
                    data, section.name, flags, section["sh_addralign"], start, info["type"], info["bind"]
                )
    return found


def arrays() -> dict[str, np.ndarray]:
    """Every type that constants have, with ends of many lengths behind whole lines. Floats are finite: C's have <math.h>'s."""
    rng = np.random.default_rng(3)
    found = {}
    for dtype in (kind.numpy.type for kind in DType):
        for count in (1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 97):
            values = np.frombuffer(rng.bytes(count * np.dtype(dtype).itemsize), np.uint8)
            values = values % 2 == 1 if dtype is np.bool_ else values.view(dtype)
            if dtype in (np.float32, np.float16):
                values = np.where(np.isfinite(values), values, dtype(-0.0))
            found[f"w_{np.dtype(dtype).name}_{count}"] = values
    return found


def files(folder: Path) -> tuple[Path, Path]:
    """The same constants in C and in assembler."""
    folder.mkdir()
    written = []
    for language, suffix, write in (("c", "c", literals.array_text), ("asm", "s", assembler.data_text)):
        views = [
            ConstantView(
                name, DType.of(data.dtype).c, data.size, data.nbytes, max(4, data.itemsize), "/* @ # ; ' */", write(data),
                "" if language == "c" else f".rodata.{name}",
            )
            for name, data in arrays().items()
        ]  # fmt: skip
        view = SimpleNamespace(
            prefix="w", macro="W", flash="0 B", version="0", constants=views, constants_in=language, sections=(),
            needs_math_h_for_constants=False,
        )  # fmt: skip
        (folder / "w_weights.h").write_text(emit.render("weights.h.j2", model=view))
        written.append(folder / f"w_weights.{suffix}")
        written[-1].write_text(emit.render(f"weights.{suffix}.j2", model=view))
    return written[0], written[1]


def compiled(compiler: tuple[str, ...], source: Path) -> dict[str, Placed]:
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"{compiler[0]} is not installed")
    out = source.with_name(source.name + ".o")
    include = f"-I{resources.folder('runtime_c')}/include"
    standard = ("-std=c99",) if source.suffix == ".c" else ()
    line = [*compiler, *WARNINGS, *standard, "-fdata-sections", include, "-c", str(source), "-o", str(out)]
    if source.suffix == ".s" and compiler[0].startswith("clang"):
        line.append("-Wno-unused-command-line-argument")
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return placed(out)


@pytest.mark.parametrize("compiler", COMPILERS, ids=" ".join)
def test_an_object_is_that_of_the_c(compiler, tmp_path):
    in_c, in_assembler = (compiled(compiler, source) for source in files(tmp_path / "made"))
    given = arrays()
    assert in_assembler.keys() == in_c.keys() == given.keys()
    for name, data in given.items():
        assert in_assembler[name].data == data.astype(data.dtype.newbyteorder("<")).tobytes(), name
        there = in_c[name]
        # A compiler may align more than it is told to.
        assert in_assembler[name].align == max(4, data.itemsize) <= there.align, name
        there = Placed(there.data, there.section, there.flags, in_assembler[name].align, *list(vars(there).values())[4:])
        assert in_assembler[name] == there, name


@pytest.mark.parametrize("target", ["host", "cortex-m4", "cortex-a53"])
def test_what_is_linked_has_the_same_bytes_and_computes_the_same(target, tmp_path):
    core = targets.load(target)
    if shutil.which(f"{core.prefix}gcc") is None:
        pytest.skip(f"{core.prefix}gcc is not installed")
    linked, outputs, sizes = {}, {}, {}
    for language in ("c", "asm"):
        made = pipeline.compile_model(DIGITS, core, Options(name="net", constants=language))
        names = set(made.tree.files)
        assert ("net_weights.s" in names, "net_weights.c" in names) == (language == "asm", language == "c")
        assert names == set(emit.manifest(made.tree)["files"])
        folder = made.tree.write(tmp_path / language)
        image = toolchain.build(folder, core, out=tmp_path / f"out-{language}")
        outputs[language] = runners.run(image, random_samples(made.graph, 1).arrays, count=False).models[0].outputs
        linked[language] = {name: at.data for name, at in placed(image.path).items() if name.startswith("net_w")}
        sizes[language] = toolchain.sizes_of(image)
        with image.path.open("rb") as file:
            stacks = [s for s in ELFFile(file).iter_segments() if s["p_type"] == "PT_GNU_STACK"]
        if core.profile != "m":
            assert stacks and not any(stack["p_flags"] & P_FLAGS.PF_X for stack in stacks)
        if target == "host":
            shared = placed(toolchain.build_shared(folder, core, out=tmp_path / f"shared-{language}"))
            assert {name: at.data for name, at in shared.items() if name.startswith("net_w")} == linked[language]
    assert linked["asm"] == linked["c"] and len(linked["c"]) > 5
    assert sizes["asm"] == sizes["c"]
    for name, values in outputs["c"].items():
        np.testing.assert_array_equal(outputs["asm"][name], values)


@pytest.mark.parametrize(
    ("columns", "more", "suffix"),
    [
        (255, {}, "c"),
        (257, {}, "s"),
        (1, {"constants": "asm"}, "s"),
        (257, {"constants": "c"}, "c"),
        (257, {"export": ("arduino",)}, "c"),
        (257, {"export": ("cmake",)}, "s"),
    ],
)
def test_the_size_decides_unless_the_user_does(columns, more, suffix, tmp_path):
    assert 255 * 4096 < constants.ASSEMBLED_ABOVE < 257 * 4096
    proto = model(node("MatMul", "x w"), inputs={"x": (1, 1024)}, constants={"w": noise(1024, columns)})
    (tmp_path / "m.onnx").write_bytes(proto.SerializeToString())
    folder = api.generate(tmp_path / "m.onnx", tmp_path / "out", name="m", **more)
    found = {path.name for path in folder.rglob("m_weights.*")}
    assert found == {"m_weights.h", f"m_weights.{suffix}"}
    single = api.generate(tmp_path / "m.onnx", tmp_path / "single", name="m", single_file=True)
    assert {path.name for path in single.iterdir()} == {"m.c", "m.h", "manifest.json"}


def test_what_assembler_is_not_for_is_said(tmp_path):
    with pytest.raises(UsageError, match='"asm" cannot be in a single file'):
        Options(constants="asm", single_file=True)
    folder = api.generate(DIGITS, tmp_path / "out", name="net", constants="asm")
    for wrong, word in (("-U__ELF__", "for ELF"), ("-D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__", "for little-endian cores")):
        line = ["gcc", "-w", wrong, "-fsyntax-only", str(folder / "net.c")]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode != 0 and f"{word}: generate net with --constants c" in done.stderr
