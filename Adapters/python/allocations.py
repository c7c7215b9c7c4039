"""Allocations: docs/notation.md#allocations. An allocation is a list of rows, one a worker, of zeros and ones."""

import itertools
from fractions import Fraction

from checks import Refused, TooMuchWork, check_range, invalid, length_defects, needed, refuse_first
from randomness import draws, smallest


def check_size(workers, partitions):
    if not (1 <= workers <= 65536 and 1 <= partitions <= 65536 and workers * partitions <= 1 << 26):
        raise invalid(f"an allocation of {workers} by {partitions}")
    if workers * partitions > 1 << 22:
        raise TooMuchWork("an allocation of more than 2^22 entries")


def allocation_from(workers, partitions, holds):
    """The matrix whose entry (i, k) says whether holds(i, k)."""
    check_size(workers, partitions)
    return [[int(holds(i, k)) for k in range(partitions)] for i in range(workers)]


def full_replication(descriptor):
    workers, partitions = needed(descriptor, "workers", "partitions")
    return allocation_from(workers, partitions, lambda i, k: True)


def hadamard(descriptor):
    """Worker i holds k = 1 … M if and only if i AND k has an even number of ones; N = 2^r."""
    order, partitions = needed(descriptor, "order", "partitions")
    check_range(order, 1, 16, "order")
    check_range(partitions, 1, (1 << order) - 1, "partitions")
    return allocation_from(1 << order, partitions, lambda i, k: bin(i & (k + 1)).count("1") % 2 == 0)


def affine_plane(descriptor):
    """Worker q x + y holds partition c < q if and only if (c x + y) mod q < a, and partition q if x < a."""
    q, partitions, a = needed(descriptor, "order", "partitions", "threshold")
    if not 2 <= q <= 256 or any(q % divisor == 0 for divisor in range(2, q)):
        raise invalid(f"the order {q} is not a prime up to 256")
    check_range(partitions, 1, q + 1, "partitions")
    check_range(a, 1, q, "threshold")
    return allocation_from(
        q * q, partitions, lambda i, c: i // q < a if c == q else (c * (i // q) + i % q) % q < a
    )


def full_factorial(descriptor):
    """One worker for each string of digits, in lexicographic order; it holds k if and only if digit k is below h_k."""
    levels, thresholds = needed(descriptor, "levels", "thresholds")
    check_range(len(levels), 1, 65536, "the number of levels")
    workers = 1
    for level in levels:
        check_range(level, 1, 65536, "a level")
        workers *= level
        check_range(workers, 1, 65536, "the number of workers")
    for level, threshold in zip(levels, thresholds):
        check_range(threshold, 0, level, "a threshold")
    if len(levels) != len(thresholds):
        raise Refused("dimensionMismatch", f"{len(thresholds)} thresholds for {len(levels)} levels")
    check_size(workers, len(levels))
    digits = itertools.product(*map(range, levels))
    return [[int(digit < threshold) for digit, threshold in zip(worker, thresholds)] for worker in digits]


def cyclic(descriptor):
    """Worker i holds the d partitions i, i + 1, … mod N; M = N."""
    workers, d = needed(descriptor, "workers", "replication")
    check_size(workers, workers)
    check_range(d, 1, workers, "replication")
    return allocation_from(workers, workers, lambda i, k: (k - i) % workers < d)


def fractional_repetition(descriptor):
    """G = N / d groups; worker i is in group i mod G, and group g holds the M / G partitions from g M / G on."""
    workers, partitions, d = needed(descriptor, "workers", "partitions", "replication")
    check_size(workers, partitions)
    check_range(d, 1, workers, "replication")
    groups = workers // d
    if workers % d or partitions % groups:
        raise Refused("nonDivisible", f"{workers} workers, {partitions} partitions, replication {d}")
    return allocation_from(workers, partitions, lambda i, k: i % groups == k // (partitions // groups))


def difference_set(descriptor):
    """Worker i holds (δ + i) mod v for δ in the set; every non-zero residue is a difference equally often."""
    members, v = needed(descriptor, "set", "modulus")
    check_size(v, v)
    if any(not 0 <= a < v for a in members) or len(set(members)) < len(members):
        raise invalid(f"expected distinct elements of 0 ..< {v}")
    differences = [0] * v
    for a, b in itertools.product(members, members):
        differences[(a - b) % v] += 1
    if len(set(differences[1:])) > 1:
        raise invalid(f"not every residue modulo {v} is a difference equally often")
    return allocation_from(v, v, lambda i, k: (k - i) % v in members)


def random_allocation(descriptor):
    """Partition k is held by the d_k workers i with the smallest (u, i); stream 2, t = 0, i := k, j := worker."""
    workers, replications, seed = needed(descriptor, "workers", "replications", "seed")
    check_size(workers, len(replications))
    for d in replications:
        check_range(d, 0, workers, "a replication")
    holders = [set(smallest(d, draws(seed, 2, 0, k, 0, workers))) for k, d in enumerate(replications)]
    return allocation_from(workers, len(replications), lambda i, k: i in holders[k])


FAMILIES = {
    "fullReplication": full_replication,
    "hadamard": hadamard,
    "affinePlane": affine_plane,
    "fullFactorial": full_factorial,
    "cyclic": cyclic,
    "fractionalRepetition": fractional_repetition,
    "differenceSet": difference_set,
    "random": random_allocation,
}


def replications_of(allocation):
    """d_k, the number of workers that hold each partition."""
    return [sum(column) for column in zip(*allocation)]


def holder_defects(allocation):
    """The defect of a partition that nobody holds."""
    replications = replications_of(allocation)
    if 0 not in replications:
        return []
    return [("infeasiblePartition", f"partition {replications.index(0)} is held by nobody")]


def allocation_defects(allocation):
    """Refuses what is no matrix of zeros and ones; what else is wrong with it is listed."""
    if not allocation or not allocation[0]:
        raise invalid("an allocation without workers or partitions")
    check_size(len(allocation), len(allocation[0]))
    if any(entry not in (0, 1) for row in allocation for entry in row):
        raise invalid("an entry is neither 0 nor 1")
    return length_defects(allocation, len(allocation[0]), "the allocation") or holder_defects(allocation)


def build(descriptor):
    allocation = FAMILIES[descriptor["kind"]](descriptor)
    refuse_first(holder_defects(allocation))
    universal = descriptor["universal"] or 0
    check_range(universal, 0, 65536, "universal")
    check_size(len(allocation), len(allocation[0]) + universal)
    return {"allocation": [row + [1] * universal for row in allocation]}


def report(allocation):
    refuse_first(allocation_defects(allocation))
    d = replications_of(allocation)
    n = len(allocation)
    gap = Fraction(0)
    for (k, first), (l, second) in itertools.combinations(enumerate(zip(*allocation)), 2):
        common = sum(a & b for a, b in zip(first, second))
        gap = max(gap, abs(common - Fraction(d[k] * d[l], n)))
    return {"gap": gap, "loads": [sum(row) for row in allocation], "replication": d}
