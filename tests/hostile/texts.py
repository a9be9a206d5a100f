"""Texts for every name and string of a model. Each has MARK in it, which must not become C, nor markup of a page."""

from __future__ import annotations

MARK = "planted_mark"

TEXTS: dict[str, str] = {
    "end of comment": f"*/ int {MARK}(void); /*",
    "end of comment, spliced": f"*\\\n/ int {MARK}; /*",
    "end of comment, trigraph": f"*??/\n/ int {MARK}; /*",
    "end of comment after slashes": f"/*/{MARK}*//*/",
    "line comment": f"// {MARK}",
    "backslash last": f"{MARK}\\",
    "backslash and newline": f"a\\\nint {MARK};",
    "carriage return": f"a\rint {MARK};",
    "newlines": f"a\n\n#define {MARK} 1\n",
    "other line ends": f"a\x0bint\x0c {MARK}\x85;\u2028int {MARK};\u2029",
    "quote": f'"; int {MARK}; char *s = "',
    "single quotes": f"'{MARK}'",
    "directive": f"\n#include <{MARK}.h>\n#error {MARK}",
    "trigraphs": f"??/??'??(??)??!??<??>??- {MARK} ??=define",
    "digraphs": f"%:define {MARK} <% %> <: :>",
    "assembler": f"\n.global {MARK}\n.word 1",
    "line splice at a path": f"c:\\{MARK}\\u0041\\N{{DIGIT ONE}}\\x",
    "percent": f"%s%n%d {MARK} %99999d",
    "braces": f"{{{{ {MARK} }}}}{{% for x in y %}}{{{MARK}}}",
    "markup": f"<script>{MARK}()</script><img src=x onerror={MARK}()>&amp;",
    "quoted markup": f'" onload={MARK}() x=\'"><b>{MARK}</b>',
    "console markup": f"[bold]{MARK}[/nonsense][link=http://x]",
    "terminal": f"\x1b[2J\x1b]0;{MARK}\x07\x9b31m\b\b",
    "UTF-8": f"größe 模型 🎉 {MARK}",
    "right to left": f"\u202e\u2066{MARK}\u2069 */ \u202d שלום",
    "combining": f"e\u0301\u0301\u200b\ufeff\u00ad{MARK}",
    "whitespace": f" \t {MARK} ",
    "keyword": f"int {MARK}",
    "path": f"../../{MARK}/../..\\etc:passwd",
    "null": f"a\0{MARK}",
    "5 000 characters": MARK + "x" * 5000,
    "5 000 comment ends": f"{MARK}" + "*/" * 2500,
    "5 000 backslashes": f"{MARK}" + "\\" * 5000,
    "5 000 astral characters": f"{MARK}" + "\U0001f600" * 5000,
}

KEYWORDS = (
    "int",
    "main",
    "register",
    "class",
    "NULL",
    "bc_run",
    "__attribute__",
    "asm",
    "void",
    "INT32_MIN",
    "uint8_t",
)
"""Names that mean something in C by themselves."""
