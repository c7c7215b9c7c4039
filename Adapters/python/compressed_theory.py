"""Both sides of the convergence bounds of docs/CompressedGradientCode.md, in Fractions."""

from fractions import Fraction
from math import isqrt

from allocations import allocation_defects
from checks import TooMuchWork, check_range, invalid, length_defects, refuse_first, size_defects
from compressed import STREAMS, blocks_of, compressor_defects
from one_bit import certain_straggler_defects, standard_weights

MOST_STATES = 1 << 13


def square(vector):
    return sum((x * x for x in vector), Fraction(0))


def image(a, compressor):
    """C(a), not rounded."""
    if compressor["kind"] == "identity":
        return list(a)
    if compressor["kind"] == "topK":
        kept = set(sorted(range(len(a)), key=lambda j: (-abs(a[j]), j))[: compressor["k"]])
        return [x if j in kept else Fraction(0) for j, x in enumerate(a)]
    result = []
    for block in blocks_of(compressor, len(a)):
        scale = sum((abs(a[j]) for j in block), Fraction(0)) / len(block)
        result += [scale if a[j] >= 0 else -scale for j in block]
    return result


def contraction(compressor, dimension):
    """δ."""
    kind = compressor["kind"]
    if kind == "topK":
        return Fraction(compressor["k"], dimension)
    return Fraction(1) if kind == "identity" else Fraction(1, len(blocks_of(compressor, dimension)[0]))


def root(x):
    """The square root of a Fraction; None where it is not rational."""
    n, d = isqrt(x.numerator), isqrt(x.denominator)
    return Fraction(n, d) if n * n == x.numerator and d * d == x.denominator else None


class Loss:
    """F = Σ_k f_k with f_k = Σ_j a_kj φ(θ_j − z_kj) + ⟨b_k, θ⟩."""

    def __init__(self, kind, curvatures, centres, slopes):
        self.kind, self.curvatures, self.centres = kind, curvatures, centres
        self.slopes = slopes or [[Fraction(0)] * len(row) for row in curvatures]

    def gradients(self, model):
        def slope(x):
            return x if self.kind == "quadratic" else max(Fraction(-1), min(Fraction(1), x))

        return [
            [a * slope(x - z) + b for a, x, z, b in zip(*rows)]
            for rows in ((row, model, centre, own) for row, centre, own in zip(self.curvatures, self.centres, self.slopes))
        ]

    def value(self, model):
        def height(x):
            return x * x / 2 if self.kind == "quadratic" or abs(x) <= 1 else abs(x) - Fraction(1, 2)

        rows = zip(self.curvatures, self.centres, self.slopes)
        return sum(
            (a * height(x - z) + b * x for row, centre, own in rows for a, x, z, b in zip(row, model, centre, own)),
            Fraction(0),
        )


def check_question(theorem, compressor, loss, slopes, start, minimiser, step, iterations, allocation, probabilities):
    """Every refusal, in the order of the protocol."""
    dimension = len(start)
    check_range(iterations, 1, 64, "the number of iterations")
    if step <= 0:
        raise invalid("the step is not positive")
    if compressor["kind"] in STREAMS:
        raise invalid("a compressor without memory")
    defects = compressor_defects(compressor, dimension)
    if loss["kind"] == "absolute":
        raise invalid("|x| is not smooth")
    curvatures, centres = loss["curvatures"], loss["centres"]
    if not curvatures or not curvatures[0] or any(a < 0 for row in curvatures for a in row):
        raise invalid("no curvature, or a negative one")
    subsets = len(allocation[0]) if allocation else 0
    for rows, name in ((curvatures, "curvatures"), (centres, "centres"), (slopes, "slopes")):
        if rows is not None:
            defects += size_defects(len(rows), subsets, name) + length_defects(rows, dimension, name)
    defects += size_defects(len(minimiser), dimension, "coordinates of the minimiser")
    if not defects:
        exact = Loss(loss["kind"], curvatures, centres, slopes)
        if any(sum(column) != 0 for column in zip(*exact.gradients(minimiser))):
            raise invalid("the gradient is not 0 at the minimiser")
        totals = [sum(column) for column in zip(*curvatures)]
        if theorem == "stronglyConvex" and (loss["kind"] != "quadratic" or min(totals) <= 0):
            raise invalid("the loss is not strongly convex")
        limit = 2 if theorem == "stronglyConvex" else 1
        is_limit = theorem == "convex" and compressor["kind"] == "identity" and step * max(totals) == 1
        if theorem != "memory" and step * max(totals) >= limit and not is_limit:
            raise invalid("the step is too long")
    if theorem == "memory" and root(1 - contraction(compressor, dimension)) is None:
        raise invalid("1 − δ is no square")
    defects += allocation_defects(allocation) + certain_straggler_defects(probabilities, len(allocation))
    refuse_first(defects)


def convergence(
    theorem, allocation, probabilities, compressor, loss, start, minimiser, step, iterations, slopes=None, factor=None
):
    """The operation."""
    check_question(theorem, compressor, loss, slopes, start, minimiser, step, iterations, allocation, probabilities)
    exact = Loss(loss["kind"], loss["curvatures"], loss["centres"], slopes)
    dimension, factor = len(start), Fraction(1) if factor is None else factor
    weights = standard_weights(allocation, [1 - p for p in probabilities])
    workers = [i for i, row in enumerate(allocation) if any(row)]
    patterns = [([], Fraction(1))]
    for i in workers:
        p = probabilities[i]
        patterns = [(s, c * p) for s, c in patterns] + [(s + [i], c * (1 - p)) for s, c in patterns]
    patterns = [(set(s), c) for s, c in patterns if c]
    zeros = tuple([Fraction(0)] * dimension)
    law = {(tuple(start), (zeros,) * len(workers)): Fraction(1)}
    gaps, squares, coded_squares, owed = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    variances, memories = [], []
    least = exact.value(minimiser)
    for _ in range(iterations):
        following, variance, memory = {}, Fraction(0), Fraction(0)
        for (model, kept), chance in law.items():
            gradients = exact.gradients(model)
            coded = [
                [sum((weights[i][k] * gradients[k][j] for k in range(len(gradients))), Fraction(0)) for j in range(dimension)]
                for i in workers
            ]
            gaps += chance * (exact.value(model) - least)
            squares += chance * square([sum(column) for column in zip(*gradients)])
            coded_squares += chance * sum(map(square, coded))
            variance += chance * sum(
                probabilities[i] * (1 - probabilities[i]) * square(g) for i, g in zip(workers, coded)
            )
            memory += chance * square([sum(column) for column in zip(*kept)])
            sums = [[step * x + y for x, y in zip(g, e)] for g, e in zip(coded, kept)]
            sent = [image(a, compressor) for a in sums]
            for responders, share in patterns:
                moved, left = list(model), []
                for n, i in enumerate(workers):
                    if i in responders:
                        moved = [x - m for x, m in zip(moved, sent[n])]
                        left.append(tuple(a - m for a, m in zip(sums[n], sent[n])))
                    else:
                        left.append(kept[n])
                state = (tuple(moved), tuple(left))
                following[state] = following.get(state, Fraction(0)) + chance * share
        law = following
        if len(law) > MOST_STATES:
            raise TooMuchWork("more than 2^13 states")
        owed += sum((chance * sum(map(square, kept)) for (_, kept), chance in law.items()), Fraction(0))
        variances.append(variance)
        memories.append(memory)

    totals = [sum(column) for column in zip(*loss["curvatures"])]
    smoothness, convexity, T = max(totals), min(totals), Fraction(iterations)
    distance = square([x - y for x, y in zip(start, minimiser)])
    V, S = factor * sum(variances) / T, factor * sum(memories) / T
    if theorem == "memory":
        r = root(1 - contraction(compressor, dimension))
        kappa = r / (1 - r)
        measured, bound = owed, factor * kappa**2 * step**2 * coded_squares
    elif theorem == "convex":
        tail = smoothness * S / (2 * (1 - step * smoothness)) if S else 0
        measured, bound = gaps / T, distance / (2 * step * T) + step / 2 * V + tail
    elif theorem == "stronglyConvex":
        rho = max(abs(1 - step * convexity), abs(1 - step * smoothness))
        bound = distance
        for v, s in zip(variances, memories):
            bound = rho * bound + factor * step**2 * (smoothness**2 * s / (1 - rho) + v)
        measured = sum(
            (
                chance * square([x - sum(column) - y for x, column, y in zip(model, zip(*kept), minimiser)])
                for (model, kept), chance in law.items()
            ),
            Fraction(0),
        )
    else:
        first = 2 * (exact.value(start) - least) / (step * T)
        measured = squares / T
        bound = (first + smoothness**2 * S + smoothness * step * V) / (1 - smoothness * step)
    return {"measured": measured, "bound": bound, "holds": measured <= bound}
