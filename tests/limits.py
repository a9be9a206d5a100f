"""Runs a function over cases in child processes that are watched: what one costs, and that none brings the rest down."""

from __future__ import annotations

import multiprocessing
import resource
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS, BYTES = 5.0, 10**9
"""What barecast may take of the processor and of memory to refuse a model or to generate C for a small one."""

SILENCE = 120.0
"""Wall seconds without an answer after which a child is taken for hanging: many times what a case may take, since other
processes may have the processor."""

START = 60.0
"""Wall seconds that a child may take to import what it needs."""


@dataclass(frozen=True)
class Outcome:
    """One case: what the function returned, or in `failure` why it did not; seconds of the processor; peak bytes."""

    value: Any = None
    failure: str = ""
    seconds: float = 0.0
    bytes: int = 0


def excess(outcome: Outcome, timed: bool = True) -> str:
    """By what a case took more than it may, "" if by nothing. timed: whether it was barecast alone that took the time."""
    if timed and outcome.seconds > SECONDS:
        return f"took {outcome.seconds:.1f} s"
    return f"took {outcome.bytes / 1e6:.0f} MB" if outcome.bytes > BYTES else ""


def run(
    function: Callable[[Any], Any], cases: Iterable[Any], *, memory: int = BYTES, silence: float = SILENCE
) -> Iterator[Outcome]:
    """An outcome for each case, in order. function: of a module, since the children are started afresh.

    memory: bytes of addresses that a child may take beyond those that it starts with. An exception, a child that dies
    and one that hangs are failures of that case; the next case gets a new child where it has to.
    """
    context = multiprocessing.get_context("spawn")
    child = None
    try:
        for case in cases:
            if child is None:
                child = _Child(context, function, memory)
            outcome, alive = child.ask(case, silence)
            if not alive:
                child.end()
                child = None
            yield outcome
    finally:
        if child is not None:
            child.end()


class _Child:
    def __init__(self, context: Any, function: Callable[[Any], Any], memory: int):
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, function, memory), daemon=True)
        self.process.start()
        theirs.close()
        if not self.pipe.poll(START) or self.pipe.recv() != "ready":
            self.end()
            raise RuntimeError("the child process does not start")

    def ask(self, case: Any, silence: float) -> tuple[Outcome, bool]:
        """The outcome, and whether the child is still there."""
        self.pipe.send(case)
        if not self.pipe.poll(silence):
            return Outcome(failure=f"no answer within {silence:.0f} s", seconds=silence), False
        try:
            return self.pipe.recv(), True
        except EOFError:
            self.process.join(10)
            return Outcome(failure=f"the process died ({self.process.exitcode})"), False

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Any, function: Callable[[Any], Any], memory: int) -> None:
    limit = _status("VmSize") + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    pipe.send("ready")
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
        start = time.process_time()
        try:
            value, failure = function(case), ""
        except Exception as error:
            value, failure = None, _told(error)
        pipe.send(Outcome(value, failure, time.process_time() - start, _status("VmHWM")))


def _told(error: Exception) -> str:
    """The exception and where it came from, innermost frame last."""
    places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__}: {str(error)[:300]} at {' '.join(places[-6:])}"


def _status(key: str) -> int:
    """Bytes, of a line of /proc/self/status."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)
