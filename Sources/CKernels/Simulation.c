#include "CKernels.h"

#if defined(__x86_64__)

// Sixty-four trials a lane, eight lanes. The words and their order are those of the Swift body, so the counts are too;
// lanes of AVX-512 only, as the Swift body is as fast elsewhere.
typedef uint64_t Lanes __attribute__((vector_size(64)));
#include <immintrin.h>

#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define INLINE static inline __attribute__((always_inline))

INLINE Lanes spread(uint64_t x) { return (Lanes){x, x, x, x, x, x, x, x}; }
INLINE Lanes multiply(Lanes a, uint64_t b) {
    return (Lanes)_mm512_mul_epu32((__m512i)a, (__m512i)spread(b));
}

// The vectors of one group: sixteen blocks make four of them.
typedef struct {
    Lanes ready[4];
    int next;
    uint64_t block;
    uint32_t key[2], counter[3];
} Words;

static void refill(Words *words) {
    const uint64_t low = 0xffffffffull;
    Lanes c0[2], c1[2], c2[2], c3[2];
    for (int h = 0; h < 2; h++) {
        c0[h] = (Lanes){0, 1, 2, 3, 4, 5, 6, 7} + words->block + 8 * h;
        c1[h] = spread(words->counter[0]);
        c2[h] = spread(words->counter[1]);
        c3[h] = spread(words->counter[2]);
    }
    uint32_t k0 = words->key[0], k1 = words->key[1];
#pragma clang loop unroll(full)
    for (int round = 0; round < 10; round++) {
        for (int h = 0; h < 2; h++) {
            Lanes p0 = multiply(c0[h], 0xD2511F53u), p1 = multiply(c2[h], 0xCD9E8D57u);
            c0[h] = (p1 >> 32) ^ c1[h] ^ k0;
            c1[h] = p1;
            c2[h] = (p0 >> 32) ^ c3[h] ^ k1;
            c3[h] = p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int h = 0; h < 2; h++) {
        words->ready[2 * h] = (c0[h] & low) | (c1[h] << 32);
        words->ready[2 * h + 1] = (c2[h] & low) | (c3[h] << 32);
    }
    words->block += 16;
    words->next = 0;
}

INLINE Lanes surviving(int64_t threshold, Lanes alive, Words *words) {
    if (threshold >> 32) return spread(0);
    uint32_t bits = (uint32_t)threshold;
    Lanes open = alive, up = spread(0);
    while (bits != 0 && _mm512_test_epi64_mask((__m512i)open, (__m512i)open)) {
        if (words->next == 4) refill(words);
        Lanes random = words->ready[words->next++];
        if (bits >> 31) {
            open &= random;
        } else {
            up |= open & random;
            open &= ~random;
        }
        bits <<= 1;
    }
    return up | open;
}

static int64_t successes(
    const int64_t *program, int length, int threshold, uint64_t seed, uint32_t stream, uint64_t first, uint64_t end
) {
    int64_t total = 0;
    for (uint64_t group = first; group < end; group++) {
        Words words = {.next = 4, .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
            .counter = {(uint32_t)(group >> 32), (uint32_t)group, stream}};
        Lanes counts[17], alive = spread(~0ull);
        int planes = 0;
        for (int i = 0; i < length; i++) {
            if (program[i] >= 0) {
                alive = surviving(program[i], alive, &words);
                continue;
            }
            for (int plane = 0; plane < planes; plane++) {
                Lanes sum = counts[plane];
                counts[plane] = sum ^ alive;
                alive &= sum;
            }
            // As many planes as the number of clients so far needs; at most 65 536 clients.
            if (planes < 17 && _mm512_test_epi64_mask((__m512i)alive, (__m512i)alive)) counts[planes++] = alive;
            alive = spread(~0ull);
        }
        Lanes reaches = spread(~0ull);
        for (int plane = 0; plane < planes; plane++)
            reaches = (threshold >> plane & 1) ? (counts[plane] & reaches) : (counts[plane] | reaches);
        if (threshold >> planes) reaches = spread(0);
        for (int l = 0; l < 8; l++) total += __builtin_popcountll(reaches[l]);
    }
    return total;
}
#pragma clang attribute pop
#endif

int64_t ckernels_outage_successes(
    const int64_t *program, int length, int threshold, uint64_t seed, uint32_t stream, uint64_t first, uint64_t end
) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl"))
        return successes(program, length, threshold, seed, stream, first, end);
#endif
    return -1;
}
