"""Codes for heterogeneous stragglers, exactly: docs/HeterogeneousGradientCode.md but for its bounds on training.

Worker i straggles with probability p_i; q_i = 1 − p_i, and its odds are s_i = q_i/p_i, infinite for p_i = 0. A sum of
odds is a Fraction or "inf".
"""

import itertools
from fractions import Fraction
from math import ceil, comb, gcd, lcm

import mutants
from allocations import allocation_defects, check_size
from checks import (
    TooMuchWork,
    check_index,
    check_range,
    finite_defects,
    invalid,
    length_defects,
    probability_defects,
    refuse_first,
    responder_set,
    size_defects,
)
from decoding import coded_gradient, least_squares
from linear_algebra import echelon, product, solve, transposed
from randomness import respond
from rounding import check_coefficients, combination, is_finite, rounded_combination
from rounds import Rounds

ORDER = ("dimensionMismatch", "nonFinite", "invalidProbability", "infeasiblePartition")  # after invalidParameters
MOST_BITS = 200_000  # of a number that is answered: a rational has at most 65536 characters
MOST_DENOMINATORS = 1 << 16  # bits, in one sum
MOST_WORK = 1 << 15  # terms of the sums of a question
MOST_STEPS = 1 << 19  # of an allocation: about two seconds
MOST_CHOICES = 10**6


def check_work(work, most, name):
    if work > most:
        raise TooMuchWork(f"more than {most} {name}")


def bits_of(value):
    return value.numerator.bit_length() + value.denominator.bit_length()


def exact_sum(values):
    """The sum of Fractions over one denominator, where that is not too long."""
    values = list(values)
    denominators = {value.denominator for value in values}
    check_work(sum(map(int.bit_length, denominators)), MOST_DENOMINATORS, "bits of denominators")
    common = lcm(*denominators)
    total = Fraction(sum(value.numerator * (common // value.denominator) for value in values), common)
    check_work(bits_of(total), MOST_BITS, "bits of a number")
    return total


def partition_defects(allocation, probabilities):
    """The defect of a partition that nobody holds, or only workers that never respond."""
    for j, column in enumerate(zip(*allocation)):
        if not any(held and p != 1 for held, p in zip(column, probabilities)):
            return [("infeasiblePartition", f"partition {j} is held by no worker that responds")]
    return []


def shape_defects(allocation, probabilities):
    """Refuses what is no allocation; its other defects are listed, in the order of these codes."""
    defects = allocation_defects(allocation) + probability_defects(probabilities, len(allocation))
    if any(kind == "dimensionMismatch" for kind, _ in defects):
        return defects
    return defects + partition_defects(allocation, probabilities)


# The optimal code: docs/HeterogeneousGradientCode.md#optimal-code and #edge-rules.


class Code:
    """The optimal code in gauge A: c_ij = w_i b_ij. The noise p_i + δ_i stands for p_i where there are quantisers."""

    def __init__(self, allocation, probabilities, noise):
        check_work(len(allocation) * len(allocation[0]), MOST_WORK, "entries")
        alive = [p != 1 for p in probabilities]
        exact = [responds and x == 0 for responds, x in zip(alive, noise)]
        odds = [(1 - p) / x if x else None for p, x in zip(probabilities, noise)]
        bits = sum(s.denominator.bit_length() for s in odds if s is not None)
        check_work(bits * len(allocation) * len(allocation[0]), 1 << 25, "bits and entries")
        if mutants.chosen == "inverted-odds":
            odds = [1 / s if s else s for s in odds]
        self.weights = [Fraction(1) if e else 1 / x if a else Fraction(0) for a, e, x in zip(alive, exact, noise)]
        self.sums, columns = [], []
        for column in zip(*allocation):
            sharing = sum(held and e for held, e in zip(column, exact))
            if sharing:
                self.sums.append("inf")
                columns.append([Fraction(int(held and e), sharing) for held, e in zip(column, exact)])
            else:
                found = exact_sum(s for held, s in zip(column, odds) if held)
                self.sums.append(found)
                columns.append([1 / found if held and a else Fraction(0) for held, a in zip(column, alive)])
        check_work(sum(map(bits_of, itertools.chain(*columns))), 1 << 23, "bits of coefficients")
        self.encoding = transposed(columns)
        if mutants.chosen == "blind":
            d = [sum(column) for column in zip(*allocation)]
            self.weights = [1 / (1 - p) if a else Fraction(0) for p, a in zip(probabilities, alive)]
            self.encoding = [[Fraction(held, d_j) for held, d_j in zip(row, d)] for row in allocation]
        self.coefficients = [[w * b for b in row] for w, row in zip(self.weights, self.encoding)]


def residual_of(sums):
    """Σ_j 1/S_j."""
    return exact_sum(1 / s for s in sums if s != "inf")


def coefficients(allocation, probabilities, variances=None):
    """The operation: Theorem H4, or H9 with the variances δ_i of quantisers."""
    defects = shape_defects(allocation, probabilities)
    if variances is not None:
        if any(delta < 0 for delta in variances):
            raise invalid("a variance is negative")
        defects += size_defects(len(variances), len(allocation), "variances")
    refuse_first(defects, ORDER)
    noise = probabilities if variances is None else [p + delta for p, delta in zip(probabilities, variances)]
    code = Code(allocation, probabilities, noise)
    return {
        "coefficients": code.coefficients,
        "residual": residual_of(code.sums),
        "weights": code.weights,
        "encoding": code.encoding,
        "oddsSums": code.sums,
        "multipliers": [Fraction(0) if s == "inf" else 2 / s for s in code.sums],
    }


# Moments: docs/HeterogeneousGradientCode.md#moments and #dependent-stragglers.


def is_semidefinite(matrix):
    """Whether a symmetric matrix is positive semidefinite, by its pivots in the order of the rows."""
    rows = [list(row) for row in matrix]
    for k, pivot_row in enumerate(rows):
        pivot = pivot_row[k]
        if pivot < 0 or (pivot == 0 and any(pivot_row[k + 1 :])):
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot if pivot else 0
            if factor:
                row[k:] = [x - factor * y if y else x for x, y in zip(row[k:], pivot_row[k:])]
    return True


def covariance_of(matrix, probabilities, dependence=None):
    """V = CᵀKC, with K = diag(p_i q_i) for independent workers."""
    n, m = len(matrix), len(matrix[0])
    check_work(n * m * (m + (0 if dependence is None else n)), MOST_WORK, "terms of a covariance")
    if dependence is None:
        spread = [[p * (1 - p) * c for c in row] for p, row in zip(probabilities, matrix)]
    else:
        columns = transposed(matrix)
        spread = [[exact_sum(k * c for k, c in zip(row, column) if c) for column in columns] for row in dependence]
    columns, spread = transposed(matrix), transposed(spread)
    upper = [[exact_sum(a * b for a, b in zip(columns[j], spread[k])) for k in range(j, m)] for j in range(m)]
    return [[upper[min(j, k)][abs(j - k)] for k in range(m)] for j in range(m)]


def mean_of(matrix, probabilities):
    """E α_j = Σ_i q_i c_ij."""
    return [exact_sum((1 - p) * c for p, c in zip(probabilities, column)) for column in zip(*matrix)]


def form(matrix, x):
    """xᵀVx."""
    return exact_sum(v * a * b for row, a in zip(matrix, x) for v, b in zip(row, x))


def row_sums(matrix, weights):
    """The largest row sum of magnitudes, entries weighted by column: it bounds the eigenvalues."""
    return max(exact_sum(abs(v) * w for v, w in zip(row, weights)) for row in matrix)


def code_defects(matrix, probabilities):
    """Refuses a code without workers or partitions; what else is wrong is listed."""
    if not matrix or not matrix[0]:
        raise invalid("no workers or no partitions")
    return length_defects(matrix, len(matrix[0]), "the matrix") + probability_defects(probabilities, len(matrix))


def dependence_defects(dependence, n):
    defects = size_defects(len(dependence), n, "rows of the dependence")
    defects += length_defects(dependence, n, "the dependence")
    if not defects:
        check_work(n**3, MOST_WORK, "steps of an elimination")
        if dependence != transposed(dependence) or not is_semidefinite(dependence):
            raise invalid("a dependence that is not symmetric and positive semidefinite")
    return defects


def moments(probabilities, coefficients, gradients=None, dependence=None, threshold=None):
    """The operation: Theorems H1 and H2, with any covariance of the responses."""
    defects = code_defects(coefficients, probabilities)
    n, m = len(coefficients), len(coefficients[0])
    if gradients is not None:
        if gradients and not gradients[0]:
            raise invalid("gradients of dimension 0")
        defects += size_defects(len(gradients), m, "gradients")
        defects += length_defects(gradients, len(gradients[0]) if gradients else 0, "the gradients")
    if dependence is not None:
        defects += dependence_defects(dependence, n)
    refuse_first(defects, ORDER)
    v, mean = covariance_of(coefficients, probabilities, dependence), mean_of(coefficients, probabilities)
    bias, trace = [x - 1 for x in mean], exact_sum(v[j][j] for j in range(m))
    answer = {
        "mean": mean,
        "residual": exact_sum([trace] + [x * x for x in bias]),
        "covariance": v,
        "commonMode": form(v, [1] * m),
        "eigenvalueBound": min(trace, row_sums(v, [1] * m)),
    }
    if mutants.chosen == "mean-eigenvalue":
        answer["eigenvalueBound"] = trace / m
    if gradients is not None:
        check_work(len(gradients[0]) * m * m, MOST_WORK, "terms of an error")
        shift = 0 if mutants.chosen == "bias-dropped" else 1
        answer["gradientError"] = exact_sum(
            term
            for coordinates in transposed(gradients)
            for term in (form(v, coordinates), shift * exact_sum(map(Fraction.__mul__, bias, coordinates)) ** 2)
        )
    if threshold is not None:
        check_work(m**3, MOST_WORK, "steps of an elimination")
        shifted = [[threshold * (j == k) - x for k, x in enumerate(row)] for j, row in enumerate(v)]
        answer["isWithinThreshold"] = is_semidefinite(shifted)
    return answer


# Allocation: docs/HeterogeneousGradientCode.md#data-allocation.


class Workers:
    """Odds as integers over one denominator; an exact worker has more than all others together, `self.infinite`.

    A sum with an exact worker is cut to `self.infinite`, so that infinite sums are equal. `self.target` is the smallest
    such integer that reaches the target τ, `self.targets` the smallest that reaches mτ.
    """

    def __init__(self, probabilities, loads, partitions, target):
        self.loads, self.partitions = loads, partitions
        steps = len(loads) * partitions
        check_work(steps, MOST_STEPS, "steps")
        odds = [(1 - p) / p if p else None for p in probabilities]
        denominators = {s.denominator for s in odds if s is not None}
        check_work(sum(map(int.bit_length, denominators)) * steps, MOST_STEPS * 64, "bits and steps")
        self.unit = lcm(*denominators)
        scaled = [None if s is None else s.numerator * (self.unit // s.denominator) for s in odds]
        self.target, self.targets = None, 0
        if target is not None:
            self.target, self.targets = ceil(target * self.unit), ceil(partitions * target * self.unit)
        self.infinite = max(self.targets, 1 + sum(s for s in scaled if s is not None))
        self.odds = [self.infinite if s is None else s for s in scaled]
        self.alive = [i for i, s in enumerate(self.odds) if s]
        self.order = sorted(self.alive, key=lambda i: (-self.odds[i], i))  # that of LPT
        self.copies = sum(loads[i] for i in self.alive)  # that may respond

    def added(self, total, i):
        return min(total + self.odds[i], self.infinite)

    def sums(self, held):
        """S_j of sets of partitions, one a worker: Fractions, or "inf"."""
        totals = [0] * self.partitions
        for i, own in enumerate(held):
            for j in own:
                totals[j] = self.added(totals[j], i)
        return ["inf" if total == self.infinite else Fraction(total, self.unit) for total in totals]


def greedy(workers, target=None):
    """Workers in the order of LPT get the smallest (S_j, j), those below the target if there is one; and the sums."""
    totals, held = [0] * workers.partitions, [()] * len(workers.loads)
    for i in workers.order:
        wanted = sorted((s, j) for j, s in enumerate(totals) if target is None or s < target)
        held[i] = [j for _, j in wanted[: None if mutants.chosen == "uncapped" else workers.loads[i]]]
        for j in held[i]:
            totals[j] = workers.added(totals[j], i)
    return held, totals


def cyclic(workers):
    """Worker i holds i, i + 1, …, modulo m."""
    m = workers.partitions
    return [[(i + offset) % m for offset in range(load)] for i, load in enumerate(workers.loads)]


def fewest_copies(workers):
    """T_LB, or None where all copies together do not reach the target."""
    r, total = 0, 0
    for i in workers.order:
        if total < workers.target:
            r, total = r + 1, total + workers.odds[i]
    t, missing = 0, workers.targets
    for i in workers.order:
        count = min(workers.loads[i], -(-max(missing, 0) // workers.odds[i]))
        t, missing = t + count, missing - count * workers.odds[i]
    return None if missing > 0 else max(workers.partitions * r, t)


def choices(loads, partitions):
    """Π_i Σ_{k ≤ ℓ_i} C(m, k), or a number above the limit."""
    found = 1
    for load in loads:
        subsets = 0
        for k in range(load + 1):
            subsets += comb(partitions, k)
            if subsets > MOST_CHOICES:
                break
        found *= subsets
        if found > MOST_CHOICES:
            break
    return found


def search(workers, target=None):
    """The sets of an allocation with the fewest copies for the target, or with the least residual; None for none.

    Worker by worker; of the allocations with the same sums, up to the order of the partitions, one is kept with the
    fewest copies. Without a target all workers get all that they may, for no sum makes the residual larger.
    """
    m, cap, steps = workers.partitions, target or workers.infinite, 0
    states = {(0,) * m: (0, ((),) * m)}  # sums, ascending: copies, and the holders of each partition
    for i in workers.order:
        after = {}
        for totals, (copies, holders) in states.items():
            wanted = sum(s < cap for s in totals) if target else m
            least = 0 if target else workers.loads[i]
            for count in range(least, min(workers.loads[i], wanted) + 1):
                for chosen in itertools.combinations(range(wanted), count):
                    steps += m
                    new = list(zip(totals, holders))
                    for j in chosen:
                        new[j] = (min(totals[j] + workers.odds[i], cap), holders[j] + (i,))
                    key, own = zip(*sorted(new))
                    if key not in after or copies + count < after[key][0]:
                        after[key] = (copies + count, own)
                check_work(steps, MOST_STEPS, "steps of a search")
        states = after
    if target:
        best = (cap,) * m if (cap,) * m in states else None
    else:
        best = least_residual([totals for totals in states if totals[0]], cap)
    if best is None:
        return None
    return [[j for j, own in enumerate(states[best][1]) if i in own] for i in range(len(workers.loads))]


def least_residual(candidates, infinite):
    """The sums with the least Σ_j 1/S_j; floats tell apart what differs by more than their errors."""
    scale = max((s for totals in candidates for s in totals if s != infinite), default=1)

    def residual(totals, quotient):
        return sum(quotient(scale, s) for s in totals if s != infinite)

    rough = [residual(totals, lambda a, b: a / b) for totals in candidates]
    near = [totals for totals, r in zip(candidates, rough) if r <= min(rough) * (1 + 1e-9)]
    return min(near, key=lambda totals: residual(totals, Fraction), default=None)


def allocate(strategy, probabilities, partitions, loads=None, target=None):
    """The operation."""
    n = len(probabilities)
    if loads is None:
        raise invalid("no loads")
    if n < 1 or partitions < 1:
        raise invalid("no workers or no partitions")
    check_size(n, partitions)
    for load in loads:
        check_range(load, 0, partitions, "a load")
    if strategy in ("lpt", "cyclic"):
        target = None
    elif strategy == "minimumRedundancy" and target is None:
        raise invalid("no target")
    if target is not None and target <= 0:
        raise invalid("a target that is not positive")
    if strategy == "exact" and choices(loads, partitions) > MOST_CHOICES:
        raise invalid("more than 10^6 choices")
    refuse_first(size_defects(len(loads), n, "loads") + probability_defects(probabilities, n), ORDER)
    workers = Workers(probabilities, loads, partitions, target)
    if strategy == "cyclic":
        held = cyclic(workers)
    elif target is None and workers.copies < partitions:
        held = None
    elif strategy == "minimumRedundancy":
        held, totals = greedy(workers, workers.target)
        bound = fewest_copies(workers)
        if min(totals) < workers.target:
            is_certain = bound is None or bound > workers.copies
            return {"status": "infeasible" if is_certain else "greedyFailed", "allocation": None, "lowerBound": bound}
        return {**described(held, workers), "lowerBound": bound}
    elif strategy == "lpt":
        held, _ = greedy(workers)
    else:
        held = search(workers, workers.target)
        if held is None:
            return {"status": "infeasible", "allocation": None}
    if held is None or 0 in workers.sums(held):
        refuse_first([("infeasiblePartition", "a partition that no worker that responds could hold")], ORDER)
    return described(held, workers)


def described(held, workers):
    """An allocation with what certifies it."""
    sums, finite = workers.sums(held), [s for s in workers.sums(held) if s != "inf"]
    a, b = min(finite, default=None), max(finite, default=None)
    sets = [set(own) for own in held]
    return {
        "status": "complete",
        "allocation": [[int(j in own) for j in range(workers.partitions)] for own in sets],
        "oddsSums": sums,
        "residual": residual_of(sums),
        "copies": sum(map(len, sets)),
        "largestLoad": max(map(len, sets)),
        "factor": (a + b) ** 2 / (4 * a * b) if len(finite) == len(sums) else None,
    }


# Bits: docs/HeterogeneousGradientCode.md#bit-allocation.


def allocate_bits(probabilities, kappa, budget, maximum):
    """The operation: the best gain with at most so many bits, worker by worker."""
    if not probabilities:
        raise invalid("no workers")
    if kappa <= 0 or budget < 0 or maximum < 1:
        raise invalid(f"κ = {kappa}, a budget of {budget}, at most {maximum} bits; expected positive, >= 0, >= 1")
    n = len(probabilities)
    refuse_first(probability_defects(probabilities, n), ORDER)
    most = min(budget, maximum)
    budget = min(budget, n * most)
    check_work(most, 256, "bits of a worker")
    check_work(n * (budget + 1) * (most + 1) * (1 + (n * most) // 64), 1 << 17, "steps")

    def gain(p, b):
        return (1 - p) / (p + kappa / (2**b - 1) ** 2) if b else Fraction(0)

    gains = [[gain(p, b) for b in range(most + 1)] for p in probabilities]
    if mutants.chosen == "greedy-bits":
        return greedy_bits(gains, budget)
    best = [(Fraction(0), ())] * (budget + 1)  # for each number of bits at hand: the gain, and the bits of the workers
    for own in gains:
        best = [
            max(
                ((best[left - b][0] + own[b], best[left - b][1] + (b,)) for b in range(min(left, most) + 1)),
                key=lambda found: found[0],
            )
            for left in range(budget + 1)
        ]
    return {"bits": best[budget][1], "gain": best[budget][0]}


def greedy_bits(gains, budget):
    """Bit by bit to the worker with the largest increment: a mutant."""
    bits = [0] * len(gains)
    for _ in range(budget):
        rest = [i for i, b in enumerate(bits) if b + 1 < len(gains[i])]
        if rest:
            bits[max(rest, key=lambda i: gains[i][bits[i] + 1] - gains[i][bits[i]])] += 1
    return {"bits": bits, "gain": sum((own[b] for own, b in zip(gains, bits)), Fraction(0))}


# Adaptive decoding: docs/HeterogeneousGradientCode.md#adaptive-decoding.


def primitive(vector):
    """The multiple with coprime integers, the first that is not 0 positive."""
    common = lcm(*(x.denominator for x in vector))
    scaled = [x.numerator * (common // x.denominator) for x in vector]
    divisor = gcd(*scaled) * (-1 if next(x for x in scaled if x) < 0 else 1)
    return tuple(x // divisor for x in scaled)


def orthogonal_part(row, basis):
    """The row minus its projection on orthogonal integer vectors."""
    for v in basis:
        factor = sum(x * y for x, y in zip(row, v)) / Fraction(sum(y * y for y in v))
        if factor:
            row = [x - factor * y for x, y in zip(row, v)]
    return row


def mean_projection(matrix, probabilities):
    """P̄ = E Π_F.

    Row by row: a responder adds vvᵀ/‖v‖² to the projector, v what its row has beyond the span of those before it. The
    spans are told apart by what they leave of the unit vectors, and come with their probabilities.
    """
    m = len(matrix[0])
    terms = {}  # v: the probability that it is added
    spans = {(): ((), Fraction(1))}  # the reduced rows of a span: an orthogonal basis, and its probability
    steps = 0
    for row, p in zip(matrix, probabilities):
        after = {}

        def reached(key, basis, chance):
            old = after.get(key)
            after[key] = (basis, chance) if old is None else (old[0], old[1] + chance)

        for key, (basis, chance) in spans.items():
            steps += 1 + m * len(basis) + bits_of(chance) // 64
            check_work(steps, 1 << 15, "steps of an enumeration")
            rest = orthogonal_part(row, basis) if p < 1 else []
            if not any(rest):
                reached(key, basis, chance)
                continue
            if p:
                reached(key, basis, p * chance)
            v = primitive(rest)
            terms[v] = terms.get(v, 0) + (1 - p) * chance
            reduced, pivots = echelon([list(x) for x in key] + [row], m)
            reached(tuple(map(tuple, reduced[: len(pivots)])), basis + (v,), (1 - p) * chance)
        spans = after
    scaled = [(v, chance / sum(x * x for x in v)) for v, chance in terms.items()]
    check_work(len(scaled) * m * m, MOST_WORK, "terms of a projection")
    upper = [[exact_sum(w * v[j] * v[k] for v, w in scaled) for k in range(j, m)] for j in range(m)]
    return [[upper[min(j, k)][abs(j - k)] for k in range(m)] for j in range(m)]


def adaptive(matrix, probabilities):
    """The operation: Theorem H8."""
    refuse_first(code_defects(matrix, probabilities), ORDER)
    m = len(matrix[0])
    check_work(m**3, 1 << 15, "steps of an elimination")
    projection, ones = mean_projection(matrix, probabilities), [Fraction(1)] * m
    check_work(m * sum(map(bits_of, itertools.chain(*projection))), 1 << 20, "bits and steps of an elimination")
    mean = product(projection, ones)
    answer = {"mean": mean, "residual": m - sum(mean), "projection": projection}
    target = solve(projection, ones)
    if target is None:
        return {**answer, "witness": solve(projection + [ones], [Fraction(0)] * m + [Fraction(1)])}
    return {**answer, "target": target, "optimum": sum(target) - m}


# The server: docs/HeterogeneousGradientCode.md#recover and #rounds.


def recovered(weights, messages, dimension):
    """Σ_i w_i y_i over the messages that are there and finite, and the workers of those that are not finite."""
    received = [i for i, message in enumerate(messages) if message is not None]
    excluded = [i for i in received if not is_finite(messages[i])]
    if mutants.chosen == "nan-zero" and excluded:
        return [sum(float(weights[i]) * messages[i][c] for i in received) for c in range(dimension)], []
    used = [i for i in received if i not in excluded and weights[i]]
    if not used:
        return [0.0] * dimension, excluded
    return combination([weights[i] for i in used], [messages[i] for i in used]), excluded


def recover(weights, messages):
    """The operation."""
    dimensions = {len(message) for message in messages if message is not None}
    if not dimensions:
        raise invalid("no message")
    defects = size_defects(len(messages), len(weights), "messages")
    if len(dimensions) > 1 or 0 in dimensions:
        defects.append(("dimensionMismatch", f"messages of dimensions {sorted(dimensions)}, expected one, positive"))
    refuse_first(defects + finite_defects(weights, "a weight"), ORDER)
    vector, excluded = recovered(weights, messages, dimensions.pop())
    return {"vector": vector, "excluded": excluded}


def baseline(name, allocation, probabilities):
    """The weights w and the encoding b of a code with fixed coefficients, or None and the encoding of `optimal`."""
    if name in ("optimal", "leastSquares"):
        code = Code(allocation, probabilities, probabilities)
        return (code.weights if name == "optimal" else None), code.encoding
    q = [1 - p for p in probabilities]
    d = [sum(column) for column in zip(*allocation)]
    encoding = [[Fraction(held, d_j) for held, d_j in zip(row, d)] for row in allocation]
    if name == "ignore":
        return [Fraction(1)] * len(q), encoding
    if name == "stochastic":
        return [len(q) / exact_sum(q)] * len(q), encoding
    return [1 / q_i if q_i else Fraction(0) for q_i in q], encoding  # blind; without data there is nothing to weight


def name_defects(name, allocation, probabilities):
    """What cannot be divided by 1 − p."""
    certain = [p == 1 for p in probabilities]
    is_blind = name == "blind" and any(any(row) for row, p in zip(allocation, certain) if p)
    if is_blind or (name == "stochastic" and all(certain)):
        return [("invalidProbability", f"{name} divides by 1 - p for p = 1")]
    return []


def explicit_defects(matrix, allocation):
    """Refuses coefficients where nothing is held, where the sizes are right."""
    defects = size_defects(len(matrix), len(allocation), "rows of coefficients")
    defects += length_defects(matrix, len(allocation[0]), "the coefficients")
    pairs = (pair for row, holds in zip(matrix, allocation) for pair in zip(row, holds))
    if not defects and any(c and not held for c, held in pairs):
        raise invalid("a coefficient where the worker does not hold the partition")
    return defects


class HeterogeneousRounds(Rounds):
    """Encode at the responders in gauge A, or w = 1 for a given matrix; nothing but the step and a count is kept."""

    def __init__(self, allocation, probabilities, coefficients, dimension):
        if dimension < 1:
            raise invalid(f"the dimension is {dimension}")
        is_named = isinstance(coefficients, str)
        defects = allocation_defects(allocation) + probability_defects(probabilities, len(allocation))
        if is_named:
            defects = shape_defects(allocation, probabilities) + name_defects(coefficients, allocation, probabilities)
        else:
            defects += explicit_defects(coefficients, allocation)
        refuse_first(defects, ORDER)
        check_work(dimension * len(allocation) * len(allocation[0]), MOST_STEPS, "products in a round")
        if is_named:
            self.weights, self.encoding = baseline(coefficients, allocation, probabilities)
        else:
            self.weights, self.encoding = [Fraction(1)] * len(allocation), coefficients
        for row in self.encoding + ([] if self.weights is None else [self.weights]):
            check_coefficients(row)
        self.probabilities, self.dimension = probabilities, dimension
        self.last = [0.0] * dimension  # for the mutant `last-update` only
        super().__init__(allocation, probabilities, coefficients, dimension)

    def round(self, gradients, responders=None, seed=None, t=None):
        if (responders is None) == (seed is None) or (seed is None) != (t is None):
            raise invalid("expected responders, or seed and t")
        if t is not None:
            check_index(t, "t")
        defects = size_defects(len(gradients), len(self.encoding[0]), "gradients")
        refuse_first(defects + length_defects(gradients, self.dimension, "the gradients"), ORDER)
        n = len(self.encoding)
        responders = responder_set(responders, n) if seed is None else respond(seed, t, self.probabilities)
        messages = [None] * n
        for i in responders:
            messages[i] = encoded(self.encoding[i], gradients)
        weights = self.weights or decoding_weights(self.encoding, messages)
        update, excluded = recovered(weights, messages, self.dimension)
        if mutants.chosen == "responders-mean" and responders:
            update = [x / len(responders) for x in update]
        if mutants.chosen == "last-update" and not responders:
            update = self.last
        self.count, self.last = self.count + 1, update
        return {"update": update, "excluded": excluded, "decoded": messages}


def encoded(row, gradients):
    """y_i, of the partitions in the support of the row."""
    held = [j for j, b in enumerate(row) if b]
    if held and all(is_finite(gradients[j]) for j in held):
        return rounded_combination([row[j] for j in held], [gradients[j] for j in held])
    return coded_gradient(row, gradients)


def decoding_weights(encoding, messages):
    """Those of least squares on the workers whose messages are finite."""
    used = [i for i, message in enumerate(messages) if message is not None and is_finite(message)]
    check_work(len(used) ** 3 + len(encoding[0]) ** 3, 1 << 15, "steps of an elimination")
    weights = least_squares(encoding, used)[0]
    check_coefficients(weights)
    return weights
