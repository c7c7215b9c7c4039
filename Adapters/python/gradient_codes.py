#!/usr/bin/env python3
"""Exact gradient coding in plain Python: a second implementation of the texts in docs/, to be read beside them.

It answers every operation of docs/protocol.md exactly: rationals are Fractions, float vectors are computed in integers
and rounded once. Only the real circulant, which has no exact matrix, is in floats. Python 3.9 or later, standard
library only. `--mutant NAME` gives it one known defect. Here the functions of the other modules are declared:

    randomness, rounding, allocations   docs/numerics.md, docs/notation.md
    constructions, decoding             docs/GradientCode.md
    heterogeneous, heterogeneous_theory docs/HeterogeneousGradientCode.md
    one_bit, one_bit_theory             docs/OneBitGradientCode.md
    cooperative, cooperative_theory     docs/CooperativeGradientCode.md
    compressed, compressed_theory       docs/CompressedGradientCode.md
    closed_forms                        docs/protocol.md#theory

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
TRAINING = {
    "probabilities": ["rational"],
    "coefficients": [["rational"]],
    "curvatures": [["rational"]],
    "slopes": [["rational"]],
    "start": ["rational"],
    "iterations": "integer",
}
LOSS = {"kind": {"quadratic", "huber", "absolute"}, "curvatures": [["rational"]], "centres": [["rational"]]}
SUM = {"coefficients?": "coefficients", "witness?": ["rational"]}
COMPRESSOR = {
    "kind": {"scaledSign", "blockSign", "topK", "identity", "randK", "levels", "stochasticSign"},
    "k?": "integer",
    "blockLength?": "integer",
    "levels?": "integer",
    "bound?": ("f32", {"perMessage"}),
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
    "heterogeneous.coefficients": (
        {"allocation": [["integer"]], "probabilities": ["rational"], "variances?": ["rational"]},
        {
            "coefficients": ["coefficients"],
            "residual": "number",
            "weights?": "coefficients",
            "encoding?": ["coefficients"],
            "oddsSums?": [("rational", {"inf"})],
            "multipliers?": ["rational"],
        },
    ),
    "heterogeneous.moments": (
        {
            "probabilities": ["rational"],
            "coefficients": [["rational"]],
            "gradients?": [["rational"]],
            "dependence?": [["rational"]],
            "threshold?": "rational",
        },
        {
            "mean": ["rational"],
            "residual": "rational",
            "covariance": [["rational"]],
            "commonMode": "rational",
            "eigenvalueBound?": "rational",
            "gradientError?": "rational",
            "isWithinThreshold?": "boolean",
        },
    ),
    "heterogeneous.allocate": (
        {
            "strategy": {"lpt", "cyclic", "minimumRedundancy", "exact"},
            "probabilities": ["rational"],
            "partitions": "integer",
            "loads?": ["integer"],
            "target?": "rational",
        },
        {
            "status": {"complete", "infeasible", "greedyFailed"},
            "allocation": ([["integer"]], None),
            "oddsSums?": [("rational", {"inf"})],
            "residual?": "rational",
            "copies?": "integer",
            "largestLoad?": "integer",
            "factor?": "rational",
            "lowerBound?": "integer",
        },
    ),
    "heterogeneous.allocateBits": (
        {"probabilities": ["rational"], "kappa": "rational", "budget": "integer", "maximum": "integer"},
        {"bits": ["integer"], "gain": "number"},
    ),
    "heterogeneous.adaptive": (
        {"matrix": [["rational"]], "probabilities": ["rational"]},
        {
            "mean": ["rational"],
            "residual": "rational",
            "projection?": [["rational"]],
            "target?": ["rational"],
            "witness?": ["rational"],
            "optimum?": "rational",
        },
    ),
    "heterogeneous.recover": (
        {"weights": "f32", "messages": [("f32", None)]},
        {"vector": "f32", "excluded": ["integer"]},
    ),
    "heterogeneous.trajectory": (
        {"training": TRAINING, "step": "rational"},
        {"means": [["rational"]], "squaredDistances": ["rational"]},
    ),
    "heterogeneous.convergence": (
        {
            "theorem": {"stronglyConvex", "decreasingSteps", "smallSteps", "boundedNoise", "nonConvex"},
            "training": TRAINING,
            "step?": "rational",
            "theta?": "rational",
            "factor?": "rational",
        },
        {"measured": "rational", "bound": "rational"},
    ),
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
            "loss": LOSS,
            "start": ["rational"],
            "minimiser": ["rational"],
            "step": "rational",
            "iterations": "integer",
            "factor?": "rational",
        },
        {"measured": "rational", "bound": "rational", "holds": "boolean"},
    ),
    "cooperative.outage": (
        {"clients": "integer", "stragglers": "integer", "uplinks": ["rational"], "links": [["rational"]]},
        {
            "success": "rational",
            "links": "rational",
            "uplinks": "rational",
            "both": "rational",
            "misaligned": "rational",
        },
    ),
    "cooperative.law": (
        {
            "code": CODE,
            "stragglers": "integer",
            "decoder": {"threshold", "span", "plus", "all", "hierarchical"},
            "uplink": "rational",
            "link": "rational",
            "attempts": "integer",
        },
        {
            "full": "rational",
            "partial": "rational",
            "none": "rational",
            "recovery?": ["rational"],
            "table?": [{
                "outcome": {"full", "partial", "none"},
                "undelivered": "integer",
                "down": "integer",
                "patterns": "integer",
            }],
        },
    ),
    "cooperative.decode": (
        {
            "code": CODE,
            "stragglers": "integer",
            "decoder": {"threshold", "span", "plus", "all", "hierarchical"},
            "links": [[["integer"]]],
            "uplinks": [["integer"]],
        },
        {"status": {"full", "partial", "none"}, "recovered": ["integer"], "vector?": "coefficients"},
    ),
    "cooperative.decodePlus": (
        {
            "code": CODE,
            "attempts": "integer",
            "rows": [{"client": "integer", "attempt": "integer", "available": ["integer"]}],
        },
        {
            "outcome": {"full", "partial", "none"},
            "rank": "integer",
            "recovered": ["integer"],
            "sum": SUM,
            "gradients?": [SUM],
            "projection?": ["rational"],
        },
    ),
    "cooperative.aggregate": (
        {
            "rule": {"mean", "inverseProbability", "leastSquares"},
            "outcome": {"full", "partial", "none"},
            "clients": "integer",
            "recovered": ["integer"],
            "vectors": [("f32", None)],
            "sum?": "f32",
            "full?": "rational",
            "recovery?": ["rational"],
            "coefficients?": ["rational"],
        },
        {"update": ("f32", None)},
    ),
    "compressed.compress": ({"compressor": COMPRESSOR, "x": "f32", "tape?": "words"}, {"message": "bytes"}),
    "compressed.decompress": (
        {"compressor": COMPRESSOR, "message": "bytes", "dimension": "integer", "tape?": "words"},
        {"x": "f32"},
    ),
    "compressed.workerStep": (
        {"compressor": COMPRESSOR, "gradient": "f32", "memory": "f32", "step": "f32", "responds": "boolean"},
        {"message": ("bytes", None), "memory": "f32"},
    ),
    "compressed.serverStep": (
        {"model": "f32", "compressor": COMPRESSOR, "messages": ["bytes"], "tape?": "words"},
        {"model": "f32"},
    ),
    "compressed.convergence": (
        {
            "theorem": {"memory", "convex", "stronglyConvex", "nonConvex"},
            "allocation": [["integer"]],
            "probabilities": ["rational"],
            "compressor": COMPRESSOR,
            "loss": LOSS,
            "slopes?": [["rational"]],
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
    "heterogeneous": (
        {
            "allocation": [["integer"]],
            "probabilities": ["rational"],
            "coefficients": ([["rational"]], {"optimal", "ignore", "blind", "stochastic", "leastSquares"}),
            "dimension": "integer",
        },
        {"gradients": ["f32"], "responders?": ["integer"], "seed?": "seed", "t?": "integer"},
        {"update": "f32", "excluded": ["integer"], "decoded?": [("f32", None)]},
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
    "cooperative": (
        {
            "code": CODE,
            "stragglers": "integer",
            "decoder": {"threshold", "span", "plus", "all", "hierarchical"},
            "partial": {"mean", "inverseProbability", "leastSquares"},
            "attempts": "integer",
            "dimension": "integer",
            "probabilities?": {"uplinks": ["rational"], "links": [["rational"]]},
        },
        {"gradients": ["f32"], "links?": [[["integer"]]], "uplinks?": [["integer"]], "seed?": "seed", "t?": "integer"},
        {
            "outcome": {"full", "partial", "none"},
            "recovered": ["integer"],
            "update": ("f32", None),
            "excluded": ["integer"],
        },
    ),
    "compressed": (
        {
            "allocation": [["integer"]],
            "probabilities": ["rational"],
            "compressor": COMPRESSOR,
            "step": "f32",
            "dimension": "integer",
        },
        {
            "model?": "f32",
            "gradients": ["f32"],
            "responders?": ["integer"],
            "tape?": "words",
            "seed?": "seed",
            "t?": "integer",
        },
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
from contextlib import contextmanager
from copy import copy

import allocations
import cooperative
import cooperative_theory
import compressed
import compressed_theory
import decoding
import heterogeneous
import heterogeneous_theory
import mutants
import one_bit
import one_bit_theory
import randomness
from checks import Refused, TooMuchWork
from closed_forms import CLOSED_FORMS
from rounding import binary32


@contextmanager
def protocol_errors():
    """What the other modules raise, in the words of the protocol."""
    try:
        yield
    except Refused as refused:
        raise Refusal(refused.kind, refused.reason) from None
    except TooMuchWork as excess:
        raise Unsupported(str(excess)) from None


def offer(operation, function, *flags):
    """Declares a function of another module."""
    return answers(operation, *flags)(protocol_errors()(function))


def offer_rounds(scheme, rounds, *flags):
    """Declares a class of another module, with `round`, `save` and `restore`, as the rounds of a scheme."""

    class Declared(Session):
        @protocol_errors()
        def __init__(self, *arguments, **fields):
            self.rounds = rounds(*arguments, **fields)

        @protocol_errors()
        def round(self, *arguments, **fields):
            return self.rounds.round(*arguments, **fields)

        @protocol_errors()
        def sample(self, **fields):
            return copy(self.rounds).round(**fields)

        def set(self, step):
            self.rounds.step = step

        def save(self):
            return self.rounds.save()

        @protocol_errors()
        def restore(self, state):
            self.rounds.restore(state)

    return opens(scheme, *flags)(Declared)


def theory_value(quantity, **given):
    """A closed form; what the question does not give is None."""
    parameters = dict.fromkeys(name.rstrip("?") for name in OPERATIONS["theory.value"][0])
    return {"value": CLOSED_FORMS[quantity]({**parameters, **given, "kind": quantity})}


offer("philox.block", randomness.block)
offer("philox.words", randomness.words)
offer("stragglers.draw", randomness.stragglers_draw)
offer("rounding.binary32", lambda values: {"values": [binary32(value) for value in values]})
offer("allocation.build", allocations.build)
offer("allocation.report", allocations.report)
offer("gradientCode.encodingMatrix", decoding.encode_matrix)
offer("gradientCode.check", decoding.check)
offer("gradientCode.decodingVector", decoding.decode)
offer("gradientCode.leastSquares", decoding.project)
offer("gradientCode.approximate", decoding.approximate)
offer("gradientCode.realCirculant", decoding.real_circulant)
offer("gradientCode.encode", decoding.combine)
offer("gradientCode.decode", decoding.combine)
offer("gradientCode.recover", decoding.recover_sum)
offer("gradientCode.recoveryProbability", decoding.recovery_probability)
offer("heterogeneous.coefficients", heterogeneous.coefficients)
offer("heterogeneous.moments", heterogeneous.moments)
offer("heterogeneous.allocate", heterogeneous.allocate)
offer("heterogeneous.allocateBits", heterogeneous.allocate_bits)
offer("heterogeneous.adaptive", heterogeneous.adaptive)
offer("heterogeneous.recover", heterogeneous.recover)
offer("heterogeneous.trajectory", heterogeneous_theory.trajectory)
offer("heterogeneous.convergence", heterogeneous_theory.convergence)
offer("oneBit.encode", one_bit.encode)
offer("oneBit.quantize", one_bit.quantize, "tape", "free")
offer("oneBit.aggregate", one_bit.aggregate)
offer("oneBit.step", one_bit.step_model)
offer("oneBit.moments", one_bit_theory.moments)
offer("oneBit.convergence", one_bit_theory.convergence)
offer("cooperative.outage", cooperative_theory.outage)
offer("cooperative.law", cooperative.law)
offer("cooperative.decode", cooperative.decode)
offer("cooperative.decodePlus", cooperative.decode_plus)
offer("cooperative.aggregate", cooperative.aggregate)
offer("compressed.compress", compressed.compress, "tape", "free")
offer("compressed.decompress", compressed.decompress, "tape")
offer("compressed.workerStep", compressed.worker_step)
offer("compressed.serverStep", compressed.server_step, "tape")
offer("compressed.convergence", compressed_theory.convergence)
offer("theory.value", theory_value)
GradientCodeRounds = offer_rounds("gradientCode", decoding.GradientCodeRounds, "save", "seed")
HeterogeneousRounds = offer_rounds("heterogeneous", heterogeneous.HeterogeneousRounds, "save", "seed")
CooperativeRounds = offer_rounds("cooperative", cooperative.CooperativeRounds, "save", "seed")
OneBitRounds = offer_rounds("oneBit", one_bit.OneBitRounds, "save", "seed", "tape", "free")
CompressedRounds = offer_rounds("compressed", compressed.CompressedRounds, "save", "seed", "tape", "free")


def main():
    listing = "\n".join(f"  {name:<17} {defect}" for name, defect in mutants.MUTANTS.items())
    parser = argparse.ArgumentParser(
        description="Answers the questions of docs/protocol.md on standard input.",
        epilog="mutants:\n" + listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--mutant", choices=sorted(mutants.MUTANTS), metavar="NAME", help="give it one known defect")
    mutants.chosen = parser.parse_args().mutant
    serve("gradient_codes.py" + (f" with mutant {mutants.chosen}" if mutants.chosen else ""), "1")


if __name__ == "__main__":
    main()
