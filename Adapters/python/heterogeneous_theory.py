"""Training on quadratics with a heterogeneous code: docs/HeterogeneousGradientCode.md#convergence, in Fractions.

f_j(x) = Σ_c (h_jc/2) x_c² + l_jc x_c, so every coordinate c is a problem of its own with the curvatures h_jc and the
slopes l_jc; e_t = x_t − x*.
"""

from fractions import Fraction

from checks import check_range, invalid, length_defects, refuse_first, size_defects
from heterogeneous import (
    MOST_WORK,
    ORDER,
    bits_of,
    check_work,
    code_defects,
    covariance_of,
    exact_sum,
    form,
    mean_of,
    row_sums,
)
from linear_algebra import product, transposed

MOST_BITS = 1 << 17  # of the moments of all coordinates


def training_defects(probabilities, coefficients, curvatures, slopes, start, iterations):
    """Refuses sizes, curvatures, iterations and codes; what else is wrong is listed."""
    defects = code_defects(coefficients, probabilities)
    if not start:
        raise invalid("no coordinates")
    check_range(iterations, 0, 64, "iterations")
    if any(h < 0 for row in curvatures for h in row):
        raise invalid("a curvature is negative")
    for rows, name in ((curvatures, "curvatures"), (slopes, "slopes")):
        defects += size_defects(len(rows), len(coefficients[0]), f"rows of {name}")
        defects += length_defects(rows, len(start), name)
    if not defects and any(x != 1 for x in mean_of(coefficients, probabilities)):
        raise invalid("a biased code")
    if not length_defects(curvatures, len(start), "") and not all(map(any, zip(*curvatures))):
        raise invalid("a coordinate without curvature")
    return defects


class Training:
    """The constants of a run: all that the theorems need."""

    def __init__(self, probabilities, coefficients, curvatures, slopes, start, iterations):
        check_work(len(slopes) ** 2 * len(start), MOST_WORK, "terms of the noise")
        self.iterations = iterations
        v = covariance_of(coefficients, probabilities)
        h, l = transposed(curvatures), transposed(slopes)  # one row a coordinate
        self.curvature = [exact_sum(row) for row in h]  # H
        minimum = [-exact_sum(row) / total for row, total in zip(l, self.curvature)]  # x*
        r = [[a * x + b for a, b in zip(hs, ls)] for hs, ls, x in zip(h, l, minimum)]
        self.start = [x - y for x, y in zip(start, minimum)]  # e_0
        self.gain = [form(v, row) for row in h]  # hᵀVh
        self.slope = [sum(map(Fraction.__mul__, product(v, hs), rs), Fraction(0)) for hs, rs in zip(h, r)]  # hᵀVr
        self.floor = [form(v, row) for row in r]  # rᵀVr
        self.noise = exact_sum(self.floor)  # σ*²
        self.convexity, self.smoothness = min(self.curvature), max(self.curvature)  # λ and μ
        self.spread = row_sums(v, [max(row) for row in curvatures])  # Λ
        self.distance = exact_sum(x * x for x in self.start)  # D_0

    def moments(self, steps):
        """E e_t and E e_t² for t = 0 … T, one number a coordinate: Theorem C0."""
        first, second = self.start, [x * x for x in self.start]
        yield first, second
        for eta in steps:
            squares = [
                ((1 - eta * big) ** 2 + eta**2 * gain) * square + 2 * eta**2 * slope * e + eta**2 * floor
                for big, gain, slope, floor, e, square in zip(
                    self.curvature, self.gain, self.slope, self.floor, first, second
                )
            ]
            first, second = [(1 - eta * big) * e for big, e in zip(self.curvature, first)], squares
            check_work(sum(map(bits_of, first + second)), MOST_BITS, "bits of moments")
            yield first, second


def trajectory(training, step):
    """The operation."""
    if step <= 0:
        raise invalid("the step is not positive")
    refuse_first(training_defects(**training), ORDER)
    run = Training(**training)
    moments = list(run.moments([step] * run.iterations))
    return {"means": [first for first, _ in moments], "squaredDistances": [exact_sum(second) for _, second in moments]}


def geometric(ratio, count):
    """1 + ρ + … + ρ^(count − 1)."""
    return Fraction(count) if ratio == 1 else (1 - ratio**count) / (1 - ratio)


def convergence(theorem, training, step=None, theta=None, factor=None):
    """The operation: what is measured, and the bound of Theorem C1, C1′, C1″, C2 or C3."""
    is_decreasing = theorem == "decreasingSteps"
    if (step is None) != is_decreasing:
        raise invalid("a step, except for decreasingSteps, which has its own")
    if step is not None and step <= 0:
        raise invalid("the step is not positive")
    theta = Fraction(1) if theta is None or theorem not in ("stronglyConvex", "smallSteps") else theta
    if theta < 0:
        raise invalid("θ is negative")
    defects = training_defects(**training)
    if theorem == "nonConvex" and training["iterations"] == 0:
        raise invalid("no iteration")
    refuse_first(defects, ORDER)
    run = Training(**training)
    if theta == 0 and run.noise:
        raise invalid("θ = 0 with noise at the minimiser")
    if theorem in ("boundedNoise", "nonConvex") and any(run.gain):
        raise invalid("a noise that depends on the model")
    offset = 2 * (run.smoothness + 2 * run.spread) / run.convexity  # k0
    steps = [2 / (run.convexity * (t + offset)) if is_decreasing else step for t in range(run.iterations)]
    bound = BOUNDS[theorem](run, step, theta)
    moments = list(run.moments(steps))
    if theorem == "nonConvex":
        squares = (exact_sum(big**2 * x for big, x in zip(run.curvature, second)) for _, second in moments[:-1])
        measured = exact_sum(squares) / run.iterations
    else:
        measured = exact_sum(moments[-1][1])
    return {"measured": measured, "bound": bound * (1 if factor is None else factor)}


def check_step(step, largest):
    if step > largest:
        raise invalid(f"the step is above {largest}")


def amplified(run, theta):
    """(1 + 1/θ) σ*², absent for θ = 0."""
    return (1 + 1 / theta) * run.noise if theta else Fraction(0)


def strongly_convex(run, eta, theta):
    check_step(eta, 1 / (run.smoothness + (1 + theta) * run.spread))
    ratio = 1 - eta * run.convexity
    return ratio**run.iterations * run.distance + eta**2 * amplified(run, theta) * geometric(ratio, run.iterations)


def decreasing_steps(run, eta, theta):
    offset = 2 * (run.smoothness + 2 * run.spread) / run.convexity
    return max(offset * run.distance, 8 * run.noise / run.convexity**2) / (run.iterations + offset)


def small_steps(run, eta, theta):
    check_step(eta, 2 / (run.convexity + run.smoothness))
    ratio = (1 - eta * run.convexity) ** 2 + eta**2 * (1 + theta) * run.spread * run.smoothness
    if ratio >= 1:
        raise invalid("ρ is not below 1")
    return ratio**run.iterations * run.distance + eta**2 * amplified(run, theta) * geometric(ratio, run.iterations)


def bounded_noise(run, eta, theta):
    check_step(eta, 2 / (run.convexity + run.smoothness))
    ratio = (1 - eta * run.convexity) ** 2
    return ratio**run.iterations * run.distance + eta**2 * run.noise * geometric(ratio, run.iterations)


def non_convex(run, eta, theta):
    if eta * run.smoothness >= 2:
        raise invalid("the step is not below 2/μ")
    gap = sum(big * e**2 for big, e in zip(run.curvature, run.start)) / 2
    descent = gap / (run.iterations * eta * (1 - eta * run.smoothness / 2))
    return descent + run.smoothness * eta * run.noise / (2 - eta * run.smoothness)


BOUNDS = {
    "stronglyConvex": strongly_convex,
    "decreasingSteps": decreasing_steps,
    "smallSteps": small_steps,
    "boundedNoise": bounded_noise,
    "nonConvex": non_convex,
}
