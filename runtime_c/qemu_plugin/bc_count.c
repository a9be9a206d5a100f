/* SPDX-License-Identifier: 0BSD */
/* A TCG plugin for QEMU: counts executed instructions exactly, block by block and by owner.
 *
 * Arguments: owners=FILE, lines "START END OWNER" (hexadecimal addresses, END exclusive;
 * owner a decimal number), and out=FILE, lines "START END INSTRUCTIONS OWNER COUNT TAKEN": a
 * translated block, how many instructions it has, how often it ran for that owner, and
 * how often it was left by a jump rather than over its end. Code outside every range
 * counts for the owner that ran last: so a library function counts for its caller.
 * Made for one processor and one thread.
 *
 * The declarations of QEMU's plugin API are written from its documentation
 * ("QEMU TCG Plugins", API versions 1 and later): only what is used here.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef BC_PLUGIN_API
#define BC_PLUGIN_API 1
#endif

struct qemu_plugin_tb;
struct qemu_plugin_insn;

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*call)(uint64_t id, struct qemu_plugin_tb *tb));
extern void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *tb, void (*call)(unsigned int vcpu, void *data), int flags, void *data);
extern void qemu_plugin_register_atexit_cb(uint64_t id, void (*call)(uint64_t id, void *data), void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

/* The version of the API that QEMU checks before it calls anything. */
__attribute__((visibility("default"))) int qemu_plugin_version = BC_PLUGIN_API;

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

struct range {
    uint64_t start, end;
    uint32_t owner;
};

struct counter {
    uint64_t count, taken;
};

struct block {
    struct block *next;
    uint64_t start, end, instructions;
    int64_t owner;            /* -1: of whoever runs it */
    struct counter *counters; /* one, or one for each owner */
};

static struct range *ranges;
static size_t n_ranges;
static uint32_t n_owners = 1;
static struct block *blocks;
static char out_path[4096];

static uint32_t current_owner;
static struct counter *left;  /* the counter of the block that ran last, */
static uint64_t left_end;     /* and the address behind that block */

static void *allocate(size_t n, size_t size)
{
    void *memory = calloc(n, size);
    if (memory == NULL) {
        fputs("bc_count: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static int64_t owner_of(uint64_t address)
{
    size_t low = 0, high = n_ranges;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (address < ranges[middle].start) {
            high = middle;
        } else if (address >= ranges[middle].end) {
            low = middle + 1;
        } else {
            return ranges[middle].owner;
        }
    }
    return -1;
}

static void on_run(unsigned int vcpu, void *data)
{
    struct block *block = data;
    (void)vcpu;
    if (left != NULL && block->start != left_end) {
        left->taken++;
    }
    if (block->owner >= 0) {
        current_owner = (uint32_t)block->owner;
        left = block->counters;
    } else {
        left = &block->counters[current_owner];
    }
    left->count++;
    left_end = block->end;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
    struct block *block = allocate(1, sizeof *block);
    const size_t n = qemu_plugin_tb_n_insns(tb);
    const struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, n - 1);
    (void)id;
    block->start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
    block->end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
    block->instructions = n;
    block->owner = owner_of(block->start);
    block->counters = allocate(block->owner >= 0 ? 1 : n_owners, sizeof *block->counters);
    block->next = blocks;
    blocks = block;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_run, 0, block);
}

static void on_exit(uint64_t id, void *data)
{
    FILE *out = fopen(out_path, "w");
    (void)id;
    (void)data;
    if (out == NULL) {
        fputs("bc_count: the result cannot be written\n", stderr);
        return;
    }
    for (const struct block *block = blocks; block != NULL; block = block->next) {
        const uint32_t n = block->owner >= 0 ? 1 : n_owners;
        for (uint32_t i = 0; i < n; i++) {
            if (block->counters[i].count != 0) {
                fprintf(out, "%" PRIx64 " %" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                        block->start, block->end, block->instructions,
                        block->owner >= 0 ? (uint64_t)block->owner : i,
                        block->counters[i].count, block->counters[i].taken);
            }
        }
    }
    fclose(out);
}

static int compare_ranges(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static int read_owners(const char *path)
{
    FILE *file = fopen(path, "r");
    struct range range;
    size_t room = 0;
    if (file == NULL) {
        return -1;
    }
    while (fscanf(file, "%" SCNx64 " %" SCNx64 " %" SCNu32, &range.start, &range.end, &range.owner) == 3) {
        if (n_ranges == room) {
            room = 2 * room + 64;
            ranges = realloc(ranges, room * sizeof *ranges);
            if (ranges == NULL) {
                fclose(file);
                return -1;
            }
        }
        ranges[n_ranges++] = range;
        if (range.owner >= n_owners) {
            n_owners = range.owner + 1;
        }
    }
    fclose(file);
    qsort(ranges, n_ranges, sizeof *ranges, compare_ranges);
    return 0;
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "owners=", 7) == 0) {
            if (read_owners(argv[i] + 7) != 0) {
                fputs("bc_count: the owners cannot be read\n", stderr);
                return -1;
            }
        } else if (strncmp(argv[i], "out=", 4) == 0 && strlen(argv[i] + 4) < sizeof out_path) {
            strcpy(out_path, argv[i] + 4);
        } else {
            fputs("bc_count: the arguments are owners=FILE,out=FILE\n", stderr);
            return -1;
        }
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_exit, NULL);
    return 0;
}
