"""Exact decoding of gradient codes: docs/GradientCode.md. A matrix is a list of rows of Fractions, one a worker."""

import itertools
from fractions import Fraction
from math import comb, isfinite

import constructions
import mutants
from checks import (
    Refused,
    TooMuchWork,
    check_index,
    check_range,
    check_stragglers,
    density_defects,
    invalid,
    needed,
    probability_defects,
    refuse_first,
    responder_set,
    size_defects,
)
from linear_algebra import cancelled, echelon, product, solve, transposed
from randomness import draws, respond
from rounding import binary32, check_coefficients, combination, is_finite
from rounds import Rounds


def construction(code):
    """The code that a record describes: its parameters are valid, its other defects are listed."""
    return constructions.construct(code, draws, mutants.chosen)


def encoding_matrix(code):
    """The matrix B."""
    found = construction(code)
    refuse_first(found.defects)
    return found.form()


def matrix_and_responders(code, responders):
    """B, and F ascending."""
    matrix = encoding_matrix(code)
    return matrix, responder_set(responders, len(matrix))


def spread(values, responders, n):
    """One number a worker, zero off the responders."""
    vector = [Fraction(0)] * n
    for worker, value in zip(responders, values):
        vector[worker] = value
    return vector


def decoding_vector(matrix, responders):
    """D1, the canonical decoder: a with aᵀB = 1 and a = 0 off F, free variables zero; None where there is none."""
    n, k = len(matrix), len(matrix[0])
    if mutants.chosen == "first-responders":
        responders = responders[: len(echelon(matrix, k)[1])]
    received = [matrix[i] for i in responders]
    solution = solve(transposed(received), [Fraction(1)] * k) if received else None
    if mutants.chosen == "survivor-average" and solution is not None:
        solution = [Fraction(1, len(responders))] * len(responders)
    if mutants.chosen == "least-squares" and solution is None:
        return least_squares(matrix, responders)[0]
    return None if solution is None else spread(solution, responders, n)


def undecodability_witness(matrix, responders):
    """x with B_F x = 0 and 1ᵀx = 1: no combination of the rows of F is 1 then."""
    rows = [matrix[i] for i in responders] + [[Fraction(1)] * len(matrix[0])]
    return solve(rows, [Fraction(0)] * len(responders) + [Fraction(1)])


def amplification(matrix, a):
    """κ(a) = max_j Σ_i |a_i b_ij|."""
    return max(sum(abs(x * b) for x, b in zip(a, column)) for column in zip(*matrix))


def least_squares(matrix, responders):
    """D3: the minimum-norm a, the projection α of 1 on the rows of F, and ‖1 − α‖²."""
    n, k = len(matrix), len(matrix[0])
    rows = [matrix[i] for i in responders]
    columns = transposed(rows)
    gram = [product(rows, row) for row in rows]
    y = solve(gram, [sum(row) for row in rows])
    alpha = product(columns, y) if rows else [Fraction(0)] * k
    cogram = [product(columns, column) for column in columns]
    a = product(rows, solve(cogram, alpha)) if rows else []
    return spread(a, responders, n), alpha, squared_distance(alpha)


def squared_distance(alpha):
    """‖1 − α‖²."""
    return sum(((1 - x) ** 2 for x in alpha), Fraction(0))


def encode_matrix(code):
    matrix = encoding_matrix(code)
    return {"matrix": matrix, "binary32": [binary32(entry) for row in matrix for entry in row]}


def check(code, stragglers):
    found = construction(code)
    n = found.workers
    check_range(stragglers, 0, n - 1, "stragglers")
    refuse_first(found.defects)
    matrix = found.form()
    if comb(n, stragglers) + comb(n, stragglers + 1) > 1 << 12:
        raise TooMuchWork("more than 2^12 sets of responders")
    kappa = Fraction(0)
    for responders in itertools.combinations(range(n), n - stragglers):
        a = decoding_vector(matrix, responders)
        if a is None:
            witness = {"responders": responders, "vector": undecodability_witness(matrix, responders)}
            return {"recovers": False, "tight": False, "witness": witness}
        kappa = max(kappa, amplification(matrix, a))
    smaller = itertools.combinations(range(n), n - stragglers - 1)
    tight = all(decoding_vector(matrix, responders) is None for responders in smaller)
    return {"recovers": True, "tight": tight, "kappa": kappa}


def decode(code, responders, rule):
    matrix, responders = matrix_and_responders(code, responders)
    a = decoding_vector(matrix, responders)
    if a is None:
        witness = undecodability_witness(matrix, responders)  # None only for the mutants that miss a decodable set
        return {"status": "undecodable", "witness": witness}
    kappa = amplification(matrix, a)
    if mutants.chosen == "compact":
        a = [a[i] for i in responders]
    return {"status": "exact", "vector": a, "kappa": kappa}


def project(code, responders):
    matrix, responders = matrix_and_responders(code, responders)
    a, alpha, residual = least_squares(matrix, responders)
    if mutants.chosen == "isolated":
        held = [any(matrix[i][j] for i in responders) for j in range(len(alpha))]
        alpha = [x if present else Fraction(1) for x, present in zip(alpha, held)]
        residual = squared_distance(alpha)
    return {"vector": a, "recovered": alpha, "residual": residual}


def approximate(code, responders, rule, density=None, weights=None):
    """D4 and D5: a_i = 1/(rδ) on the r responders, or a_i = w_i."""
    found = construction(code)
    n = found.workers
    if rule == "oneStep":
        needed({"kind": rule, "density": density}, "density")
        own = density_defects(density)
    else:
        needed({"kind": rule, "weights": weights}, "weights")
        own = size_defects(len(weights), n, "weights")
    refuse_first(found.defects + own)
    responders = responder_set(responders, n)
    if rule == "oneStep":
        r = 1 if mutants.chosen == "one-step" else max(1, len(responders))
        weights = [1 / (r * density)] * n
    a = spread([weights[i] for i in responders], responders, n)
    alpha = product(transposed(found.form()), a)
    return {"vector": a, "recovered": alpha, "residual": squared_distance(alpha)}


def real_circulant(workers, stragglers, responders):
    """The window and a decoding vector in floats: there is no exact matrix, and nothing is decided."""
    check_stragglers(workers, stragglers)
    check_range(workers, 1, constructions.LARGEST, "workers")
    if (workers - stragglers) % 2 == 0 or len(responders) != workers - stragglers:
        raise invalid(f"{len(responders)} responders, expected n - s, an odd number")
    responders = responder_set(responders, workers)
    window = constructions.real_window(workers, stragglers)
    a = constructions.real_decoding_vector(workers, window, responders)
    return {"window": window, "vector": [float(x) for x in spread(a, responders, workers)]}


def combine(coefficients, vectors):
    if not vectors or not vectors[0]:
        raise invalid("expected at least one vector of at least one coordinate")
    if len(coefficients) != len(vectors):
        raise Refused("dimensionMismatch", f"{len(coefficients)} coefficients for {len(vectors)} vectors")
    if any(len(vector) != len(vectors[0]) for vector in vectors):
        raise Refused("dimensionMismatch", "vectors of different dimensions")
    if not is_finite(coefficients) or not all(map(is_finite, vectors)):
        raise Refused("nonFinite", "a coefficient or a coordinate is not finite")
    return {"vector": combination(coefficients, vectors)}


def recover(matrix, messages):
    """The sum of the gradients (None where undecodable), and the workers left out because of what they sent."""
    received = [i for i, message in enumerate(messages) if message is not None]
    excluded = [i for i in received if not is_finite(messages[i])]
    if mutants.chosen == "nan-zero":
        excluded = []
    responders = [i for i in received if i not in excluded]
    a = decoding_vector(matrix, responders)
    if a is None:
        return None, excluded
    if mutants.chosen == "nan-zero" and not all(is_finite(messages[i]) for i in responders):
        return [sum(float(a[i]) * messages[i][c] for i in responders) for c in range(len(messages[received[0]]))], []
    used = [i for i in responders if a[i]]
    check_coefficients([a[i] for i in used])
    return combination([a[i] for i in used], [messages[i] for i in used]), excluded


def recover_sum(code, messages):
    found = construction(code)
    own = size_defects(len(messages), found.workers, "messages")
    dimensions = {len(message) for message in messages if message is not None}
    if len(dimensions) > 1 or 0 in dimensions:
        own.append(("dimensionMismatch", f"messages of dimensions {sorted(dimensions)}, expected one, positive"))
    refuse_first(found.defects + own)
    total, excluded = recover(found.form(), messages)
    return {"status": "undecodable" if total is None else "exact", "sum": total, "excluded": excluded}


def recovery_probability(code, probabilities):
    found = construction(code)
    n = found.workers
    refuse_first(found.defects + probability_defects(probabilities, n))
    matrix = found.form()
    if n > 14:
        raise TooMuchWork("more than 14 workers")

    def probability(worker, missing, basis):
        """P(decodable), given what the rows of earlier responders, spanned by the basis, leave missing of 1."""
        if not any(missing):
            return Fraction(1)
        if worker == n:
            return Fraction(0)
        p = probabilities[worker]
        straggling = p * probability(worker + 1, missing, basis) if p > 0 else 0
        row = cancelled(matrix[worker], basis)
        pivot = next((j for j, x in enumerate(row) if x), None)
        if pivot is not None:
            basis = basis + [(pivot, [x / row[pivot] for x in row])]
            missing = cancelled(missing, basis[-1:])
        responding = (1 - p) * probability(worker + 1, missing, basis) if p < 1 else 0
        return straggling + responding

    return {"probability": probability(0, [Fraction(1)] * len(matrix[0]), [])}


def coded_gradient(row, gradients):
    """Σ_j b_j g_j over a worker's own partitions, rounded once; infinities and NaNs as IEEE 754 adds them."""
    held = [(b, gradients[j]) for j, b in enumerate(row) if b]

    def coordinate(c):
        special = [g[c] if b > 0 else -g[c] for b, g in held if not isfinite(g[c])]
        return sum(special) if special else binary32(sum((b * Fraction(g[c]) for b, g in held), Fraction(0)))

    return [coordinate(c) for c in range(len(gradients[0]))]


class GradientCodeRounds(Rounds):
    """Encode at the responders, recover at the server; nothing but the step and a count is kept between rounds."""

    def __init__(self, code, dimension, probabilities=None):
        if dimension < 1:
            raise invalid(f"the dimension is {dimension}")
        found = construction(code)
        own = [] if probabilities is None else probability_defects(probabilities, found.workers)
        refuse_first(found.defects + own)
        self.matrix = found.form()
        for row in self.matrix:
            check_coefficients(row)
        self.dimension = dimension
        self.probabilities = probabilities
        self.buffer = [None] * len(self.matrix)  # for the mutant `memory` only
        super().__init__(self.matrix, dimension, probabilities)

    def round(self, gradients, responders=None, seed=None, t=None):
        if responders is not None and seed is None and t is None:
            drawn = False
        elif responders is None and seed is not None and t is not None and self.probabilities is not None:
            drawn = True
            check_index(t, "t")
        else:
            raise invalid("expected responders, or seed and t and probabilities in `open`")
        if len(gradients) != len(self.matrix[0]) or any(len(g) != self.dimension for g in gradients):
            partitions = len(self.matrix[0])
            raise Refused("dimensionMismatch", f"expected {partitions} gradients of dimension {self.dimension}")
        responders = respond(seed, t, self.probabilities) if drawn else responder_set(responders, len(self.matrix))

        messages = [None] * len(self.matrix)
        for i in responders:
            messages[i] = coded_gradient(self.matrix[i], gradients)
        if mutants.chosen == "memory":
            messages = [old if new is None else new for old, new in zip(self.buffer, messages)]
        update, excluded = recover(self.matrix, messages)
        self.count += 1
        self.buffer = messages
        return {"update": update, "excluded": excluded, "decoded": messages}
