"""Errors that a user can act on: where, what, why and what to do about it.

Every error that a model, an option or a missing tool can cause is a `BarecastError`;
the command line prints it as one line and exits with status 2. Anything else that
escapes is a bug in barecast.
"""

from __future__ import annotations

from collections.abc import Sequence


def printable(text: object, limit: int = 80) -> str:
    """`text` on one line in visible ASCII, cut to `limit` characters.

    Names in a model are arbitrary strings; messages, comments and tables show them
    through this function only.
    """
    shown = str(text).encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


class BarecastError(Exception):
    """Bad input or bad usage, told in one line.

    node, operator: where in the model (the foreign node's name and type), if known.
    reason: what is wrong. remedy: what the user can do.
    """

    def __init__(self, reason: str, *, node: str | None = None, operator: str | None = None, remedy: str = ""):
        self.reason, self.node, self.operator, self.remedy = reason, node, operator, remedy
        super().__init__(self.message())

    def message(self) -> str:
        where = ""
        if self.operator:
            where = self.operator
        if self.node is not None:
            where = f'{where or "node"} "{printable(self.node)}"'
        text = f"{where}: {self.reason}" if where else self.reason
        return f"{text}; {self.remedy}" if self.remedy else text

    def at(self, *, node: str | None = None, operator: str | None = None) -> BarecastError:
        """The same error with its place filled in where it was not known yet."""
        return type(self)(
            self.reason,
            node=self.node if self.node is not None else node,
            operator=self.operator or operator,
            remedy=self.remedy,
        )


class ModelError(BarecastError):
    """The model is damaged, contradictory or outside of what barecast can take."""


class UnsupportedError(BarecastError):
    """The model is valid, and something in it is not supported. Lists everything at once."""

    def __init__(self, reason: str, *, problems: Sequence[BarecastError] = (), **where):
        self.problems = tuple(problems)
        super().__init__(reason, **where)

    def message(self) -> str:
        head = super().message()
        return head + ("".join(f"\n  {p.message()}" for p in self.problems))

    def at(self, *, node: str | None = None, operator: str | None = None) -> UnsupportedError:
        return UnsupportedError(
            self.reason,
            problems=self.problems,
            node=self.node if self.node is not None else node,
            operator=self.operator or operator,
            remedy=self.remedy,
        )


class UsageError(BarecastError):
    """An option or an input file does not fit the model or the command."""


class ToolError(BarecastError):
    """A compiler or an emulator is missing or failed."""


class InternalError(BarecastError):
    """A stage produced something that breaks an invariant: a bug in barecast, caught at the stage's border."""
