/* SPDX-License-Identifier: 0BSD */
/*
 * Depthwise convolution in float32 on the FPU of Cortex-M: 3 x 3, stride 1, an even number of channels.
 *
 * Two channels at a time are copied to a plane in scratch memory, with zeros for the padding, and their outputs are
 * computed with the weights in registers. So three neighbours of a line are six words side by side, there are no
 * borders, and y may lie over x where pixels lie over pixels. A plane of more than 2 KB is a band of the image that
 * moves down.
 *
 * w: [pairs][k_h][k_w][2], then 2 biases, for each pair: sdk/barecast/layouts/fpu.py.
 *
 * The assembly exists once in a program and is entered with a convention of its own: r0 to r2 three lines of the plane,
 * r4 lines, r5 windows in a line, r8 y, r9 bytes from one of its pixels to the
 * next, r10 bc_fpu_pair, r11 bytes of the plane to add behind a line's last window. Its two forms are those of
 * bc_tile_fpu.h; the first adds in plain C's order.
 */
#ifndef BC_DWCONV2D_FPU_H
#define BC_DWCONV2D_FPU_H

#include "barecast/bc_bytes.h"
#include "barecast/bc_tile_fpu.h"
#include "barecast/dwconv2d.h"

/* At most so many bytes of the plane, but for the lines of one line of outputs. */
#define BC_FPU_PLANE_BYTES 2048

typedef struct {
    bc_fpu_bounds bounds;
    const float *w;
} bc_fpu_pair;

BC_STATIC_ASSERT(sizeof(void *) == 4 && sizeof(bc_fpu_pair) == 16, bc_fpu_pair_is_as_the_assembly_reads_it);

/* A line's products with three weights of each channel: sums s26 and s27, begun by b0 and b1. */
#define BC_FPU_LINE(x, b0, b1, w0, w1, w2, w3, w4, w5) \
    "vldmia " x ", {s20-s25}\n\t" \
    "adds " x ", #8\n\t" \
    "vmul.f32 s28, s20, " w0 "\n\t" \
    "vmul.f32 s29, s21, " w1 "\n\t" \
    "vmul.f32 s30, s22, " w2 "\n\t" \
    "vmul.f32 s31, s23, " w3 "\n\t" \
    "vadd.f32 s26, " b0 ", s28\n\t" \
    "vadd.f32 s27, " b1 ", s29\n\t" \
    "vmul.f32 s28, s24, " w4 "\n\t" \
    "vadd.f32 s26, s26, s30\n\t" \
    "vmul.f32 s29, s25, " w5 "\n\t" \
    "vadd.f32 s27, s27, s31\n\t" \
    "vadd.f32 s26, s26, s28\n\t" \
    "vadd.f32 s27, s27, s29\n\t"

#define BC_FPU_WINDOW_TWO_STEPS \
    BC_FPU_LINE("r0", "s18", "s19", "s0", "s1", "s2", "s3", "s4", "s5") \
    BC_FPU_LINE("r1", "s26", "s27", "s6", "s7", "s8", "s9", "s10", "s11") \
    BC_FPU_LINE("r2", "s26", "s27", "s12", "s13", "s14", "s15", "s16", "s17")

/* The same with six sums, a column's each: a VFMA need not wait for the one before it. */
#define BC_FPU_LINE_FUSED(x, MAC, w0, w1, w2, w3, w4, w5) \
    "vldmia " x ", {s20-s25}\n\t" \
    "adds " x ", #8\n\t" \
    "vfma.f32 s26, s20, " w0 "\n\t" \
    "vfma.f32 s27, s21, " w1 "\n\t" \
    MAC " s28, s22, " w2 "\n\t" \
    MAC " s29, s23, " w3 "\n\t" \
    MAC " s30, s24, " w4 "\n\t" \
    MAC " s31, s25, " w5 "\n\t"

#define BC_FPU_WINDOW_FUSED \
    "vmov.f32 s26, s18\n\t" \
    "vmov.f32 s27, s19\n\t" \
    BC_FPU_LINE_FUSED("r0", "vmul.f32", "s0", "s1", "s2", "s3", "s4", "s5") \
    BC_FPU_LINE_FUSED("r1", "vfma.f32", "s6", "s7", "s8", "s9", "s10", "s11") \
    BC_FPU_LINE_FUSED("r2", "vfma.f32", "s12", "s13", "s14", "s15", "s16", "s17") \
    "vadd.f32 s26, s26, s28\n\t" \
    "vadd.f32 s27, s27, s29\n\t" \
    "vadd.f32 s26, s26, s30\n\t" \
    "vadd.f32 s27, s27, s31\n\t"

/* The lower bound alone, as of a Relu, is on the straight way. */
#define BC_FPU_PLANE(WINDOW) \
    ".syntax unified\n\t" \
    "push {r7, lr}\n\t" \
    "ldr.w r12, [r10, #12]\n\t" \
    "vldmia r12, {s0-s19}\n\t" \
    "ldrd r7, lr, [r10]\n\t" \
    "ldr.w r10, [r10, #8]\n" \
    "1:\n\t" \
    "mov.w r12, r5\n" \
    "2:\n\t" \
    WINDOW \
    "cmp.w r10, #1\n\t" \
    "bne.w 5f\n\t" \
    "vmov.f32 s28, r7\n\t" \
    BC_FPU_LOW("s26", "s28") \
    BC_FPU_LOW("s27", "s28") \
    "3:\n\t" \
    "vstmia r8, {s26-s27}\n\t" \
    "add.w r8, r8, r9\n\t" \
    "subs.w r12, r12, #1\n\t" \
    "bne.w 2b\n\t" \
    "add.w r0, r0, r11\n\t" \
    "add.w r1, r1, r11\n\t" \
    "add.w r2, r2, r11\n\t" \
    "subs.w r4, r4, #1\n\t" \
    "bne.w 1b\n\t" \
    "pop {r7, pc}\n" \
    "5:\n\t" \
    "tst.w r10, #1\n\t" \
    "beq.w 6f\n\t" \
    "vmov.f32 s28, r7\n\t" \
    BC_FPU_LOW("s26", "s28") \
    BC_FPU_LOW("s27", "s28") \
    "6:\n\t" \
    "tst.w r10, #2\n\t" \
    "beq.w 3b\n\t" \
    "vmov.f32 s28, lr\n\t" \
    BC_FPU_HIGH("s26", "s28") \
    BC_FPU_HIGH("s27", "s28") \
    "b.w 3b\n\t"

static BC_NAKED void bc_plane_fpu(void)
{
    __asm__ volatile(BC_FPU_PLANE(BC_FPU_WINDOW_TWO_STEPS));
}

static BC_NAKED void bc_plane_fpu_fused(void)
{
    __asm__ volatile(BC_FPU_PLANE(BC_FPU_WINDOW_FUSED));
}

/* `lines` lines of outputs of two channels from their plane, whose lines have `columns` pixels, to y. */
static BC_INLINE void bc_fpu_plane(
    const bc_dwconv2d_params *p, bc_fpu_tile outputs, const bc_fpu_pair *pair, const float *plane, int32_t columns,
    int32_t lines, float *y)
{
    register const float *r0 __asm__("r0") = plane;
    register const float *r1 __asm__("r1") = plane + 2 * columns;
    register const float *r2 __asm__("r2") = plane + 4 * columns;
    register int32_t r4 __asm__("r4") = lines;
    register int32_t r5 __asm__("r5") = p->out_w;
    register float *r8 __asm__("r8") = y;
    register int32_t r9 __asm__("r9") = 4 * p->out_c;
    register const bc_fpu_pair *r10 __asm__("r10") = pair;
    register int32_t r11 __asm__("r11") = 8 * (columns - p->out_w);
    register bc_fpu_tile r12 __asm__("r12") = outputs;
    __asm__ volatile("blx %[outputs]"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r4), "+r"(r8), "+r"(r10), [outputs] "+r"(r12)
                     : "r"(r5), "r"(r9), "r"(r11)
                     : "lr", "cc", "memory", BC_FPU_ALL_REGISTERS);
}

/*
 * Two channels of the lines [first, first + lines) of an image, which begins at x, to the plane, whose columns of
 * padding are 0. Lines of padding are set to 0, too, if others may have been there.
 */
static BC_INLINE void bc_fpu_plane_fill(
    const bc_dwconv2d_params *p, float *plane, int32_t columns, int32_t first, int32_t lines, const float *x,
    int32_t moves)
{
    const int32_t width = columns - p->pad_left < p->in_w ? columns - p->pad_left : p->in_w;
    for (int32_t i = first; i < first + lines; ++i) {
        if (i >= 0 && i < p->in_h) {
            const float *from = x + i * p->in_w * p->in_c;
            float *to = plane + 2 * p->pad_left;
#pragma GCC unroll 4
            for (int32_t j = 0; j < width; ++j) {
                BC_COPY(to, from, 8);
                to += 2;
                from += p->in_c;
            }
        } else if (moves) {
            BC_FILL(plane, 0, (uint32_t)(8 * columns));
        }
        plane += 2 * columns;
    }
}

BC_FPU_SHARED void bc_dwconv2d_fpu(
    const bc_dwconv2d_params *p, const float *x, const float *w, float *y, float *plane, bc_fpu_tile outputs)
{
    const int32_t columns = p->out_w + 2;
    const int32_t most = BC_FPU_PLANE_BYTES / (8 * columns);
    const int32_t band = most <= 3 ? 1 : most - 2;
    const int32_t moves = band < p->out_h;
    BC_FILL(plane, 0, (uint32_t)(8 * columns * ((moves ? band : p->out_h) + 2)));
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t c = 0; c < p->in_c; c += 2) {
            const bc_fpu_pair pair = {bc_fpu_bounds_of(p->y_min_f, p->y_max_f), w + 10 * c};
            for (int32_t i = 0; i < p->out_h; i += band) {
                const int32_t lines = p->out_h - i < band ? p->out_h - i : band;
                const int32_t there = i > 0 ? 2 : 0;
                for (int32_t r = 0; r < there; ++r) {
                    float *line = plane + 2 * columns * r;
                    BC_COPY(line, line + 2 * columns * band, (uint32_t)(8 * columns));
                }
                bc_fpu_plane_fill(p, plane + 2 * columns * there, columns, i - p->pad_top + there,
                                  lines + 2 - there, x + c, moves);
                bc_fpu_plane(p, outputs, &pair, plane, columns, lines, y + i * p->out_w * p->out_c + c);
            }
        }
        x += p->in_h * p->in_w * p->in_c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
