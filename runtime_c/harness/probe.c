/* SPDX-License-Identifier: 0BSD */
/* After a step of a model that is watched: what did it write that is not its own? And garbage over what nobody wants.
 *
 * A copy of the memory as the step found it lies in the shadow, so that a byte that changed can be named. */

#include "barecast/bc_harness.h"

typedef struct {
    uint8_t *memory;
    uint8_t *shadow;
    uint32_t bytes;
} bc_harness_watched;

static int32_t bc_harness_strays = -1;

static void bc_harness_copy(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        to[i] = from[i];
    }
}

/* Bytes that differ from place to place, from step to step and from run to run. */
static void bc_harness_garbage(uint8_t *to, uint32_t bytes, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 12345u;
    for (uint32_t i = 0; i < bytes; i++) {
        state = state * 1664525u + 1013904223u;
        to[i] = (uint8_t)(state >> 24);
    }
}

static void bc_harness_stray(int step, uint32_t region, uint32_t offset)
{
    if (bc_harness_strays < 0) {
        bc_harness_strays = bc_harness_need("strays.bin", 1);
    }
    const uint32_t record[4] = { bc_harness_runs, (uint32_t)step, region, offset };
    bc_harness_put(bc_harness_strays, record, sizeof record);
}

/* The first byte of a guard that was written; all of it is as it was then. */
static void bc_harness_check_guard(int step, uint32_t region, uint8_t *guard, uint32_t offset)
{
    int found = 0;
    for (uint32_t i = 0; i < BC_HARNESS_GUARD; i++) {
        if (guard[i] != BC_HARNESS_GUARD_BYTE && !found) {
            bc_harness_stray(step, region, offset + i);
            found = 1;
        }
        guard[i] = BC_HARNESS_GUARD_BYTE;
    }
}

static void bc_harness_compare(int step, uint32_t region, const bc_harness_watched *watched)
{
    for (uint32_t i = 0; i < watched->bytes; i++) {
        if (watched->memory[i] != watched->shadow[i]) {
            bc_harness_stray(step, region, i);
            return;
        }
    }
}

/* The memory of a region, and its part of the shadow. */
static bc_harness_watched bc_harness_region(const bc_harness_model *model, uint32_t region)
{
    bc_harness_watched found = { bc_harness_state + BC_HARNESS_GUARD, bc_harness_shadow, model->state_bytes };
    for (uint32_t i = 0; i < region && i < model->n_arenas; i++) {
        found.shadow += model->arenas[i].bytes;
    }
    if (region < model->n_arenas) {
        found.memory = model->arenas[region].start;
        found.bytes = model->arenas[region].bytes;
    }
    return found;
}

void bc_harness_probe(const bc_harness_model *model, int step)
{
    const bc_harness_moment *moment = &model->moments[step + 1];
    const bc_harness_span *spans = moment->spans;
    const uint32_t n_regions = model->n_arenas + 1;

    if (step >= 0) {
        for (uint32_t i = 0; i < moment->n_writes; i++) {
            const bc_harness_watched in = bc_harness_region(model, spans[i].region);
            bc_harness_copy(in.shadow + spans[i].offset, in.memory + spans[i].offset, spans[i].bytes);
        }
        for (uint32_t region = 0; region < n_regions; region++) {
            const bc_harness_watched in = bc_harness_region(model, region);
            if (in.bytes) {
                bc_harness_compare(step, region, &in);
                bc_harness_check_guard(step, region, in.memory - BC_HARNESS_GUARD, 0u - BC_HARNESS_GUARD);
                bc_harness_check_guard(step, region, in.memory + in.bytes, in.bytes);
            }
        }
    }

    for (uint32_t i = 0; i < moment->n_keeps; i++) {
        const bc_harness_span *kept = &spans[moment->n_writes + i];
        const bc_harness_watched in = bc_harness_region(model, kept->region);
        bc_harness_copy(in.shadow + kept->offset, in.memory + kept->offset, kept->bytes);
    }
    for (uint32_t region = 0; region < n_regions; region++) {
        const bc_harness_watched in = bc_harness_region(model, region);
        const uint32_t seed = (bc_harness_runs * 4099u + (uint32_t)(step + 1)) * n_regions + region;
        bc_harness_garbage(in.memory, in.bytes, seed);
    }
    for (uint32_t i = 0; i < moment->n_keeps; i++) {
        const bc_harness_span *kept = &spans[moment->n_writes + i];
        const bc_harness_watched in = bc_harness_region(model, kept->region);
        bc_harness_copy(in.memory + kept->offset, in.shadow + kept->offset, kept->bytes);
    }
    for (uint32_t region = 0; region < n_regions; region++) {
        const bc_harness_watched in = bc_harness_region(model, region);
        bc_harness_copy(in.shadow, in.memory, in.bytes);
    }
}

void bc_harness_end_probing(void)
{
    if (bc_harness_strays >= 0) {
        bc_harness_close(bc_harness_strays);
    }
}
