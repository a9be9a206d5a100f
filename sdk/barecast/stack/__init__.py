"""The most stack that a model's run can take: from the compiler's -fstack-usage, the machine code and its calls.

Every path from NAME_run through the image is followed, into the functions of libraries and of assembly, which the
compiler says nothing about. Nothing is assumed of what cannot be followed: it is named instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from barecast.errors import InternalError
from barecast.stack import objects
from barecast.stack.effects import Unread
from barecast.stack.frames import Frame, walk
from barecast.stack.program import Program, read
from barecast.toolchain import Image

__all__ = ["Level", "StackBound", "bound", "check"]


@dataclass(frozen=True)
class Level:
    """A function on the deepest path. bytes: what it has on the stack when it calls the next one."""

    function: str
    bytes: int


@dataclass(frozen=True)
class StackBound:
    """bytes: what no run exceeds, interrupts aside; None if `unknown` says why there is no such number.
    path: from NAME_run to the function in which it is reached."""

    bytes: int | None
    path: tuple[Level, ...] = ()
    unknown: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The keys that docs/commands.md promises."""
        return {
            "stack_bound_bytes": self.bytes,
            "stack_path": [asdict(level) for level in self.path],
            "stack_unknown": list(self.unknown),
        }


def bound(image: Image, model: int = 0) -> StackBound:
    """Of a run of one of the image's models, by number. The state's reset is not part of it."""
    program = read(image)
    if program is None:
        return StackBound(None, unknown=(f"the machine code of {image.target.name} is not looked into",))
    known = {name: start for start, _, name in program.code.functions}
    name = f"{image.models[model]['name']}_run"
    if name not in known:
        raise InternalError(f"the image has no function {name}")
    pointers = sorted(known[name] for name in objects.pointed_to(image.objects) if name in known)
    return _Search(program, objects.usage(image.objects), pointers).bound(known[name])


def check(limit: StackBound, used: int, name: str) -> None:
    """InternalError if a run took more than the bound."""
    if limit.bytes is not None and used > limit.bytes:
        raise InternalError(f"{name} used {used} bytes of stack, more than the {limit.bytes} that were computed")


class _Search:
    """The deepest path, function by function: each is looked at once."""

    def __init__(self, program: Program, usage: objects.Usage, pointers: Sequence[int]):
        self._program, self._code, self._usage, self._pointers = program, program.code, usage, pointers
        self._done: dict[int, tuple[int, tuple[Level, ...]]] = {}
        self._open: list[int] = []
        self._unknown: dict[str, None] = {}

    def bound(self, entry: int) -> StackBound:
        deepest, path = self._deepest(entry)
        unknown = tuple(self._unknown)
        return StackBound(None, unknown=unknown) if unknown else StackBound(deepest, path)

    def _deepest(self, entry: int) -> tuple[int, tuple[Level, ...]]:
        if entry in self._done:
            return self._done[entry]
        if entry in self._open:
            circle = " -> ".join(self._code.name(a) for a in [*self._open[self._open.index(entry) :], entry])
            self._unknown[f"recursion: {circle}"] = None
            return 0, ()
        name = self._code.name(entry)
        try:
            frame = walk(self._code, entry)
        except Unread as reason:
            self._unknown[f"{name} {reason}"] = None
            return 0, ()
        self._open.append(entry)
        self._done[entry] = self._through(name, frame)
        self._open.pop()
        return self._done[entry]

    def _through(self, name: str, frame: Frame) -> tuple[int, tuple[Level, ...]]:
        told, static = self._usage.get(name, (0, True))
        if not static:
            self._unknown[f"{name} has a frame whose size depends on data"] = None
        own = max(told, frame.depth)
        best = own, (Level(name, own),)
        for call in frame.calls:
            # A frame of which the walk saw less than the compiler says counts as a whole.
            depth = call.depth if frame.depth >= told else own
            for target in self._targets(name, call.target):
                below, path = self._deepest(target)
                if depth + below > best[0]:
                    best = depth + below, (Level(name, depth), *path)
        return best

    def _targets(self, name: str, target: int | None) -> Sequence[int]:
        """Where a call may go."""
        if target is None:
            if not self._pointers:
                self._unknown[f"{name} calls through a pointer to what is not known"] = None
            return self._pointers
        if any(start <= target < end for start, end in self._program.stubs):
            if self._program.chosen is None:
                self._unknown[f"{name} calls a function that the C library chooses when the program starts"] = None
            return self._program.chosen or ()
        return (target,)
