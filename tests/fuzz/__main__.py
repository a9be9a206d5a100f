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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n\n")[0])
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=100, help="how many networks")
    parser.add_argument("--samples", type=int, default=4, help="inputs for each network")
    parser.add_argument("--c", action="store_true", help="compile each network, and compare the C with the reference")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    tally = {optimise: defaultdict(Counter) for optimise in (False, True)}
    whole, wrong = Counter(), []
    started = time.monotonic()
    for seed in range(given.first, given.first + given.count):
        with tempfile.TemporaryDirectory() as place:
            try:
                _examine(seed, Path(place), given, tally, whole, wrong)
            except BarecastError as error:
                wrong.append(f"seed {seed}: refused: {error}")
    for optimise, kinds in tally.items():
        _print_rates("default session" if optimise else "graph optimiser off", kinds)
    print(f"\nwhole networks, graph optimiser off: {whole['elements']} output elements, {whole['differing']} differ, "
          f"in {whole['networks']} of {given.count} networks, by at most {whole['largest']}")  # fmt: skip
    print("\n".join(wrong) or "nothing else was found", f"\n{time.monotonic() - started:.0f} s")
    return int(bool(wrong))


def _examine(seed, place, given, tally, whole, wrong) -> None:
    case = measure.case(seed, place, given.samples)
    graph = agreement.graph_of(case.quantised, place / "network.onnx")
    for optimise, gaps in measure.layer_gaps(case, place, (False, True)).items():
        for gap in gaps:
            tally[optimise][gap.layer.kind, gap.layer.dtype].update(elements=gap.elements, differing=gap.differing)
            if gap.largest > 1:
                wrong.append(f"seed {seed}: {gap.layer.output} differs by {gap.largest} ({case.flavour})")
    if left := measure.floats_left(case, graph):
        wrong.append(f"seed {seed}: in floats: {', '.join(left)} ({case.flavour})")
    elements, differing, largest = measure.output_gap(case, graph)
    whole.update(elements=elements, differing=differing, networks=int(differing > 0))
    whole["largest"] = max(whole["largest"], int(largest))
    if not measure.real_network(case, place).passed:
        wrong.append(f"seed {seed}: the float network differs")
    if given.c and not measure.generated_c(case.quantised, case.samples, place / "network.onnx").passed:
        wrong.append(f"seed {seed}: the C differs from the reference")


def _print_rates(title: str, kinds) -> None:
    total = sum(kinds.values(), Counter())
    print(f"\n{title}: {total['elements']} elements, {total['differing']} differ")
    for (kind, dtype), count in sorted(kinds.items(), key=lambda item: -item[1]["differing"] / item[1]["elements"]):
        if count["differing"]:
            rate = count["differing"] / count["elements"]
            print(f"  {kind} {dtype}: {count['differing']} of {count['elements']} ({rate:.1e})")


if __name__ == "__main__":
    sys.exit(main())
