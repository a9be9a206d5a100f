"""Errors that a user can act on: where, what, why and what to do about it.

Every error that a model, an option or a missing tool can cause is a `BarecastError`;
the command line prints it as one line and exits with status 2. Anything else that
escapes is a bug in barecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NAMES_SHOWN = 3
"""How many nodes a message names where the same is wrong with all of them."""

LINES_SHOWN = 40
"""How many different problems a message tells; `problems` and --json have all."""


def printable(text: object, limit: int = 80) -> str:
    """`text` on one line in visible ASCII, cut to `limit` characters.

    Names in a model are arbitrary strings, or bytes that are no text at all; messages, comments
    and tables show them through this function only.
    """
    shown = text.decode("latin-1") if isinstance(text, bytes) else str(text)
    shown = shown.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


REASON_SHOWN = 600
"""Characters of a reason; what a model says of itself may have thousands."""


def one_line(text: str, limit: int = REASON_SHOWN) -> str:
    """A sentence on one line in visible ASCII, cut in its middle to `limit` characters. Escapes that it has stay."""
    shown = "".join(c if " " <= c <= "~" else c.encode("unicode_escape").decode("ascii") for c in text)
    half = (limit - 5) // 2
    return shown if len(shown) <= limit else f"{shown[:half]} ... {shown[-half:]}"


class BarecastError(Exception):
    """Bad input or bad usage, told in one line.

    node, operator: where in the model (the foreign node's name and type), if known.
    reason: what is wrong. remedy: what the user can do. problems: the single errors that this one
    reports together (see `refusal`), none in an error that stands for itself.
    """

    def __init__(
        self,
        reason: str,
        *,
        node: str | None = None,
        operator: str | None = None,
        remedy: str = "",
        problems: Sequence[BarecastError] = (),
    ):
        self.reason, self.node, self.operator, self.remedy = reason, node, operator, remedy
        self.problems = tuple(problems)
        super().__init__(self.message())

    def message(self) -> str:
        """One line; one more for each kind of problem."""
        lines = [self._line((self.node,) if self.node is not None else ())]
        kinds: dict[tuple[str | None, str, str], list[BarecastError]] = {}
        for problem in self.problems:
            kinds.setdefault((problem.operator, problem.reason, problem.remedy), []).append(problem)
        for alike in list(kinds.values())[:LINES_SHOWN]:
            nodes = tuple(dict.fromkeys(p.node for p in alike if p.node is not None))
            lines.append("  " + alike[0]._line(nodes))
        if len(kinds) > LINES_SHOWN:
            lines.append(f"  and {len(kinds) - LINES_SHOWN} more that differ; `barecast inspect --json FILE` lists all")
        return "\n".join(lines)

    def _line(self, nodes: Sequence[str]) -> str:
        where = self.operator or ""
        if nodes:
            names = ", ".join(f'"{printable(n)}"' for n in nodes[:NAMES_SHOWN])
            more = ", ..." if len(nodes) > NAMES_SHOWN else ""
            where = (where or "node") + (f" {names}" if len(nodes) == 1 else f" ({len(nodes)} nodes: {names}{more})")
        text = f"{where}: {self.reason}" if where else self.reason
        return f"{text}; {self.remedy}" if self.remedy else text

    def as_json(self) -> list[dict[str, str | None]]:
        """Each single problem with the keys node, operator, reason and remedy."""
        return [
            {"node": p.node, "operator": p.operator, "reason": p.reason, "remedy": p.remedy or None}
            for p in (self.problems or (self,))
        ]

    def at(self, *, node: str | None = None, operator: str | None = None) -> BarecastError:
        """The same error with its place filled in where it was not known yet."""
        return type(self)(
            self.reason,
            node=self.node if self.node is not None else node,
            operator=self.operator or operator,
            remedy=self.remedy,
            problems=self.problems,
        )


class InputError(BarecastError):
    """What somebody else wrote is at fault, and the reason may quote it."""

    def __init__(self, reason: str, **where: Any):
        super().__init__(one_line(reason), **where)


class ModelError(InputError):
    """The model is damaged, contradictory or outside of what barecast can take."""


class UnsupportedError(InputError):
    """The model is valid, and something in it is not supported."""


class UsageError(InputError):
    """An option or an input file does not fit the model or the command."""


class ToolError(BarecastError):
    """A compiler or an emulator is missing or failed."""


class InternalError(BarecastError):
    """A stage produced something that breaks an invariant: a bug in barecast, caught at the stage's border."""


def refusal(problems: Sequence[BarecastError]) -> BarecastError:
    """One error for everything that is wrong with a model: the problem itself where there is one only.

    A ModelError or a UsageError if all are such, else an UnsupportedError; `problems` has each.
    """
    single = tuple(dict.fromkeys(p for problem in problems for p in (problem.problems or (problem,))))
    if len(single) == 1:
        return single[0]
    kinds = {type(p) for p in single}
    kind = kinds.pop() if len(kinds) == 1 else UnsupportedError
    return kind(f"the model is refused for {len(single)} reasons", problems=single)
