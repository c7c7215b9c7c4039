"""1-bit gradient coding, exactly: encoder, quantiser, wire format, server and rounds of docs/OneBitGradientCode.md.

Coded gradients and updates are computed exactly and rounded once to binary32; signs are decided in integers. A range is
a list of one float or of one a coordinate, or "perMessage" (mode S), where each message carries its own.
"""

import random
import struct
from fractions import Fraction
from math import inf, isfinite, isnan

import mutants
from allocations import allocation_defects, replications_of
from checks import (
    Refused,
    TooMuchWork,
    check_index,
    check_range,
    finite_defects,
    invalid,
    length_defects,
    probability_defects,
    refuse_first,
    responder_set,
    size_defects,
)
from randomness import draws, respond
from rounding import check_coefficients, combination, is_finite, rounded_combination
from rounds import Rounds

LARGEST_DIMENSION = 1 << 26
MOST_COORDINATES = 1 << 22  # of a vector that is answered, so that a question takes seconds
FREE = random.Random(20240319)  # the words that no question gives; the seed is fixed, so that runs repeat


# The encoder: docs/OneBitGradientCode.md#encoder.


def certain_straggler_defects(probabilities, n):
    """The defects of n probabilities of straggling, which may not be 1: weights divide by 1 − p."""
    certain = [("invalidProbability", "a probability is 1")] if 1 in probabilities else []
    return probability_defects(probabilities, n) + certain


def weight_defects(weights, allocation, q):
    """Refuses weights where nothing is held or with Σ_i q_i W_ik ≠ 1, where allocation and probabilities are legal."""
    if weights is None:
        return []
    defects = size_defects(len(weights), len(allocation), "rows of weights")
    defects += length_defects(weights, len(allocation[0]), "the weights")
    is_legal = len(q) == len(weights) and not length_defects(allocation, len(allocation[0]), "")
    is_legal = is_legal and all(map(any, zip(*allocation))) and all(0 < q_i <= 1 for q_i in q)
    if not defects and is_legal:
        if any(w and not held for row, holds in zip(weights, allocation) for w, held in zip(row, holds)):
            raise invalid("a weight where the worker does not hold the subset")
        if any(sum(q_i * w for q_i, w in zip(q, column)) != 1 for column in zip(*weights)):
            raise invalid("weights with Σ_i q_i W_ik ≠ 1")
    return defects


def standard_weights(allocation, q):
    """W_ik = S_ik / (d_k q_i)."""
    d = replications_of(allocation)
    return [[Fraction(held) / (d_k * q_i) for held, d_k in zip(row, d)] for row, q_i in zip(allocation, q)]


def encode(gradients, weights):
    """The operation: one worker's Σ_k W_ik ∇f_k."""
    if not gradients or not gradients[0]:
        raise invalid("expected at least one gradient of at least one coordinate")
    defects = size_defects(len(weights), len(gradients), "weights")
    defects += length_defects(gradients, len(gradients[0]), "the gradients")
    refuse_first(defects + [defect for gradient in gradients for defect in finite_defects(gradient, "a gradient")])
    check_coefficients(weights)
    return {"vector": combination(weights, gradients)}


# The quantiser: docs/OneBitGradientCode.md#quantiser and #decision.


def bound_defects(bound, dimension):
    """Refuses a range that is finite and not positive; its other defects are listed."""
    if bound == "perMessage":
        return []
    if any(isfinite(b) and b <= 0 for b in bound):
        raise invalid("a range is not positive")
    count = [] if len(bound) in (1, dimension) else size_defects(len(bound), dimension, "ranges")
    return count + finite_defects(bound, "a range")


def multiples(vector):
    """Finite binary32 numbers as integer multiples of 2^-149."""
    return [int(x * 2.0**149) for x in vector]


def bits_of(x, bound, words):
    """u · 2B < (B + x) · 2^32, which is (u − 2^31) B < 2^31 x, for every coordinate."""
    x, ranges = multiples(x), multiples(bound) * (len(x) if len(bound) == 1 else 1)
    if any(not -b <= a <= b for a, b in zip(x, ranges)):
        if mutants.chosen != "clip":
            raise Refused("outOfRange", "a coordinate is beyond the range")
        x = [min(max(a, -b), b) for a, b in zip(x, ranges)]
    if mutants.chosen == "one-word":
        words = words[:1] * len(words)
    return [(u - 0x80000000) * b < a << 31 for u, b, a in zip(words, ranges, x)]


def packed(bits):
    """Bit j in byte j div 8, the least significant first; zeros at the end."""
    if mutants.chosen == "msb-first":
        bits = [bit for first in range(0, len(bits), 8) for bit in (bits[first : first + 8] + [0] * 8)[7::-1]]
    digits = "".join("1" if bit else "0" for bit in reversed(bits))
    return int(digits, 2).to_bytes((len(bits) + 7) // 8, "little")


def message_of(x, bound, words):
    """The message of a coded gradient, a finite vector."""
    if bound != "perMessage":
        return packed(bits_of(x, bound, words))
    largest = max(map(abs, x))
    bits = bits_of(x, [largest], words) if largest else [False] * len(x)
    return struct.pack("<f", largest) + packed(bits)


def check_work(dimension):
    if dimension > MOST_COORDINATES:
        raise TooMuchWork("more than 2^22 coordinates")


def free_words(count):
    words = [FREE.getrandbits(32) for _ in range(count)]
    return [max(0, u - (1 << 32) // 100) for u in words] if mutants.chosen == "biased" else words


def quantize(x, bound, tape=None):
    """The operation."""
    if not x:
        raise invalid("no coordinates")
    defects = bound_defects(bound, len(x)) + finite_defects(x, "a coordinate")
    if tape is not None:
        defects += size_defects(len(tape), len(x), "words")
    refuse_first(defects)
    check_work(len(x))
    return {"message": message_of(x, bound, free_words(len(x)) if tape is None else tape)}


# Wire format and server: docs/OneBitGradientCode.md#wire-format and #server.


def malformed(reason):
    return Refused("malformedMessage", reason)


def decoded(message, bound, dimension):
    """The vector of ±B that a message stands for."""
    size = (dimension + 7) // 8
    header = 4 if bound == "perMessage" else 0
    if len(message) != header + size:
        raise malformed(f"{len(message)} bytes, expected {header + size}")
    message = bytes(message)
    payload = int.from_bytes(message[header:], "little")
    if payload >> dimension:
        raise malformed("a padding bit is 1")
    if header:
        bound = list(struct.unpack("<f", message[:4]))
        if message[3] & 0x80 or not isfinite(bound[0]):
            raise malformed("the range is negative, -0 or not finite")
        if bound[0] == 0:
            if payload:
                raise malformed("the range is 0 and a bit is 1")
            return [0.0] * dimension
    ranges = bound * dimension if len(bound) == 1 else bound
    digits = format(payload, f"0{dimension}b")[::-1]
    return [b if digit == "1" else -b for digit, b in zip(digits, ranges)]


def sum_of(vectors, dimension):
    """Σ of the decoded messages: zeros for none."""
    check_work(dimension)
    return combination([1] * len(vectors), vectors) if vectors else [0.0] * dimension


def aggregate(messages, bound, dimension):
    """The operation."""
    check_range(dimension, 1, LARGEST_DIMENSION, "the dimension")
    refuse_first(bound_defects(bound, dimension))
    return {"update": sum_of([decoded(message, bound, dimension) for message in messages], dimension)}


def step_model(model, step, messages, bound, lower=None, upper=None):
    """The operation: θ − γ Y, computed exactly and rounded once, then projected on the box."""
    dimension = len(model)
    if not model:
        raise invalid("a model of dimension 0")
    if any(isfinite(x) and x <= 0 for x in step):
        raise invalid("a step is not positive")
    if (lower is None) != (upper is None):
        raise invalid("a box with one end only")
    lower = [-inf] * dimension if lower is None else lower
    upper = [inf] * dimension if upper is None else upper
    if any(a > b for a, b in zip(lower, upper)):
        raise invalid("a box with lower > upper")
    defects = bound_defects(bound, dimension) + size_defects(len(step), 1, "steps")
    defects += size_defects(len(lower), dimension, "lower ends") + size_defects(len(upper), dimension, "upper ends")
    defects += finite_defects(model, "the model") + finite_defects(step, "the step")
    defects += [("nonFinite", "an end is NaN")] if any(map(isnan, lower + upper)) else []
    refuse_first(defects)
    vectors = [decoded(message, bound, dimension) for message in messages]
    sum_of(vectors, dimension)  # refused beyond binary32
    moved = rounded_combination([1] + [-Fraction(step[0])] * len(vectors), [model] + vectors)
    projected = [min(max(x, a), b) for x, a, b in zip(moved, lower, upper)]
    if not is_finite(projected):
        raise Refused("outOfRange", "the model is beyond binary32")
    return {"model": projected}


# Rounds: docs/OneBitGradientCode.md#rounds.


class OneBitRounds(Rounds):
    """Encode, quantise, send, add. Nothing but the step and a count is kept between rounds."""

    def __init__(self, allocation, probabilities, bound, dimension, weights=None):
        check_range(dimension, 1, LARGEST_DIMENSION, "the dimension")
        defects = allocation_defects(allocation) + certain_straggler_defects(probabilities, len(allocation))
        defects += bound_defects(bound, dimension)
        q = [1 - p for p in probabilities]
        refuse_first(defects + weight_defects(weights, allocation, q))
        self.weights = standard_weights(allocation, q) if weights is None else weights
        for row in self.weights:
            check_coefficients(row)
        self.holds = [[k for k, held in enumerate(row) if held] for row in allocation]
        self.probabilities, self.bound, self.dimension = probabilities, bound, dimension
        super().__init__(allocation, probabilities, weights, bound, dimension)

    def round(self, gradients, responders=None, tape=None, seed=None, t=None):
        if (seed is None) != (t is None) or (seed is not None and (responders is not None or tape is not None)):
            raise invalid("expected responders, perhaps with a tape, or seed and t, or none of these")
        if tape is not None and responders is None:
            raise invalid("a tape without responders")
        if t is not None:
            check_index(t, "t")
        defects = size_defects(len(gradients), len(self.weights[0]), "gradients")
        defects += length_defects(gradients, self.dimension, "the gradients")
        refuse_first(defects + [defect for gradient in gradients for defect in finite_defects(gradient, "a gradient")])

        responders = self.responders(responders, seed, t)
        senders = [i for i in responders if self.holds[i]]
        if seed is not None:
            words = [draws(seed, 1, t, i, 0, self.dimension) for i in senders]
        elif tape is None:
            words = [free_words(self.dimension) for _ in senders]
        else:
            refuse_first(size_defects(len(tape), self.dimension * len(senders), "words"))
            words = [tape[n * self.dimension : (n + 1) * self.dimension] for n in range(len(senders))]

        messages, vectors = [None] * len(self.weights), [None] * len(self.weights)
        for i, own in zip(senders, words):
            weights, held = zip(*((self.weights[i][k], gradients[k]) for k in self.holds[i]))
            messages[i] = message_of(combination(weights, held), self.bound, own)
            vectors[i] = decoded(messages[i], self.bound, self.dimension)
        self.count += 1
        update = sum_of([vector for vector in vectors if vector is not None], self.dimension)
        return {"update": update, "messages": messages, "decoded": vectors}

    def responders(self, given, seed, t):
        """Who responds, ascending: as given, by the draw contract, or drawn freely."""
        if given is not None:
            return responder_set(given, len(self.weights))
        if seed is not None:
            return respond(seed, t, self.probabilities)
        return [i for i, p in enumerate(self.probabilities) if FREE.randrange(p.denominator) >= p.numerator]
