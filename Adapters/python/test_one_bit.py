"""Tests of 1-bit gradient coding in all adapters: the numbers of docs/OneBitGradientCode.md, and second routes."""

import importlib.util
import itertools
import os
import random
import struct
import sys
import unittest
from fractions import Fraction as Q
from math import inf, isfinite, nan

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gradient_codes as exact
import one_bit
import one_bit_theory as theory
import randomness
import rounding
from checks import Refused, TooMuchWork
from test_gradient_codes import HERE, AdapterTest, PipeTest, floats

NUMPY = importlib.util.find_spec("numpy") is not None
if NUMPY:
    import gradient_codes_numpy as plain
    import numpy as np
    import one_bit_torch_style as torch

CYCLIC = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]
GOLDEN = {
    "allocation": CYCLIC,
    "probabilities": [Q(1, 4), Q(0), Q(1, 2), Q(3, 8)],
    "bound": [4.0],
    "dimension": 11,
}
GRADIENTS = [[((3 * k + 5 * j) % 7 - 3) / 2 for j in range(11)] for k in range(4)]
GRADIENTS_EXACT = [[Q(x) for x in row] for row in GRADIENTS]
WORDS = [
    int(word, 16)
    for word in """
    9c70ba4e 690d854a 07676e43 a5d5b739 fa6215ec ac69501c 582b7ae3 cbed6427 9f32c78b 46bc48d4 f9757881
    5ea10f04 791c6702 7d8e7ee2 96c4d0fa bcbaaebc 1511e292 88b36a54 35a052b5 3c431b62 147f556f e21af5c5
    2c73e830 ff643c79 fec55a43 bdf428fc a1fc3718 b0af3b88 5737b51a c151f6f3 b28c1fb1 7fb584aa 630b8947
    """.split()
]
UPDATE = [4, -4, 4, -12, -12, 4, 4, -4, -4, 12, -4]
TINY = 2.0**-149
EDGES = [  # x, B, c of docs/OneBitGradientCode.md#decision
    (1.0, 1.0, 1 << 32),
    (TINY, TINY, 1 << 32),
    (-1.0, 1.0, 0),
    (-TINY, TINY, 0),
    (0.0, 2.0**127, 1 << 31),
    (-0.0, TINY, 1 << 31),
    (TINY, 1.0, (1 << 31) + 1),
    (-TINY, 1.0, 1 << 31),
    (TINY, 3 * TINY, 2863311531),
    (0.75, 2.0, 0xB0000000),
    (-16646143.0, 16777215.0, 16777218),
]


def adapters():
    """The sessions of all adapters, by what they are called."""
    classes = {"exact": exact.OneBitRounds}
    if NUMPY:
        classes.update(numpy=plain.OneBitRounds, torch=torch.OneBitTraining)
    return classes.items()


def refusals():
    return (exact.Refusal, Refused) + ((plain.Refusal, torch.Refusal) if NUMPY else ())


def listed(vector):
    return None if vector is None else [float(x) for x in vector]


def quantizers():
    return [one_bit.quantize] + ([plain.one_bit_quantize] if NUMPY else [])


def random_float(generator):
    """Any finite binary32."""
    while True:
        value = struct.unpack(">f", struct.pack(">I", generator.getrandbits(32)))[0]
        if isfinite(value):
            return value


def threshold(x, bound):
    """c = ⌈2^31 (B + x)/B⌉ in Fractions."""
    return -(-(2**31 * (Q(bound) + Q(x)) / Q(bound)) // 1)


class OneBitTest(AdapterTest):
    def assert_refused(self, kind, function, *arguments, **fields):
        with self.assertRaises(refusals()) as caught:
            function(*arguments, **fields)
        self.assertEqual(caught.exception.kind, kind, caught.exception.reason)


class Golden(OneBitTest):
    def test_words_are_those_of_stream_1(self):
        words = [word for i in (1, 2, 3) for word in randomness.draws(20240319, 1, 5, i, 0, 11)]
        self.assertEqual(words, WORDS)

    def test_coded_gradients(self):
        q = [1 - p for p in GOLDEN["probabilities"]]
        coded = theory.Messages(CYCLIC, one_bit.standard_weights(CYCLIC, q), GRADIENTS_EXACT, [[Q(4)]]).coded
        self.assertEqual([4 * x for x in coded[1]], [3, -1, 2, -2, 1, -3, 0, 3, -1, 2, -2])
        self.assertEqual([2 * x for x in coded[2]], [2, -2, 1, -3, 0, 3, -1, 2, -2, 1, -3])
        self.assertEqual([5 * x for x in coded[3]], [-8, -2, 4, -4, 2, 8, 0, -8, -2, 4, -4])

    def test_rounds_of_all_adapters(self):
        for name, rounds in adapters():
            answer = rounds(**GOLDEN).round(GRADIENTS, responders=[3, 1, 2], tape=WORDS)
            self.assertEqual(listed(answer["update"]), UPDATE, name)
            self.assertIsNone(answer["decoded"][0])
            self.assertEqual([sum(column) for column in zip(*answer["decoded"][1:])], UPDATE, name)
            if name == "torch":
                self.assertNotIn("messages", answer)
            else:
                messages = [m and bytes(m).hex() for m in answer["messages"]]
                self.assertEqual(messages, [None, "4602", "a503", "6106"], name)

    def test_the_seed_draws_responders_and_words(self):
        answer = exact.OneBitRounds(**GOLDEN).round(GRADIENTS, seed=20240319, t=5)
        self.assertEqual(answer, exact.OneBitRounds(**GOLDEN).round(GRADIENTS, [1, 2, 3], WORDS))

    def test_the_step(self):
        messages = [bytes.fromhex(m) for m in ("4602", "a503", "6106")]
        for step in [one_bit.step_model] + ([plain.one_bit_step] if NUMPY else []):
            model = step([0.0] * 11, [0.125], messages, [4.0])["model"]
            self.assertEqual([2 * x for x in model], [-1, 1, -1, 3, 3, -1, -1, 1, 1, -3, 1])

    def test_variance(self):
        answer = theory.moments(CYCLIC, GRADIENTS_EXACT, GOLDEN["probabilities"], ranges=[[Q(4)]])
        self.assertEqual(answer["stragglerPart"] + answer["quantiserPart"], Q(3945, 8))
        self.assertEqual([2 * x for x in answer["mean"]], [-1, -2, 4, -4, 2, 1, 0, -1, -2, 4, -4])


class Quantiser(OneBitTest):
    def bit(self, quantize, x, bound, word):
        return quantize([x], [bound], [word])["message"][0]

    def test_edge_draws(self):
        for quantize, (x, bound, c) in itertools.product(quantizers(), EDGES):
            self.assertEqual(threshold(x, bound), c)
            for word in (0, c - 1, c, 0xFFFFFFFF):
                if 0 <= word < 1 << 32:
                    self.assertEqual(self.bit(quantize, x, bound, word), int(word < c), (x, bound, word))

    def test_thresholds_of_random_floats(self):
        generator = random.Random(4)
        x, ranges, words, bits = [], [], [], []
        for _ in range(3000):
            small, large = sorted((random_float(generator), random_float(generator)), key=abs)
            bound = abs(large) if generator.random() < 0.5 else max(abs(small) * generator.choice([1, 2, 3]), TINY)
            bound = rounding.binary32(Q(bound))
            if not isfinite(bound):
                continue
            c = threshold(small, bound)
            for word in (0, c - 2, c - 1, c, c + 1, generator.getrandbits(32), 0xFFFFFFFF):
                if 0 <= word < 1 << 32:
                    x.append(small)
                    ranges.append(bound)
                    words.append(word)
                    bits.append(word < c)
        expected = sum(1 << j for j, bit in enumerate(bits) if bit).to_bytes((len(bits) + 7) // 8, "little")
        for quantize in quantizers():
            self.assertEqual(bytes(quantize(x, ranges, words)["message"]), expected)

    def test_the_message_of_the_largest_magnitude(self):
        for quantize in quantizers():
            answer = quantize([1.5, -1.5, 0.0], "perMessage", [0xFFFFFFFF, 0, 0x80000000])
            self.assertEqual(bytes(answer["message"]).hex(), "0000c03f01")
            self.assertEqual(bytes(quantize([0.0, -0.0], "perMessage", [0, 0])["message"]).hex(), "0000000000")
            self.assertEqual(bytes(quantize([-0.0] * 9, "perMessage")["message"]).hex(), "0" * 12)

    def test_free_signs_have_the_right_mean(self):
        for quantize in quantizers():
            message = quantize([0.5] * 40000 + [1.0] * 100 + [-1.0] * 100, [1.0])["message"]
            bits = [message[j // 8] >> j % 8 & 1 for j in range(40200)]
            self.assertLess(abs(sum(bits[:40000]) - 30000), 6 * 87)
            self.assertEqual(bits[40000:], [1] * 100 + [0] * 100)
            self.assertNotEqual(message, quantize([0.5] * 40000 + [1.0] * 100 + [-1.0] * 100, [1.0])["message"])

    def test_refusals(self):
        for quantize in quantizers():
            for kind, *question in [
                ("invalidParameters", [], [1.0]),
                ("invalidParameters", [1.0], [0.0]),
                ("invalidParameters", [nan], [-1.0, 1.0], [0]),
                ("dimensionMismatch", [1.0, 1.0], []),
                ("dimensionMismatch", [nan, 1.0], [inf] * 3),
                ("dimensionMismatch", [1.0], [1.0], []),
                ("dimensionMismatch", [0.0], "perMessage", [0, 0]),
                ("nonFinite", [1.0], [-inf]),
                ("nonFinite", [1.0], [nan]),
                ("nonFinite", [2.0, inf], [1.0]),
                ("nonFinite", [nan], "perMessage"),
                ("outOfRange", [1.0, -1.0000001192092896], [1.0], [0, 0]),
                ("outOfRange", [1.0, 1.0], [2.0, 0.5], [0, 0]),
            ]:
                self.assert_refused(kind, quantize, *question)

    @unittest.skipUnless(NUMPY, "numpy is not installed")
    def test_uniforms_of_24_bits_send_a_sign_with_nearly_the_right_probability(self):
        generator = random.Random(5)
        pairs = [(x, bound) for x, bound, _ in EDGES]
        for n in range(20000):
            bound = rounding.binary32(Q(2) ** generator.randrange(-120, 120) * Q(generator.uniform(1, 2)))
            small = 2.0 ** -generator.uniform(0, 30)
            share = [generator.uniform(-1, 1), small - 1, -small][n % 3]
            pairs.append((float(np.float32(bound * share)), bound))
        x, bounds = (np.array(column, np.float32) for column in zip(*pairs))
        p = torch.plus_probability(x, bounds)
        self.assertEqual(p.dtype, np.float32)
        for (value, bound), approximate in zip(pairs, p):
            drawn = -(-Q(float(approximate)) * 2**24 // 1)
            self.assertLess(abs(Q(drawn, 2**24) - (Q(bound) + Q(value)) / (2 * Q(bound))), Q(1, 2**24))
        self.assertEqual(listed(torch.plus_probability(np.float32([3.0, -3.0]), np.float32([3.0]))), [1, 0])
        self.assertEqual(listed(torch.uniforms([0, 0xFFFFFFFF], (2,))), [0, 1 - 2.0**-24])


class Server(OneBitTest):
    def functions(self):
        pairs = [(one_bit.aggregate, one_bit.step_model)]
        return pairs + ([(plain.one_bit_aggregate, plain.one_bit_step)] if NUMPY else [])

    def test_sums_of_messages(self):
        for aggregate, _ in self.functions():
            self.assertEqual(listed(aggregate([], [1.0], 3)["update"]), [0, 0, 0])
            self.assertEqual(listed(aggregate([], "perMessage", 2)["update"]), [0, 0])
            twice = [bytes.fromhex("0106")] * 2
            self.assertEqual(listed(aggregate(twice, [1.5], 11)["update"]), [3] + [-3] * 8 + [3, 3])
            self.assertEqual(listed(aggregate(twice[:1], [2.0] * 10 + [TINY], 11)["update"])[-2:], [2, TINY])
            own = [list(bytes.fromhex(m)) for m in ("0000c03f01", "0000000000", "0000803f06")]
            self.assertEqual(listed(aggregate(own, "perMessage", 3)["update"]), [0.5, -0.5, -0.5])

    def test_malformed_messages(self):
        for aggregate, step in self.functions():
            for bound, message in [
                ([1.0], "01"),
                ([1.0], "010600"),
                ([1.0], "0108"),
                ([1.0], "0180"),
                ("perMessage", "0106"),
                ("perMessage", "0000803f0108"),
                ("perMessage", "000080bf0106"),
                ("perMessage", "000000800000"),
                ("perMessage", "0000c07f0000"),
                ("perMessage", "0000807f0000"),
                ("perMessage", "000000000100"),
            ]:
                message = bytes.fromhex(message)
                self.assert_refused("malformedMessage", aggregate, [message], bound, 11)
                self.assert_refused("malformedMessage", step, [0.0] * 11, [1.0], [message], bound)

    def test_refusals_of_sums(self):
        largest = struct.unpack(">f", bytes.fromhex("7f7fffff"))[0]
        for aggregate, _ in self.functions():
            for kind, *question in [
                ("invalidParameters", [], [1.0], 0),
                ("invalidParameters", [], [1.0], (1 << 26) + 1),
                ("invalidParameters", [b""], [-1.0, inf], 1),
                ("dimensionMismatch", [], [1.0, inf], 3),
                ("nonFinite", [b""], [inf], 1),
                ("outOfRange", [b"\1", b"\1"], [largest], 1),
            ]:
                self.assert_refused(kind, aggregate, *question)

    def test_steps(self):
        for _, step in self.functions():
            self.assertEqual(listed(step([1.0, -1.0], [0.5], [], [1.0])["model"]), [1, -1])
            self.assertEqual(listed(step([1.0, -1.0], [0.5], [b"\1"], [1.0])["model"]), [0.5, -0.5])
            box = step([1.0, -1.0, 0.0], [1.0], [b"\5"], [2.0], [-0.5, -inf, -1.0], [inf, 0.25, -1.0])
            self.assertEqual(listed(box["model"]), [-0.5, 0.25, -1])
            for kind, *question in [
                ("invalidParameters", [], [1.0], [], [1.0]),
                ("invalidParameters", [0.0], [0.0], [], [1.0]),
                ("invalidParameters", [0.0], [-1.0, 1.0], [], [1.0]),
                ("invalidParameters", [0.0], [1.0], [], [0.0]),
                ("invalidParameters", [0.0], [1.0], [], [1.0], [0.0]),
                ("invalidParameters", [0.0], [1.0], [], [1.0], None, [0.0]),
                ("invalidParameters", [0.0], [1.0], [], [1.0], [1.0], [0.0]),
                ("dimensionMismatch", [0.0], [], [], [1.0]),
                ("dimensionMismatch", [nan], [1.0, 1.0], [], [1.0]),
                ("dimensionMismatch", [0.0], [1.0], [], [1.0, 1.0]),
                ("dimensionMismatch", [0.0, 0.0], [1.0], [], [1.0], [0.0], [0.0]),
                ("nonFinite", [inf], [1.0], [b""], [1.0]),
                ("nonFinite", [0.0], [-inf], [], [1.0]),
                ("nonFinite", [0.0], [1.0], [], [nan]),
                ("nonFinite", [0.0], [1.0], [], [1.0], [nan], [0.0]),
                ("malformedMessage", [2.0**127], [2.0**127], [b"\0", b""], [1.0]),
                ("outOfRange", [0.0], [2.0**-120], [b"\0"] * 2, [2.0**127]),
                ("outOfRange", [2.0**127], [2.0**127], [b"\0"], [1.0]),
                ("outOfRange", [0.0], [1.0], [], [1.0], [inf], [inf]),
            ]:
                self.assert_refused(kind, step, *question)

    def test_the_exact_step_is_rounded_once(self):
        step = rounding.binary32(Q(1, 3))
        model = one_bit.step_model([1.0], [step], [b"\1", b"\1", b"\0"], [rounding.binary32(Q(1, 7))])["model"]
        self.assertEqual(model, [rounding.binary32(1 - Q(step) * Q(rounding.binary32(Q(1, 7))))])

    def test_encode(self):
        for encode in [one_bit.encode] + ([plain.one_bit_encode] if NUMPY else []):
            self.assertEqual(listed(encode([[1.0, 2.0], [4.0, -8.0]], [Q(1, 2), Q(-3)])["vector"]), [-11.5, 25])
            self.assertEqual(listed(encode([[1.0]], [Q(1, 3)])["vector"]), [rounding.binary32(Q(1, 3))])
            for kind, *question in [
                ("invalidParameters", [], []),
                ("invalidParameters", [[]], [Q(1)]),
                ("dimensionMismatch", [[nan]], [Q(1)] * 2),
                ("dimensionMismatch", [[1.0], [1.0, 2.0]], [Q(1)] * 2),
                ("nonFinite", [[1.0, inf]], [Q(10) ** 40]),
                ("nonFinite", [[nan]], [Q(0)]),
                ("outOfRange", [[0.0]], [Q(10) ** 40]),
                ("outOfRange", [[0.0]], [Q(10) ** 400]),
                ("outOfRange", [[0.0]], [Q(1, 10**60)]),
                ("outOfRange", [[2.0**127]], [Q(2)]),
            ]:
                self.assert_refused(kind, encode, *question)


class Rounds(OneBitTest):
    def test_who_sends_and_which_words_are_used(self):
        allocation = [[1, 0], [0, 0], [1, 1]]
        for name, rounds in adapters():
            session = rounds(allocation, [Q(0), Q(1, 2), Q(0)], [4.0, 8.0], 2)
            answer = session.round([[0.0, 8.0], [4.0, -8.0]], [2, 1, 0], tape=[0, 0, 0xFFFFFFFF, 0xFFFFFFFF])
            self.assertEqual([listed(v) for v in answer["decoded"]], [[4, 8], None, [4, -8]], name)
            self.assertEqual(listed(answer["update"]), [8, 0], name)
            for responders in ([], [1]):
                answer = session.round([[1.0, 1.0]] * 2, responders, tape=[])
                self.assertEqual((listed(answer["update"]), answer["decoded"]), ([0, 0], [None] * 3), name)
                answer = session.round([[1.0, 1.0]] * 2, responders)
                self.assertEqual((listed(answer["update"]), answer["decoded"]), ([0, 0], [None] * 3), name)

    def test_general_weights(self):
        weights = [[Q(2), Q(2)], [Q(0), Q(0)]]
        for name, rounds in adapters():
            session = rounds([[1, 1], [0, 1]], [Q(1, 2), Q(1, 3)], [6.0], 1, weights)
            answer = session.round([[1.0], [2.0]], [0, 1], tape=[0xFFFFFFFF, 0x7FFFFFFF])
            self.assertEqual(listed(answer["update"]), [12], name)
            answer = session.round([[1.0], [2.0]], [0, 1], tape=[0xFFFFFFFF, 0x80000000])
            self.assertEqual(listed(answer["update"]), [0], name)
            session = rounds([[1, 1], [0, 1]], [Q(1, 2), Q(1, 3)], "perMessage", 1, weights)
            answer = session.round([[1.0], [2.0]], [0, 1], tape=[0xFFFFFFFF, 0])
            self.assertEqual([listed(v) for v in answer["decoded"]], [[6], [0]], name)

    def test_ranges_that_are_sent(self):
        for name, rounds in adapters():
            session = rounds([[1, 0], [0, 1]], [Q(0), Q(0)], "perMessage", 2)
            tape = [0xFFFFFFFF, 0x3FFFFF00, 0xFFFFFFFF, 0]
            answer = session.round([[3.0, -1.5], [-0.0, 0.0]], [0, 1], tape=tape)
            self.assertEqual([str(listed(v)) for v in answer["decoded"]], ["[3.0, 3.0]", "[0.0, 0.0]"], name)

    def test_free_rounds_are_right_on_average(self):
        gradients, count = [[1.0, -2.0], [0.5, 1.0]], 3000
        for name, rounds in adapters():
            session = rounds([[1, 1], [0, 1], [0, 0]], [Q(1, 2), Q(1, 3), Q(1, 4)], [4.0, 6.0], 2)
            free = theory.moments(
                [[1, 1], [0, 1], [0, 0]], [[Q(x) for x in g] for g in gradients], [Q(1, 2), Q(1, 3), Q(1, 4)],
                ranges=[[Q(4), Q(6)]],
            )
            sums, products = [0.0] * 2, [[0.0] * 2 for _ in range(2)]
            for _ in range(count):
                y = listed(session.sample(gradients=gradients)["update"])
                for j in range(2):
                    sums[j] += y[j]
                    for l in range(2):
                        products[j][l] += y[j] * y[l]
            for j in range(2):
                deviation = (float(free["covariance"][j][j]) / count) ** 0.5
                self.assertLess(abs(sums[j] / count - float(free["mean"][j])), 6 * deviation, name)
                for l in range(2):
                    found = products[j][l] / count - sums[j] * sums[l] / count**2
                    self.assertLess(abs(found - float(free["covariance"][j][l])), 6 * 144 / count**0.5, name)
            given = sum(listed(session.round(gradients, [1])["update"])[0] for _ in range(count)) / count
            self.assertLess(abs(given - 0.375), 6 * 4 / count**0.5, name)

    def test_refusals_of_rounds(self):
        for name, rounds in adapters():
            session, g = rounds([[1], [0], [1]], [Q(0)] * 3, [1.0], 1), [[0.5]]
            largest = rounds([[1], [1]], [Q(0)] * 2, [2.0**127], 1, [[Q(1)], [Q(0)]])
            weighty = rounds([[1]], [Q(1, 2)], "perMessage", 1)
            for kind, function, fields in [
                ("invalidParameters", session.round, {"tape": []}),
                ("invalidParameters", session.round, {"seed": 1}),
                ("invalidParameters", session.round, {"t": 1}),
                ("invalidParameters", session.round, {"seed": 1, "t": 1, "responders": [0]}),
                ("invalidParameters", session.round, {"seed": 1, "t": 1, "responders": [0], "tape": [0]}),
                ("invalidParameters", session.round, {"seed": 1, "responders": [0]}),
                ("invalidParameters", session.round, {"tape": [0], "gradients": []}),
                ("dimensionMismatch", session.round, {"gradients": []}),
                ("dimensionMismatch", session.round, {"gradients": [[nan, 1.0]], "responders": [7]}),
                ("dimensionMismatch", session.round, {"responders": [0, 1, 2], "tape": [0] * 3}),
                ("nonFinite", session.round, {"gradients": [[inf]], "responders": []}),
                ("nonFinite", session.round, {"gradients": [[nan]], "responders": [9, 9]}),
                ("indexOutOfRange", session.round, {"responders": [0, 0, 3]}),
                ("indexOutOfRange", session.round, {"responders": [-1]}),
                ("duplicateWorker", session.round, {"responders": [1, 1]}),
                ("outOfRange", session.round, {"gradients": [[3.0]], "responders": [2]}),
                ("outOfRange", largest.round, {"gradients": [[2.0**127]], "responders": [0, 1], "tape": [0, 0]}),
                ("outOfRange", weighty.round, {"gradients": [[2.0**127]], "responders": [0]}),
            ]:
                self.assert_refused(kind, function, **{"gradients": g, **fields})
            answer = session.round([[3.0]], [1])
            self.assertEqual(listed(answer["update"]), [0], name)

    def test_refusals_of_openings(self):
        for name, rounds in adapters():
            p = [Q(1, 2), Q(1, 3)]
            right = {"allocation": [[1, 1], [0, 1]], "probabilities": p, "bound": [1.0], "dimension": 2}
            rounds(**right)
            for kind, fields in [
                ("invalidParameters", {"dimension": 0}),
                ("invalidParameters", {"allocation": []}),
                ("invalidParameters", {"allocation": [[], []]}),
                ("invalidParameters", {"allocation": [[1, 2], [1]]}),
                ("invalidParameters", {"bound": [0.0, nan]}),
                ("invalidParameters", {"weights": [[Q(2), Q(1)], [Q(0), Q(1)]]}),
                ("invalidParameters", {"weights": [[Q(2), Q(2)], [Q(1), Q(0)]]}),
                ("invalidParameters", {"weights": [[Q(2), Q(1)], [Q(0), Q(1)]], "bound": [1.0] * 3}),
                ("dimensionMismatch", {"allocation": [[1, 1], [1]]}),
                ("dimensionMismatch", {"probabilities": [Q(2)]}),
                ("dimensionMismatch", {"weights": [[Q(2), Q(2)]]}),
                ("dimensionMismatch", {"weights": [[Q(2)], [Q(0)]]}),
                ("dimensionMismatch", {"bound": [inf] * 3}),
                ("dimensionMismatch", {"bound": []}),
                ("nonFinite", {"bound": [-inf]}),
                ("nonFinite", {"bound": [nan, 1.0], "allocation": [[1, 0], [1, 0]]}),
                ("infeasiblePartition", {"allocation": [[1, 0], [1, 0]], "probabilities": [Q(1), Q(0)]}),
                ("invalidProbability", {"probabilities": [Q(1), Q(0)]}),
                ("invalidProbability", {"probabilities": [Q(-1, 2), Q(0)]}),
                ("invalidProbability", {"probabilities": [Q(1, 1 << 64), Q(0)]}),
                ("outOfRange", {"weights": [[Q(2), Q(2) - Q(4, 3 * 10**60)], [Q(0), Q(1, 10**60)]]}),
            ]:
                self.assert_refused(kind, rounds, **{**right, **fields})

    def test_saving_and_sampling_change_nothing(self):
        session = exact.OneBitRounds(**GOLDEN)
        state = session.save()
        session.sample(gradients=GRADIENTS)
        self.assertEqual(session.save(), state)
        session.set(0.5)
        session.round(GRADIENTS, [1])
        self.assertNotEqual(session.save(), state)
        session.restore(state)
        self.assertEqual(session.save(), state)
        other = exact.OneBitRounds(**{**GOLDEN, "bound": [8.0]})
        self.assert_refused("invalidParameters", session.restore, other.save())


class Moments(OneBitTest):
    def enumerated(self, allocation, weights, gradients, ranges, patterns):
        """Mean and covariance over all patterns of responders, with their probabilities, and over all signs."""
        dimension = len(gradients[0])
        first, second = [Q(0)] * dimension, [[Q(0)] * dimension for _ in range(dimension)]
        senders = [i for i, row in enumerate(allocation) if any(row)]
        coded = {
            i: [sum(w * g[j] for w, g in zip(weights[i], gradients)) for j in range(dimension)] for i in senders
        }
        for signs in itertools.product((1, -1), repeat=dimension * len(senders)):
            chance, vectors = Q(1), {}
            for place, i in enumerate(senders):
                own = signs[place * dimension : (place + 1) * dimension]
                vectors[i] = [s * b for s, b in zip(own, ranges[i])]
                for s, b, x in zip(own, ranges[i], coded[i]):
                    chance *= (b + s * x) / (2 * b)
            for responders, probability in patterns:
                y = [sum((vectors[i][j] for i in responders if i in vectors), Q(0)) for j in range(dimension)]
                for j in range(dimension):
                    first[j] += chance * probability * y[j]
                    for l in range(dimension):
                        second[j][l] += chance * probability * y[j] * y[l]
        return first, [[second[j][l] - first[j] * first[l] for l in range(dimension)] for j in range(dimension)]

    def test_theorems_2_and_4_by_enumeration(self):
        allocation = [[1, 0, 1], [1, 1, 0], [0, 0, 0], [0, 1, 1]]
        gradients = [[Q(1), Q(-2)], [Q(3, 2), Q(1, 3)], [Q(-1), Q(5)]]
        ranges = [[Q(9), Q(11)], [Q(10), Q(8)], [Q(1), Q(1)], [Q(7), Q(13)]]
        general = lambda q: [[Q(3), 0, 2], [(1 - 3 * q[0]) / q[1], Q(4), 0], [0, 0, 0], [0, 0, 0]]
        for p in ([Q(1, 2), Q(1, 3), Q(1, 4), Q(0)], [Q(1, 5)] * 4):
            q = [1 - x for x in p]
            weights = general(q)
            weights[3][1] = (1 - 4 * q[1]) / q[3]
            weights[3][2] = (1 - 2 * q[0]) / q[3]
            patterns = []
            for pattern in itertools.product((0, 1), repeat=4):
                chance = Q(1)
                for x, responds in zip(p, pattern):
                    chance *= 1 - x if responds else x
                patterns.append(([i for i in range(4) if pattern[i]], chance))
            for given in (None, weights):
                wide = [[10 * b for b in row] for row in ranges]
                answer = theory.moments(allocation, gradients, p, weights=given, ranges=wide)
                used = one_bit.standard_weights(allocation, q) if given is None else given
                mean, covariance = self.enumerated(allocation, used, gradients, wide, patterns)
                self.assertEqual((answer["mean"], answer["covariance"]), (mean, covariance))
                self.assertEqual(mean, [sum(column) for column in zip(*gradients)])
                trace = covariance[0][0] + covariance[1][1]
                self.assertEqual(answer["stragglerPart"] + answer["quantiserPart"], trace)
        for s in range(4):
            sets = list(itertools.combinations(range(4), 4 - s))
            patterns = [(responders, Q(1, len(sets))) for responders in sets]
            wide = [[10 * b for b in row] for row in ranges]
            answer = theory.moments(allocation, gradients, stragglers=s, ranges=wide)
            used = one_bit.standard_weights(allocation, [1 - Q(s, 4)] * 4)
            mean, covariance = self.enumerated(allocation, used, gradients, wide, patterns)
            self.assertEqual((answer["mean"], answer["covariance"]), (mean, covariance))

    def test_hand_examples(self):
        allocation, p, gradients = [[1, 1], [0, 1]], [Q(1, 2), Q(1, 3)], [[Q(1)], [Q(2)]]
        answer = theory.moments(allocation, gradients, p, ranges=[[Q(4)], [Q(3)]])
        self.assertEqual(answer, {"mean": [3], "covariance": [[9]], "stragglerPart": Q(9, 2), "quantiserPart": Q(9, 2)})
        weights = [[Q(2), Q(2)], [Q(0), Q(0)]]
        self.assertEqual(theory.moments(allocation, gradients, p, None, weights, [[Q(6)], [Q(3)]])["mean"], [3])
        self.assert_refused("outOfRange", theory.moments, allocation, gradients, p, None, weights, [[Q(5)], [Q(3)]])
        answer = theory.moments([[1], [1], [0]], [[Q(1)]], stragglers=1, ranges=[[Q(1)]])
        self.assertEqual((answer["stragglerPart"], answer["quantiserPart"]), (Q(1, 8), Q(7, 12)))
        self.assertEqual(answer["covariance"], [[Q(17, 24)]])
        alone = theory.moments([[1]], [[Q(1), Q(0)]], stragglers=0)
        self.assertEqual((alone["stragglerPart"], alone["quantiserPart"]), (0, 1))

    def test_refusals(self):
        right = {"allocation": [[1, 1], [0, 1]], "gradients": [[Q(1)], [Q(2)]], "probabilities": [Q(1, 2), Q(1, 3)]}
        for kind, fields in [
            ("invalidParameters", {"allocation": [[1, 1], [2]]}),
            ("invalidParameters", {"probabilities": None}),
            ("invalidParameters", {"stragglers": 1}),
            ("invalidParameters", {"probabilities": None, "stragglers": 2}),
            ("invalidParameters", {"probabilities": None, "stragglers": -1}),
            ("invalidParameters", {"gradients": [[], []]}),
            ("invalidParameters", {"ranges": [[Q(0), Q(1)]]}),
            ("invalidParameters", {"weights": [[Q(2), Q(1)], [Q(0), Q(1)]]}),
            ("invalidParameters", {"weights": [[Q(2), Q(2)], [Q(1), Q(0)]]}),
            ("dimensionMismatch", {"allocation": [[1, 1], [1]]}),
            ("dimensionMismatch", {"probabilities": [Q(1)]}),
            ("dimensionMismatch", {"gradients": [[Q(1)]]}),
            ("dimensionMismatch", {"gradients": [[Q(1)], [Q(1), Q(2)]]}),
            ("dimensionMismatch", {"ranges": [[Q(9)]] * 3}),
            ("dimensionMismatch", {"ranges": []}),
            ("dimensionMismatch", {"ranges": [[Q(9)] * 2]}),
            ("dimensionMismatch", {"ranges": [[]]}),
            ("dimensionMismatch", {"weights": [[Q(2), Q(2)]]}),
            ("infeasiblePartition", {"allocation": [[1, 0], [1, 0]], "probabilities": [Q(1), Q(1)]}),
            ("invalidProbability", {"probabilities": [Q(1), Q(0)], "ranges": [[Q(1, 9)]]}),
            ("outOfRange", {"ranges": [[Q(1, 9)]]}),
        ]:
            self.assert_refused(kind, theory.moments, **{**right, **fields})


class Convergence(OneBitTest):
    E2 = {
        "allocation": [[1], [1]],
        "probabilities": [Q(1, 2)] * 2,
        "ranges": [Q(1)],
        "start": [Q(2)],
        "minimiser": [Q(0)],
        "step": Q(1),
    }
    E3 = {
        "allocation": [[1]],
        "probabilities": [Q(1, 2)],
        "ranges": [Q(2)],
        "start": [Q(1)],
        "minimiser": [Q(0)],
        "step": Q(1, 4),
    }

    def ask(self, instance, theorem, kind, iterations, **fields):
        loss = {"kind": kind, "curvatures": [[Q(1)]], "centres": [[Q(0)]]}
        answer = theory.convergence(theorem, **{**instance, "loss": loss, "iterations": iterations, **fields})
        return answer["measured"], answer["bound"], answer["holds"]

    def test_e2h(self):
        for t, gap, bound in [
            (1, Q(3, 2), Q(9, 4)),
            (2, Q(17, 16), Q(41, 32)),
            (3, Q(161, 192), Q(373, 384)),
            (4, Q(1473, 2048), Q(3349, 4096)),
            (8, Q(9030593, 16777216), Q(19708949, 33554432)),
        ]:
            self.assertEqual(self.ask(self.E2, "convex", "huber", t), (gap, bound, True))
            self.assertFalse(self.ask(self.E2, "convex", "huber", t, factor=gap / bound - Q(1, 10**9))[2])
            self.assertTrue(self.ask(self.E2, "convex", "huber", t, factor=gap / bound)[2])

    def test_e2a(self):
        for t, gap, bound in [
            (1, 2, Q(11, 4)),
            (2, Q(3, 2), Q(55, 32)),
            (3, Q(59, 48), Q(523, 384)),
            (4, Q(555, 512), Q(4843, 4096)),
        ]:
            self.assertEqual(self.ask(self.E2, "nonSmooth", "absolute", t), (gap, bound, True))

    def test_e2q(self):
        instance = {**self.E3, "probabilities": [Q(0)], "ranges": [Q(1)], "step": Q(1)}
        for t in range(1, 10):
            gap = Q(t + 1, 4 * t) if t % 2 else Q(1, 4)
            bound = gap if t % 2 else Q(1, 2 * t) + Q(1, 4)
            self.assertEqual(self.ask(instance, "convex", "quadratic", t), (gap, bound, True))

    def test_e3(self):
        for t in range(1, 9):
            distance = Q(1, 4) + Q(3, 4) / 2**t
            self.assertEqual(self.ask(self.E3, "stronglyConvex", "quadratic", t), (distance, distance, True))
        for t, measured, bound in [
            (1, 1, Q(17, 7)),
            (2, Q(13, 16), Q(21, 16)),
            (3, Q(11, 16), Q(319, 336)),
            (4, Q(77, 128), Q(691, 896)),
        ]:
            self.assertEqual(self.ask(self.E3, "nonConvex", "quadratic", t), (measured, bound, True))

    def test_the_range_of_lemma_10_is_reached_exactly(self):
        instance = {**self.E3, "probabilities": [Q(0)], "start": [Q(0)], "minimiser": [Q(1)], "step": Q(1, 8)}
        loss = {"kind": "quadratic", "curvatures": [[Q(1)]], "centres": [[Q(1)]]}
        for t in (2, 3, 4):
            least = 1 / (1 - Q(t - 1, 8))
            self.ask({**instance, "ranges": [least]}, "convex", "quadratic", t, loss=loss)
            with self.assertRaises(Refused) as caught:
                self.ask({**instance, "ranges": [least - Q(1, 10**6)]}, "convex", "quadratic", t, loss=loss)
            self.assertEqual(caught.exception.kind, "outOfRange")

    def test_bounds_hold_in_two_dimensions(self):
        allocation = [[1, 0], [1, 1], [0, 0]]
        loss = {"curvatures": [[Q(1), Q(2)], [Q(1, 2), Q(0)]], "centres": [[Q(1), Q(0)], [Q(-1), Q(3)]]}
        shared = {"allocation": allocation, "probabilities": [Q(1, 2), Q(0), Q(1, 3)], "start": [Q(1), Q(1)]}
        for theorem, kind, minimiser in [
            ("convex", "quadratic", [Q(1, 3), Q(0)]),
            ("nonSmooth", "quadratic", [Q(1, 3), Q(0)]),
            ("nonSmooth", "absolute", [Q(1), Q(0)]),
            ("nonConvex", "huber", [Q(1, 2), Q(0)]),
            ("stronglyConvex", "quadratic", [Q(1, 3), Q(0)]),
        ]:
            for ranges in (None, [Q(40)], [Q(30), Q(50)]):
                given = {**shared, "minimiser": minimiser, "step": Q(1, 16), "ranges": ranges}
                fields = {"loss": {**loss, "kind": kind}}
                measured, bound, holds = self.ask(given, theorem, kind, 2, **fields)
                self.assertTrue(holds, (theorem, kind, ranges))
                self.assertGreater(measured, 0)

    def test_refusals(self):
        zero = {"kind": "huber", "curvatures": [[Q(1)]], "centres": [[Q(1)]]}
        flat = {"kind": "quadratic", "curvatures": [[Q(0)]], "centres": [[Q(1)]]}
        for kind, theorem, shape, fields in [
            ("invalidParameters", "convex", "huber", {"step": Q(1001, 1000)}),
            ("invalidParameters", "nonConvex", "huber", {"step": Q(2)}),
            ("invalidParameters", "nonSmooth", "absolute", {"step": Q(0)}),
            ("invalidParameters", "convex", "absolute", {}),
            ("invalidParameters", "nonConvex", "absolute", {}),
            ("invalidParameters", "stronglyConvex", "huber", {}),
            ("invalidParameters", "stronglyConvex", "quadratic", {"loss": flat}),
            ("invalidParameters", "convex", "huber", {"loss": zero}),
            ("invalidParameters", "nonSmooth", "absolute", {"minimiser": [Q(1)]}),
            ("invalidParameters", "convex", "huber", {"iterations": 0}),
            ("invalidParameters", "convex", "huber", {"iterations": 65}),
            ("invalidParameters", "convex", "huber", {"start": []}),
            ("invalidParameters", "convex", "huber", {"ranges": [Q(-1)]}),
            ("invalidParameters", "convex", "huber", {"weights": [[Q(1)], [Q(2)]]}),
            ("invalidParameters", "convex", "huber", {"loss": {**zero, "curvatures": [[Q(-1), Q(1)]]}}),
            ("dimensionMismatch", "convex", "huber", {"ranges": [Q(1)] * 2}),
            ("dimensionMismatch", "convex", "huber", {"ranges": []}),
            ("dimensionMismatch", "convex", "huber", {"minimiser": []}),
            ("dimensionMismatch", "convex", "huber", {"loss": {**zero, "curvatures": [[Q(1)]] * 2}}),
            ("dimensionMismatch", "convex", "huber", {"loss": {**zero, "centres": [[]]}}),
            ("dimensionMismatch", "convex", "huber", {"probabilities": [Q(1)]}),
            ("infeasiblePartition", "convex", "huber", {"allocation": [[0], [0]], "probabilities": [Q(1), Q(2)]}),
            ("invalidProbability", "convex", "huber", {"probabilities": [Q(1), Q(0)], "ranges": [Q(1, 2)]}),
            ("outOfRange", "convex", "huber", {"ranges": [Q(1, 2)]}),
        ]:
            self.assert_refused(kind, self.ask, self.E2, theorem, shape, **{"iterations": 2, **fields})

    def test_too_many_points_and_too_much_work(self):
        def ask(dimension, iterations):
            zeros, ones = [Q(0)] * dimension, [Q(1)] * dimension
            wide = {"allocation": [[1]], "probabilities": [Q(1, 2)], "step": Q(1, 8), "ranges": [Q(10)]}
            loss = {"kind": "huber", "curvatures": [ones], "centres": [zeros]}
            return self.ask({**wide, "start": ones, "minimiser": zeros}, "convex", "huber", iterations, loss=loss)

        self.assertTrue(ask(24, 1)[2])
        with self.assertRaises(Refused) as caught:
            ask(16, 2)
        self.assertEqual(caught.exception.kind, "invalidParameters")
        for dimension, iterations in [(24, 2), (10, 3)]:
            with self.assertRaises(TooMuchWork):
                ask(dimension, iterations)


class OneBitPipe(PipeTest):
    def names(self):
        numpy = ["gradient_codes_numpy.py", "one_bit_torch_style.py"] if NUMPY else []
        return [os.path.join(HERE, name) for name in ["gradient_codes.py"] + numpy]

    def test_flags(self):
        expected = [["save", "seed", "tape", "free"], ["tape", "free"], ["tape", "free"]]
        for name, flags in zip(self.names(), expected):
            self.start(name)
            declaration = self.ask({"cmd": "start", "version": 1, "nonce": "0"})
            self.assertEqual(declaration["operations"]["oneBit.round"], flags)
            if name.endswith("style.py"):
                self.assertEqual(list(declaration["operations"]), ["oneBit.round"])
                self.assertEqual(declaration["conventions"], {"drawBits": 24})
            else:
                self.assertEqual(declaration["operations"]["oneBit.quantize"], ["tape", "free"])

    def test_words_and_values(self):
        for name in self.names()[:2]:
            self.start(name)
            question = {"x": "3f400000", "bound": "40000000", "tape": "e3e80670"}
            self.assertEqual(self.run_question(1, "oneBit.quantize", question)["output"], {"message": "00"})
            question = {"x": floats(1.5, -1.5, 0), "bound": "perMessage", "tape": "ffffffff" + "00000000" + "80000000"}
            self.assertEqual(self.run_question(2, "oneBit.quantize", question)["output"], {"message": "0000c03f01"})
            question = {"x": floats(1), "bound": "perWorker"}
            self.assertEqual(self.run_question(3, "oneBit.quantize", question)["reject"], "invalidParameters")
            question = {"messages": ["0000c03f01", "0000000000"], "bound": "perMessage", "dimension": 3}
            answer = self.run_question(4, "oneBit.aggregate", question)
            self.assertEqual(answer["output"]["update"], floats(1.5, -1.5, -1.5))

    def test_samples(self):
        for name in self.names():
            self.start(name)
            opening = {
                "allocation": [[1], [1]],
                "probabilities": ["1/2", "0/1"],
                "bound": floats(1),
                "dimension": 1,
            }
            command = {"cmd": "open", "seq": 1, "session": 1, "scheme": "oneBit", "input": opening}
            self.assertEqual(self.ask(command)["output"], {})
            sample = {"cmd": "sample", "seq": 2, "session": 1, "count": 400, "input": {"gradients": [floats(0)]}}
            samples = self.ask(sample)["output"]["samples"]
            self.assertEqual(len(samples), 400)
            found = {update: sum(s["update"] == update for s in samples) for update in map(floats, (-2, -1, 0, 1, 2))}
            for update, weight in zip(map(floats, (-2, -1, 0, 1, 2)), (1, 2, 2, 2, 1)):
                self.assertLess(abs(found[update] - 50 * weight), 60)
            self.assertEqual(self.ask({**sample, "count": 0})["reject"], "invalidParameters")
            if not name.endswith("style.py"):
                question = {"x": floats(0), "bound": floats(1)}
                sample = {"cmd": "sample", "seq": 3, "operation": "oneBit.quantize", "count": 400, "input": question}
                samples = [s["message"] for s in self.ask(sample)["output"]["samples"]]
                self.assertEqual(set(samples), {"00", "01"})
                self.assertLess(abs(samples.count("01") - 200), 60)

    def test_moments_and_convergence(self):
        question = {"allocation": [[1], [1], [0]], "stragglers": 1, "gradients": [["1/1"]], "ranges": [["1/1"]]}
        answer = {"mean": ["1/1"], "covariance": [["17/24"]], "stragglerPart": "1/8", "quantiserPart": "7/12"}
        self.assertEqual(self.run_question(1, "oneBit.moments", question)["output"], answer)
        question = {
            "theorem": "convex",
            "allocation": [[1], [1]],
            "probabilities": ["1/2", "1/2"],
            "ranges": ["1/1"],
            "loss": {"kind": "huber", "curvatures": [["1/1"]], "centres": [["0/1"]]},
            "start": ["2/1"],
            "minimiser": ["0/1"],
            "step": "1/1",
            "iterations": 3,
            "factor": "9/10",
        }
        answer = {"measured": "161/192", "bound": "1119/1280", "holds": True}
        self.assertEqual(self.run_question(2, "oneBit.convergence", question)["output"], answer)


if __name__ == "__main__":
    unittest.main()
