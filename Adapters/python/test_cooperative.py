"""Tests of cooperative gradient coding: the numbers of docs/CooperativeGradientCode.md, and second routes."""

import itertools
import os
import sys
import unittest
from fractions import Fraction as Q
from math import nan

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cooperative
import cooperative_theory
from checks import Refused

EMPTY = dict.fromkeys(
    "workers stragglers partitions resolution nodes window parityCheck density seed edges allocation straggling".split()
)


def code(rows):
    return {"kind": None, **EMPTY, "matrix": [[Q(x) for x in row] for row in rows]}


Z3 = code([[2, 1, 0], [0, 1, 2], [-1, 0, 1]])
Z4 = code([[3, 2, 1, 0], [0, 1, 2, 3], [-1, 0, 1, 2], [-2, -1, 0, 1]])
UPLINKS = [Q(1, 2), Q(1, 4), Q(3, 8), Q(1, 2)]
LINKS = [[Q((3 * m + 5 * k) % 8, 8) for k in range(4)] for m in range(4)]
GRADIENTS = [[((3 * k + 5 * j) % 7 - 3) / 2 for j in range(3)] for k in range(4)]


def row(client, available, attempt=0):
    return {"client": client, "attempt": attempt, "available": available}


class Outage(unittest.TestCase):
    def test_the_example_of_the_page(self):
        answer = cooperative_theory.outage(3, 1, [Q(1, 10)] * 3, [[Q(1, 5)] * 3] * 3)
        self.assertEqual(
            list(answer.values()), [Q(12636, 15625), Q(3159, 31250), Q(392, 15625), Q(91, 31250), Q(972, 15625)]
        )

    def test_causes_sum_to_one(self):
        answer = cooperative_theory.outage(4, 2, UPLINKS, LINKS)
        self.assertEqual(sum(answer.values()), 1)


class Decode(unittest.TestCase):
    def test_hand_examples(self):
        two = cooperative.decode_plus(Z3, 1, [row(0, [0, 1]), row(2, [2])])
        self.assertEqual((two["outcome"], two["rank"], two["recovered"]), ("partial", 2, [2]))
        three = cooperative.decode_plus(Z3, 1, [row(0, [0, 1]), row(1, [1, 2]), row(2, [2, 0])])
        self.assertEqual((three["outcome"], three["rank"], three["recovered"]), ("full", 2, []))
        self.assertEqual(cooperative.decode_plus(Z3, 1, [])["outcome"], "none")

    def test_the_law_is_that_of_all_patterns(self):
        p, q = Q(1, 3), Q(2, 5)
        found = dict.fromkeys(("full", "partial", "none"), Q(0))
        for bits in itertools.product((0, 1), repeat=6):
            up, links = bits[:3], [[0, bits[3], 0], [0, 0, bits[4]], [bits[5], 0, 0]]
            chance = Q(1)
            for bit, outage in zip(bits, [p] * 3 + [q] * 3):
                chance *= 1 - outage if bit else outage
            found[cooperative.decode(Z3, 1, "plus", [links], [list(up)])["status"]] += chance
        answer = cooperative.law(Z3, 1, "plus", p, q, 1)
        self.assertEqual({name: answer[name] for name in found}, found)

    def test_two_attempts_have_605_of_729(self):
        answer = cooperative.law(Z3, 1, "plus", Q(1, 3), Q(1, 2), 2)
        self.assertEqual((answer["full"], answer["partial"], answer["none"]), (Q(605, 729), Q(114, 729), Q(10, 729)))

    def test_refusals(self):
        for rows, kind in (
            ([row(0, [1])], "invalidParameters"),
            ([row(3, [0])], "indexOutOfRange"),
            ([row(0, [0]), row(0, [0, 1])], "duplicateWorker"),
        ):
            with self.assertRaises(Refused) as caught:
                cooperative.decode_plus(Z3, 1, rows)
            self.assertEqual(caught.exception.kind, kind)


class Rounds(unittest.TestCase):
    def open(self, decoder, attempts):
        probabilities = {"uplinks": UPLINKS, "links": LINKS}
        return cooperative.CooperativeRounds(Z4, 2, decoder, "mean", attempts, 3, probabilities)

    def test_the_golden_iteration(self):
        one = self.open("plus", 1).round(GRADIENTS, seed=20240319, t=2)
        self.assertEqual((one["outcome"], one["recovered"], one["update"]), ("partial", [1], [0, -1, 1.5]))
        both = self.open("plus", 2).round(GRADIENTS, seed=20240319, t=2)
        self.assertEqual((both["outcome"], both["recovered"], both["update"]), ("full", [1], [-0.125, -0.25, 0.5]))
        self.assertEqual(self.open("threshold", 2).round(GRADIENTS, seed=20240319, t=8)["update"], None)

    def test_a_spoilt_gradient_spoils_only_its_rows(self):
        gradients = [[nan] * 3, *GRADIENTS[1:]]
        up = [[1, 1, 1, 1]]
        links = [[[1] * 4] * 4]
        answer = self.open("plus", 1).round(gradients, links=links, uplinks=up)
        self.assertEqual((answer["outcome"], answer["excluded"]), ("none", [0, 2, 3]))


if __name__ == "__main__":
    unittest.main()
