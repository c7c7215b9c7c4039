"""The examples of docs/CompressedGradientCode.md; run with `python3 -m unittest` in this folder."""

import unittest
from fractions import Fraction

import compressed
import compressed_theory
from checks import Refused

V = [3.0, -1.0, 0.0, -4.0, 2.0, 0.0, -2.0, 4.0]
ROWS = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]


def gradients(t):
    return [[float((5 * k + 3 * j + 7 * t) % 11 - 5) if t < 4 else 0.0 for j in range(8)] for k in range(4)]


def golden(compressor, rounds=7):
    session = compressed.CompressedRounds(ROWS, [Fraction(1, 2)] * 4, compressor, [0.125], 8)
    responders = [[2, 3], [1, 2, 3], [0, 1, 2, 3], [], *[[0, 1, 2, 3]] * 4]
    return [session.round(gradients(t), responders=responders[t]) for t in range(rounds)], session


class Messages(unittest.TestCase):
    def check(self, compressor, v, expected, words=()):
        message = compressed.message_of(v, compressor, words)
        self.assertEqual(message.hex(), expected)
        return compressed.decoded(message, compressor, len(v), words)

    def test_examples_of_the_wire_format(self):
        self.check({"kind": "scaledSign"}, V, "00000040b5")
        self.check({"kind": "blockSign", "blockLength": 4}, V, "0000004000000040b5")
        self.check({"kind": "topK", "k": 3}, V, "00004040000080c000008040d801")
        self.check({"kind": "blockSign", "blockLength": 4}, [1.0, -1.0, 3.0, -3.0, 5.0, -1.0], "000000400000404015")
        levels, v = {"kind": "levels", "levels": 2}, [0.75, -0.5, 0.0, 1.0]
        self.check(levels, v, "0000803f8c08", [0x7FFFFFFF, 0, 0, 0])
        self.check(levels, v, "0000803f8b08", [0x80000000, 0, 0, 0])
        image = self.check({"kind": "randK", "k": 2}, [5.0, -1.0, 3.0, 0.0], "000000c00000c040", [5, 1, 1, 9])
        self.assertEqual(image, [0.0, -2.0, 6.0, 0.0])

    def test_zeros(self):
        self.check({"kind": "scaledSign"}, [-0.0, 0.0, -0.0], "0000000007")
        self.check({"kind": "topK", "k": 2}, [-0.0, 0.0, -0.0], "000000000000000004")
        self.check({"kind": "scaledSign"}, [-(2.0**-149), 0.0, 0.0, 0.0], "000000000f")

    def test_bytes_that_are_no_message(self):
        for compressor, dimension, text in [
            ({"kind": "scaledSign"}, 3, "0000803f0f"),
            ({"kind": "topK", "k": 2}, 4, "0000803f0000803f05"),
            ({"kind": "topK", "k": 1}, 3, "0000803f03"),
            ({"kind": "identity"}, 1, "00000080"),
            ({"kind": "levels", "levels": 1}, 2, "0000000006"),
        ]:
            with self.assertRaises(Refused):
                compressed.decoded(bytes.fromhex(text), compressor, dimension)


class Runs(unittest.TestCase):
    def test_golden_run_with_top_2(self):
        outcomes, session = golden({"kind": "topK", "k": 2})
        updates = [[8 * x for x in outcome["update"]] for outcome in outcomes]
        self.assertEqual(updates[1], [0, 0, 0, 5, 0, 10, 0, 11])
        self.assertEqual(updates[4], [-3, -2, -3, -7, 3, 0, 0, 0])
        self.assertEqual(updates[6], [0, 0, -1, 0, 0, 0, 0, -1])
        self.assertEqual(outcomes[1]["messages"][2].hex(), "0000203f0000603f3d")
        self.assertTrue(all(x == 0 for memory in session.memories for x in memory))

    def test_golden_run_with_signs(self):
        outcomes, session = golden({"kind": "scaledSign"}, 4)
        model = [-512 * sum(outcome["update"][j] for outcome in outcomes) for j in range(8)]
        self.assertEqual(model, [987, -307, -495, -169, 571, 211, -579, -269])
        self.assertEqual([512 * x for x in session.memories[3]], [48, 332, 164, -92, -36, -224, -224, -176])

    def test_straggler(self):
        memory, sent = [0.0, 0.0], []
        for _ in range(3):
            _, image, memory = compressed.stepped([1.0, 0.5], memory, 1.0, {"kind": "topK", "k": 1})
            sent.append(image)
        self.assertEqual((sent, memory), ([[1, 0], [1, 0], [0, 1.5]], [1, 0]))


class Bounds(unittest.TestCase):
    def test_three_workers(self):
        z = Fraction(1, 100)
        answer = compressed_theory.convergence(
            theorem="convex", allocation=[[1, 0, 0], [0, 1, 0], [0, 0, 1]], probabilities=[Fraction(0)] * 3,
            compressor={"kind": "topK", "k": 1},
            loss={"kind": "quadratic", "curvatures": [[Fraction(1)] * 2, [Fraction(0)] * 2, [Fraction(0)] * 2],
                  "centres": [[Fraction(0)] * 2] * 3},
            slopes=[[Fraction(1), Fraction(1)], [Fraction(-1), Fraction(0)], [Fraction(0), Fraction(-1)]],
            start=[Fraction(0)] * 2, minimiser=[Fraction(0)] * 2, step=z, iterations=2,
        )
        self.assertEqual(answer["measured"], z * z / 4)
        self.assertEqual(answer["measured"] / answer["bound"], 1 - z)


if __name__ == "__main__":
    unittest.main()
