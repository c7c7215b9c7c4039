#!/usr/bin/env python3
"""Gradient coding with numpy: float32 vectors and binary64 decoding vectors, as training software computes them.

It answers the operations of docs/protocol.md that such software has, for explicit encoding matrices, and rounds. Only
two questions are decided exactly: whether a set of responders can decode, and the sign that a word draws. Python 3.9 or
later, numpy.

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

import itertools

import numpy as np

np.seterr(over="ignore", invalid="ignore")  # what is not finite is looked for in the results


def encoding_matrix(code):
    """The rows of an explicit matrix, exact: decodability is decided on them."""
    if (code["kind"] is None) == (code["matrix"] is None):
        raise Refusal("invalidParameters", "expected either kind or matrix")
    if code["matrix"] is None:
        raise Unsupported("named constructions")
    rows = code["matrix"]
    if not rows or not rows[0] or len(rows) > 1024 or len(rows[0]) > 1024:
        raise Refusal("invalidParameters", "expected 1 to 1024 workers and partitions")
    if any(len(row) != len(rows[0]) for row in rows):
        raise Refusal("dimensionMismatch", "the rows of the matrix differ in length")
    return rows


def responder_set(responders, n):
    if any(not 0 <= worker < n for worker in responders):
        raise Refusal("indexOutOfRange", f"a responder is not in 0 ..< {n}")
    if len(set(responders)) < len(responders):
        raise Refusal("duplicateWorker", "a responder is listed twice")
    return sorted(responders)


def check_probabilities(probabilities, n):
    if len(probabilities) != n:
        raise Refusal("dimensionMismatch", f"{len(probabilities)} probabilities for {n} workers")
    if any(not 0 <= p <= 1 or p.denominator >= 1 << 64 for p in probabilities):
        raise Refusal("invalidProbability", "a probability is not in [0, 1] with terms of at most 64 bits")


def decodable(rows):
    """Whether the vector of ones is a combination of the rows, by elimination in Fractions.

    Not by a float rank: that needs a tolerance, and none is right. The code with the nodes 1, 12, 2, 6, 3, 4 has three
    rows of rank 2 whose float rank depends on their scale, and correct codes of larger n look rank deficient.
    """
    missing = [Fraction(1)] * (len(rows[0]) if rows else 1)
    rows = [list(row) for row in rows]
    for column in range(len(missing)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        for row in rows + [missing]:
            factor = row[column] / pivot[column]
            if factor:
                row[:] = [x - factor * y for x, y in zip(row, pivot)]
    return not any(missing)


def least_squares(rows):
    """The combination of the rows nearest to the ones, by SVD in binary64; rows are brought to one scale before."""
    try:
        matrix = np.array([[float(x) for x in row] for row in rows])
    except OverflowError:
        raise Unsupported("coefficients beyond binary64") from None
    scale = np.abs(matrix).max(axis=1)
    scale[scale == 0] = 1
    solution, _, _, _ = np.linalg.lstsq((matrix / scale[:, None]).T, np.ones(matrix.shape[1]), rcond=None)
    return solution / scale, matrix


def full_length(values, responders, n):
    vector = np.zeros(n)
    vector[responders] = values
    return vector.tolist()


@answers("gradientCode.decodingVector")
def decoding_vector(code, responders, rule):
    matrix = encoding_matrix(code)
    responders = responder_set(responders, len(matrix))
    if rule == "canonical":
        raise Unsupported("the canonical decoding vector")
    rows = [matrix[i] for i in responders]
    if not decodable(rows):
        return {"status": "undecodable"}
    return {"status": "exact", "vector": full_length(least_squares(rows)[0], responders, len(matrix))}


@answers("gradientCode.leastSquares")
def least_squares_vector(code, responders):
    matrix = encoding_matrix(code)
    responders = responder_set(responders, len(matrix))
    if not responders:
        partitions = len(matrix[0])
        return {"vector": [0.0] * len(matrix), "recovered": [0.0] * partitions, "residual": float(partitions)}
    a, floats = least_squares([matrix[i] for i in responders])
    alpha = a @ floats
    return {
        "vector": full_length(a, responders, len(matrix)),
        "recovered": alpha.tolist(),
        "residual": float(np.sum((1 - alpha) ** 2)),
    }


@answers("gradientCode.approximate")
def approximate(code, responders, rule, density=None, weights=None):
    """One-step decoding, 1/(rδ) on the r responders, or given weights, in float64."""
    if (density if rule == "oneStep" else weights) is None:
        raise Refusal("invalidParameters", f"the parameter of {rule} is missing")
    matrix = encoding_matrix(code)
    if rule == "oneStep" and not 0 < density <= 1:
        raise Refusal("invalidProbability", f"the density is {density}")
    if rule == "fixedWeights" and len(weights) != len(matrix):
        raise Refusal("dimensionMismatch", f"{len(weights)} weights for {len(matrix)} workers")
    responders = responder_set(responders, len(matrix))
    try:
        floats = np.array([[float(x) for x in row] for row in matrix])
        if rule == "oneStep":
            values = [1 / (max(1, len(responders)) * float(density))] * len(responders)
        else:
            values = [float(weights[i]) for i in responders]
    except (OverflowError, ZeroDivisionError):
        raise Unsupported("numbers beyond binary64") from None
    a = full_length(values, responders, len(matrix))
    alpha = a @ floats
    return {"vector": a, "recovered": alpha.tolist(), "residual": float(np.sum((1 - alpha) ** 2))}


@answers("gradientCode.realCirculant")
def real_circulant(workers, stragglers, responders):
    """b_r/b_0 by quotients of sines, and the solution of a^T B = 1 by SVD."""
    n, s = workers, stragglers
    if not 0 <= s < n <= 1024 or (n - s) % 2 == 0 or len(responders) != n - s:
        raise Refusal("invalidParameters", f"{len(responders)} responders of {n}, s = {s}; expected n - s, odd")
    responders = responder_set(responders, n)
    r = np.arange(1, s + 1)
    window = np.cumprod(np.append(1.0, np.sin(np.pi * (s + 1 - r) / n) / np.sin(np.pi * r / n)))
    rows = np.zeros((n - s, n))
    for row, i in zip(rows, responders):
        row[(i + np.arange(s + 1)) % n] = window
    solution, _, _, _ = np.linalg.lstsq(rows.T, np.ones(n), rcond=None)
    return {"window": window.tolist(), "vector": full_length(solution, responders, n)}


@answers("gradientCode.encode")
def encode(coefficients, vectors):
    """Σ_j b_j g_j in float32."""
    if not vectors or not vectors[0]:
        raise Refusal("invalidParameters", "expected at least one vector of at least one coordinate")
    if len(coefficients) != len(vectors) or any(len(vector) != len(vectors[0]) for vector in vectors):
        raise Refusal("dimensionMismatch", "expected one coefficient a vector, and vectors of one dimension")
    coefficients, vectors = np.array(coefficients, np.float32), np.array(vectors, np.float32)
    if not np.isfinite(coefficients).all() or not np.isfinite(vectors).all():
        raise Refusal("nonFinite", "a coefficient or a coordinate is not finite")
    return {"vector": in_range(coefficients @ vectors)}


@answers("gradientCode.decode")
def decode(coefficients, vectors):
    """Σ_i a_i y_i in float32: the same combination."""
    return encode(coefficients, vectors)


def in_range(vector):
    if not np.isfinite(vector).all():
        raise Refusal("outOfRange", "a coordinate of the combination is beyond binary32")
    return vector


def received(messages):
    """The workers whose message is there and finite, and those whose message is not finite."""
    finite = {i: np.isfinite(message).all() for i, message in enumerate(messages) if message is not None}
    return [i for i in finite if finite[i]], [i for i in finite if not finite[i]]


def sum_of_gradients(matrix, messages):
    """The sum, or None where it cannot be recovered, and the workers whose message is not finite."""
    responders, excluded = received(messages)
    rows = [matrix[i] for i in responders]
    if not decodable(rows):
        return None, excluded
    a = least_squares(rows)[0].astype(np.float32)
    return in_range(a @ np.array([messages[i] for i in responders], np.float32)), excluded


@answers("gradientCode.recover")
def recover(code, messages):
    matrix = encoding_matrix(code)
    dimensions = {len(message) for message in messages if message is not None}
    if len(messages) != len(matrix) or len(dimensions) > 1 or 0 in dimensions:
        raise Refusal("dimensionMismatch", "expected one message or null a worker, all of one positive dimension")
    total, excluded = sum_of_gradients(matrix, messages)
    return {"status": "undecodable" if total is None else "exact", "sum": total, "excluded": excluded}


@answers("gradientCode.recoveryProbability")
def recovery_probability(code, probabilities):
    matrix = encoding_matrix(code)
    n = len(matrix)
    check_probabilities(probabilities, n)
    if n > 12:
        raise Unsupported("more than 12 workers")
    p = np.array([float(x) for x in probabilities])
    total = 0.0
    for pattern in itertools.product([False, True], repeat=n):
        weight = float(np.prod(np.where(pattern, 1 - p, p)))
        if weight and decodable([row for row, responds in zip(matrix, pattern) if responds]):
            total += weight
    return {"probability": total}


@opens("gradientCode", "save")
class GradientCodeRounds(Session):
    """Encode at the responders, recover at the server, in float32."""

    def __init__(self, code, dimension, probabilities=None):
        self.matrix = encoding_matrix(code)
        if dimension < 1:
            raise Refusal("invalidParameters", f"the dimension is {dimension}")
        if probabilities is not None:
            check_probabilities(probabilities, len(self.matrix))
        self.dimension = dimension
        try:
            self.coefficients = np.array([[float(x) for x in row] for row in self.matrix]).astype(np.float32)
        except OverflowError:
            raise Unsupported("coefficients beyond binary64") from None
        vanished = (self.coefficients == 0) & np.array([[x != 0 for x in row] for row in self.matrix])
        if vanished.any() or not np.isfinite(self.coefficients).all():
            raise Refusal("outOfRange", "a coefficient is beyond binary32")
        self.rounds = 0

    def round(self, gradients, responders=None, seed=None, t=None):
        if responders is None or seed is not None or t is not None:
            raise Unsupported("rounds with a seed")
        if len(gradients) != len(self.matrix[0]) or any(len(g) != self.dimension for g in gradients):
            raise Refusal("dimensionMismatch", "expected one gradient a partition, all of the session's dimension")
        responders = responder_set(responders, len(self.matrix))
        gradients = np.array(gradients, np.float32)
        messages = [None] * len(self.matrix)
        for i in responders:
            held = [j for j, b in enumerate(self.matrix[i]) if b]
            messages[i] = self.coefficients[i, held] @ gradients[held]
        update, excluded = self.combined(messages)
        self.rounds += 1
        return {"update": update, "excluded": excluded}

    def combined(self, messages):
        return sum_of_gradients(self.matrix, messages)

    def set(self, step):
        pass  # the update is the sum of the gradients, whatever the step is

    def save(self):
        return str(self.rounds)

    def restore(self, state):
        if not re.fullmatch("[0-9]{1,9}", state):
            raise Refusal("invalidParameters", "not a state of such a session")
        self.rounds = int(state)


# Heterogeneous stragglers: docs/HeterogeneousGradientCode.md. The gauge is our own: rows of norm 1, or weights 1.


def check_allocation(allocation, probabilities, is_invalid, *others):
    """Refuses an allocation and its probabilities, or what comes with them: lists with one element a worker."""
    if not allocation or not allocation[0] or any(x not in (0, 1) for row in allocation for x in row) or is_invalid:
        raise Refusal("invalidParameters", "expected workers, partitions, entries 0 and 1, and legal parameters")
    lengths = {len(row) for rows in (allocation, *others) for row in rows if isinstance(row, list)}
    if len(lengths) > 1 or any(len(rows) != len(allocation) for rows in others):
        raise Refusal("dimensionMismatch", "the allocation and what comes with it do not fit")
    check_probabilities(probabilities, len(allocation))
    if len(allocation) > 1024 or len(allocation[0]) > 1024:
        raise Unsupported("more than 1024 workers or partitions")


def check_feasible(allocation, probabilities):
    if any(not any(x and p != 1 for x, p in zip(column, probabilities)) for column in zip(*allocation)):
        raise Refusal("infeasiblePartition", "a partition that no worker that responds holds")


def optimal_code(allocation, probabilities, noise):
    """c_ij = (1/p_i)/S_j and Σ_j 1/S_j in float64; exact workers and dead ones are known before rounding."""
    held, dead = np.array(allocation) == 1, np.array([p == 1 for p in probabilities])
    exact = np.array([x == 0 for x in noise]) & ~dead
    p, x = np.array([float(p) for p in probabilities]), np.array([float(x) for x in noise])
    check_feasible(allocation, probabilities)
    if (p[~dead] == 1).any() or not np.isfinite(x).all() or (x[~dead & ~exact] == 0).any():
        raise Unsupported("numbers that binary64 cannot tell from 0, 1 or infinity")
    inverse = np.where(dead | exact, 0.0, 1 / np.where(x == 0, 1, x))
    shared = (held & exact[:, None]).sum(axis=0)
    finite = np.where(shared > 0, 1, ((1 - p) * inverse) @ held)
    code = np.where(shared > 0, exact[:, None] / np.maximum(shared, 1), inverse[:, None] / finite) * held
    return code, float(np.sum(1 / finite[shared == 0]))


@answers("heterogeneous.coefficients")
def heterogeneous_coefficients(allocation, probabilities, variances=None):
    variances = [0] * len(allocation) if variances is None else variances
    check_allocation(allocation, probabilities, any(x < 0 for x in variances), variances)
    code, residual = optimal_code(allocation, probabilities, [p + x for p, x in zip(probabilities, variances)])
    weights = np.linalg.norm(code, axis=1)
    encoding = code / np.where(weights == 0, 1, weights)[:, None]
    matrices = {"coefficients": code.tolist(), "encoding": encoding.tolist()}
    return {**matrices, "residual": residual, "weights": weights.tolist()}


def weighted_sum(weights, messages, used, dimension):
    vectors = np.array([messages[i] for i in used], np.float32).reshape(len(used), dimension)
    return in_range(np.asarray(weights, np.float32)[used] @ vectors)


@answers("heterogeneous.recover")
def heterogeneous_recover(weights, messages):
    dimensions = {len(message) for message in messages if message is not None}
    if not dimensions:
        raise Refusal("invalidParameters", "no message")
    if len(messages) != len(weights) or len(dimensions) > 1 or 0 in dimensions:
        raise Refusal("dimensionMismatch", "expected one message or null a worker, all of one positive dimension")
    check_finite(weights)
    used, excluded = received(messages)
    return {"vector": weighted_sum(weights, messages, used, dimensions.pop()), "excluded": excluded}


def fixed_code(name, allocation, probabilities):
    """The coefficients of a baseline, in float64."""
    dead = [any(row) for row, p in zip(allocation, probabilities) if p == 1]  # whether they hold anything
    if (name == "blind" and any(dead)) or (name == "stochastic" and len(dead) == len(allocation)):
        raise Refusal("invalidProbability", "a division by 1 - p with p = 1")
    check_feasible(allocation, probabilities)
    if name in ("optimal", "leastSquares"):
        return optimal_code(allocation, probabilities, probabilities)[0]
    q = np.array([float(1 - p) for p in probabilities])
    shares = np.array(allocation) / np.sum(allocation, axis=0)
    divisors = {"ignore": 1.0, "stochastic": q.mean(), "blind": np.where(q == 0, 1, q)[:, None]}
    return shares / divisors[name]


@opens("heterogeneous", "save")
class HeterogeneousRounds(GradientCodeRounds):
    """Coded gradients Σ_j c_ij g_j, added up; all in float32, with the coefficients computed in float64."""

    def __init__(self, allocation, probabilities, coefficients, dimension):
        rows = [] if isinstance(coefficients, str) else coefficients
        is_invalid = dimension < 1 or any(c and not x for row, own in zip(rows, allocation) for c, x in zip(row, own))
        check_allocation(allocation, probabilities, is_invalid, *([] if rows is not coefficients else [rows]))
        if rows is coefficients:
            check_feasible(allocation, [0] * len(allocation))
        else:
            rows = fixed_code(coefficients, allocation, probabilities).tolist()
        self.is_fixed = coefficients != "leastSquares"
        super().__init__({"kind": None, "matrix": rows}, dimension)

    def combined(self, messages):
        used, excluded = received(messages)
        weights = np.ones(len(messages))
        if used and not self.is_fixed:
            weights[used] = least_squares([self.matrix[i] for i in used])[0]
        return weighted_sum(weights, messages, used, self.dimension), excluded


# 1-bit gradient coding: docs/OneBitGradientCode.md. A range is an array of 1 or D numbers, or None in mode S.

GENERATOR = np.random.default_rng(20240319)  # for the words that no question gives; the seed makes runs repeat


def free_words(shape):
    return GENERATOR.integers(0, 1 << 32, shape, dtype=np.uint32)


def ranges_of(bound):
    if bound == "perMessage":
        return None
    ranges = np.array(bound, np.float32)
    if (np.isfinite(ranges) & (ranges <= 0)).any():
        raise Refusal("invalidParameters", "a range is not positive")
    return ranges


def check_count(ranges, dimension):
    if ranges is not None and len(ranges) not in (1, dimension):
        raise Refusal("dimensionMismatch", f"{len(ranges)} ranges for {dimension} coordinates")


def check_finite(array):
    if array is not None and not np.isfinite(array).all():
        raise Refusal("nonFinite", "a number is not finite")


def below(words, x, ranges):
    """u · 2B < (B + x) · 2^32 by the sign of (u − 2^31) B − 2^31 x in float64.

    With u − 2^31 = 2^16 h + l, both products of B, of at most 24 bits, are exact. The difference is then rounded, but
    keeps the right sign: 2^16 h B − 2^31 x is exact wherever l B can cancel it.
    """
    ranges, x = ranges.astype(np.float64), x.astype(np.float64)
    centred = words.astype(np.int64) - (1 << 31)
    high, low = centred >> 16, centred & 0xFFFF
    return (high * 65536.0 * ranges - x * 2147483648.0) + low * ranges < 0


def one_bit_message(x, ranges, words):
    """The bytes of a message: the range in mode S, then the signs."""
    header = b""
    if ranges is None:
        ranges = np.abs(x).max(keepdims=True)
        header = ranges.astype("<f4").tobytes()
    if (np.abs(x) > ranges).any():
        raise Refusal("outOfRange", "a coordinate is beyond the range")
    bits = below(words, x, ranges) & (ranges > 0)
    return header + np.packbits(bits, bitorder="little").tobytes()


def one_bit_decoded(message, ranges, dimension):
    header, size = (4 if ranges is None else 0), (dimension + 7) // 8
    message = bytes(message)
    if len(message) != header + size:
        raise Refusal("malformedMessage", f"{len(message)} bytes, expected {header + size}")
    bits = np.unpackbits(np.frombuffer(message[header:], np.uint8), bitorder="little")
    if bits[dimension:].any():
        raise Refusal("malformedMessage", "a padding bit is 1")
    if ranges is None:
        ranges = np.frombuffer(message[:4], "<f4")
        if np.signbit(ranges[0]) or not np.isfinite(ranges[0]) or (ranges[0] == 0 and bits.any()):
            raise Refusal("malformedMessage", "a range that is negative, -0 or not finite, or 0 with a bit 1")
    return np.where((bits[:dimension] == 1) | (ranges == 0), ranges, -ranges).astype(np.float32)


def one_bit_update(decoded, dimension):
    update = np.zeros(dimension, np.float32)
    for vector in decoded:
        update = update + vector
    return in_range(update)


@answers("oneBit.encode")
def one_bit_encode(gradients, weights):
    if not gradients or not gradients[0]:
        raise Refusal("invalidParameters", "expected at least one gradient of at least one coordinate")
    if len(weights) != len(gradients) or any(len(gradient) != len(gradients[0]) for gradient in gradients):
        raise Refusal("dimensionMismatch", "expected one weight a gradient, and gradients of one dimension")
    gradients = np.array(gradients, np.float32)
    check_finite(gradients)
    return {"vector": in_range(float_weights(weights) @ gradients)}


def float_weights(weights):
    """Exact weights as float32; refused where the image is infinite, or zero without being zero."""
    try:
        floats = np.array([float(w) for w in weights]).astype(np.float32)
    except OverflowError:
        raise Refusal("outOfRange", "a weight is beyond binary32") from None
    if not np.isfinite(floats).all() or any((x == 0) != (w == 0) for x, w in zip(floats, weights)):
        raise Refusal("outOfRange", "a weight is beyond binary32")
    return floats


@answers("oneBit.quantize", "tape", "free")
def one_bit_quantize(x, bound, tape=None):
    if not x:
        raise Refusal("invalidParameters", "no coordinates")
    ranges, x = ranges_of(bound), np.array(x, np.float32)
    check_count(ranges, len(x))
    if tape is not None and len(tape) != len(x):
        raise Refusal("dimensionMismatch", f"{len(tape)} words for {len(x)} coordinates")
    check_finite(x)
    check_finite(ranges)
    words = free_words(len(x)) if tape is None else np.array(tape, np.uint32)
    return {"message": one_bit_message(x, ranges, words)}


@answers("oneBit.aggregate")
def one_bit_aggregate(messages, bound, dimension):
    check_dimension(dimension)
    ranges = ranges_of(bound)
    check_count(ranges, dimension)
    check_finite(ranges)
    return {"update": one_bit_update([one_bit_decoded(m, ranges, dimension) for m in messages], dimension)}


def check_dimension(dimension):
    if not 1 <= dimension <= 1 << 26:
        raise Refusal("invalidParameters", f"the dimension is {dimension}")
    if dimension > 1 << 22:
        raise Unsupported("more than 2^22 coordinates")


@answers("oneBit.step")
def one_bit_step(model, step, messages, bound, lower=None, upper=None):
    dimension = len(model)
    if not model or any(np.isfinite(x) and x <= 0 for x in step) or (lower is None) != (upper is None):
        raise Refusal("invalidParameters", "no model, a step that is not positive, or half a box")
    if lower is not None and any(a > b for a, b in zip(lower, upper)):
        raise Refusal("invalidParameters", "a box with lower > upper")
    ranges = ranges_of(bound)
    check_count(ranges, dimension)
    if len(step) != 1 or (lower is not None and (len(lower), len(upper)) != (dimension, dimension)):
        raise Refusal("dimensionMismatch", "not one step, or ends of another dimension")
    model = np.array(model, np.float32)
    for array in (model, step, ranges):
        check_finite(array)
    if lower is not None and np.isnan(lower + upper).any():
        raise Refusal("nonFinite", "an end is NaN")
    update = one_bit_update([one_bit_decoded(m, ranges, dimension) for m in messages], dimension)
    moved = model - np.float32(step[0]) * update
    if lower is not None:
        moved = np.minimum(np.maximum(moved, np.array(lower, np.float32)), np.array(upper, np.float32))
    return {"model": in_range(moved)}


def one_bit_weights(allocation, probabilities, weights, ranges, dimension):
    """The weights, exact, after what an opening is refused for."""
    if not allocation or not allocation[0] or any(x not in (0, 1) for row in allocation for x in row):
        raise Refusal("invalidParameters", "expected workers, subsets, and entries 0 and 1")
    q, columns = [1 - p for p in probabilities], list(zip(*allocation))
    lengths = {len(row) for row in allocation + (weights or [])}
    heights = {len(allocation), len(probabilities), len(allocation if weights is None else weights)}
    fits = len(lengths) == 1 and len(heights) == 1
    if fits and weights is not None:
        if any(w and not held for row, holds in zip(weights, allocation) for w, held in zip(row, holds)):
            raise Refusal("invalidParameters", "a weight where nothing is held")
        if any(sum(x * w for x, w in zip(q, column)) != 1 for column in zip(*weights)):
            raise Refusal("invalidParameters", "weights that are biased")
    if not fits:
        raise Refusal("dimensionMismatch", "the allocation, the probabilities and the weights do not fit")
    check_count(ranges, dimension)
    check_finite(ranges)
    if not all(map(any, columns)):
        raise Refusal("infeasiblePartition", "a subset that nobody holds")
    check_probabilities(probabilities, len(allocation))
    if 0 in q:
        raise Refusal("invalidProbability", "a probability is 1")
    return weights or [[Fraction(s) / (sum(c) * x) for s, c in zip(row, columns)] for row, x in zip(allocation, q)]


@opens("oneBit", "tape", "free")
class OneBitRounds(Session):
    """Encode, quantise, send and add, in float32; a round leaves nothing behind."""

    def __init__(self, allocation, probabilities, bound, dimension, weights=None):
        check_dimension(dimension)
        self.ranges = ranges_of(bound)
        weights = one_bit_weights(allocation, probabilities, weights, self.ranges, dimension)
        self.weights = [float_weights(row) for row in weights]
        self.holds = [np.flatnonzero(row) for row in allocation]
        self.straggling = [float(p) for p in probabilities]
        self.dimension = dimension

    def round(self, gradients, responders=None, tape=None, seed=None, t=None):
        if (seed is None) != (t is None) or (tape is not None and responders is None):
            raise Refusal("invalidParameters", "a seed without t, or a tape without responders")
        if seed is not None and (responders is not None or tape is not None):
            raise Refusal("invalidParameters", "a seed with responders or a tape")
        if seed is not None:
            raise Unsupported("rounds with a seed")
        if len(gradients) != len(self.weights[0]) or any(len(g) != self.dimension for g in gradients):
            raise Refusal("dimensionMismatch", "expected one gradient a subset, all of the session's dimension")
        gradients = np.array(gradients, np.float32)
        check_finite(gradients)
        if responders is None:
            responders = np.flatnonzero(GENERATOR.random(len(self.weights)) >= self.straggling).tolist()
        senders = [i for i in responder_set(responders, len(self.weights)) if len(self.holds[i])]
        if tape is not None and len(tape) != len(senders) * self.dimension:
            raise Refusal("dimensionMismatch", f"{len(tape)} words for {len(senders)} messages")
        shape = (len(senders), self.dimension)
        words = free_words(shape) if tape is None else np.array(tape, np.uint32).reshape(shape)
        messages, decoded = [None] * len(self.weights), [None] * len(self.weights)
        for i, own in zip(senders, words):
            coded = in_range(self.weights[i][self.holds[i]] @ gradients[self.holds[i]])
            messages[i] = one_bit_message(coded, self.ranges, own)
            decoded[i] = one_bit_decoded(messages[i], self.ranges, self.dimension)
        update = one_bit_update([decoded[i] for i in senders], self.dimension)
        return {"update": update, "messages": messages, "decoded": decoded}

    def set(self, step):
        pass  # the update is what it was before the step, whatever the step is


if __name__ == "__main__":
    serve("gradient_codes_numpy.py with numpy " + np.__version__, "1", binary64=True)
