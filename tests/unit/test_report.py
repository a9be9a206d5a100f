"""Tables for people and JSON for scripts."""

from __future__ import annotations

import io
import json
import os

import pytest
from barecast.errors import UsageError
from barecast.report import Table, number, plain_table, print_line, print_table, ratio, shape, write_json

TABLE = Table("sizes", ("name", "bytes>"), (("a", "1 000"), ("long name", "7")))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_plain_aligned_text():
    stream = io.StringIO()
    print_table(TABLE, stream)
    assert stream.getvalue() == plain_table(TABLE)
    assert plain_table(TABLE).splitlines() == [
        "sizes",
        "name       bytes",
        "---------  -----",
        "a          1 000",
        "long name      7",
    ]


def test_a_terminal_gets_the_same_cells_by_rich(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    stream = Terminal()
    markup = Table("[bold]t", ("a", "b>"), (("[red]x[/red]", "[1,2]"),))
    print_table(markup, stream)
    for text in ("[bold]t", "[red]x[/red]", "[1,2]"):
        assert text in stream.getvalue()


def test_json_goes_to_a_file_or_standard_output(tmp_path, capsys):
    write_json({"b": 1, "a": [None, 2.5]}, str(tmp_path / "x.json"))
    write_json({"b": 1, "a": [None, 2.5]}, "-")
    written, printed = (tmp_path / "x.json").read_text(), capsys.readouterr().out
    assert written == printed
    assert list(json.loads(written)) == ["b", "a"]


def test_json_that_cannot_be_written_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot write"):
        write_json({}, str(tmp_path / "no" / "x.json"))


def test_a_reader_that_went_away_is_no_error():
    receiving, sending = os.pipe()
    os.close(receiving)
    with os.fdopen(sending, "w") as stream:
        print_line("x" * 100_000, stream)
        print_table(TABLE, stream)


def test_figures():
    assert number(1234567) == "1 234 567" and number(None) == "-" and number(12) == "12"
    assert ratio(3, 2) == "1.50" and ratio(None, 2) == ratio(3, 0) == "-"
    assert shape((1, 2)) == "[1,2]" and shape(()) == "[]"
