/* SPDX-License-Identifier: 0BSD */
/* The test harness: runs models on inputs from a file and measures them. Not part of generated code.
 *
 * request.bin   records: u32 model, then the bytes of its inputs in order. Records of one model that follow
 *               each other are one stream: its state is reset before the first of them, and only there.
 * response.bin  a record per run: u32 model, u32 damage (0: none, 1: before an arena, 2: after it, 4: before
 *               the state, 8: after it), u32 stack bytes, then the bytes of its outputs in order.
 * trace.bin     a record per traced step: u32 run (counted from 0), u32 step, u32 output, u32 bytes, the bytes.
 * strays.bin    of watched models, a record per place that a step wrote and that is not its own: u32 run, u32 step,
 *               u32 region (the arena's number; behind the last the state), i32 offset of the first such byte; outside of the region: of its guards.
 *
 * All numbers have the byte order of the machine, little-endian on every target.
 */
#ifndef BC_HARNESS_H
#define BC_HARNESS_H

#include <stdint.h>

/* Exit statuses. */
#define BC_HARNESS_BAD_REQUEST 100
#define BC_HARNESS_FAULT 101
#define BC_HARNESS_NO_FILE 102

/* Bytes before and after arena and state that no model may touch. Also the largest alignment that they can have. */
#define BC_HARNESS_GUARD 64
#define BC_HARNESS_GUARD_BYTE 0xC7u

/* Memory of a run, without the guards around it. */
typedef struct {
    uint8_t *start;
    uint32_t bytes;
} bc_harness_memory;

/* Part of an arena: the arena's number, offset and size in bytes. */
typedef struct {
    uint32_t arena;
    uint32_t offset;
    uint32_t bytes;
} bc_harness_port;

/* Part of a region (an arena's number; behind the last the state). */
typedef struct {
    uint32_t region;
    uint32_t offset;
    uint32_t bytes;
} bc_harness_span;

/* The end of a step: first the spans that it may have written, then those that are wanted later. */
typedef struct {
    const bc_harness_span *spans;
    uint32_t n_writes;
    uint32_t n_keeps;
} bc_harness_moment;

/*
 * A model without state has run and no more; one with a state has the other two, and run is NULL.
 * input: memory outside of the arena for an input that comes in rows, which run_on gets in place of a state; else NULL.
 *
 * given: what they take as the arena, or the struct with pointers to several.
 * moments: of a model that is watched, before the first step and after each; else NULL.
 */
typedef struct {
    void (*run)(void *arena);
    void (*run_on)(void *arena, void *state);
    void (*reset)(void *state);
    void *given;
    const bc_harness_memory *arenas;
    uint32_t n_arenas;
    uint32_t state_bytes;
    uint32_t n_inputs;
    uint32_t n_outputs;
    uint8_t *input;
    const bc_harness_port *inputs;
    const bc_harness_port *outputs;
    const bc_harness_moment *moments;
} bc_harness_model;

/* The table of models, written for each image. */
extern const uint32_t bc_harness_n_models;
extern const bc_harness_model bc_harness_models[];
extern uint8_t bc_harness_state[];
extern uint8_t bc_harness_shadow[];

/* Runs begun so far, less one. */
extern uint32_t bc_harness_runs;

/* Files that must be there, and writes that must succeed. */
int32_t bc_harness_need(const char *name, int writing);
void bc_harness_put(int32_t file, const void *from, uint32_t bytes);

/* A step's output, from NAME_trace of a model generated with tracing. */
void bc_harness_trace(int step, int output, const void *data, uint32_t bytes);

/* Before the first step (-1) and after each step of a watched model. state: NULL where there is none. */
void bc_harness_probe(const bc_harness_model *model, int step);
void bc_harness_end_probing(void);

/* Input and output of the platform. Reads and writes give the number of bytes done; files are >= 0. */
int32_t bc_harness_open(const char *name, int writing);
uint32_t bc_harness_read(int32_t file, void *to, uint32_t bytes);
uint32_t bc_harness_write(int32_t file, const void *from, uint32_t bytes);
void bc_harness_close(int32_t file);
void bc_harness_say(const char *text);
void bc_harness_exit(int status);

/* The lowest address that the stack may reach, for a stack pointer of `sp`. */
uintptr_t bc_harness_stack_limit(uintptr_t sp);

#endif
