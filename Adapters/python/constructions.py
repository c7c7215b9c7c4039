"""The constructions of docs/GradientCode.md for gradient_codes.py: from a `code` record to its encoding matrix.

A matrix is a list of rows of Fractions, one row a worker. No float decides anything here; only the real circulant at
the end, which has no exact matrix, is in floats.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, cos, gcd, pi, prod, sin
from typing import Callable, List, Tuple

from checks import (
    TooMuchWork,
    certainty_defects,
    check_range,
    check_stragglers,
    density_defects,
    divisor_defects,
    invalid,
    length_defects,
    needed,
    probability_defects,
    size_defects,
)
from linear_algebra import kernel, solve, transposed

LARGEST = 1024  # workers or partitions of a code
MOST_SETS = 1 << 14  # of responders that are looked at before a circulant or null-space code is formed
MOST_ENTRIES = 1 << 18  # in the windows of CRC-Z
MOST_WORK = 1 << 29  # n (s + 1) d^2, about the digits that the products of node differences need


@dataclass
class Construction:
    """A code whose parameters are in order: its size, what else it is refused for, and how its matrix is formed."""

    workers: int
    partitions: int
    form: Callable[[], List[List[Fraction]]]
    defects: List[Tuple[str, str]] = field(default_factory=list)  # kinds of refusals with reasons


def construct(code, draws, mutant):
    """The construction that a record describes; `draws` gives random words as docs/numerics.md#randomness has them."""
    if (code["kind"] is None) == (code["matrix"] is None):
        raise invalid("expected either kind or matrix")
    if code["kind"] is None:
        return explicit(code["matrix"])
    besides = {"crcQ": [mutant], "bernoulli": [draws]}.get(code["kind"], [])
    found = CONSTRUCTIONS[code["kind"]](code, *besides)
    if mutant in ("window", "wrap") and code["kind"] in CYCLIC:
        whole, s = found.form, len(code["parityCheck"]) if code["kind"] == "nullSpace" else code["stragglers"]
        found.form = lambda: cut(whole(), s, mutant)
    return found


def cut(rows, s, mutant):
    """The mutants of cyclic windows: without the last partition, or without those past the end."""

    def lost(i, j):
        return (j - i) % len(rows) == s > 0 if mutant == "window" else j < i

    return [[Fraction(0) if lost(i, j) else b for j, b in enumerate(row)] for i, row in enumerate(rows)]


# Parameters.


def cyclic_workers(code):
    """n of a code with as many partitions as workers."""
    (n,) = needed(code, "workers")
    check_range(n, 1, LARGEST, "workers")
    if code["partitions"] is not None:
        raise invalid(f"{code['kind']} has as many partitions as workers")
    return n


def cyclic_parameters(code):
    """n and s of a cyclic code."""
    n, s = needed(code, "workers", "stragglers")
    check_stragglers(n, s)
    return cyclic_workers(code), s


# Explicit matrices, repetition.


def explicit(rows):
    if not rows or not rows[0]:
        raise invalid("the matrix has no row or no column")
    check_range(len(rows), 1, LARGEST, "workers")
    check_range(len(rows[0]), 1, LARGEST, "partitions")
    return Construction(len(rows), len(rows[0]), lambda: rows, length_defects(rows, len(rows[0]), "the matrix"))


def uncoded(code):
    """B = I."""
    n = cyclic_workers(code)
    return Construction(n, n, lambda: shifted([1], n))


def fractional_repetition(code):
    """Worker i is in group i mod G, partition j in group ⌊jG/k⌋; strict without k, else balanced."""
    n, s = needed(code, "workers", "stragglers")
    check_stragglers(n, s)
    k = n if code["partitions"] is None else code["partitions"]
    check_range(n, 1, LARGEST, "workers")
    check_range(k, 1, LARGEST, "partitions")
    groups = n // (s + 1)

    def form():
        return [[Fraction(i % groups == j * groups // k) for j in range(k)] for i in range(n)]

    return Construction(n, k, form, divisor_defects(n, s) if code["partitions"] is None else [])


# Cyclic codes with small entries.


def shifted(window, n):
    """The circulant b_{i, i+r} = window_r."""
    window = [Fraction(b) for b in window] + [Fraction(0)] * (n - len(window))
    return [[window[(j - i) % n] for j in range(n)] for i in range(n)]


def crc_ones(code):
    """CRC-1: ones on the window W_i = {i, …, i + s} mod n."""
    n, s = cyclic_parameters(code)
    return Construction(n, n, lambda: shifted([1] * (s + 1), n), divisor_defects(n, s))


def crc_z(code):
    """CRC-Z: on W_i = {i, …, i + s} mod n, values of the polynomial of degree d that vanishes off it."""
    n, s = cyclic_parameters(code)
    d = n - s - 1
    if n * (s + 1) > MOST_ENTRIES:
        raise TooMuchWork(f"a window of {s + 1} of {n} workers")

    def entry(i, j):
        if i + s <= n - 1:
            return comb(j, i) * comb(n - 1 - j, d - i) if i <= j <= i + s else 0
        lo = i + s - n + 1
        if j >= i:
            return comb(j - lo, d)
        return (-1) ** d * comb(i - 1 - j, d) if j < lo else 0

    return Construction(n, n, lambda: [[Fraction(entry(i, j)) for j in range(n)] for i in range(n)])


# Cyclic codes from nodes: docs/GradientCode.md#corollary-4.


def limit_work(n, s):
    if n * (s + 1) * (n - s - 1) ** 2 > MOST_WORK:
        raise TooMuchWork(f"a window of {s + 1} of {n} workers")


def window_values(nodes, s, value):
    """The matrix with the entries value(i, j, Π_{l ∈ Z_i} (t_j − t_l)) on the windows."""
    n = len(nodes)
    rows = [[Fraction(0)] * n for _ in nodes]
    for i, row in enumerate(rows):
        zeros = [nodes[l % n] for l in range(i + s + 1, i + n)]
        for j in range(i, i + s + 1):
            row[j % n] = value(i, j % n, prod(nodes[j % n] - t for t in zeros))
    return rows


def crc_zt(code):
    """CRC-Zt: the products for the nodes 0, 1, …, n − 2, 2n, each row in lowest terms with b_ii > 0."""
    n, s = cyclic_parameters(code)
    limit_work(n, s)

    def form():
        rows = window_values([*range(n - 1), 2 * n], s, lambda i, j, f: f)
        for i, row in enumerate(rows):
            common = gcd(*map(int, row)) * (1 if row[i] > 0 else -1)
            rows[i] = [Fraction(b, common) for b in row]
        return rows

    return Construction(n, n, form)


def crc_q(code, mutant):
    """CRC-Q(D): β_ij = Π_{l ∈ Z_i} (t_j − t_l) / (1 + t_j²)^⌊d/2⌋ for the nodes t_j = q_j/D, and b_ij = β_ij/β_ii."""
    n, s = cyclic_parameters(code)
    resolution = code["resolution"]
    if resolution is None:
        resolution = 64 if n <= 16 else 1 << (4 * n - 1).bit_length()
    check_range(resolution, 1, 1 << 40, "resolution")
    nodes = code["nodes"]
    for q in nodes or []:
        check_range(q, -(1 << 40), 1 << 40, "a numerator")
    if nodes is not None and len(nodes) != n:
        return Construction(n, n, list, size_defects(len(nodes), n, "nodes"))
    limit_work(n, s)
    if nodes is None:
        nodes = cotangent_nodes(n, resolution)
    ordered = sorted(nodes) if mutant == "unsorted" else nodes
    defects = []
    if any(t >= u for t, u in zip(ordered, ordered[1:])):
        defects.append(("nodesNotSorted", f"the nodes {nodes} do not increase strictly"))
    exponent = (n - s - 1) // 2 if mutant != "weight-exponent" else (n - s) // 2
    weights = [(resolution**2 + q**2) ** exponent for q in nodes]

    def form():
        rows = window_values(nodes, s, lambda i, j, f: Fraction(f, weights[j]))
        return [[b / row[i] if b else b for b in row] for i, row in enumerate(rows)]

    return Construction(n, n, form, defects)


def cotangent_nodes(n, resolution):
    """The numerators −r_0, …, 0 for odd n, …, r_0 with r_j = ⌊D cot(π(2j + 1)/(2n)) + 1/2⌋."""
    if n > 512 or n > 256 and resolution > 1 << 20:
        raise TooMuchWork(f"the nodes of {n} workers with the resolution {resolution}")
    upper = [rounded_cotangent(n, resolution, j) for j in range(n // 2)]
    return [-r for r in upper] + [0] * (n % 2) + upper[::-1]


def rounded_cotangent(n, resolution, j):
    """The largest r with 2r − 1 ≤ 2D cot θ, θ = π(2j + 1)/(2n) < π/2; no floats.

    For r ≥ 1 this says that the angle φ of the Gaussian integer z = (2r − 1) + 2D√−1 is at least θ, or that 2nφ is at
    least 2j + 1 half turns: these are counted in z^{2n}. As cot θ < 1/θ < n, r is below Dn + 1.
    """
    low, high = 0, resolution * n + 1
    while high - low > 1:
        r = (low + high) // 2
        if half_turns(2 * r - 1, 2 * resolution, 2 * n) >= 2 * j + 1:
            low = r
        else:
            high = r
    return low


def half_turns(x, y, power):
    """⌊power · φ/π⌋ for the angle 0 < φ < π of x + y√−1, in integers, by repeated squaring.

    (u, v) is ± the power so far, with an angle in [0, π); the half turns taken away from it are counted.
    """
    count, u, v = 0, 1, 0
    for bit in f"{power:b}":
        count, u, v = 2 * count, u * u - v * v, 2 * u * v
        if v < 0 or v == 0 and u < 0:
            count, u, v = count + 1, -u, -v
        if bit == "1":
            u, v = u * x - v * y, u * y + v * x
            if v < 0 or v == 0 and u < 0:
                count, u, v = count + 1, -u, -v
    return count


# Codes that are formed only after all sets of n − s responders have been seen to recover the sum.


def check_recovery(rows, s):
    """GC(s), or a refusal that names a set of responders and its witness."""
    n = len(rows)
    stragglers = unrecoverable(rows, s)
    if stragglers is not None:
        responders = [i for i in range(n) if i not in stragglers]
        x = solve([rows[i] for i in responders] + [[Fraction(1)] * n], [Fraction(0)] * len(responders) + [Fraction(1)])
        raise invalid(f"the responders {responders} do not recover the sum, x = {list(map(str, x))}")


def unrecoverable(rows, s):
    """The first s stragglers that leave no decoding vector; None with GC(s).

    The decoding vectors of all workers are a + N, N the left null space; some must vanish on every set of s workers.
    """
    columns = transposed(rows)
    a = solve(columns, [Fraction(1)] * len(columns))
    return list(range(s)) if a is None else unavoidable(a, kernel(columns), s, 0)


def unavoidable(a, basis, s, first):
    """The first s workers from `first` on at which no vector of a + span(basis) vanishes; None if there are none."""
    if s == 0:
        return None
    for worker in range(first, len(a) - s + 1):
        pivot = next((b for b in basis if b[worker]), None)
        if pivot is None and a[worker]:
            return list(range(worker, worker + s))
        if s == 1:
            continue
        smaller = [vanishing(b, pivot, worker) for b in basis if b is not pivot]
        found = unavoidable(vanishing(a, pivot, worker), smaller, s - 1, worker + 1)
        if found is not None:
            return [worker] + found
    return None


def vanishing(vector, pivot, worker):
    """The vector less the multiple of the pivot that makes it 0 at the worker."""
    if not vector[worker]:
        return vector
    factor = vector[worker] / pivot[worker]
    return [x - factor * y if y else x for x, y in zip(vector, pivot)]


def limit_sets(n, s):
    if comb(n, s) > MOST_SETS:
        raise invalid(f"more than 2^14 sets of {n - s} of {n} workers")


def circulant(code):
    """The rational circulant with a window of s + 1 integers that neither begins nor ends with 0."""
    n, s = cyclic_parameters(code)
    (window,) = needed(code, "window")
    if window and not (window[0] and window[-1]):
        raise invalid("the window begins or ends with 0")
    limit_sets(n, s)
    if len(window) != s + 1:
        return Construction(n, n, list, size_defects(len(window), s + 1, "coefficients"))
    limit_elimination(n)
    rows = shifted(window, n)
    check_recovery(rows, s)
    return Construction(n, n, lambda: rows)


def null_space(code):
    """CRC-H: b_ii = 1 and H Bᵀ = 0 with the window W_i; the rows of H sum to 0, and s is their number."""
    n = cyclic_workers(code)
    (check,) = needed(code, "parityCheck")
    s = len(check)
    check_stragglers(n, s)
    if any(sum(row) for row in check):
        raise invalid("a row of H does not sum to 0")
    limit_sets(n, s)
    defects = length_defects(check, n, "H")
    if defects:
        return Construction(n, n, list, defects)
    limit_elimination(n)
    columns = [list(map(Fraction, column)) for column in zip(*check)] or [[]] * n
    rows = [null_space_row(columns, i, s) for i in range(n)]
    check_recovery(rows, s)
    return Construction(n, n, lambda: rows)


def null_space_row(columns, i, s):
    """1 at i, and x with H_{W_i∖i} x = −H_i on the rest of the window."""
    n = len(columns)
    window = [(i + r) % n for r in range(1, s + 1)]
    system = transposed([columns[j] for j in window])
    if s and kernel(system):
        raise invalid(f"the columns {window} of H are dependent")
    row = [Fraction(int(j == i)) for j in range(n)]
    for j, x in zip(window, solve(system, [-h for h in columns[i]])):
        row[j] = x
    return row


def limit_elimination(n):
    if n > 96:
        raise TooMuchWork(f"an elimination for {n} workers")


# Approximate assignments.


def bernoulli(code, draws):
    """b_ij = 1 with probability δ, else 0: the event of δ at draw(seed, 8, 0, i, j)."""
    n, k, density, seed = needed(code, "workers", "partitions", "density", "seed")
    check_range(n, 1, LARGEST, "workers")
    check_range(k, 1, LARGEST, "partitions")

    def form():
        threshold = density.numerator << 32
        words = (draws(seed, 8, 0, i, 0, k) for i in range(n))
        return [[Fraction(int(word * density.denominator < threshold)) for word in row] for row in words]

    return Construction(n, k, form, probability_defects([density], 1) + density_defects(density))


def graph(code):
    """Partitions are vertices, workers are edges: worker {u, v} sends g_u + g_v."""
    k, edges = needed(code, "partitions", "edges")
    check_range(k, 1, LARGEST, "partitions")
    check_range(len(edges), 1, LARGEST, "workers")
    if any(len(edge) == 2 and edge[0] == edge[1] for edge in edges):
        raise invalid("an edge is a loop")
    defects = length_defects(edges, 2, "edges")
    if any(not 0 <= vertex < k for edge in edges for vertex in edge):
        defects.append(("indexOutOfRange", f"an edge ends outside of 0 ..< {k}"))

    def form():
        return [[Fraction(int(j in edge)) for j in range(k)] for edge in edges]

    return Construction(len(edges), k, form, defects)


def stochastic(code):
    """b_ij = 1/(d_j (1 − p)) where worker i holds partition j; d_j workers hold it."""
    allocation, p = needed(code, "allocation", "straggling")
    if not allocation or not allocation[0]:
        raise invalid("an allocation without workers or partitions")
    n, k = len(allocation), len(allocation[0])
    check_range(max(n, k), 1, LARGEST, "workers or partitions")
    if any(entry not in (0, 1) for row in allocation for entry in row):
        raise invalid("an entry of the allocation is neither 0 nor 1")
    defects = length_defects(allocation, k, "the allocation") + probability_defects([p], 1) + certainty_defects([p])
    replications = [sum(column) for column in zip(*allocation)]
    if 0 in replications:
        defects.append(("infeasiblePartition", f"partition {replications.index(0)} is held by nobody"))

    def form():
        return [[Fraction(held) / (d * (1 - p)) if held else Fraction(0) for held, d in zip(row, replications)]
                for row in allocation]

    return Construction(n, k, form, defects)


CYCLIC = {
    "crcOnes": crc_ones,
    "crcZ": crc_z,
    "crcZt": crc_zt,
    "crcQ": crc_q,
    "circulant": circulant,
    "nullSpace": null_space,
}
CONSTRUCTIONS = {
    "uncoded": uncoded,
    "fractionalRepetition": fractional_repetition,
    **CYCLIC,
    "bernoulli": bernoulli,
    "graph": graph,
    "stochastic": stochastic,
}


# The real circulant, in floats: docs/GradientCode.md#circulants.


def real_window(n, s):
    """b_r/b_0 for r = 0 … s by the telescoping quotients sin(π(s + 1 − r)/n) / sin(πr/n)."""
    window = [1.0]
    for r in range(1, s + 1):
        window.append(window[-1] * sin(pi * (s + 1 - r) / n) / sin(pi * r / n))
    return window


def real_decoding_vector(n, window, responders):
    """a on the n − s responders, n − s odd: Σ_i a_i ω_i^m = 0 for 0 < m ≤ d/2, and Σ_i a_i = 1/b̂_0 = n/Σ_r b_r.

    The equations of ω^m are taken by real and imaginary parts, and solved by elimination with row pivoting.
    """
    if len(responders) > 400:
        raise TooMuchWork("a real system of more than 400 equations")
    rows = [[1.0] * len(responders) + [n / sum(window)]]
    for m in range(1, (len(responders) + 1) // 2):
        angles = [2 * pi * (m * i % n) / n for i in responders]
        rows += [[wave(angle) for angle in angles] + [0.0] for wave in (cos, sin)]
    return solved(rows)


def solved(rows):
    """The solution x of a regular real system, its right-hand sides in the last column."""
    rows, size = list(rows), len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for r in range(column + 1, size):
            factor = rows[r][column] / rows[column][column]
            rows[r] = [x - factor * y for x, y in zip(rows[r], rows[column])]
    x = [0.0] * size
    for r in reversed(range(size)):
        x[r] = (rows[r][size] - sum(rows[r][c] * x[c] for c in range(r + 1, size))) / rows[r][r]
    return x
