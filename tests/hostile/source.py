"""What a C compiler sees of a source: trigraphs and spliced lines done, comments and literals gone."""

from __future__ import annotations

import re

_TRIGRAPHS = {"=": "#", "/": "\\", "'": "^", "(": "[", ")": "]", "!": "|", "<": "{", ">": "}", "-": "~"}
_SKIPPED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def words(text: str) -> set[str]:
    """The identifiers and keywords. ValueError where a comment or a literal does not end."""
    text = re.sub(r"\?\?([=/'()!<>-])", lambda found: _TRIGRAPHS[found[1]], text)
    text = re.sub(r"\\[ \t]*\r?\n", "", text)
    code = _SKIPPED.sub(" ", text)
    if "/*" in code or '"' in code:
        raise ValueError("a comment or a string does not end")
    return set(re.findall(r"[A-Za-z_]\w*", code))
