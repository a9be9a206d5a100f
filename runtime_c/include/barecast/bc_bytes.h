/* SPDX-License-Identifier: 0BSD */
/*
 * Moving bytes. BC_COPY(to, from, count) is memcpy: with a constant count compilers turn it into loads
 * and stores, with -ffreestanding too.
 */
#ifndef BC_BYTES_H
#define BC_BYTES_H

#include <stddef.h>

#if defined(__GNUC__)
#define BC_COPY(to, from, count) __builtin_memcpy((to), (from), (count))
#define BC_FILL(to, byte, count) __builtin_memset((to), (byte), (count))
#else
#include <string.h>
#define BC_COPY(to, from, count) memcpy((to), (from), (count))
#define BC_FILL(to, byte, count) memset((to), (byte), (count))
#endif

#endif
