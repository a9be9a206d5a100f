"""A case: something to give to the command line, and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass

REFUSED, EITHER, GENERATED = "refused", "either", "generated"


@dataclass(frozen=True)
class Case:
    """data: the file's bytes; None if there is no file. kind: "file", "folder", "fifo", "locked" (no rights), "loop" (a
    link to itself) or "device".

    options: of `barecast generate FILE`, in which {place} is the case's folder. beside: more files there, by path.
    links: further paths there -> what they lead to. C is to be compiled and run where it is generated.
    """

    category: str
    name: str
    data: bytes | None
    wanted: str = REFUSED
    file: str = "model.onnx"
    kind: str = "file"
    options: tuple[str, ...] = ("-o", "{place}/out")
    beside: tuple[tuple[str, bytes], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
