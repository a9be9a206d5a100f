/* SPDX-License-Identifier: 0BSD */
/* Files and exit for programs of an operating system. */

#include <stdio.h>
#include <stdlib.h>

#include "barecast/bc_harness.h"

#define MAX_FILES 8

/* How deep the stack is measured. Linux gives a program's first thread 8 MB. */
#define STACK_WINDOW 65536u

static FILE *bc_harness_files[MAX_FILES];
static int32_t bc_harness_n_files;

int32_t bc_harness_open(const char *name, int writing)
{
    FILE *file = bc_harness_n_files < MAX_FILES ? fopen(name, writing ? "wb" : "rb") : NULL;
    if (file == NULL) {
        return -1;
    }
    bc_harness_files[bc_harness_n_files] = file;
    return bc_harness_n_files++;
}

uint32_t bc_harness_read(int32_t file, void *to, uint32_t bytes)
{
    return (uint32_t)fread(to, 1, bytes, bc_harness_files[file]);
}

uint32_t bc_harness_write(int32_t file, const void *from, uint32_t bytes)
{
    return (uint32_t)fwrite(from, 1, bytes, bc_harness_files[file]);
}

void bc_harness_close(int32_t file)
{
    if (fclose(bc_harness_files[file]) != 0) {
        bc_harness_say("a file cannot be written\n");
        bc_harness_exit(BC_HARNESS_NO_FILE);
    }
}

void bc_harness_say(const char *text)
{
    fputs(text, stderr);
}

void bc_harness_exit(int status)
{
    exit(status);
}

uintptr_t bc_harness_stack_limit(uintptr_t sp)
{
    return (sp - STACK_WINDOW) & ~(uintptr_t)3;
}
