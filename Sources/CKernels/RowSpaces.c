#include "CKernels.h"

#include <stddef.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef uint64_t Lanes __attribute__((vector_size(64)));
typedef uint64_t UnalignedLanes __attribute__((vector_size(64), aligned(8)));

// Lanes are passed between functions of this file only, all of them inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define LOW 0xffffffffull
#define PRIME 536870923ull
// -1/p modulo 2^32.
#define NEGATIVE_INVERSE 1708225629ull
// 2^32 modulo p.
#define ONE 536870835ull

uint32_t ckernels_residue(uint32_t x) { return (uint32_t)(((uint64_t)x << 32) % PRIME); }

// Written as intrinsics where there are any: from masks and products, clang makes slow products of whole lanes.
#define NAMED(name) name##_baseline
#define MULTIPLY(a, b) (((a) & LOW) * ((b) & LOW))
#include "RowSpaces.inc"
#undef MULTIPLY
#undef NAMED

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
typedef union {
    Lanes lanes;
    __m256i half[2];
} Halves;
static inline __attribute__((always_inline)) Lanes multiply_avx2(Lanes a, Lanes b) {
    Halves x = {a}, y = {b}, result;
    for (int h = 0; h < 2; h++) result.half[h] = _mm256_mul_epu32(x.half[h], y.half[h]);
    return result.lanes;
}
#define NAMED(name) name##_avx2
#define MULTIPLY(a, b) multiply_avx2(a, b)
#include "RowSpaces.inc"
#undef MULTIPLY
#undef NAMED
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define NAMED(name) name##_avx512
#define MULTIPLY(a, b) ((Lanes)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#include "RowSpaces.inc"
#undef MULTIPLY
#undef NAMED
#pragma clang attribute pop
#endif

typedef void (*Body)(const uint32_t *, int, int, const uint64_t *, uint64_t *, CKernelsRowSpaces *);

static Body body(int instructions) {
    if (instructions == 0) return row_spaces_baseline;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (instructions == 1 && __builtin_cpu_supports("avx2")) return row_spaces_avx2;
    if (instructions == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return row_spaces_avx512;
#endif
    return NULL;
}

int ckernels_row_spaces_with(
    int instructions, const uint32_t *entries, int rows, int columns, const uint64_t *masks, uint64_t *scratch,
    CKernelsRowSpaces *result
) {
    Body chosen = body(instructions);
    if (chosen == NULL) return 0;
    chosen(entries, rows, columns, masks, scratch, result);
    return 1;
}

void ckernels_row_spaces(
    const uint32_t *entries, int rows, int columns, const uint64_t *masks, uint64_t *scratch,
    CKernelsRowSpaces *result
) {
    // Chosen once; several threads would choose the same.
    static _Atomic(Body) chosen = NULL;
    Body present = chosen;
    if (present == NULL) {
        for (int instructions = 2; present == NULL; instructions--) present = body(instructions);
        chosen = present;
    }
    present(entries, rows, columns, masks, scratch, result);
}
