"""Data files are found, and the C runtime's headers follow the rules that the emitter relies on."""

from __future__ import annotations

import re

import pytest
from barecast import resources
from barecast.emit import runtime_headers
from barecast.errors import InternalError
from barecast.version import version_number


def test_folders_of_every_kind():
    for kind in ("runtime_c", "templates", "targets"):
        assert resources.folder(kind).is_dir()
    assert "model.h.j2" in resources.names("templates", ".j2")
    assert resources.text("templates", "model.h.j2").startswith("/* SPDX-License-Identifier: 0BSD")


def test_unknown_names_are_refused():
    with pytest.raises(InternalError, match="no data folder"):
        resources.folder("secrets")
    with pytest.raises(InternalError, match="missing"):
        resources.text("templates", "nothing.j2")


def test_headers_include_only_headers_of_the_runtime():
    headers = resources.runtime_headers()
    for name, text in headers.items():
        for included in re.findall(r'#\s*include\s+"([^"]*)"', text):
            if name.endswith("_cmsis.h") and included == "arm_nnfunctions.h":
                continue  # the user's CMSIS-NN
            folder, _, file = included.rpartition("/")
            assert folder == "barecast" and file in headers, f"{name} includes {included}"


def test_every_header_is_reached_with_what_it_includes_before_it():
    order = runtime_headers.needed(resources.runtime_headers())
    assert sorted(order) == sorted(resources.runtime_headers())
    for name in order:
        for included in re.findall(r'"barecast/([^"]+)"', resources.runtime_headers()[name]):
            assert order.index(included) < order.index(name)


def test_a_header_that_is_not_there_is_named():
    with pytest.raises(InternalError, match="conv9d_s8_c.h"):
        runtime_headers.needed(["conv9d_s8_c.h"])


def test_the_runtime_states_the_version_of_the_package():
    (stated,) = re.findall(r"#define BC_VERSION (\d+)", resources.runtime_headers()["bc.h"])
    assert int(stated) == version_number()
