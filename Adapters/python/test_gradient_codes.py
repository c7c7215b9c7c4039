"""Tests of gradient_codes.py: python3 -m unittest discover Adapters/python. Standard library only."""

import json
import os
import random
import struct
import subprocess
import sys
import unittest
from fractions import Fraction as Q
from math import comb, inf, isfinite, nan

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import allocations
import decoding
import gradient_codes as adapter
import heterogeneous
import mutants
import one_bit
import randomness
import rounding
from checks import Refused

HERE = os.path.dirname(os.path.abspath(__file__))
ADAPTER = os.path.join(HERE, "gradient_codes.py")


def floats(*values):
    return struct.pack(f">{len(values)}f", *values).hex()


def code(kind=None, n=None, s=None, k=None, matrix=None, **fields):
    rows = None if matrix is None else [[Q(x) for x in row] for row in matrix]
    given = dict(fields, kind=kind, workers=n, stragglers=s, partitions=k, matrix=rows)
    return {**dict.fromkeys(name.rstrip("?") for name in adapter.CODE), **given}


def crc_z(n, s):
    return code("crcZ", n, s)


def repetition(n, s, k=None):
    return code("fractionalRepetition", n, s, k)


def theory(quantity, n=None, s=None, k=None, p=None, **fields):
    return adapter.theory_value(quantity, workers=n, stragglers=s, partitions=k, probabilities=p, **fields)


def decode(described, *responders):
    return decoding.decode(described, list(responders), "canonical")


class AdapterTest(unittest.TestCase):
    def assert_refused(self, kind, function, *arguments, **fields):
        with self.assertRaises((adapter.Refusal, Refused)) as caught:
            function(*arguments, **fields)
        self.assertEqual(caught.exception.kind, kind, caught.exception.reason)


class Randomness(AdapterTest):
    def test_blocks_are_the_known_answers_of_random123(self):
        for counter, key, words in [
            ("00000000" * 4, "00000000" * 2, "6627e8d5e169c58dbc57ac4c9b00dbd8"),
            ("ffffffff" * 4, "ffffffff" * 2, "408f276d41c83b0ea20bc7c66d5451fd"),
            ("243f6a8885a308d313198a2e03707344", "a4093822299f31d0", "d16cfe0994fdcceb5001e42024126ea1"),
        ]:
            answer = randomness.block(adapter.read(counter, "words", ""), adapter.read(key, "words", ""))
            self.assertEqual(answer["words"], adapter.read(words, "words", ""))

    def test_draws_are_those_of_the_contract(self):
        seed = 0x0123456789ABCDEF
        expected = [1532180087, 1573581184, 3381797760, 2724294624, 2846403609, 3365685668]
        self.assertEqual(randomness.draws(seed, 1, 2, 1, 0, 6), expected)
        for first in range(6):
            self.assertEqual(randomness.draws(seed, 1, 2, 1, first, 6 - first), expected[first:])

    def test_the_golden_iteration_has_responders_1_2_3(self):
        p = [Q(1, 4), Q(0), Q(1, 2), Q(3, 8)]
        draws = [randomness.draws(20240319, 0, 5, i, 0, 1)[0] for i in range(4)]
        self.assertEqual(draws, [999148941, 251681478, 3221972235, 2557793904])
        self.assertEqual(randomness.stragglers_draw(20240319, 5, probabilities=p), {"responders": [1, 2, 3]})
        exactly = randomness.stragglers_draw(20240319, 5, stragglers=2, workers=4)
        self.assertEqual(exactly, {"responders": [2, 3]})

    def test_a_worker_straggles_exactly_below_its_probability(self):
        self.assertTrue(randomness.straggles(0, Q(1, 2**63)))
        self.assertFalse(randomness.straggles(0, Q(0)))
        self.assertTrue(randomness.straggles(2**32 - 1, Q(1)))
        self.assertTrue(randomness.straggles(1431655765, Q(1, 3)))
        self.assertFalse(randomness.straggles(1431655766, Q(1, 3)))

    def test_refusals(self):
        refused, words = self.assert_refused, randomness.words
        refused("dimensionMismatch", randomness.block, [0] * 3, [0] * 2)
        refused("dimensionMismatch", randomness.block, [0] * 4, [0])
        right = dict(seed=0, stream=0, t=0, i=0, first=0, count=1)
        for wrong in [{"stream": -1}, {"t": 1 << 32}, {"i": -1}, {"first": -1}, {"first": 1 << 34}, {"count": -1}]:
            refused("invalidParameters", words, **{**right, **wrong})
        self.assertEqual(len(words(0, 0, 0, 0, (1 << 34) - 2, 2)["words"]), 2)
        draw = randomness.stragglers_draw
        refused("invalidParameters", draw, 0, 0)
        refused("invalidParameters", draw, 0, 0, probabilities=[])
        refused("invalidParameters", draw, 0, 0, probabilities=[Q(1)], workers=1, stragglers=0)
        refused("invalidParameters", draw, 0, 0, stragglers=1)
        refused("invalidParameters", draw, 0, 0, stragglers=3, workers=2)
        refused("invalidParameters", draw, 0, 1 << 32, stragglers=1, workers=2)
        refused("invalidProbability", draw, 0, 0, probabilities=[Q(-1, 2)])
        refused("invalidProbability", draw, 0, 0, probabilities=[Q(3, 2)])
        refused("invalidProbability", draw, 0, 0, probabilities=[Q(1, 1 << 64)])


class Rounding(AdapterTest):
    def test_the_trap_of_double_rounding(self):
        self.assertEqual(floats(rounding.binary32(1 + Q(1, 2**24) + Q(1, 2**60))), "3f800001")

    def test_ties_subnormals_and_overflow(self):
        largest = Q(2**24 - 1) * 2**104
        for value, bits in [
            (Q(0), "00000000"),
            (1 + Q(1, 2**24), "3f800000"),
            (1 + Q(3, 2**24), "3f800002"),
            (Q(-1, 3), "beaaaaab"),
            (Q(1, 2**149), "00000001"),
            (Q(1, 2**150), "00000000"),
            (Q(-1, 2**150), "80000000"),
            (Q(3, 2**150), "00000002"),
            (Q(1, 2**150) + Q(1, 2**400), "00000001"),
            (Q(2**24 - 1, 2**150), "00800000"),
            (largest, "7f7fffff"),
            (largest + Q(2) ** 103 - 1, "7f7fffff"),
            (largest + Q(2) ** 103, "7f800000"),
            (-Q(10) ** 5000, "ff800000"),
            (Q(1, 10**5000), "00000000"),
        ]:
            self.assertEqual(floats(rounding.binary32(value)), bits, value)

    def test_no_neighbour_is_nearer(self):
        generator = random.Random(1)
        for _ in range(2000):
            bits = generator.getrandbits(31) % 0x7F7FFFFE + 1
            below, middle, above = (struct.unpack(">f", struct.pack(">I", bits + d))[0] for d in (-1, 0, 1))
            value = Q(middle) + (Q(above) - Q(middle)) * Q(generator.randrange(-40, 41), 64)
            distances = [abs(Q(x) - value) for x in (below, middle, above)]
            self.assertEqual(abs(Q(rounding.binary32(value)) - value), min(distances))
            self.assertEqual(rounding.binary32(Q(middle)), middle)

    def test_combinations_are_rounded_once(self):
        self.assertEqual(rounding.combination([1.0, 1.0, -1.0], [[2.0**127], [1.0], [2.0**127]]), [1.0])
        self.assertEqual(rounding.combination([2.0**-149], [[0.5, 0.75, -1.0]]), [0.0, 2.0**-149, -(2.0**-149)])
        self.assertEqual(rounding.combination([Q(1, 3)], [[1.0]]), [rounding.binary32(Q(1, 3))])
        self.assert_refused("outOfRange", rounding.combination, [2.0], [[2.0**127]])


class Allocations(AdapterTest):
    def build(self, kind, **fields):
        descriptor = dict.fromkeys(name.rstrip("?") for name in adapter.OPERATIONS["allocation.build"][0]["descriptor"])
        descriptor.update(kind=kind, **fields)
        rows = allocations.build(descriptor)["allocation"]
        return " ".join("".join(map(str, row)) for row in rows)

    def test_families(self):
        build = self.build
        self.assertEqual(build("fullReplication", workers=2, partitions=3), "111 111")
        self.assertEqual(build("hadamard", order=2, partitions=3), "111 010 100 001")
        self.assertEqual(build("affinePlane", order=2, partitions=3, threshold=1), "111 001 100 010")
        self.assertEqual(build("fullFactorial", levels=[2, 3], thresholds=[1, 2]), "11 11 10 01 01 00")
        self.assertEqual(build("cyclic", workers=4, replication=2), "1100 0110 0011 1001")
        self.assertEqual(build("fractionalRepetition", workers=4, partitions=4, replication=2), "1100 0011 1100 0011")
        self.assertEqual(
            build("differenceSet", set=[0, 1, 3], modulus=7), "1101000 0110100 0011010 0001101 1000110 0100011 1010001"
        )
        self.assertEqual(build("random", seed=7, workers=5, replications=[2, 3, 1]), "000 010 100 011 110")
        self.assertEqual(build("cyclic", workers=2, replication=1, universal=2), "1011 0111")

    def test_refusals_of_families(self):
        def refused(refusal, family, **fields):
            self.assert_refused(refusal, self.build, family, **fields)

        refused("invalidParameters", "cyclic", workers=4)
        refused("invalidParameters", "cyclic", workers=4, replication=5)
        refused("invalidParameters", "cyclic", workers=4, replication=2, universal=-1)
        refused("invalidParameters", "hadamard", order=2, partitions=4)
        refused("invalidParameters", "affinePlane", order=4, partitions=2, threshold=1)
        refused("invalidParameters", "differenceSet", set=[0, 1, 2], modulus=7)
        refused("invalidParameters", "differenceSet", set=[0, 1, 1], modulus=7)
        refused("invalidParameters", "fullReplication", workers=65537, partitions=1)
        refused("dimensionMismatch", "fullFactorial", levels=[2, 2], thresholds=[1])
        refused("infeasiblePartition", "fullFactorial", levels=[2, 2], thresholds=[1, 0])
        refused("infeasiblePartition", "random", seed=7, workers=5, replications=[2, 0])
        refused("infeasiblePartition", "differenceSet", set=[], modulus=7)
        refused("nonDivisible", "fractionalRepetition", workers=4, partitions=3, replication=2)

    def test_report(self):
        rows = [[1, 1, 0, 1], [0, 1, 1, 0]]
        answer = {"gap": Q(1, 2), "loads": [3, 2], "replication": [1, 2, 1, 1]}
        self.assertEqual(allocations.report(rows), answer)
        self.assertEqual(allocations.report([[1]])["gap"], 0)
        for kind, rows in [
            ("invalidParameters", []),
            ("invalidParameters", [[]]),
            ("invalidParameters", [[2]]),
            ("invalidParameters", [[1, 1], [-1]]),
            ("dimensionMismatch", [[1, 0], [1]]),
            ("infeasiblePartition", [[1, 0], [1, 0]]),
        ]:
            self.assert_refused(kind, allocations.report, rows)


class Codes(AdapterTest):
    def test_matrices_of_the_text(self):
        for described, rows in [
            (crc_z(3, 1), [[2, 1, 0], [0, 1, 2], [-1, 0, 1]]),
            (crc_z(5, 2), [[6, 3, 1, 0, 0], [0, 3, 4, 3, 0], [0, 0, 1, 3, 6], [1, 0, 0, 1, 3], [3, 1, 0, 0, 1]]),
            (crc_z(3, 0), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
            (crc_z(3, 2), [[1] * 3] * 3),
            (repetition(4, 1), [[1, 1, 0, 0], [0, 0, 1, 1]] * 2),
            (repetition(7, 2, 5), [[1, 1, 1, 0, 0], [0, 0, 0, 1, 1]] * 3 + [[1, 1, 1, 0, 0]]),
        ]:
            answer = decoding.encode_matrix(described)
            self.assertEqual(answer["matrix"], rows)
            self.assertEqual(answer["binary32"], [x for row in rows for x in row])
        wide = decoding.encoding_matrix(crc_z(40, 19))
        self.assertEqual(max(abs(x) for row in wide for x in row), comb(39, 19))

    def test_canonical_vectors_of_the_text(self):
        third, sixth, fourth, half = Q(1, 3), Q(1, 6), Q(1, 4), Q(1, 2)
        for described, responders, vector, kappa in [
            (crc_z(5, 2), (0, 2, 4), [2 * third, 0, third, 0, -1], 7),
            (crc_z(5, 2), (0, 1, 2), [sixth, sixth, sixth, 0, 0], 1),
            (crc_z(5, 2), (4, 1, 3), [0, fourth, 0, fourth, fourth], 1),
            (crc_z(5, 2), (0, 1, 2, 3, 4), [sixth, sixth, sixth, 0, 0], 1),
            (crc_z(3, 1), (1, 2), [0, 1, -1], 3),
            (crc_z(4, 1), (1, 3), [0, half, 0, 1], 1),
            (crc_z(6, 2), (0, 2, 5), [half, 0, sixth, 0, 0, 1], None),
            (crc_z(7, 3), (0, 2, 4, 6), [Q(11, 38), 0, Q(3, 38), 0, Q(1, 19), 0, Q(9, 19)], Q(201, 19)),
            (repetition(4, 1, 1), (0,), [1, 0, 0, 0], 1),
            (repetition(4, 1), (3, 2, 1, 0), [1, 1, 0, 0], 1),
        ]:
            answer = decode(described, *responders)
            self.assertEqual((answer["status"], answer["vector"]), ("exact", vector))
            if kappa is not None:
                self.assertEqual(answer["kappa"], kappa)

    def test_undecodable_sets_have_witnesses(self):
        nodes, zeros = [1, 12, 2, 6, 3, 4], [[(i + 4 + l) % 6 for l in range(2)] for i in range(6)]
        unsorted = [[Q((t - nodes[a]) * (t - nodes[b])) for t in nodes] for a, b in zeros]
        for described, responders in [
            (crc_z(5, 2), (0, 2)),
            (crc_z(4, 1), (0, 2)),
            (crc_z(5, 2), ()),
            (repetition(4, 1), (0, 2)),
            (code(matrix=unsorted), (0, 2, 4)),
        ]:
            answer = decode(described, *responders)
            self.assertEqual(answer["status"], "undecodable")
            x, matrix = answer["witness"], decoding.encoding_matrix(described)
            self.assertEqual([sum(b * y for b, y in zip(matrix[i], x)) for i in responders], [0] * len(responders))
            self.assertEqual(sum(x), 1)

    def test_least_squares_of_the_text(self):
        for described, responders, a, alpha, residual in [
            (crc_z(5, 2), [0, 2], [10, 0, 10, 0, 0], [60, 30, 20, 30, 60], Q(35, 47)),
            (crc_z(5, 2), [], [0] * 5, [0] * 5, 5),
            (crc_z(4, 1), [0, 2], [Q(94, 5), 0, Q(94, 5), 0], [Q(282, 5), Q(94, 5), Q(94, 5), Q(282, 5)], Q(4, 5)),
            (crc_z(5, 2), [0, 1, 2, 3, 4], [47 * Q(x, 54) for x in (7, 10, 7, 3, 3)], [47] * 5, 0),
        ]:
            answer = decoding.project(described, responders)
            self.assertEqual([47 * x for x in answer["vector"]], a)
            self.assertEqual([47 * x for x in answer["recovered"]], alpha)
            self.assertEqual(answer["residual"], residual)

    def test_check(self):
        check = decoding.check
        for n, s, kappa in [(5, 1, 7), (5, 2, 13), (4, 1, 5), (6, 2, 25), (3, 2, 1)]:
            tight = (n, s) not in [(4, 1), (6, 2)]
            answer = {"recovers": True, "tight": tight, "kappa": kappa}
            self.assertEqual(check(crc_z(n, s), s), answer, (n, s))
        answer = check(code(matrix=[[1, 0], [1, 0], [0, 1]]), 1)
        self.assertEqual((answer["recovers"], answer["tight"]), (False, False))
        self.assertEqual(answer["witness"], {"responders": (0, 1), "vector": [0, 1]})

    def test_any_responders_recover_the_sum(self):
        generator = random.Random(2)
        for n, s in [(4, 1), (5, 2), (6, 3), (7, 6)]:
            matrix = decoding.encoding_matrix(crc_z(n, s))
            gradients = [[float(generator.randrange(-8, 9)) for _ in range(3)] for _ in range(n)]
            messages = [rounding.combination(row, gradients) for row in matrix]
            for worker in generator.sample(range(n), s):
                messages[worker] = generator.choice([None, [nan, 1.0, 2.0], [inf] * 3])
            answer = decoding.recover_sum(crc_z(n, s), messages)
            self.assertEqual(answer["status"], "exact")
            self.assertEqual(answer["sum"], [sum(column) for column in zip(*gradients)])
            excluded = [i for i, message in enumerate(messages) if message and not isfinite(message[0])]
            self.assertEqual(answer["excluded"], excluded)

    def test_recover_without_enough_messages(self):
        answer = decoding.recover_sum(crc_z(3, 1), [None, [nan], [1.0]])
        self.assertEqual(answer, {"status": "undecodable", "sum": None, "excluded": [1]})
        answer = decoding.recover_sum(crc_z(3, 1), [None] * 3)
        self.assertEqual(answer, {"status": "undecodable", "sum": None, "excluded": []})

    def test_recovery_probability(self):
        probability = decoding.recovery_probability
        half = [Q(1, 2)] * 4
        for described, expected in [
            (repetition(4, 1), Q(9, 16)),
            (crc_z(4, 1), Q(6, 16)),
            (repetition(4, 1, 1), Q(3, 4)),
            (code(matrix=[[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]), Q(7, 16)),
        ]:
            self.assertEqual(probability(described, half), {"probability": expected})
        p = [Q(1, 2), Q(1, 3), Q(1, 4)]
        self.assertEqual(probability(crc_z(3, 1), p)["probability"], Q(17, 24))
        self.assertEqual(probability(crc_z(3, 1), [Q(0)] * 3)["probability"], 1)
        self.assertEqual(probability(crc_z(3, 1), [Q(1)] * 3)["probability"], 0)

    def test_closed_forms(self):
        value = lambda *fields, **named: theory(*fields, **named)["value"]
        p = [Q(1, i + 2) for i in range(6)]
        for k in (None, 1, 2, 5):
            enumerated = decoding.recovery_probability(repetition(6, 2, k), p)["probability"]
            self.assertEqual(value("fractionalRepetitionRecovery", 6, 2, k, p), enumerated)
        enumerated = decoding.recovery_probability(crc_z(5, 2), p[:5])["probability"]
        self.assertEqual(value("thresholdRecovery", 5, 2, None, p[:5]), enumerated)
        for n in range(2, 8):
            worst = decoding.check(crc_z(n, 1), 1)["kappa"]
            self.assertEqual(value("crcZWorstAmplification", n, 1), worst, n)
        self.assertEqual(value("crcZLargestEntry", 40, 19), 68923264410)
        self.assertEqual(value("forwardErrorFactorBound", kappa=Q(3), roundings=2), 3 * (Q(2, 2**24) + Q(1, 2**48)))
        self.assertEqual(value("forwardErrorFactorBound", kappa=Q(3), roundings=0), 0)

    def test_refusals_of_codes(self):
        refused, matrix = self.assert_refused, decoding.encoding_matrix
        for wrong in [
            code(),
            code("crcZ", 3, 1, None, [[1]]),
            code("crcZ", 3),
            code("crcZ", None, 1),
            crc_z(0, 0),
            crc_z(3, 3),
            crc_z(3, -1),
            crc_z(1025, 1),
            code("crcZ", 3, 1, 3),
            repetition(4, 1, 0),
            code(matrix=[]),
            code(matrix=[[], [1]]),
        ]:
            refused("invalidParameters", matrix, wrong)
        refused("dimensionMismatch", matrix, code(matrix=[[1], []]))
        refused("nonDivisible", matrix, repetition(5, 1))
        refused("indexOutOfRange", decode, crc_z(3, 1), 0, 3)
        refused("indexOutOfRange", decode, crc_z(3, 1), 0, 0, -1)
        refused("duplicateWorker", decode, crc_z(3, 1), 0, 0)
        refused("invalidParameters", decoding.check, crc_z(3, 1), 3)
        recover = decoding.recover_sum
        refused("dimensionMismatch", recover, crc_z(3, 1), [[1.0], [1.0]])
        refused("dimensionMismatch", recover, crc_z(3, 1), [[1.0], [1.0, 2.0], None])
        refused("dimensionMismatch", recover, crc_z(3, 1), [[], [], None])
        refused("outOfRange", recover, repetition(2, 0), [[2.0**127], [2.0**127]])
        probability = decoding.recovery_probability
        refused("dimensionMismatch", probability, crc_z(3, 1), [Q(0)])
        refused("invalidProbability", probability, crc_z(3, 1), [Q(0), Q(2), Q(0)])
        encode = decoding.combine
        refused("invalidParameters", encode, [], [])
        refused("invalidParameters", encode, [1.0], [[]])
        refused("dimensionMismatch", encode, [1.0], [[1.0], [1.0]])
        refused("dimensionMismatch", encode, [1.0, 1.0], [[1.0], [1.0, 2.0]])
        refused("nonFinite", encode, [nan], [[1.0]])
        refused("nonFinite", encode, [0.0], [[inf]])
        refused("outOfRange", encode, [2.0], [[2.0**127]])
        refused("invalidParameters", theory, "crcZLargestEntry", 3)
        refused("invalidParameters", theory, "crcZWorstAmplification", 3, 2)
        refused("invalidParameters", theory, "forwardErrorFactorBound", kappa=Q(-1), roundings=1)
        refused("invalidParameters", theory, "forwardErrorFactorBound", kappa=Q(1), roundings=-1)
        refused("invalidParameters", theory, "thresholdRecovery", 3, 3, None, [Q(0)] * 3)
        refused("dimensionMismatch", theory, "thresholdRecovery", 3, 1, None, [Q(0)] * 2)
        refused("invalidProbability", theory, "thresholdRecovery", 3, 1, None, [Q(2)] * 3)
        refused("nonDivisible", theory, "fractionalRepetitionRecovery", 3, 1, None, [Q(0)] * 3)


class Rounds(AdapterTest):
    def session(self, **fields):
        return adapter.GradientCodeRounds(crc_z(3, 1), 1, **fields)

    def test_every_pair_recovers_the_sum(self):
        session = self.session()
        for responders in [[0, 1], [2, 0], [1, 2], [0, 1, 2]]:
            self.assertEqual(session.round([[1.0], [2.0], [4.0]], responders)["update"], [7.0])
        self.assertIsNone(session.round([[1.0], [2.0], [4.0]], [1])["update"])

    def test_a_gradient_that_is_not_finite_excludes_those_who_hold_it(self):
        answer = self.session().round([[inf], [2.0], [4.0]], [0, 1, 2])
        self.assertEqual(answer, {"update": None, "excluded": [0, 2], "decoded": [[inf], [10.0], [-inf]]})
        answer = adapter.GradientCodeRounds(repetition(2, 1), 2).round([[inf, 1.0], [-inf, 2.0]], [1])
        self.assertEqual(str(answer["decoded"]), "[None, [nan, 3.0]]")
        answer = self.session().round([[2.0**127], [0.0], [0.0]], [0, 1, 2])
        self.assertEqual((answer["update"], answer["excluded"]), ([2.0**127], [0]))

    def test_seed_and_iteration_draw_the_responders(self):
        p = [Q(1, 4), Q(1, 2), Q(3, 8)]
        session, gradients = self.session(probabilities=p), [[1.0], [2.0], [4.0]]
        for t in range(20):
            responders = randomness.stragglers_draw(9, t, probabilities=p)["responders"]
            self.assertEqual(session.round(gradients, seed=9, t=t), session.round(gradients, responders))

    def test_saving_and_restoring(self):
        session = self.session()
        state = session.save()
        session.round([[1.0], [2.0], [4.0]], [0, 1])
        session.set(0.5)
        session.restore(state)
        self.assertEqual(session.save(), state)
        other = adapter.GradientCodeRounds(crc_z(3, 1), 2)
        for wrong in [other.save(), "", "[]", "5", "[" * 100000, '["' + "0" * 16 + '",1,1]']:
            self.assert_refused("invalidParameters", session.restore, wrong)

    def test_refusals(self):
        session, gradients = self.session(), [[1.0], [2.0], [4.0]]
        refused = self.assert_refused
        refused("invalidParameters", session.round, gradients)
        refused("invalidParameters", session.round, gradients, [0, 1], seed=1, t=1)
        refused("invalidParameters", session.round, gradients, seed=1)
        refused("invalidParameters", session.round, gradients, seed=1, t=1)
        refused("invalidParameters", self.session(probabilities=[Q(0)] * 3).round, gradients, seed=1, t=-1)
        refused("dimensionMismatch", session.round, gradients[:2], [0, 1])
        refused("dimensionMismatch", session.round, gradients[:2] + [[]], [0, 1])
        refused("indexOutOfRange", session.round, gradients, [0, 3])
        refused("duplicateWorker", session.round, gradients, [0, 0])
        refused("invalidParameters", adapter.GradientCodeRounds, crc_z(3, 1), 0)
        refused("dimensionMismatch", self.session, probabilities=[Q(0)])
        refused("outOfRange", adapter.GradientCodeRounds, code(matrix=[[Q(1, 10**50)]]), 1)
        refused("outOfRange", decoding.recover_sum, code(matrix=[[Q(1, 10**50)]]), [[1.0]])
        refused("invalidProbability", self.session, probabilities=[Q(2)] * 3)


class Mutants(AdapterTest):
    def kind_of_refusal(self, function, *arguments):
        try:
            return function(*arguments) and None
        except Refused as refusal:
            return refusal.kind

    def questions(self):
        path = code("graph", k=3, edges=[[0, 1], [1, 2]])

        def second_round():
            session = adapter.GradientCodeRounds(repetition(4, 1), 1)
            return [session.round([[1.0]] * 4, responders)["update"] for responders in ([0, 1], [0])]

        def free_signs():
            one_bit.FREE.seed(9)
            return one_bit.quantize([0.0] * 1000, [1.0])

        def silent_round():
            session = adapter.HeterogeneousRounds([[1]], [Q(1, 2)], "optimal", 1)
            return [session.round([[1.0]], responders)["update"] for responders in ([0], [])]

        def full_round():
            session = adapter.HeterogeneousRounds([[1], [1]], [Q(1, 2)] * 2, "optimal", 1)
            return session.round([[1.0]], [0, 1])["update"]

        pair, mixed = [[1], [1]], [Q(1, 2), Q(1, 4)]
        questions = {
            "bias-dropped": lambda: heterogeneous.moments(mixed, [[Q(1)], [Q(1)]], [[Q(1)]])["gradientError"],
            "blind": lambda: heterogeneous.coefficients(pair, mixed)["coefficients"],
            "greedy-bits": lambda: heterogeneous.allocate_bits([Q(3, 4), Q(3, 10), Q(7, 20)], Q(4), 6, 6)["gain"],
            "inverted-odds": lambda: heterogeneous.coefficients(pair, mixed)["coefficients"],
            "last-update": silent_round,
            "mean-eigenvalue": lambda: heterogeneous.moments([Q(1, 2)], [[Q(2), Q(2)]])["eigenvalueBound"],
            "responders-mean": full_round,
            "uncapped": lambda: heterogeneous.allocate("lpt", mixed, 2, [1, 1])["copies"],
            "biased": free_signs,
            "carry": lambda: randomness.draws(1, 1, 0, 0, 3, 5),
            "clip": lambda: self.kind_of_refusal(one_bit.quantize, [2.0], [1.0], [0]),
            "compact": lambda: decode(crc_z(5, 2), 0, 2, 4),
            "double-rounding": lambda: rounding.binary32(1 + Q(1, 2**24) + Q(1, 2**60)),
            "first-responders": lambda: decode(repetition(6, 2), 0, 2, 3)["status"],
            "least-squares": lambda: decode(crc_z(4, 1), 0, 2)["status"],
            "isolated": lambda: decoding.project(path, [0])["recovered"],
            "memory": second_round,
            "msb-first": lambda: one_bit.quantize([1.0, -1.0, 1.0], [1.0], [0] * 3)["message"],
            "nan-zero": lambda: str(decoding.recover(decoding.encoding_matrix(crc_z(3, 1)), [[1.0], [1.0], [nan]])),
            "one-step": lambda: decoding.approximate(path, [0, 1], "oneStep", Q(1, 2))["vector"],
            "one-word": lambda: one_bit.quantize([0.0, 0.0], [1.0], [0, 0xFFFFFFFF])["message"],
            "survivor-average": lambda: decode(crc_z(5, 2), 0, 1, 2)["vector"],
            "unsorted": lambda: self.kind_of_refusal(decoding.encoding_matrix, code("crcQ", 3, 1, nodes=[1, 3, 2])),
            "weight-exponent": lambda: decoding.encoding_matrix(code("crcQ", 4, 2))[0],
            "window": lambda: decoding.encoding_matrix(crc_z(5, 2))[0],
            "wrap": lambda: decoding.encoding_matrix(crc_z(5, 2))[4],
        }
        self.assertEqual(set(questions), set(mutants.MUTANTS))
        return questions

    def test_every_mutant_answers_its_question_wrongly(self):
        self.addCleanup(setattr, mutants, "chosen", None)
        for name, question in self.questions().items():
            mutants.chosen = None
            right = question()
            mutants.chosen = name
            self.assertNotEqual(question(), right, name)


class PipeTest(unittest.TestCase):
    def setUp(self):
        self.start(ADAPTER)

    def start(self, *arguments):
        self.child = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=HERE,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        )
        for clean_up in (self.child.stdout.close, self.child.wait, self.child.kill, self.child.stdin.close):
            self.addCleanup(clean_up)

    def send(self, line):
        self.child.stdin.write((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
        self.child.stdin.flush()

    def ask(self, line):
        self.send(line)
        return json.loads(self.child.stdout.readline())

    def run_question(self, seq, operation, question):
        return self.ask({"cmd": "run", "seq": seq, "operation": operation, "input": question})


class Pipe(PipeTest):
    def test_a_whole_session(self):
        declaration = self.ask({"cmd": "start", "version": 1, "nonce": "0"})
        self.assertEqual(declaration["version"], 1)
        rounds = {f"{scheme}.round" for scheme in adapter.SESSIONS}
        self.assertEqual(set(declaration["operations"]), set(adapter.OPERATIONS) | rounds)
        matrix = {"matrix": [["2/1", "1/1", "0/1"], ["0/1", "1/1", "2/1"], ["-1/1", "0/1", "1/1"]]}
        gradients = [floats(1), floats(2), floats(4)]
        for session in (1, 2):
            opening = {"code": matrix, "dimension": 1, "probabilities": ["0/1", "0/1", "1/1"]}
            command = {"cmd": "open", "seq": session, "session": session, "scheme": "gradientCode", "input": opening}
            self.assertEqual(self.ask(command), {"seq": session, "output": {}})
            self.assertEqual(self.ask(command)["reject"], "invalidParameters")
        for session, question, update in [
            (1, {"gradients": gradients, "responders": [0, 2]}, floats(7)),
            (2, {"gradients": gradients, "responders": [0]}, None),
            (2, {"gradients": gradients, "seed": "00000000000000ff", "t": 3}, floats(7)),
        ]:
            answer = self.ask({"cmd": "round", "seq": 9, "session": session, "input": question})
            self.assertEqual(answer["output"]["update"], update)
        question = {"gradients": gradients, "responders": [9]}
        refused = self.ask({"cmd": "round", "seq": 10, "session": 1, "input": question})
        self.assertEqual((refused["seq"], refused["reject"]), (10, "indexOutOfRange"))
        state = self.ask({"cmd": "save", "seq": 11, "session": 1})["output"]["state"]
        for kind, step in [
            ("dimensionMismatch", floats(1, 2)),
            ("nonFinite", floats(inf)),
            ("invalidParameters", floats(0)),
        ]:
            self.assertEqual(self.ask({"cmd": "set", "seq": 12, "session": 1, "input": {"step": step}})["reject"], kind)
        setting = {"cmd": "set", "seq": 12, "session": 1, "input": {"step": floats(0.5)}}
        self.assertEqual(self.ask(setting)["output"], {})
        restore = {"cmd": "restore", "seq": 13, "session": 1, "input": {"state": state}}
        self.assertEqual(self.ask(restore)["output"], {})
        self.assertEqual(self.ask({"cmd": "close", "seq": 14, "session": 1})["output"], {})
        self.assertEqual(self.ask({"cmd": "save", "seq": 15, "session": 1})["reject"], "invalidParameters")
        self.send({"cmd": "stop"})
        self.assertEqual(self.child.wait(timeout=10), 0)

    def test_many_questions_in_flight_are_answered_in_order(self):
        for seq in range(64):
            question = {"coefficients": floats(seq), "vectors": [floats(1)]}
            self.send({"cmd": "run", "seq": seq, "operation": "gradientCode.encode", "input": question})
        for seq in range(64):
            answer = json.loads(self.child.stdout.readline())
            self.assertEqual(answer, {"seq": seq, "output": {"vector": floats(seq)}})

    def test_malformed_questions_are_refused(self):
        one = floats(1)
        for operation, question in [
            ("gradientCode.encode", None),
            ("gradientCode.encode", []),
            ("gradientCode.encode", {"coefficients": one}),
            ("gradientCode.encode", {"coefficients": one[:7], "vectors": [one]}),
            ("gradientCode.encode", {"coefficients": "3F800000", "vectors": [one]}),
            ("gradientCode.encode", {"coefficients": "３f800000", "vectors": [one]}),
            ("gradientCode.encode", {"coefficients": one, "vectors": one}),
            ("rounding.binary32", {"values": ["2/4"]}),
            ("rounding.binary32", {"values": ["-0/1"]}),
            ("rounding.binary32", {"values": ["1/0"]}),
            ("rounding.binary32", {"values": ["01/2"]}),
            ("rounding.binary32", {"values": ["1/2\n"]}),
            ("rounding.binary32", {"values": ["1" * 1000000]}),
            ("rounding.binary32", {"values": [0.5]}),
            ("philox.words", {"seed": "0" * 15, "stream": 0, "t": 0, "i": 0, "first": 0, "count": 0}),
            ("philox.words", {"seed": "0" * 16, "stream": True, "t": 0, "i": 0, "first": 0, "count": 0}),
            ("philox.words", {"seed": "0" * 16, "stream": 0.5, "t": 0, "i": 0, "first": 0, "count": 0}),
            ("philox.words", {"seed": "0" * 16, "stream": 1 << 53, "t": 0, "i": 0, "first": 0, "count": 0}),
            ("philox.words", {"seed": "0" * 32, "stream": 0, "t": 0, "i": 0, "first": 0, "count": 0}),
            ("allocation.report", {"allocation": [[1 << 53, 1], [1]]}),
            ("gradientCode.decodingVector", {"code": {"matrix": [["1/1"]]}, "responders": [1 << 53], "rule": "any"}),
            ("theory.value", {"quantity": "beauty"}),
        ]:
            answer = self.run_question(5, operation, question)
            self.assertEqual((answer["seq"], answer.get("reject")), (5, "invalidParameters"), (operation, question))
        self.assertEqual(self.run_question(6, "gradientCode.dance", {})["unsupported"], "gradientCode.dance")
        self.assertEqual(self.ask({"cmd": "dance", "seq": 7}), {"seq": 7, "unsupported": "dance"})
        opening = {"cmd": "open", "seq": 8, "session": 1, "scheme": "dance", "input": {}}
        self.assertEqual(self.ask(opening), {"seq": 8, "unsupported": "dance"})

    def test_hostile_lines_do_not_end_it(self):
        for line in [b"", b"x", b"[]", b"3", b'{"cmd":1}', b"\xff\xfe", b'{"cmd":"run"}', b'{"cmd":"run","seq":"1"}']:
            self.send(line)
        for line in [b"[" * 200000, b'{"seq":' + b"9" * 30]:
            self.send(line)
        deep = b'{"cmd":"run","seq":3,"operation":"theory.value","input":' + b"[" * 100000 + b"]" * 100000 + b"}"
        self.assertEqual(self.ask(deep)["reject"], "invalidParameters")
        number = b'{"cmd":"run","seq":4,"operation":"rounding.binary32","input":{"values":[' + b"9" * 1000000 + b"]}}"
        self.assertEqual(self.ask(number)["reject"], "invalidParameters")
        long = {"values": ["9" * 60000 + "/1", "1/" + "9" * 60000]}
        self.assertEqual(self.run_question(5, "rounding.binary32", long)["output"]["values"], "7f80000000000000")

    def test_printing_and_defects_of_functions_do_not_disturb_it(self):
        for body, reply in [
            ("print('hello') or {'words': [1]}", {"output": {"words": "00000001"}}),
            ("1 // 0", {"failed": "ZeroDivisionError: integer division or modulo by zero"}),
            ("{'word': [1]}", {"failed": "KeyError: 'words'"}),
            ("{'words': [1], 'kapa': 1}", {"failed": "KeyError: 'the answer has no field kapa'"}),
        ]:
            function = f"lambda counter, key: {body}"
            self.start("-c", f"import gradient_codes as g; g.answers('philox.block')({function}); g.serve('x', '1')")
            self.assertEqual(self.run_question(5, "philox.block", {"counter": "", "key": ""}), {"seq": 5, **reply})

    def test_the_end_of_the_input_ends_it(self):
        self.child.stdin.close()
        self.assertEqual(self.child.wait(timeout=10), 0)


class Documentation(PipeTest):
    """The example of docs/protocol.md, asked again."""

    def test_the_example_is_what_happens(self):
        with open(os.path.join(HERE, "..", "..", "docs", "protocol.md"), encoding="utf-8") as file:
            example = file.read().split('<a id="example"></a>')[1].split("<a id=")[0]
        lines = []
        for block in example.split("```jsonl\n")[1:]:
            for line in block.split("```")[0].splitlines():
                if line.startswith("   "):
                    lines[-1] += line.strip()
                else:
                    lines.append(line)
        self.assertGreater(len(lines), 30)
        for line in lines:
            mark, text = line[:2], line[2:]
            if mark == "> ":
                self.send(text.encode())
            else:
                self.assertEqual(json.loads(self.child.stdout.readline()), json.loads(text), text)
        self.assertEqual(self.child.wait(timeout=10), 0)


class GeneratedPart(unittest.TestCase):
    def test_it_is_the_same_in_all_adapters(self):
        parts = set()
        for name in ["gradient_codes.py", "gradient_codes_numpy.py", "one_bit_torch_style.py"]:
            with open(os.path.join(HERE, name), encoding="utf-8") as file:
                text = file.read()
            parts.add(text[text.index("# begin: ") : text.index("# end: ")])
        self.assertEqual(len(parts), 1)


if __name__ == "__main__":
    unittest.main()
