"""python -m tests.fuzz.mutants [--hours H | --count N] [--first SEED] [--keep FOLDER]: damaged models that were real.

Each seed changes bytes, or fields of the protobuf message or of the flatbuffer, of a bundled model or of a small one,
and compiles it to C. Either that is refused with a BarecastError, or it works: no other exception, in 5 s of the
processor and 1 GB. Exit status 1 if anything else happened.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from barecast import pipeline, targets
from barecast.errors import BarecastError, InternalError
from barecast.options import Options

from tests import limits
from tests.fuzz import flatbuffer_damage, networks, protobuf_damage, single
from tests.tflite.build import all_cases
from tests.tflite.variables import STREAMS

DRAFTS = 3
"""Models of each operator in QDQ form."""

BUNDLED = Path(__file__).parents[2] / "models" / "digits"
MODELS = ("digits_float.onnx", "digits_int8.onnx")


@dataclass(frozen=True)
class Tried:
    """One damaged model. how: "generated" or "refused"; wrong: what went wrong with it, "" if nothing."""

    seed: int
    source: str
    how: str
    wrong: str
    seconds: float
    bytes: int


@cache
def sources() -> dict[str, bytes]:
    """Sound models by name; the suffix is the format's."""
    found = {name: (BUNDLED / name).read_bytes() for name in MODELS}
    for seed in range(40):
        found[f"network{seed}.onnx"] = networks.network(seed).SerializeToString()
    for operator, make in single.OPERATORS.items():
        for seed in range(DRAFTS):
            draft = single.Draft(seed, (np.int8, np.uint8)[seed % 2], single.SCALES[seed % 3], bool(seed % 2))
            found[f"{operator}{seed}.onnx"] = make(draft).SerializeToString()
    found |= {f"{case.name}.tflite": case.model for case in all_cases()}
    return found | {f"{stream.name}.tflite": stream.model for stream in STREAMS}


def mutant(seed: int) -> tuple[str, bytes]:
    """(name of the sound model, what became of it). Equal seeds give equal models."""
    rng = np.random.default_rng((seed, 77))
    suffix = ".onnx" if rng.random() < 0.6 else ".tflite"
    names = [name for name in sources() if name.endswith(suffix)]
    name = names[int(rng.integers(len(names)))]
    data, how = sources()[name], rng.random()
    if how < 0.8:
        data = (protobuf_damage if suffix == ".onnx" else flatbuffer_damage).damaged(data, rng)
    if how > 0.7:
        data = _bytes_damaged(data, rng)
    return name, data


def _bytes_damaged(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        at, how = int(rng.integers(max(1, len(changed)))), int(rng.integers(7))
        length = int(rng.integers(1, 17))
        match how:
            case 0 | 1:
                changed[at : at + 1] = rng.bytes(1)
            case 2:
                if changed:
                    changed[at] ^= 1 << int(rng.integers(8))
            case 3:
                del changed[at : at + length]
            case 4:
                changed[at:at] = rng.bytes(length)
            case 5:
                other = int(rng.integers(max(1, len(changed))))
                changed[at : at + length] = changed[other : other + length]
            case 6:
                del changed[at:]
        if not changed:
            break
    return bytes(changed)


def attempt(seed: int) -> str:
    """ "generated" or "refused"; any exception but a BarecastError that speaks of the model gets out."""
    name, data = mutant(seed)
    return compiled(name, data)


def compiled(name: str, data: bytes) -> str:
    """As `attempt`, of a model's bytes."""
    with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(place) / f"model{Path(name).suffix}"
        path.write_bytes(data)
        try:
            pipeline.compile_model(path, targets.load("host"), Options())
        except InternalError:
            raise
        except BarecastError as error:
            for one in error.problems or (error,):
                if not one.remedy or not one.reason or not one.message().isascii() or "\n" in one.message():
                    raise AssertionError(f"no clear line: {one.message()!r}") from error
            return "refused"
        return "generated"


def run(seeds: Iterable[int]) -> Iterator[Tried]:
    seeds, again = itertools.tee(seeds)
    for seed, outcome in zip(again, limits.run(attempt, seeds), strict=False):
        wrong = outcome.failure or limits.excess(outcome)
        yield Tried(
            seed, mutant(seed)[0] if wrong else "", outcome.value or "failed", wrong, outcome.seconds, outcome.bytes
        )


def until(first: int, count: int | None, hours: float | None) -> Iterator[int]:
    """Seeds, as many as wanted or until the time is over."""
    end = None if hours is None else time.monotonic() + hours * 3600
    for seed in itertools.count(first):
        if (count is not None and seed >= first + count) or (end is not None and time.monotonic() > end):
            return
        yield seed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.mutants", description=__doc__.split("\n\n")[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, help="how many models; 1000 if neither this nor --hours is given")
    parser.add_argument("--hours", type=float, help="how long")
    parser.add_argument("--keep", type=Path, help="a folder for the models that something was wrong with")
    given = parser.parse_args()
    count = 1000 if given.count is None and given.hours is None else given.count
    tally, slowest, largest = Counter(), 0.0, 0
    for tried in run(until(given.first, count, given.hours)):
        tally["wrong" if tried.wrong else tried.how] += 1
        slowest, largest = max(slowest, tried.seconds), max(largest, tried.bytes)
        if tried.wrong:
            print(f"seed {tried.seed} ({tried.source}): {tried.wrong}", flush=True)
            if given.keep is not None:
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / f"{tried.seed}{Path(tried.source).suffix}").write_bytes(mutant(tried.seed)[1])
    told = ", ".join(f"{n} {how}" for how, n in sorted(tally.items()))
    print(f"{tally.total()} models: {told}; slowest {slowest:.2f} s, largest {largest / 1e6:.0f} MB")
    return int(tally["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
