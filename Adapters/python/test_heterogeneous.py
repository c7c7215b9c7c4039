"""Tests of heterogeneous codes in both adapters: docs/HeterogeneousGradientCode.md, and second routes."""

import importlib.util
import itertools
import os
import random
import sys
import unittest
from fractions import Fraction as Q
from math import inf, nan, prod

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gradient_codes as exact
import heterogeneous as code
import heterogeneous_theory as theory
from checks import Refused, TooMuchWork
from decoding import least_squares
from rounding import binary32
from test_gradient_codes import AdapterTest, PipeTest, floats

NUMPY = importlib.util.find_spec("numpy") is not None
if NUMPY:
    import gradient_codes_numpy as plain

GRADIENTS = [1, -2, 3, 5, -4, 2]


def rationals(text):
    """Fractions by blanks; "inf" stays."""
    return [x if x == "inf" else Q(x) for x in text.split()]


def rows(text):
    return [rationals(row) for row in text.split(";")]


def holders(text, n):
    """The allocation of N_0, N_1, …, digits of workers by blanks."""
    columns = [[int(str(i) in own) for i in range(n)] for own in text.split()]
    return [list(row) for row in zip(*columns)]


def held(text, m):
    """The allocation of A_0, A_1, …, digits of partitions by blanks, – for none."""
    return [[int(str(j) in own) for j in range(m)] for own in text.split()]


MIXED = "1/20 1/20 1/20 1/2 1/2 1/2"
GOLDEN = {  # p, N, S, C, R, common mode, λ_ub, gradient error
    "triangle": (
        "1/2 1/3 1/4", "01 12 02", "3 5 4", "2/3 0 1/2; 1 3/5 0; 0 4/5 1", "47/60 91/60 11/20 31/20",
    ),
    "single": ("1/3", "0", "2", "3/2", "1/2 1/2 1/2 1/2"),
    "exact worker": ("0 0 1/2", "012 12 2", "inf inf 1", "1/2 0 0; 1/2 1 0; 0 0 2", "1 1 1 9"),
    "dead worker": ("1 1/2", "01 1", "1 1", "0 0; 2 2", "2 4 2 1"),
    "cycle4": (
        "1/3 1/3 1/3 1/3", "03 01 12 23", "4 4 4 4", "3/4 3/4 0 0; 0 3/4 3/4 0; 0 0 3/4 3/4; 3/4 0 0 3/4",
        "1 2 1/2 51/4",
    ),
    "complete": (
        "1/2 1/3 1/4", "012 012 012", "6 6 6", "1/3 1/3 1/3; 1/2 1/2 1/2; 2/3 2/3 2/3", "1/2 3/2 1/2 2/3",
    ),
    "LPT": (
        MIXED, "03 03 14 14 25 25", "20 20 20 20 20 20",
        "1 1 0 0 0 0; 0 0 1 1 0 0; 0 0 0 0 1 1; 1/10 1/10 0 0 0 0; 0 0 1/10 1/10 0 0; 0 0 0 0 1/10 1/10",
        "3/10 3/5 1/10 69/20",
    ),
    "cyclic": (
        MIXED, "05 01 12 23 34 45", "20 38 38 20 2 2",
        "1 10/19 0 0 0 0; 0 10/19 10/19 0 0 0; 0 0 10/19 1 0 0; 0 0 0 1/10 1 0; 0 0 0 0 1 1; 1/10 0 0 0 0 1",
        "219/190 357/190 31/40 2749/380",
    ),
}


def golden(name):
    p, columns, *rest = GOLDEN[name]
    p = rationals(p)
    return (p, holders(columns, len(p)), *rest)


def patterns(p):
    """All sets of responders with their probabilities."""
    for pattern in itertools.product((0, 1), repeat=len(p)):
        yield [i for i, x in enumerate(pattern) if x], prod(1 - x if i else x for i, x in zip(pattern, p))


def dot(x, y):
    return sum(a * b for a, b in zip(x, y))


def draw(generator, choices, n):
    return [generator.choice(choices) for _ in range(n)]


class HeterogeneousTest(AdapterTest):
    def setUp(self):
        self.generator = random.Random(20240319)

    def assert_refused(self, kind, function, *arguments, **fields):
        with self.assertRaises((exact.Refusal, Refused) + ((plain.Refusal,) if NUMPY else ())) as caught:
            function(*arguments, **fields)
        self.assertEqual(caught.exception.kind, kind, caught.exception.reason)


class Coefficients(HeterogeneousTest):
    def test_golden_codes(self):
        for name in GOLDEN:
            p, allocation, sums, matrix, numbers = golden(name)
            answer = code.coefficients(allocation, p)
            self.assertEqual(answer["coefficients"], rows(matrix), name)
            self.assertEqual(answer["oddsSums"], rationals(sums), name)
            self.assertEqual(answer["residual"], rationals(numbers)[0], name)
            nu = [0 if s == "inf" else 2 / s for s in rationals(sums)]
            self.assertEqual(answer["multipliers"], nu, name)
            products = [[w * b for b in row] for w, row in zip(answer["weights"], answer["encoding"])]
            self.assertEqual(products, rows(matrix), name)

    def test_gauge_a(self):
        p, allocation, *_ = golden("triangle")
        answer = code.coefficients(allocation, p)
        self.assertEqual(answer["weights"], [2, 3, 4])
        self.assertEqual(answer["encoding"], rows("1/3 0 1/4; 1/3 1/5 0; 0 1/5 1/4"))
        images = [floats(*map(binary32, row)) for row in answer["coefficients"]]
        self.assertEqual(images, ["3f2aaaab000000003f000000", "3f8000003f19999a00000000", "000000003f4ccccd3f800000"])
        p, allocation, *_ = golden("exact worker")
        answer = code.coefficients(allocation, p)
        self.assertEqual(answer["weights"], [1, 1, 2])
        self.assertEqual(answer["encoding"], rows("1/2 0 0; 1/2 1 0; 0 0 1"))

    def test_quantisers(self):
        p, allocation, *_ = golden("triangle")
        answer = code.coefficients(allocation, p, rationals("1/4 1/9 0"))
        self.assertEqual(answer["coefficients"], rows("8/13 0 4/11; 27/26 1/2 0; 0 8/9 12/11"))
        self.assertEqual(answer["oddsSums"], rationals("13/6 9/2 11/3"))
        self.assertEqual(answer["residual"], Q(1231, 1287))
        coded = [dot(row, GRADIENTS) for row in answer["coefficients"]]
        error = Q(0)
        for signs in itertools.product((1, -1), repeat=2):  # multiplied by 1 ± √δ
            scaled = [(1 + s * root) * z for s, root, z in zip(signs + (0,), rationals("1/2 1/3 0"), coded)]
            error += sum(w * (sum(scaled[i] for i in f) - 2) ** 2 for f, w in patterns(p)) / 4
        self.assertEqual(error, Q(1945, 1287))

    def test_no_unbiased_column_is_better(self):
        for _ in range(50):
            p = draw(self.generator, rationals("1/2 1/3 1/4 2/3 9/10"), 3)
            q = [1 - x for x in p]
            best = [row[0] for row in code.coefficients([[1]] * 3, p)["coefficients"]]
            self.assertEqual(dot(q, best), 1)
            move = [q[1], -q[0], Q(0)]  # keeps Σ q c
            for sign in (1, -1):
                other = [c + sign * x / 100 for c, x in zip(best, move)]
                self.assertEqual(dot(q, other), 1)
                residuals = [sum(a * b * c * c for a, b, c in zip(p, q, column)) for column in (best, other)]
                self.assertLess(*residuals)

    def test_refusals(self):
        third = [Q(1, 3)] * 2
        for kind, *arguments in [
            ("invalidParameters", [], []),
            ("invalidParameters", [[]], [Q(0)]),
            ("invalidParameters", [[2], [1, 1]], third),
            ("invalidParameters", [[1], [0, 1]], third, [Q(-1), Q(0)]),
            ("dimensionMismatch", [[1], [1, 1]], [Q(2), Q(0)]),
            ("dimensionMismatch", [[1], [1]], [Q(2)]),
            ("dimensionMismatch", [[0], [0]], third, [Q(1)]),
            ("invalidProbability", [[0], [0]], [Q(-1, 2), Q(0)]),
            ("invalidProbability", [[1], [1]], [Q(1, 1 << 64), Q(0)]),
            ("infeasiblePartition", [[1, 0], [1, 0]], third),
            ("infeasiblePartition", [[1, 0], [0, 1]], [Q(0), Q(1)]),
        ]:
            self.assert_refused(kind, code.coefficients, *arguments)
            if NUMPY:
                self.assert_refused(kind, plain.heterogeneous_coefficients, *arguments)


class Moments(HeterogeneousTest):
    def enumerated(self, matrix, p, gradients):
        """Mean, second moments about 1, covariance and gradient error over all patterns."""
        m = len(matrix[0])
        alphas = [([sum(matrix[i][j] for i in f) for j in range(m)], w) for f, w in patterns(p)]
        mean = [sum(w * a[j] for a, w in alphas) for j in range(m)]
        covariance = [[sum(w * a[j] * a[k] for a, w in alphas) - mean[j] * mean[k] for k in range(m)] for j in range(m)]
        residual = sum(w * sum((x - 1) ** 2 for x in a) for a, w in alphas)
        errors = [[dot([x - 1 for x in a], g) for g in zip(*gradients)] for a, _ in alphas]
        return mean, residual, covariance, sum(w * dot(e, e) for e, (_, w) in zip(errors, alphas))

    def test_golden_codes(self):
        for name in GOLDEN:
            p, _, sums, matrix, numbers = golden(name)
            gradients = [[Q(x)] for x in GRADIENTS[: len(sums.split())]]
            answer = code.moments(p, rows(matrix), gradients)
            names = ("residual", "commonMode", "eigenvalueBound", "gradientError")
            self.assertEqual([answer[x] for x in names], rationals(numbers), name)
            self.assertEqual(answer["mean"], [1] * len(gradients))
            mean, residual, covariance, error = self.enumerated(rows(matrix), p, gradients)
            self.assertEqual((answer["covariance"], answer["gradientError"]), (covariance, error), name)

    def test_biased_codes_of_any_sign(self):
        for _ in range(20):
            p = draw(self.generator, rationals("0 1 1/2 1/3 1/5"), 3)
            matrix = [draw(self.generator, rationals("-2 -1/2 0 1 3/2"), 2) for _ in range(3)]
            gradients = [draw(self.generator, rationals("-1 0 2"), 2) for _ in range(2)]
            answer = code.moments(p, matrix, gradients)
            found = tuple(answer[name] for name in ("mean", "residual", "covariance", "gradientError"))
            self.assertEqual(found, self.enumerated(matrix, p, gradients))

    def test_wrong_probabilities(self):
        _, allocation, *_ = golden("triangle")
        matrix = code.coefficients(allocation, [Q(1, 3)] * 3)["coefficients"]
        answer = code.moments(rationals("1/2 1/3 1/4"), matrix)
        self.assertEqual([x - 1 for x in answer["mean"]], rationals("-1/8 1/16 -1/16"))
        self.assertEqual(answer["residual"], Q(49, 64))

    def test_less_common_mode_for_more_residual(self):
        p = rationals("1/2 1/3")
        for matrix, residual, common in [("2/3 0; 1 3/2", Q(5, 6), Q(3, 2)), ("4/3 0; 1/2 3/2", 1, Q(4, 3))]:
            answer = code.moments(p, rows(matrix))
            self.assertEqual((answer["residual"], answer["commonMode"]), (residual, common))

    def test_certificates_of_eigenvalues(self):
        for matrix, threshold, expected in [
            ("2 2", 2, True),  # V = 1 1; 1 1
            ("2 2", 1, False),
            ("2 2", Q(19, 10), False),
            ("6 2", 10, True),  # V = v v^T with v = (3, 1): the trace is 10, the row sum 12
            ("6 2", Q(99, 10), False),
            ("0 0", 0, True),
            ("0 0", -1, False),
        ]:
            answer = code.moments([Q(1, 2)], rows(matrix), threshold=Q(threshold))
            self.assertIs(answer["isWithinThreshold"], expected, (matrix, threshold))
        self.assertEqual(code.moments([Q(1, 2)], rows("6 2"))["eigenvalueBound"], 10)
        self.assertEqual(code.moments([Q(1, 2)], rows("2 -2"))["eigenvalueBound"], 2)

    def test_exactly_r_responders(self):
        for n in range(2, 6):
            for r in range(1, n + 1):
                q = Q(r, n)
                off = -q * (1 - q) / (n - 1)
                dependence = [[q * (1 - q) if i == k else off for k in range(n)] for i in range(n)]
                for d in range(1, n + 1):
                    matrix = [[Q(n, r * d) if i < d else Q(0)] for i in range(n)]
                    answer = code.moments([1 - q] * n, matrix, dependence=dependence)
                    self.assertEqual(answer["mean"], [1])
                    self.assertEqual(answer["residual"], Q((n - d) * (n - r), r * d * (n - 1)))

    def test_refusals(self):
        one, half = [[Q(1)], [Q(1)]], [Q(1, 2)] * 2
        for kind, p, matrix, fields in [
            ("invalidParameters", half, [], {}),
            ("invalidParameters", half, [[], [Q(1)]], {}),
            ("invalidParameters", half, [[Q(1)], []], {"gradients": [[]]}),
            ("invalidParameters", half[:1], one, {"dependence": rows("1 0; 1 1")}),
            ("invalidParameters", half[:1], one, {"dependence": rows("1 2; 2 1")}),
            ("invalidParameters", half[:1], one, {"dependence": rows("0 1; 1 0")}),
            ("dimensionMismatch", half, [[Q(1)], []], {}),
            ("dimensionMismatch", [Q(2)], one, {}),
            ("dimensionMismatch", half, one, {"gradients": rows("1; 1")}),
            ("dimensionMismatch", half, one, {"gradients": []}),
            ("dimensionMismatch", half, one, {"dependence": rows("1 0")}),
            ("dimensionMismatch", half, one, {"dependence": rows("1 0; 1")}),
            ("invalidProbability", [Q(3, 2), Q(0)], one, {}),
        ]:
            self.assert_refused(kind, code.moments, p, matrix, **fields)
        with self.assertRaises(TooMuchWork):
            code.moments([Q(1, 2)] * 100, [[Q(1)] * 100] * 100)


class Allocation(HeterogeneousTest):
    INPUTS = {
        "A": ("1/2 1/3 1/4", [2, 2, 2], 3),
        "B": (MIXED, [2] * 6, 6),
        "C": ("1/4 1/4 1/3 1/3 1/3", [1] * 5, 2),
        "D": ("0 1 1/2 1/3", [1, 2, 3, 2], 3),
    }

    def ask(self, name, strategy, target=None):
        p, loads, m = self.INPUTS[name]
        return code.allocate(strategy, rationals(p), m, loads, None if target is None else Q(target))

    def test_golden_allocations(self):
        twenties = "20 20 20 20 20 20"
        for name, strategy, sets, sums, residual, factor in [
            ("A", "lpt", "12 02 01", "5 4 3", "47/60", "16/15"),
            ("A", "cyclic", "01 12 02", "4 3 5", "47/60", "16/15"),
            ("B", "lpt", "01 23 45 01 23 45", twenties, "3/10", "1"),
            ("B", "cyclic", "01 12 23 34 45 05", "20 38 38 20 2 2", "219/190", "100/19"),
            ("C", "lpt", "0 1 0 1 0", "7 5", "12/35", "36/35"),
            ("C", "cyclic", "0 1 0 1 0", "7 5", "12/35", "36/35"),
            ("D", "lpt", "0 – 012 12", "inf 3 3", "2/3", None),
            ("D", "cyclic", "0 12 012 01", "inf 3 1", "4/3", None),
        ]:
            answer = self.ask(name, strategy)
            self.assertEqual(answer["allocation"], held(sets, self.INPUTS[name][2]), (name, strategy))
            self.assertEqual(answer["oddsSums"], rationals(sums))
            self.assertEqual(answer["residual"], Q(residual))
            self.assertEqual(answer["factor"], None if factor is None else Q(factor))
            self.assertEqual(answer["copies"], sum(map(sum, answer["allocation"])))
            self.assertEqual(answer["largestLoad"], max(map(sum, answer["allocation"])))

    def test_golden_minimum_redundancy(self):
        for name, target, sets, sums, copies, bound in [
            ("A", 3, "2 2 01", "3 3 3", 4, 4),
            ("B", 19, "01 23 45 – – –", "19 19 19 19 19 19", 6, 6),
            ("D", 3, "0 – 12 12", "inf 3 3", 5, 3),
        ]:
            answer = self.ask(name, "minimumRedundancy", target)
            self.assertEqual(answer["allocation"], held(sets, self.INPUTS[name][2]), name)
            self.assertEqual(answer["oddsSums"], rationals(sums))
            self.assertEqual((answer["copies"], answer["lowerBound"]), (copies, bound))
        answer = self.ask("C", "minimumRedundancy", 6)
        self.assertEqual(answer, {"status": "greedyFailed", "allocation": None, "lowerBound": 5})

    def with_odds(self, strategy, odds, loads, m, target=None):
        return code.allocate(strategy, [Q(1, 1 + s) for s in odds], m, loads, None if target is None else Q(target))

    def test_greedy_is_neither_optimal_nor_complete(self):
        answer = self.with_odds("minimumRedundancy", [5, 4, 3, 2, 2], [1, 1, 1, 1, 2], 2, 8)
        self.assertEqual((answer["copies"], answer["oddsSums"]), (6, [9, 9]))
        answer = self.with_odds("exact", [5, 4, 3, 2, 2], [1, 1, 1, 1, 2], 2, 8)
        self.assertEqual((answer["copies"], answer["oddsSums"]), (5, [8, 8]))
        answer = self.with_odds("exact", [3, 3, 2, 2, 2], [1] * 5, 2, 6)
        self.assertEqual((answer["copies"], answer["oddsSums"]), (5, [6, 6]))
        self.assertEqual(self.with_odds("exact", [3, 3, 2, 2, 2], [1] * 5, 2)["residual"], Q(1, 3))
        for odds, target, greedy in [([3, 3, 3], 4, "infeasible"), ([3, 3, 3, 1], 5, "greedyFailed")]:
            loads = [1] * len(odds)
            answer = self.with_odds("minimumRedundancy", odds, loads, 2, target)
            self.assertEqual((answer["status"], answer["lowerBound"]), (greedy, 4))
            self.assertEqual(self.with_odds("exact", odds, loads, 2, target)["status"], "infeasible")

    def test_exact_search_against_all_allocations(self):
        for _ in range(30):
            p = draw(self.generator, rationals("0 1 1/2 1/3 1/4 2/3"), 3)
            loads = draw(self.generator, [0, 1, 2], 3)
            target = self.generator.choice([None, Q(1), Q(2), Q(5, 2)])
            rows_of = [[row for row in itertools.product((0, 1), repeat=2) if sum(row) <= load] for load in loads]
            found = []
            for allocation in itertools.product(*rows_of):
                sums = [sum(inf if x == 0 else (1 - x) / x for x, own in zip(p, c) if own) for c in zip(*allocation)]
                if min(sums) >= (target or Q(1, 1000)):
                    found.append(sum(map(sum, allocation)) if target else sum(0 if s == inf else 1 / s for s in sums))
            if found:
                answer = code.allocate("exact", p, 2, loads, target)
                self.assertEqual(answer["copies" if target else "residual"], min(found))
            elif target:
                self.assertEqual(code.allocate("exact", p, 2, loads, target)["status"], "infeasible")
            else:
                self.assert_refused("infeasiblePartition", code.allocate, "exact", p, 2, loads)

    def test_refusals(self):
        half = [Q(1, 2)] * 2
        for kind, *arguments in [
            ("invalidParameters", "lpt", half, 2),
            ("invalidParameters", "lpt", [], 2, []),
            ("invalidParameters", "lpt", half, 0, [0]),
            ("invalidParameters", "lpt", half, 2, [3, 1]),
            ("invalidParameters", "lpt", half, 2, [-1]),
            ("invalidParameters", "minimumRedundancy", half, 2, [1]),
            ("invalidParameters", "minimumRedundancy", half, 2, [1], Q(0)),
            ("invalidParameters", "exact", [Q(2)] * 2, 11, [11, 11]),
            ("dimensionMismatch", "lpt", [Q(2)] * 2, 2, [2]),
            ("invalidProbability", "lpt", [Q(2), Q(1)], 2, [0, 2]),
            ("infeasiblePartition", "lpt", [Q(1), Q(1, 2)], 2, [2, 1]),
            ("infeasiblePartition", "exact", [Q(1), Q(1, 2)], 2, [2, 1]),
            ("infeasiblePartition", "cyclic", [Q(1), Q(1, 2)], 2, [2, 1]),
        ]:
            self.assert_refused(kind, code.allocate, *arguments)
        with self.assertRaises(TooMuchWork):
            code.allocate("lpt", half * 600, 2000, [1] * 1200)


class Bits(HeterogeneousTest):
    def test_the_counterexample_to_greed(self):
        p = rationals("3/4 3/10 7/20")
        answer = code.allocate_bits(p, Q(4), 6, 6)
        self.assertEqual((list(answer["bits"]), answer["gain"]), ([0, 3, 3], Q(264208, 79101)))
        gains = [[(1 - x) / (x + Q(4) / (2**b - 1) ** 2) if b else Q(0) for b in range(7)] for x in p]
        self.assertEqual(code.greedy_bits(gains, 6), {"bits": [0, 4, 2], "gain": Q(432, 143)})
        self.assertEqual(code.allocate_bits(p, Q(4), 0, 6), {"bits": (0, 0, 0), "gain": 0})

    def test_against_all_choices(self):
        for _ in range(20):
            p = draw(self.generator, rationals("0 1 1/2 1/3 4/5"), 3)
            kappa, budget, maximum = self.generator.choice([Q(1), Q(4), Q(1, 3)]), self.generator.randrange(8), 4
            best = Q(0)
            for bits in itertools.product(range(maximum + 1), repeat=3):
                if sum(bits) <= budget:
                    terms = ((1 - x) / (x + kappa / (2**b - 1) ** 2) for x, b in zip(p, bits) if b)
                    best = max(best, sum(terms, Q(0)))
            answer = code.allocate_bits(p, kappa, budget, maximum)
            self.assertEqual(answer["gain"], best)
            self.assertLessEqual(sum(answer["bits"]), budget)

    def test_refusals(self):
        for kind, *arguments in [
            ("invalidParameters", [], Q(1), 1, 1),
            ("invalidParameters", [Q(2)], Q(0), 1, 1),
            ("invalidParameters", [Q(2)], Q(1), -1, 1),
            ("invalidParameters", [Q(2)], Q(1), 1, 0),
            ("invalidProbability", [Q(2)], Q(1), 1, 1),
        ]:
            self.assert_refused(kind, code.allocate_bits, *arguments)
        with self.assertRaises(TooMuchWork):
            code.allocate_bits([Q(1, 2)] * 3, Q(1), 1 << 50, 1 << 50)


class Adaptive(HeterogeneousTest):
    def test_two_workers_two_encodings(self):
        for matrix, projection, mean, residual, target, optimum in [
            ("1 0; 1 2", "11/20 1/10; 1/10 9/20", "13/20 11/20", "4/5", "28/19 36/19", "26/19"),
            ("1 0; 1 1", "5/8 1/8; 1/8 3/8", "3/4 1/2", "3/4", "8/7 16/7", "10/7"),
        ]:
            answer = code.adaptive(rows(matrix), [Q(1, 2)] * 2)
            self.assertEqual(answer["projection"], rows(projection))
            self.assertEqual((answer["mean"], answer["target"]), (rationals(mean), rationals(target)))
            self.assertEqual((answer["residual"], answer["optimum"]), (Q(residual), Q(optimum)))

    def test_golden_codes(self):
        for name, residual, optimum in [
            ("triangle", "71027/139400", "2923617/4760167"),
            ("single", "1/3", "1/2"),
            ("exact worker", "1/2", "1"),
            ("dead worker", "1", "2"),
            ("cycle4", "124/243", "31/53"),
            ("complete", "1/8", "3/23"),
            ("LPT", "3/20", "2/13"),
            ("cyclic", None, "17131314981606009884504782263280479594/21910350271062330003993837371133110041"),
        ]:
            p, allocation, *_ = golden(name)
            answer = code.adaptive(code.coefficients(allocation, p)["encoding"], p)
            self.assertEqual(answer["optimum"], Q(optimum), name)
            if residual:
                self.assertEqual(answer["residual"], Q(residual), name)
            products = [dot(row, answer["target"]) for row in answer["projection"]]
            self.assertEqual(products, [1] * len(products))
            if name in ("triangle", "single", "exact worker"):
                targets = {
                    "triangle": "11568915/9520334 11587381/9520334 5625970/4760167",
                    "single": "3/2",
                    "exact worker": "1 1 2",
                }
                self.assertEqual(answer["target"], rationals(targets[name]))
        p, allocation, *_ = golden("cyclic")
        ones = [[Q(x) for x in row] for row in allocation]
        self.assertEqual(code.adaptive(ones, p)["optimum"], Q(326072165143585818, 387721331193615697))

    def test_projections_by_all_patterns(self):
        for _ in range(15):
            p = draw(self.generator, rationals("0 1 1/2 1/3"), 3)
            matrix = [draw(self.generator, rationals("-1 0 1 2"), 3) for _ in range(3)]
            answer = code.adaptive(matrix, p)
            alphas = [(least_squares(matrix, f)[1], w) for f, w in patterns(p)]
            self.assertEqual(answer["mean"], [sum(w * a[j] for a, w in alphas) for j in range(3)])
            self.assertEqual(answer["residual"], sum(w * sum((1 - x) ** 2 for x in a) for a, w in alphas))
            self.assertEqual("witness" in answer, "target" not in answer)
            if "witness" in answer:
                self.assertEqual(sum(answer["witness"]), 1)
                self.assertFalse(any(dot(row, answer["witness"]) for row in answer["projection"]))

    def test_debiasing_makes_another_encoding(self):
        answer = code.adaptive(rows("1 2"), [Q(1, 2)])
        self.assertNotIn("optimum", answer)
        scaled = [b / x for b, x in zip((1, 2), answer["mean"])]
        self.assertEqual(code.adaptive([scaled], [Q(1, 2)])["optimum"], 2)
        answer = code.adaptive(rows("1 1; 1 2"), rationals("9/10 1/10"))
        self.assertEqual(answer["optimum"], Q(1962, 919))
        alphas = [(least_squares(rows("1 1; 1 2"), f)[1], w) for f, w in patterns(rationals("9/10 1/10"))]
        debiased = sum(w * (a / x - 1) ** 2 for alpha, w in alphas for a, x in zip(alpha, answer["mean"]))
        self.assertEqual(debiased, Q(747240399, 3083009288))

    def test_refusals(self):
        for kind, *arguments in [
            ("invalidParameters", [], []),
            ("invalidParameters", [[]], [Q(0)]),
            ("dimensionMismatch", rows("1; 1 1"), [Q(2)] * 2),
            ("dimensionMismatch", rows("1; 1"), [Q(2)]),
            ("invalidProbability", rows("1; 1"), [Q(2)] * 2),
        ]:
            self.assert_refused(kind, code.adaptive, *arguments)
        with self.assertRaises(TooMuchWork):
            code.adaptive([[Q(x**y) for y in range(20)] for x in range(1, 21)], [Q(1, 2)] * 20)


class Server(HeterogeneousTest):
    def recovers(self):
        return [code.recover] + ([plain.heterogeneous_recover] if NUMPY else [])

    def test_recover(self):
        for recover in self.recovers():
            for weights, messages, vector, excluded in [
                ([2.0, 3.0, 4.0], [[1.0], None, [0.5]], [4.0], []),
                ([2.0, 3.0, 4.0], [[nan], [1.0], [inf]], [3.0], [0, 2]),
                ([0.0, 3.0], [[nan, 0.0], None], [0.0, 0.0], [0]),
                ([0.0, 3.0], [[1.0, 2.0], None], [0.0, 0.0], []),
            ]:
                answer = recover(weights, messages)
                self.assertEqual((list(answer["vector"]), answer["excluded"]), (vector, excluded))
            for kind, *arguments in [
                ("invalidParameters", [nan], []),
                ("invalidParameters", [nan], [None, None]),
                ("dimensionMismatch", [nan], [[1.0], None]),
                ("dimensionMismatch", [nan, 1.0], [[1.0], [1.0, 1.0]]),
                ("dimensionMismatch", [nan], [[]]),
                ("nonFinite", [inf, 1e38], [None, [1e38]]),
                ("outOfRange", [1e38], [[1e38]]),
            ]:
                self.assert_refused(kind, recover, *arguments)

    def sessions(self, *opening):
        return [exact.HeterogeneousRounds(*opening)] + ([plain.HeterogeneousRounds(*opening)] if NUMPY else [])

    def test_the_triangle(self):
        p, allocation, _, matrix, _ = golden("triangle")
        gradients = [[float(x)] for x in GRADIENTS[:3]]
        for opening in ("optimal", rows(matrix)):
            for session in self.sessions(allocation, p, opening, 1):
                for responders, update in [([2, 0, 1], Q(101, 30)), ([0, 2], Q(107, 30)), ([], 0)]:
                    answer = session.round(gradients, responders)
                    self.assertAlmostEqual(answer["update"][0], float(update), delta=1e-6)
                    self.assertEqual(answer["excluded"], [])
                answer = session.round([[1.0], [nan], [3.0]], [0, 1, 2])
                self.assertEqual(answer["excluded"], [1, 2])
                self.assertAlmostEqual(answer["update"][0], 2 / 3 + 3 / 2, delta=1e-6)

    def test_mean_and_residual_of_every_baseline(self):
        for name in ("optimal", "ignore", "blind", "stochastic", "leastSquares"):
            p, allocation, *_ = golden("triangle")
            for session in self.sessions(allocation, p, name, 3):
                unit = [[float(j == k) for k in range(3)] for j in range(3)]
                alphas = [([float(x) for x in session.round(unit, f)["update"]], w) for f, w in patterns(p)]
                mean = [float(sum(w * Q(a[j]) for a, w in alphas)) for j in range(3)]
                residual = float(sum(w * sum((1 - Q(x)) ** 2 for x in a) for a, w in alphas))
                expected = {
                    "optimal": ("1 1 1", "47/60"),
                    "blind": ("1 1 1", "11/12"),
                    "ignore": ("7/12 17/24 5/8", None),
                    "stochastic": ("21/23 51/46 45/46", None),
                    "leastSquares": ("1679/2040 69163/83640 20677/24600", "71027/139400"),
                }[name]
                for x, y in zip(mean, rationals(expected[0])):
                    self.assertAlmostEqual(x, float(y), delta=1e-6, msg=name)
                if expected[1]:
                    self.assertAlmostEqual(residual, float(Q(expected[1])), delta=1e-6, msg=name)

    def test_edge_rules(self):
        for name in ("exact worker", "dead worker"):
            p, allocation, _, matrix, _ = golden(name)
            for session in self.sessions(allocation, p, "optimal", 1):
                for i, row in enumerate(rows(matrix)):
                    gradients = [[float(2**j)] for j in range(len(row))]
                    answer = session.round(gradients, [i])
                    self.assertEqual(list(answer["update"]), [float(sum(c * 2**j for j, c in enumerate(row)))])

    def test_seeds_save_and_restore(self):
        p, allocation, *_ = golden("triangle")
        session = exact.HeterogeneousRounds(allocation, p, "optimal", 1)
        state = session.save()
        answer = session.round([[1.0]] * 3, seed=7, t=0)
        self.assertEqual([i for i, y in enumerate(answer["decoded"]) if y is not None], [0, 2])
        self.assertEqual(answer["update"], session.round([[1.0]] * 3, [0, 2])["update"])
        self.assertNotEqual(session.save(), state)
        session.set(0.5)
        session.restore(state)
        self.assertEqual(session.save(), state)
        other = exact.HeterogeneousRounds(allocation, p, "ignore", 1)
        self.assert_refused("invalidParameters", session.restore, other.save())
        for fields in [{}, {"seed": 1}, {"t": 1}, {"responders": [0], "seed": 1, "t": 1}, {"seed": 1, "t": -1}]:
            self.assert_refused("invalidParameters", session.round, [[1.0]], **fields)

    def test_refusals(self):
        half, ones, dead = [Q(1, 2)] * 2, [[1, 1], [1, 1]], [Q(1, 2), Q(1)]
        tiny = Q(1, 10**50)
        for kind, *arguments in [
            ("invalidParameters", ones, half, "optimal", 0),
            ("invalidParameters", [[1, 3]], half, "optimal", 1),
            ("invalidParameters", [[1, 0], [1, 1]], half[:1], rows("1 1; 1 1"), 1),
            ("dimensionMismatch", ones, [Q(2)] * 2, rows("1 1"), 1),
            ("dimensionMismatch", ones, half, rows("1 1; 1"), 1),
            ("dimensionMismatch", ones, half[:1], "blind", 1),
            ("invalidProbability", ones, [Q(2)] * 2, rows("1 1; 1 1"), 1),
            ("invalidProbability", ones, dead, "blind", 1),
            ("invalidProbability", ones, [Q(1)] * 2, "stochastic", 1),
            ("invalidProbability", [[1, 0], [0, 1]], dead, "blind", 1),
            ("infeasiblePartition", [[1, 0], [0, 1]], dead, "ignore", 1),
            ("infeasiblePartition", [[1, 0], [1, 0]], half, rows("1 0; 1 0"), 1),
            ("outOfRange", ones, half, [[tiny, Q(1)], [Q(1), Q(1)]], 1),
            ("outOfRange", ones, half, [[1 / tiny, Q(1)], [Q(1), Q(1)]], 1),
        ]:
            self.assert_refused(kind, exact.HeterogeneousRounds, *arguments)
            if NUMPY:
                self.assert_refused(kind, plain.HeterogeneousRounds, *arguments)
        self.sessions([[1, 0], [0, 1]], dead, rows("1 0; 0 1"), 1)
        self.sessions([[1, 1], [0, 0]], dead, "blind", 1)
        for session in self.sessions(ones, half, "optimal", 1):
            for kind, *arguments in [
                ("dimensionMismatch", [[1.0]], [5]),
                ("dimensionMismatch", [[1.0], [1.0, 1.0]], [5]),
                ("indexOutOfRange", [[1.0], [1.0]], [0, 0, 2]),
                ("duplicateWorker", [[1.0], [1.0]], [0, 0]),
            ]:
                self.assert_refused(kind, session.round, *arguments)


@unittest.skipUnless(NUMPY, "numpy is not installed")
class Floats(HeterogeneousTest):
    def test_coefficients_in_float64(self):
        for _ in range(50):
            n, m = self.generator.randrange(1, 6), self.generator.randrange(1, 5)
            p = draw(self.generator, rationals("0 1 1/2 1/3 1/7 99/100"), n)
            allocation = [[int(self.generator.random() < 0.7) for _ in range(m)] for _ in range(n)]
            variances = self.generator.choice([None, draw(self.generator, rationals("0 1/3 1"), n)])
            try:
                right = code.coefficients(allocation, p, variances)
            except Refused as refused:
                self.assert_refused(refused.kind, plain.heterogeneous_coefficients, allocation, p, variances)
                continue
            answer = plain.heterogeneous_coefficients(allocation, p, variances)
            products = [[w * b for b in row] for w, row in zip(answer["weights"], answer["encoding"])]
            for found in (answer["coefficients"], products):
                for mine, theirs in zip(found, right["coefficients"]):
                    for x, y in zip(mine, theirs):
                        self.assertAlmostEqual(x, float(y), delta=1e-12 * float(y))
            self.assertAlmostEqual(answer["residual"], float(right["residual"]), delta=1e-12 * float(right["residual"]))


class Training(HeterogeneousTest):
    TRIANGLE = {
        "probabilities": rationals("1/2 1/3 1/4"),
        "coefficients": rows("2/3 0 1/2; 1 3/5 0; 0 4/5 1"),
        "curvatures": rows("1; 2; 1"),
        "slopes": rows("-1; 0; 1"),
        "start": [Q(2)],
        "iterations": 25,
    }
    CYCLE = {
        "probabilities": [Q(1, 3)] * 4,
        "coefficients": rows("3/4 3/4 0 0; 0 3/4 3/4 0; 0 0 3/4 3/4; 3/4 0 0 3/4"),
        "curvatures": rows("1; 1; 1; 1"),
        "slopes": rows("0; 0; 0; 0"),
        "start": [Q(1)],
    }
    HT3 = {
        "probabilities": rationals("0 1/3"),
        "coefficients": rows("1 0 0; 0 3/2 3/2"),
        "curvatures": rows("2; 0; 0"),
        "slopes": rows("2; 1; -3"),
        "start": [Q(1)],
    }

    def both(self, theorem, training, iterations, step=None, **fields):
        fields = {name: None if value is None else Q(value) for name, value in fields.items()}
        step = None if step is None else Q(step)
        answer = theory.convergence(theorem, {**training, "iterations": iterations}, step, **fields)
        return answer["measured"], answer["bound"]

    def test_golden_trajectory(self):
        answer = theory.trajectory(self.TRIANGLE, Q(1, 8))
        self.assertEqual(answer["means"], [[Q(2, 2**t)] for t in range(26)])
        expected = "4 1499/1280 568233/1638400 673033993/6291456000 902320322153/24159191040000"
        self.assertEqual(answer["squaredDistances"][:5], rationals(expected))
        last = Q(
            414542325805385893387808858817765800696961487581855504768419853118727810199085968272713,
            45085625548536706630230230570354806775549792552497456994435727360000000000000000000000000,
        )
        self.assertEqual(answer["squaredDistances"][25], last)
        for t, c1, c1_second in [(0, "4", "4"), (1, "773/384", "867/640"), (2, "261/256", "143587/307200")]:
            for theorem, bound in (("stronglyConvex", c1), ("smallSteps", c1_second)):
                measured = answer["squaredDistances"][t]
                self.assertEqual(self.both(theorem, self.TRIANGLE, t, "1/8"), (measured, Q(bound)))
        self.assertAlmostEqual(float(self.both("stronglyConvex", self.TRIANGLE, 25, "1/8")[1]), 0.0260418, delta=5e-8)
        self.assertAlmostEqual(float(self.both("smallSteps", self.TRIANGLE, 25, "1/8")[1]), 0.0195925, delta=5e-8)

    def test_moments_are_those_of_all_paths(self):
        training = {**self.TRIANGLE, "iterations": 3}
        models = [(Q(2), Q(1))]
        for _ in range(3):
            models = [
                (x - Q(1, 8) * sum(dot(training["coefficients"][i], [x - 1, 2 * x, x + 1]) for i in f), w * chance)
                for x, w in models
                for f, chance in patterns(training["probabilities"])
            ]
        squares = sum(w * x * x for x, w in models)
        self.assertEqual(theory.trajectory(training, Q(1, 8))["squaredDistances"][3], squares)

    def test_coordinates_are_independent_problems(self):
        wide = {
            **self.TRIANGLE,
            "curvatures": rows("1 3; 2 0; 1 1"),
            "slopes": rows("-1 2; 0 1; 1 -1"),
            "start": rationals("2 -3"),
            "iterations": 6,
        }
        answer = theory.trajectory(wide, Q(1, 10))
        parts = [
            {
                **wide,
                "curvatures": [row[c : c + 1] for row in wide["curvatures"]],
                "slopes": [row[c : c + 1] for row in wide["slopes"]],
                "start": wide["start"][c : c + 1],
            }
            for c in range(2)
        ]
        parts = [theory.trajectory(part, Q(1, 10)) for part in parts]
        self.assertEqual(answer["means"], [a + b for a, b in zip(*(part["means"] for part in parts))])
        sums = [sum(pair) for pair in zip(*(part["squaredDistances"] for part in parts))]
        self.assertEqual(answer["squaredDistances"], sums)

    def test_tight_instances(self):
        for t in range(6):
            tight = (Q(9, 32) ** t,) * 2
            self.assertEqual(self.both("smallSteps", self.CYCLE, t, "1/8", theta=0), tight)
        for step, distances in [
            ("1/8", "1 19/32 187/512 1939/8192 21547/131072"),
            ("1/4", "1 3/8 7/32 23/128 87/512"),
            ("1/2", "1 1/2 1/2 1/2 1/2"),
        ]:
            for t, distance in enumerate(rationals(distances)):
                self.assertEqual(self.both("boundedNoise", self.HT3, t, step), (distance, distance))
            measured, bound = self.both("boundedNoise", self.HT3, 4, step, factor="19/20")
            self.assertGreater(measured, bound)
        for step, count, measured, bound in [
            ("1/4", 1, "4", "6"),
            ("1/4", 2, "11/4", "10/3"),
            ("1/4", 4, "227/128", "2"),
            ("1/2", 1, "4", "6"),
            ("1/2", 2, "3", "4"),
            ("1/2", 4, "5/2", "3"),
        ]:
            self.assertEqual(self.both("nonConvex", self.HT3, count, step), (Q(measured), Q(bound)))

    def test_decreasing_steps(self):
        for t in (0, 1, 5):
            measured, bound = self.both("decreasingSteps", self.TRIANGLE, t)
            self.assertLessEqual(measured, bound)
            offset = Q(161, 60)
            self.assertEqual(bound, max(4 * offset, 8 * Q(5, 12) / 16) / (t + offset))
        self.assertEqual(self.both("decreasingSteps", self.TRIANGLE, 1)[0], self.both_step(2 / (4 * Q(161, 60))))

    def both_step(self, step):
        return theory.trajectory({**self.TRIANGLE, "iterations": 1}, step)["squaredDistances"][1]

    def test_refusals(self):
        steep, negative = {"curvatures": rows("0; 0; 0")}, {"curvatures": rows("-1; 2; 1")}
        for kind, theorem, fields, step, theta in [
            ("invalidParameters", "stronglyConvex", {}, None, None),
            ("invalidParameters", "decreasingSteps", {}, Q(1, 8), None),
            ("invalidParameters", "stronglyConvex", {}, Q(0), None),
            ("invalidParameters", "stronglyConvex", {}, Q(31, 161), None),
            ("invalidParameters", "stronglyConvex", {}, Q(1, 8), Q(-1)),
            ("invalidParameters", "stronglyConvex", {}, Q(1, 8), Q(0)),
            ("invalidParameters", "smallSteps", {}, Q(1, 3), Q(1)),
            ("invalidParameters", "boundedNoise", {}, Q(1, 8), None),
            ("invalidParameters", "nonConvex", self.HT3, Q(1), None),
            ("invalidParameters", "nonConvex", {**self.HT3, "iterations": 0}, Q(1, 2), None),
            ("invalidParameters", "stronglyConvex", {"iterations": 65}, Q(1, 8), None),
            ("invalidParameters", "stronglyConvex", {"start": []}, Q(1, 8), None),
            ("invalidParameters", "stronglyConvex", {"slopes": [], **steep}, Q(1, 8), None),
            ("invalidParameters", "stronglyConvex", {"probabilities": [], **negative}, Q(1, 8), None),
            ("invalidParameters", "stronglyConvex", {"coefficients": rows("1 1 1; 1 1 1; 1 1 1")}, Q(1, 8), None),
            ("dimensionMismatch", "stronglyConvex", {"slopes": rows("1; 1")}, Q(1, 8), None),
            ("dimensionMismatch", "stronglyConvex", {"start": [Q(1)] * 2}, Q(1, 8), None),
            ("dimensionMismatch", "stronglyConvex", {"probabilities": [Q(2)] * 2}, Q(1, 8), None),
            ("invalidProbability", "stronglyConvex", {"probabilities": [Q(2)] * 3}, Q(1, 8), None),
        ]:
            training = {**self.TRIANGLE, **fields}
            self.assert_refused(kind, theory.convergence, theorem, training, step, theta)
        self.both("stronglyConvex", self.TRIANGLE, 3, "30/161")
        self.assert_refused("invalidParameters", theory.trajectory, self.TRIANGLE, Q(-1))


class HeterogeneousPipe(PipeTest):
    def test_infinite_sums_and_statuses(self):
        question = {"allocation": [[1, 0], [1, 1]], "probabilities": ["0/1", "1/2"]}
        answer = self.run_question(1, "heterogeneous.coefficients", question)["output"]
        self.assertEqual(answer["oddsSums"], ["inf", "1/1"])
        question = {
            "strategy": "minimumRedundancy", "probabilities": ["1/2"], "partitions": 1, "loads": [1], "target": "2/1",
        }
        answer = self.run_question(2, "heterogeneous.allocate", question)["output"]
        self.assertEqual(answer, {"status": "infeasible", "allocation": None})
        answer = self.run_question(3, "heterogeneous.allocate", {**question, "strategy": "greedy"})
        self.assertEqual(answer["reject"], "invalidParameters")
        opening = {"allocation": [[1]], "probabilities": ["1/2"], "coefficients": "best", "dimension": 1}
        command = {"cmd": "open", "seq": 4, "session": 1, "scheme": "heterogeneous", "input": opening}
        self.assertEqual(self.ask(command)["reject"], "invalidParameters")
        command["input"]["coefficients"] = "optimal"
        self.assertEqual(self.ask(command)["output"], {})
        command = {"cmd": "round", "seq": 5, "session": 1, "input": {"gradients": [floats(3)], "responders": [0]}}
        answer = {"update": floats(6), "excluded": [], "decoded": [floats(3)]}
        self.assertEqual(self.ask(command)["output"], answer)


if __name__ == "__main__":
    unittest.main()
