// Hot loop bodies in C, specialised by instruction set. Results do not depend on the set that is chosen.
#pragma once
#include <stdint.h>

/// The matrices that are reduced at once.
#define CKERNELS_LANES 16

/// The prime 2^29 + 11, modulo which residues are taken.
#define CKERNELS_PRIME 536870923u

/// What becomes of the 16 matrices.
typedef struct {
    /// The rank of each modulo the prime.
    uint64_t rank[CKERNELS_LANES];
    /// Bit k: the unit vector e_k lies in the row space modulo the prime.
    uint64_t units[CKERNELS_LANES];
    /// 1 where (1, …, 1) lies in the row space modulo the prime, else 0.
    uint64_t ones[CKERNELS_LANES];
} CKernelsRowSpaces;

/// 2^32 · x modulo the prime, for x below it: the form in which residues are given.
uint32_t ckernels_residue(uint32_t x);

/// Reduces 16 matrices to echelon form modulo the prime, each lane with pivots of its own.
///
/// entries: rows × columns residues of one matrix. masks: rows × 16 sets of columns; in lane l, row i has the entries of
/// the set masks[16 i + l] and zeros elsewhere. scratch: room for 16 · (rows + 3) · columns + 32 · rows numbers, aligned
/// to 64 bytes. At most 64 columns.
void ckernels_row_spaces(
    const uint32_t *entries, int rows, int columns, const uint64_t *masks, uint64_t *scratch,
    CKernelsRowSpaces *result);

/// The same with a given instruction set: 0 for the one every processor has, 1 for AVX2, 2 for AVX-512. Returns 0, and
/// does nothing, where the processor has not got it.
int ckernels_row_spaces_with(
    int instructions, const uint32_t *entries, int rows, int columns, const uint64_t *masks, uint64_t *scratch,
    CKernelsRowSpaces *result);

/// The number of successes of standard decoding in groups first ..< end of 512 trials; −1 where the processor has no
/// AVX-512.
///
/// program: for every client the threshold of its uplink and those of its links, at most 2^32, then −1. A trial succeeds
/// if at least `threshold` clients have no draw below its threshold.
int64_t ckernels_outage_successes(
    const int64_t *program, int length, int threshold, uint64_t seed, uint32_t stream, uint64_t first, uint64_t end);
