"""Tests of gradient_codes_numpy.py against gradient_codes.py; skipped where there is no numpy."""

import importlib.util
import os
import random
import sys
import unittest
from fractions import Fraction as Q
from math import inf, nan

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import decoding
import gradient_codes as exact
import rounding
from checks import Refused

if importlib.util.find_spec("numpy"):
    import gradient_codes_numpy as adapter


def explicit(n, s, construction="crcZ"):
    return described(matrix=decoding.encoding_matrix(described(kind=construction, workers=n, stragglers=s)))


def described(**fields):
    return {**dict.fromkeys(name.rstrip("?") for name in exact.CODE), **fields}


def sets(n, generator, count):
    return [sorted(generator.sample(range(n), generator.randrange(n + 1))) for _ in range(count)]


@unittest.skipUnless(importlib.util.find_spec("numpy"), "numpy is not installed")
class NumpyAdapter(unittest.TestCase):
    def setUp(self):
        self.generator = random.Random(3)

    def solver_bound(self, matrix, responders, a):
        """docs/numerics.md#decoding-vector."""
        k = len(matrix[0])
        size = k + sum(abs(x) * sum(map(abs, row)) for x, row in zip(a, matrix))
        return Q(8 * k * len(responders), 1 << 53) * size

    def test_decoding_vectors_satisfy_their_equations(self):
        for n, s, construction in [(5, 2, "crcZ"), (8, 3, "crcZ"), (12, 5, "crcZ"), (9, 2, "fractionalRepetition")]:
            code = explicit(n, s, construction)
            for responders in sets(n, self.generator, 40):
                answer = adapter.decoding_vector(code, responders, "any")
                right = decoding.decode(code, responders, "any")
                self.assertEqual(answer["status"], right["status"])
                if answer["status"] == "exact":
                    a = [Q(x) for x in answer["vector"]]
                    bound = self.solver_bound(code["matrix"], responders, a)
                    for column in zip(*code["matrix"]):
                        self.assertLessEqual(abs(sum(x * b for x, b in zip(a, column)) - 1), bound)

    def test_least_squares_reach_the_projection(self):
        code = explicit(8, 3)
        for responders in sets(8, self.generator, 30):
            answer = adapter.least_squares_vector(code, responders)
            right = decoding.project(code, responders)
            bound = self.solver_bound(code["matrix"], responders, [Q(x) for x in answer["vector"]])
            for x, y in zip(answer["recovered"], right["recovered"]):
                self.assertLessEqual(abs(Q(x) - y), bound)
            self.assertLessEqual(abs(Q(answer["residual"]) - right["residual"]), 24 * bound * (1 + bound))

    def test_combinations_lie_in_the_enclosure(self):
        for terms in (1, 2, 7, 30):
            coefficients, *columns = [
                [rounding.binary32(Q(self.generator.uniform(-9, 9))) for _ in range(terms)] for _ in range(6)
            ]
            vectors = [list(row) for row in zip(*columns)]
            bound = (1 + Q(1, 1 << 24)) ** terms - 1
            for x, column in zip(adapter.encode(coefficients, vectors)["vector"], columns):
                products = [Q(c) * Q(y) for c, y in zip(coefficients, column)]
                self.assertLessEqual(abs(Q(float(x)) - sum(products)), bound * sum(map(abs, products)))

    def test_recovery_and_rounds_give_small_integers_exactly(self):
        code, gradients = explicit(5, 2), [[float(i), float(-2 * i), 1.0] for i in range(5)]
        session = adapter.GradientCodeRounds(code, 3)
        for responders in [[0, 1, 2], [4, 3, 1], [0, 1, 2, 3, 4], [0, 2], []]:
            answer = session.round(gradients, responders)
            right = exact.GradientCodeRounds(code, 3).round(gradients, responders)
            self.assertEqual(answer["update"] is None, right["update"] is None)
            if right["update"] is not None:
                for x, y in zip(answer["update"], right["update"]):
                    self.assertAlmostEqual(float(x), y, delta=1e-4)
        messages = [[6.0], [nan], [4.0], None, [inf]]
        answer = adapter.recover(code, messages)
        self.assertEqual((answer["status"], answer["sum"], answer["excluded"]), ("undecodable", None, [1, 4]))
        state = session.save()
        session.restore(state)
        self.assertEqual(session.save(), state)

    def test_approximations(self):
        for rule, density, weights in [("oneStep", Q(2, 7), None), ("fixedWeights", None, [Q(i, 3) for i in range(6)])]:
            code = explicit(6, 2)
            for responders in sets(6, self.generator, 20):
                answer = adapter.approximate(code, responders, rule, density, weights)
                right = decoding.approximate(code, responders, rule, density, weights)
                for name in ("vector", "recovered"):
                    self.assertEqual(len(answer[name]), 6)
                    for x, y in zip(answer[name], right[name]):
                        self.assertAlmostEqual(x, y, delta=1e-12 * (1 + 10 * abs(y)))
                self.assertAlmostEqual(answer["residual"], right["residual"], delta=1e-11 * (1 + right["residual"]))
        empty = adapter.approximate(code, [], "oneStep", Q(1, 2))
        self.assertEqual(empty, {"vector": [0.0] * 6, "recovered": [0.0] * 6, "residual": 6.0})

    def test_real_circulants_decode(self):
        for n in range(1, 13):
            for s in range(n - 1, -1, -2):
                responders = sorted(self.generator.sample(range(n), n - s))
                answer = adapter.real_circulant(n, s, responders[::-1])
                right = decoding.real_circulant(n, s, responders)
                for x, y in zip(answer["window"], right["window"]):
                    self.assertAlmostEqual(x, y, delta=1e-12 * y)
                size = sum(map(abs, answer["vector"])) * sum(answer["window"])
                for j in range(n):
                    terms = [answer["vector"][(j - r) % n] * b for r, b in enumerate(answer["window"])]
                    self.assertAlmostEqual(sum(terms), 1, delta=1e-13 * (n + size))

    def test_recovery_probability(self):
        code, p = explicit(6, 2), [Q(1, i + 2) for i in range(6)]
        right = decoding.recovery_probability(code, p)["probability"]
        answer = adapter.recovery_probability(code, p)["probability"]
        self.assertLessEqual(abs(Q(answer) - right), Q(70, 1 << 52))

    def test_refusals_are_those_of_the_exact_adapter(self):
        code = explicit(3, 1)
        ragged = dict(code, matrix=[[Q(1)], []])
        half, over = [Q(1, 2)] * 3, [Q(3, 2)] * 3
        for mine, theirs, *arguments in [
            (adapter.encode, decoding.combine, [], []),
            (adapter.encode, decoding.combine, [1.0], [[1.0], [1.0]]),
            (adapter.encode, decoding.combine, [nan], [[1.0]]),
            (adapter.decode, decoding.combine, [2.0], [[2.0**127]]),
            (adapter.recover, decoding.recover_sum, code, [[1.0]]),
            (adapter.recover, decoding.recover_sum, ragged, [[1.0]]),
            (adapter.recover, decoding.recover_sum, dict.fromkeys(code), []),
            (adapter.decoding_vector, decoding.decode, code, [0, 0], "any"),
            (adapter.decoding_vector, decoding.decode, code, [0, 0, 3], "any"),
            (adapter.recovery_probability, decoding.recovery_probability, code, half[:2]),
            (adapter.recovery_probability, decoding.recovery_probability, code, over),
            (adapter.approximate, decoding.approximate, ragged, [0], "oneStep"),
            (adapter.approximate, decoding.approximate, code, [0], "oneStep", Q(0)),
            (adapter.approximate, decoding.approximate, code, [5], "fixedWeights", None, half[:2]),
            (adapter.approximate, decoding.approximate, code, [5], "fixedWeights", None, half),
            (adapter.real_circulant, decoding.real_circulant, 3, 1, [0, 1]),
            (adapter.real_circulant, decoding.real_circulant, 3, 3, []),
            (adapter.real_circulant, decoding.real_circulant, 3, 0, [0, 1, 3]),
            (adapter.real_circulant, decoding.real_circulant, 3, 0, [0, 1, 1]),
            (adapter.GradientCodeRounds, exact.GradientCodeRounds, code, 0),
            (adapter.GradientCodeRounds, exact.GradientCodeRounds, dict(code, matrix=[[Q(1, 10**50)]]), 1),
            (adapter.GradientCodeRounds, exact.GradientCodeRounds, dict(code, matrix=[[Q(10**50)]]), 1),
            (adapter.GradientCodeRounds, exact.GradientCodeRounds, code, 1, half[:2]),
        ]:
            with self.assertRaises((exact.Refusal, Refused)) as expected:
                theirs(*arguments)
            with self.assertRaises(adapter.Refusal) as caught:
                mine(*arguments)
            self.assertEqual(caught.exception.kind, expected.exception.kind)

    def test_what_it_does_not_do_is_unsupported(self):
        named = described(kind="crcZ", workers=3, stragglers=1)
        for function, *arguments in [
            (adapter.decoding_vector, explicit(3, 1), [0, 1], "canonical"),
            (adapter.decoding_vector, named, [0, 1], "any"),
            (adapter.approximate, named, [0, 1], "oneStep", Q(1, 2)),
            (adapter.GradientCodeRounds(explicit(3, 1), 1).round, [[1.0]] * 3, None, 1, 1),
        ]:
            with self.assertRaises(adapter.Unsupported):
                function(*arguments)


if __name__ == "__main__":
    unittest.main()
