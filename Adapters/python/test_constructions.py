"""Tests of constructions.py, closed_forms.py and the order of refusals, through gradient_codes.py."""

import cmath
import itertools
import os
import sys
import unittest
from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction as Q
from math import pi, prod

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import constructions
import decoding
import gradient_codes as adapter
import randomness
import rounding
from checks import Refused, TooMuchWork
from linear_algebra import transposed
from test_gradient_codes import AdapterTest, code, crc_z, decode, repetition, theory


def crc_q(n, s, resolution=None, nodes=None):
    return code("crcQ", n, s, resolution=resolution, nodes=nodes)


def circulant(n, window):
    return code("circulant", n, len(window) - 1, window=window)


def null_space(n, *rows):
    return code("nullSpace", n, parityCheck=[list(row) for row in rows])


def graph(k, *edges):
    return code("graph", k=k, edges=[list(edge) for edge in edges])


def stochastic(rows, p):
    return code("stochastic", allocation=rows, straggling=Q(p))


def bernoulli(n, k, density, seed=7):
    return code("bernoulli", n, k=k, density=Q(density), seed=seed)


def recovers(matrix, s):
    """GC(s), set by set."""
    sets = itertools.combinations(range(len(matrix)), len(matrix) - s)
    return all(decoding.decoding_vector(matrix, responders) is not None for responders in sets)


class Matrices(AdapterTest):
    def assert_matrix(self, described, rows):
        self.assertEqual(decoding.encoding_matrix(described), [[Q(b) for b in row.split()] for row in rows])

    def test_matrices_of_the_text(self):
        self.assert_matrix(code("uncoded", 2), ["1 0", "0 1"])
        self.assert_matrix(code("crcOnes", 4, 1), ["1 1 0 0", "0 1 1 0", "0 0 1 1", "1 0 0 1"])
        self.assert_matrix(code("crcZt", 3, 1), ["6 5 0", "0 1 6", "-1 0 5"])
        self.assert_matrix(code("crcZt", 4, 1), ["16 7 0 0", "0 7 12 0", "0 0 1 28", "1 0 0 21"])
        rows = ["15 9 4 0 0", "0 9 16 21 0", "0 0 1 3 45", "1 0 0 1 36", "3 1 0 0 28"]
        self.assert_matrix(code("crcZt", 5, 2), rows)
        rows = ["1 -3/2 1/2 0 0", "0 1 -1/2 1/2 0", "0 0 1 -1/7 4/7", "7/5 0 0 1 1/5", "-3 5 0 0 1"]
        self.assert_matrix(null_space(5, [1, 1, 1, -1, -2], [0, 1, 3, 1, -5]), rows)
        self.assert_matrix(circulant(4, [2, 2]), ["2 2 0 0", "0 2 2 0", "0 0 2 2", "2 0 0 2"])
        self.assert_matrix(graph(3, [0, 1], [2, 1]), ["1 1 0", "0 1 1"])
        self.assert_matrix(stochastic([[1, 0], [1, 1]], "1/3"), ["3/4 0", "3/4 3/2"])
        row = decoding.encoding_matrix(crc_q(5, 2))[0]
        self.assertEqual(row, [1, Q(986815, 611882), Q(986815, 995328), 0, 0])

    def test_constructions_coincide_at_the_ends(self):
        for n in range(1, 6):
            identity = [[Q(i == j) for j in range(n)] for i in range(n)]
            for kind in ("crcOnes", "crcZ", "crcZt", "crcQ", "fractionalRepetition"):
                self.assertEqual(decoding.encoding_matrix(code(kind, n, 0)), identity, kind)
                self.assertEqual(decoding.encoding_matrix(code(kind, n, n - 1)), [[1] * n] * n, kind)
            self.assertEqual(decoding.encoding_matrix(null_space(n)), identity)
            self.assertEqual(decoding.encoding_matrix(circulant(n, [1])), identity)

    def test_cyclic_codes_recover_and_have_their_windows(self):
        for n in range(1, 8):
            for s in range(n):
                for kind in ("crcZ", "crcZt", "crcQ") + (("crcOnes",) if n % (s + 1) == 0 else ()):
                    matrix = decoding.encoding_matrix(code(kind, n, s))
                    support = [[(j - i) % n <= s for j in range(n)] for i in range(n)]
                    self.assertEqual([[b != 0 for b in row] for row in matrix], support)
                    self.assertTrue(recovers(matrix, s), (kind, n, s))

    def test_crc_zt_is_tight_and_crc_q_as_the_text_says(self):
        for n, s in [(4, 1), (5, 2), (6, 1), (6, 3)]:
            self.assertTrue(decoding.check(code("crcZt", n, s), s)["tight"])
        for n, s, tight, kappa in [(5, 1, True, 4.31), (5, 2, True, 3.05), (6, 1, False, 1.01), (6, 2, True, 14.1)]:
            answer = decoding.check(crc_q(n, s), s)
            self.assertEqual((answer["tight"], f"{float(answer['kappa']):.3g}"), (tight, str(kappa)))
        answer = decode(crc_q(5, 2), 0, 2, 4)
        a = [Q(383446, 986815), 0, Q(305941, 497664), 0, Q(374933, 986815)]
        self.assertEqual((answer["vector"], answer["kappa"]), (a, 1))

    def test_bernoulli_entries_are_words_of_stream_8(self):
        for density in (Q(1, 3), Q(1)):
            words = [randomness.draws(7, 8, 0, i, 0, 6) for i in range(5)]
            rows = [[Q(word < density * 2**32) for word in row] for row in words]
            self.assertEqual(decoding.encoding_matrix(bernoulli(5, 6, density)), rows)

    def test_sessions_take_named_codes(self):
        session = adapter.GradientCodeRounds(circulant(6, [1, 2, 2, 1]), 1)
        for responders in ([0, 1, 2], [5, 3, 1]):
            self.assertEqual(session.round([[1.0]] * 6, responders)["update"], [6.0])
        messages = [[4.0], None, [4.0], None, [4.0], None]
        self.assertIsNone(decoding.recover_sum(code("crcZt", 6, 1), messages)["sum"])


class Nodes(AdapterTest):
    def test_default_nodes_of_the_text(self):
        self.assertEqual(constructions.cotangent_nodes(5, 64), [-197, -46, 0, 46, 197])
        self.assertEqual(constructions.cotangent_nodes(1, 64), [0])
        self.assertEqual(decoding.encoding_matrix(crc_q(17, 15)), decoding.encoding_matrix(crc_q(17, 15, 128)))

    def test_default_nodes_are_those_of_50_decimals(self):
        with localcontext() as context:
            context.prec = 60
            angle = decimal_pi()
            for n in [*range(1, 41), 64, 101, 199]:
                cotangents = [cotangent(angle * (2 * j + 1) / (2 * n)) for j in range(n // 2)]
                for resolution in (1, 3, 64, 1000, 4096, 1 << 40):
                    products = [resolution * x + Decimal(1) / 2 for x in cotangents]
                    upper = [int(x.to_integral_value(ROUND_FLOOR)) for x in products]
                    nodes = [-r for r in upper] + [0] * (n % 2) + upper[::-1]
                    self.assertEqual(constructions.cotangent_nodes(n, resolution), nodes, (n, resolution))

    def test_half_turns(self):
        for x, y, power in [(1, 1, 8), (-5, 3, 100), (7, 2, 37), (0, 1, 6), (-1, 10, 3)]:
            angle = cmath.phase(complex(x, y))
            self.assertEqual(constructions.half_turns(x, y, power), int(power * angle / pi + 1e-9))

    def test_default_nodes_increase_below_200_workers(self):
        for n in (199, 17):
            self.assertEqual(constructions.construct(crc_q(n, 1), randomness.draws, None).defects, [])
        self.assert_refused("nodesNotSorted", decoding.encoding_matrix, crc_q(7, 1, 1))


def cotangent(x):
    """By the Taylor series of sine and cosine."""
    terms = [Decimal(1)]
    for i in range(1, 60):
        terms.append(terms[-1] * x / i)
    cosine = sum(t * (-1) ** i for i, t in enumerate(terms[::2]))
    return cosine / sum(t * (-1) ** i for i, t in enumerate(terms[1::2]))


def decimal_pi():
    """Machin's formula."""

    def arctan_of_inverse(q):
        return sum((-1) ** i / (Decimal(2 * i + 1) * q ** (2 * i + 1)) for i in range(60))

    return 16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239)


class FormedAfterAllSets(AdapterTest):
    def test_the_search_agrees_with_all_sets(self):
        for n in range(2, 6):
            for s in range(n):
                for window in itertools.product((-1, 1, 2), repeat=s + 1):
                    matrix = constructions.shifted(window, n)
                    stragglers = constructions.unrecoverable(matrix, s)
                    self.assertEqual(stragglers is None, recovers(matrix, s), (n, window))
                    if stragglers is not None:
                        self.assertEqual(len(set(stragglers)), s)
                        responders = [i for i in range(n) if i not in stragglers]
                        self.assertIsNone(decoding.decoding_vector(matrix, responders))

    def test_circulants_are_those_of_proposition_7(self):
        found = set()
        for n in range(1, 13):
            divisors = [e for e in range(2, n + 1) if n % e == 0]
            for chosen in itertools.chain.from_iterable(
                itertools.combinations(divisors, size) for size in range(len(divisors) + 1)
            ):
                window = [1]
                for e in chosen:
                    window = multiplied(window, cyclotomic(e))
                if constructions.unrecoverable(constructions.shifted(window, n), len(window) - 1) is None:
                    found.add((n, tuple(window)))
        ones = {(n, (1,) * w) for n in range(1, 13) for w in range(1, n + 1) if n % w == 0}
        others = [(6, "1221"), (10, "122221"), (12, "1221"), (12, "123321"), (12, "11222211")]
        self.assertEqual(found, ones | {(n, tuple(map(int, window))) for n, window in others})
        decoding.encoding_matrix(circulant(14, [1, 2, 2, 2, 2, 2, 2, 1]))

    def test_the_null_space_whose_minors_do_not_vanish(self):
        rows = [[0, -1, -2, -2, 0, 5], [2, -1, 1, 0, 1, -3], [-1, 2, -1, 2, -2, 0]]
        for columns in itertools.combinations(transposed(rows), 3):
            a, b, c = columns
            cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
            self.assertNotEqual(sum(x * y for x, y in zip(cross, c)), 0)
        with self.assertRaises((adapter.Refusal, Refused)) as caught:
            decoding.encoding_matrix(null_space(6, *rows))
        self.assertEqual(caught.exception.kind, "invalidParameters")
        self.assertIn("[0, 2, 4]", caught.exception.reason)
        self.assertIn("['5/3', '-2/3', '0', '0', '0', '0']", caught.exception.reason)

    def test_null_spaces_are_orthogonal_to_h(self):
        h = [[1, 1, 1, -1, -2], [0, 1, 3, 1, -5]]
        matrix = decoding.encoding_matrix(null_space(5, *h))
        self.assertTrue(all(sum(a * b for a, b in zip(x, row)) == 0 for x in h for row in matrix))
        self.assertEqual(decoding.check(null_space(5, *h), 2)["tight"], True)

    def test_refusals(self):
        for described in [
            circulant(5, [1, 1, 1]),
            circulant(4, [1, -1]),
            circulant(4, [0, 1]),
            circulant(4, [1, 0]),
            circulant(20, [1] * 10),
            code("circulant", 4, 1),
            null_space(3, [1, 1, -1]),
            null_space(2, [1, -1], [1, -1]),
            null_space(4, [1, -1, 1, -1], [1, -1, 1, -1]),
            null_space(18, *[[1, -1] + [0] * 16] * 9),
            code("nullSpace", 4),
        ]:
            self.assert_refused("invalidParameters", decoding.encoding_matrix, described)
        self.assert_refused("dimensionMismatch", decoding.encoding_matrix, code("circulant", 4, 1, window=[1, 1, 1]))
        self.assert_refused("dimensionMismatch", decoding.encoding_matrix, code("circulant", 4, 1, window=[]))
        self.assert_refused("dimensionMismatch", decoding.encoding_matrix, null_space(3, [1, -1]))


def multiplied(f, g):
    """The product of two polynomials, the constant terms first."""
    return [sum(f[i] * g[m - i] for i in range(len(f)) if 0 <= m - i < len(g)) for m in range(len(f) + len(g) - 1)]


def cyclotomic(e):
    """Φ_e by division: x^e − 1 is the product of Φ_c over the divisors c of e."""
    quotient = [-1] + [0] * (e - 1) + [1]
    for divisor in (cyclotomic(c) for c in range(1, e) if e % c == 0):
        rest, quotient = quotient, []
        for top in range(len(rest) - 1, len(divisor) - 2, -1):
            quotient.insert(0, rest[top])  # divisors are monic
            rest = [x - quotient[0] * y for x, y in zip(rest, [0] * (top + 1 - len(divisor)) + divisor + [0] * top)]
    return quotient


class Approximate(AdapterTest):
    def test_one_step(self):
        described = code(matrix=[[1, 0, 1], [0, 1, 1], [0, 0, 1]])
        answer = decoding.approximate(described, [2, 0], "oneStep", density=Q(1, 3))
        self.assertEqual(answer, {"vector": [Q(3, 2), 0, Q(3, 2)], "recovered": [Q(3, 2), 0, 3], "residual": Q(21, 4)})
        answer = decoding.approximate(described, [], "oneStep", density=Q(1, 3))
        self.assertEqual(answer, {"vector": [0] * 3, "recovered": [0] * 3, "residual": 3})

    def test_fixed_weights(self):
        described, weights = stochastic([[1, 1], [0, 1]], "1/2"), [Q(1), Q(2)]
        answer = decoding.approximate(described, [1], "fixedWeights", weights=weights)
        self.assertEqual(answer, {"vector": [0, 2], "recovered": [0, 2], "residual": 2})

    def expectation(self, described, p, weights):
        """E‖1 − α‖² with fixed weights, over all sets."""
        total = Q(0)
        for pattern in itertools.product([0, 1], repeat=len(p)):
            responders = [i for i, responds in enumerate(pattern) if responds]
            answer = decoding.approximate(described, responders, "fixedWeights", weights=weights)
            total += prod(1 - x if responds else x for x, responds in zip(p, pattern)) * answer["residual"]
        return total

    def test_residuals_of_the_theory_by_enumeration(self):
        rows, p = [[1, 1, 0], [0, 1, 1], [1, 1, 0], [1, 0, 1]], Q(1, 3)
        expected = self.expectation(stochastic(rows, p), [p] * 4, [Q(1)] * 4)
        self.assertEqual(theory("stochasticResidual", p=[p], replications=[3, 3, 2])["value"], expected)
        probabilities = [Q(1, 2), Q(1, 3), Q(0)]
        expected = self.expectation(code("uncoded", 3), probabilities, [Q(1)] * 3)
        self.assertEqual(theory("ignoringStragglersResidual", 3, p=probabilities)["value"], expected)
        expected = self.expectation(code("uncoded", 3), probabilities, [1 / (1 - x) for x in probabilities])
        self.assertEqual(theory("unbiasedWeightsResidual", 3, p=probabilities)["value"], expected)

    def test_the_one_step_residual_by_enumeration(self):
        n, k, density = 2, 2, Q(1, 3)
        for r in range(n + 1):
            total = Q(0)
            for entries in itertools.product([0, 1], repeat=n * k):
                matrix = code(matrix=[entries[:k], entries[k:]])
                answer = decoding.approximate(matrix, list(range(r)), "oneStep", density=density)
                total += prod(density if b else 1 - density for b in entries) * answer["residual"]
            self.assertEqual(theory("oneStepResidual", k=k, density=density, responders=r)["value"], total)

    def test_the_fixed_responders_residual_by_enumeration(self):
        for n in range(2, 6):
            for d, r in itertools.product(range(1, n + 1), repeat=2):
                column, weights = code(matrix=[[Q(i < d)] for i in range(n)]), [Q(n, r * d)] * n
                residuals = [
                    decoding.approximate(column, responders, "fixedWeights", weights=weights)["residual"]
                    for responders in itertools.combinations(range(n), r)
                ]
                value = theory("fixedRespondersResidual", n, replications=[d], responders=r)["value"]
                self.assertEqual(value, sum(residuals) / len(residuals))

    def test_crc_ones_recovery_by_enumeration(self):
        p = [Q(1, i + 2) for i in range(6)]
        for s in (0, 1, 2, 5):
            enumerated = decoding.recovery_probability(code("crcOnes", 6, s), p)["probability"]
            self.assertEqual(theory("crcOnesRecovery", 6, s, p=p)["value"], enumerated)
        self.assertEqual(theory("crcOnesRecovery", 4, 1, p=[Q(1, 2)] * 4)["value"], Q(7, 16))
        tight = decoding.recovery_probability(code("crcZt", 4, 1), [Q(1, 2)] * 4)["probability"]
        self.assertEqual(tight, Q(5, 16))

    def test_least_squares_of_graphs(self):
        path = decoding.project(graph(3, [0, 1], [1, 2]), [0, 1])
        self.assertEqual(path["recovered"], [Q(2, 3), Q(4, 3), Q(2, 3)])
        edges = list(itertools.combinations(range(4), 2))
        for size in range(len(edges) + 1):
            for responders in itertools.combinations(range(len(edges)), size):
                answer = decoding.project(graph(4, *edges), responders)
                self.assertEqual(answer["recovered"], optimal_recovery(4, [edges[i] for i in responders]))

    def test_parallel_edges_and_isolated_vertices(self):
        answer = decoding.project(graph(3, [0, 1], [1, 0]), [0, 1])
        self.assertEqual((answer["vector"], answer["recovered"]), ([Q(1, 2)] * 2, [1, 1, 0]))


def optimal_recovery(k, edges):
    """α of the table in docs/GradientCode.md, component by component."""
    alpha = [Q(1)] * k
    for start in range(k):
        sides = {start: 0}
        while any((u in sides) != (v in sides) for u, v in edges):
            u, v = next(edge for edge in edges if (edge[0] in sides) != (edge[1] in sides))
            sides[u], sides[v] = sides.get(u, 1 - sides.get(v, 0)), sides.get(v, 1 - sides.get(u, 0))
        if all(sides[u] != sides[v] for u, v in edges if u in sides):
            left = sum(side == 0 for side in sides.values())
            alpha[start] = 1 - Q(2 * left - len(sides), len(sides))  # the start is on the left side
    return alpha


class RealCirculant(AdapterTest):
    def test_vectors_decode_and_windows_are_symmetric(self):
        for n in range(1, 10):
            for s in range(n - 1, -1, -2):
                for responders in itertools.combinations(range(n), n - s):
                    answer = decoding.real_circulant(n, s, list(responders[::-1]))
                    window, a = answer["window"], answer["vector"]
                    self.assertTrue(all(a[i] == 0.0 for i in range(n) if i not in responders))
                    for j in range(n):
                        self.assertAlmostEqual(sum(a[(j - r) % n] * b for r, b in enumerate(window)), 1, delta=1e-12)
                    for i, x in closed_form(n, s, responders, window).items():
                        self.assertAlmostEqual(a[i], x, delta=1e-10)
        window = decoding.real_circulant(6, 3, [0, 2, 5])["window"]
        for found, right in zip(window, [1, 2, 2, 1]):
            self.assertAlmostEqual(found, right, delta=1e-14)

    def test_refusals(self):
        function = decoding.real_circulant
        for n, s, responders in [
            (0, 0, []),
            (1025, 0, []),
            (3, -1, [0]),
            (3, 3, []),
            (4, 2, [0, 1]),
            (3, 0, [0, 1]),
            (3, 2, [0, 0]),
        ]:
            self.assert_refused("invalidParameters", function, n, s, responders)
        self.assert_refused("indexOutOfRange", function, 3, 0, [0, 0, 3])
        self.assert_refused("duplicateWorker", function, 3, 0, [0, 0, 1])


def closed_form(n, s, responders, window):
    """a_i = ω_i^{d/2} [z^{d/2}] Π_{l ∈ F∖i} (z − ω_l)/(ω_i − ω_l) / b̂_0."""
    half = (n - s - 1) // 2
    omega = [cmath.exp(-2j * pi * i / n) for i in range(n)]
    vector = {}
    for i in responders:
        others = [omega[l] for l in responders if l != i]
        coefficients = [1]
        for w in others:
            coefficients = multiplied(coefficients, [-w, 1])
        value = omega[i] ** half * coefficients[half] / prod(omega[i] - w for w in others) / (sum(window) / n)
        vector[i] = value.real
    return vector


class Refusals(AdapterTest):
    def test_refusals_of_codes(self):
        for kind, described in [
            ("invalidParameters", code("uncoded")),
            ("invalidParameters", code("uncoded", 0)),
            ("invalidParameters", code("uncoded", 3, k=3)),
            ("invalidParameters", code("crcOnes", 4, 4)),
            ("invalidParameters", code("crcZt", 4, -1)),
            ("invalidParameters", code("crcZt", 4)),
            ("invalidParameters", crc_q(1025, 1)),
            ("invalidParameters", crc_q(3, 1, 0)),
            ("invalidParameters", crc_q(3, 1, (1 << 40) + 1)),
            ("invalidParameters", crc_q(3, 1, 0, [3, 2, 1])),
            ("dimensionMismatch", crc_q(3, 1, 1, [2, 1])),
            ("dimensionMismatch", crc_q(3, 1, 1, [])),
            ("nodesNotSorted", crc_q(3, 1, 1, [1, 3, 2])),
            ("nodesNotSorted", crc_q(3, 0, 1, [1, 1, 2])),
            ("nonDivisible", code("crcOnes", 4, 2)),
            ("invalidParameters", code("bernoulli", 3, k=3, density=Q(1, 2))),
            ("invalidParameters", code("bernoulli", 3, k=3, seed=0)),
            ("invalidParameters", bernoulli(0, 3, 0)),
            ("invalidParameters", bernoulli(3, 0, 1)),
            ("invalidProbability", bernoulli(3, 3, 0)),
            ("invalidProbability", bernoulli(3, 3, Q(3, 2))),
            ("invalidProbability", bernoulli(3, 3, Q(1, 1 << 64))),
            ("invalidParameters", graph(2)),
            ("invalidParameters", graph(0, [0, 1])),
            ("invalidParameters", graph(2, [0, 1], [9, 9], [0])),
            ("dimensionMismatch", graph(2, [0, 1], [0, 1, 2])),
            ("indexOutOfRange", graph(2, [0, 2])),
            ("indexOutOfRange", graph(2, [-1, 0])),
            ("invalidParameters", code("stochastic", allocation=[[1]])),
            ("invalidParameters", stochastic([], 0)),
            ("invalidParameters", stochastic([[2, 1], [1]], 0)),
            ("dimensionMismatch", stochastic([[1, 0], [1]], 1)),
            ("infeasiblePartition", stochastic([[1, 0]], 1)),
            ("invalidProbability", stochastic([[1]], 1)),
            ("invalidProbability", stochastic([[1]], Q(-1, 2))),
        ]:
            self.assert_refused(kind, decoding.encoding_matrix, described)

    def test_parameters_that_a_kind_does_not_have_are_ignored(self):
        for described in [
            code("uncoded", 2, 5, edges=[[1]], window=[0]),
            code("graph", 5000, 9, k=2, edges=[[0, 1]]),
            code("stochastic", allocation=[[1]], straggling=Q(0), partitions=0, workers=-1),
            code(None, 5000, 9, 7, [[1]], density=Q(7)),
        ]:
            decoding.encoding_matrix(described)

    def test_the_order_of_refusals_in_questions(self):
        a = adapter
        indivisible, ragged, useless = repetition(5, 1), code(matrix=[[1], []]), stochastic([[1, 0]], Q(1))
        two, over, half = [Q(1, 2)] * 2, [Q(2)] * 5, Q(1, 2)
        for kind, function, *arguments in [
            ("invalidParameters", decoding.check, ragged, 2),
            ("invalidParameters", decoding.check, indivisible, 5),
            ("invalidParameters", decoding.approximate, ragged, [0], "oneStep"),
            ("invalidParameters", decoding.approximate, ragged, [0], "fixedWeights", half),
            ("invalidParameters", a.GradientCodeRounds, ragged, 0),
            ("invalidParameters", decoding.recover_sum, circulant(5, [1, 1, 1]), []),
            ("invalidParameters", decoding.recovery_probability, circulant(5, [1, 1, 1]), two),
            ("dimensionMismatch", decoding.approximate, indivisible, [9], "fixedWeights", None, two),
            ("dimensionMismatch", decoding.approximate, ragged, [0], "oneStep", Q(0)),
            ("dimensionMismatch", decoding.recover_sum, indivisible, [None] * 4),
            ("dimensionMismatch", decoding.recover_sum, indivisible, [[1.0], [1.0, 2.0], None, None, None]),
            ("dimensionMismatch", decoding.recover_sum, crc_q(3, 1, 1, [3, 2, 1]), [None] * 4),
            ("dimensionMismatch", decoding.recover_sum, graph(2, [0, 2]), [None] * 2),
            ("dimensionMismatch", decoding.recovery_probability, indivisible, [Q(2)]),
            ("dimensionMismatch", decoding.recovery_probability, useless, two),
            ("dimensionMismatch", a.GradientCodeRounds, indivisible, 1, two),
            ("nonDivisible", decoding.approximate, indivisible, [9], "oneStep", Q(0)),
            ("infeasiblePartition", decoding.approximate, useless, [9], "oneStep", half),
            ("nonDivisible", decoding.recovery_probability, indivisible, over),
            ("infeasiblePartition", decoding.recovery_probability, useless, two[:1]),
            ("invalidProbability", decoding.approximate, crc_z(3, 1), [0, 0], "oneStep", Q(0)),
            ("nonDivisible", decoding.approximate, indivisible, [9], "oneStep", half),
            ("nonDivisible", decoding.decode, indivisible, [9, 9], "any"),
            ("nonDivisible", decoding.recover_sum, indivisible, [None] * 5),
            ("infeasiblePartition", decoding.project, useless, [9]),
            ("indexOutOfRange", decoding.project, graph(2, [0, 2]), [0, 0]),
            ("indexOutOfRange", decoding.approximate, crc_z(3, 1), [0, 0, 3], "oneStep", half),
            ("duplicateWorker", decoding.approximate, crc_z(3, 1), [0, 0], "oneStep", half),
        ]:
            self.assert_refused(kind, function, *arguments)

    def test_refusals_of_closed_forms(self):
        zeros = [Q(0)] * 3
        for kind, quantity, fields in [
            ("invalidParameters", "crcOnesRecovery", dict(n=3, s=3, p=zeros)),
            ("invalidParameters", "crcOnesRecovery", dict(n=3, p=zeros)),
            ("dimensionMismatch", "crcOnesRecovery", dict(n=3, s=1, p=zeros[:2])),
            ("invalidProbability", "crcOnesRecovery", dict(n=3, s=1, p=[Q(2)] * 3)),
            ("nonDivisible", "crcOnesRecovery", dict(n=3, s=1, p=zeros)),
            ("invalidParameters", "oneStepResidual", dict(k=0, density=Q(1), responders=1)),
            ("invalidParameters", "oneStepResidual", dict(k=1, density=Q(0), responders=-1)),
            ("invalidParameters", "oneStepResidual", dict(k=1, density=Q(1))),
            ("invalidProbability", "oneStepResidual", dict(k=1, density=Q(0), responders=0)),
            ("invalidParameters", "stochasticResidual", dict(p=zeros, replications=[0])),
            ("invalidParameters", "stochasticResidual", dict(p=zeros[:1], replications=[])),
            ("dimensionMismatch", "stochasticResidual", dict(p=zeros, replications=[1])),
            ("invalidProbability", "stochasticResidual", dict(p=[Q(1)], replications=[1])),
            ("invalidParameters", "ignoringStragglersResidual", dict(p=zeros)),
            ("dimensionMismatch", "ignoringStragglersResidual", dict(n=2, p=zeros)),
            ("invalidProbability", "unbiasedWeightsResidual", dict(n=2, p=[Q(0), Q(1)])),
            ("invalidParameters", "fixedRespondersResidual", dict(n=1, replications=[1], responders=1)),
            ("invalidParameters", "fixedRespondersResidual", dict(n=3, replications=[4, 1], responders=1)),
            ("invalidParameters", "fixedRespondersResidual", dict(n=3, replications=[1], responders=0)),
            ("dimensionMismatch", "fixedRespondersResidual", dict(n=3, replications=[1, 1], responders=1)),
        ]:
            self.assert_refused(kind, theory, quantity, **fields)
        self.assertEqual(theory("ignoringStragglersResidual", 2, p=[Q(1)] * 2)["value"], 2)

    def test_what_takes_too_long_is_unsupported(self):
        for described in [code("crcZ", 1024, 512), code("crcZt", 1024, 300), crc_q(1024, 1), circulant(100, [1, 1])]:
            with self.assertRaises((adapter.Unsupported, TooMuchWork)):
                decoding.encoding_matrix(described)


if __name__ == "__main__":
    unittest.main()
