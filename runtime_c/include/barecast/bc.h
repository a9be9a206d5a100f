/* SPDX-License-Identifier: 0BSD */
/*
 * What every barecast kernel builds on: C99 or C++17, no libc beyond the freestanding headers.
 */
#ifndef BC_H
#define BC_H

#include <stdint.h>

/* The runtime's version, 10000 * major + 100 * minor + patch: generated code refuses to build with another one. */
#define BC_VERSION 100

#if defined(__cplusplus)
#define BC_STATIC_ASSERT(condition, name) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define BC_STATIC_ASSERT(condition, name) _Static_assert(condition, #name)
#else
#define BC_STATIC_ASSERT(condition, name) typedef char bc_assert_##name[(condition) ? 1 : -1]
#endif

/*
 * A kernel is inlined into the step that calls it with a constant params struct, so that the
 * compiler knows every extent, or into a function that some steps share, where it knows what they have in common.
 * With -DBC_SHARED, and where the compiler does not optimise (-O0), one copy serves all and knows nothing.
 * BC_INLINE marks the parts of a kernel, which are inlined into it always, BC_FUNCTION those where the compiler
 * decides. A header has more of them than a kernel calls: clang would warn of the others where all is in one file.
 */
#if defined(__GNUC__)
#if defined(BC_SHARED) || !defined(__OPTIMIZE__)
#define BC_KERNEL __attribute__((noinline, unused))
#else
#define BC_KERNEL inline __attribute__((always_inline, unused))
#endif
#define BC_INLINE inline __attribute__((always_inline, unused))
#define BC_FUNCTION inline __attribute__((unused))
#else
#define BC_KERNEL
#define BC_INLINE
#define BC_FUNCTION inline
#endif

/* The first word of a declaration whose object kernels load from in words. */
#if defined(BC_ALIGNED)
#elif defined(__cplusplus)
#define BC_ALIGNED(bytes) alignas(bytes)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define BC_ALIGNED(bytes) _Alignas(bytes)
#elif defined(__GNUC__) || defined(__CC_ARM) || defined(__TI_ARM__)
#define BC_ALIGNED(bytes) __attribute__((aligned(bytes)))
#elif defined(__ICCARM__)
#define BC_PRAGMA(text) _Pragma(#text)
#define BC_ALIGNED(bytes) BC_PRAGMA(data_alignment = bytes)
#else
#error "bc.h does not know how this compiler aligns a variable: compile as C11 or C++11, or define BC_ALIGNED"
#endif

/*
 * A step is a function of its own, so that profiles, backtraces and stack figures tell the steps
 * apart; and what steps share is one function that stays one. GCC takes noipa, which also keeps it from
 * drawing conclusions about a step for its caller:
 * GCC 12 may otherwise find a step without effects, and drop the call, once its loops address the
 * output relative to the input (induction variables merged at -O3, then the late pure-function pass).
 */
#if defined(__has_attribute)
#if __has_attribute(noipa)
#define BC_STEP __attribute__((noipa))
#endif
#endif
#if !defined(BC_STEP) && defined(__GNUC__)
#define BC_STEP __attribute__((noinline))
#elif !defined(BC_STEP)
#define BC_STEP
#endif

/*
 * Where GNU assembly for Cortex-M can stand: BC_ASSEMBLY_THUMB1 (Armv6-M, Armv8-M baseline) or _THUMB2 (Armv7-M,
 * Armv8-M mainline). Everywhere else, and with -DBC_NO_ASSEMBLY, the same in C does it. A BC_NAKED function is assembly
 * from its entry to its return: it takes any registers it saves, whatever the compiler reserves (a frame pointer).
 */
#if defined(__GNUC__) && !defined(BC_NO_ASSEMBLY) && defined(__ARM_ARCH_PROFILE)
#if __ARM_ARCH_PROFILE == 'M' && __ARM_ARCH_ISA_THUMB == 1
#define BC_ASSEMBLY_THUMB1
#elif __ARM_ARCH_PROFILE == 'M'
#define BC_ASSEMBLY_THUMB2
#endif
#define BC_NAKED __attribute__((naked, unused, aligned(4))) BC_STEP
#endif

/*
 * What a function that several steps share knows of all of their numbers: it spares the compiler the code for others.
 * A condition that does not hold is undefined behaviour.
 */
#if defined(__GNUC__) && defined(__OPTIMIZE__)
#define BC_ASSUME(condition) \
    do { \
        if (!(condition)) { \
            __builtin_unreachable(); \
        } \
    } while (0)
#else
#define BC_ASSUME(condition) ((void)0)
#endif

/* Integers are two's complement and >> of a negative number keeps its sign: C leaves that to the compiler. */
BC_STATIC_ASSERT((-1 >> 1) == -1 && (-1 & 3) == 3, bc_shift_is_arithmetic);

#endif
