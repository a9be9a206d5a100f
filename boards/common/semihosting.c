/* SPDX-License-Identifier: 0BSD */
/* Files and exit by Arm semihosting. Source: Arm "Semihosting for AArch32 and AArch64", release 2.0. */

#include "barecast/bc_harness.h"

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_EXIT_EXTENDED = 0x20
};

enum { OPEN_RB = 1, OPEN_WB = 5 };

#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

static int32_t bc_harness_call(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory", "cc");
    return (int32_t)r0;
}

static uint32_t bc_harness_length(const char *text)
{
    uint32_t length = 0;
    while (text[length] != '\0') {
        length++;
    }
    return length;
}

int32_t bc_harness_open(const char *name, int writing)
{
    const uint32_t block[3] = { (uint32_t)(uintptr_t)name, writing ? OPEN_WB : OPEN_RB, bc_harness_length(name) };
    return bc_harness_call(SYS_OPEN, block);
}

uint32_t bc_harness_read(int32_t file, void *to, uint32_t bytes)
{
    const uint32_t block[3] = { (uint32_t)file, (uint32_t)(uintptr_t)to, bytes };
    return bytes - (uint32_t)bc_harness_call(SYS_READ, block);
}

uint32_t bc_harness_write(int32_t file, const void *from, uint32_t bytes)
{
    const uint32_t block[3] = { (uint32_t)file, (uint32_t)(uintptr_t)from, bytes };
    return bytes - (uint32_t)bc_harness_call(SYS_WRITE, block);
}

void bc_harness_close(int32_t file)
{
    const uint32_t block[1] = { (uint32_t)file };
    bc_harness_call(SYS_CLOSE, block);
}

void bc_harness_say(const char *text)
{
    bc_harness_call(SYS_WRITE0, text);
}

void bc_harness_exit(int status)
{
    const uint32_t block[2] = { ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status };
    for (;;) {
        bc_harness_call(SYS_EXIT_EXTENDED, block);
    }
}
