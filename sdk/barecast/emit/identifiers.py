"""Text from a model or a user made safe for C: identifiers, file names and comments."""

from __future__ import annotations

import re

from barecast.errors import UsageError, printable

LONGEST = 40
"""C99 promises 63 significant characters of an internal name, and a suffix is still to come."""

SHOWN = 80
"""Characters of a foreign name in a comment."""

_KEYWORDS = """
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class compl const
const_cast constexpr continue decltype default delete do double dynamic_cast else enum explicit export extern false
float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private
protected public register reinterpret_cast restrict return short signed sizeof static static_assert static_cast struct
switch template this thread_local throw true try typedef typeid typename typeof union unsigned using virtual void
volatile wchar_t while xor xor_eq main
"""
_HEADERS = """
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype new memory vector array
arm_acle arm_mve arm_neon arm_fp16
"""
RESERVED = frozenset(_KEYWORDS.split()) | frozenset(_HEADERS.split()) | {"bc", "barecast"}
"""NAME.h must not shadow a header that someone includes, and the runtime's own names begin with bc_."""


def prefix_for(text: str) -> str:
    """A C prefix made from any text, e.g. the stem of a model's file: always valid, "model" if nothing is left."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", text)[:LONGEST].strip("_")
    if not name or name[0].isdigit() or _is_reserved(name):
        name = f"model_{name}".strip("_")
    return name


def checked_prefix(name: str) -> str:
    """The name as it is, if files and C symbols can bear it; UsageError otherwise."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", name) or _is_reserved(name):
        raise UsageError(
            f'"{printable(name)}" cannot be the prefix of C names',
            remedy="choose a name: no keyword, no standard header, nothing that begins with bc_",
        )
    return name


def _is_reserved(name: str) -> bool:
    return name.lower() in RESERVED or name.lower().startswith("bc_")


def comment_text(text: str) -> str:
    """`text` for the inside of a block comment: visible ASCII that neither ends the comment nor splices lines.

    Long text is cut in the middle, since exporters' names differ at their ends. Comment marks and trigraphs are
    broken up by a space, and a backslash never comes last.
    """
    safe = printable(text, 10_000)
    if len(safe) > SHOWN:
        safe = f"{safe[: SHOWN // 2 - 2]}...{safe[-(SHOWN // 2 - 1) :]}"
    safe = re.sub(r"\*(?=/)|/(?=\*)|\?(?=\?)", lambda found: found.group() + " ", safe)
    return safe + "." if safe.endswith("\\") else safe
