"""Text from a model becomes C names and comments that C can bear."""

from __future__ import annotations

import re

import pytest
from barecast.emit.identifiers import checked_prefix, comment_text, prefix_for
from barecast.errors import UsageError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("kws_int8", "kws_int8"),
        ("MobileNet v2 (1.0)", "MobileNet_v2_1_0"),
        ("../../etc/passwd", "etc_passwd"),
        ("3dnet", "model_3dnet"),
        ("", "model"),
        ("___", "model"),
        ("\u6a21\u578b", "model"),
        ("int", "model_int"),
        ("Switch", "model_Switch"),
        ("stdint", "model_stdint"),
        ("bc_math", "model_bc_math"),
        ("a__b", "a_b"),
        ("x" * 100, "x" * 40),
    ],
)
def test_prefix_for(text, prefix):
    assert prefix_for(text) == prefix


@given(st.text())
def test_any_text_gives_a_prefix_that_passes_the_check(text):
    assert checked_prefix(prefix_for(text)) == prefix_for(text)
    assert "__" not in prefix_for(text)


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a.h", "while", "BC", "bc_conv2d", "math", "a" * 64, "a\n"])
def test_a_name_that_c_cannot_bear_is_refused(name):
    with pytest.raises(UsageError, match="prefix of C names"):
        checked_prefix(name)


@given(st.text(alphabet=st.sampled_from("*/\\?\n\r\t \"a\u2028\U0001f600'%") | st.characters()))
def test_no_text_escapes_from_a_comment(text):
    safe = comment_text(text)
    assert re.fullmatch(r"[ -~]*", safe)
    assert "*/" not in safe and "/*" not in safe and "??" not in safe
    assert not safe.endswith("\\")


def test_harmless_text_stays_as_it_is():
    assert comment_text("block_1/depthwise:0 (a * b / c)?") == "block_1/depthwise:0 (a * b / c)?"
