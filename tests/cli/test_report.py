"""barecast report: the page and the text from the command line, and what is left of OUT when it fails."""

from __future__ import annotations

import io
import os
import sys

import pytest
from barecast.report import write_text


def test_page_and_text(barecast, int8, tmp_path):
    out = tmp_path / "r.html"
    outcome = barecast("report", int8, "--target", "cortex-m4", "-o", out)
    assert outcome.status == 0 and outcome.err == ""
    assert "digits_int8.onnx on cortex-m4" in outcome.out and "\x1b" not in outcome.out and str(out) in outcome.out
    assert out.read_text().startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_without_a_page(barecast, int8, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = barecast("report", int8, "--board", "mps2-an386")
    assert outcome.status == 0 and "of mps2-an386, arena: " in outcome.out
    assert not list(tmp_path.iterdir())


def test_json(barecast, int8):
    found = barecast("report", int8, "--target", "cortex-m4", "--json", "-").json
    assert found["arena_bytes"] >= found["arena_lower_bound_bytes"] > 0 and found["code_bytes"] is None
    assert len(found["steps"]) == len(found["regions"][0]["live"])
    assert found["states"] == []


def test_build_states_the_code(barecast, int8):
    found = barecast("report", int8, "--target", "cortex-m4", "--build", "--json", "-").json
    assert found["code_bytes"] > 1000


def test_colours_on_a_terminal_only(int8, monkeypatch):
    from barecast.cli import main

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(SystemExit):
        main(["report", str(int8), "--target", "cortex-m4"])
    assert "\x1b[" in stream.getvalue()
    assert "digits_int8.onnx on cortex-m4" in stream.getvalue()


@pytest.mark.parametrize("where", ["no/such/folder.html", "."])
def test_an_output_that_cannot_be_written(barecast, int8, tmp_path, where):
    outcome = barecast("report", int8, "-o", tmp_path / where)
    assert outcome.status == 2 and "cannot write" in outcome.err and outcome.out == ""
    assert not list(tmp_path.iterdir())


def test_an_empty_output(barecast, int8):
    assert barecast("report", int8, "-o", "").status == 2


def test_a_refused_model_leaves_the_page(barecast, int8, tmp_path):
    out, cut = tmp_path / "r.html", tmp_path / "cut.onnx"
    out.write_text("mine")
    cut.write_bytes(int8.read_bytes()[:1000])
    assert barecast("report", cut, "-o", out).status == 2
    assert out.read_text() == "mine"


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    out = tmp_path / "r.html"
    write_text("one", str(out))
    assert out.stat().st_mode & 0o777 == 0o666 & ~_umask()
    out.chmod(0o640)
    write_text("two", str(out))
    assert out.read_text() == "two" and out.stat().st_mode & 0o777 == 0o640

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(KeyboardInterrupt):
        write_text("three", str(out))
    assert out.read_text() == "two" and [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    write_text("text", str(tmp_path / "link.html"))
    assert (tmp_path / "link.html").is_symlink() and (tmp_path / "real.html").read_text() == "text"


def test_a_pipe_is_written_to(tmp_path):
    reading, writing = os.pipe()
    write_text("text", f"/dev/fd/{writing}")
    os.close(writing)
    with os.fdopen(reading) as stream:
        assert stream.read() == "text"


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
