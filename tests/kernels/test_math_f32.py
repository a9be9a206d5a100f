"""The float32 functions of bc_math_f32.h keep the error bounds that the header states, and their special values;
those of bc_exact_f32.h are exact.

A C program compares them with the host's float64 functions for every 251st float32 (251 is
prime, so all exponents and mantissa patterns are met).
"""

from __future__ import annotations

import re
import subprocess

import pytest
from barecast import resources

from tests.kernels.program import stage_headers

PROGRAM = r"""
#include <math.h>
#include <stdio.h>
#include "barecast/bc_curves_f32.h"
#include "barecast/bc_exact_f32.h"
#include "barecast/bc_pow_f32.h"

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* The spacing of float32 numbers at x. */
static double spacing(double x)
{
    int exponent;
    frexp(x, &exponent);
    return ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

static void measure(const char *name, float (*ours)(float), double (*exact)(double))
{
    double normal = 0, subnormal = 0;
    for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += 251) {
        const float x = bc_f32_of_bits((uint32_t)bits), y = ours(x);
        const double want = exact(x);
        if (want != want || y != y) {
            if (want == want || y == y) {
                printf("%s: NaN here or there only at %a\n", name, (double)x);
            }
        } else if ((float)want == y) {
            continue;
        } else if (isinf(y) || isinf((float)want)) {
            printf("%s: infinite at %a\n", name, (double)x);
        } else {
            const double error = fabs(y - want) / spacing(want);
            double *worst = fabs(want) < 0x1p-126 ? &subnormal : &normal;
            *worst = error > *worst ? error : *worst;
        }
    }
    printf("%s %.4f %.4f\n", name, normal, subnormal);
}

static void must(const char *name, float x, float y, float got, double want)
{
    if (got != (float)want && (got == got || want == want)) {
        printf("%s: %a %a gives %a\n", name, (double)x, (double)y, (double)got);
    }
}

static void whole_parts(void)
{
    for (uint64_t bits = 0; bits < (uint64_t)1 << 32; bits += 1021) {
        const float x = bc_f32_of_bits((uint32_t)bits);
        must("floor", x, 0, bc_floor_f32(x), floor(x));
        must("ceil", x, 0, bc_ceil_f32(x), ceil(x));
        must("rint", x, 0, bc_rint_f32(x), rint(x));
        must("sqrt", x, 0, bc_sqrt_f32(x), sqrtf(x));
    }
}

/* Pairs of like and unlike size. A quotient beyond 2**22 may be the next number. */
static void remainders(void)
{
    uint32_t random = 1;
    for (int i = 0; i < 1000000; i++) {
        const float a = bc_f32_of_bits(random = random * 1664525u + 1013904223u);
        random = random * 1664525u + 1013904223u;
        const float b = bc_f32_of_bits(i % 2 ? random : (random & 0x8fffffffu) | (bc_bits_f32(a) & 0x70000000u));
        must("fmod", a, b, bc_fmod_f32(a, b), fmod(a, b));
        const double quotient = floor((double)a / (double)b);
        const float got = bc_floor_div_f32(a, b);
        if (!(fabs(quotient) > 4e6) || fabs(got - quotient) > fabs(quotient) * 0x1p-22) {
            must("floor_div", a, b, got, quotient);
        }
    }
}

/* Powers of any bits (most overflow), and of numbers whose powers do not; exponents are also whole, and zeros. */
static void powers(void)
{
    uint32_t random = 7;
    double worst = 0;
    for (int i = 0; i < 2000000; i++) {
        float a = bc_f32_of_bits(random = random * 1664525u + 1013904223u);
        float b = bc_f32_of_bits(random = random * 1664525u + 1013904223u);
        if (i % 4) {
            b = (float)((int32_t)random >> 8) * (i % 8 < 4 ? 0x1p-19f : 0x1p-21f);
            a = i % 3 ? a : bc_f32_of_bits((bc_bits_f32(a) & 0x83ffffffu) | 0x3c000000u);
        }
        b = i % 5 ? b : (float)(int32_t)(b < 1e6f && b > -1e6f ? b : 3.0f);
        const float got = bc_pow_f32(a, b);
        const double want = pow(a, b);
        if (want != want || isinf((float)want) || want == 0 || isinf(got) || got != got) {
            must("pow", a, b, got, want);
        } else if (fabs(want) >= 0x1p-149) {
            const double error = fabs(got - want) / spacing(want);
            worst = error > worst ? error : worst;
        }
    }
    static const float special[] = {0.0f, -0.0f, 1.0f, -1.0f, 2.0f, -3.0f, 0.5f, -0.5f, 1e30f, -16777217.0f, 3e9f};
    for (int i = 0; i < 13 * 13; i++) {
        const float a = i / 13 < 11 ? special[i / 13] : i / 13 < 12 ? INFINITY : -INFINITY;
        const float b = i % 13 < 11 ? special[i % 13] : i % 13 < 12 ? INFINITY : -INFINITY;
        must("pow", a, b, bc_pow_f32(a, b), pow(a, b));
    }
    printf("pow %.4f 0\n", worst);
}

int main(void)
{
    measure("exp", bc_exp_f32, exp);
    measure("sigmoid", bc_sigmoid_f32, sigmoid);
    measure("tanh", bc_tanh_f32, tanh);
    measure("log", bc_log_f32, log);
    measure("sin", bc_sin_f32, sin);
    measure("cos", bc_cos_f32, cos);
    measure("erf", bc_erf_f32, erf);
    powers();
    whole_parts();
    remainders();
    for (int32_t i = -(1 << 22); i < 1 << 22; i += 61) {
        for (int quarter = 0; quarter < 4; quarter++) {
            const float x = (float)i + 0.25f * (float)quarter;
            if (bc_round_even_f32(x) != (int32_t)rint(x)) {
                printf("round: %a\n", (double)x);
            }
        }
    }
    return 0;
}
"""
BOUNDS = {
    "exp": (0.99, 0.76),
    "sigmoid": (2.41, 0.76),
    "tanh": (1.46, 0.0),
    "log": (0.80, 0.0),
    "sin": (1.57, 0.0),
    "cos": (1.59, 0.0),
    "erf": (1.39, 0.51),
    "pow": (0.51, 0.0),
}
"""Name -> ULP where the result is normal, and where it is subnormal."""


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    folder = stage_headers(tmp_path_factory.mktemp("math"))
    (folder / "program.c").write_text(PROGRAM)
    flags = ("-std=c99", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-I", str(folder))
    build = ["gcc", *flags, str(folder / "program.c"), "-o", str(folder / "program"), "-lm"]
    subprocess.run(build, check=True)
    return subprocess.run([folder / "program"], check=True, capture_output=True, text=True).stdout.splitlines()


def test_errors_stay_within_the_stated_bounds(lines):
    assert len(lines) == len(BOUNDS), "\n".join(lines[:20])
    for line in lines:
        name, normal, subnormal = line.split()
        assert 0.49 < float(normal) <= BOUNDS[name][0], line
        assert float(subnormal) <= BOUNDS[name][1], line


def test_the_headers_state_these_bounds():
    headers = resources.runtime_headers()
    text = headers["bc_math_f32.h"] + headers["bc_curves_f32.h"] + headers["bc_pow_f32.h"]
    stated = [float(number) for number in re.findall(r"([0-9.]+) ULP", text)]
    assert stated == [0.99, 0.76, 2.41, 0.76, 1.46, 0.80, 1.57, 1.59, 1.39, 0.51, 0.51]
