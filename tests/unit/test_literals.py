"""Literals say exactly the number that they stand for."""

from __future__ import annotations

import math
import subprocess

import numpy as np
import pytest
from barecast.emit import literals
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

BY_NAME = {"NAN": math.nan, "INFINITY": math.inf, "-INFINITY": -math.inf, "INT32_MIN": -(2**31), "INT64_MIN": -(2**63)}


def number(literal: str):
    if literal in BY_NAME:
        return BY_NAME[literal]
    if not literal.endswith("f"):
        return int(literal)
    return float.fromhex(literal[:-1]) if "0x" in literal else float(literal[:-1])


def numbers(text: str) -> list:
    return [number(cell.strip()) for cell in text.replace("\n", " ").rstrip(", ").split(",")]


@given(st.integers(-(2**63), 2**63 - 1))
def test_integer(value):
    assert number(literals.integer(value)) == value


def test_integer_of_more_than_64_bits_is_refused():
    with pytest.raises(ValueError, match="64 bits"):
        literals.integer(2**63)


@given(st.floats(width=32))
def test_real(value):
    literal, _, comment = literals.real(value).partition(" /* ")
    assert np.array_equal(np.float32(number(literal)), np.float32(value), equal_nan=True)
    if comment:
        assert np.float32(float(comment.removesuffix(" */"))) == np.float32(value)


def test_real_reads_well():
    assert literals.real(6.0) == "6.0f"
    assert literals.real(65536.5) == "0x1.00008p+16f /* 65536.5 */"
    assert literals.real(0.1) == "0x1.99999ap-4f /* 0.1 */"
    assert literals.real(-0.0) == "-0.0f"


@given(
    st.sampled_from([np.int8, np.uint8, np.int16, np.int32, np.int64]).flatmap(
        lambda t: hnp.arrays(t, st.integers(1, 70))
    )
)
def test_array_of_integers(data):
    text = literals.array_text(data)
    assert numbers(text) == data.tolist()
    check_layout(text)


@given(hnp.arrays(np.float32, st.integers(1, 70), elements=st.floats(width=32)))
def test_array_of_floats(data):
    text = literals.array_text(data)
    assert np.array_equal(np.array(numbers(text), np.float32), data, equal_nan=True)
    assert [math.copysign(1, x) for x in numbers(text) if x == 0] == [math.copysign(1, x) for x in data if x == 0]
    check_layout(text)


def check_layout(text: str) -> None:
    lines = text.split("\n")
    assert all(len(line) <= literals.COLUMNS and line == line.rstrip() and line.startswith("    ") for line in lines)
    assert len({len(line) for line in lines[:-1]}) <= 1, "columns are not aligned"
    assert text.endswith(",")


def test_array_of_halves_and_booleans_are_their_bits():
    assert numbers(literals.array_text(np.array([1.0, -2.0], np.float16))) == [0x3C00, 0xC000]
    assert numbers(literals.array_text(np.array([True, False]))) == [1, 0]


def test_large_arrays_of_small_types_use_the_table_of_their_values():
    data = np.random.default_rng(0).integers(-128, 128, 5000).astype(np.int8)
    assert numbers(literals.array_text(data)) == data.tolist()


def test_gcc_reads_the_same_numbers(tmp_path):
    floats = np.random.default_rng(1).integers(0, 2**32, 500, dtype=np.uint32).view(np.float32)
    floats = np.append(floats[np.isfinite(floats)], np.array([np.inf, -np.inf, 1e-45, -0.0], np.float32))
    integers = np.array([-(2**31), 2**31 - 1, -1, 0, 7], np.int32)
    source = tmp_path / "arrays.c"
    source.write_text(
        "#include <math.h>\n#include <stdint.h>\n#include <stdio.h>\n"
        f"const float f[] = {{\n{literals.array_text(floats)}\n}};\n"
        f"const int32_t i[] = {{\n{literals.array_text(integers)}\n}};\n"
        "int main(void) { fwrite(f, sizeof f, 1, stdout); fwrite(i, sizeof i, 1, stdout); return 0; }\n"
    )
    program = tmp_path / "arrays"
    subprocess.run(["gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o", program], check=True)
    assert subprocess.run([program], check=True, capture_output=True).stdout == floats.tobytes() + integers.tobytes()
