/* SPDX-License-Identifier: 0BSD */
/* Start-up of a bare Cortex-M: memory, stacks, FPU and MVE, then main; and the report of a fault.
 *
 * main runs on the process stack, handlers on a stack of their own: a fault can be told
 * even when it is the process stack that overflowed.
 */

#include "barecast/bc_harness.h"

extern const uint32_t bc_board_vector_table[];
extern const uint32_t bc_board_starts_start[];
extern const uint32_t bc_board_starts_end[];
extern uint32_t bc_board_stack_limit[];
extern uint32_t bc_board_stack_top[];
extern uint32_t bc_board_handler_stack_top[];
extern const uint32_t bc_board_copies_start[];
extern const uint32_t bc_board_copies_end[];
extern uint32_t bc_board_bss_start[];
extern uint32_t bc_board_bss_end[];

int main(void);
void bc_board_entry(void);
void bc_board_reset(void);
void bc_board_exception(void);
void bc_harness_start(void);
void bc_harness_fault(const uint32_t *frame, uint32_t exception);

#define BC_EXCEPTIONS 15

/* Armv6-M, -M: "The vector table": the handler stack's top, then exceptions 1 (reset) to 15. */
__attribute__((section(".bc_vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[BC_EXCEPTIONS])(void);
} bc_board_vectors = {
    bc_board_handler_stack_top,
    { bc_board_reset,
      bc_board_exception, bc_board_exception, bc_board_exception, bc_board_exception,
      bc_board_exception, bc_board_exception, bc_board_exception, bc_board_exception,
      bc_board_exception, bc_board_exception, bc_board_exception, bc_board_exception,
      bc_board_exception, bc_board_exception },
};

/* Where a boot ROM jumps to the image instead of reading its vector table: the stack that exceptions want, then reset.
 * On other boards the linker drops it. */
__attribute__((naked, noreturn, section(".bc_entry"))) void bc_board_entry(void)
{
    __asm__ volatile(
        ".syntax unified\n"
        "movs r0, #0\n"             /* CONTROL: the main stack pointer is the one in use */
        "msr control, r0\n"
        "isb\n"
        "ldr r0, =bc_board_handler_stack_top\n"
        "msr msp, r0\n"
        "ldr r0, =bc_board_vector_table\n"
        "ldr r1, =0xE000ED08\n"    /* VTOR */
        "str r0, [r1]\n"
        "ldr r0, =bc_board_reset\n"
        "bx r0\n"
        ".ltorg\n");
}

__attribute__((naked, noreturn)) void bc_board_reset(void)
{
    __asm__ volatile(
        ".syntax unified\n"
        "ldr r0, =bc_board_stack_top\n"
        "msr psp, r0\n"
        "movs r0, #2\n"             /* CONTROL.SPSEL: threads use the process stack */
        "msr control, r0\n"
        "isb\n"
        "bl bc_harness_start\n"
        ".ltorg\n");
}

#if __ARM_ARCH == 7
/* Nothing is mapped below the stack, but not every machine raises a fault for such an access: the
 * memory protection unit does. Source: Armv7-M Architecture Reference Manual, "PMSAv7". */
static void bc_harness_guard_stack(void)
{
    volatile uint32_t *const mpu = (volatile uint32_t *)0xE000ED90u; /* TYPE CTRL RNR RBAR RASR */
    const uint32_t limit = (uint32_t)(uintptr_t)bc_board_stack_limit;
    const uint32_t megabyte = 1u << 20;
    if ((mpu[0] & 0xFF00u) == 0 || limit % megabyte != 0 || limit == 0) {
        return;
    }
    mpu[2] = 0;
    mpu[3] = limit - megabyte;
    mpu[4] = (1u << 28) | (19u << 1) | 1u; /* no access, no execution, 2 ** (19 + 1) bytes, enabled */
    mpu[1] = (1u << 2) | 1u;               /* the default map elsewhere, enabled */
    __asm__ volatile("dsb\nisb" ::: "memory");
}
#endif

void bc_harness_start(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    /* CPACR: full access to CP10 and CP11, before the first instruction that needs them. */
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20;
    __asm__ volatile("dsb\nisb" ::: "memory");
#endif
#if __ARM_ARCH >= 7
    /* VTOR: a boot loader leaves the vector table of another program there. */
    *(volatile uint32_t *)0xE000ED08u = (uint32_t)(uintptr_t)bc_board_vector_table;
    __asm__ volatile("dsb\nisb" ::: "memory");
#endif
    for (const uint32_t *set = bc_board_starts_start; set != bc_board_starts_end; set += 2) {
        volatile uint32_t *const address = (volatile uint32_t *)(uintptr_t)set[0];
        *address |= set[1];
        (void)*address; /* the bits have arrived before a memory is used that they switch on */
    }
    for (const uint32_t *copy = bc_board_copies_start; copy != bc_board_copies_end; copy += 3) {
        const uint32_t *from = (const uint32_t *)(uintptr_t)copy[0];
        volatile uint32_t *to = (volatile uint32_t *)(uintptr_t)copy[1];
        for (uint32_t i = 0; i < copy[2] / 4u; i++) {
            to[i] = from[i];
        }
    }
    for (volatile uint32_t *to = bc_board_bss_start; to != bc_board_bss_end; to++) {
        *to = 0;
    }
#if __ARM_ARCH == 7
    bc_harness_guard_stack();
#endif
    bc_harness_exit(main());
}

/* Every exception but reset: none is expected. r0: the stacked frame, r1: the exception's number. */
__attribute__((naked)) void bc_board_exception(void)
{
    __asm__ volatile(
        ".syntax unified\n"
        "mrs r0, psp\n"
        "mov r1, lr\n"
        "lsls r1, r1, #29\n"        /* EXC_RETURN bit 2: the frame is on the process stack */
        "bmi 1f\n"
        "mrs r0, msp\n"
        "1: mrs r1, ipsr\n"
        "ldr r2, =bc_harness_fault\n"
        "bx r2\n"
        ".ltorg\n");
}

static void bc_harness_say_hex(const char *label, uint32_t value)
{
    char text[12];
    for (int i = 0; i < 8; i++) {
        text[i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15u];
    }
    text[8] = '\0';
    bc_harness_say(label);
    bc_harness_say(text);
}

void bc_harness_fault(const uint32_t *frame, uint32_t exception)
{
    bc_harness_say("fault: exception ");
    bc_harness_say_hex("0x", exception);
    if (frame < bc_board_stack_limit) {
        bc_harness_say_hex(", the stack overflowed: sp 0x", (uint32_t)(uintptr_t)frame);
    } else {
        bc_harness_say_hex(" at pc 0x", frame[6]);
        bc_harness_say_hex(", lr 0x", frame[5]);
        bc_harness_say_hex(", sp 0x", (uint32_t)(uintptr_t)frame);
    }
#if __ARM_ARCH >= 7
    bc_harness_say_hex(", CFSR 0x", *(volatile uint32_t *)0xE000ED28u);
    bc_harness_say_hex(", BFAR 0x", *(volatile uint32_t *)0xE000ED38u);
#endif
    bc_harness_say("\n");
    bc_harness_exit(BC_HARNESS_FAULT);
}

uintptr_t bc_harness_stack_limit(uintptr_t sp)
{
    (void)sp;
    return (uintptr_t)bc_board_stack_limit;
}
