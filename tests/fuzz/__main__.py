"""python -m tests.fuzz [--first SEED] [--count NETWORKS] [--samples N] [--c]: measured rates of differences.

A line for each kind of layer that ever differs from onnxruntime, with its default session and with its graph
optimiser off; then whole networks; then what was found wrong. Exit status 1 if anything was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path

from barecast.errors import BarecastError

from tests.fuzz import agreement, measure

SESSIONS = {True: "default session", False: "graph optimiser off"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n\n")[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=100, help="how many networks")
    parser.add_argument("--samples", type=int, default=4, help="inputs for each network")
    parser.add_argument("--c", action="store_true", help="compile each network, and compare the C with the reference")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    tally = {optimise: defaultdict(Counter) for optimise in SESSIONS}
    whole, wrong = {optimise: Counter() for optimise in SESSIONS}, []
    started = time.monotonic()
    for seed in range(given.first, given.first + given.count):
        with tempfile.TemporaryDirectory() as place:
            try:
                _examine(seed, Path(place), given, tally, whole, wrong)
            except BarecastError as error:
                wrong.append(f"seed {seed}: refused: {error}")
    _print_rates(tally)
    for optimise, title in SESSIONS.items():
        w = whole[optimise]
        print(f"whole networks, {title}: {w['elements']} output elements, {w['differing']} differ, "
              f"in {w['networks']} of {given.count} networks, by at most {w['largest']}")  # fmt: skip
    print("\n".join(wrong) or "nothing else was found", f"\n{time.monotonic() - started:.0f} s")
    return int(bool(wrong))


def _examine(seed, place, given, tally, whole, wrong) -> None:
    case = measure.case(seed, place, given.samples)
    graph = agreement.graph_of(case.quantised, place / "network.onnx")
    for optimise, gaps in measure.layer_gaps(case, place, tuple(SESSIONS)).items():
        for gap in gaps:
            tally[optimise][gap.layer.kind, gap.layer.dtype].update(elements=gap.elements, differing=gap.differing)
            if gap.largest > 1:
                wrong.append(f"seed {seed}: {gap.layer.output} differs by {gap.largest} ({case.flavour})")
    if left := measure.floats_left(case, graph):
        wrong.append(f"seed {seed}: in floats: {', '.join(left)} ({case.flavour})")
    for optimise, tallied in whole.items():
        elements, differing, largest = measure.output_gap(case, graph, optimise)
        tallied.update(elements=elements, differing=differing, networks=int(differing > 0))
        tallied["largest"] = max(tallied["largest"], int(largest))
    if not measure.real_network(case, place).passed:
        wrong.append(f"seed {seed}: the float network differs")
    if given.c and not measure.generated_c(case.quantised, case.samples, place / "network.onnx").passed:
        wrong.append(f"seed {seed}: the C differs from the reference")


def _print_rates(tally) -> None:
    """One line for each kind that differs in either session: elements, and how many differ in each."""
    totals = {optimise: sum(kinds.values(), Counter()) for optimise, kinds in tally.items()}
    print("layers".ljust(60), *(title.rjust(32) for title in SESSIONS.values()))
    print("all".ljust(60), *(_rate(totals[optimise]) for optimise in SESSIONS))
    kinds = {kind for found in tally.values() for kind, count in found.items() if count["differing"]}
    for kind in sorted(kinds, key=lambda k: [-tally[o][k]["differing"] for o in SESSIONS]):
        print(f"{kind[0][:55]} {kind[1]}".ljust(60), *(_rate(tally[optimise][kind]) for optimise in SESSIONS))
    print()


def _rate(count: Counter) -> str:
    return f"{count['differing']} of {count['elements']} ({count['differing'] / max(count['elements'], 1):.1e})".rjust(32)


if __name__ == "__main__":
    sys.exit(main())
