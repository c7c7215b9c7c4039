"""Compressed gradient coding with error feedback: compressors, wire format, worker, server and rounds of
docs/CompressedGradientCode.md.

Vectors are lists of floats that are binary32 numbers. Every number that is sent or remembered is computed exactly and
rounded once. A compressor is what the protocol sends, a dictionary with its kind.
"""

import json
import struct
from fractions import Fraction
from math import isfinite

import one_bit
from allocations import allocation_defects
from checks import (
    Refused,
    check_index,
    check_range,
    finite_defects,
    invalid,
    length_defects,
    refuse_first,
    size_defects,
)
from one_bit import LARGEST_DIMENSION, certain_straggler_defects, check_work, free_words, malformed, standard_weights
from randomness import draws, smallest
from rounding import binary32, check_coefficients, combination, is_finite
from rounds import Rounds

STREAMS = {"randK": 4, "levels": 5, "stochasticSign": 1}  # the random compressors, which have no memory
MOST_LEVELS = 65535


def compressor_defects(compressor, dimension):
    """Refuses parameters out of range; the other defects are listed."""
    kind = compressor["kind"]
    check_range(dimension, 1, LARGEST_DIMENSION, "the dimension")
    name = {"topK": "k", "randK": "k", "blockSign": "blockLength", "levels": "levels", "stochasticSign": "bound"}.get(kind)
    if name and compressor.get(name) is None:
        raise invalid(f"{kind} needs {name}")
    if name == "k":
        check_range(compressor["k"], 1, dimension, "K")
    if name == "blockLength" and compressor["blockLength"] < 1:
        raise invalid("blocks of length 0")
    if name == "levels":
        check_range(compressor["levels"], 1, MOST_LEVELS, "the number of levels")
    return one_bit.bound_defects(compressor["bound"], dimension) if name == "bound" else []


def index_bits(dimension):
    return (dimension - 1).bit_length()


def blocks_of(compressor, dimension):
    """The coordinates of each scale; the last block may be shorter."""
    length = min(compressor["blockLength"], dimension) if compressor["kind"] == "blockSign" else dimension
    return [range(start, min(start + length, dimension)) for start in range(0, dimension, length)]


# Messages: docs/CompressedGradientCode.md#wire-format.


def floats(values):
    """Little-endian; -0 is sent as +0."""
    return struct.pack(f"<{len(values)}f", *(x + 0.0 for x in values))


def packed(integers, width):
    """Integers one after another, the least significant bit first."""
    digits = "".join(format(n, f"0{width}b") for n in reversed(integers))
    total = int(digits or "0", 2)
    return total.to_bytes((len(integers) * width + 7) // 8, "little")


def message_of(v, compressor, words=()):
    """The message of a finite vector."""
    kind, dimension = compressor["kind"], len(v)
    if kind == "identity":
        return floats(v)
    if kind in ("scaledSign", "blockSign"):
        scales, signs = [], []
        for block in blocks_of(compressor, dimension):
            scale = binary32(sum(abs(Fraction(v[j])) for j in block) / len(block))
            scales.append(scale)
            signs += [1 if scale == 0 or v[j] >= 0 else 0 for j in block]
        return floats(scales) + packed(signs, 1)
    if kind == "topK":
        kept = sorted(sorted(range(dimension), key=lambda j: (-abs(v[j]), j))[: compressor["k"]])
        return floats([v[j] for j in kept]) + (packed(kept, index_bits(dimension)) if dimension > 1 else b"")
    if kind == "randK":
        k = compressor["k"]
        values = [binary32(Fraction(v[j]) * dimension / k) for j in sorted(smallest(k, words))]
        if not is_finite(values):
            raise Refused("outOfRange", "a value D v/K is beyond binary32")
        return floats(values)
    if kind == "levels":
        s, norm = compressor["levels"], max(map(abs, v))
        codes = []
        for x, u in zip(v, words):
            level = 0
            if norm:
                y = s * abs(Fraction(x)) / Fraction(norm)
                level = y.numerator // y.denominator
                level += 1 if u < (y - level) * 2**32 else 0
            codes.append(s - level if x < 0 else s + level)
        return floats([norm]) + packed(codes, (2 * s).bit_length())
    return one_bit.message_of(v, compressor["bound"], words)


def sizes(compressor, dimension):
    """How many floats begin a message, how many integers follow, and their bits."""
    kind = compressor["kind"]
    return {
        "identity": (dimension, 0, 0),
        "scaledSign": (1, dimension, 1),
        "blockSign": (len(blocks_of(compressor, dimension)), dimension, 1),
        "topK": (compressor.get("k"), compressor.get("k"), index_bits(dimension)),
        "randK": (compressor.get("k"), 0, 0),
        "levels": (1, dimension, (2 * (compressor.get("levels") or 0)).bit_length()),
    }[kind]


def decoded(message, compressor, dimension, words=()):
    """The vector that a message stands for."""
    check_work(dimension)
    kind = compressor["kind"]
    if kind == "stochasticSign":
        return one_bit.decoded(message, compressor["bound"], dimension)
    message = bytes(message)
    count, integers, width = sizes(compressor, dimension)
    if len(message) != 4 * count + (integers * width + 7) // 8:
        raise malformed(f"{len(message)} bytes")
    values = list(struct.unpack(f"<{count}f", message[: 4 * count]))
    if not is_finite(values) or any(x == 0 and message[4 * n + 3] for n, x in enumerate(values)):
        raise malformed("a number is not finite or is -0")
    payload = int.from_bytes(message[4 * count :], "little")
    if payload >> integers * width:
        raise malformed("a padding bit is 1")
    digits = format(payload, f"0{max(1, integers * width)}b")[::-1]
    codes = [int(digits[n * width : (n + 1) * width][::-1] or "0", 2) for n in range(integers)]
    if kind == "identity":
        return values
    image = [0.0] * dimension
    if kind == "randK":
        for j, x in zip(sorted(smallest(compressor["k"], words)), values):
            image[j] = x
    elif kind == "topK":
        if any(j >= dimension for j in codes) or any(a >= b for a, b in zip(codes, codes[1:])):
            raise malformed("indices that do not increase below D")
        for j, x in zip(codes, values):
            image[j] = x
    elif kind == "levels":
        s, norm = compressor["levels"], values[0]
        if norm < 0 or any(code > 2 * s or (norm == 0 and code != s) for code in codes):
            raise malformed("a negative norm, or a level that is none")
        image = [binary32(Fraction(norm) * (code - s) / s) for code in codes]
    else:
        for scale, block in zip(values, blocks_of(compressor, dimension)):
            if scale < 0 or (scale == 0 and any(not codes[j] for j in block)):
                raise malformed("a negative scale, or a scale 0 with a sign -")
            for j in block:
                image[j] = scale if codes[j] else -scale
        image = [x + 0.0 for x in image]
    return image


def compress(compressor, x, tape=None):
    """The operation."""
    if not x:
        raise invalid("no coordinates")
    defects = compressor_defects(compressor, len(x)) + finite_defects(x, "a coordinate")
    words = len(x) if compressor["kind"] in STREAMS else 0
    if tape is not None:
        defects += size_defects(len(tape), words, "words")
    refuse_first(defects)
    check_work(len(x))
    return {"message": message_of(x, compressor, free_words(words) if tape is None else tape)}


def tapes_of(compressor, tape, dimension, messages):
    """The words of each message of randK, with the defects of the tape."""
    if compressor["kind"] != "randK":
        return [()] * messages, size_defects(len(tape or []), 0, "words")
    if tape is None:
        raise invalid("randK without its words")
    parts = [tape[n * dimension : (n + 1) * dimension] for n in range(messages)]
    return parts, size_defects(len(tape), dimension * messages, "words")


def decompress(compressor, message, dimension, tape=None):
    """The operation."""
    defects = compressor_defects(compressor, dimension)
    tapes, more = tapes_of(compressor, tape, dimension, 1)
    refuse_first(defects + more)
    return {"x": decoded(message, compressor, dimension, tapes[0])}


# Worker and server: docs/CompressedGradientCode.md#worker and #server.


def step_defects(step):
    if any(isfinite(x) and x <= 0 for x in step):
        raise invalid("a step is not positive")
    return size_defects(len(step), 1, "steps") + finite_defects(step, "the step")


def stepped(gradient, memory, step, compressor):
    """The message of a = γg + e, what it stands for, and a minus that."""
    a = combination([Fraction(step), 1], [gradient, memory])
    message = message_of(a, compressor)
    image = decoded(message, compressor, len(a))
    return message, image, combination([1, -1], [a, image])


def worker_step(compressor, gradient, memory, step, responds):
    """The operation."""
    if not gradient:
        raise invalid("no coordinates")
    if compressor["kind"] in STREAMS:
        raise invalid("a compressor without memory")
    defects = compressor_defects(compressor, len(gradient)) + step_defects(step)
    defects += size_defects(len(memory), len(gradient), "coordinates of the memory")
    refuse_first(defects + finite_defects(gradient, "the gradient") + finite_defects(memory, "the memory"))
    if not responds:
        return {"message": None, "memory": memory}
    message, _, memory = stepped(gradient, memory, step[0], compressor)
    return {"message": message, "memory": memory}


def sum_of(vectors, dimension):
    return combination([1] * len(vectors), vectors) if vectors else [0.0] * dimension


def server_step(model, compressor, messages, tape=None):
    """The operation."""
    if not model:
        raise invalid("a model of dimension 0")
    defects = compressor_defects(compressor, len(model)) + finite_defects(model, "the model")
    tapes, more = tapes_of(compressor, tape, len(model), len(messages))
    refuse_first(defects + more)
    vectors = [decoded(message, compressor, len(model), words) for message, words in zip(messages, tapes)]
    return {"model": combination([1, -1], [model, sum_of(vectors, len(model))])}


# Rounds: docs/CompressedGradientCode.md#rounds.


class CompressedRounds(Rounds):
    """Encode, add the memory, compress, send; what the message leaves out is the new memory."""

    def __init__(self, allocation, probabilities, compressor, step, dimension):
        defects = compressor_defects(compressor, dimension) + step_defects(step)
        defects += allocation_defects(allocation) + certain_straggler_defects(probabilities, len(allocation))
        refuse_first(defects)
        super().__init__(allocation, probabilities, compressor, step, dimension)
        self.weights = standard_weights(allocation, [1 - p for p in probabilities])
        for row in self.weights:
            check_coefficients(row)
        self.holds = [[k for k, held in enumerate(row) if held] for row in allocation]
        self.probabilities, self.compressor, self.dimension = probabilities, compressor, dimension
        self.step = step[0]
        self.memories = [[0.0] * dimension for _ in allocation]

    def round(self, gradients, model=None, responders=None, tape=None, seed=None, t=None):
        if (seed is None) != (t is None) or (seed is not None and (responders is not None or tape is not None)):
            raise invalid("expected responders, perhaps with a tape, or seed and t, or none of these")
        if tape is not None and responders is None:
            raise invalid("a tape without responders")
        if t is not None:
            check_index(t, "t")
        model = [0.0] * self.dimension if model is None else model
        defects = size_defects(len(gradients), len(self.weights[0]), "gradients")
        defects += length_defects(gradients + [model], self.dimension, "gradients and model")
        refuse_first(defects + [defect for vector in gradients + [model] for defect in finite_defects(vector, "a vector")])

        senders = [i for i in one_bit.OneBitRounds.responders(self, responders, seed, t) if self.holds[i]]
        kind = self.compressor["kind"]
        count = self.dimension if kind in STREAMS else 0
        if tape is not None:
            refuse_first(size_defects(len(tape), count * len(senders), "words"))
        memories = dict(enumerate(self.memories))
        messages, vectors = [None] * len(self.weights), [None] * len(self.weights)
        for place, i in enumerate(senders):
            weights, held = zip(*((self.weights[i][k], gradients[k]) for k in self.holds[i]))
            coded = combination(weights, held)
            if not count:
                messages[i], vectors[i], memories[i] = stepped(coded, memories[i], self.step, self.compressor)
                continue
            if seed is not None:
                words = draws(seed, STREAMS[kind], t, i, 0, count)
            else:
                words = free_words(count) if tape is None else tape[place * count : (place + 1) * count]
            messages[i] = message_of(combination([Fraction(self.step)], [coded]), self.compressor, words)
            vectors[i] = decoded(messages[i], self.compressor, self.dimension, words)
        update = sum_of([vector for vector in vectors if vector is not None], self.dimension)
        self.memories = [memories[i] for i in range(len(self.weights))]
        self.count += 1
        return {"update": update, "messages": messages, "decoded": vectors}

    def save(self):
        return json.dumps([super().save(), self.memories])

    def restore(self, state):
        try:
            inner, memories = json.loads(state)
        except (ValueError, TypeError, RecursionError):
            raise invalid("not a state of a session that was opened like this one") from None
        super().restore(inner)
        self.memories = memories
