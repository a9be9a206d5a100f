/* SPDX-License-Identifier: 0BSD */
/* Runs every request and measures the stack; bc_harness.h has the files. */

#include "barecast/bc_harness.h"

#define PAINT 0xA5C35A3Cu
#define FRESH_BYTE 0xA5u

static int32_t bc_harness_response;
static int32_t bc_harness_tracing = -1;
uint32_t bc_harness_runs;
static const bc_harness_model *bc_harness_last;

static void bc_harness_stop(int status, const char *reason)
{
    bc_harness_say(reason);
    bc_harness_exit(status);
}

int32_t bc_harness_need(const char *name, int writing)
{
    const int32_t file = bc_harness_open(name, writing);
    if (file < 0) {
        bc_harness_say(name);
        bc_harness_stop(BC_HARNESS_NO_FILE, ": cannot be opened\n");
    }
    return file;
}

void bc_harness_put(int32_t file, const void *from, uint32_t bytes)
{
    if (bc_harness_write(file, from, bytes) != bytes) {
        bc_harness_stop(BC_HARNESS_NO_FILE, "a file cannot be written\n");
    }
}

/* volatile: not to become a library call, whose stack would be counted on the way. */
static void bc_harness_fill(volatile uint8_t *to, uint8_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        to[i] = value;
    }
}

static int bc_harness_differs(const volatile uint8_t *at, uint8_t value, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        if (at[i] != value) {
            return 1;
        }
    }
    return 0;
}

/* Runs the model and returns the bytes of stack that it used, return address of NAME_run included.
 *
 * The stack below this function's own frame is painted before and searched after the run. */
__attribute__((noinline)) static uint32_t bc_harness_measure(const bc_harness_model *model, uint8_t *state)
{
    uintptr_t sp;
#if defined(__x86_64__)
    __asm__ volatile("mov %%rsp, %0" : "=r"(sp));
#else
    __asm__ volatile("mov %0, sp" : "=r"(sp));
#endif
    const uintptr_t limit = bc_harness_stack_limit(sp);
    for (uintptr_t at = limit; at < sp; at += 4) {
        *(volatile uint32_t *)at = PAINT;
    }

    if (model->run) {
        model->run(model->given);
    } else {
        model->run_on(model->given, model->input ? model->input : state);
    }

    uintptr_t mark = limit;
    while (mark < sp && *(volatile uint32_t *)mark == PAINT) {
        mark += 4;
    }
    if (mark == limit) {
        bc_harness_stop(BC_HARNESS_FAULT, "fault: the stack overflowed, or is deeper than what is measured\n");
    }
    return (uint32_t)(sp - mark);
}

/* Starts a stream: guards around the state, and its initial values. */
static void bc_harness_begin(const bc_harness_model *model, uint8_t *state)
{
    bc_harness_fill(state - BC_HARNESS_GUARD, BC_HARNESS_GUARD_BYTE, BC_HARNESS_GUARD);
    bc_harness_fill(state, FRESH_BYTE, model->state_bytes);
    bc_harness_fill(state + model->state_bytes, BC_HARNESS_GUARD_BYTE, BC_HARNESS_GUARD);
    if (model->reset) {
        model->reset(state);
    }
}

static uint32_t bc_harness_damage(const uint8_t *memory, uint32_t bytes)
{
    uint32_t damage = 0;
    if (bc_harness_differs(memory - BC_HARNESS_GUARD, BC_HARNESS_GUARD_BYTE, BC_HARNESS_GUARD)) {
        damage |= 1u;
    }
    if (bc_harness_differs(memory + bytes, BC_HARNESS_GUARD_BYTE, BC_HARNESS_GUARD)) {
        damage |= 2u;
    }
    return damage;
}

static void bc_harness_answer(uint32_t index, const bc_harness_model *model, int32_t request)
{
    uint8_t *state = bc_harness_state + BC_HARNESS_GUARD;
    if (model != bc_harness_last) {
        bc_harness_begin(model, state);
        bc_harness_last = model;
    }
    for (uint32_t i = 0; i < model->n_arenas; i++) {
        const bc_harness_memory *arena = &model->arenas[i];
        bc_harness_fill(arena->start - BC_HARNESS_GUARD, BC_HARNESS_GUARD_BYTE, BC_HARNESS_GUARD);
        bc_harness_fill(arena->start, FRESH_BYTE, arena->bytes);
        bc_harness_fill(arena->start + arena->bytes, BC_HARNESS_GUARD_BYTE, BC_HARNESS_GUARD);
    }
    for (uint32_t i = 0; i < model->n_inputs; i++) {
        const bc_harness_port *port = &model->inputs[i];
        uint8_t *to = model->input ? model->input : model->arenas[port->arena].start + port->offset;
        if (bc_harness_read(request, to, port->bytes) != port->bytes) {
            bc_harness_stop(BC_HARNESS_BAD_REQUEST, "the request ends within an input\n");
        }
    }
    if (model->moments) {
        bc_harness_probe(model, -1);
    }
    const uint32_t stack = bc_harness_measure(model, state);
    uint32_t damage = bc_harness_damage(state, model->state_bytes) << 2;
    for (uint32_t i = 0; i < model->n_arenas; i++) {
        damage |= bc_harness_damage(model->arenas[i].start, model->arenas[i].bytes);
    }
    const uint32_t head[3] = { index, damage, stack };
    bc_harness_put(bc_harness_response, head, sizeof head);
    for (uint32_t i = 0; i < model->n_outputs; i++) {
        const bc_harness_port *port = &model->outputs[i];
        bc_harness_put(bc_harness_response, model->arenas[port->arena].start + port->offset, port->bytes);
    }
    bc_harness_runs++;
}

void bc_harness_trace(int step, int output, const void *data, uint32_t bytes)
{
    if (bc_harness_tracing < 0) {
        bc_harness_tracing = bc_harness_need("trace.bin", 1);
    }
    const uint32_t head[4] = { bc_harness_runs, (uint32_t)step, (uint32_t)output, bytes };
    bc_harness_put(bc_harness_tracing, head, sizeof head);
    bc_harness_put(bc_harness_tracing, data, bytes);
}

int main(void)
{
    const int32_t request = bc_harness_need("request.bin", 0);
    bc_harness_response = bc_harness_need("response.bin", 1);
    for (;;) {
        uint32_t index = 0;
        const uint32_t got = bc_harness_read(request, &index, sizeof index);
        if (got == 0) {
            break;
        }
        if (got != sizeof index || index >= bc_harness_n_models) {
            bc_harness_stop(BC_HARNESS_BAD_REQUEST, "the request names no model\n");
        }
        bc_harness_answer(index, &bc_harness_models[index], request);
    }
    bc_harness_close(bc_harness_response);
    if (bc_harness_tracing >= 0) {
        bc_harness_close(bc_harness_tracing);
    }
    bc_harness_end_probing();
    return 0;
}
