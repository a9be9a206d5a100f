"""What threads gain on this computer: the least time of a run by 1 to N threads.

    python -m bench.threads [--threads N] [--runs RUNS] MODEL ...

The code is plain C at -O3 for the host. Times are those of this machine, which should have nothing else to do.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from barecast import pipeline, targets
from barecast.options import Options
from barecast.report import Table, print_table

PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "net.h"
#include "barecast/bc_pool.h"

static uint8_t arena[NET_ARENA_BYTES] __attribute__((aligned(NET_ARENA_ALIGN)));
static uint8_t first[NET_OUTPUT_0_BYTES];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    static bc_pool pool;
    (void)argc;
    for (uint32_t threads = 0; threads <= NET_THREADS; threads++) {
        double least = 1e9;
        if (threads > 0 && bc_pool_start(&pool, threads) != 0) {
            return 2;
        }
        for (int i = 0; i < atoi(argv[1]); i++) {
            memset(net_input_0(arena), 0, NET_INPUT_0_BYTES);
            const double start = now();
            if (threads > 0) {
                net_run_threads(arena, bc_pool_spread, &pool);
            } else {
                net_run(arena);
            }
            const double took = now() - start;
            least = took < least ? took : least;
            if (threads == 0 && i == 0) {
                memcpy(first, net_output_0(arena), sizeof first);
            } else if (memcmp(first, net_output_0(arena), sizeof first) != 0) {
                return 1;
            }
        }
        printf("%f\\n", least);
        if (threads > 0) {
            bc_pool_stop(&pool);
        }
    }
    return 0;
}
"""


def measured(model: Path, threads: int, runs: int) -> tuple[list[float], int, int]:
    """Milliseconds of NAME_run, then of NAME_run_threads by 1 to `threads` threads; arena bytes for one and for all."""
    host = targets.load("host")
    alone = pipeline.compile_model(model, host, Options(name="net"))
    shared = pipeline.compile_model(model, host, Options(name="net", threads=threads))
    with tempfile.TemporaryDirectory() as place:
        folder = shared.tree.write(Path(place) / "net")
        (folder / "bench.c").write_text(PROGRAM)
        sources = sorted(str(path) for path in folder.iterdir() if path.suffix in (".c", ".s"))
        flags = (*host.firmware_options("speed"), "-pthread")
        subprocess.run(["gcc", *flags, *sources, "-o", str(folder / "bench")], check=True)
        done = subprocess.run([str(folder / "bench"), str(runs)], capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()], alone.plan.arena_bytes, shared.plan.arena_bytes


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.threads", description=__doc__.split("\n\n")[0])
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=100)
    given = parser.parse_args()
    threads = range(1, given.threads + 1)
    columns = ("", "NAME_run ms>", *(f"by {n}>" for n in threads), "gain>", "arena B>", f"for {given.threads}>")
    rows = []
    for model in given.models:
        times, alone, together = measured(model, given.threads, given.runs)
        gain = f"{times[0] / min(times[1:]):.2f}"
        rows.append((model.name, *(f"{time:.2f}" for time in times), gain, str(alone), str(together)))
    print_table(Table("Threads", columns, tuple(rows)))


if __name__ == "__main__":
    main()
