#!/usr/bin/env python3
"""Exact gradient codes in plain Python: a second implementation of docs/GradientCode.md, to be read beside it.

It answers every operation of docs/protocol.md exactly: rationals are Fractions, float vectors are computed in integers
and rounded once. Only the real circulant, which has no exact matrix, is in floats. Python 3.9 or later, standard
library only. `--mutant NAME` gives it one known defect. The constructions are in constructions.py, closed forms in
closed_forms.py.

The part between the marker lines is generated; a test of the Swift package compares it. The rest is written by hand.
"""

# begin: made by `gradcode stub python`, not by hand
import json
import re
import struct
import sys
import traceback
from fractions import Fraction
from math import gcd, isfinite

if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(1 << 17)  # exact numbers are longer than Python's default permits

# The fields of every operation, question and answer. "name?" may be absent; [x] is a list, (x, None) is x or null,
# {"a", "b"} is one of these strings, {str: x} an object with arbitrary keys.
CODE = {
    "kind?": {
        "uncoded", "fractionalRepetition", "crcOnes", "crcZ", "crcZt", "crcQ", "circulant", "nullSpace", "bernoulli",
        "graph", "stochastic",
    },
    "workers?": "integer",
    "stragglers?": "integer",
    "partitions?": "integer",
    "resolution?": "integer",
    "nodes?": ["integer"],
    "window?": ["integer"],
    "parityCheck?": [["integer"]],
    "density?": "rational",
    "seed?": "seed",
    "edges?": [["integer"]],
    "allocation?": [["integer"]],
    "straggling?": "rational",
    "matrix?": [["rational"]],
}
OPERATIONS = {  # operation: (question, answer)
    "philox.block": ({"counter": "words", "key": "words"}, {"words": "words"}),
    "philox.words": (
        {"seed": "seed", "stream": "integer", "t": "integer", "i": "integer", "first": "integer", "count": "integer"},
        {"words": "words"},
    ),
    "stragglers.draw": (
        {
            "seed": "seed",
            "t": "integer",
            "probabilities?": ["rational"],
            "stragglers?": "integer",
            "workers?": "integer",
        },
        {"responders": ["integer"]},
    ),
    "rounding.binary32": ({"values": ["rational"]}, {"values": "f32"}),
    "allocation.build": (
        {
            "descriptor": {
                "kind": {
                    "fullReplication", "hadamard", "affinePlane", "fullFactorial", "cyclic", "fractionalRepetition",
                    "differenceSet", "random",
                },
                "workers?": "integer",
                "partitions?": "integer",
                "replication?": "integer",
                "order?": "integer",
                "threshold?": "integer",
                "levels?": ["integer"],
                "thresholds?": ["integer"],
                "set?": ["integer"],
                "modulus?": "integer",
                "replications?": ["integer"],
                "seed?": "seed",
                "universal?": "integer",
            },
        },
        {"allocation": [["integer"]]},
    ),
    "allocation.report": (
        {"allocation": [["integer"]]},
        {"gap": "number", "loads": ["integer"], "replication": ["integer"]},
    ),
    "gradientCode.encodingMatrix": ({"code": CODE}, {"matrix": [["rational"]], "binary32": "f32"}),
    "gradientCode.check": (
        {"code": CODE, "stragglers": "integer"},
        {
            "recovers": "boolean",
            "tight": "boolean",
            "kappa?": "number",
            "witness?": {"responders": ["integer"], "vector": ["rational"]},
        },
    ),
    "gradientCode.decodingVector": (
        {"code": CODE, "responders": ["integer"], "rule": {"canonical", "any"}},
        {"status": {"exact", "undecodable"}, "vector?": "coefficients", "kappa?": "number", "witness?": ["rational"]},
    ),
    "gradientCode.leastSquares": (
        {"code": CODE, "responders": ["integer"]},
        {"vector": "coefficients", "recovered": "coefficients", "residual": "number"},
    ),
    "gradientCode.approximate": (
        {
            "code": CODE,
            "responders": ["integer"],
            "rule": {"oneStep", "fixedWeights"},
            "density?": "rational",
            "weights?": ["rational"],
        },
        {"vector": "coefficients", "recovered": "coefficients", "residual": "number"},
    ),
    "gradientCode.realCirculant": (
        {"workers": "integer", "stragglers": "integer", "responders": ["integer"]},
        {"window": "coefficients", "vector": "coefficients"},
    ),
    "gradientCode.encode": ({"coefficients": "f32", "vectors": ["f32"]}, {"vector": "f32"}),
    "gradientCode.decode": ({"coefficients": "f32", "vectors": ["f32"]}, {"vector": "f32"}),
    "gradientCode.recover": (
        {"code": CODE, "messages": [("f32", None)]},
        {"status": {"exact", "undecodable"}, "sum": ("f32", None), "excluded": ["integer"]},
    ),
    "gradientCode.recoveryProbability": ({"code": CODE, "probabilities": ["rational"]}, {"probability": "number"}),
    "oneBit.encode": ({"gradients": ["f32"], "weights": ["rational"]}, {"vector": "f32"}),
    "oneBit.quantize": ({"x": "f32", "bound": ("f32", {"perMessage"}), "tape?": "words"}, {"message": "bytes"}),
    "oneBit.aggregate": (
        {"messages": ["bytes"], "bound": ("f32", {"perMessage"}), "dimension": "integer"},
        {"update": "f32"},
    ),
    "oneBit.step": (
        {
            "model": "f32",
            "step": "f32",
            "messages": ["bytes"],
            "bound": ("f32", {"perMessage"}),
            "lower?": "f32",
            "upper?": "f32",
        },
        {"model": "f32"},
    ),
    "oneBit.moments": (
        {
            "allocation": [["integer"]],
            "probabilities?": ["rational"],
            "stragglers?": "integer",
            "weights?": [["rational"]],
            "gradients": [["rational"]],
            "ranges?": [["rational"]],
        },
        {"mean": ["rational"], "covariance": [["rational"]], "stragglerPart": "rational", "quantiserPart": "rational"},
    ),
    "oneBit.convergence": (
        {
            "theorem": {"convex", "nonSmooth", "stronglyConvex", "nonConvex"},
            "allocation": [["integer"]],
            "probabilities": ["rational"],
            "weights?": [["rational"]],
            "ranges?": ["rational"],
            "loss": {
                "kind": {"quadratic", "huber", "absolute"},
                "curvatures": [["rational"]],
                "centres": [["rational"]],
            },
            "start": ["rational"],
            "minimiser": ["rational"],
            "step": "rational",
            "iterations": "integer",
            "factor?": "rational",
        },
        {"measured": "rational", "bound": "rational", "holds": "boolean"},
    ),
    "theory.value": (
        {
            "quantity": {
                "fractionalRepetitionRecovery", "thresholdRecovery", "crcZLargestEntry", "crcZWorstAmplification",
                "forwardErrorFactorBound", "crcOnesRecovery", "oneStepResidual", "stochasticResidual",
                "ignoringStragglersResidual", "unbiasedWeightsResidual", "fixedRespondersResidual",
            },
            "workers?": "integer",
            "stragglers?": "integer",
            "partitions?": "integer",
            "probabilities?": ["rational"],
            "kappa?": "rational",
            "roundings?": "integer",
            "density?": "rational",
            "responders?": "integer",
            "replications?": ["integer"],
        },
        {"value": "rational"},
    ),
}
SESSIONS = {  # scheme: (open, round, outcome)
    "gradientCode": (
        {"code": CODE, "dimension": "integer", "probabilities?": ["rational"]},
        {"gradients": ["f32"], "responders?": ["integer"], "seed?": "seed", "t?": "integer"},
        {"update": ("f32", None), "excluded": ["integer"], "decoded?": [("f32", None)]},
    ),
    "oneBit": (
        {
            "allocation": [["integer"]],
            "probabilities": ["rational"],
            "weights?": [["rational"]],
            "bound": ("f32", {"perMessage"}),
            "dimension": "integer",
        },
        {"gradients": ["f32"], "responders?": ["integer"], "tape?": "words", "seed?": "seed", "t?": "integer"},
        {"update": "f32", "messages?": [("bytes", None)], "decoded?": [("f32", None)]},
    ),
}


class Refusal(Exception):
    """A question that has no answer: the kind is one of the protocol's, the reason is for people."""

    def __init__(self, kind, reason):
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Unsupported(Exception):
    """A question that this implementation does not answer; it is skipped and reported as such."""


class Session:
    """The rounds of one session. A round, `set` or `restore` that is refused must leave the session as it was."""

    def round(self, **fields):
        raise Unsupported("round")

    def sample(self, **fields):
        """The outcome of a round that is not kept; to be overridden where a round changes the session."""
        return self.round(**fields)

    def set(self, step):
        raise Unsupported("set")

    def save(self):
        raise Unsupported("save")

    def restore(self, state):
        raise Unsupported("restore")


FUNCTIONS = {}  # operation: its function
SCHEMES = {}  # scheme: the class of its sessions
DECLARED = {}  # operation, or scheme.round: its flags


def answers(operation, *flags):
    """Declares the function that follows: the question's fields are its arguments, it returns the answer's fields."""

    def register(function):
        FUNCTIONS[operation] = function
        DECLARED[operation] = list(flags)
        return function

    return register


def opens(scheme, *flags):
    """Declares the class that follows: its initialiser takes the fields of `open`, `round` those of a round."""

    def register(session):
        SCHEMES[scheme] = session
        DECLARED[scheme + ".round"] = list(flags)
        return session

    return register


# Readers answer None to what they cannot read.


def integer(value):
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return value if is_integer and abs(value) < 1 << 53 else None


def rational(value):
    """The Fraction written as "n/d" in lowest terms, or as an integer."""
    if isinstance(value, str) and len(value) <= 65536:
        found = re.fullmatch("(-?(?:0|[1-9][0-9]*))(?:/([1-9][0-9]*))?", value)
        if found and found[1] != "-0":
            numerator, denominator = int(found[1]), int(found[2] or 1)
            if gcd(numerator, denominator) == 1:
                return Fraction(numerator, denominator)
    return None


def hexadecimal(value, digits, code):
    """The values of a hexadecimal string, so many digits each; `code` is their format as struct has it."""
    if not isinstance(value, str) or len(value) % digits or not re.fullmatch("[0-9a-f]*", value):
        return None
    return list(struct.unpack(f">{len(value) // digits}{code}", bytes.fromhex(value)))


def seed(value):
    found = hexadecimal(value, 16, "Q")
    return found[0] if found and len(found) == 1 else None


READ = {  # schema: (reader, what it expects)
    "integer": (integer, "an integer below 2^53"),
    "boolean": (lambda value: value if isinstance(value, bool) else None, "true or false"),
    "string": (lambda value: value if isinstance(value, str) else None, "a string"),
    "rational": (rational, '"n/d" in lowest terms'),
    "f32": (lambda value: hexadecimal(value, 8, "f"), "lower-case hexadecimal, eight digits a value"),
    "words": (lambda value: hexadecimal(value, 8, "I"), "lower-case hexadecimal, eight digits a word"),
    "bytes": (lambda value: hexadecimal(value, 2, "B"), "lower-case hexadecimal, two digits a byte"),
    "seed": (seed, "sixteen lower-case hexadecimal digits"),
}


def wrong(place, expected):
    return Refusal("invalidParameters", f"at {place}: expected {expected}")


def read(value, schema, place):
    """The Python value of a JSON value: Fraction for rationals, floats for f32, integers for words, bytes and seeds."""
    if isinstance(schema, tuple):
        value_schema, words = schema
        if words is None:
            return None if value is None else read(value, value_schema, place)
        return value if isinstance(value, str) and value in words else read(value, value_schema, place)
    if isinstance(schema, list):
        if not isinstance(value, list):
            raise wrong(place, "a list")
        return [read(element, schema[0], f"{place}[{index}]") for index, element in enumerate(value)]
    if isinstance(schema, set):
        if not isinstance(value, str) or value not in schema:
            raise wrong(place, "one of " + ", ".join(sorted(schema)))
        return value
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            raise wrong(place, "an object")
        if str in schema:
            return {key: read(element, schema[str], f"{place}.{key}") for key, element in value.items()}
        fields = {}
        for name, field in schema.items():
            key = name.rstrip("?")
            optional = name.endswith("?") and value.get(key) is None
            fields[key] = None if optional else read(value.get(key), field, f"{place}.{key}")
        return fields
    reader, expected = READ[schema]
    found = reader(value)
    if found is None:
        raise wrong(place, expected)
    return found


def write_rational(value):
    value = Fraction(value)
    return f"{value.numerator}/{value.denominator}"


def write_number(value):
    """A Fraction or an integer exactly; a float as the sixteen digits of a binary64."""
    return struct.pack(">d", value).hex() if isinstance(value, float) else write_rational(value)


def write_coefficients(values):
    """Exact numbers one by one; floats, when there are any, as binary64 in one string."""
    if any(isinstance(value, float) for value in values):
        return struct.pack(f">{len(values)}d", *values).hex()
    return [write_rational(value) for value in values]


def write_floats(values):
    """Values as binary32; a finite one that is beyond binary32 is refused."""
    try:
        return struct.pack(f">{len(values)}f", *values).hex()
    except OverflowError:
        raise Refusal("outOfRange", "a value is beyond binary32") from None


WRITE = {
    "integer": int,
    "boolean": bool,
    "string": str,
    "rational": write_rational,
    "number": write_number,
    "coefficients": write_coefficients,
    "f32": write_floats,
    "words": lambda words: struct.pack(f">{len(words)}I", *words).hex(),
    "bytes": lambda data: bytes(data).hex(),
}


def write(value, schema):
    """The JSON value of a Python value; optional fields may be missing or None."""
    if isinstance(schema, tuple):
        return value if value is None or isinstance(value, str) else write(value, schema[0])
    if isinstance(schema, list):
        return [write(element, schema[0]) for element in value]
    if isinstance(schema, set):
        return str(value)
    if isinstance(schema, dict):
        if str in schema:
            return {key: write(element, schema[str]) for key, element in value.items()}
        fields = {}
        for name, field in schema.items():
            key = name.rstrip("?")
            if not (name.endswith("?") and value.get(key) is None):
                fields[key] = write(value[key], field)
        unknown = set(value) - {name.rstrip("?") for name in schema}
        if unknown:
            raise KeyError(f"the answer has no field {', '.join(sorted(unknown))}")
        return fields
    return WRITE[schema](value)


def sample_count(message):
    count = read(message.get("count"), "integer", "count")
    if not 1 <= count <= 65536:
        raise Refusal("invalidParameters", f"{count} samples; expected 1 to 65536")
    return count


def output(message, sessions):
    """What a command answers, as JSON has it; `sessions` holds the open ones with their schemes, by number."""
    verb = message["cmd"]
    if verb == "run":
        name = read(message.get("operation"), "string", "operation")
        if name not in FUNCTIONS:
            raise Unsupported(name)
        question, answer = OPERATIONS[name]
        return write(FUNCTIONS[name](**read(message.get("input"), question, "input")), answer)
    if verb == "open":
        scheme = read(message.get("scheme"), "string", "scheme")
        if scheme not in SCHEMES:
            raise Unsupported(scheme)
        number = read(message.get("session"), "integer", "session")
        session = SCHEMES[scheme](**read(message.get("input"), SESSIONS[scheme][0], "input"))
        if number in sessions:
            raise Refusal("invalidParameters", f"session {number} is open already")
        sessions[number] = (scheme, session)
        return {}
    if verb == "sample" and "session" not in message:
        name = read(message.get("operation"), "string", "operation")
        if "free" not in DECLARED.get(name, ()):
            raise Unsupported(f"sample of {name}")
        question, answer = OPERATIONS[name]
        fields = read(message.get("input"), question, "input")
        return {"samples": [write(FUNCTIONS[name](**fields), answer) for _ in range(sample_count(message))]}
    if verb not in ("round", "sample", "set", "save", "restore", "close"):
        raise Unsupported(verb)
    number = read(message.get("session"), "integer", "session")
    if number not in sessions:
        raise Refusal("invalidParameters", f"session {number} is not open")
    scheme, session = sessions[number]
    if verb == "round":
        return write(session.round(**read(message.get("input"), SESSIONS[scheme][1], "input")), SESSIONS[scheme][2])
    if verb == "sample":
        fields = read(message.get("input"), SESSIONS[scheme][1], "input")
        return {
            "samples": [
                write(session.sample(**fields), SESSIONS[scheme][2]) for _ in range(sample_count(message))
            ]
        }
    if verb == "set":
        step = read(message.get("input"), {"step": "f32"}, "input")["step"]
        if len(step) != 1:
            raise Refusal("dimensionMismatch", f"a step is one binary32, found {len(step)}")
        if not isfinite(step[0]):
            raise Refusal("nonFinite", "the step is not finite")
        if step[0] <= 0:
            raise Refusal("invalidParameters", "the step is not positive")
        session.set(step[0])
    elif verb == "save":
        return {"state": session.save()}
    elif verb == "restore":
        session.restore(read(message.get("input"), {"state": "string"}, "input")["state"])
    else:
        del sessions[number]
    return {}


def reply(message, sessions):
    """The reply to a command. A defect of this program is reported as such: it is never taken for a refusal."""
    try:
        return {"output": output(message, sessions)}
    except Refusal as refusal:
        return {"reject": refusal.kind, "reason": refusal.reason}
    except Unsupported as unsupported:
        return {"unsupported": str(unsupported) or message.get("operation") or message["cmd"]}
    except Exception as error:
        traceback.print_exc()
        return {"failed": f"{type(error).__name__}: {error}"}


def serve(name, version, **conventions):
    """Answers the lines of standard input, in order, until `stop` or the end of the input."""
    replies, sys.stdout = sys.stdout, sys.stderr  # what functions print must not stand between the replies
    declaration = {
        "version": 1,
        "implementation": {"name": name, "version": version, "language": "python"},
        "operations": DECLARED,
        "conventions": conventions,
    }
    sessions = {}
    for line in sys.stdin.buffer:
        try:
            message = json.loads(line)
            if message["cmd"] == "stop":
                return
            is_start = message["cmd"] == "start"
            seq = None if is_start else read(message["seq"], "integer", "seq")
        except (ValueError, TypeError, KeyError, RecursionError, Refusal) as error:
            print(f"not a line of the protocol: {error!r}", file=sys.stderr)
            found = re.search(rb'"seq" *: *([0-9]{1,15})\b', line)
            if not found:
                continue
            answer = {"seq": int(found[1]), "reject": "invalidParameters", "reason": "the line cannot be read"}
        else:
            answer = declaration if is_start else {"seq": seq, **reply(message, sessions)}
        replies.write(json.dumps(answer, separators=(",", ":")) + "\n")
        replies.flush()  # at once: the clock of the next question starts when this reply arrives
# end: made by `gradcode stub python`, not by hand

import argparse
import hashlib
import itertools
from contextlib import contextmanager
from math import comb, inf, lcm, ldexp

import constructions
from checks import (
    Refused,
    TooMuchWork,
    check_range,
    check_stragglers,
    density_defects,
    needed,
    probability_defects,
    refuse_first,
    size_defects,
)
from closed_forms import CLOSED_FORMS
from linear_algebra import cancelled, echelon, product, solve, transposed

MUTANTS = {
    "carry": "a run of draws that starts inside a block never reaches the next one",
    "compact": "decoding vectors list the responders only, not all workers",
    "double-rounding": "exact numbers are rounded to binary64 first, then to binary32",
    "first-responders": "decodes from the first rank(B) responders only, and fails on decodable sets",
    "isolated": "least squares recovers a partition that no responder holds",
    "least-squares": "answers the least-squares vector of an undecodable set as if it were exact",
    "memory": "messages of earlier rounds stay in the buffer and stand in for stragglers",
    "nan-zero": "a message that is not finite is multiplied by its coefficient, which may be zero",
    "one-step": "one-step decoding forgets the number of responders",
    "survivor-average": "the decoding vector is the mean of the responders",
    "unsorted": "takes distinct nodes of CRC-Q in any order",
    "weight-exponent": "CRC-Q has the weight exponent ⌈d/2⌉ instead of ⌊d/2⌋",
    "window": "a cyclic worker holds s partitions instead of s + 1",
    "wrap": "cyclic windows end at the last partition",
}
mutant = None  # the defect chosen on the command line


@contextmanager
def protocol_errors():
    """What the other modules raise, in the words of the protocol."""
    try:
        yield
    except Refused as refused:
        raise Refusal(refused.kind, refused.reason) from None
    except TooMuchWork as excess:
        raise Unsupported(str(excess)) from None


# Randomness: docs/numerics.md#randomness.


def philox(counter, key):
    """One block of Philox4x32-10: four words from a counter of four words and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        product0, product1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (
            (product1 >> 32) ^ c1 ^ k0,
            product1 & 0xFFFFFFFF,
            (product0 >> 32) ^ c3 ^ k1,
            product0 & 0xFFFFFFFF,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [c0, c1, c2, c3]


def draws(seed, stream, t, i, first, count):
    """The words j = first, first + 1, …: lane j mod 4 of the block with counter (j div 4, i, t, stream)."""
    key = (seed & 0xFFFFFFFF, seed >> 32)
    words, blocks = [], {}
    for offset in range(count):
        j = first + offset
        block = first // 4 + offset // 4 if mutant == "carry" else j // 4
        if block not in blocks:
            blocks = {block: philox((block, i, t, stream), key)}
        words.append(blocks[block][j % 4])
    return words


def straggles(word, probability):
    """A worker straggles if and only if word / 2^32 < p."""
    return word * probability.denominator < probability.numerator << 32


def smallest(count, words):
    """The indices of the smallest words, equal words in the order of their indices."""
    return [index for _, index in sorted((word, index) for index, word in enumerate(words))[:count]]


def check_index(value, name):
    if not 0 <= value < 1 << 32:
        raise Refusal("invalidParameters", f"{name} is {value}, expected 0 ..< 2^32")


@answers("philox.block")
def philox_block(counter, key):
    if len(counter) != 4 or len(key) != 2:
        raise Refusal("dimensionMismatch", f"expected 4 and 2 words, found {len(counter)} and {len(key)}")
    return {"words": philox(counter, key)}


@answers("philox.words")
def philox_words(seed, stream, t, i, first, count):
    for value, name in ((stream, "stream"), (t, "t"), (i, "i")):
        check_index(value, name)
    if first < 0 or count < 0 or first + count > 1 << 34:
        raise Refusal("invalidParameters", f"draws {first} and {count} more are not below 2^34")
    if count > 1 << 20:
        raise Unsupported("more than 2^20 words")
    return {"words": draws(seed, stream, t, i, first, count)}


@answers("stragglers.draw")
@protocol_errors()
def stragglers_draw(seed, t, probabilities=None, stragglers=None, workers=None):
    check_index(t, "t")
    independent = probabilities is not None and stragglers is None and workers is None
    exactly = probabilities is None and stragglers is not None and workers is not None
    if not independent and not exactly:
        raise Refusal("invalidParameters", "expected either probabilities, or stragglers and workers")
    n = len(probabilities) if independent else workers
    if not 1 <= n <= 65536 or (exactly and not 0 <= stragglers <= n):
        raise Refusal("invalidParameters", f"{n} workers, {stragglers} stragglers")
    if independent:
        refuse_first(probability_defects(probabilities, n))
        return {"responders": respond(seed, t, probabilities)}
    silent = set(smallest(stragglers, [draws(seed, 0, t, i, 0, 1)[0] for i in range(n)]))
    return {"responders": [i for i in range(n) if i not in silent]}


def respond(seed, t, probabilities):
    """Who responds in iteration t when worker i straggles with probability p_i: stream 0, one word a worker."""
    return [i for i, p in enumerate(probabilities) if not straggles(draws(seed, 0, t, i, 0, 1)[0], p)]


# Rounding: docs/numerics.md#binary32-rounding.


def binary32(value):
    """The binary32 number nearest to a Fraction, ties to even, as IEEE 754 rounds; found with integers alone."""
    if mutant == "double-rounding":
        return rounded_twice(value)
    if value == 0:
        return 0.0
    sign = 1 if value > 0 else -1
    numerator, denominator = abs(value.numerator), value.denominator
    exponent = numerator.bit_length() - denominator.bit_length()
    if numerator << max(0, -exponent) < denominator << max(0, exponent):
        exponent -= 1  # now 2^exponent <= |value| < 2^(exponent + 1)
    if exponent > 127:
        return sign * inf
    unit = max(exponent, -126) - 23  # the last place, which no longer shrinks below the normal numbers
    units, rest = divmod(numerator << max(0, -unit), denominator << max(0, unit))
    if (2 * rest, units % 2) > (denominator << max(0, unit), 0):  # above the middle, or on it and odd
        units += 1
    return sign * (ldexp(units, unit) if units << max(0, unit) < 1 << 128 else inf)


def rounded_twice(value):
    try:
        return struct.unpack(">f", struct.pack(">f", float(value)))[0]
    except OverflowError:
        return inf if value > 0 else -inf


@answers("rounding.binary32")
def rounding_binary32(values):
    return {"values": [binary32(value) for value in values]}


def combination(coefficients, vectors):
    """Σ_i c_i v_i of finite vectors, each coordinate computed exactly and rounded once.

    Every binary32 number is a multiple of 2^-149, so the sums are integers over one denominator.
    """
    coefficients = [Fraction(c) for c in coefficients]
    denominator = lcm(*(c.denominator for c in coefficients))
    weights = [c.numerator * (denominator // c.denominator) for c in coefficients]
    multiples = [[int(ldexp(x, 149)) for x in vector] for vector in vectors]
    sums = (sum(map(int.__mul__, weights, column)) for column in zip(*multiples))
    result = [binary32(Fraction(total, denominator << 149)) for total in sums]
    if not is_finite(result):
        raise Refusal("outOfRange", "a coordinate of the combination is beyond binary32")
    return result


def check_coefficients(coefficients):
    """Float software could not use a coefficient whose binary32 image is infinite, or zero without being zero."""
    for c in coefficients:
        if not isfinite(binary32(c)) or (binary32(c) == 0) != (c == 0):
            raise Refusal("outOfRange", "a coefficient is beyond binary32")


def is_finite(vector):
    return all(isfinite(x) for x in vector)


# Allocations: docs/notation.md#allocations. An allocation is a list of rows, one a worker, of zeros and ones.


def check_size(workers, partitions):
    if not (1 <= workers <= 65536 and 1 <= partitions <= 65536 and workers * partitions <= 1 << 26):
        raise Refusal("invalidParameters", f"an allocation of {workers} by {partitions}")
    if workers * partitions > 1 << 22:
        raise Unsupported("an allocation of more than 2^22 entries")


def allocation_from(workers, partitions, holds):
    """The matrix whose entry (i, k) says whether holds(i, k)."""
    check_size(workers, partitions)
    return [[int(holds(i, k)) for k in range(partitions)] for i in range(workers)]


def full_replication(descriptor):
    workers, partitions = needed(descriptor, "workers", "partitions")
    return allocation_from(workers, partitions, lambda i, k: True)


def hadamard(descriptor):
    """Worker i holds k = 1 … M if and only if i AND k has an even number of ones; N = 2^r."""
    order, partitions = needed(descriptor, "order", "partitions")
    check_range(order, 1, 16, "order")
    check_range(partitions, 1, (1 << order) - 1, "partitions")
    return allocation_from(1 << order, partitions, lambda i, k: bin(i & (k + 1)).count("1") % 2 == 0)


def affine_plane(descriptor):
    """Worker q x + y holds partition c < q if and only if (c x + y) mod q < a, and partition q if x < a."""
    q, partitions, a = needed(descriptor, "order", "partitions", "threshold")
    if not 2 <= q <= 256 or any(q % divisor == 0 for divisor in range(2, q)):
        raise Refusal("invalidParameters", f"the order {q} is not a prime up to 256")
    check_range(partitions, 1, q + 1, "partitions")
    check_range(a, 1, q, "threshold")
    return allocation_from(
        q * q, partitions, lambda i, c: i // q < a if c == q else (c * (i // q) + i % q) % q < a
    )


def full_factorial(descriptor):
    """One worker for each string of digits, in lexicographic order; it holds k if and only if digit k is below h_k."""
    levels, thresholds = needed(descriptor, "levels", "thresholds")
    check_range(len(levels), 1, 65536, "the number of levels")
    workers = 1
    for level in levels:
        check_range(level, 1, 65536, "a level")
        workers *= level
        check_range(workers, 1, 65536, "the number of workers")
    for level, threshold in zip(levels, thresholds):
        check_range(threshold, 0, level, "a threshold")
    if len(levels) != len(thresholds):
        raise Refusal("dimensionMismatch", f"{len(thresholds)} thresholds for {len(levels)} levels")
    check_size(workers, len(levels))
    digits = itertools.product(*map(range, levels))
    return [[int(digit < threshold) for digit, threshold in zip(worker, thresholds)] for worker in digits]


def cyclic(descriptor):
    """Worker i holds the d partitions i, i + 1, … mod N; M = N."""
    workers, d = needed(descriptor, "workers", "replication")
    check_size(workers, workers)
    check_range(d, 1, workers, "replication")
    return allocation_from(workers, workers, lambda i, k: (k - i) % workers < d)


def fractional_repetition(descriptor):
    """G = N / d groups; worker i is in group i mod G, and group g holds the M / G partitions from g M / G on."""
    workers, partitions, d = needed(descriptor, "workers", "partitions", "replication")
    check_size(workers, partitions)
    check_range(d, 1, workers, "replication")
    groups = workers // d
    if workers % d or partitions % groups:
        raise Refusal("nonDivisible", f"{workers} workers, {partitions} partitions, replication {d}")
    return allocation_from(workers, partitions, lambda i, k: i % groups == k // (partitions // groups))


def difference_set(descriptor):
    """Worker i holds (δ + i) mod v for δ in the set; every non-zero residue is a difference equally often."""
    members, v = needed(descriptor, "set", "modulus")
    check_size(v, v)
    if any(not 0 <= a < v for a in members) or len(set(members)) < len(members):
        raise Refusal("invalidParameters", f"expected distinct elements of 0 ..< {v}")
    differences = [0] * v
    for a, b in itertools.product(members, members):
        differences[(a - b) % v] += 1
    if len(set(differences[1:])) > 1:
        raise Refusal("invalidParameters", f"not every residue modulo {v} is a difference equally often")
    return allocation_from(v, v, lambda i, k: (k - i) % v in members)


def random_allocation(descriptor):
    """Partition k is held by the d_k workers i with the smallest (u, i); stream 2, t = 0, i := k, j := worker."""
    workers, replications, seed = needed(descriptor, "workers", "replications", "seed")
    check_size(workers, len(replications))
    for d in replications:
        check_range(d, 0, workers, "a replication")
    holders = [set(smallest(d, draws(seed, 2, 0, k, 0, workers))) for k, d in enumerate(replications)]
    return allocation_from(workers, len(replications), lambda i, k: i in holders[k])


FAMILIES = {
    "fullReplication": full_replication,
    "hadamard": hadamard,
    "affinePlane": affine_plane,
    "fullFactorial": full_factorial,
    "cyclic": cyclic,
    "fractionalRepetition": fractional_repetition,
    "differenceSet": difference_set,
    "random": random_allocation,
}


def replications_of(allocation):
    """d_k, the number of workers that hold each partition; none may be zero."""
    replications = [sum(column) for column in zip(*allocation)]
    if 0 in replications:
        raise Refusal("infeasiblePartition", f"partition {replications.index(0)} is held by nobody")
    return replications


@answers("allocation.build")
@protocol_errors()
def allocation_build(descriptor):
    allocation = FAMILIES[descriptor["kind"]](descriptor)
    replications_of(allocation)
    universal = descriptor["universal"] or 0
    check_range(universal, 0, 65536, "universal")
    check_size(len(allocation), len(allocation[0]) + universal)
    return {"allocation": [row + [1] * universal for row in allocation]}


@answers("allocation.report")
def allocation_report(allocation):
    if not allocation or not allocation[0]:
        raise Refusal("invalidParameters", "an allocation without workers or partitions")
    check_size(len(allocation), len(allocation[0]))
    if any(entry not in (0, 1) for row in allocation for entry in row):
        raise Refusal("invalidParameters", "an entry is neither 0 nor 1")
    if any(len(row) != len(allocation[0]) for row in allocation):
        raise Refusal("dimensionMismatch", "rows of different lengths")
    d = replications_of(allocation)
    n = len(allocation)
    gap = Fraction(0)
    for (k, first), (l, second) in itertools.combinations(enumerate(zip(*allocation)), 2):
        common = sum(a & b for a, b in zip(first, second))
        gap = max(gap, abs(common - Fraction(d[k] * d[l], n)))
    return {"gap": gap, "loads": [sum(row) for row in allocation], "replication": d}


# Gradient codes: docs/GradientCode.md. A matrix is a list of rows of Fractions; B has one row a worker.


def construction(code):
    """The code that a record describes: its parameters are valid, its other defects are listed."""
    return constructions.construct(code, draws, mutant)


@protocol_errors()
def encoding_matrix(code):
    """The matrix B."""
    found = construction(code)
    refuse_first(found.defects)
    return found.form()


def matrix_and_responders(code, responders):
    """B, and F ascending."""
    matrix = encoding_matrix(code)
    return matrix, responder_set(responders, len(matrix))


def responder_set(responders, n):
    """F, ascending."""
    for worker in responders:
        if not 0 <= worker < n:
            raise Refusal("indexOutOfRange", f"responder {worker} is not in 0 ..< {n}")
    if len(set(responders)) < len(responders):
        raise Refusal("duplicateWorker", "a responder is listed twice")
    return sorted(responders)


def spread(values, responders, n):
    """One number a worker, zero off the responders."""
    vector = [Fraction(0)] * n
    for worker, value in zip(responders, values):
        vector[worker] = value
    return vector


def decoding_vector(matrix, responders):
    """D1, the canonical decoder: a with aᵀB = 1 and a = 0 off F, free variables zero; None where there is none."""
    n, k = len(matrix), len(matrix[0])
    if mutant == "first-responders":
        responders = responders[: len(echelon(matrix, k)[1])]
    received = [matrix[i] for i in responders]
    solution = solve(transposed(received), [Fraction(1)] * k) if received else None
    if mutant == "survivor-average" and solution is not None:
        solution = [Fraction(1, len(responders))] * len(responders)
    if mutant == "least-squares" and solution is None:
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


@answers("gradientCode.encodingMatrix")
@protocol_errors()
def gradient_code_encoding_matrix(code):
    matrix = encoding_matrix(code)
    return {"matrix": matrix, "binary32": [binary32(entry) for row in matrix for entry in row]}


@answers("gradientCode.check")
@protocol_errors()
def gradient_code_check(code, stragglers):
    found = construction(code)
    n = found.workers
    check_range(stragglers, 0, n - 1, "stragglers")
    refuse_first(found.defects)
    matrix = found.form()
    if comb(n, stragglers) + comb(n, stragglers + 1) > 1 << 12:
        raise Unsupported("more than 2^12 sets of responders")
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


@answers("gradientCode.decodingVector")
@protocol_errors()
def gradient_code_decoding_vector(code, responders, rule):
    matrix, responders = matrix_and_responders(code, responders)
    a = decoding_vector(matrix, responders)
    if a is None:
        witness = undecodability_witness(matrix, responders)  # None only for the mutants that miss a decodable set
        return {"status": "undecodable", "witness": witness}
    kappa = amplification(matrix, a)
    if mutant == "compact":
        a = [a[i] for i in responders]
    return {"status": "exact", "vector": a, "kappa": kappa}


@answers("gradientCode.leastSquares")
@protocol_errors()
def gradient_code_least_squares(code, responders):
    matrix, responders = matrix_and_responders(code, responders)
    a, alpha, residual = least_squares(matrix, responders)
    if mutant == "isolated":
        held = [any(matrix[i][j] for i in responders) for j in range(len(alpha))]
        alpha = [x if present else Fraction(1) for x, present in zip(alpha, held)]
        residual = squared_distance(alpha)
    return {"vector": a, "recovered": alpha, "residual": residual}


@answers("gradientCode.approximate")
@protocol_errors()
def gradient_code_approximate(code, responders, rule, density=None, weights=None):
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
        r = 1 if mutant == "one-step" else max(1, len(responders))
        weights = [1 / (r * density)] * n
    a = spread([weights[i] for i in responders], responders, n)
    alpha = product(transposed(found.form()), a)
    return {"vector": a, "recovered": alpha, "residual": squared_distance(alpha)}


@answers("gradientCode.realCirculant")
@protocol_errors()
def gradient_code_real_circulant(workers, stragglers, responders):
    """The window and a decoding vector in floats: there is no exact matrix, and nothing is decided."""
    check_stragglers(workers, stragglers)
    check_range(workers, 1, constructions.LARGEST, "workers")
    if (workers - stragglers) % 2 == 0 or len(responders) != workers - stragglers:
        raise Refusal("invalidParameters", f"{len(responders)} responders, expected n - s, an odd number")
    responders = responder_set(responders, workers)
    window = constructions.real_window(workers, stragglers)
    a = constructions.real_decoding_vector(workers, window, responders)
    return {"window": window, "vector": [float(x) for x in spread(a, responders, workers)]}


def checked_combination(coefficients, vectors):
    if not vectors or not vectors[0]:
        raise Refusal("invalidParameters", "expected at least one vector of at least one coordinate")
    if len(coefficients) != len(vectors):
        raise Refusal("dimensionMismatch", f"{len(coefficients)} coefficients for {len(vectors)} vectors")
    if any(len(vector) != len(vectors[0]) for vector in vectors):
        raise Refusal("dimensionMismatch", "vectors of different dimensions")
    if not is_finite(coefficients) or not all(map(is_finite, vectors)):
        raise Refusal("nonFinite", "a coefficient or a coordinate is not finite")
    return combination(coefficients, vectors)


@answers("gradientCode.encode")
def gradient_code_encode(coefficients, vectors):
    return {"vector": checked_combination(coefficients, vectors)}


@answers("gradientCode.decode")
def gradient_code_decode(coefficients, vectors):
    return {"vector": checked_combination(coefficients, vectors)}


def recover(matrix, messages):
    """The sum of the gradients (None where undecodable), and the workers left out because of what they sent."""
    received = [i for i, message in enumerate(messages) if message is not None]
    excluded = [i for i in received if not is_finite(messages[i])]
    if mutant == "nan-zero":
        excluded = []
    responders = [i for i in received if i not in excluded]
    a = decoding_vector(matrix, responders)
    if a is None:
        return None, excluded
    if mutant == "nan-zero" and not all(is_finite(messages[i]) for i in responders):
        return [sum(float(a[i]) * messages[i][c] for i in responders) for c in range(len(messages[received[0]]))], []
    used = [i for i in responders if a[i]]
    check_coefficients([a[i] for i in used])
    return combination([a[i] for i in used], [messages[i] for i in used]), excluded


@answers("gradientCode.recover")
@protocol_errors()
def gradient_code_recover(code, messages):
    found = construction(code)
    own = size_defects(len(messages), found.workers, "messages")
    dimensions = {len(message) for message in messages if message is not None}
    if len(dimensions) > 1 or 0 in dimensions:
        own.append(("dimensionMismatch", f"messages of dimensions {sorted(dimensions)}, expected one, positive"))
    refuse_first(found.defects + own)
    total, excluded = recover(found.form(), messages)
    return {"status": "undecodable" if total is None else "exact", "sum": total, "excluded": excluded}


@answers("gradientCode.recoveryProbability")
@protocol_errors()
def gradient_code_recovery_probability(code, probabilities):
    found = construction(code)
    n = found.workers
    refuse_first(found.defects + probability_defects(probabilities, n))
    matrix = found.form()
    if n > 14:
        raise Unsupported("more than 14 workers")

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


# Closed forms: docs/protocol.md#theory.


@answers("theory.value")
@protocol_errors()
def theory_value(quantity, **given):
    parameters = dict.fromkeys(name.rstrip("?") for name in OPERATIONS["theory.value"][0])
    return {"value": CLOSED_FORMS[quantity]({**parameters, **given, "kind": quantity})}


# Rounds: docs/GradientCode.md#rounds.


@opens("gradientCode", "save", "seed")
class GradientCodeRounds(Session):
    """Encode at the responders, recover at the server; nothing but the step and a count is kept between rounds."""

    @protocol_errors()
    def __init__(self, code, dimension, probabilities=None):
        if dimension < 1:
            raise Refusal("invalidParameters", f"the dimension is {dimension}")
        found = construction(code)
        own = [] if probabilities is None else probability_defects(probabilities, found.workers)
        refuse_first(found.defects + own)
        self.matrix = found.form()
        for row in self.matrix:
            check_coefficients(row)
        self.dimension = dimension
        self.probabilities = probabilities
        self.step = 1.0
        self.rounds = 0
        self.buffer = [None] * len(self.matrix)  # for the mutant `memory` only

    def round(self, gradients, responders=None, seed=None, t=None):
        if responders is not None and seed is None and t is None:
            drawn = False
        elif responders is None and seed is not None and t is not None and self.probabilities is not None:
            drawn = True
            check_index(t, "t")
        else:
            raise Refusal("invalidParameters", "expected responders, or seed and t and probabilities in `open`")
        if len(gradients) != len(self.matrix[0]) or any(len(g) != self.dimension for g in gradients):
            partitions = len(self.matrix[0])
            raise Refusal("dimensionMismatch", f"expected {partitions} gradients of dimension {self.dimension}")
        responders = respond(seed, t, self.probabilities) if drawn else responder_set(responders, len(self.matrix))

        messages = [None] * len(self.matrix)
        for i in responders:
            messages[i] = self.coded_gradient(i, gradients)
        if mutant == "memory":
            messages = [old if new is None else new for old, new in zip(self.buffer, messages)]
        update, excluded = recover(self.matrix, messages)
        self.rounds += 1
        self.buffer = messages
        return {"update": update, "excluded": excluded, "decoded": messages}

    def coded_gradient(self, worker, gradients):
        """Σ_j b_ij g_j over the worker's own partitions, rounded once; infinities and NaNs as IEEE 754 adds them."""
        held = [(b, gradients[j]) for j, b in enumerate(self.matrix[worker]) if b]

        def coordinate(c):
            special = [g[c] if b > 0 else -g[c] for b, g in held if not isfinite(g[c])]
            return sum(special) if special else binary32(sum((b * Fraction(g[c]) for b, g in held), Fraction(0)))

        return [coordinate(c) for c in range(self.dimension)]

    def set(self, step):
        self.step = step

    def opening(self):
        """A fingerprint of what the session was opened with."""
        return hashlib.sha256(repr((self.matrix, self.dimension, self.probabilities)).encode()).hexdigest()[:16]

    def save(self):
        return json.dumps([self.opening(), self.step, self.rounds])

    def restore(self, state):
        try:
            opening, step, rounds = json.loads(state)
        except (ValueError, TypeError, RecursionError):
            opening = None
        if opening != self.opening():
            raise Refusal("invalidParameters", "not a state of a session that was opened like this one")
        self.step, self.rounds = step, rounds


def main():
    global mutant
    listing = "\n".join(f"  {name:<17} {defect}" for name, defect in MUTANTS.items())
    parser = argparse.ArgumentParser(
        description="Answers the questions of docs/protocol.md on standard input.",
        epilog="mutants:\n" + listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--mutant", choices=sorted(MUTANTS), metavar="NAME", help="give it one known defect")
    mutant = parser.parse_args().mutant
    serve("gradient_codes.py" + (f" with mutant {mutant}" if mutant else ""), "1")


if __name__ == "__main__":
    main()
