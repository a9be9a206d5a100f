"""python -m tests.poison [--target T] [--first SEED] [--count NETWORKS] [--by-rows] [--optimize O] [--samples N]

Each random network of tests/planner/networks.py (by rows: of tests/streaming/chains.py) runs on the target with garbage over
all memory that nobody wants after each step. Prints what is wrong; exit status 1 if anything is.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from barecast import targets

from tests.poison.watched import branchy, by_rows, outcomes

BATCH = 25
"""Networks in one image."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.poison", description=__doc__.split("\n\n")[1])
    parser.add_argument("--target", default="cortex-m4", help="a core, as `barecast targets` lists them")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=500, help="how many networks")
    parser.add_argument("--optimize", default="speed", help="as barecast's option")
    parser.add_argument("--samples", type=int, default=2, help="inputs for each network")
    parser.add_argument("--by-rows", action="store_true", help="chains of layers that run by rows")
    given = parser.parse_args()
    draw = by_rows if given.by_rows else branchy
    target, started = targets.load(given.target), time.monotonic()
    end = given.first + given.count
    wrong = steps = strays = 0
    for first in range(given.first, end, BATCH):
        with tempfile.TemporaryDirectory() as place:
            seeds = range(first, min(first + BATCH, end))
            for found in outcomes(seeds, target, Path(place), given.samples, draw, optimize=given.optimize):
                steps += found.steps
                strays += len(found.strays)
                wrong += not found.passed
                if not found.passed:
                    print(f"seed {found.seed}: {found.own.mismatched} elements differ, guards "
                          f"{'whole' if found.guard_ok else 'written'}", *found.strays, sep="\n  ", flush=True)  # fmt: skip
    print(f"{given.count} networks of {steps} steps on {target.name}: {wrong} are wrong, {strays} steps wrote what is not "
          f"theirs; {time.monotonic() - started:.0f} s")  # fmt: skip
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
