"""Models for 1 to 4 threads in one program, which runs each in every way and compares the outputs' bytes."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from barecast import check, emit, order, passes, planner, select, split, text
from barecast.graph import Graph, Port
from barecast.ops.dense import Dense
from barecast.options import Options
from barecast.schedule import MemoryPlan, Schedule
from barecast.targets import Target

from tests.planner.networks import Draft

PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "generated/barecast/bc_pool.h"
%(includes)s

#define GUARD 64
#define MOST %(most)d
#define COUNT %(count)d

typedef void spread_function(void *, void (*)(void *, uint32_t), void *, uint32_t);
typedef struct {
    void (*run)(void *);
    void (*run_threads)(void *, spread_function *, void *);
    uint32_t bytes, in, in_bytes, out, out_bytes, threads;
} model;
static const model models[COUNT] = {
%(models)s
};
static uint8_t memory[2][MOST + 2 * GUARD] __attribute__((aligned(64)));
static uint8_t inputs[MOST], wanted[MOST];

/* An order that no loop has: the last part first, then from the first on. */
static void turned(void *team, void (*part)(void *, uint32_t), void *argument, uint32_t count)
{
    (void)team;
    part(argument, count - 1);
    for (uint32_t i = 0; i + 1 < count; i++) {
        part(argument, i);
    }
}

static const char *infer(const model *m, uint8_t *block, spread_function *spread, void *team)
{
    uint8_t *const arena = block + GUARD;
    memset(block, 0xA5, m->bytes + 2 * GUARD);
    memcpy(arena + m->in, inputs, m->in_bytes);
    if (spread != NULL) {
        m->run_threads(arena, spread, team);
    } else {
        m->run(arena);
    }
    for (uint32_t i = 0; i < GUARD; i++) {
        if (block[i] != 0xA5 || arena[m->bytes + i] != 0xA5) {
            return "guards";
        }
    }
    return memcmp(arena + m->out, wanted, m->out_bytes) != 0 ? "differs" : NULL;
}

typedef struct {
    const model *m;
    uint8_t *block;
    uint32_t threads;
    const char *wrong;
} side;

/* Two of these run side by side, each with a pool of its own. */
static void *beside(void *given)
{
    static bc_pool pools[2];
    side *const own = (side *)given;
    bc_pool *const pool = &pools[own->block == memory[1]];

    if (bc_pool_start(pool, own->threads) != 0) {
        own->wrong = "no threads";
        return NULL;
    }
    for (int i = 0; i < 3 && own->wrong == NULL; i++) {
        own->wrong = infer(own->m, own->block, bc_pool_spread, pool);
    }
    bc_pool_stop(pool);
    return NULL;
}

int main(void)
{
    int failed = 0;
    for (int i = 0; i < COUNT; i++) {
        const model *const m = &models[i];
        const char *wrong = NULL;
        if (m->threads == 1) {
            if (fread(inputs, 1, m->in_bytes, stdin) != m->in_bytes) {
                return 2;
            }
            (void)infer(m, memory[0], NULL, NULL);
            memcpy(wanted, memory[0] + GUARD + m->out, m->out_bytes);
            fwrite(wanted, 1, m->out_bytes, stdout);
            continue;
        }
        wrong = infer(m, memory[0], NULL, NULL);
        wrong = wrong ? wrong : infer(m, memory[0], turned, NULL);
        for (uint32_t n = 1; n <= 5 && wrong == NULL; n += 2) {
            side both[2] = { { m, memory[0], n, NULL }, { m, memory[1], 2, NULL } };
            pthread_t other;
            if (pthread_create(&other, NULL, beside, &both[1]) != 0) {
                return 2;
            }
            (void)beside(&both[0]);
            (void)pthread_join(other, NULL);
            wrong = both[0].wrong ? both[0].wrong : both[1].wrong;
        }
        if (wrong != NULL) {
            fprintf(stderr, "model %%d for %%u threads: %%s\\n", i, m->threads, wrong);
            failed = 1;
        }
    }
    return failed;
}
"""

MODEL = """    {{ {0}_run, {1}, {2}_ARENA_BYTES, {2}_INPUT_0_OFFSET, {2}_INPUT_0_BYTES,
      {2}_OUTPUT_0_OFFSET, {2}_OUTPUT_0_BYTES, {3} }},"""


class Layers(Draft):
    """Two dense layers on one row."""

    def dense(self, quantized: bool) -> Graph:
        self.quantized, self.zero, self.builder.name = quantized, -3 * quantized, f"dense{quantized}"
        x = self.builder.tensor("x", self.type((1, 45)))
        self.builder.inputs.append(Port("x", x))
        for channels, width in ((50, 45), (73, 50)):
            x = self.node("dense", Dense(self.clamp()), x, *self.constants((channels, width), 0))
        self.builder.outputs.append(Port("y", x))
        return self.builder.build()


ATTENTION = """graph "attention {type} {shape}" onnx
input "x" %x: {type}[{shape}]{quant}
%s: {type}[{shape}]{quant} = matmul(%x, %x)
%p: {type}[{shape}]{share} = softmax(%s) axis={axis}
%l: {type}[{shape}]{share} = matmul(%p, %x) activation=clamp(-0.5,0.5)
output "y" %l
"""


def attention(shape: str, quantized: bool) -> Graph:
    """Matrix products of a tensor by itself, a softmax along the last axis between them."""
    type, quant, share = ("s8", "{0.05@3}", "{0.00390625@-128}") if quantized else ("f32", "", "")
    axis = shape.count(",")
    return text.loads(ATTENTION.format(type=type, shape=shape, quant=quant, share=share, axis=axis))


def planned(graph: Graph, target: Target, options: Options) -> tuple[Schedule, MemoryPlan]:
    """The steps in parts, and their plan, all of it checked. The graph has one input and one output."""
    graph = passes.run(graph, options)
    schedule = split.run(order.run(select.run(graph, target, options)), target, options)
    check.schedule(schedule)
    plan = planner.run(schedule)
    check.plan(schedule, plan)
    return schedule, plan


def program(
    graphs: Sequence[Graph], threads: Sequence[int], target: Target, compiler: Sequence[str], place: Path
) -> tuple[Path, int]:
    """The program, and how many forks its models have in all. compiler: with its flags."""
    names, forks, most = [], 0, 0
    for index, graph in enumerate(graphs):
        for count in threads:
            options = Options(name=f"m{index}t{count}", threads=count, single_file=True)
            schedule, plan = planned(graph, target, options)
            forks += len(schedule.forks)
            most = max(most, plan.arena_bytes)
            emit.run(schedule, plan, target, options).write(place / "generated")
            (place / "generated/manifest.json").unlink()
            names.append((options.name, count))
    rows = [MODEL.format(n, f"{n}_run_threads" if count > 1 else "0", n.upper(), count) for n, count in names]
    includes = "\n".join(f'#include "generated/{name}.h"' for name, _ in names)
    program = PROGRAM % {"includes": includes, "most": most, "count": len(names), "models": "\n".join(rows)}
    (place / "main.c").write_text(program)
    sources = ["main.c", *(f"generated/{name}.c" for name, _ in names)]
    warnings = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror")
    command = [*compiler, *warnings, "-pthread", *sources, "-o", "program"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return place / "program", forks


def run(path: Path, inputs: Sequence[Mapping[str, np.ndarray]], runner: Sequence[str] = ()) -> bytes:
    """The outputs that the models for one thread gave, one after the other; all others gave the same bytes."""
    data = b"".join(array.tobytes() for one in inputs for array in one.values())
    done = subprocess.run([*runner, str(path)], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
