"""Moments of the update and both sides of the convergence bounds of docs/OneBitGradientCode.md, in Fractions."""

import itertools
from fractions import Fraction
from math import lcm, prod
from operator import add

from allocations import allocation_defects
from checks import Refused, TooMuchWork, check_range, invalid, length_defects, refuse_first, size_defects
from one_bit import certain_straggler_defects, standard_weights, weight_defects

MOST_POINTS = 1 << 16  # that a run may reach
MOST_WORK = 1 << 20  # coordinates of the steps from all points of all iterations: about three seconds
POINT = 20  # what else is done at a point, in steps
MOST_ENTRIES = 1 << 20  # of a covariance


def mean(values):
    values = list(values)
    return sum(values, Fraction(0)) / len(values)


def square(vector):
    """‖x‖²."""
    return sum((x * x for x in vector), Fraction(0))


def total(vectors, dimension):
    """The sum of vectors."""
    return [sum((vector[j] for vector in vectors), Fraction(0)) for j in range(dimension)]


def check_ranges(rows):
    if any(b <= 0 for row in rows or [] for b in row):
        raise invalid("a range is not positive")


def row_defects(rows, dimension):
    """The defect of rows of ranges, of 1 or D numbers each."""
    return [
        defect
        for row in rows
        if len(row) != 1
        for defect in size_defects(len(row), dimension, "ranges in a row")
    ][:1]


class Messages:
    """What the workers send when the gradients are known: g_i, and B_i as a row of D numbers.

    A worker without data sends nothing; it has g_i = 0 and B_i = 0, and so adds nothing to any sum below.
    """

    def __init__(self, allocation, weights, gradients, ranges):
        dimension = len(gradients[0])
        self.coded = [
            [sum((w * gradient[j] for w, gradient in zip(row, gradients) if w), Fraction(0)) for j in range(dimension)]
            for row in weights
        ]
        if ranges is None:
            self.ranges = [[max(map(abs, g))] * dimension for g in self.coded]
        else:
            rows = ranges * len(allocation) if len(ranges) == 1 else ranges
            rows = [row * dimension if len(row) == 1 else row for row in rows]
            self.ranges = [row if any(held) else [Fraction(0)] * dimension for row, held in zip(rows, allocation)]
        if any(abs(x) > b for g, row in zip(self.coded, self.ranges) for x, b in zip(g, row)):
            raise Refused("outOfRange", "a coordinate is beyond the range")

    def variance(self, q):
        """V = Σ_i q_i (Σ_j B_ij² − q_i ‖g_i‖²)."""
        return sum((q_i * (square(b) - q_i * square(g)) for q_i, g, b in zip(q, self.coded, self.ranges)), Fraction(0))

    def denominator(self, q):
        """A common denominator of the probabilities in the law of Y: of q_i, and of (B ± g)/(2B)."""
        shares = (x / b for g, row in zip(self.coded, self.ranges) for x, b in zip(g, row) if b)
        return prod(q_i.denominator for q_i in q) * prod(2 * share.denominator for share in shares)

    def law(self, q, factor, most):
        """The law of Y: from `factor` times its values, integers, to probabilities times the denominator.

        `most` bounds the coordinates of all values.
        """
        law = {(0,) * len(self.coded[0]): 1}
        for q_i, g, row in zip(q, self.coded, self.ranges):
            if not any(row):
                law = {y: weight * q_i.denominator for y, weight in law.items()}
                continue
            shares = [x / b for x, b in zip(g, row)]
            signs = [
                [(int(s * factor * b), x.denominator + s * x.numerator) for s in (1, -1) if s * x != -1]
                for x, b in zip(shares, row)
            ]
            if len(law) * prod(map(len, signs)) * len(g) > most:
                raise TooMuchWork("the law of the update has too many values")
            silent = (q_i.denominator - q_i.numerator) * prod(2 * x.denominator for x in shares)
            outcomes = [((0,) * len(g), silent)] if silent else []
            for outcome in itertools.product(*signs):
                move, weights = zip(*outcome)
                outcomes.append((move, q_i.numerator * prod(weights)))
            law = convolved(law, outcomes)
        return law


def convolved(law, outcomes, after=None):
    """The law of a sum of integer vectors, in integer weights; it may be added to a law that is there."""
    after = {} if after is None else after
    for move, chance in outcomes:
        for y, weight in law.items():
            moved = tuple(map(add, y, move))
            after[moved] = after.get(moved, 0) + chance * weight
    return after


def moments(allocation, gradients, probabilities=None, stragglers=None, weights=None, ranges=None):
    """The operation: Theorem 2 for independent stragglers, Theorem 4 for exactly so many."""
    defects = allocation_defects(allocation)
    n = len(allocation)
    if (probabilities is None) == (stragglers is None):
        raise invalid("expected either probabilities or stragglers")
    if stragglers is not None:
        check_range(stragglers, 0, n - 1, "stragglers")
        q = [1 - Fraction(stragglers, n)] * n
    else:
        q = [1 - p for p in probabilities]
        defects += certain_straggler_defects(probabilities, n)
    if not gradients or not gradients[0]:
        raise invalid("no coordinates")
    dimension = len(gradients[0])
    check_ranges(ranges)
    defects += size_defects(len(gradients), len(allocation[0]), "gradients")
    defects += length_defects(gradients, dimension, "the gradients")
    if ranges is not None:
        defects += [] if len(ranges) == 1 else size_defects(len(ranges), n, "rows of ranges")
        defects += row_defects(ranges, dimension)
    refuse_first(defects + weight_defects(weights, allocation, q))
    if dimension * dimension > MOST_ENTRIES:
        raise TooMuchWork("a covariance of more than 2^20 entries")

    weights = standard_weights(allocation, q) if weights is None else weights
    messages = Messages(allocation, weights, gradients, ranges)
    scales, vectors = [q_i * (1 - q_i) for q_i in q], messages.coded
    if stragglers is not None:
        centre = [x / n for x in total(vectors, dimension)]
        vectors = [[x - m for x, m in zip(g, centre)] for g in vectors]
        scales = [scale * n / (n - 1) for scale in scales] if n > 1 else [Fraction(0)]
    covariance = [
        [sum((scale * v[j] * v[l] for scale, v in zip(scales, vectors)), Fraction(0)) for l in range(dimension)]
        for j in range(dimension)
    ]
    noise = [
        sum((q_i * (b[j] ** 2 - g[j] ** 2) for q_i, g, b in zip(q, messages.coded, messages.ranges)), Fraction(0))
        for j in range(dimension)
    ]
    straggler_part = sum(covariance[j][j] for j in range(dimension))
    for j in range(dimension):
        covariance[j][j] += noise[j]
    return {
        "mean": total([[q_i * x for x in g] for q_i, g in zip(q, messages.coded)], dimension),
        "covariance": covariance,
        "stragglerPart": straggler_part,
        "quantiserPart": sum(noise),
    }


# Convergence: docs/OneBitGradientCode.md#convergence.


def sign(x):
    return (x > 0) - (x < 0)


PIECES = {  # φ and its derivative, or the subgradient that is taken
    "quadratic": (lambda x: x * x / 2, lambda x: x),
    "huber": (lambda x: x * x / 2 if abs(x) <= 1 else abs(x) - Fraction(1, 2), lambda x: max(min(x, 1), -1)),
    "absolute": (abs, lambda x: Fraction(sign(x))),
}


class Loss:
    """f_k(θ) = Σ_j a_kj φ(θ_j − z_kj), and F = Σ_k f_k."""

    def __init__(self, kind, curvatures, centres):
        self.kind, self.curvatures, self.centres = kind, curvatures, centres
        self.value_of, self.derivative_of = PIECES[kind]
        curvature = total(curvatures, len(curvatures[0]))
        self.smoothness, self.convexity = max(curvature), min(curvature)  # L, and μ of a quadratic

    def gradients(self, theta):
        """One a subset."""
        return [
            [a * self.derivative_of(x - z) for a, x, z in zip(row, theta, centre)]
            for row, centre in zip(self.curvatures, self.centres)
        ]

    def value(self, theta):
        terms = (
            a * self.value_of(x - z)
            for row, centre in zip(self.curvatures, self.centres)
            for a, x, z in zip(row, theta, centre)
        )
        return sum(terms, Fraction(0))

    def is_minimal(self, theta):
        """Whether 0 is a subgradient: the gradient, or between the one-sided derivatives of absolute values."""
        slack = [Fraction(0)] * len(theta)
        if self.kind == "absolute":
            slack = total(
                [
                    [a * (x == z) for a, x, z in zip(row, theta, centre)]
                    for row, centre in zip(self.curvatures, self.centres)
                ],
                len(theta),
            )
        return all(abs(x) <= s for x, s in zip(total(self.gradients(theta), len(theta)), slack))


def theorem_fits(theorem, loss, step):
    """The conditions on the loss and on the step, which is positive."""
    if theorem == "nonSmooth":
        return True
    if theorem == "stronglyConvex":
        return loss.kind == "quadratic" and loss.convexity > 0
    if loss.kind == "absolute":
        return False
    return step * loss.smoothness <= 1 if theorem == "convex" else step * loss.smoothness < 2


def check_points(points):
    if len(points) > MOST_POINTS:
        raise invalid("more than 2^16 reachable points")


class Run:
    """The exact law of θ_0 … θ_{T−1}, of θ_T where it is asked for, and expectations under it."""

    def __init__(self, messages_at, q, start, step, iterations, to_the_end):
        self.laws, self.sent, self.work = [{tuple(start): Fraction(1)}], {}, 0
        for t in range(iterations):
            check_points(self.sent.keys() | self.laws[t].keys())
            for theta in self.laws[t].keys() - self.sent.keys():
                self.sent[theta] = messages_at(theta)
            if t + 1 < iterations or to_the_end:
                self.laws.append(self.advanced(self.laws[t], q, step, t + 1 < iterations))

    def advanced(self, law, q, step, is_reached):
        """The law of θ − γ Y: points and probabilities are integers over common denominators while it is made."""
        moves = (step * b for theta in law for row in self.sent[theta].ranges for b in row)
        scale = lcm(*(x.denominator for x in moves), *(x.denominator for theta in law for x in theta))
        denominators = {theta: self.sent[theta].denominator(q) for theta in law}
        common = lcm(*(denominators[theta] * probability.denominator for theta, probability in law.items()))
        after = {}
        for theta, probability in law.items():
            outcomes = self.sent[theta].law(q, -step * scale, MOST_WORK)
            weight = common // (denominators[theta] * probability.denominator) * probability.numerator
            convolved({tuple(int(x * scale) for x in theta): weight}, outcomes.items(), after)
            if is_reached:
                check_points(after)
            self.work += (len(outcomes) + POINT) * len(theta)
            if self.work > MOST_WORK:
                raise TooMuchWork("too many points and steps of the run")
        return {tuple(Fraction(x, scale) for x in theta): Fraction(w, common) for theta, w in after.items()}

    def expected(self, t, value):
        """E value(θ_t)."""
        return sum((probability * value(theta) for theta, probability in self.laws[t].items()), Fraction(0))


def convergence(
    theorem, allocation, probabilities, loss, start, minimiser, step, iterations, weights=None, ranges=None, factor=None
):
    """The operation: measured and bound of Theorem 5, 5′, 6 or 7."""
    defects = allocation_defects(allocation)
    n, subsets, dimension = len(allocation), len(allocation[0]), len(start)
    if not start:
        raise invalid("no coordinates")
    check_range(iterations, 1, 64, "iterations")
    if step <= 0:
        raise invalid("the step is not positive")
    if any(a < 0 for row in loss["curvatures"] for a in row):
        raise invalid("a curvature is negative")
    check_ranges(None if ranges is None else [ranges])
    q = [1 - p for p in probabilities]
    defects += certain_straggler_defects(probabilities, n) + weight_defects(weights, allocation, q)
    sizes = size_defects(len(minimiser), dimension, "coordinates of the minimiser")
    for name in ("curvatures", "centres"):
        sizes += size_defects(len(loss[name]), subsets, name) + length_defects(loss[name], dimension, name)
    if not sizes:
        loss = Loss(loss["kind"], loss["curvatures"], loss["centres"])
        if not theorem_fits(theorem, loss, step):
            raise invalid(f"the loss or the step does not fit the theorem {theorem}")
        if not loss.is_minimal(minimiser):
            raise invalid("not a minimiser")
    refuse_first(defects + sizes + ([] if ranges is None else row_defects([ranges], dimension)))

    weights = standard_weights(allocation, q) if weights is None else weights
    rows = None if ranges is None else [ranges]

    def messages_at(theta):
        return Messages(allocation, weights, loss.gradients(theta), rows)

    run = Run(messages_at, q, start, step, iterations, theorem == "stronglyConvex")
    measured, bound = sides(theorem, run, q, loss, start, minimiser, step, iterations)
    bound *= 1 if factor is None else factor
    return {"measured": measured, "bound": bound, "holds": measured <= bound}


def sides(theorem, run, q, loss, start, minimiser, step, iterations):
    """What is measured, and its bound."""

    def variance(theta):
        return run.sent[theta].variance(q)

    def gradient_square(theta):
        return square(total(loss.gradients(theta), len(theta)))

    def distance(theta):
        return square(x - y for x, y in zip(theta, minimiser))

    def mean_over_run(value):
        return mean(run.expected(t, value) for t in range(iterations))

    least, smoothness = loss.value(minimiser), loss.smoothness
    if theorem == "stronglyConvex":
        contraction = max(abs(1 - step * loss.convexity), abs(1 - step * smoothness)) ** 2  # ρ²
        noise = (contraction ** (iterations - 1 - t) * run.expected(t, variance) for t in range(iterations))
        bound = contraction**iterations * distance(start) + step**2 * sum(noise, Fraction(0))
        return run.expected(iterations, distance), bound
    if theorem == "nonConvex":
        descent = (loss.value(start) - least) / (step * (1 - step * smoothness / 2) * iterations)
        noise = smoothness * step / (2 - smoothness * step) * mean_over_run(variance)
        return mean_over_run(gradient_square), descent + noise
    noise = mean_over_run(variance) + (mean_over_run(gradient_square) if theorem == "nonSmooth" else 0)
    gap = mean_over_run(lambda theta: loss.value(theta) - least)
    return gap, distance(start) / (2 * step * iterations) + step / 2 * noise
